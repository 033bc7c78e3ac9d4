"""Which slots a quotation can be told by without their text, and which not: what is noted of them in the codec's slots.

A slot is ``UNLIKE`` unless its text, folded character by character, is its first term, signs no matter which; no other
of its terms has the same letters; and no letter stands between it and the slot before it in its row. Where a character
does not fold to one, or may combine with its neighbours, nobody looks closer. A slot is a ``BREAK`` unless its mark
``COMMA`` says whether a comma stands between it and the slot before it: line breaks leave that mark too.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.analysis.folded import Characters
from index.analysis.growing import Growing
from index.analysis.keys import bare
from index.codec.inverter import Word
from index.codec.slots import BREAK, UNLIKE
from index.codec.stretches import bounds, numbers
from index.model import COMMAS, Mark
from index.writers import Columns

U32 = NDArray[np.uint32]
_COMMAS = np.array([ord(sign) for sign in COMMAS], np.uint32)
_LONGEST = 64
"""Characters of a slot that are looked at."""


class Heads:
    """The first term of each word of a segment, 0 for its signs; nothing for a word that no slot can be like."""

    def __init__(self) -> None:
        self._places = Growing((np.uint32, np.uint32))
        self._characters = Growing((np.uint32,))

    def extend(self, words: Sequence[Word]) -> None:
        """Takes those of the words, which may be more with each call, that are new."""
        for terms, _ in words[len(self._places) :]:
            head = _head(terms)
            self._places.extend((len(self._characters), len(head)))
            self._characters.extend(head)

    def arrays(self) -> tuple[U32, U32, U32]:
        """Where the characters of each word begin, how many they are, and all characters."""
        places, sizes = self._places.columns()
        (characters,) = self._characters.columns()
        return places, sizes, characters


def _head(terms: Sequence[str]) -> list[int]:
    letters = bare(terms[0]) if terms else ""
    if not letters or any(bare(term) == letters for term in terms[1:]):
        return []
    return [ord(character) if character.isalnum() else 0 for character in terms[0]]


def notes(
    characters: Characters, begins: NDArray[np.int64], words: U32, columns: Columns, heads: Heads
) -> NDArray[np.uint8]:
    """What is to be noted of slots: ``begins`` is where the text of each row begins among the characters.

    ``words`` are the numbers that the slots' words have among ``heads``.
    """
    first = begins.repeat(columns.counts)
    starts, ends = columns.starts + first, columns.ends + first
    before = np.append(0, ends)[:-1]
    new = bounds(columns.counts)[:-1][columns.counts > 0]
    before[new] = starts[new]
    unlike = (before > starts) | _differ(characters.folded, starts, ends, words, heads)
    gaps = np.flatnonzero(before < starts)
    sizes = starts[gaps] - before[gaps]
    each, of = numbers(before[gaps], sizes), np.repeat(gaps, sizes)
    unlike[of[characters.folded[each] > 0]] = True
    parted = np.zeros(len(starts), np.bool_)
    parted[of[np.isin(characters.points[each], _COMMAS)]] = True
    breaks = parted != (columns.marks & Mark.COMMA > 0)
    found: NDArray[np.uint8] = unlike * np.uint8(UNLIKE) | breaks * np.uint8(BREAK)
    return found


def _differ(
    folded: U32, starts: NDArray[np.int64], ends: NDArray[np.int64], words: U32, heads: Heads
) -> NDArray[np.bool_]:
    """Whether the folded text of a slot is not the head of its word."""
    places, sizes, characters = heads.arrays()
    lengths = sizes[words]
    differ: NDArray[np.bool_] = (lengths != ends - starts) | (lengths == 0) | (lengths > _LONGEST)
    left = np.flatnonzero(~differ)
    # Most slots are short: those left become fewer with each character.
    for i in range(int(lengths[left].max(initial=0))):
        other = folded[starts[left] + i] != characters[places[words[left]] + np.uint32(i)]
        differ[left[other]] = True
        left = left[~other & (lengths[left] > i + 1)]
    return differ
