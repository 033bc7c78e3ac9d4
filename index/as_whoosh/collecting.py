"""What Whoosh's writers hand over of a segment, collected until a commit."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.as_whoosh import values
from index.as_whoosh.formats import dtype_of
from index.as_whoosh.store import SegmentData
from index.codec.fields import FieldData
from index.errors import UsageError
from index.whoosh_api import base, columns


class PerDocumentWriter(base.PerDocumentWriter):
    """Collects what is kept by rows."""

    def __init__(self) -> None:
        self.stored: list[bytes] = []
        self.lengths: dict[str, dict[int, int]] = {}
        self.columns: dict[str, tuple[Any, dict[int, Any]]] = {}
        self.is_closed = False
        self._row = 0
        self._values: dict[str, Any] = {}
        self._new_lengths: dict[str, int] = {}
        self._new_columns: dict[str, tuple[Any, Any]] = {}

    def start_doc(self, docnum: int) -> None:
        """Begins a row; one begun before and not finished is given up."""
        self._row = docnum
        self._values, self._new_lengths, self._new_columns = {}, {}, {}

    def add_field(self, fieldname: str, fieldobj: Any, value: Any, length: int) -> None:
        """Takes a field's stored value, if any, and its length."""
        if value is not None:
            self._values[fieldname] = value
        if length:
            self._new_lengths[fieldname] = length

    def add_column_value(self, fieldname: str, columnobj: Any, value: Any) -> None:
        """Takes a column's value; ``UsageError`` for one that it cannot hold."""
        if not _holds(columnobj, value):
            raise UsageError(f"the column {fieldname} cannot hold {str(value)[:40]!r}")
        self._new_columns[fieldname] = columnobj, value

    def add_vector_items(self, fieldname: str, fieldobj: Any, items: Any) -> None:
        """Vectors are not kept."""
        raise NotImplementedError("this codec keeps no vectors")

    def finish_doc(self) -> None:
        """Ends a row."""
        self.stored.append(values.encode(self._values))
        for name, length in self._new_lengths.items():
            self.lengths.setdefault(name, {})[self._row] = length
        for name, (column, value) in self._new_columns.items():
            self.columns.setdefault(name, (column, {}))[1][self._row] = value

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """A length that was taken."""
        return self.lengths.get(fieldname, {}).get(docnum, default)

    def close(self) -> None:
        """Nothing more comes."""
        self.is_closed = True

    def enter(self, data: SegmentData, names: dict[str, int], fields: Any) -> None:
        """Enters it all in a segment; ``names`` are the numbers of the fields, ``fields`` those of the schema."""
        rows = data.rows = len(self.stored)
        data.stored = self.stored
        for name, field in fields.items():
            if field.column_type is not None:
                column, given = self.columns.get(name, (field.column_type, {}))
                default = column.default_value()
                each = [given.get(row, default) for row in range(rows)]
                dtype = dtype_of(column)
                if dtype is None:
                    data.strings[names[name]] = each
                else:
                    data.numbers[names[name]] = np.array(each, dtype)


def _holds(column: Any, value: Any) -> bool:
    if not isinstance(column, columns.NumericColumn):
        return isinstance(column, columns.BitColumn) or type(value) is bytes
    if column._typecode in "fd":
        return type(value) in (int, float)
    bits, signed = 8 * struct.calcsize(column._typecode), column._typecode.islower()
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    return type(value) is int and low <= value <= high


class FieldWriter(base.FieldWriter):
    """Collects postings, in the order of fields and terms."""

    def __init__(self) -> None:
        self.fields: dict[str, _Postings] = {}
        self.is_closed = False

    def start_field(self, fieldname: str, fieldobj: Any) -> None:
        """Begins a field."""
        self._field = self.fields[fieldname] = _Postings(fieldobj.format)

    def start_term(self, text: bytes) -> None:
        """Begins a term."""
        self._field.start(text)

    def add(self, docnum: int, weight: float, vbytes: bytes, length: int) -> None:
        """Takes a posting."""
        self._field.add(docnum, weight, vbytes)

    def finish_term(self) -> None:
        """Ends a term."""

    def close(self) -> None:
        """Nothing more comes."""
        self.is_closed = True

    def enter(self, data: SegmentData, names: dict[str, int], lengths: dict[str, dict[int, int]]) -> None:
        """Enters it all in a segment."""
        for name, postings in self.fields.items():
            of_rows = np.zeros(data.rows, np.uint32)
            known = lengths.get(name, {})
            of_rows[list(known)] = list(known.values())
            data.fields[names[name]] = postings.data(of_rows)


class _Postings:
    """The postings of a field."""

    def __init__(self, format_: Any) -> None:
        self._format = format_
        self._has_positions = format_.supports("positions")
        self._terms: list[bytes] = []
        self._offsets: list[int] = []
        self._rows: list[int] = []
        self._frequencies: list[int] = []
        self._weights: list[float] = []
        self._positions: list[bytes] = []

    def start(self, term: bytes) -> None:
        self._terms.append(term)
        self._offsets.append(len(self._rows))

    def add(self, row: int, weight: float, value: bytes) -> None:
        if len(self._rows) > self._offsets[-1] and self._rows[-1] == row:
            return  # a number that a row has twice
        self._rows.append(row)
        self._weights.append(weight)
        self._frequencies.append(self._format.decode_frequency(value))
        if self._has_positions:
            self._positions.append(value)

    def data(self, lengths: NDArray[np.uint32]) -> FieldData:
        frequencies = np.array(self._frequencies, np.uint32)
        weights = np.array(self._weights, np.float32)
        return FieldData(
            terms=self._terms,
            offsets=np.array([*self._offsets, len(self._rows)], np.int64),
            rows=np.array(self._rows, np.uint32),
            frequencies=frequencies,
            lengths=lengths,
            positions=np.frombuffer(b"".join(self._positions), "<u4") if self._has_positions else None,
            weights=None if np.array_equal(weights, frequencies) else weights,
        )
