"""The rows of one segment, as the codec's classes read them; what is written of them; passages, seen the same way.

A segment that a Whoosh writer made has, beside the codec's ``SEGMENT-N.field`` of each field with terms:

    SEGMENT.stored      values: byte strings (see ``blobs``), one a row, as ``values`` encodes them
                        column.N: numbers (u8, i8, f8), one a row, of field number N
                        column.N.bytes, column.N.ends: byte strings, one a row, likewise
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.as_whoosh import values
from index.codec.blobs import Blobs, BlobsWriter
from index.codec.container import Container, ContainerWriter
from index.codec.contents import SegmentFacts
from index.codec.field import Field, write_field
from index.codec.fields import FieldData, Layout
from index.codec.mapped import Array
from index.codec.offsets import Offsets
from index.codec.segment import field_file, stored_file
from index.writers.embedded import Passages
from index.writers.segment import DOCUMENT, SEGMENT_FIELDS

_BLOCK = 16_384
DOCUMENT_NUMBER = "document_number"


class Bytes(Protocol):
    """Byte strings by row."""

    def __getitem__(self, row: int) -> bytes: ...


class Rows(Protocol):
    """The rows of a segment."""

    @property
    def rows(self) -> int:
        """How many there are."""

    @property
    def fields(self) -> Mapping[str, Field]:
        """Those that have terms."""

    def stored(self, row: int) -> dict[str, Any]:
        """What is kept of a row."""

    def has_column(self, name: str) -> bool:
        """Whether the segment has a column."""

    def column(self, name: str, dtype: str | None) -> NDArray[Any] | Bytes:
        """The values of a column that it has: numbers of a type, or (None) byte strings."""


@dataclass(slots=True)
class SegmentData:
    """A segment that is to be written; fields by their numbers, columns too."""

    rows: int = 0
    fields: dict[int, FieldData] = field(default_factory=dict)
    numbers: dict[int, NDArray[Any]] = field(default_factory=dict)
    strings: dict[int, Sequence[bytes]] = field(default_factory=dict)
    stored: list[bytes] = field(default_factory=list)


def write_segment(folder: Path, name: str, data: SegmentData, layout: Layout) -> None:
    """Writes the files of a segment."""
    for number, content in data.fields.items():
        write_field(field_file(folder, name, number), content, layout)
    kept = BlobsWriter(_BLOCK)
    for blob in data.stored:
        kept.append(blob)
    with ContainerWriter(stored_file(folder, name)) as container:
        kept.write(container, "values")
        for number, column in data.numbers.items():
            container.add(f"column.{number}", column)
        for number, strings in data.strings.items():
            container.add(f"column.{number}.bytes", np.frombuffer(b"".join(strings), np.uint8))
            ends = np.cumsum(np.fromiter(map(len, strings), np.uint64, len(strings)), dtype=np.uint64)
            container.add(f"column.{number}.ends", ends)


class _Strings:
    def __init__(self, content: Array, ends: Array) -> None:
        self._content = content
        self._ends = Offsets(ends, len(content))

    def __getitem__(self, row: int) -> bytes:
        return self._content.part(*self._ends.of(row)).tobytes()


class GeneralRows:
    """Rows that a Whoosh writer wrote. ``files`` are those that the manifest names."""

    def __init__(
        self, folder: Path, facts: SegmentFacts, names: Sequence[str], files: frozenset[str], mend: str
    ) -> None:
        self.rows = facts.rows
        self._numbers = {name: number for number, name in enumerate(names)}
        paths = {name: field_file(folder, facts.name, number) for name, number in self._numbers.items()}
        self.fields = {name: Field(path, facts.rows, mend) for name, path in paths.items() if path.name in files}
        self._container = Container(stored_file(folder, facts.name), mend)
        self._values = Blobs(self._container, "values")
        if len(self._values) != facts.rows:
            self._container.fail(f"it has {len(self._values)} rows, not {facts.rows}")

    def stored(self, row: int) -> dict[str, Any]:
        """What is kept of a row."""
        try:
            return values.decode(self._values[row])
        except ValueError as error:
            self._container.fail(f"row {row} cannot be read", error)

    def has_column(self, name: str) -> bool:
        """Whether the segment has a column."""
        key = f"column.{self._numbers.get(name)}"
        return key in self._container or f"{key}.ends" in self._container

    def column(self, name: str, dtype: str | None) -> NDArray[Any] | Bytes:
        """The values of a column that it has: numbers of a type, or (None) byte strings."""
        key = f"column.{self._numbers.get(name)}"
        if dtype is not None:
            return self._whole(self._container.array(key, dtype)).all()
        ends = self._whole(self._container.array(f"{key}.ends", "u8"))
        return _Strings(self._container.array(f"{key}.bytes", "u1"), ends)

    def _whole(self, array: Array) -> Array:
        if len(array) != self.rows:
            self._container.fail("a column has another number of rows")
        return array


class PassageRows:
    """Passages as rows: their fields of words, the ids of their documents, and what is kept of them by name."""

    def __init__(self, folder: Path, facts: SegmentFacts, names: Sequence[str], mend: str) -> None:
        self.passages = Passages(folder, facts, tuple(names), mend)
        self.rows = facts.rows
        self.fields: Mapping[str, Field] = {name: self.passages.fields[name] for name in SEGMENT_FIELDS}

    def stored(self, row: int) -> dict[str, Any]:
        """The passage's document, its place there, and its texts."""
        kept = self.passages.kept.read(row)
        return {
            DOCUMENT: kept.document,
            "path": kept.path,
            "ordinal": kept.ordinal,
            "start": kept.start,
            "end": kept.end,
            **kept.texts,
        }

    def has_column(self, name: str) -> bool:
        """Whether it is that of the documents' numbers."""
        return name == DOCUMENT_NUMBER

    def column(self, name: str, dtype: str | None) -> NDArray[Any]:
        """The numbers of the passages' documents, the one column there is."""
        kept = self.passages.kept
        return kept.numbers()[kept.places()].astype(np.uint64)
