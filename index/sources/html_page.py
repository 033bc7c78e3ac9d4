"""``.html`` and ``.htm``: the text a browser would show, without what stands around it.

Navigation, footers, forms and the page's header are left out, unless nothing else is there (some sites put the whole
page into one form). The title is <title>, else the first <h1>, else the file's stem.

A table row is a line of cells as long as it reads like one. Once a cell holds a heading, another table, preformatted
text or more than a row's worth of text, the table is there for the layout, and the cells are read one after another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode

from index.model import BlockKind, Document
from index.sources.decoding import NO_TEXT, read_text
from index.sources.files import Skipped
from index.sources.html_events import OPEN, TEXT, events, tags
from index.sources.layout import BREAK, LONGEST_WHOLE, Layout, flow, one_line

_HEADINGS = tags("h1 h2 h3 h4 h5 h6")
_LISTS = tags("ul ol menu dir")
_VERBATIM = tags("pre listing xmp plaintext")
_CELLS = tags("td th")
_BLOCKS = (
    _HEADINGS
    | _LISTS
    | _VERBATIM
    | _CELLS
    | tags(
        "address article aside blockquote body caption center colgroup dd details dialog div dl dt fieldset "
        "figcaption figure footer form header hgroup hr legend li main nav optgroup option p search section "
        "summary table tbody tfoot thead tr"
    )
)
_BODY = re.compile("<body[\\s>]", re.IGNORECASE)
# Tempered, so that many that are never closed do not make it search to the end for each.
_NOSCRIPT = re.compile("<noscript[\\s>](?:(?!<noscript).)*?</noscript[^>]*>", re.IGNORECASE | re.DOTALL)
_PARAGRAPH_GAP = re.compile(r"\n{2,}")


def read(path: Path, name: str) -> Iterator[Document | Skipped]:
    """The file as one document."""
    source = read_text(path, name)
    if isinstance(source, Skipped):
        yield source
        return
    parser = LexborHTMLParser(_without_head_noscript(source))
    for with_chrome in (False, True):
        layout = Layout()
        _lay_out(parser.body, layout, with_chrome)
        if layout.text:
            title = _title(parser, layout) or path.stem
            yield Document(name, title, layout.text, name, blocks=tuple(layout.blocks))
            return
    yield Skipped(name, NO_TEXT)


def lay_out(fragment: str, layout: Layout) -> None:
    """Appends what a fragment of a page shows."""
    _lay_out(LexborHTMLParser(fragment).body, layout, with_chrome=True)


def _without_head_noscript(source: str) -> str:
    """The page without the <noscript> of its head: a parser that runs no scripts moves their text into the body."""
    body = _BODY.search(source)
    if body is None:
        return source
    return _NOSCRIPT.sub("", source[: body.start()]) + source[body.start() :]


def _title(parser: LexborHTMLParser, layout: Layout) -> str:
    node = parser.css_first("head > title, body > title")
    title = one_line(flow(node.text())) if node is not None else ""
    if title or layout.title():
        return title or layout.title()
    # The page's header, where many a site has its only h1, is not part of the layout.
    node = parser.css_first("h1")
    inside = Layout()
    _lay_out(node, inside, with_chrome=True)
    return one_line(inside.text)


def _lay_out(root: LexborNode | None, layout: Layout, with_chrome: bool) -> None:
    if root is None:
        return
    page = _Page(layout)
    for kind, value in events(root, with_chrome):
        if kind == TEXT:
            page.text(value)
        elif kind == OPEN:
            page.open(value)
        else:
            page.close(value)
    page.flush()


class _Page:
    """What is open while the events pass: text that flows, and the heading, lists and row it is in."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._flowing: list[str] = []
        self._row: list[list[str]] | None = None
        self._heading = 0
        self._verbatim = 0
        self._items = 0
        self._lists = 0
        self._group = 0

    def text(self, text: str) -> None:
        # Only NUL could be taken for a BREAK; the parser lets none through where HTML is, but in foreign content.
        self._flowing.append(text.replace(BREAK, "\ufffd"))

    def open(self, tag: str) -> None:
        if tag == "br":
            self._flowing.append("\n" if self._verbatim else BREAK)
        if tag not in _BLOCKS:
            return
        self.flush()
        if tag in _HEADINGS:
            self._dissolve_row()
            self._heading = int(tag[1])
        elif tag in _VERBATIM:
            self._dissolve_row()
            self._verbatim += 1
        elif tag == "table":
            self._dissolve_row()
            self._start_group()
        elif tag in _LISTS:
            self._start_group()
            self._lists += 1
        elif tag == "li":
            self._items += 1
        elif tag == "tr":
            self._dissolve_row()
            self._row = []
        elif tag in _CELLS and self._row is not None:
            self._row.append([])

    def close(self, tag: str) -> None:
        if tag not in _BLOCKS:
            return
        if tag in _VERBATIM:
            self._close_verbatim()
            return
        self.flush()
        if tag in _HEADINGS:
            self._heading = 0
        elif tag in _LISTS:
            self._lists -= 1
        elif tag == "li":
            self._items -= 1
        elif tag == "tr":
            self._close_row()

    def flush(self) -> None:
        """Ends the block that the text so far is."""
        if self._verbatim:
            if self._flowing and not self._flowing[-1].endswith("\n"):
                self._flowing.append("\n")
            return
        text = flow("".join(self._flowing))
        self._flowing.clear()
        if not text:
            return
        if self._row is None:
            self._add(text)
        elif self._row:
            self._row[-1].append(text)
        else:
            self._row.append([text])

    def _add(self, text: str) -> None:
        if self._heading:
            self._layout.add_heading(text, self._heading)
        elif self._items:
            self._layout.add_whole(text, self._group)
        else:
            for paragraph in _PARAGRAPH_GAP.split(text):
                self._layout.add(paragraph, BlockKind.PARAGRAPH)

    def _start_group(self) -> None:
        if not self._lists:
            self._group = self._layout.new_group()

    def _close_verbatim(self) -> None:
        self._verbatim -= 1
        if not self._verbatim:
            self._layout.add("".join(self._flowing))
            self._flowing.clear()

    def _close_row(self) -> None:
        if self._row is None:
            return
        cells = [one_line(" ".join(blocks)) for blocks in self._row]
        row = " | ".join(cells)
        if len(row) > LONGEST_WHOLE:
            self._dissolve_row()
            return
        self._row = None
        if any(cells):
            self._layout.add_whole(row, self._group)

    def _dissolve_row(self) -> None:
        """The row is there for the layout: what its cells hold so far are blocks like any other."""
        row, self._row = self._row or [], None
        for blocks in row:
            for text in blocks:
                self._add(text)
