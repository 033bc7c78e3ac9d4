"""``.txt``: the text is the file's, the title its stem; what can be seen of the layout is found line by line.

Two things can. A list item begins with a mark (・ ● (1) ①). A paragraph whose lines were broken at a fixed width has
lines of nearly one width that end amid a sentence; without its block each line would be taken for a sentence.
A mark may begin such a paragraph: then it is one, not an item.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from index.model import Block, BlockKind, Document
from index.sources.decoding import read_text
from index.sources.files import Skipped
from index.sources.layout import LONGEST_WHOLE

_Span = tuple[int, int]

_LINE = re.compile(r"[^\n]+")
_INDENT = ("\u3000", " ", "\t")
_NUMBER = "[0-9\uff10-\uff19]{1,3}"
_KANJI = "[一二三四五六七八九十]{1,3}"
_ITEM = re.compile(
    rf"""[ \t\u3000]*(?:
        [・･•‣◦●○◎■□◆◇▲△▼▽★☆※\u2460-\u24ff\u2776-\u2793\u3251-\u325f\u32b1-\u32bf]
        | [-*+‐–－＊＋](?=[ \t\u3000])
        | {_NUMBER} [.．)）、] (?![0-9\uff10-\uff19])
        | [(（] (?: {_NUMBER} | {_KANJI} | [ア-ンｱ-ﾝa-zA-Zａ-ｚＡ-Ｚ] ) [)）]
        | [ア-ンｱ-ﾝa-zA-Zａ-ｚＡ-Ｚ] [)）]
        | {_KANJI}、
    )""",
    re.VERBOSE,
)
_SENTENCE_END = re.compile(r"""[。．.！!？?…‥♪」』）)】〕〉》”’"'][ \t\u3000]*\Z""")

_SHORTEST_WRAP = 3
_NARROWEST = 30
_RAGGED = 4


def read(path: Path, name: str) -> Iterator[Document | Skipped]:
    """The file as one document."""
    text = read_text(path, name)
    if isinstance(text, Skipped):
        yield text
    else:
        yield Document(name, path.stem, text, name, blocks=blocks(text))


def blocks(text: str) -> tuple[Block, ...]:
    """The list items and hard-wrapped paragraphs of plain text."""
    return tuple(_blocks(text))


def _blocks(text: str) -> Iterator[Block]:
    run: list[_Span] = []
    for line in _LINE.finditer(text):
        span = line.span()
        if run and _starts_paragraph(text, run[-1], span):
            yield from _paragraph(text, run)
            run = []
        if not line.group().isspace():
            run.append(span)
    yield from _paragraph(text, run)


def _starts_paragraph(text: str, last: _Span, line: _Span) -> bool:
    """A paragraph starts after a blank line, at a list item, or at an indented line after one that is not."""
    if line[0] > last[1] + 1 or text[slice(*line)].isspace() or _ITEM.match(text, *line):
        return True
    return text[line[0]] in _INDENT and text[last[0]] not in _INDENT


def _paragraph(text: str, run: list[_Span]) -> Iterator[Block]:
    """The blocks of adjacent lines, of which at most the first is a list item."""
    if _is_wrapped([text[start:end] for start, end in run]):
        yield Block(run[0][0], run[-1][1], BlockKind.PARAGRAPH)
    elif run and _ITEM.match(text, *run[0]):
        start, end = run[0]
        if end - start <= LONGEST_WHOLE:
            yield Block(start, end, BlockKind.WHOLE)
        yield from _paragraph(text, run[1:])


def _is_wrapped(lines: list[str]) -> bool:
    """Whether the lines were broken at a fixed width: nearly all as wide as the widest, not all at a sentence's end."""
    full = lines[:-1]
    if len(lines) < _SHORTEST_WRAP or all(_SENTENCE_END.search(line, max(0, len(line) - 20)) for line in full):
        return False
    # Lengths first: they bound the widths, and are there without looking at each character of a large file.
    lengths = [len(line) for line in full]
    if 2 * min(lengths) + _RAGGED < max(lengths) or 2 * max(lengths) < _NARROWEST:
        return False
    widths = [_width(line) for line in full]
    widest = max(widths)
    return widest >= _NARROWEST and min(widths) >= widest - _RAGGED and _width(lines[-1]) <= widest + _RAGGED


def _width(line: str) -> int:
    return sum(map(_cells, line.rstrip()))


@lru_cache(maxsize=8192)
def _cells(char: str) -> int:
    """The cells a character takes where Japanese is set: a sign of ambiguous width two, an accented letter one."""
    if unicodedata.combining(char):
        return 0
    width = unicodedata.east_asian_width(char)
    return 2 if width in ("W", "F") or (width == "A" and char >= "\u2000") else 1
