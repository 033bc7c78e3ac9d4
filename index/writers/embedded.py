"""The embedded writer: a Whoosh index with Whoosh's own codec.

A passage is a Whoosh document. Each of ``FIELDS`` is an indexed field whose postings have positions: the slots' terms,
and the marked terms (``UNIT_END`` before them) where long units end. What the engine needs of a passage beside its
postings is one stored value, ``Stored``; lengths in slots are columns.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from index.analysis.fold import compare
from index.model import Slot
from index.whoosh_api import (
    COLUMN,
    ID,
    STORED,
    FieldType,
    FileStorage,
    NumericColumn,
    Positions,
    Schema,
    VarBytesColumn,
)
from index.writers import FIELDS, Entry

UNIT_END = "\x1f"
"""Before a long unit's term at the slot where it ends."""
_MEMORY = 256
"""MB of postings that Whoosh keeps before it spills them."""


class Stored(NamedTuple):
    """What is kept of a passage.

    ``texts``, ``spans`` and ``marks`` are by field: what was analysed, start and end of each slot in it as u32, and one
    byte of marks a slot.
    """

    document: str
    path: str | None
    title: str
    fields: Mapping[str, object]
    ordinal: int
    start: int
    end: int
    headings: tuple[str, ...]
    texts: Mapping[str, str]
    spans: Mapping[str, bytes]
    marks: Mapping[str, bytes]


class SlotField(FieldType):  # type: ignore[misc]  # Whoosh has no types
    """A Whoosh field that is given its postings: term → positions."""

    def __init__(self) -> None:
        # Were it not scorable, Whoosh would look for a file of lengths at each posting; its lengths are not used.
        super().__init__(Positions(), None, scorable=True)

    def index(self, value: Mapping[str, list[int]], **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """The postings of one passage, as Whoosh's writer takes them: term, frequency, weight, positions."""
        for term, positions in value.items():
            yield term.encode("utf-8"), len(positions), float(len(positions)), self.format.encode(positions)


DOCUMENT_NUMBER = "document_number"
"""The column that numbers documents in their order, from 0."""
FOLDED = "folded"
"""The column with a passage's texts as ``compare`` folds them, UTF-8, for finding strings."""


def length_column(field: str) -> str:
    """The name of the column with a field's length in slots."""
    return f"{field}_length"


def _schema() -> Schema:
    schema = Schema(document=ID(), stored=STORED())
    schema.add(DOCUMENT_NUMBER, COLUMN(NumericColumn("I")))
    schema.add(FOLDED, COLUMN(VarBytesColumn()))
    for field in FIELDS:
        schema.add(field, SlotField())
        schema.add(length_column(field), COLUMN(NumericColumn("I")))
    return schema


class EmbeddedWriter:
    """Writes one Whoosh index into an empty folder."""

    def __init__(self, folder: Path) -> None:
        self._storage = FileStorage(str(folder))
        self._index = self._storage.create_index(_schema())
        self._writer = self._index.writer(limitmb=_MEMORY)
        self._folder = folder
        self._documents = -1

    def add(self, entry: Entry) -> None:
        """Takes one passage."""
        self._documents += entry.passage.ordinal == 0
        fields: dict[str, object] = {
            "document": entry.document.id,
            "stored": tuple(_stored(entry)),
            DOCUMENT_NUMBER: self._documents,
            FOLDED: "\0".join(compare(entry.texts[field]) for field in FIELDS).encode("utf-8"),
        }
        for field in FIELDS:
            slots = entry.slots[field]
            fields[field] = postings(slots)
            fields[length_column(field)] = len(slots)
        self._writer.add_document(**fields)

    def commit(self) -> None:
        """Finishes the index and leaves only its files in the folder."""
        self._writer.commit()
        self._close()

    def cancel(self) -> None:
        """Gives up; the folder is the caller's to remove."""
        try:
            self._writer.cancel()
        finally:
            self._close()

    def _close(self) -> None:
        self._index.close()
        self._storage.close()
        for lock in self._folder.glob("*_WRITELOCK"):
            lock.unlink()


def postings(slots: Sequence[Slot]) -> dict[str, list[int]]:
    """Term → the positions where it stands, in order; a long unit's end under its marked term."""
    found: dict[str, list[int]] = {}
    for position, slot in enumerate(slots):
        for term in slot.terms:
            found.setdefault(term, []).append(position)
        for term in slot.unit_ends:
            found.setdefault(UNIT_END + term, []).append(position)
    return found


def _stored(entry: Entry) -> Stored:
    document, passage = entry.document, entry.passage
    return Stored(
        document.id,
        document.path,
        document.title,
        dict(document.fields),
        passage.ordinal,
        passage.start,
        passage.end,
        tuple(heading.text for heading in passage.headings),
        dict(entry.texts),
        {field: _spans(entry.slots[field]) for field in FIELDS},
        {field: bytes(slot.marks for slot in entry.slots[field]) for field in FIELDS},
    )


def _spans(slots: Sequence[Slot]) -> bytes:
    spans = array("I")
    for slot in slots:
        spans.extend((slot.start, slot.end))
    return spans.tobytes()


@contextmanager
def _reading(folder: Path) -> Iterator[Any]:
    storage = FileStorage(str(folder))
    with closing(storage), closing(storage.open_index()) as index, closing(index.reader()) as reader:
        yield reader


def read_stored(folder: Path) -> Iterator[tuple[Stored, dict[str, int]]]:
    """Every passage of a finished index in order, with its fields' lengths as their columns say."""
    with _reading(folder) as reader:
        columns = {field: reader.column_reader(length_column(field)) for field in FIELDS}
        for number in range(reader.doc_count_all()):
            lengths = {field: int(column[number]) for field, column in columns.items()}
            yield Stored(*reader.stored_fields(number)["stored"]), lengths


def read_positions(folder: Path) -> Iterator[tuple[str, int, int]]:
    """For every posting of a finished index its field, the number of its passage and the last position in it."""
    with _reading(folder) as reader:
        for field in FIELDS:
            for term in reader.lexicon(field):
                matcher = reader.postings(field, term)
                while matcher.is_active():
                    yield field, matcher.id(), matcher.value_as("positions")[-1]
                    matcher.next()
