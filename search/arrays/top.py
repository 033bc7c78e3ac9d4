"""The best rows of a segment for words of which any may stand, without scoring every row that has one of them.

MaxScore (Turtle and Flood, "Query evaluation: strategies and optimizations", 1995) over arrays:

1. A threshold: a score that the k-th best row has for certain, from the best postings of each concept, scored whole.
2. Concepts whose bounds together stay below it make no candidates; they are looked up where others stand.
3. The other concepts' rows, summed; over columns by whole numbers, which are bounds. What cannot reach the threshold
   with all that is still to come falls out, concept by concept.
4. What is left is scored once more in the order of the concepts, so that sums have the same bits wherever they come
   from.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from search.arrays.impacts import Values
from search.arrays.orders import best, lowest
from search.arrays.sets import NONE, Rows, union
from search.arrays.words import Word

Bools = NDArray[np.bool_]
_SLACK = 1 - 1e-9
"""Sums in another order differ by less."""
_FEW = 4_000
"""Postings that are all summed: a threshold would cost more."""
_STEPS = 60_000
_WORDS = 20
"""What the bounds of a row sum up to at most, as whole numbers; so many words are summed in 16 bits."""


class Concept:
    """A concept of a question in a segment: each alternative as its words, one a field, with their factors."""

    def __init__(self, alternatives: Sequence[Sequence[tuple[Word, float]]]) -> None:
        self._alternatives = alternatives
        self.words = [pair for alternative in alternatives for pair in alternative]
        self.count = sum([word.count for word, _ in self.words])
        self.hot = any(word.hot for word, _ in self.words)

    @cached_property
    def bound(self) -> float:
        """What it gives at most."""
        return max(sum(word.most * factor for word, factor in alternative) for alternative in self._alternatives)

    def scores(self, rows: Rows) -> Values:
        """What it gives some rows: its strongest alternative, over all fields; 0 where it does not stand."""
        best: Values | None = None
        for alternative in self._alternatives:
            total: Values | None = None
            for word, factor in alternative:
                points = factor * word.saturations(rows)
                total = points if total is None else total + points
            if total is not None:
                best = total if best is None else np.maximum(best, total)
        assert best is not None, "a concept has a word"
        return best

    def rows(self, most: int) -> Rows:
        """The rows where it stands."""
        return union([word.rows for word, _ in self.words], most)

    def strongest(self, count: int, most: int) -> Rows:
        """Rows that have its best postings, about as many as asked of each word."""
        return union([_strongest(word, count) for word, _ in self.words], most)


def _strongest(word: Word, count: int) -> Rows:
    champions = word.champions()
    if champions is not None and count <= len(champions):
        return np.sort(word.rows_of(champions))
    if word.hot:
        return _highest(word.column, count)
    packed = word.packed
    if len(packed) > 4 * count:
        values = word.values_of(packed)
        packed = packed[np.sort(values.argpartition(len(values) - count)[-count:])]
    return word.rows_of(packed)


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


class Best:
    """The best rows for some concepts, of which ``needed`` must stand; ``live`` (a bool a row) are those asked for."""

    def __init__(self, concepts: Sequence[Concept], most: int, live: Bools | None = None, needed: int = 1) -> None:
        self._concepts = concepts
        self._most = most
        self._live = live
        self._needed = needed

    def scored(self, count: int) -> list[tuple[int, float]]:
        """The best ``count`` rows and their scores, best first, of equal ones the lower row."""
        rows = self.rows(count)
        scores = np.zeros(len(rows))
        for concept in self._concepts:
            scores += concept.scores(rows)
        order = best(scores, count)
        return list(zip(rows[order].tolist(), scores[order].tolist(), strict=True))

    def rows(self, count: int, floor: float = 0.0) -> Rows:
        """The best ``count`` rows (all, where there are fewer), and some that are nearly as good.

        Rows below ``floor`` may be left out. Ties with the last of the best are among them.
        """
        if len(self._concepts) < self._needed:
            return NONE
        if len(self._concepts) == 1 and len(self._concepts[0].words) == 1:
            return self._of_one(*self._concepts[0].words[0], count)
        few = sum([concept.count for concept in self._concepts]) <= max(_FEW, count)
        least = 0.0 if few else max(self._threshold(count), floor) * _SLACK
        concepts = self._concepts if few else sorted(self._concepts, key=lambda concept: concept.bound)
        coming, others = 0.0, 0
        while others < len(concepts) - 1 and coming + concepts[others].bound < least:
            coming += concepts[others].bound
            others += 1
        rest, essential = concepts[:others][::-1], concepts[others:]
        if any(concept.hot for concept in essential):
            rows = self._by_bounds(essential, rest, least)
            scores, rest = np.zeros(len(rows)), concepts[::-1]
            coming = sum(concept.bound for concept in rest)
        else:
            rows, scores = self._by_sums(essential, least - coming)
        for concept in rest:
            scores += concept.scores(rows)
            coming -= concept.bound
            if self._needed == 1:
                least = max(least, lowest(scores, count) * _SLACK)
            kept = np.flatnonzero(scores >= least - coming)
            if len(kept) < len(rows):
                rows, scores = rows[kept], scores[kept]
        return self._enough(rows)

    def _of_one(self, word: Word, factor: float, count: int) -> Rows:
        """The best rows of a single word."""
        known = word.best(count) if self._live is None else None
        if known is not None:
            return known
        if word.hot:
            rows = self._alive(_strongest(word, count))
            rows = word.from_level(lowest(word.saturations(rows), count) * _SLACK)
        else:
            rows = word.rows
        rows = self._alive(rows)
        scores = word.saturations(rows)
        return rows[scores >= lowest(scores, count)]

    def _alive(self, rows: Rows) -> Rows:
        return rows if self._live is None else rows[self._live[rows]]

    def _threshold(self, count: int) -> float:
        """A score that the best ``count`` rows have, or 0."""
        rows = union([concept.strongest(count, self._most) for concept in self._concepts], self._most)
        rows = self._enough(self._alive(rows))
        scores = np.zeros(len(rows))
        for concept in self._concepts:
            scores += concept.scores(rows)
        return lowest(scores, count)

    def _enough(self, rows: Rows) -> Rows:
        """Those of some rows where as many concepts stand as must."""
        if self._needed == 1:
            return rows
        standing = np.zeros(len(rows), np.int32)
        for concept in self._concepts:
            standing += concept.scores(rows) > 0
        return rows[standing >= self._needed]

    def _by_sums(self, essential: Sequence[Concept], least: float) -> tuple[Rows, Values]:
        """The rows in which some concepts give ``least`` together, and what they give there."""
        each = [self._alive(concept.rows(self._most)) for concept in essential]
        sums = _scratch(self._most)
        try:
            for concept, rows in zip(essential, each, strict=True):
                sums[rows] += concept.scores(rows)
            found = union([rows[sums[rows] >= least] for rows in each], self._most)
            return found, sums[found]
        finally:
            for rows in each:
                sums[rows] = 0.0

    def _by_bounds(self, essential: Sequence[Concept], rest: Sequence[Concept], least: float) -> Rows:
        """The rows that may have ``least``: what columns give at most is summed for all rows at once."""
        words = [pair for concept in (*rest, *essential) for pair in concept.words]
        hot = [(word, factor * word.most_a_level) for word, factor in words if word.hot]
        cold = [(word, factor) for concept in essential for word, factor in concept.words if not word.hot]
        coming = sum(word.most * factor for concept in rest for word, factor in concept.words if not word.hot)
        full = sum(255 * unit for _, unit in hot) + sum(word.most * factor for word, factor in cold)
        kind = np.uint16 if len(words) <= _WORDS else np.uint32
        scale = _STEPS / full
        sums = np.zeros(self._most, kind)
        for word, unit in hot:
            sums += word.column * kind(int(unit * scale) + 1)
        for word, factor in cold:
            sums[word.rows] += (word.saturations(word.rows) * (factor * scale) + 1).astype(kind)
        return self._alive(np.flatnonzero(sums >= kind(max(1, int((least - coming) * scale * _SLACK)))))


class _Scratch(threading.local):
    """Zeros for each number of rows, which whoever takes them leaves as zeros."""

    def __init__(self) -> None:
        self.of: dict[int, Values] = {}


_kept = _Scratch()


def _scratch(most: int) -> Values:
    if most not in _kept.of:
        _kept.of[most] = np.zeros(most)
    return _kept.of[most]
