"""Postings: which rows a term stands in, and how often.

    rows.lengths          u1  each row's length, as ``lengths`` has it
    postings.records      u4  four numbers a term: where its postings start, how many, where its positions start, flags
    postings.packed       u4  row << bits | code, ascending; u8 where the two need more than 32 bits (``codes``)
    hot.columns           u1  for each term in many rows, whose start is the number of its column: a level for each row,
                              0 for none
    hot.levels            u1  the level of frequency f in a row of length byte l, at (f - 1) * 256 + l, rising with f;
                              255 is said of frequencies beyond
    hot.exceptions        u4  column, row and frequency of each level 255, sorted

Flags: 1 a column; 2 to 32 are those of ``positions``; from 64 on, the number of the term's ``champions`` and one more,
0 where it has none.
"""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.codec.champions import MANY, Champions, best
from index.codec.codes import Coded, Codes, is_wide, packed, scores_of
from index.codec.container import Container, ContainerWriter
from index.codec.fields import U32, FieldData, Layout, impact
from index.codec.lengths import LENGTHS, to_bytes

HOT = 1
RECORD = 4
FLAGS = 63
"""The flags without the number of champions."""
_CHAMPIONS = 6
"""Bits of flags below that number."""
_EXCEPTION = 255
_RECORD = struct.Struct("<4I")


class Record(NamedTuple):
    """What is known of a term without reading its postings; ``champions`` is the number of its list, -1 for none."""

    ordinal: int
    start: int
    rows: int
    positions: int
    flags: int
    champions: int


def write_postings(container: ContainerWriter, data: FieldData, layout: Layout) -> U32:
    """Adds the structure but for the records, which are returned (shape: terms × 4) for positions to be entered."""
    counts = np.diff(data.offsets)
    rows = len(data.lengths)
    lengths = to_bytes(data.lengths)
    container.add("rows.lengths", lengths)
    average = float(data.lengths.mean()) if rows else 0.0
    container.facts["average"] = average
    hot = np.zeros(len(counts), bool)
    if rows >= layout.hot_rows and data.weights is None:
        hot = counts * layout.hot_share >= rows
    of_hot = np.repeat(hot, counts)
    records = np.zeros((len(counts), RECORD), np.uint32)
    records[:, 0] = np.where(hot, np.cumsum(hot) - 1, np.cumsum(np.where(hot, 0, counts)) - np.where(hot, 0, counts))
    records[:, 1] = counts
    records[:, 3] = np.where(hot, HOT, 0)
    listed = np.empty(0, np.intp)
    if data.dense and data.weights is None:
        listed = np.flatnonzero(counts >= max(layout.champion_rows, MANY))
        records[listed, 3] |= np.arange(1, len(listed) + 1, dtype=np.uint32) << np.uint32(_CHAMPIONS)
    _write_packed(container, data, ~of_hot, listed, Coded.of_field(data, lengths, average))
    if hot.any():
        columns = np.repeat(np.cumsum(hot) - 1, counts)[of_hot]
        _write_columns(container, columns, data.rows[of_hot], data.frequencies[of_hot], lengths, average)
    return records


