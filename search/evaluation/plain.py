"""The baseline: BM25 over whole documents, any word of the query, each counted once.

With k1 = 1.2, b = 0.75 and Lucene's idf (``search.ranking`` has the formula), over exact lengths.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from search.evaluation.terms import Terms

K1 = 1.2
B = 0.75


class Bm25:
    """The points of every term in every document that has it, worked out beforehand."""

    def __init__(self, terms: Terms) -> None:
        self._documents = len(terms.counts)
        self._places = {name: place for place, name in enumerate(terms.names)}
        rows = np.repeat(np.arange(self._documents), terms.counts)
        cells, frequencies = np.unique(terms.tokens * self._documents + rows, return_counts=True)
        of_terms, self._rows = np.divmod(cells, max(1, self._documents))
        self._bounds = np.searchsorted(of_terms, np.arange(len(terms.names) + 1))
        found_in = np.diff(self._bounds)
        idf = np.log(1 + (self._documents - found_in + 0.5) / (found_in + 0.5))
        relative = terms.counts / max(1.0, terms.counts.mean()) if self._documents else terms.counts
        norms = K1 * (1 - B + B * relative[self._rows])
        self._points: NDArray[np.float64] = idf[of_terms] * frequencies * (K1 + 1) / (frequencies + norms)

    def scores(self, words: Sequence[str]) -> NDArray[np.float64]:
        """The points of every document; 0 where it has none of the words."""
        total = np.zeros(self._documents)
        for word in dict.fromkeys(words):
            place = self._places.get(word)
            if place is not None:
                part = slice(self._bounds[place], self._bounds[place + 1])
                total[self._rows[part]] += self._points[part]
        return total

    def best(self, words: Sequence[str], count: int) -> list[int]:
        """The places of the best documents that have any of the words; of equal ones the first."""
        scores = self.scores(words)
        order = np.argsort(-scores, kind="stable")[:count]
        found: list[int] = order[scores[order] > 0].tolist()
        return found
