"""bm25s: all scores computed when indexing; with numba where that is installed. It has neither AND nor phrases."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

import numpy as np

from benchmarks.given import GROUPS, Given
from benchmarks.peers import GROUP, Found, Peer


class Bm25s(Peer):
    """Texts are kept as strings in memory, as its own corpus does."""

    name = "bm25s"
    kinds = frozenset({"term", "or"})

    def index(self, given: Given) -> None:
        """Its own index of the terms' numbers."""
        import bm25s

        made = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
        vocabulary = {term: number for number, term in enumerate(given.terms)}
        made.index(([row.numbers for row in given.rows()], vocabulary), create_empty_token=False, show_progress=False)
        made.save(str(self.folder), show_progress=False)

    def open(self, given: Given) -> None:
        """Loads it whole."""
        import bm25s

        made = bm25s.BM25.load(str(self.folder), show_progress=False)
        if find_spec("numba"):
            made.backend = "numba"
        self._index = made
        self._mask = (given.documents % GROUPS == GROUP).astype(np.float32)
        self._texts = [given.text(i) for i in range(len(given))]

    def retrieve(self, kind: str, terms: Sequence[str], k: int = 10, *, filtered: bool = False) -> Found:
        """Sums of scores; a filter is a mask over all passages."""
        mask = self._mask if filtered else None
        ids, scores = self._index.retrieve([list(terms)], k=k, show_progress=False, weight_mask=mask, n_threads=1)
        return [(i, score) for i, score in zip(ids[0].tolist(), scores[0].tolist(), strict=True) if score > 0]

    def stored(self, ids: Sequence[int]) -> list[str]:
        """From the list."""
        return [self._texts[number] for number in ids]

    def close(self) -> None:
        """Nothing is to be ended."""
