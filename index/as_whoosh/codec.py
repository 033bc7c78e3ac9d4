"""Whoosh's codec over the arrays of a segment, and the segment as Whoosh knows one.

Vectors are not kept: Whoosh lets a codec say so (``has_vector``), and what would read one reads the stored text.
A field's length is what ``index.codec.lengths`` makes of it, wherever a score takes it.
"""

from __future__ import annotations

from typing import Any

from index.as_whoosh.collecting import FieldWriter, PerDocumentWriter
from index.as_whoosh.documents import PerDocumentReader
from index.as_whoosh.terms import TermsReader
from index.codec.contents import SegmentFacts
from index.whoosh_api import base


class Codec(base.Codec):
    """Reads segments through a storage that opens their rows; what it writes stays in memory until a commit."""

    def terms_reader(self, storage: Any, segment: Any) -> TermsReader:
        """The terms of a segment."""
        return TermsReader(storage.rows(segment))

    def per_document_reader(self, storage: Any, segment: Any) -> PerDocumentReader:
        """What a segment keeps by rows."""
        return PerDocumentReader(storage.rows(segment), segment)

    def per_document_writer(self, storage: Any, segment: Any) -> PerDocumentWriter:
        """Collects what is kept by rows."""
        return PerDocumentWriter()

    def field_writer(self, storage: Any, segment: Any) -> FieldWriter:
        """Collects postings."""
        return FieldWriter()

    def new_segment(self, storage: Any, indexname: str) -> Segment:
        """A segment without rows."""
        return Segment(SegmentFacts("new", 0), self)


class Segment(base.Segment):
    """A segment of a table of contents, with the rows deleted from it."""

    def __init__(self, facts: SegmentFacts, codec: Codec) -> None:
        self.indexname = ""
        self.name = facts.name  # which is the segment's id where there is one
        self.compound = False
        self._codec = codec
        self._rows = facts.rows
        self._deleted = set(facts.deleted)
        self.changes = 0
        """How often rows were deleted or brought back."""

    def facts(self) -> SegmentFacts:
        """What the table of contents says of it."""
        return SegmentFacts(self.name, self._rows, tuple(sorted(self._deleted)))

    def codec(self) -> Codec:
        """Its codec."""
        return self._codec

    def doc_count_all(self) -> int:
        """Its rows, deleted ones too."""
        return self._rows

    def set_doc_count(self, count: int) -> None:
        """Says how many rows it has."""
        self._rows = count

    def deleted_count(self) -> int:
        """How many rows are deleted."""
        return len(self._deleted)

    def deleted_docs(self) -> frozenset[int]:
        """The deleted rows."""
        return frozenset(self._deleted)

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        """Deletes a row, or takes that back."""
        if not 0 <= docnum < self._rows:
            raise IndexError(f"segment {self.name} has no row {docnum}")
        self.changes += 1
        if delete:
            self._deleted.add(docnum)
        else:
            self._deleted.discard(docnum)

    def is_deleted(self, docnum: int) -> bool:
        """Whether a row is deleted."""
        return docnum in self._deleted

    def should_assemble(self) -> bool:
        """No: each file is mapped by itself."""
        return False
