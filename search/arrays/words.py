"""What a segment says of a term: in which rows it stands, what BM25 gives it there, at which slots."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.codec.field import Field
from index.writers import FIELDS
from index.writers.embedded import Passages
from search.arrays.sets import Rows, among
from search.matching import Span
from search.ranking import saturation

Values = NDArray[np.float64]
_MANY = 1_000
"""Rows from which on it pays to lay a term's values out over all rows."""


class Places(NamedTuple):
    """Slots of a field, numbered over all rows of the segment: where each stretch starts, ends (exclusive), its row."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    rows: Rows


class Word:
    """A term in a field of a segment."""

    def __init__(self, field: Field, ordinal: int, average: float, most: int) -> None:
        self._field = field
        self._ordinal = ordinal
        self._average = average
        self._most = most

    @cached_property
    def _postings(self) -> tuple[Rows, NDArray[np.uint32]]:
        rows, frequencies = self._field.postings(self._ordinal)
        return rows.astype(np.intp), frequencies

    @property
    def count(self) -> int:
        """In how many rows it stands, deleted ones among them."""
        return self._field.count(self._ordinal)

    @property
    def rows(self) -> Rows:
        """The rows in which it stands."""
        return self._postings[0]

    @cached_property
    def _saturations(self) -> Values:
        """In each of its rows; always more than 0."""
        rows, frequencies = self._postings
        return saturation(frequencies.astype(np.float64), self._field.lengths()[rows].astype(np.float64), self._average)

    def saturations(self, rows: Rows) -> Values:
        """What BM25 gives it in some rows, without weight and idf; 0 where it does not stand."""
        if rows is self.rows:
            return self._saturations
        if len(rows) >= _MANY:
            laid_out = np.zeros(self._most)
            laid_out[self.rows] = self._saturations
            return laid_out[rows]
        places = self.rows.searchsorted(rows)
        values: Values = self._saturations.take(places, mode="clip")
        values *= self.rows.take(places, mode="clip") == rows
        return values

    def stands(self, rows: Rows) -> NDArray[np.bool_]:
        """Whether it stands in each of some rows."""
        if len(rows) >= _MANY:
            laid_out = np.zeros(self._most, np.bool_)
            laid_out[self.rows] = True
            return laid_out[rows]
        return among(rows, self.rows)

    def places(self, rows: Rows, starts: NDArray[np.uint32]) -> Places:
        """Where it stands in some rows; ``starts`` has the slot where each row of the segment begins."""
        own, frequencies = self._postings
        chosen = own.searchsorted(rows)
        chosen = chosen[own.take(chosen, mode="clip") == rows]
        of = np.repeat(own[chosen], frequencies[chosen])
        positions, extents = self._field.positions(self._ordinal, chosen)
        begins = starts[of].astype(np.int64) + positions
        return Places(begins, begins + (1 if extents is None else extents), of)

    def spans(self, rows: Rows) -> dict[int, list[Span]]:
        """Where it stands in each of some rows, in slots of the row."""
        own, frequencies = self._postings
        chosen = own.searchsorted(rows)
        chosen = chosen[own.take(chosen, mode="clip") == rows]
        positions, extents = self._field.positions(self._ordinal, chosen)
        ends = positions.astype(np.int64) + (1 if extents is None else extents)
        each = map(Span, positions.tolist(), ends.tolist())
        return {
            row: list(islice(each, count))
            for row, count in zip(own[chosen].tolist(), frequencies[chosen].tolist(), strict=True)
        }


class SegmentWords:
    """The terms of a segment that a question asks for, each looked up once."""

    def __init__(self, segment: Passages, averages: Mapping[str, float]) -> None:
        self.segment = segment
        self.rows = segment.rows
        self._averages = averages
        self._words: dict[tuple[str, str], Word | None] = {}
        self.alive: Rows | None = np.flatnonzero(segment.alive()) if segment.facts.deleted else None
        """The rows that are not deleted; None for all."""
        self.fields = [field for field in FIELDS if averages[field] and len(segment.fields[field].terms)]
        """Those that have any word; one that has them in deleted rows alone has no average length."""

    def word(self, field: str, term: str) -> Word | None:
        """A term in a field; None if it stands nowhere in it."""
        key = field, term
        if key not in self._words:
            self._words[key] = self._find(field, term)
        return self._words[key]

    def _find(self, field: str, term: str) -> Word | None:
        of = self.segment.fields[field]
        ordinal = of.terms.find(term.encode("utf-8", "surrogatepass")) if field in self.fields else -1
        return Word(of, ordinal, self._averages[field], self.rows) if ordinal >= 0 else None

    def words(self, term: str) -> list[Word]:
        """A term in each field that has it."""
        return [word for field in self.fields if (word := self.word(field, term)) is not None]

    def standing(self, field: str, term: str) -> int:
        """In how many rows that are not deleted a term stands."""
        word = self.word(field, term)
        if word is None:
            return 0
        return word.count if self.alive is None else int(among(word.rows, self.alive).sum())

    def starts(self, field: str) -> NDArray[np.uint32]:
        """The slot of a field where each row begins; at last their number."""
        return self.segment.slots(field).bounds()

    def marks(self, field: str) -> NDArray[np.uint8]:
        """A byte of marks for each slot of a field."""
        return self.segment.slots(field).all_marks()
