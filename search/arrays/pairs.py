"""In which rows of a segment a pair of characters stands, old forms folded: each spelling that the grams have of it."""

from __future__ import annotations

import numpy as np

from search.arrays.segments import Searched
from search.arrays.sets import Rows, alive, union
from search.pairs import spellings


class PairRows:
    """The rows of the pairs that one question asks for, each read once."""

    def __init__(self, searched: Searched) -> None:
        self._grams = searched.segment.grams
        self._rows = searched.rows
        self._live = searched.live
        self._known: dict[str, Rows] = {}

    def having(self, pair: str) -> Rows:
        """The rows, not deleted, that have a pair in any field."""
        rows = self._known.get(pair)
        if rows is None:
            each = [self._grams.having([spelling]) for spelling in spellings(pair)]
            found = [rows.astype(np.intp) for rows in each if len(rows)]
            rows = self._known[pair] = alive(union(found, self._rows), self._live)
        return rows

    def standing(self, pair: str) -> int:
        """In how many rows a pair stands."""
        return len(self.having(pair))
