"""``.md``: CommonMark with tables, strikethrough and front matter → what a reader of the page sees.

Markup is gone: emphasis, the targets of links, HTML tags and comments. An image is its alternative text, fenced code
its own. The title is the first heading of level 1, else that of the front matter, else the file's stem.

CommonMark: https://spec.commonmark.org/0.31.2/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.front_matter import front_matter_plugin

from index.model import BlockKind, Document
from index.sources import html_page
from index.sources.decoding import NO_TEXT, read_text
from index.sources.files import Skipped
from index.sources.layout import BREAK, Layout, flow, one_line

# What stands deeper is dropped by the parser, which recurses: more than any author nests, less than Python's limit.
_DEEPEST = 60
_TAG = re.compile(r"<(/?)([a-zA-Z]+)")
_READING = ("rt", "rp")
_KEY = re.compile(r"(?P<key>[^\s:#\-\[{'\"][^:]*?)\s*:\s+(?P<value>\S.*)")
_QUOTED = re.compile(r"""(?P<quote>["'])(?P<inside>.*)(?P=quote)\s*(?:#.*)?""")
_COMMENT = re.compile(r"\s+#.*")
_NESTED = tuple("[{|>&*!%@`")


def read(path: Path, name: str) -> Iterator[Document | Skipped]:
    """The file as one document."""
    source = read_text(path, name)
    if isinstance(source, Skipped):
        yield source
        return
    fields, tokens = _parse(source)
    layout = Layout()
    _Page(layout).lay_out(tokens)
    if layout.blocks or layout.text:
        title = layout.title() or one_line(fields.get("title", "")) or path.stem
        yield Document(name, title, layout.text, name, fields, tuple(layout.blocks))
    else:
        yield Skipped(name, NO_TEXT)


@lru_cache(maxsize=2)
def _parser(front_matter: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": _DEEPEST}).enable(["table", "strikethrough"])
    return parser.use(front_matter_plugin) if front_matter else parser


def _parse(source: str) -> tuple[dict[str, str], list[Token]]:
    """The fields of the front matter, and the tokens of the rest."""
    tokens = _parser(True).parse(source)
    if not tokens or tokens[0].type != "front_matter":
        return {}, tokens
    content = tokens[0].content
    if content.strip() and not any(_KEY.match(line) or line.rstrip().endswith(":") for line in content.split("\n")):
        # Text between two rules, not front matter: dropping it would lose what the reader sees.
        return {}, _parser(False).parse(source)
    return _fields(content), tokens


def _fields(front_matter: str) -> dict[str, str]:
    """The lines ``key: value``, values as strings; lists and nested values are left out."""
    fields: dict[str, str] = {}
    for line in front_matter.split("\n"):
        match = _KEY.fullmatch(line.rstrip())
        if match is None or match.group("value").startswith(_NESTED):
            continue
        value = match.group("value")
        quoted = _QUOTED.fullmatch(value)
        fields[match.group("key")] = quoted.group("inside") if quoted else _COMMENT.sub("", value)
    return fields


class _Page:
    """Walks the parser's tokens, which are flat, and lays their text out."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._heading = 0
        self._lists = 0
        self._items = 0
        self._group = 0
        self._row: list[str] | None = None

    def lay_out(self, tokens: list[Token]) -> None:
        for token in tokens:
            if token.nesting > 0:
                self._open(token)
            elif token.nesting < 0:
                self._close(token)
            else:
                self._leaf(token)

    def _open(self, token: Token) -> None:
        if token.type == "heading_open":
            self._heading = int(token.tag[1])
        elif token.type in ("bullet_list_open", "ordered_list_open", "table_open"):
            if not self._lists:
                self._group = self._layout.new_group()
            self._lists += token.type != "table_open"
        elif token.type == "list_item_open":
            self._items += 1
        elif token.type == "tr_open":
            self._row = []

    def _close(self, token: Token) -> None:
        if token.type == "heading_close":
            self._heading = 0
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self._lists -= 1
        elif token.type == "list_item_close":
            self._items -= 1
        elif token.type == "tr_close":
            cells, self._row = self._row or [], None
            if any(cells):
                self._layout.add_whole(" | ".join(cells), self._group)

    def _leaf(self, token: Token) -> None:
        if token.type == "inline":
            self._text(flow("".join(_visible(token.children or []))))
        elif token.type in ("fence", "code_block"):
            self._layout.add(token.content)
        elif token.type == "html_block":
            html_page.lay_out(token.content, self._layout)

    def _text(self, text: str) -> None:
        if self._row is not None:
            self._row.append(one_line(text))
        elif self._heading:
            self._layout.add_heading(text, self._heading)
        elif self._items:
            self._layout.add_whole(text, self._group)
        else:
            self._layout.add(text, BlockKind.PARAGRAPH)


def _visible(tokens: list[Token]) -> Iterator[str]:
    """The pieces of a paragraph that a reader sees; the readings of <ruby> are not among them."""
    stack = list(reversed(tokens))
    in_reading = False
    while stack:
        token = stack.pop()
        if token.type == "html_inline":
            closing, tag = _tag(token.content)
            if tag == "br":
                yield BREAK
            elif tag in _READING or tag == "ruby":
                in_reading = tag in _READING and not closing
        elif token.type == "image":
            stack.extend(reversed(token.children or []))
        elif token.type == "softbreak":
            yield "\n"
        elif token.type == "hardbreak":
            yield BREAK
        elif not in_reading:
            yield token.content


def _tag(markup: str) -> tuple[bool, str]:
    """Whether the markup is an end tag, and the tag's name; no name for a comment."""
    match = _TAG.match(markup)
    return (bool(match.group(1)), match.group(2).lower()) if match else (False, "")
