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
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.arrays.impacts import Values
from search.arrays.orders import best, lowest
from search.arrays.sets import NONE, Rows, alive, union
from search.arrays.together import rows_of
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
        self.alternatives = len(alternatives)
        self.words = [pair for alternative in alternatives for pair in alternative]
        self.count = sum([word.count for word, _ in self.words])
        self.hot = any(word.hot for word, _ in self.words)
        self.kernels = self.words[0][0].kernels

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

    @cached_property
    def full(self) -> float:
        """What it gives at most where columns are taken at their highest level."""
        return max(sum(_full(word) * factor for word, factor in alternative) for alternative in self._alternatives)

    def add_bounds(self, sums: NDArray[np.unsignedinteger[Any]], scale: float) -> None:
        """Adds for each row of the segment a bound of what it gives, times ``scale``, as a whole number."""
        if len(self.words) == 1 and self.hot:
            word, factor = self.words[0]
            self.kernels.add_column(sums, word.column, sums.dtype.type(int(factor * word.most_a_level * scale) + 1))
        else:
            sums += self._bounds(scale, sums.dtype)

    def _bounds(self, scale: float, kind: np.dtype[np.unsignedinteger[Any]]) -> NDArray[np.unsignedinteger[Any]]:
        best: NDArray[np.unsignedinteger[Any]] | None = None
        # Those with columns first: a word without one changes few rows.
        for alternative in sorted(self._alternatives, key=lambda pairs: not any(word.hot for word, _ in pairs)):
            total: NDArray[np.unsignedinteger[Any]] | None = None
            for word, factor in sorted(alternative, key=lambda pair: not pair[0].hot):
                if word.hot:
                    points = word.column * kind.type(int(factor * word.most_a_level * scale) + 1)
                    total = points if total is None else total + points
                    continue
                values = (word.saturations(word.rows) * (factor * scale) + 1).astype(kind)
                if total is not None:
                    total[word.rows] += values
                elif best is not None and len(alternative) == 1:
                    best[word.rows] = np.maximum(best[word.rows], values)
                else:
                    total = np.zeros(word.of, kind)
                    total[word.rows] = values
            if total is not None:
                best = total if best is None else np.maximum(best, total, out=best)
        assert best is not None, "a concept has a word"
        return best

    def rows(self, most: int) -> Rows:
        """The rows where it stands."""
        return rows_of((word for word, _ in self.words), most)

    def strongest(self, count: int, most: int) -> Rows:
        """Rows that have its best postings, about as many as asked of each word."""
        return union([word.strongest(count) for word, _ in self.words], most)


def _full(word: Word) -> float:
    return 255 * word.most_a_level if word.hot else word.most


