"""A segment as questions see it: what is computed of it once, and the terms that one question asks for."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy

import numpy as np
from numpy.typing import NDArray

from index.writers import FIELDS
from index.writers.embedded import Passages
from search.arrays.impacts import Impacts
from search.arrays.kernels import PLAIN, Kernels
from search.arrays.sequences import Sequence
from search.arrays.words import Slices, Word
from search.query.plan import SEQUENCE


class Searched:
    """A segment of an open index, with what is computed of it once for all questions."""

    def __init__(self, segment: Passages, averages: Mapping[str, float], kernels: Kernels = PLAIN) -> None:
        self.segment = segment
        self.kernels = kernels
        self.rows = segment.rows
        self.live: NDArray[np.bool_] | None = segment.alive() if segment.facts.deleted else None
        """Whether each row is not deleted; None for all."""
        self.fields: list[str] = [field for field in FIELDS if averages[field] and len(segment.fields[field].terms)]
        """Those that have any word; one that has them in deleted rows alone has no average length."""
        self._impacts = {field: Impacts(segment.fields[field], averages[field]) for field in self.fields}

    def word(self, field: str, term: str, slices: Slices | None = None) -> Word | None:
        """A term in a field; None if it stands nowhere in it. ``slices`` are those that it shares with other words."""
        if field not in self._impacts:
            return None
        of = self.segment.fields[field]
        ordinal = of.terms.find(term.encode("utf-8", "surrogatepass"))
        if ordinal < 0:
            return None
        return Word(of, ordinal, self._impacts[field], slices or Slices(of, self.kernels), self.rows)


class SegmentWords:
    """The terms of a segment that a question asks for, each looked up once."""

    def __init__(self, searched: Searched) -> None:
        self._searched = searched
        self._words: dict[tuple[str, str], Word | None] = {}
        self.segment = searched.segment
        self.rows = searched.rows
        self.live = searched.live
        self.fields = searched.fields
        self._slices = {field: Slices(searched.segment.fields[field], searched.kernels) for field in self.fields}

    def within(self, fields: tuple[str, ...]) -> SegmentWords:
        """The same in some fields alone; in all, where none are named."""
        if not fields:
            return self
        narrowed = copy(self)
        narrowed.fields = [field for field in self.fields if field in fields]
        return narrowed

    def word(self, field: str, term: str) -> Word | None:
        """A term in a field; None if it stands nowhere in it."""
        if field not in self.fields:
            return None
        key = field, term
        if key not in self._words:
            self._words[key] = self._sequence(field, term) if SEQUENCE in term else self._word(field, term)
        return self._words[key]

    def _word(self, field: str, term: str) -> Word | None:
        return self._searched.word(field, term, self._slices.get(field))

    def _sequence(self, field: str, term: str) -> Sequence | None:
        words = [self.word(field, each) for each in term.split(SEQUENCE)]
        found = [word for word in words if word is not None]
        return Sequence(found, self.segment.fields[field]) if len(found) == len(words) else None

    def words(self, term: str) -> list[Word]:
        """A term in each field that has it."""
        return [word for field in self.fields if (word := self.word(field, term)) is not None]

    def standing(self, field: str, term: str) -> int:
        """In how many rows that are not deleted a term stands."""
        word = self.word(field, term)
        if word is None:
            return 0
        return word.count if self.live is None else int(np.count_nonzero(self.live[word.rows]))

    def starts(self, field: str) -> NDArray[np.uint32]:
        """The slot of a field where each row begins; at last their number."""
        return self.segment.slots(field).bounds()

    def marks(self, field: str) -> NDArray[np.uint8]:
        """A byte of marks for each slot of a field."""
        return self.segment.slots(field).all_marks()
