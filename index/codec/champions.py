"""Champions: the best postings of each term in many rows, so that a search for one word reads nothing else of it.

    champions.packed    as postings.packed  16 postings a list, the best first by their BM25 with the file's average;
                                            of equal ones the lower row

The lists are in the order of their terms; a record's flags give their number. Only dense fields without weights have
any, and terms with a column have them too. The codes of those are there for these postings alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.codec.codes import Coded, Codes
from index.codec.container import Container

MANY = 16
"""Postings of a list."""


def best(offsets: NDArray[np.int64], terms: NDArray[np.intp], coded: Coded) -> NDArray[np.int64]:
    """Where the best postings of each of the terms stand, which has ``MANY`` or more (shape: terms × ``MANY``).

    A term's postings lie from one of ``offsets`` to the next, their rows ascending; fewer than 2^32 all together.
    """
    # The least are the best: equal scores share a number, so that of those the first posting decides.
    worse = np.diff(coded.scores[::-1], prepend=coded.scores[-1:]) < 0
    keys = (np.cumsum(worse, dtype=np.uint64) << np.uint64(32))[::-1][coded.of]
    keys |= np.arange(len(keys), dtype=np.uint64)
    found = np.empty((len(terms), MANY), np.uint64)
    starts, ends = offsets[terms].tolist(), offsets[terms + 1].tolist()
    for place, (start, end) in enumerate(zip(starts, ends, strict=True)):
        of_term = keys[start:end]
        of_term.partition(MANY - 1)
        found[place] = of_term[:MANY]
    found.sort(axis=1)
    places: NDArray[np.int64] = (found & np.uint64(0xFFFFFFFF)).astype(np.int64)
    return places


class Champions:
    """The champions of a field in a mapped file."""

    def __init__(self, container: Container, codes: Codes) -> None:
        self._container = container
        self._codes = codes
        self._packed = container.get("champions.packed", codes.kind)
        self._checked = bytearray(0 if self._packed is None else len(self._packed) // MANY)
        if self._packed is not None and len(self._packed) % MANY:
            container.fail("its champions are cut off")

    def __len__(self) -> int:
        return len(self._checked)

    def read(self, number: int) -> NDArray[Any]:
        """A list of champions, as they are packed; ``DamagedIndex`` if there is none of that number."""
        if self._packed is None:
            self._container.fail("it has no champions")
        found = self._packed.part(MANY * number, MANY * number + MANY)
        if not self._checked[number]:
            self._codes.check(found)
            self._checked[number] = 1
        return found
