"""Slots → postings: one sort for a whole field.

Slots come as words, each of which stands for one term or several; a word also says which long units end in its slot.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import chain, count

import numpy as np
from numpy.typing import NDArray

from index.codec.fields import U32, FieldData

_SLOT = np.uint64(32)
"""Bits of a sort key for the slot; those above are the term's."""
_NONE = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
"""In the place of a term that the field does not have."""


class Ragged:
    """Lists of term numbers, one after the other."""

    def __init__(self) -> None:
        self._values: list[int] = []
        self._sizes: list[int] = []

    def extend(self, lists: Sequence[Sequence[str]], number: Callable[[str], int]) -> None:
        """Takes more lists, as numbers."""
        self._values += map(number, chain.from_iterable(lists))
        self._sizes += map(len, lists)

    def arrays(self) -> tuple[NDArray[np.int64], U32]:
        """Where each list begins, with the end of the last; and all values."""
        ends = np.cumsum([0, *self._sizes], dtype=np.int64)
        return ends, np.array(self._values, np.uint32)


Word = tuple[Sequence[str], Sequence[str]]
"""The terms of a slot, and the terms of the long units that end there."""


class _Source:
    """A list of words, and the number of each that was asked for; -1 for the others."""

    def __init__(self, words: Sequence[Word]) -> None:
        self.words = words
        self._numbers = np.full(len(words), -1, np.int64)

    def numbers(self) -> NDArray[np.int64]:
        """As many as the list has by now."""
        more = len(self.words) - len(self._numbers)
        if more:
            self._numbers = np.concatenate([self._numbers, np.full(more, -1, np.int64)])
        return self._numbers


class Vocabulary:
    """The words of a segment: each has a number, and so has each of their terms."""

    def __init__(self) -> None:
        self.terms: defaultdict[str, int] = defaultdict()
        self.terms.default_factory = self.terms.__len__
        self._words: dict[Word, int] = {}
        self.words: list[Word] = []
        """By number."""
        self._sources: dict[int, _Source] = {}
        self._starting = Ragged()
        self._ending = Ragged()

    def __len__(self) -> int:
        return len(self._words)

    def numbers(self, words: Sequence[Word], places: U32) -> U32:
        """The numbers of the words at some places of a list, which may have grown when it comes again."""
        # As long as a list is held, its id is no other's.
        source = self._sources.get(id(words))
        if source is None:
            source = self._sources[id(words)] = _Source(words)
        known = source.numbers()
        new = np.flatnonzero(np.bincount(places[known[places] < 0]))
        if len(new):
            known[new] = self._numbered([words[place] for place in new.tolist()])
        return known[places].astype(np.uint32)

    def _numbered(self, words: Sequence[Word]) -> list[int]:
        new = [word for word in words if word not in self._words]
        self._words.update(zip(new, count(len(self._words))))
        self.words += new
        self._starting.extend([word[0] for word in new], self.terms.__getitem__)
        self._ending.extend([word[1] for word in new], self.terms.__getitem__)
        return [self._words[word] for word in words]

    def arrays(self) -> tuple[tuple[NDArray[np.int64], U32], tuple[NDArray[np.int64], U32]]:
        """The terms of each word, and the terms of the long units that end with it."""
        return self._starting.arrays(), self._ending.arrays()


def invert(words: U32, counts: U32, vocabulary: Vocabulary) -> FieldData:
    """The postings of a field from the words of its slots, ``counts`` of them for each row; fewer than 2^32 slots."""
    starting, ending = vocabulary.arrays()
    at, ids = _spread(words, *starting)
    terms = np.array(list(vocabulary.terms), dtype=object)
    used = np.flatnonzero(np.bincount(ids, minlength=len(terms)))
    encoded = [term.encode("utf-8") for term in terms[used]]
    order = sorted(range(len(used)), key=encoded.__getitem__)
    above = np.full(len(terms), _NONE, np.uint64)
    above[used[order]] = np.arange(len(used), dtype=np.uint64) << _SLOT
    keys = above[ids]
    keys |= at
    del at, ids
    keys.sort()
    slots = _slots(keys)
    row_of = np.repeat(np.arange(len(counts), dtype=np.uint32), counts)
    rows = row_of[slots]
    extents = _extents(keys, rows, row_of, above, *_spread(words, *ending))
    ordinals = (keys >> _SLOT).astype(np.uint32)
    del keys
    leading = _firsts(words, *starting, above)[slots] == ordinals
    new = np.ones(len(rows), bool)
    np.logical_or(ordinals[1:] != ordinals[:-1], rows[1:] != rows[:-1], out=new[1:])
    begins = np.flatnonzero(new)
    firsts = (np.cumsum(counts, dtype=np.int64) - counts).astype(np.uint32)
    positions: U32 = slots - firsts[rows]
    return FieldData(
        terms=[encoded[i] for i in order],
        offsets=ordinals[begins].searchsorted(np.arange(len(used) + 1, dtype=np.uint32)),
        rows=rows[begins],
        frequencies=np.diff(np.append(begins, len(rows))).astype(np.uint32),
        lengths=counts,
        positions=positions,
        extents=extents,
        dense=True,
        leading=leading,
    )


def _slots(keys: NDArray[np.uint64]) -> U32:
    slots: U32 = keys.astype(np.uint32)  # the lower half
    return slots


def _spread(words: U32, starts: NDArray[np.int64], values: U32) -> tuple[U32, U32]:
    """Each slot as often as its word has terms, with those; in no certain order."""
    sizes = np.diff(starts).astype(np.uint32)
    first = starts[:-1].astype(np.uint32)
    at, ids = [np.empty(0, np.uint32)], [np.empty(0, np.uint32)]
    # Most words have one term, and few have several: those left become fewer with each turn.
    left = np.flatnonzero((sizes > 0)[words]).astype(np.uint32)
    for turn in range(int(sizes.max(initial=0))):
        of = words[left]
        at.append(left)
        ids.append(values[first[of] + np.uint32(turn)])
        left = left[sizes[of] > turn + 1]
    return np.concatenate(at), np.concatenate(ids)


def _firsts(words: U32, starts: NDArray[np.int64], values: U32, above: NDArray[np.uint64]) -> U32:
    """The ordinal of the first term of each slot."""
    ordinals = (above[values] >> _SLOT).astype(np.uint32)
    # A word without terms is the first of none of its slot's occurrences.
    firsts: U32 = np.append(ordinals, np.uint32(0))[starts[:-1]][words]
    return firsts


def _extents(
    keys: NDArray[np.uint64], rows: U32, row_of: U32, above: NDArray[np.uint64], slots: U32, ids: U32
) -> U32 | None:
    """How many slots each occurrence takes: to the last end of its term that is not after the term's next start."""
    if not len(slots):
        return None
    known = above[ids] != _NONE
    ends = np.sort(above[ids[known]] | slots[known])
    starts = keys.searchsorted(ends) - 1
    same = (starts >= 0) & (keys[starts] >> _SLOT == ends >> _SLOT)
    starts, last = starts[same], _slots(ends[same])
    within = rows[starts] == row_of[last]
    starts, last = starts[within], last[within]
    extents = np.ones(len(keys), np.uint32)
    extents[starts] = last - _slots(keys[starts]) + np.uint32(1)
    return extents