def _write_packed(
    container: ContainerWriter, data: FieldData, cold: NDArray[np.bool_], listed: NDArray[np.intp], coded: Coded
) -> None:
    """Adds the postings of the terms without a column, the champions of those listed, and the codes of both."""
    of_cold, of_best = coded.of[cold], np.empty(0, np.uint32)
    if len(listed):
        places = best(data.offsets, listed, coded).reshape(-1)
        of_best = coded.of[places]
    used = np.zeros(len(coded.scores), bool)
    used[of_cold] = True
    used[of_best] = True
    codes, bits = coded.write(container, used)
    wide = is_wide(bits, len(data.lengths))
    container.add("postings.packed", packed(data.rows[cold], codes[of_cold], bits, wide=wide))
    if len(listed):
        container.add("champions.packed", packed(data.rows[places], codes[of_best], bits, wide=wide))


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
        self.codes = Codes(container, rows)
        self.champions = Champions(container, self.codes)
        self._packed = container.array("postings.packed", self.codes.kind)
        if len(self._lengths) != rows:
            container.fail(f"it has {len(self._lengths)} rows, not {rows}")
        if len(self._records) != RECORD * terms:
            container.fail("its postings contradict its terms")
        self._checked = bytearray(terms)
        self._of_level: U32 | None = None

    def lengths(self) -> U32:
        """The length of each row, rounded down as ``lengths`` says."""
        return LENGTHS[self._lengths.all()]

    def length_bytes(self) -> NDArray[np.uint8]:
        """The byte that stands for the length of each row."""
        return self._lengths.all()

    def length(self, row: int) -> int:
        """The length of one row."""
        return int(LENGTHS[self._lengths.at(row)])

    def record(self, ordinal: int) -> Record:
        """What is known of a term."""
        start, count, positions, flags = self._records.unpacked(_RECORD, ordinal)
        return Record(ordinal, start, count, positions, flags & FLAGS, (flags >> _CHAMPIONS) - 1)

    def best(self, ordinal: int) -> NDArray[Any] | None:
        """A term's champions, as they are packed; None where it has none."""
        number = (self._records.unpacked(_RECORD, ordinal)[3] >> _CHAMPIONS) - 1
        return self.champions.read(number) if number >= 0 else None

    def packed(self, record: Record) -> NDArray[Any]:
        """The postings of a term without a column, as they are packed; what they say is checked once."""
        found = self._packed.part(record.start, record.start + record.rows)
        if not self._checked[record.ordinal]:
            rows = self.codes.check(found)
            # Who reads the rows' slots or texts is led by them.
            if (rows[1:] <= rows[:-1]).any():
                self._container.fail("the rows of a term are not in order, or not its own")
            self._checked[record.ordinal] = 1
        return found

    def column(self, record: Record) -> NDArray[np.uint8]:
        """The column of a term that has one; that it has as many rows as the record says is checked once."""
        columns = self._container.array("hot.columns", "u1")
        column = columns.part(record.start * self.rows, (record.start + 1) * self.rows)
        if not self._checked[record.ordinal]:
            if np.count_nonzero(column) != record.rows:
                self._container.fail("the column of a term has not as many rows as its record")
            self._checked[record.ordinal] = 1
        return column

    def read(self, record: Record) -> tuple[U32, U32]:
        """A term's rows, ascending, and its frequency in each."""
        if record.flags & HOT:
            return self._from_column(record)
        packed = self.packed(record)
        return self.codes.rows(packed), self.codes.frequencies(packed)

    def records(self) -> U32:
        """The records of all terms, their flags without champions (shape: terms × 4)."""
        records: U32 = self._records.all().reshape(-1, RECORD).copy()
        records[:, 3] &= FLAGS
        return records

    def counts(self, first: int, end: int) -> U32:
        """How many rows each of the terms from ``first`` to before ``end`` stands in."""
        counts: U32 = self._records.part(first * RECORD, end * RECORD).reshape(-1, RECORD)[:, 1]
        return counts

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
        every = self.codes.rows(packed)
        if self.codes.weighted or not hot.any():
            weights = self.codes.weights(packed) if self.codes.weighted else None
            return every, self.codes.frequencies(packed), weights
        rows, frequencies = np.empty((2, int(counts.sum())), np.uint32)
        cold = np.repeat(~hot, counts)
        rows[cold] = every
        frequencies[cold] = self.codes.frequencies(packed)
        ends = np.cumsum(counts)
        for ordinal in np.flatnonzero(hot).tolist():
            of_term = slice(ends[ordinal] - counts[ordinal], ends[ordinal])
            rows[of_term], frequencies[of_term] = self.read(self.record(ordinal))
        return rows, frequencies, None

    def weights(self, record: Record) -> NDArray[np.float32]:
        """A term's weight in each of its rows."""
        if not self.codes.weighted:
            return self.read(record)[1].astype(np.float32)
        return self.codes.weights(self.packed(record))

    def _from_column(self, record: Record) -> tuple[U32, U32]:
        column = self.column(record)
        rows = np.flatnonzero(column > 0)
        levels = column[rows].astype(np.intp)
        frequencies = self.levels()[levels << 8 | self._lengths.all()[rows]]
        beyond = levels == _EXCEPTION
        if beyond.any():
            frequencies[beyond] = self.exceptions(record, rows[beyond])
        return rows.astype(np.uint32), frequencies

    def exceptions(self, record: Record, rows: NDArray[Any]) -> U32:
        """The frequencies in some ascending rows of a column, where its level is 255."""
        table = self._container.array("hot.exceptions", "u4").all()
        exceptions = table[: len(table) // 3 * 3].reshape(-1, 3)
        of_column = exceptions[exceptions[:, 0] == record.start]
        places = np.searchsorted(of_column[:, 1], rows)
        if len(places) and (places[-1] >= len(of_column) or (of_column[places, 1] != rows).any()):
            self._container.fail("a frequency beyond its levels is told nowhere")
        frequencies: U32 = of_column[places, 2]
        return frequencies

    def levels(self) -> U32:
        """The frequency that a level stands for in a row of a length, at level << 8 | length byte."""
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

    def overrated(self, ordinal: int) -> bool:
        """Whether a term's champions are others than its best postings."""
        champions = self.best(ordinal)
        if champions is None:
            return False
        rows, frequencies = self.read(self.record(ordinal))
        scores = scores_of(frequencies, self.length_bytes()[rows], self.codes.average)
        first = np.lexsort((rows, -scores))[:MANY]
        said = np.stack([self.codes.rows(champions), *(of[self.codes.codes(champions)] for of in self.codes.table())])
        right = np.stack([rows[first], frequencies[first], self.length_bytes()[rows[first]]])
        return not np.array_equal(said, right)
