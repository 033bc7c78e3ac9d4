"""The columns of a generation: which rows pass filters, in which order they stand, how many have which value.

Answers for all rows at once what ``search.fields`` says of one document. Rows are those of the generation, deleted ones
too. A field's columns are put together from the segments when it is first asked for, and kept.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from index.codec.stretches import bounds
from index.scalars import Scalar, order
from index.writers.columns import Column
from index.writers.embedded import Generation, Passages
from search.fields import Counted, Filter, number, range_of

_KEPT = 16
"""Fields whose columns are kept in memory, at 8 bytes for each document and for each of its values, with the values.

As many answers to filters are kept, at a byte a row."""


class Columns:
    """The values of all documents by the names of their fields, from any number of threads.

    A field that no document has is no error: nothing passes its filters, all rows are equal in its order, none counts.
    """

    def __init__(self, generation: Generation) -> None:
        self._generation = generation
        self._kept: dict[str, Column | None] = {}
        self._masks: dict[tuple[Filter, ...], NDArray[np.bool_]] = {}

    def has(self, name: str) -> bool:
        """Whether a document that is not deleted has a value of a field."""
        return any(_has(segment, name) for segment in self._generation.segments)

    def names(self) -> list[str]:
        """The names of the fields that documents have values of, in order."""
        names = {name for segment in self._generation.segments for name in segment.kept.columns.names}
        return [name for name in sorted(names) if self.has(name)]

    def mask(self, filters: Sequence[Filter]) -> NDArray[np.bool_]:
        """Whether each row meets, of each field that is asked for, at least one filter."""
        key = tuple(filters)
        kept = self._masks
        if key not in kept:
            if len(kept) >= _KEPT:
                kept = self._masks = {}
            kept[key] = self._mask(filters)
        return kept[key]

    def _mask(self, filters: Sequence[Filter]) -> NDArray[np.bool_]:
        passing = np.ones(self._firsts[-1], np.bool_)
        for field in dict.fromkeys(filter_.field for filter_ in filters):
            passing &= self._meeting(field, [filter_.value for filter_ in filters if filter_.field == field])
        return passing[self._documents]

    def ranks(self, field: str, descending: bool = False) -> NDArray[np.int64]:
        """Each row's place in the order of a field, equal where the values are; of several the first in it counts.

        Rows without a value come last, in either direction.
        """
        column = self._column(field)
        if column is None:
            return np.zeros(len(self._generation), np.int64)
        starts = column.starts
        having = np.flatnonzero(np.diff(starts))
        ranks = np.full(self._firsts[-1], len(column.values), np.int64)
        if descending:
            ranks[having] = len(column.values) - 1 - column.codes[starts[having + 1] - 1]
        else:
            ranks[having] = column.codes[starts[having]]
        return ranks[self._documents]

    def facet(self, field: str, rows: NDArray[np.int64], most: int | None = None) -> list[Counted]:
        """How many of some rows have each value of a field, ``most`` of them: the most frequent first, then in order.

        Values that none of the rows has are not told.
        """
        column = self._column(field)
        if column is None:
            return []
        of_each = np.bincount(self._documents[rows], minlength=self._firsts[-1])
        weights = np.repeat(of_each, np.diff(column.starts))
        counts = np.bincount(column.codes, weights, len(column.values)).astype(np.int64)
        found = np.flatnonzero(counts)
        kept = found[np.argsort(-counts[found], kind="stable")][:most]
        return [(column.values[code], count) for code, count in zip(kept.tolist(), counts[kept].tolist(), strict=True)]

    @cached_property
    def _firsts(self) -> NDArray[np.int64]:
        """Where the documents of each segment begin among all; at last how many there are."""
        return bounds(np.array([len(segment.kept.numbers()) for segment in self._generation.segments], np.int64))

    @cached_property
    def _documents(self) -> NDArray[np.int64]:
        """The document of each row, as its place among those of all segments."""
        each = zip(self._generation.segments, self._firsts.tolist(), strict=False)
        return np.concatenate(
            [np.empty(0, np.int64), *(segment.kept.places().astype(np.int64) + first for segment, first in each)]
        )

    def _meeting(self, field: str, typed: Sequence[str]) -> NDArray[np.bool_]:
        """Whether each document has a value of a field that one of some filters asks for."""
        meeting = np.zeros(self._firsts[-1], np.bool_)
        column = self._column(field)
        if column is not None:
            asked = np.zeros(len(column.values), np.bool_)
            for each in typed:
                for start, end in spans(column.values, each):
                    asked[start:end] = True
            of = np.repeat(np.arange(len(meeting)), np.diff(column.starts))
            meeting[of[asked[column.codes]]] = True
        return meeting

    def _column(self, name: str) -> Column | None:
        """A field over all segments; None where none has it."""
        kept = self._kept
        if name not in kept:
            if len(kept) >= _KEPT:
                kept = self._kept = {}
            kept[name] = self._joined(name)
        return kept[name]

    def _joined(self, name: str) -> Column | None:
        segments = self._generation.segments
        columns = [segment.kept.column(name) for segment in segments]
        found = [column for column in columns if column is not None]
        if not found or len(segments) == 1:
            return found[0] if found else None
        places = sorted({order(value) for column in found for value in column.values})
        code = {place: i for i, place in enumerate(places)}
        counts, codes = [], []
        for column, documents in zip(columns, np.diff(self._firsts).tolist(), strict=True):
            if column is None:
                counts.append(np.zeros(documents, np.int64))
            else:
                counts.append(np.diff(column.starts))
                codes.append(np.array([code[order(value)] for value in column.values], np.int64)[column.codes])
        return Column([value for _, value in places], bounds(np.concatenate(counts)), np.concatenate(codes))


def _has(segment: Passages, name: str) -> bool:
    starts = segment.kept.columns.starts(name)
    if starts is None or not segment.facts.deleted:
        return starts is not None and bool(starts[-1])
    live = segment.kept.places()[segment.alive()]
    return bool((starts[live.astype(np.int64) + 1] > starts[live]).any())


def spans(values: Sequence[Scalar], typed: str) -> Iterator[tuple[int, int]]:
    """Which of some values in their order are what a filter asks for, as stretches ``values[start:end]``."""
    exactly: list[Scalar] = [typed]
    value = number(typed)
    if value is not None:
        exactly.append(value)
    if typed in ("true", "false"):
        exactly.append(typed == "true")
    for scalar in exactly:
        yield bisect_left(values, order(scalar), key=order), bisect_right(values, order(scalar), key=order)
    asked = range_of(typed)
    if asked is None:
        return
    if not asked.low and not asked.high:
        yield 0, len(values)
        return
    strings, booleans = (bisect_left(values, kind, key=lambda value: order(value)[0]) for kind in (1, 2))
    if asked.of_numbers:
        least = 0 if asked.least is None else bisect_left(values, asked.least, 0, strings)
        most = strings if asked.most is None else bisect_right(values, asked.most, 0, strings)
        yield least, max(least, most)
    first = bisect_left(values, asked.low, strings, booleans)
    size = len(asked.high)
    last = booleans if not size else bisect_right(values, asked.high, first, booleans, key=lambda v: str(v)[:size])
    yield first, last
