"""A sequence of terms as a word: it stands where they do at neighbouring slots, with no comma or stop between."""

from __future__ import annotations

import collections.abc
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.codec.field import Field
from index.model import Mark
from search.arrays.impacts import Values
from search.arrays.sets import Rows, among, distinct
from search.arrays.together import following
from search.arrays.words import Places, Word

_APART = Mark.COMMA | Mark.STOP


class Sequence(Word):
    """The words of one field one after the other; it has no postings of its own, but is asked as if it had."""

    def __init__(self, words: collections.abc.Sequence[Word], field: Field) -> None:
        self._words = words
        self._field = field
        self._impacts = words[0]._impacts
        self._slices = words[0]._slices
        self.kernels = words[0].kernels
        self.of = words[0].of
        self.hot = self.streams = False

    @cached_property
    def _all(self) -> Places:
        return self._standing(None)

    def _standing(self, rows: Rows | None) -> Places:
        starts, of = following(self._words, rows)
        slots = self._field.slots
        assert slots is not None, "a field of words has slots"
        marks = slots.all_marks()
        for i in range(1, len(self._words)):
            together = (marks[starts + i] & _APART) == 0
            starts, of = starts[together], of[together]
        return Places(starts, starts + len(self._words), of)

    @property
    def count(self) -> int:  # type: ignore[override]
        """In how many rows it stands, deleted ones among them."""
        return len(self.rows)

    @cached_property
    def rows(self) -> Rows:
        """The rows in which it stands."""
        return distinct(self._all.rows)

    @cached_property
    def _values(self) -> Values:
        bounds = self._all.rows.searchsorted(self.rows, side="left")
        frequencies = np.diff(bounds, append=len(self._all.rows)).astype(np.uint32)
        return self._impacts.of(frequencies, self._field.length_bytes().take(self.rows))

    def saturations(self, rows: Rows) -> Values:
        """What BM25 gives it in some rows; 0 where it does not stand."""
        if rows is self.rows:
            return self._values
        found = np.zeros(len(rows))
        standing = np.flatnonzero(self.stands(rows))
        found[standing] = self._values[self.rows.searchsorted(rows[standing])]
        return found

    def stands(self, rows: Rows) -> NDArray[np.bool_]:
        """Whether it stands in each of some rows."""
        return among(rows, self.rows)

    def strongest(self, count: int) -> Rows:
        """Rows where it gives most, at most so many."""
        if len(self.rows) <= count:
            return self.rows
        return self.rows[np.sort(self._values.argpartition(len(self.rows) - count)[-count:])]

    def champions(self) -> NDArray[Any] | None:
        """None are set apart."""
        return None

    @property
    def most(self) -> float:
        """A bound of its saturations."""
        return float(self._values.max(initial=0.0))

    def places(self, rows: Rows | None = None) -> Places:
        """Where it stands, in all rows or in some."""
        return self._all if rows is None else self._standing(rows)

    def at(self, slots: NDArray[np.int64]) -> NDArray[np.bool_] | None:
        """Not known without its places."""
        return None

    def followed_by(self, other: Word) -> Rows | None:
        """Not listed."""
        return None
