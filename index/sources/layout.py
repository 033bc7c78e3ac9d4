"""Text and its blocks, put together piece by piece: what Markdown and HTML have in common.

Blocks stand apart by a blank line, list items and table rows by a line end. White space is collapsed as a browser
does it, but that a line break between two characters of a script without spaces is no space: 東京\\n都 reads 東京都.
"""

from __future__ import annotations

import re
import unicodedata

from index.model import Block, BlockKind

BREAK = "\0"
"""Stands for a forced line break in what ``flow`` gets; NUL, as no text has it."""

LONGEST_WHOLE = 500
"""An item or row of more characters is running text that the page lays out with a list or table."""

_LONGEST_HEADING = 300
_BLANKS = re.compile(r"[ \t\n\r\f]+")
_BREAKS = re.compile(f" *{BREAK} *")
_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff\uffa0-\uffdc]")


class Layout:
    """A document's text and blocks while they grow."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._parts: list[str] = []
        self._length = 0
        self._groups = 0
        self._last_group = 0

    @property
    def text(self) -> str:
        """All text so far."""
        return "".join(self._parts)

    def new_group(self) -> int:
        """A number for one list or table, whose items or rows stand on adjacent lines."""
        self._groups += 1
        return self._groups

    def add(self, text: str, kind: BlockKind | None = None, level: int = 0, group: int = 0) -> None:
        """Appends a block, or with no kind a stretch whose lines are split as they are; blank text adds nothing."""
        text = text.strip("\n")
        if not text.strip():
            return
        if self._parts:
            self._append("\n" if group and group == self._last_group else "\n\n")
        self._last_group = group
        if kind is not None:
            self.blocks.append(Block(self._length, self._length + len(text), kind, level))
        self._append(text)

    def add_heading(self, text: str, level: int) -> None:
        """Appends a heading; one longer than any heading is, as an unclosed tag makes, is a paragraph."""
        if len(text) > _LONGEST_HEADING:
            self.add(text, BlockKind.PARAGRAPH)
        else:
            self.add(one_line(text), BlockKind.HEADING, level)

    def add_whole(self, text: str, group: int) -> None:
        """Appends a list item or a table row; one longer than these are is a paragraph."""
        if len(text) > LONGEST_WHOLE:
            self.add(text, BlockKind.PARAGRAPH)
        else:
            self.add(text, BlockKind.WHOLE, group=group)

    def title(self) -> str:
        """The first heading of level 1; empty if there is none."""
        for block in self.blocks:
            if block.level == 1:
                return self.text[block.start : block.end]
        return ""

    def _append(self, part: str) -> None:
        self._parts.append(part)
        self._length += len(part)


def flow(text: str) -> str:
    """The text with its white space collapsed and every ``BREAK`` a line end; empty if nothing but blanks is there."""
    text = _BREAKS.sub("\n", _BLANKS.sub(_gap, text)).strip(" \n")
    return text if text.strip() else ""


def one_line(text: str) -> str:
    """The text with blanks in the place of line ends, for a title or a cell."""
    return re.sub(r"\s*[\n\r\u2028\u2029]\s*", " ", text).strip()


def _gap(match: re.Match[str]) -> str:
    """What a run of white space is for the reader."""
    start, end = match.span()
    text = match.string
    if start == 0 or end == len(text):
        return ""
    return "" if "\n" in match.group() and _unspaced(text[start - 1], text[end]) else " "


def _unspaced(left: str, right: str) -> bool:
    """Whether no blank belongs between the two: one is Japanese or Chinese, the other too or a sign used there."""
    ranks = (_rank(left), _rank(right))
    return 0 not in ranks and 2 in ranks


def _rank(char: str) -> int:
    """2 for a character of a script without spaces, 1 for a sign both it and Western text use (… “), else 0."""
    if char < "\u2000" or _HANGUL.match(char):
        return 0
    width = unicodedata.east_asian_width(char)
    return 2 if width in ("W", "F", "H") else int(width == "A")