class Best:
    """The best rows for some concepts, of which ``needed`` must stand; ``live`` (a bool a row) are those asked for."""

    def __init__(self, concepts: Sequence[Concept], most: int, live: Bools | None = None, needed: int = 1) -> None:
        self._concepts = concepts
        self._most = most
        self._live = live
        self._needed = needed

    def scored(self, count: int, floor: float = 0.0) -> list[tuple[int, float]]:
        """The best ``count`` rows and their scores, best first, of equal ones the lower row; see ``rows``."""
        if self._live is None and len(self._concepts) == 1 and len(self._concepts[0].words) == 1:
            word, factor = self._concepts[0].words[0]
            known = word.best(count)
            if known is not None:
                scores = word.values_of(known) * factor
                return list(zip(word.rows_of(known).tolist(), scores.tolist(), strict=True))
        rows, found = self._found(count, floor)
        scores = self._sum(rows) if found is None else found
        order = best(scores, count)
        return list(zip(rows[order].tolist(), scores[order].tolist(), strict=True))

    def rows(self, count: int, floor: float = 0.0) -> Rows:
        """The best ``count`` rows (all, where there are fewer), and some that are nearly as good.

        Rows below ``floor`` may be left out. Ties with the last of the best are among them.
        """
        return self._found(count, floor)[0]

    def _found(self, count: int, floor: float) -> tuple[Rows, Values | None]:
        """The rows, and their scores where those were summed in the order of the concepts."""
        if len(self._concepts) < self._needed:
            return NONE, None
        if len(self._concepts) == 1 and len(self._concepts[0].words) == 1:
            return self._of_one(*self._concepts[0].words[0], count)
        if not any(concept.hot for concept in self._concepts):
            postings = sum([concept.count for concept in self._concepts])
            if postings <= max(_FEW, count):
                rows, scores = self._by_sums(self._concepts, 0.0)
                return (rows, scores) if self._needed == 1 else (self._enough(rows), None)
        least = max(self._threshold(count), floor) * _SLACK
        concepts = sorted(self._concepts, key=lambda concept: concept.bound)
        # What the first so many give together at most: in whole sums, since a difference of sums is not exactly 0.
        together = [0.0, *accumulate(concept.bound for concept in concepts)]
        if together[-1] < least:
            return NONE, None
        others = min(bisect_left(together, least, lo=1) - 1, len(concepts) - 1)
        if any(concept.hot for concept in concepts[others:]):
            rows = self._by_bounds(concepts[others:], concepts[:others], least)
            scores, others = np.zeros(len(rows)), len(concepts)
        else:
            rows, scores = self._by_sums(concepts[others:], least - together[others])
        for left in reversed(range(others)):
            scores += concepts[left].scores(rows)
            if self._needed == 1:
                least = max(least, lowest(scores, count) * _SLACK)
            kept = np.flatnonzero(scores >= least - together[left])
            if len(kept) < len(rows):
                rows, scores = rows[kept], scores[kept]
        return self._enough(rows), None

    def _sum(self, rows: Rows) -> Values:
        """What rows are given, concept by concept."""
        scores = np.zeros(len(rows))
        for concept in self._concepts:
            scores += concept.scores(rows)
        return scores

    def _of_one(self, word: Word, factor: float, count: int) -> tuple[Rows, Values]:
        """The best rows of a single word."""
        if word.hot:
            rows = alive(word.strongest(count), self._live)
            rows = word.from_level(lowest(word.saturations(rows), count) * _SLACK)
        else:
            rows = word.rows
        rows = alive(rows, self._live)
        scores = factor * word.saturations(rows)
        if len(rows) <= count:
            return rows, scores
        kept = np.flatnonzero(scores >= lowest(scores, count))
        return rows[kept], scores[kept]

    def _threshold(self, count: int) -> float:
        """A score that the best ``count`` rows have, or 0."""
        rows = union([concept.strongest(count, self._most) for concept in self._concepts], self._most)
        return lowest(self._sum(self._enough(alive(rows, self._live))), count)

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
        each = []
        sums = _scratch(self._most, 0)
        try:
            for concept in essential:
                rows, points = self._points(concept)
                each.append(rows)
                concept.kernels.add(sums, rows, points)
            found = union([rows[sums[rows] >= least] for rows in each], self._most)
            return found, sums[found]
        finally:
            for rows in each:
                sums[rows] = 0.0

    def _points(self, concept: Concept) -> tuple[Rows, Values]:
        """The rows where a concept stands, and what it gives there."""
        rows = alive(concept.rows(self._most), self._live)
        if len(concept.words) == 1 or len(concept.words) > concept.alternatives:
            return rows, concept.scores(rows)
        # Each alternative is a word of one field: the strongest is found where they stand, not looked up in all rows.
        strongest = _scratch(self._most, 1)
        try:
            for word, factor in concept.words:
                own = word.rows
                strongest[own] = np.maximum(strongest[own], factor * word.saturations(own))
            return rows, strongest[rows]
        finally:
            for word, _ in concept.words:
                strongest[word.rows] = 0.0

    def _by_bounds(self, essential: Sequence[Concept], rest: Sequence[Concept], least: float) -> Rows:
        """The rows that may have ``least``: what columns give at most is summed for all rows at once."""
        laid_out = [concept for concept in (*rest, *essential) if concept.hot]
        listed = [concept for concept in essential if not concept.hot]
        coming = sum(concept.bound for concept in rest if not concept.hot)
        full = sum(concept.full for concept in laid_out) + sum(concept.bound for concept in listed)
        kind = np.uint16 if sum(len(concept.words) for concept in self._concepts) <= _WORDS else np.uint32
        scale = _STEPS / full
        sums = np.zeros(self._most, kind)
        for concept in laid_out:
            concept.add_bounds(sums, scale)
        for concept in listed:
            rows, points = self._points(concept)
            concept.kernels.add(sums, rows, (points * scale + 1).astype(kind))
        wanted = max(1, int((least - coming) * scale * _SLACK))
        return alive(np.flatnonzero(sums >= kind(wanted)), self._live) if wanted <= np.iinfo(kind).max else NONE


class _Scratch(threading.local):
    """Zeros, several arrays of a thread, which whoever takes them leaves as zeros."""

    def __init__(self) -> None:
        self.of: dict[int, Values] = {}


_kept = _Scratch()


def _scratch(most: int, which: int) -> Values:
    """So many zeros; an array is as large as the largest segment that was asked."""
    kept = _kept.of.get(which)
    if kept is None or len(kept) < most:
        kept = _kept.of[which] = np.zeros(most)
    return kept[:most]
