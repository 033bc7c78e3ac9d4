"""tantivy, through its Python package."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.given import Given
from benchmarks.peers import GROUP, Found, Peer

_HEAP = 2 << 30
"""Bytes that the writer may take; a segment that needs more is divided."""


class Tantivy(Peer):
    """Positions, texts stored; the terms joined by blanks."""

    name = "tantivy"

    def _schema(self) -> Any:
        from tantivy import SchemaBuilder

        builder = SchemaBuilder()
        builder.add_text_field("body", tokenizer_name="whitespace", index_option="position")
        builder.add_text_field("group", tokenizer_name="raw", index_option="basic")
        builder.add_bytes_field("text", stored=True)
        builder.add_integer_field("id", fast=True)
        return builder.build()

    def index(self, given: Given) -> None:
        """One thread, so that passages stay in order."""
        from tantivy import Document, Index

        writer = Index(self._schema(), path=str(self.folder)).writer(heap_size=_HEAP, num_threads=1)
        for i, row in enumerate(given.rows()):
            writer.add_document(Document(body=" ".join(row.terms), group=str(row.group), text=row.text.encode(), id=i))
        writer.commit()
        writer.wait_merging_threads()

    def open(self, given: Given) -> None:
        """Remembers which passage stands where, should there be several segments."""
        from tantivy import DocAddress, Index, Occur, Query

        self._address, self._occur, self._query = DocAddress, Occur, Query
        index = Index.open(str(self.folder))
        self._fields = index.schema
        self._searcher = index.searcher()
        self._firsts: dict[int, int] = {}
        found = self._searcher.search(Query.all_query(), limit=len(given), count=False).hits
        addresses = np.array([(address.segment_ord, address.doc) for _, address in found])
        ids = np.array(self._searcher.fast_field_values("id", [address for _, address in found]), np.int64)
        for segment in np.unique(addresses[:, 0]).tolist():
            here = addresses[:, 0] == segment
            firsts = np.unique(ids[here] - addresses[here, 1])
            if len(firsts) > 1:
                raise ValueError("tantivy has put the passages into another order")
            self._firsts[segment] = int(firsts[0])

    def retrieve(self, kind: str, terms: Sequence[str], k: int = 10, *, filtered: bool = False) -> Found:
        """A boolean or phrase query of terms."""
        if kind == "phrase" and len(terms) > 1:
            query = self._query.phrase_query(self._fields, "body", list(terms))
        else:
            join = self._occur.Must if kind == "and" else self._occur.Should
            each = [self._query.term_query(self._fields, "body", term, "freq") for term in terms]
            query = each[0] if len(each) == 1 else self._query.boolean_query([(join, one) for one in each])
        if filtered:
            group = self._query.term_query(self._fields, "group", str(GROUP), "basic")
            must = self._occur.Must
            query = self._query.boolean_query([(must, query), (must, self._query.const_score_query(group, 0.0))])
        hits = self._searcher.search(query, limit=k, count=False).hits
        return [(self._firsts[address.segment_ord] + address.doc, score) for score, address in hits]

    def stored(self, ids: Sequence[int]) -> list[str]:
        """From its store of documents."""
        texts = []
        for number in ids:
            segment = max((s for s, first in self._firsts.items() if first <= number), key=self._firsts.__getitem__)
            document = self._searcher.doc(self._address(segment, number - self._firsts[segment]))
            texts.append(bytes(document.get_first("text")).decode())
        return texts

    def close(self) -> None:
        """Nothing is to be ended."""
