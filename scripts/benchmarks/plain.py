"""The plain way to the best passages: every passage scored, in the order of the numbers that a formula gives.

BM25 as ``search.ranking`` has it, over one field: with Lucene's idf, lengths rounded as ``index.codec.lengths`` does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.given import GROUPS, Given
from benchmarks.peers import GROUP, Found
from index.codec.lengths import LENGTHS, to_bytes
from search.ranking import K1, B

CLOSE = 1e-5
"""Scores that differ by no more are the same."""


class Plain:
    """The slots of each term, and the passage of each slot."""

    def __init__(self, given: Given) -> None:
        self._passages = len(given)
        self._tokens = given.tokens
        self._numbers = {term: number for number, term in enumerate(given.terms)}
        self._order = np.argsort(self._tokens, kind="stable")
        self._starts = np.searchsorted(self._tokens[self._order], np.arange(len(given.terms) + 1))
        self._row_of = np.repeat(np.arange(len(given)), given.counts)
        lengths = LENGTHS[to_bytes(np.asarray(given.counts))]
        average = len(self._tokens) / np.count_nonzero(given.counts)
        self._norms = K1 * (1 - B + B * lengths / average)
        self._wanted = np.asarray(given.documents) % GROUPS == GROUP

    def scores(self, kind: str, terms: Sequence[str], *, filtered: bool = False) -> NDArray[np.float64]:
        """The points of every passage; -1 where it is no answer."""
        total = np.zeros(self._passages)
        every = np.ones(self._passages, np.bool_)
        some = np.zeros(self._passages, np.bool_)
        for term in terms:
            frequencies = np.bincount(self._row_of[self._slots(term)], minlength=self._passages)
            has = frequencies > 0
            idf = math.log(1 + (self._passages - has.sum() + 0.5) / (has.sum() + 0.5))
            total += idf * frequencies * (K1 + 1) / (frequencies + self._norms)
            every &= has
            some |= has
        if kind == "phrase":
            every = self._in_a_row(terms)
        fits = some if kind in ("or", "term") else every
        if filtered:
            fits &= self._wanted
        total[~fits] = -1
        return total

    def _slots(self, term: str) -> NDArray[np.int64]:
        number = self._numbers.get(term)
        if number is None:
            return np.empty(0, np.int64)
        slots: NDArray[np.int64] = self._order[self._starts[number] : self._starts[number + 1]]
        return slots

    def _in_a_row(self, terms: Sequence[str]) -> NDArray[np.bool_]:
        heads = self._slots(terms[0])
        for i, term in enumerate(terms[1:], start=1):
            heads = heads[np.isin(heads + i, self._slots(term))]
        heads = heads[heads + len(terms) <= len(self._tokens)]
        heads = heads[self._row_of[heads] == self._row_of[heads + len(terms) - 1]]
        return np.bincount(self._row_of[heads], minlength=self._passages) > 0


def difference(scores: NDArray[np.float64], found: Found, k: int = 10) -> str | None:
    """What an answer has otherwise than the plain one; None for nothing.

    The same number of passages, each with its score, none left out that is better; in the order of their scores, the
    same scores in the order of their numbers.
    """
    best = np.flatnonzero(scores >= 0)
    best = best[np.lexsort((best, -scores[best]))][:k]
    if len(found) != len(best):
        return f"{len(found)} passages, not {len(best)}"
    for (passage, score), expected in zip(found, best.tolist(), strict=True):
        if abs(scores[passage] - score) > CLOSE:
            return f"passage {passage} has {score:.6f}, not {scores[passage]:.6f}"
        # Two ways to add the same numbers may put passages of nearly one score either way round.
        tied = scores[passage] == scores[expected]
        if passage != expected and (tied or abs(scores[passage] - scores[expected]) > CLOSE):
            return f"passage {passage} stands where {expected} should"
    return None
