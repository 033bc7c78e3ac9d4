"""Postings: which rows a term stands in, and how often.

    rows.lengths          u1  each row's length, as ``lengths`` has it
    postings.records      u4  four numbers a term: where its postings start, how many, where its positions start, flags
    postings.packed       u4  row << bits | code, ascending; u8 where the two need more than 32 bits
    codes.frequencies     u4  what a code stands for: a frequency and a row's length in one byte; codes are in the
    codes.lengths         u1  order of their BM25, so that a threshold of scores is one of codes
    codes.weights         f4  only where a posting's weight is not its frequency
    hot.columns           u1  for each term in many rows, whose start is the number of its column: a level for each row,
                              0 for none
    hot.levels            u1  the level of frequency f in a row of length byte l, at (f - 1) * 256 + l, rising with f;
                              255 is said of frequencies beyond
    hot.exceptions        u4  column, row and frequency of each level 255, sorted

``bits`` is a fact of the file. Flags: 1 a column, the others are those of ``positions``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.codec.container import Container, ContainerWriter
from index.codec.fields import U32, FieldData, Layout, impact
from index.codec.lengths import LENGTHS, to_bytes
from index.codec.mapped import Array

HOT = 1
RECORD = 4
_EXCEPTION = 255
_WORD = 32


class Record(NamedTuple):
    """What is known of a term without reading its postings."""

    start: int
    rows: int
    positions: int
    flags: int


def write_postings(container: ContainerWriter, data: FieldData, layout: Layout) -> U32:
    """Adds the structure but for the records, which are returned (shape: terms × 4) for positions to be entered."""
    counts = np.diff(data.offsets)
    rows = len(data.lengths)
    lengths = to_bytes(data.lengths)
    container.add("rows.lengths", lengths)
    average = float(data.lengths.mean()) if rows else 0.0
    hot = np.zeros(len(counts), bool)
    if rows >= layout.hot_rows and data.weights is None:
        hot = counts * layout.hot_share >= rows
    of_hot = np.repeat(hot, counts)
    records = np.zeros((len(counts), RECORD), np.uint32)
    records[:, 0] = np.where(hot, np.cumsum(hot) - 1, np.cumsum(np.where(hot, 0, counts)) - np.where(hot, 0, counts))
    records[:, 1] = counts
    records[:, 3] = np.where(hot, HOT, 0)
    cold = ~of_hot
    weights = None if data.weights is None else data.weights[cold]
    _write_packed(container, data.rows[cold], data.frequencies[cold], weights, lengths, average)
    if hot.any():
        columns = np.repeat(np.cumsum(hot) - 1, counts)[of_hot]
        _write_columns(container, columns, data.rows[of_hot], data.frequencies[of_hot], lengths, average)
    return records


def _write_packed(
    container: ContainerWriter,
    rows: U32,
    frequencies: U32,
    weights: NDArray[np.float32] | None,
    lengths: NDArray[np.uint8],
    average: float,
) -> None:
    if frequencies.max(initial=0) >> 24:
        raise OverflowError("a term stands more than 16,777,215 times in a row")
    keys = frequencies.astype(np.uint64) << np.uint64(8) | lengths[rows]
    if weights is not None:
        keys |= weights.view(np.uint32).astype(np.uint64) << np.uint64(_WORD)
    distinct, codes = _coded(keys)
    frequency = (distinct >> np.uint64(8) & np.uint64(0xFFFFFF)).astype(np.uint32)
    length = (distinct & np.uint64(0xFF)).astype(np.uint8)
    weight = frequency if weights is None else (distinct >> np.uint64(_WORD)).astype(np.uint32).view(np.float32)
    order = np.argsort(impact(weight.astype(np.float64), LENGTHS[length].astype(np.float64), average), kind="stable")
    rank = np.empty(len(order), np.uint32)
    rank[order] = np.arange(len(order))
    container.add("codes.frequencies", frequency[order])
    container.add("codes.lengths", length[order])
    if weights is not None:
        container.add("codes.weights", weight[order].astype(np.float32))
    bits = max(len(distinct) - 1, 0).bit_length()
    kind = np.uint64 if _is_wide(bits, len(lengths)) else np.uint32
    container.add("postings.packed", rows.astype(kind) << kind(bits) | rank.astype(kind)[codes])
    container.facts["bits"] = bits


def _is_wide(bits: int, rows: int) -> bool:
    """Whether a row and a code together need more than 32 bits."""
    return bits + max(rows - 1, 0).bit_length() > _WORD


def _coded(keys: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
    """The distinct keys, and the place of each key among them."""
    if len(keys) and int(keys.max()) < 1 << 22:
        small = keys.astype(np.intp)
        distinct = np.flatnonzero(np.bincount(small))
        places = np.zeros(int(distinct[-1]) + 1, np.intp)
        places[distinct] = np.arange(len(distinct))
        return distinct.astype(np.uint64), places[small]
    unique, inverse = np.unique(keys, return_inverse=True)
    return unique, inverse.reshape(-1)


def _write_columns(
    container: ContainerWriter,
    columns: NDArray[np.intp],
    rows: U32,
    frequencies: U32,
    lengths: NDArray[np.uint8],
    average: float,
) -> None:
    levels = _levels(min(int(frequencies.max()), _EXCEPTION), average)
    known = np.minimum(frequencies, len(levels)) - 1
    level = levels[known, lengths[rows]]
    level[frequencies > len(levels)] = _EXCEPTION
    table = np.zeros((int(columns[-1]) + 1, len(lengths)), np.uint8)
    table[columns, rows] = level
    beyond = level == _EXCEPTION
    container.add("hot.columns", table.reshape(-1))
    container.add("hot.levels", levels.reshape(-1))
    exceptions = np.stack([columns[beyond].astype(np.uint32), rows[beyond], frequencies[beyond]], axis=1)
    container.add("hot.exceptions", exceptions.reshape(-1))


def _levels(most: int, average: float) -> NDArray[np.uint8]:
    """The level of each frequency from 1 to ``most`` (axis 0) in a row of each length byte (axis 1)."""
    frequency = np.arange(1, most + 1, dtype=np.float64)[:, None]
    scores = impact(frequency, np.maximum(LENGTHS, 1)[None, :].astype(np.float64), average)
    levels = np.ceil(scores / scores.max() * (_EXCEPTION - 1)).astype(np.int64)
    for f in range(1, most):
        np.maximum(levels[f], levels[f - 1] + 1, out=levels[f])
    capped: NDArray[np.uint8] = np.minimum(levels, _EXCEPTION).astype(np.uint8)
    return capped


def check_order(starts: U32, counts: NDArray[np.int64], whole: int) -> None:
    """``ValueError`` where stretches do not follow each other from the begin of an array to its end."""
    ends = np.cumsum(counts)
    if (starts != ends - counts).any() or int(counts.sum()) != whole:
        raise ValueError("its terms are not in the order of what they lead to")


def check_rows(records: U32, rows: U32, most: int) -> None:
    """``ValueError`` where a term's rows are not ascending, or not among the first ``most``."""
    new = np.zeros(len(rows), bool)
    new[(np.cumsum(records[:, 1], dtype=np.int64) - records[:, 1])[records[:, 1] > 0]] = True
    if rows.max(initial=0) >= max(most, 1) or not (new[1:] | (rows[1:] > rows[:-1])).all():
        raise ValueError("the rows of a term are not in order")


