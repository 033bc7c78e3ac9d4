"""What a segment says of a term: in which rows it stands, what BM25 gives it there, at which slots."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.codec.field import Field
from index.codec.positions import STREAM
from index.codec.postings import HOT
from index.codec.stretches import numbers
from search.arrays.impacts import Impacts, Values
from search.arrays.kernels import Kernels
from search.arrays.sets import NONE, Rows
from search.matching import Span
from search.ranking import K1

_BEYOND = 255
_SPARSE = 10
"""Rows are gone through one by one if they are less than this part of all."""
_PIECE = 1 << 18
"""Slots that are looked at together."""


class Places(NamedTuple):
    """Slots of a field, numbered over all rows of the segment: where each stretch starts, ends (exclusive), its row."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    rows: Rows


class _Slice(NamedTuple):
    """All slots of some rows, their symbols in the stream, and the row of each."""

    slots: NDArray[np.int64]
    symbols: NDArray[np.uint8]
    rows: Rows


class Slices:
    """The slots of a field by rows; those last asked for are kept, since words are looked for in the same rows."""

    def __init__(self, field: Field, kernels: Kernels) -> None:
        self._field = field
        self.kernels = kernels
        self._rows: Rows | None = None
        self._slice: _Slice | None = None

    @property
    def symbols(self) -> NDArray[np.uint8]:
        """The stream."""
        symbols = self._field.stream()
        assert symbols is not None, "a term of the stream has one"
        return symbols

    @property
    def firsts(self) -> NDArray[np.uint32]:
        """The slot where each row begins; at last how many there are."""
        slots = self._field.slots
        assert slots is not None, "a field of words has slots"
        return slots.bounds()

    def standing(self, wanted: NDArray[np.bool_]) -> NDArray[np.int64]:
        """All slots with one of the symbols that are wanted (of 256)."""
        symbols, table = self.symbols, wanted.tobytes()
        # Bytes are translated in half the time that numpy takes.
        parts = [
            np.flatnonzero(np.frombuffer(symbols[start : start + _PIECE].tobytes().translate(table), np.bool_)) + start
            for start in range(0, len(symbols), _PIECE)
        ]
        return np.concatenate([NONE, *parts])

    def within(self, rows: Rows, wanted: NDArray[np.bool_]) -> tuple[NDArray[np.int64], Rows]:
        """The slots of some rows that have one of the symbols that are wanted, and the row of each."""
        if self.kernels.compiled:
            return self.kernels.in_stream(self.symbols, self.firsts, rows, wanted)
        every, symbols, of = self._of(rows)
        hits = np.flatnonzero(wanted[symbols])
        return every[hits], of[hits]

    def _of(self, rows: Rows) -> _Slice:
        if rows is not self._rows or self._slice is None:
            starts = self.firsts[rows]
            sizes = self.firsts[rows + 1] - starts
            slots = numbers(starts, sizes)
            self._rows, self._slice = rows, _Slice(slots, self.symbols[slots], np.repeat(rows, sizes))
        return self._slice


