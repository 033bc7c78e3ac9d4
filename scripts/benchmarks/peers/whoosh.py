"""Whoosh as it comes: its own codec, its own matchers."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from benchmarks.given import Given
from benchmarks.peers import GROUP, Found, Peer


class Whoosh(Peer):
    """Positions, texts stored; one segment."""

    name = "Whoosh"
    slow = True

    def index(self, given: Given) -> None:
        """One writer with memory enough for all of it, so that passages stay in order."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from whoosh.analysis import SpaceSeparatedTokenizer
            from whoosh.fields import ID, STORED, TEXT, Schema
            from whoosh.index import create_in

            schema = Schema(body=TEXT(analyzer=SpaceSeparatedTokenizer()), group=ID, text=STORED)
            writer = create_in(self.folder, schema).writer(limitmb=1024)
            for row in given.rows():
                writer.add_document(body=" ".join(row.terms), group=str(row.group), text=row.text)
            writer.commit(optimize=True)

    def open(self, given: Given) -> None:
        """A searcher with BM25."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from whoosh import query
            from whoosh.index import open_dir
            from whoosh.scoring import BM25F

            self._query = query
            self._searcher = open_dir(self.folder).searcher(weighting=BM25F(B=0.75, K1=1.2))

    def retrieve(self, kind: str, terms: Sequence[str], k: int = 10, *, filtered: bool = False) -> Found:
        """Its own query objects."""
        made = self._query
        if kind == "phrase":
            query = made.Phrase("body", list(terms))
        else:
            each = [made.Term("body", term) for term in terms]
            query = each[0] if len(each) == 1 else (made.And if kind == "and" else made.Or)(each)
        passing = made.Term("group", str(GROUP)) if filtered else None
        results = self._searcher.search(query, limit=k, filter=passing)
        found: Found = [(number, score) for score, number in results.top_n]
        return found

    def stored(self, ids: Sequence[int]) -> list[str]:
        """Its stored fields."""
        return [self._searcher.stored_fields(number)["text"] for number in ids]

    def close(self) -> None:
        """Closes the searcher."""
        self._searcher.close()