class Postings:
    """The postings of a field in a mapped file."""

    def __init__(self, container: Container, terms: int, rows: int) -> None:
        self._container = container
        self.rows = rows
        self._lengths = container.array("rows.lengths", "u1")
        self._records = container.array("postings.records", "u4")
        self._bits = bits if type(bits := container.facts.get("bits")) is int else -1
        self._packed = container.array("postings.packed", "u8" if _is_wide(self._bits, self.rows) else "u4")
        self._frequencies = container.array("codes.frequencies", "u4")
        self._weights = container.get("codes.weights", "f4")
        if len(self._lengths) != rows:
            container.fail(f"it has {len(self._lengths)} rows, not {rows}")
        if not 0 <= self._bits <= _WORD or len(self._records) != RECORD * terms:
            container.fail("its postings contradict its terms")
        if self._weights is not None and len(self._weights) != len(self._frequencies):
            container.fail("its codes contradict each other")
        self._of_level: NDArray[np.uint32] | None = None

    def lengths(self) -> U32:
        """The length of each row, rounded down as ``lengths`` says."""
        return LENGTHS[self._lengths.all()]

    def length(self, row: int) -> int:
        """The length of one row."""
        return int(LENGTHS[self._lengths.at(row)])

    def record(self, ordinal: int) -> Record:
        """What is known of a term."""
        start, count, positions, flags = self._records.part(RECORD * ordinal, RECORD * ordinal + RECORD).tolist()
        return Record(start, count, positions, flags)

    def read(self, record: Record) -> tuple[U32, U32]:
        """A term's rows, ascending, and its frequency in each."""
        if record.flags & HOT:
            return self._from_column(record)
        packed = self._packed.part(record.start, record.start + record.rows)
        return self._row_of(packed), self._of_codes(self._frequencies, packed)

    def records(self) -> U32:
        """The records of all terms (shape: terms × 4)."""
        return self._records.all().reshape(-1, RECORD)

    def all(self) -> tuple[U32, U32, NDArray[np.float32] | None]:
        """The rows and frequencies of one term after the other, and weights where those are not the frequencies.

        Raises ``ValueError`` or ``IndexError`` where the arrays contradict each other.
        """
        records = self.records()
        counts = records[:, 1].astype(np.int64)
        hot = (records[:, 3] & HOT) > 0
        packed = self._packed.all()
        check_order(records[~hot, 0], counts[~hot], len(packed))
        if counts.max(initial=0) > self.rows:
            raise ValueError("a term stands in more rows than there are")
        every = self._shifted(packed)
        if self._weights is not None or not hot.any():
            weights = None if self._weights is None else self._of_codes(self._weights, packed)
            return every, self._of_codes(self._frequencies, packed), weights
        rows, frequencies = np.empty((2, int(counts.sum())), np.uint32)
        cold = np.repeat(~hot, counts)
        rows[cold] = every
        frequencies[cold] = self._of_codes(self._frequencies, packed)
        ends = np.cumsum(counts)
        for ordinal in np.flatnonzero(hot).tolist():
            of_term = slice(ends[ordinal] - counts[ordinal], ends[ordinal])
            rows[of_term], frequencies[of_term] = self.read(self.record(ordinal))
        return rows, frequencies, None

    def weights(self, record: Record) -> NDArray[np.float32]:
        """A term's weight in each of its rows."""
        if self._weights is None:
            return self.read(record)[1].astype(np.float32)
        packed = self._packed.part(record.start, record.start + record.rows)
        return self._of_codes(self._weights, packed)

    def _shifted(self, packed: NDArray[Any]) -> U32:
        rows: U32 = packed >> packed.dtype.type(self._bits)
        return rows.astype(np.uint32, copy=False)

    def _row_of(self, packed: NDArray[Any]) -> U32:
        rows = self._shifted(packed)
        # Who reads the rows' slots or texts is led by them.
        if not len(rows) or rows[-1] >= self.rows or (rows[1:] <= rows[:-1]).any():
            self._container.fail("the rows of a term are not in order, or not its own")
        return rows

    def _of_codes(self, array: Array, packed: NDArray[Any]) -> NDArray[Any]:
        codes = (packed & packed.dtype.type((1 << self._bits) - 1)).astype(np.intp)
        try:
            values: NDArray[Any] = array.all()[codes]
        except IndexError as error:
            self._container.fail("a code of its postings stands for nothing", error)
        return values

    def _from_column(self, record: Record) -> tuple[U32, U32]:
        columns = self._container.array("hot.columns", "u1")
        column = columns.part(record.start * self.rows, (record.start + 1) * self.rows)
        rows = np.flatnonzero(column)
        if len(rows) != record.rows:
            self._container.fail("the column of a term has not as many rows as its record")
        levels = column[rows].astype(np.intp)
        frequencies = self._levels()[levels << 8 | self._lengths.all()[rows]]
        beyond = levels == _EXCEPTION
        if beyond.any():
            frequencies[beyond] = self._exceptions(record.start, rows[beyond])
        return rows.astype(np.uint32), frequencies

    def _exceptions(self, column: int, rows: NDArray[np.intp]) -> U32:
        """The frequencies in some rows of a column, each beyond the levels."""
        table = self._container.array("hot.exceptions", "u4").all()
        exceptions = table[: len(table) // 3 * 3].reshape(-1, 3)
        of_column = exceptions[exceptions[:, 0] == column]
        places = np.searchsorted(of_column[:, 1], rows)
        if len(places) and (places[-1] >= len(of_column) or (of_column[places, 1] != rows).any()):
            self._container.fail("a frequency beyond its levels is told nowhere")
        frequencies: U32 = of_column[places, 2]
        return frequencies

    def _levels(self) -> U32:
        """The frequency that a level stands for in a row of a length, at level * 256 + length byte."""
        if self._of_level is None:
            levels = self._container.array("hot.levels", "u1").all()
            if len(levels) % 256:
                self._container.fail("its levels are cut off")
            levels = levels.reshape(-1, 256)
            table = np.zeros((256, 256), np.uint32)
            for f in reversed(range(len(levels))):
                table[levels[f], np.arange(256)] = f + 1
            self._of_level = table.reshape(-1)
        return self._of_level