class Word:
    """A term in a field of a segment; what is read of it is read once."""

    def __init__(self, field: Field, ordinal: int, impacts: Impacts, slices: Slices, most: int) -> None:
        self._field = field
        self._slices = slices
        self.kernels = slices.kernels
        self._impacts = impacts
        self.of = most
        """How many rows the segment has."""
        self._rows: Rows | None = None
        self._saturations: Values | None = None
        self._packed: NDArray[Any] | None = None
        self._column: NDArray[np.uint8] | None = None
        self.record = record = field.record(ordinal)
        self.count = record.rows
        """In how many rows it stands, deleted ones among them."""
        self.hot = bool(record.flags & HOT)
        """Whether it stands in so many that it has a column over all rows."""
        self.streams = bool(record.flags & STREAM)
        """Whether its slots are told by the stream of all slots alone."""

    @property
    def packed(self) -> NDArray[Any]:
        """Its postings, a row and below it a code in one number, if it is not hot."""
        if self._packed is None:
            self._packed = self._field.packed(self.record)
        return self._packed

    @property
    def column(self) -> NDArray[np.uint8]:
        """A level for each row, if it is hot."""
        if self._column is None:
            self._column = self._field.column(self.record)
        return self._column

    def rows_of(self, packed: NDArray[Any]) -> Rows:
        """The rows of postings."""
        rows: Rows = (packed >> self._impacts.shift).astype(np.intp)
        return rows

    def values_of(self, packed: NDArray[Any]) -> Values:
        """What BM25 gives for postings."""
        codes = packed & self._impacts.mask
        values: Values = self._impacts.of_code.take(codes.astype(np.intp) if self._impacts.wide else codes)
        return values

    @property
    def rows(self) -> Rows:
        """The rows in which it stands."""
        if self._rows is None:
            self._rows = np.flatnonzero(self.column > 0) if self.hot else self.rows_of(self.packed)
        return self._rows

    def saturations(self, rows: Rows) -> Values:
        """What BM25 gives it in some rows, without weight and idf; 0 where it does not stand."""
        if rows is self._rows:
            if self._saturations is None:
                self._saturations = self._of_column(rows) if self.hot else self.values_of(self.packed)
            return self._saturations
        if self.hot:
            return self._of_column(rows)
        of = self._impacts
        return self.kernels.of_postings(self.packed, of.shift, of.mask, of.of_code, rows, self.of)

    def _of_column(self, rows: Rows) -> Values:
        lengths = self._field.length_bytes()
        values, any_beyond = self.kernels.of_column(self.column, lengths, self._impacts.of_level, rows)
        if any_beyond:
            beyond = np.flatnonzero(self.column.take(rows) == _BEYOND)
            values[beyond] = self._beyond(rows[beyond])
        return values

    def _beyond(self, rows: Rows) -> Values:
        frequencies = self._field.exceptions(self.record, rows)
        return self._impacts.of(frequencies, self._field.length_bytes().take(rows))

    def stands(self, rows: Rows) -> NDArray[np.bool_]:
        """Whether it stands in each of some rows."""
        if self.hot:
            return self.column.take(rows) > 0
        return self.kernels.has_posting(self.packed, self._impacts.shift, rows, self.of)

    def strongest(self, count: int) -> Rows:
        """Rows that have its best postings, about so many."""
        champions = self.champions()
        if champions is not None and count <= len(champions):
            return np.sort(self.rows_of(champions))
        if self.hot:
            return _highest(self.column, count)
        packed = self.packed
        if len(packed) > 4 * count:
            values = self.values_of(packed)
            packed = packed[np.sort(values.argpartition(len(values) - count)[-count:])]
        return self.rows_of(packed)

    def champions(self) -> NDArray[Any] | None:
        """Its best postings by the average of the file, packed, the best first; None where it has none set apart."""
        return self._field.champions(self.record.ordinal)

    @property
    def most(self) -> float:
        """A bound of its saturations."""
        champions = self.champions()
        if champions is None:
            return K1 + 1 if self.hot else float(self.values_of(self.packed).max(initial=0.0))
        return float(self._impacts.of_filed[champions[0] & self._impacts.mask]) * self._impacts.stretch

    def best(self, count: int) -> NDArray[Any] | None:
        """Its best postings, packed, the best first, of equal ones the lower row; None if so many are not set apart."""
        champions = self.champions()
        if champions is None or count > len(champions) or not self._impacts.as_filed:
            return None
        return champions[:count]

    def from_level(self, least: float) -> Rows:
        """The rows whose levels may stand for a saturation, if it is hot."""
        level = int(self._impacts.most_up_to.searchsorted(least))
        return np.flatnonzero(self.column >= max(1, level))

    @property
    def most_a_level(self) -> float:
        """A bound of what each level of its column gives, times which it is one of the whole."""
        return self._impacts.most_a_level

    # Where it stands.

    def places(self, rows: Rows | None = None) -> Places:
        """Where it stands, in all rows or in some."""
        if self.streams:
            return self._in_stream(rows)
        own = self.rows
        chosen = None
        if rows is not None:
            chosen = own.searchsorted(rows)
            chosen = chosen[own.take(chosen, mode="clip") == rows]
        frequencies, positions, extents = self._field.places(self.record, chosen)
        of = np.repeat(own if chosen is None else own[chosen], frequencies)
        begins = self.firsts[of].astype(np.int64) + positions
        return Places(begins, begins + (1 if extents is None else extents), of)

    @property
    def firsts(self) -> NDArray[np.uint32]:
        """The slot where each row begins; at last how many slots there are."""
        return self._slices.firsts

    def _in_stream(self, rows: Rows | None) -> Places:
        wanted = self._field.stream_set(self.record)
        if rows is not None and (self.kernels.compiled or len(rows) * _SPARSE < self.of):
            slots, of = self._slices.within(rows, wanted)
            return Places(slots, slots + 1, of)
        slots = self._slices.standing(wanted)
        of = self.firsts.searchsorted(slots.astype(self.firsts.dtype), side="right") - 1
        if rows is not None:
            chosen = np.zeros(self.of, np.bool_)
            chosen[rows] = True
            within = chosen[of]
            slots, of = slots[within], of[within]
        return Places(slots, slots + 1, of)

    def at(self, slots: NDArray[np.int64]) -> NDArray[np.bool_] | None:
        """Whether it stands at slots of the field; None where that is not known without its places."""
        return self._field.stream_set(self.record)[self._slices.symbols[slots]] if self.streams else None

    def followed_by(self, other: Word) -> Rows | None:
        """The rows where another word of the field stands right after it; None where they are not listed."""
        if not (self.streams and other.streams):
            return None
        rows = self._field.pair(self.record.ordinal, other.record.ordinal)
        return None if rows is None else rows.astype(np.intp)

    def spans(self, rows: Rows) -> dict[int, list[Span]]:
        """Where it stands in each of some rows, in slots of the row."""
        places = self.places(rows)
        firsts = self.firsts[places.rows].astype(np.int64)
        each = zip(
            places.rows.tolist(), (places.starts - firsts).tolist(), (places.ends - firsts).tolist(), strict=True
        )
        found: dict[int, list[Span]] = {}
        for row, start, end in each:
            found.setdefault(row, []).append(Span(start, end))
        return found


def _highest(column: NDArray[np.uint8], count: int) -> Rows:
    """The rows of the highest levels that have so many rows together."""
    low, high = 1, 256
    while high - low > 1:
        middle = (low + high) // 2
        if np.count_nonzero(column >= middle) >= count:
            low = middle
        else:
            high = middle
    return np.flatnonzero(column >= low)
