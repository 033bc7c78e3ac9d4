"""Codes: what stands beside a row in a posting. One number says how often a term stands there, and how long the row is.

    codes.frequencies   u4  what a code stands for: a frequency
    codes.lengths       u1  and the row's length in one byte
    codes.weights       f4  only where a posting's weight is not its frequency

Codes are in the order of their BM25 with the average length that the fact ``average`` tells, so that a threshold of
scores is one of codes. There is a code for what postings and champions have, and for nothing else. ``bits`` is a fact
too: a code takes so many in a posting, below its row; the two have 8 bytes where they need more than 32 bits.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.codec.container import Container, ContainerWriter
from index.codec.fields import U32, FieldData, impact
from index.codec.lengths import LENGTHS

_WORD = 32


class Coded(NamedTuple):
    """All that the postings of a field say beside their rows, in the order of its scores, and which each says."""

    frequencies: U32
    lengths: NDArray[np.uint8]
    weights: NDArray[np.float32] | None
    scores: NDArray[np.float64]
    of: U32
    """For each posting its place in the others."""

    @classmethod
    def of_field(cls, data: FieldData, lengths: NDArray[np.uint8], average: float) -> Coded:
        """``lengths`` are those of the rows, ``average`` that of them all."""
        if data.frequencies.max(initial=0) >> 24:
            raise OverflowError("a term stands more than 16,777,215 times in a row")
        keys: NDArray[Any] = data.frequencies << np.uint32(8) | lengths[data.rows]
        if data.weights is not None:
            keys = data.weights.view(np.uint32).astype(np.uint64) << np.uint64(_WORD) | keys
        distinct = _distinct(keys)
        frequency, length = (distinct >> 8 & 0xFFFFFF).astype(np.uint32), (distinct & 0xFF).astype(np.uint8)
        weight = None if data.weights is None else (distinct >> _WORD).astype(np.uint32).view(np.float32)
        scores = scores_of(frequency if weight is None else weight, length, average)
        order = np.argsort(scores, kind="stable")
        ranks = np.empty(len(order), np.uint32)
        ranks[order] = np.arange(len(order))
        weight = None if weight is None else weight[order]
        return cls(frequency[order], length[order], weight, scores[order], _looked_up(keys, distinct, ranks))

    def write(self, container: ContainerWriter, used: NDArray[np.bool_]) -> tuple[U32, int]:
        """Adds those that are used; the code of each (of those that are not, any), and how many bits a code takes."""
        container.add("codes.frequencies", self.frequencies[used])
        container.add("codes.lengths", self.lengths[used])
        if self.weights is not None:
            container.add("codes.weights", self.weights[used])
        bits = max(int(used.sum()) - 1, 0).bit_length()
        container.facts["bits"] = bits
        return np.cumsum(used, dtype=np.uint32) - np.uint32(1), bits


def scores_of(frequencies: NDArray[Any], lengths: NDArray[np.uint8], average: float) -> NDArray[np.float64]:
    """What codes are ordered by."""
    return impact(frequencies.astype(np.float64), LENGTHS[lengths].astype(np.float64), average)


def is_wide(bits: int, rows: int) -> bool:
    """Whether a row and a code together need more than 32 bits."""
    return bits + max(rows - 1, 0).bit_length() > _WORD


def packed(rows: U32, codes: U32, bits: int, *, wide: bool) -> NDArray[Any]:
    """A row and a code in one number."""
    kind = np.uint64 if wide else np.uint32
    both: NDArray[Any] = rows.astype(kind) << kind(bits) | codes.astype(kind)
    return both


_SMALL = 1 << 22
"""Keys below it are looked up in a table."""


def _distinct(keys: NDArray[Any]) -> NDArray[np.int64] | NDArray[np.uint64]:
    """The distinct keys in order."""
    if keys.max(initial=0) < _SMALL:
        return np.flatnonzero(np.bincount(keys))
    return np.unique(keys.astype(np.uint64))


def _looked_up(keys: NDArray[Any], distinct: NDArray[Any], numbers: U32) -> U32:
    """The number of each key, by those of the distinct ones."""
    if keys.max(initial=0) >= _SMALL:
        return numbers[np.searchsorted(distinct, keys)]
    table = np.zeros(int(distinct[-1]) + 1 if len(distinct) else 0, np.uint32)
    table[distinct] = numbers
    found: U32 = table[keys]
    return found


class Codes:
    """The codes of a field in a mapped file, and what is packed with them."""

    def __init__(self, container: Container, rows: int) -> None:
        self._container = container
        self._rows = rows
        self._frequencies = container.array("codes.frequencies", "u4")
        self._lengths = container.array("codes.lengths", "u1")
        self._weights = container.get("codes.weights", "f4")
        bits, average = container.facts.get("bits"), container.facts.get("average")
        if type(bits) is not int or not 0 <= bits <= _WORD or type(average) is not float or not 0 <= average < np.inf:
            container.fail("its postings contradict its codes")
        if self._weights is not None and len(self._weights) != len(self._frequencies):
            container.fail("its codes contradict each other")
        self.bits = bits
        self.average = average
        self.kind = "u8" if is_wide(bits, rows) else "u4"
        self.weighted = self._weights is not None
        number = np.uint64 if self.kind == "u8" else np.uint32
        self._shift, self._mask = number(bits), number((1 << bits) - 1)
        self._table: tuple[U32, NDArray[np.uint8]] | None = None

    def table(self) -> tuple[U32, NDArray[np.uint8]]:
        """The frequency and the length byte that each code stands for."""
        if self._table is None:
            if len(self._lengths) != len(self._frequencies):
                self._container.fail("its codes contradict each other")
            self._table = self._frequencies.all(), self._lengths.all()
        return self._table

    def rows(self, packed: NDArray[Any]) -> U32:
        """The row of each posting."""
        rows: U32 = packed >> self._shift
        return rows.astype(np.uint32, copy=False)

    def codes(self, packed: NDArray[Any]) -> NDArray[np.intp]:
        """The code of each posting."""
        codes: NDArray[np.intp] = (packed & self._mask).astype(np.intp)
        return codes

    def frequencies(self, packed: NDArray[Any]) -> U32:
        """The frequency of each posting; ``IndexError`` where a code stands for nothing."""
        found: U32 = self._frequencies.all()[self.codes(packed)]
        return found

    def weights(self, packed: NDArray[Any]) -> NDArray[np.float32]:
        """The weight of each posting; likewise."""
        if self._weights is None:
            return self.frequencies(packed).astype(np.float32)
        found: NDArray[np.float32] = self._weights.all()[self.codes(packed)]
        return found

    def check(self, packed: NDArray[Any]) -> U32:
        """The rows, once they are rows of the field, and each code stands for something; else ``DamagedIndex``."""
        rows = self.rows(packed)
        if not len(rows) or int(rows.max()) >= self._rows:
            self._container.fail("the rows of a term are not in order, or not its own")
        if int(self.codes(packed).max()) >= len(self._frequencies):
            self._container.fail("a code of its postings stands for nothing")
        return rows
