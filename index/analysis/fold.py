"""The safe fold: what no dictionary word contains is rewritten before the analysis, and every offset can go back.

Folded are decomposed kana and accents (NFD), half-width kana, radicals (⼤ ⻑), compatibility ideographs, variation
selectors, squared words (㍿ ㌔ ㍻ ㋿), ／＼ typed for 〳〵, invisible format characters and lone surrogates. Everything
else stays: Sudachi folds width and case itself where it looks words up, and a full NFKC would spoil signs that are
words (℃).

Normalization forms: Unicode Standard Annex #15; radicals: the Unicode data file EquivalentUnifiedIdeograph.txt.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

_MARKS = "\u0300-\u036f\u3099\u309a\uff9e\uff9f"
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_INVISIBLE = "\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
_COMPATIBLE = (
    "\u2e84-\u2ef2\u2f00-\u2fd5\u3220-\u3247\u32ff\u3300-\u33ff\uf900-\ufaff\U0002f800-\U0002fa1f\uff61-\uff9f"
)
_SURROGATES = "\ud800-\udfff"
_RADICALS = {
    pair[0]: pair[1]
    for pair in (
        "⺄乙 ⺈刀 ⺊卜 ⺌小 ⺒巳 ⺜日 ⺝月 ⺠民 ⺧牛 ⺩王 ⺪疋 ⺬示 ⺮竹 ⺶羊 ⺻聿 ⺼肉 ⺽臼 "
        "⻁虎 ⻄西 ⻆角 ⻇角 ⻊足 ⻑長 ⻗雨 ⻘青 ⻝食 ⻞食 ⻡首 ⻣骨 ⻤鬼 ⻨麦 ⻩黄 ⻫斉 ⻭歯 ⻯竜 ⻱亀 ⻲亀"
    ).split()
}
_RADICAL = re.compile("[\u2e84-\u2ef2]")
"""Those that no normalization form folds."""
_REPEATS = {"／＼": "〳〵", "／″＼": "〴〵", "／”＼": "〴〵"}

_CLUSTER = re.compile(
    f"[{_SURROGATES}]|[{_INVISIBLE}]+|{'|'.join(_REPEATS)}|[^{_INVISIBLE}{_SURROGATES}][{_MARKS}{_SELECTORS}]+|[{_COMPATIBLE}]"
)
_ANY = re.compile(f"[{_SURROGATES}{_INVISIBLE}{_MARKS}{_SELECTORS}{_COMPATIBLE}＼]")
"""Without one of these there is no cluster; one class is found far faster than four alternatives."""
_NEEDS_NFKC = re.compile(f"[{_COMPATIBLE}]")
_DROPPED = re.compile(f"[{_SELECTORS}{_INVISIBLE}]")


class Folded(NamedTuple):
    """A folded text and the way back.

    ``starts[i]`` and ``ends[i]`` bound the stretch of the original that folded character ``i`` came from; both are None
    where nothing changed and every offset is its own.
    """

    text: str
    starts: list[int] | None
    ends: list[int] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original's span for the folded span ``[start, end)``; an empty span stays empty."""
        if self.starts is None or self.ends is None:
            return start, end
        if start >= end:
            at = self.starts[start] if start < len(self.starts) else (self.ends[-1] if self.ends else 0)
            return at, at
        return self.starts[start], self.ends[end - 1]

    def then(self, later: Folded) -> Folded:
        """This fold and a later one, of its text, as one."""
        if self.starts is None or later.starts is None or later.ends is None:
            return later if self.starts is None else self._replace(text=later.text)
        spans = [self.span(*span) for span in zip(later.starts, later.ends, strict=True)]
        return Folded(later.text, [start for start, _ in spans], [end for _, end in spans])


def fold(text: str) -> Folded:
    """The folded text with its map back."""
    if _ANY.search(text) is None or _CLUSTER.search(text) is None:
        return Folded(text, None, None)
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for match in _CLUSTER.finditer(text):
        start, end = match.span()
        parts.append(text[at:start])
        starts.extend(range(at, start))
        ends.extend(range(at + 1, start + 1))
        piece = _fold_cluster(match[0])
        parts.append(piece)
        starts.extend([start] * len(piece))
        ends.extend([end] * len(piece))
        at = end
    parts.append(text[at:])
    starts.extend(range(at, len(text)))
    ends.extend(range(at + 1, len(text) + 1))
    return Folded("".join(parts), starts, ends)


def _fold_cluster(cluster: str) -> str:
    if "\ud800" <= cluster <= "\udfff":
        return "\ufffd"
    if cluster in _REPEATS:
        return _REPEATS[cluster]
    kept = _unified(_DROPPED.sub("", cluster))
    return unicodedata.normalize("NFKC" if _NEEDS_NFKC.search(kept) else "NFC", kept)


_LONE = re.compile(f"[{_SURROGATES}]")


def whole(text: str) -> str:
    """The text with U+FFFD for each lone surrogate, which neither a file nor Sudachi can hold; offsets stay."""
    return text if text.isascii() else _LONE.sub("\ufffd", text)


def compare(text: str) -> str:
    """The form in which two stretches of text are the same for a reader: width, case and composition folded away."""
    return unicodedata.normalize("NFKC", _unified(_DROPPED.sub("", text))).casefold()


def _unified(text: str) -> str:
    return _RADICAL.sub(lambda match: _RADICALS.get(match[0], match[0]), text) if _RADICAL.search(text) else text


def letters(text: str) -> str:
    """What is compared of a quotation: its folded text without signs and blanks."""
    return "".join(character for character in compare(text) if character.isalnum())


_UNIT = re.compile(f"[{_INVISIBLE}]+|.[{_MARKS}{_SELECTORS}]*", re.DOTALL)


def comparable(text: str) -> Folded:
    """``compare(text)`` with a map back, made one character (with its marks) at a time."""
    units = _UNIT.findall(text)
    parts = list(map(_compared, units))
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for unit, piece in zip(units, parts, strict=True):
        starts.extend([at] * len(piece))
        at += len(unit)
        ends.extend([at] * len(piece))
    return Folded("".join(parts), starts, ends)


_compared = lru_cache(1 << 12)(compare)
"""Of single characters with their marks, of which a text has few that differ."""
