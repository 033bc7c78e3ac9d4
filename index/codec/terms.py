"""The terms of a field, sorted by their bytes: ordinal → term, term → ordinal, first term at or after another.

terms.bytes     u1  the terms one after the other
terms.ends      u4  where each ends
terms.slots     u4  a hash table: at CRC-32 of a term * size >> 32, or at the next places after it, its ordinal + 1, and
                    above the bits that the number of terms takes the lowest ones of the hash; 0 ends a search. The
                    size is half more than the terms, and one; places run on behind it, and the last one is 0.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from index.codec.container import Container, ContainerWriter
from index.codec.offsets import Offsets

_PROBED = 64
"""Places of the table that are looked at before the terms themselves are searched."""


def write_terms(container: ContainerWriter, terms: Sequence[bytes]) -> None:
    """Adds the structure; ``terms`` are sorted and distinct."""
    container.add("terms.bytes", np.frombuffer(b"".join(terms), np.uint8))
    ends = np.cumsum(np.fromiter(map(len, terms), np.uint64, len(terms)), dtype=np.uint64)
    if len(terms) and ends[-1] >= 1 << 32:
        raise OverflowError("the terms of a segment take more than 4 GB")
    container.add("terms.ends", ends.astype(np.uint32))
    container.add("terms.slots", _hash_table(terms))


def _hash_table(terms: Sequence[bytes]) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    """Linear probing, all terms at once: in the order of their hashes each takes its own place or the next free one."""
    size = _size(len(terms))
    hashes = np.fromiter(map(zlib.crc32, terms), np.uint64, len(terms))
    homes = (hashes * np.uint64(size) >> np.uint64(32)).astype(np.int64)
    order = np.argsort(homes, kind="stable")
    steps = np.arange(len(terms))
    places = np.maximum.accumulate(homes[order] - steps) + steps
    table = np.zeros(max(size, int(places[-1]) + 1 if len(terms) else 0) + 1, np.uint32)
    # Above the ordinals' bits those of the hash that fit: the others are lost.
    table[places] = hashes[order].astype(np.uint32) << np.uint32(len(terms).bit_length()) | (order + 1).astype(
        np.uint32
    )
    return table


def _size(terms: int) -> int:
    """Of the table, without what stands behind it."""
    return terms * 3 // 2 + 1


class Terms:
    """The terms of a field in a mapped file; ``len`` counts them."""

    def __init__(self, container: Container) -> None:
        self._bytes = container.array("terms.bytes", "u1")
        self._ends = Offsets(container.array("terms.ends", "u4"), len(self._bytes))
        self._slots = container.array("terms.slots", "u4")
        self._size = _size(len(self))
        self._last = len(self._slots)
        self._bits = len(self).bit_length()
        self._ordinals = (1 << self._bits) - 1
        if len(self._slots) <= self._size:
            container.fail("its table of terms is too small")

    def __len__(self) -> int:
        return len(self._ends)

    def term(self, ordinal: int) -> bytes:
        """The term with an ordinal from 0 to ``len(self) - 1``."""
        return self._bytes.bytes(*self._ends.of(ordinal))

    def __iter__(self) -> Iterator[bytes]:
        """The terms in order."""
        content = self._bytes.all().tobytes()
        start = 0
        for end in self._ends.all().tolist():
            yield content[start:end]
            start = end

    def find(self, term: bytes) -> int:
        """The ordinal of a term; -1 if it is none of the field's."""
        hashed = zlib.crc32(term)
        home = hashed * self._size >> 32
        tag = hashed << self._bits & 0xFFFFFFFF
        places = self._slots.part(home, min(home + _PROBED, self._last)).item
        for place in range(min(_PROBED, self._last - home)):
            found = places(place)
            if not found:
                return -1
            ordinal: int = (found ^ tag) - 1
            if ordinal < self._ordinals and self.term(ordinal) == term:
                return ordinal
        # Terms that all have one hash, or a table that never ends: the order of the terms tells it as well.
        ordinal = self.at_least(term)
        return ordinal if ordinal < len(self) and self.term(ordinal) == term else -1

    def at_least(self, term: bytes) -> int:
        """The ordinal of the first term that is not before ``term``; ``len(self)`` if there is none."""
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self.term(middle) < term:
                low = middle + 1
            else:
                high = middle
        return low

    def beginning(self, prefix: bytes) -> tuple[int, int]:
        """The ordinals of the terms that begin so, UTF-8 each: the first, and the one behind the last."""
        first = self.at_least(prefix)
        none = first == len(self) or not self.term(first).startswith(prefix)
        return first, first if none else self.at_least(prefix + b"\xff")

    def problems(self) -> list[str]:
        """What of the structure contradicts itself, read as a whole."""
        terms = list(self)
        found = []
        if any(b <= a for a, b in pairwise(terms)):
            found.append("its terms are not in order")
        if any(self.find(term) != i for i, term in enumerate(terms)):
            found.append("its table of terms does not lead to them")
        return found
