"""Hot pairs: in which rows one of the most frequent terms stands right after another.

    pairs.terms     u4  the terms listed, those of the stream: the most frequent first
    pairs.keys      u2  the pairs that stand somewhere, ascending: a and b as a * terms + b, by their places in the list
    pairs.ends      u4  where the rows of each end in pairs.rows
    pairs.rows      u1  the rows of each pair

Rows are told by their gaps, the rows left out before each, in LEB128 (``varints``). Where these take as many bytes as a
bit for each row of the segment does, or more, those bits stand there instead, the first the lowest: that a pair has as
many bytes as bits take tells that it has bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.codec import varints
from index.codec.container import Container, ContainerWriter
from index.codec.fields import U32
from index.codec.offsets import Offsets
from index.codec.stretches import bounds

MOST = 96
"""So many terms are listed."""


def write_pairs(
    container: ContainerWriter,
    terms: Sequence[int],
    symbols: NDArray[np.uint8],
    sets: NDArray[np.bool_],
    lengths: U32,
) -> None:
    """Adds the structure, for the first terms of a stream; ``sets`` tells which symbols each has (terms × 256)."""
    listed = min(len(terms), MOST)
    counts, rows = following(symbols, sets[:listed], lengths)
    starts = bounds(counts)
    gaps = np.diff(rows.astype(np.int64), prepend=-1) - 1
    firsts = starts[:-1][counts > 0]
    gaps[firsts] = rows[firsts]
    encoded, each = varints.encode(gaps.astype(np.uint32))
    edges = each[starts].tolist()
    keys = np.flatnonzero(counts)
    parts = []
    for pair in keys.tolist():
        part = encoded[edges[pair] : edges[pair + 1]]
        if len(part) >= _in_bits(len(lengths)):
            standing = np.zeros(len(lengths), bool)
            standing[rows[starts[pair] : starts[pair + 1]]] = True
            part = np.packbits(standing, bitorder="little")
        parts.append(part)
    container.add("pairs.terms", np.array(terms[:listed], np.uint32))
    container.add("pairs.keys", keys.astype(np.uint16))
    container.add("pairs.ends", np.cumsum([len(part) for part in parts], dtype=np.uint32))
    container.add("pairs.rows", np.concatenate([*parts, np.empty(0, np.uint8)]))


def _in_bits(rows: int) -> int:
    """The bytes that a bit for each row takes."""
    return -(-rows // 8)


def following(
    symbols: NDArray[np.uint8], sets: NDArray[np.bool_], lengths: U32
) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """In how many rows each pair of terms stands, and those rows, ascending for one pair after the other.

    ``symbols`` are those of each slot, ``sets`` tells which symbols each term has, ``lengths`` the slots of each row.
    """
    terms = len(sets)
    sizes = sets.sum(axis=0)
    here = _of_symbols(symbols, sizes > 0)
    meet = here[:-1] & here[1:]
    edges = bounds(lengths)
    meet[edges[(edges > 0) & (edges < len(symbols))] - 1] = False
    slots = np.flatnonzero(meet)
    row_of = np.repeat(np.arange(len(lengths), dtype=np.uint32), lengths)
    first, second, rows = symbols[slots], symbols[slots + 1], row_of[slots]
    # Most symbols stand for one of the terms, and few for several: each turn takes the next one of either slot.
    members = np.argsort(~sets, axis=0, kind="stable").astype(np.uint8)
    found, standing = [np.empty(0, np.uint16)], [np.empty(0, np.uint32)]
    for a, b in product(range(int(sizes.max(initial=0))), repeat=2):
        chosen: Any = slice(None)
        if a or b:
            chosen = np.flatnonzero(_of_symbols(first, sizes > a) & _of_symbols(second, sizes > b))
        left, right = _of_symbols(first[chosen], members[a]), _of_symbols(second[chosen], members[b])
        found.append(left * np.uint16(terms) + right)
        standing.append(rows[chosen])
    pairs, of = np.concatenate(found), np.concatenate(standing)
    keys = pairs.astype(np.uint64) << np.uint64(32) | of
    keys.sort()
    keys = keys[np.diff(keys, prepend=np.uint64(0xFFFF_FFFF_FFFF_FFFF)) != 0]
    return np.bincount((keys >> np.uint64(32)).astype(np.intp), minlength=terms * terms), keys.astype(np.uint32)


def _of_symbols(symbols: NDArray[np.uint8], table: NDArray[Any]) -> NDArray[Any]:
    """The byte of a table of 256 for each symbol, faster than by indexing."""
    return np.frombuffer(symbols.tobytes().translate(table.tobytes()), table.dtype)


class Pairs:
    """The hot pairs of a field in a mapped file; of one that has none, no terms are listed."""

    def __init__(self, container: Container, terms: int, rows: int) -> None:
        self._container = container
        self._rows = rows
        listed = container.get("pairs.terms", "u4")
        self.terms: Sequence[int] = () if listed is None else listed.all().tolist()
        self._places = {term: place for place, term in enumerate(self.terms)}
        if listed is None:
            return
        self._content = container.array("pairs.rows", "u1")
        self._ends = Offsets(container.array("pairs.ends", "u4"), len(self._content))
        if not len(self._places) == len(self.terms) <= MOST or max(self.terms, default=-1) >= terms:
            container.fail("its pairs contradict its terms")
        self._keys = container.array("pairs.keys", "u2").all()
        within = not len(self._keys) or self._keys[-1] < len(self.terms) ** 2
        if len(self._ends) != len(self._keys) or not within or (self._keys[1:] <= self._keys[:-1]).any():
            container.fail("its pairs contradict each other")

    def read(self, first: int, second: int) -> U32 | None:
        """The rows, ascending, where a term stands right after another; None where one of them is not listed."""
        a, b = self._places.get(first), self._places.get(second)
        if a is None or b is None:
            return None
        key = np.uint16(a * len(self._places) + b)
        number = int(self._keys.searchsorted(key))
        if number == len(self._keys) or self._keys[number] != key:
            return np.empty(0, np.uint32)
        part = self._content.part(*self._ends.of(number))
        if len(part) == _in_bits(self._rows):
            return np.flatnonzero(np.unpackbits(part, count=self._rows, bitorder="little")).astype(np.uint32)
        rows = np.cumsum(varints.decode(part), dtype=np.int64)
        rows += np.arange(len(rows))
        if len(rows) and rows[-1] >= self._rows:
            self._container.fail("the rows of a pair are not its own")
        return rows.astype(np.uint32)
