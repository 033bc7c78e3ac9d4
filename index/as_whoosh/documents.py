"""What a segment keeps by rows, as Whoosh reads it: lengths, columns, stored values; and which rows are deleted."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.as_whoosh.formats import dtype_of
from index.as_whoosh.store import Rows
from index.whoosh_api import base, columns

if TYPE_CHECKING:
    from index.as_whoosh.codec import Segment


class PerDocumentReader(base.PerDocumentReader):
    """What a segment keeps by rows: lengths, columns, stored values; and which rows are deleted."""

    def __init__(self, rows: Rows, segment: Segment) -> None:
        self._opened: Rows | None = rows
        self._segment = segment

    @property
    def _rows(self) -> Rows:
        assert self._opened is not None, "the reader is closed"
        return self._opened

    def close(self) -> None:
        """Lets go of the arrays."""
        self._opened = None
        self.__dict__.pop("_lengths", None)

    def doc_count(self) -> int:
        """Rows that are not deleted."""
        return self.doc_count_all() - self._segment.deleted_count()

    def doc_count_all(self) -> int:
        """Rows."""
        return self._segment.doc_count_all()

    def has_deletions(self) -> bool:
        """Whether rows are deleted."""
        return bool(self._segment.has_deletions())

    def is_deleted(self, docnum: int) -> bool:
        """Whether a row is deleted."""
        return self._segment.is_deleted(docnum)

    def deleted_docs(self) -> frozenset[int]:
        """The deleted rows."""
        return self._segment.deleted_docs()

    def supports_columns(self) -> bool:
        """Yes."""
        return True

    def has_column(self, fieldname: str) -> bool:
        """Whether the segment has a column."""
        return self._rows.has_column(fieldname)

    def column_reader(self, fieldname: str, column: Any) -> ColumnReader:
        """A column's values by row."""
        if not self._rows.has_column(fieldname):
            raise KeyError(f"no column {fieldname}")
        return ColumnReader(self._rows.column(fieldname, dtype_of(column)), self.doc_count_all(), column)

    @cached_property
    def _lengths(self) -> dict[str, NDArray[np.uint32]]:
        return {}

    def _of(self, fieldname: str) -> NDArray[np.uint32]:
        if fieldname not in self._lengths:
            field = self._rows.fields.get(fieldname)
            self._lengths[fieldname] = np.zeros(0, np.uint32) if field is None else field.lengths()
        return self._lengths[fieldname]

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """A field's length in a row; ``default`` where it has none there."""
        lengths = self._of(fieldname)
        return (int(lengths[docnum]) if len(lengths) else 0) or default

    def field_length(self, fieldname: str) -> int:
        """A field's length over all rows."""
        return int(self._of(fieldname).sum(dtype=np.int64))

    def min_field_length(self, fieldname: str) -> int:
        """A field's least length."""
        lengths = self._of(fieldname)
        return int(lengths.min()) if len(lengths) else 0

    def max_field_length(self, fieldname: str) -> int:
        """A field's greatest length."""
        return int(self._of(fieldname).max(initial=0))

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """What is kept of a row."""
        return self._rows.stored(docnum)


class ColumnReader(columns.ColumnReader):
    """A column's values by row, and the keys that sort by it."""

    def __init__(self, kept: Any, rows: int, column: Any) -> None:
        self._kept = kept
        self._doccount = rows
        self._is_of_bits = isinstance(column, columns.BitColumn)
        self._reverse = False

    def __getitem__(self, docnum: int) -> Any:
        value = self._kept[docnum]
        if isinstance(value, bytes):
            return value
        return bool(value) if self._is_of_bits else value.item()

    def sort_key(self, docnum: int) -> Any:
        """What a row sorts by: a number's negative, where the order is reversed."""
        value = self[docnum]
        if self._is_of_bits:
            return int(value ^ self._reverse)
        return -value if self._reverse else value

    def set_reverse(self) -> None:
        """Reverses the order; ``NotImplementedError`` for byte strings, which Whoosh reverses itself."""
        if not isinstance(self._kept, np.ndarray):
            raise NotImplementedError("byte strings have no negative")
        self._reverse = True
