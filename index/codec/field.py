"""One field of a segment: a file ``SEGMENT-NUMBER.field`` of its terms, postings and positions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.codec.container import Container, ContainerWriter
from index.codec.fields import U32, FieldData, Layout
from index.codec.leading import Leading, write_leading
from index.codec.lengths import LENGTHS, to_bytes
from index.codec.pairs import Pairs
from index.codec.positions import Positions, write_positions
from index.codec.postings import Postings, Record, check_rows, write_postings
from index.codec.slots import Slots, SlotsWriter
from index.codec.stretches import bounds
from index.codec.terms import Terms, write_terms


def write_field(file: Path, data: FieldData, layout: Layout, slots: SlotsWriter | None = None) -> None:
    """Writes the file of a field; ``slots`` are those of a field that is ``dense``."""
    with ContainerWriter(file) as container:
        write_terms(container, data.terms)
        if slots is not None:
            slots.write(container)
        records = write_postings(container, data, layout)
        write_positions(container, data, records, layout)
        write_leading(container, data)
        container.add("postings.records", records.reshape(-1))


class _Parts(NamedTuple):
    terms: Terms
    slots: Slots | None
    postings: Postings
    positions: Positions
    pairs: Pairs


class Field:
    """A field of a segment, mapped; what is in it is looked at when it is first asked for.

    ``packed``, ``column`` and ``champions`` decode nothing: what they give is as it lies in the file. That its rows and
    codes are the field's own is looked at when a term is first read.
    """

    def __init__(self, file: Path, rows: int, mend: str) -> None:
        self.container = Container(file, mend)
        self._rows = rows
        # What nothing has been read of yet may be gone through row by row; each has a byte of its length.
        if rows > self.container.size:
            self.container.fail(f"it has fewer than {rows} rows")

    @cached_property
    def _parts(self) -> _Parts:
        """All of them at once: that their rows are as many as they should be, is checked before any is used."""
        terms = Terms(self.container)
        slots = Slots(self.container, self._rows) if "slots.starts" in self.container else None
        postings = Postings(self.container, len(terms), self._rows)
        pairs = Pairs(self.container, len(terms), self._rows)
        return _Parts(terms, slots, postings, Positions(self.container, slots), pairs)

    # Cached one by one, since a query asks for them more often than for anything else.

    @cached_property
    def terms(self) -> Terms:
        """The terms."""
        return self._parts.terms

    @cached_property
    def slots(self) -> Slots | None:
        """The slots of the rows, where the field has them."""
        return self._parts.slots

    @cached_property
    def _postings(self) -> Postings:
        return self._parts.postings

    @cached_property
    def _positions(self) -> Positions:
        return self._parts.positions

    def count(self, ordinal: int) -> int:
        """How many rows a term stands in."""
        return self._postings.record(ordinal).rows

    def counts(self, first: int, end: int) -> U32:
        """How many rows each of the terms from ``first`` to before ``end`` stands in."""
        return self._postings.counts(first, end)

    def postings(self, ordinal: int) -> tuple[U32, U32]:
        """A term's rows, ascending, and its frequency in each."""
        return self._postings.read(self._postings.record(ordinal))

    def positions(self, ordinal: int, chosen: NDArray[np.intp] | None = None) -> tuple[U32, U32 | None]:
        """Where a term stands in its rows (in those at the places ``chosen``), one row after the other.

        Positions, and how many slots the term takes at each; None where it always takes one.
        """
        record = self._postings.record(ordinal)
        return self._positions.read(record, *self._postings.read(record), chosen)

    def places(self, record: Record, chosen: NDArray[np.intp] | None = None) -> tuple[U32, U32, U32 | None]:
        """A term's frequency in its rows (in those at the places ``chosen``), and what ``positions`` gives."""
        rows, frequencies = self._postings.read(record)
        found = self._positions.read(record, rows, frequencies, chosen)
        return (frequencies if chosen is None else frequencies[chosen], *found)

    def weights(self, ordinal: int) -> NDArray[np.float32]:
        """A term's weight in each of its rows."""
        return self._postings.weights(self._postings.record(ordinal))

    def length(self, row: int) -> int:
        """The length of a row, as scores take it."""
        return self._postings.length(row)

    def lengths(self) -> U32:
        """The length of each row, as scores take it."""
        return self._postings.lengths()

    def length_bytes(self) -> NDArray[np.uint8]:
        """The byte of ``lengths`` that stands for the length of each row."""
        return self._postings.length_bytes()

    def record(self, ordinal: int) -> Record:
        """What is known of a term."""
        return self._postings.record(ordinal)

    @property
    def bits(self) -> int:
        """How many bits of a packed posting, the lowest, are its code; those above are its row."""
        return self._postings.codes.bits

    @property
    def wide(self) -> bool:
        """Whether a packed posting has 8 bytes rather than 4."""
        return self._postings.codes.kind == "u8"

    @property
    def average(self) -> float:
        """The average length of a row, in slots, by which codes are in order and champions the best."""
        return self._postings.codes.average

    def codes(self) -> tuple[U32, NDArray[np.uint8]]:
        """The frequency and the length byte that each code stands for, in the order of their BM25."""
        return self._postings.codes.table()

    def champions(self, ordinal: int) -> NDArray[Any] | None:
        """A term's 16 best postings by BM25, packed, the best first, of equal ones the lower row; None without any."""
        return self._postings.best(ordinal)

    def packed(self, record: Record) -> NDArray[Any]:
        """The postings of a term without a column, packed, in the order of their rows."""
        return self._postings.packed(record)

    def column(self, record: Record) -> NDArray[np.uint8]:
        """The level of a term that has a column (``HOT``) in each row; 0 where it does not stand."""
        return self._postings.column(record)

    def levels(self) -> U32:
        """The frequency that a level stands for, at level << 8 | length byte of the row; but for level 255."""
        return self._postings.levels()

    def exceptions(self, record: Record, rows: NDArray[Any]) -> U32:
        """The frequency of a term that has a column in each of some rows, ascending, where its level is 255."""
        return self._postings.exceptions(record, rows)

    @cached_property
    def _leading(self) -> Leading:
        if self.slots is None:
            self.container.fail("it has no slots")
        return Leading(self.container, len(self.terms), len(self.slots))

    def leads(self, ordinal: int, slots: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether a term is the first of each slot's terms; of slots, numbered over all rows, at which it stands."""
        return self._leading.of(ordinal, slots)

    def stream(self) -> NDArray[np.uint8] | None:
        """A symbol for each slot of each row; None in a field without a stream."""
        return self._positions.stream()

    def stream_set(self, record: Record) -> NDArray[np.bool_]:
        """Which of the 256 symbols are those of a term of the stream (``STREAM``)."""
        return self._positions.stream_set(record)

    def pair(self, first: int, second: int) -> U32 | None:
        """The rows, ascending, in which a term stands at the slot right after another's.

        None where the pair is not among those listed, which are all of the terms ``paired``.
        """
        return self._parts.pairs.read(first, second)

    @property
    def paired(self) -> Sequence[int]:
        """The terms of the hot pairs, the most frequent first."""
        return self._parts.pairs.terms

    def terms_of(self, chosen: NDArray[np.bool_]) -> Iterator[bytes]:
        """The terms that stand in any of the rows chosen."""
        try:
            rows = self._postings.all()[0]
            counts = self._postings.records()[:, 1].astype(np.int64)
            before = np.concatenate([[0], np.cumsum(chosen[rows], dtype=np.int64)])
            ends = np.cumsum(counts)
            standing = (before[ends] - before[ends - counts]).tolist()
        except (ValueError, IndexError) as error:
            self.container.fail("its postings contradict each other", error)
        return (term for term, count in zip(self.terms, standing, strict=True) if count)

    def data(self) -> FieldData:
        """The whole field, as ``write_field`` takes it; without slots, its lengths are rounded as scores take them."""
        try:
            records = self._postings.records()
            rows, frequencies, weights = self._postings.all()
            check_rows(records, rows, self._postings.rows)
            positions, extents = self._positions.all(records, frequencies)
            leading = self._led(records, rows, frequencies, positions)
        except (ValueError, IndexError) as error:
            self.container.fail("its postings contradict each other", error)
        return FieldData(
            terms=list(self.terms),
            offsets=np.concatenate([[0], np.cumsum(records[:, 1], dtype=np.int64)]),
            rows=rows,
            frequencies=frequencies,
            lengths=self.lengths() if self.slots is None else self.slots.counts().astype(np.uint32),
            positions=positions,
            extents=extents,
            weights=weights,
            dense=self.slots is not None,
            leading=leading,
        )

    def first_terms(self) -> NDArray[np.int64]:
        """The first term of each slot; the number of terms where it has none."""
        data = self.data()
        if self.slots is None or data.positions is None or data.leading is None:
            self.container.fail("it does not say which terms lead its slots")
        first = np.full(len(self.slots), len(data.terms), np.int64)
        counts, slots = self._standing(self._postings.records(), data.rows, data.frequencies, data.positions)
        leading = data.leading & (slots < len(first))
        first[slots[leading]] = np.repeat(np.arange(len(counts)), counts)[leading]
        return first

    def _led(self, records: U32, rows: U32, frequencies: U32, positions: U32 | None) -> NDArray[np.bool_] | None:
        """What ``FieldData.leading`` says."""
        if positions is None or "leading.never" not in self.container:
            return None
        return self._leading.all(*self._standing(records, rows, frequencies, positions))

    def _standing(
        self, records: U32, rows: U32, frequencies: U32, positions: U32
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """How many slots each term stands at, and those slots of one term after the other."""
        assert self.slots is not None, "a field whose terms lead slots has them"
        ends = bounds(frequencies)[bounds(records[:, 1])]
        return np.diff(ends), np.repeat(self.slots.starts()[rows], frequencies) + positions

    def problems(self) -> Iterator[str]:
        """What of the field contradicts itself, read to its end; what no reader takes is ``DamagedIndex``."""
        yield from self.terms.problems()
        if self.slots is not None:
            lengths = LENGTHS[to_bytes(self.slots.counts().astype(np.uint32))]
            if self._postings.lengths().tolist() != lengths.tolist():
                yield "the lengths of its rows are not those of their slots"
        for ordinal in range(len(self.terms)):
            record = self._postings.record(ordinal)
            of, frequencies = self._postings.read(record)
            if self._postings.overrated(ordinal):
                yield f"the champions of {self._name(ordinal)} are not its best postings"
            if self.slots is not None:
                yield from self._misplaced(self._name(ordinal), record, of, frequencies)
        yield from self._strangers()
        yield from self._misled()

    def _misled(self) -> Iterator[str]:
        """What is wrong with what is said of the terms that lead slots."""
        if self.slots is None or "leading.never" not in self.container:
            return
        records = self._postings.records()
        rows, frequencies, _ = self._postings.all()
        positions, _ = self._positions.all(records, frequencies)
        if positions is not None:
            yield from self._leading.problems(*self._standing(records, rows, frequencies, positions))

    def _name(self, ordinal: int) -> str:
        return repr(self.terms.term(ordinal)[:40])

    def _strangers(self) -> Iterator[str]:
        """Hot pairs that do not stand where they are said to."""
        found = self._positions.following([self.record(term) for term in self.paired]) if self.paired else None
        if found is None:
            if self.paired:
                yield "its pairs are of terms that are not in its stream"
            return
        edges = bounds(found[0]).tolist()
        for number, (first, second) in enumerate(product(self.paired, repeat=2)):
            rows = self.pair(first, second)
            if rows is None or rows.tolist() != found[1][edges[number] : edges[number + 1]].tolist():
                yield f"{self._name(second)} stands after {self._name(first)} elsewhere than is said"

    def _misplaced(self, name: str, record: Record, rows: U32, frequencies: U32) -> Iterator[str]:
        """A term whose positions lie outside its rows' slots, or are not as many as its frequencies."""
        positions, extents = self._positions.read(record, rows, frequencies)
        ends = positions.astype(np.int64) + (1 if extents is None else extents)
        counts = np.repeat(self.slots.counts()[rows], frequencies) if self.slots else ends
        if len(counts) != len(ends) or (ends > counts).any():
            yield f"the positions of {name} contradict its rows"
