"""Many texts folded at once, for finding strings: code points as ``compare`` has them, 0 for signs and blanks.

A table by code point does for the texts whose characters fold one by one; those with marks that combine, or with
characters that fold to several, go through ``compare`` itself.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.analysis.fold import compare

_POINTS = 0x110000
_UNKNOWN = 0xFFFFFFFF
SEVERAL = 0xFFFFFFFE
"""Stands for a character that folds to several, or may combine with its neighbours."""


class Characters(NamedTuple):
    """The code points of texts, a 0 behind each text, and what each is folded to, or ``SEVERAL``."""

    points: NDArray[np.uint32]
    folded: NDArray[np.uint32]


class FoldTable:
    """What each code point folds to, filled as they come."""

    def __init__(self) -> None:
        self._folds = np.full(_POINTS, _UNKNOWN, np.uint32)
        self._folds[0] = 0

    def points(self, texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """The folded code points of texts without lone surrogates, and the text (its place) that each belongs to.

        A 0, or several, part what does not stand side by side in one text; the texts are in no certain order.
        """
        return self.apart(texts, self.characters(texts))

    def apart(self, texts: Sequence[str], characters: Characters) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """The same of texts whose characters are folded already."""
        folded = characters.folded
        of = _owners(texts)
        odd = np.unique(of[folded == SEVERAL])
        if not len(odd):
            return folded, of
        alone = np.where(np.isin(of, odd), np.uint32(0), folded)
        more = ["".join(c if c.isalnum() else "\0" for c in compare(texts[i])) for i in odd.tolist()]
        return np.concatenate([alone, _points(more)]), np.concatenate([of, odd[_owners(more)]])

    def characters(self, texts: Sequence[str]) -> Characters:
        """The characters of texts without lone surrogates, one by one."""
        points = _points(texts)
        return Characters(points, self._fold(points))

    def _fold(self, points: NDArray[np.uint32]) -> NDArray[np.uint32]:
        for point in np.unique(points[self._folds[points] == _UNKNOWN]).tolist():
            self._folds[point] = _folded(chr(point))
        return self._folds[points]


def _points(texts: Sequence[str]) -> NDArray[np.uint32]:
    return np.frombuffer("\0".join([*texts, ""]).encode("utf-32-le"), np.uint32)


def _owners(texts: Sequence[str]) -> NDArray[np.uint32]:
    return np.repeat(np.arange(len(texts), dtype=np.uint32), [len(text) + 1 for text in texts])


def _folded(character: str) -> int:
    folded = compare(character)
    combines = any(unicodedata.category(c)[0] == "M" or "\u1100" <= c <= "\u11ff" for c in character + folded)
    if len(folded) != 1 or combines:
        return SEVERAL
    return ord(folded) if folded.isalnum() else 0
