"""Numerals joined as Sudachi joins them, run by run.

Sudachi's plug-in that makes one word of the numerals of 二千十五 takes a good part of the whole analysis, most of that
over words that are no numerals. What it makes of a run of them depends on nothing else: the words before and after only
end the run, as the text's end does. So a text is analysed without it, and what becomes of a run is looked up. The first
time it is asked of the full analysis, with as little of the text around it as lets it be cut into the same words.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from index.analysis.fold import compare
from index.analysis.keys import is_own

# The characters that Sudachi's char.def calls numeric, and no characters at all, which a sign of several leaves.
_NUMERALS = re.compile("[0-9０-９〇一二三四五六七八九十百千万億兆⁰-\u209f⅐-\u218f]*")
_POINTS = (".", ",")


def is_numeral(surface: str, norm: str) -> bool:
    """Whether a word may be part of a run: all that the plug-in joins is, and more may be."""
    if norm in _POINTS or _NUMERALS.fullmatch(surface) or _NUMERALS.fullmatch(norm):
        return True
    return not is_own(surface) and _NUMERALS.fullmatch(compare(surface)) is not None


AROUND = (1, 4, 16)
"""So many words on each side of a run are tried, before all of its text is."""


class Run(NamedTuple):
    """Units of numerals side by side, and whether the text ends with them."""

    units: tuple[int, ...]
    last: bool
