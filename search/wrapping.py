"""Where a line of Japanese and Latin text may be cut so that it fits a terminal.

Preferred is a break before a word that starts a phrase; a text that was not analysed is given likely ones. Without one,
a line is cut wherever no Latin word is split and no line starts with a sign that cannot start one (、 。 」 ー ゃ).
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Sequence

from index.model import KIND, Mark

_NOT_FIRST = frozenset("、。，．・：；！？）」』】〉》〕］｝”’…‥％%ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々ゝゞヽヾ")
_NOT_LAST = frozenset("（「『【〈《〔［｛“‘")
_PHRASE = re.compile(
    r"(?<=[、。，．！？」』）】〉》・―\s])(?![、。，．！？」』）】〉》・―\s])"
    r"|(?<=[ぁ-ん])(?<![おご])(?=[一-鿿ァ-ヺA-Za-z0-9０-９「『（])"
)
"""After signs and blanks, and where hiragana ends."""
_PER_CELL = 8
"""Characters that one cell may take (a letter with marks); what has more is cut all the same."""


def cells(text: str) -> int:
    """How many cells of a terminal a text takes (Unicode Standard Annex #11: wide and full-width ones are two)."""
    return sum(map(_cells, text))


def padded(text: str, width: int) -> str:
    """The text with blanks behind it, so that it takes ``width`` cells; a wider one as it is."""
    return text + " " * (width - cells(text))


def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def breaks(text: str, spans: Sequence[tuple[int, int]], marks: bytes) -> tuple[int, ...]:
    """Where a phrase starts in a text with these slots: after a particle or a sign, before an opening bracket."""
    offsets = []
    before = 0
    for i, (start, end) in enumerate(spans):
        starts = not (marks[i] & Mark.TAIL or marks[i] & KIND == Mark.PARTICLE)
        if i and starts and (start > before or marks[i - 1] & KIND):
            offsets.append(_before_brackets(text, before, start))
        before = end
    return tuple(offsets)


def _before_brackets(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1] in "「『（(［[【〈《“‘":
        end -= 1
    return end


def phrases(text: str) -> tuple[int, ...]:
    """Where a phrase is likely to start in a text that was not analysed."""
    starts = (found.start() for found in _PHRASE.finditer(text))
    return tuple(start for start in starts if start < len(text) and may_cut(text, start))


def may_cut(text: str, at: int) -> bool:
    """Whether a line may end before ``text[at]``, which is not the first character."""
    before, after = text[at - 1], text[at]
    if after.isspace() or after in _NOT_FIRST or before in _NOT_LAST or before == "\u200d":
        return False
    return not _in_latin(text, at) and unicodedata.category(after) not in ("Mn", "Me", "Cf")


def _in_latin(text: str, at: int) -> bool:
    pair = text[at - 1 : at + 1]
    return pair.isascii() and not any(map(str.isspace, pair))


def wrapped(text: str, breaks: Sequence[int], width: int, cells: Callable[[str], int]) -> list[int]:
    """Where to cut a text into lines of at most ``width`` cells, blanks at their ends not counted.

    ``breaks`` are in order; the last one that fits is taken.
    """
    cuts: list[int] = []
    start, end = 0, len(text.rstrip())
    while (furthest := _furthest(text, start, width, cells)) < end:
        number = bisect_right(breaks, furthest)
        preferred = breaks[number - 1] if number else 0
        start = preferred if preferred > start else _anywhere(text, start, furthest)
        cuts.append(start)
    return cuts


def _furthest(text: str, start: int, width: int, cells: Callable[[str], int]) -> int:
    """The furthest end of a line from ``start``; always past its first character."""
    end = start + 1
    last = min(len(text), start + _PER_CELL * max(width, 1))
    while end < last and (text[end].isspace() or cells(text[start : end + 1]) <= width):
        end += 1
    return end


def _anywhere(text: str, start: int, furthest: int) -> int:
    """The last place for a cut; before a sign if there is no other, within a Latin word if that fills the line."""
    places = range(furthest, start, -1)
    outside = (at for at in places if not _in_latin(text, at))
    return next((at for at in places if may_cut(text, at)), next(outside, furthest))
