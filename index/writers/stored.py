"""What is kept of passages and their documents, beside their slots: ``SEGMENT.stored``.

texts.*         each passage: JSON of [its headings, the text of those above it], nothing where it has none; a line
                feed, which that JSON has none of; its text, UTF-8
documents.*     JSON of each document: [id, title, path, fields]
documents.numbers  u4  each document's number in the whole index, the same in every segment that it is in
documents.digests  u8  each document's digest as ``index.records`` makes it; where it is not known (what is left of a
                       document that lost passages) 0 but for the bit ``GIVEN``
documents.lengths  u4  the length of each document's text, in code points
rows.documents  u4  the document's place among those
rows.starts     u4  where the passage starts in the document, in code points
rows.ends       u4  where it ends there
rows.ordinals   u4  the passage's number in its document
columns.*       the scalars of the documents' fields, see ``index.writers.columns``
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.codec.blobs import Blobs, BlobsWriter
from index.codec.container import Container, ContainerWriter
from index.codec.fields import FieldData
from index.model import Document
from index.scalars import Scalar, scalars
from index.writers import GIVEN, Record
from index.writers.columns import Column, ColumnsWriter, StoredColumns

_TEXTS_BLOCK = 4_096
_TEXTS_DICTIONARY = 98_304
_DOCUMENTS_BLOCK = 2_048
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_A_PLACE = 200
"""Bytes that the numbers of a passage take in memory."""


class Stored(NamedTuple):
    """What is kept of a passage beside its slots; ``texts`` by field."""

    document: str
    path: str | None
    title: str
    fields: Mapping[str, object]
    ordinal: int
    start: int
    end: int
    headings: tuple[str, ...]
    texts: Mapping[str, str]


class StoredWriter:
    """What is kept of passages and their documents."""

    def __init__(self, number_of: Callable[[str], int]) -> None:
        self._number_of = number_of
        self._texts = BlobsWriter(_TEXTS_BLOCK, _TEXTS_DICTIONARY)
        self._documents = BlobsWriter(_DOCUMENTS_BLOCK)
        self._columns = ColumnsWriter()
        self._ids: dict[str, int] = {}
        self._numbers: list[int] = []
        self._digests: list[int] = []
        self._lengths: list[int] = []
        self._places: list[tuple[int, int, int, int]] = []

    @property
    def held(self) -> int:
        """Bytes in memory."""
        kept = self._texts.held + self._documents.held
        return kept + self._columns.held + _A_PLACE * len(self._places)

    def add(self, record: Record) -> None:
        """Takes a passage."""
        document, passage = record.document, record.passage
        if document.id not in self._ids:
            self._ids[document.id] = len(self._ids)
            self._numbers.append(self._number_of(document.id))
            self._digests.append(record.digest)
            self._lengths.append(len(document.text))
            self._documents.append(_json([document.id, document.title, document.path, dict(document.fields)]))
            self._columns.add(scalars(document))
        headings, above = [heading.text for heading in passage.headings], record.texts["headings"]
        before = _json([headings, above]) if headings or above else b""
        self._texts.append(b"%b\n%b" % (before, passage.text.encode("utf-8")))
        self._places.append((self._ids[document.id], passage.start, passage.end, passage.ordinal))

    def copy(self, kept: StoredPassages, rows: NDArray[np.intp], *, given: bool = False) -> None:
        """Takes ascending rows of another segment; of a document, what the first segment with a row of it keeps.

        With ``given`` a program gives them, wherever they came from.
        """
        for text in kept.texts.some(rows):
            self._texts.append(text)
        of = kept.places()[rows]
        digests = [GIVEN] * len(kept.digests()) if given else _digests_of(kept, of)
        ids: dict[int, int] = {}
        for place in dict.fromkeys(of.tolist()):
            name, document, values = kept.document(place)
            number = ids[place] = self._ids.setdefault(name, len(self._ids))
            if number == len(self._numbers):
                self._numbers.append(self._number_of(name))
                self._digests.append(digests[place])
                self._lengths.append(int(kept.lengths()[place]))
                self._documents.append(document)
                self._columns.add(values)
            elif self._digests[number] != digests[place]:
                self._digests[number] &= digests[place] & GIVEN
        places = (array[rows].tolist() for array in (kept.starts(), kept.ends(), kept.ordinals()))
        self._places += zip(map(ids.__getitem__, of.tolist()), *places, strict=True)

    def ids(self) -> FieldData:
        """The postings of the documents' ids."""
        ids = [name.encode("utf-8") for name in self._ids]
        order = sorted(range(len(ids)), key=ids.__getitem__)
        of = np.array([place[0] for place in self._places], np.int64)
        rank = np.empty(len(ids), np.int64)
        rank[order] = np.arange(len(ids))
        rows = np.argsort(rank[of], kind="stable")
        ones = np.ones(len(of), np.uint32)
        offsets = np.concatenate([[0], np.cumsum(np.bincount(rank[of], minlength=len(ids)))])
        return FieldData([ids[i] for i in order], offsets, rows.astype(np.uint32), ones, ones)

    def write(self, container: ContainerWriter) -> None:
        """Adds the structure to a file."""
        places = np.array(self._places, np.uint32).reshape(-1, 4)
        for i, name in enumerate(("documents", "starts", "ends", "ordinals")):
            container.add(f"rows.{name}", places[:, i].copy())
        self._texts.write(container, "texts")
        self._documents.write(container, "documents")
        container.add("documents.numbers", np.array(self._numbers, np.uint32))
        container.add("documents.digests", np.array(self._digests, np.uint64))
        container.add("documents.lengths", np.array(self._lengths, np.uint32))
        self._columns.write(container)


def _json(value: object) -> bytes:
    return _ENCODER.encode(value).encode("utf-8")


def _digests_of(kept: StoredPassages, of: NDArray[np.uint32]) -> list[int]:
    """The digest of each document; that of one that has more rows than are taken is not known any more."""
    digests = kept.digests()
    whole = np.bincount(kept.places(), minlength=len(digests)) == np.bincount(of, minlength=len(digests))
    known: list[int] = np.where(whole, digests, digests & np.uint64(GIVEN)).tolist()
    return known


class StoredPassages:
    """What is kept of the passages (rows) of a segment, mapped."""

    def __init__(self, container: Container, rows: int) -> None:
        self._container = container
        self.texts = Blobs(container, "texts")
        self._documents = Blobs(container, "documents")
        self._of = container.array("rows.documents", "u4")
        self._starts = container.array("rows.starts", "u4")
        self._ends = container.array("rows.ends", "u4")
        self._ordinals = container.array("rows.ordinals", "u4")
        self._numbers = container.array("documents.numbers", "u4")
        self._digests = container.array("documents.digests", "u8")
        self._lengths = container.array("documents.lengths", "u4")
        of_rows = self.texts, self._of, self._starts, self._ends, self._ordinals
        of_documents = self._numbers, self._digests, self._lengths
        lengths = {len(each) for each in of_rows}, {len(each) for each in of_documents}
        if lengths != ({rows}, {len(self._documents)}):
            container.fail("its rows contradict each other")

    def documents(self) -> Iterator[tuple[str, int]]:
        """The id of each document, and its number."""
        for place, number in enumerate(self._numbers.all().tolist()):
            yield self._document(place)[0], number

    def document(self, place: int) -> tuple[str, bytes, dict[str, tuple[Scalar, ...]]]:
        """A document by its place among those of the segment: its id, what is kept of it as it is kept, its scalars."""
        name, title, path, fields = self._document(place)
        return name, self._documents[place], scalars(Document(name, title, "", path, fields))

    @cached_property
    def columns(self) -> StoredColumns:
        """The scalars of the documents by the names of their fields."""
        return StoredColumns(self._container, len(self._documents))

    def column(self, name: str) -> Column | None:
        """The scalars of a field, document after document; None where no document of the segment has any."""
        return self.columns.column(name)

    def _document(self, place: int) -> tuple[str, str, str | None, dict[str, object]]:
        """What is kept of a document: id, title, path, fields."""
        try:
            name, title, path, fields = json.loads(self._documents[place])
            if [*map(type, (name, title, path or "", fields))] != [str, str, str, dict]:
                raise ValueError("not what is kept of a document")
        except (ValueError, TypeError, IndexError, RecursionError) as error:
            self._container.fail(f"its document {place} cannot be read", error)
        return name, title, path, fields

    def numbers(self) -> NDArray[np.uint32]:
        """The number of each document in the whole index."""
        return self._numbers.all()

    def digests(self) -> NDArray[np.uint64]:
        """The digest of each document."""
        return self._digests.all()

    def places(self) -> NDArray[np.uint32]:
        """The place of each row's document among the documents."""
        return self._places

    @cached_property
    def _places(self) -> NDArray[np.uint32]:
        places: NDArray[np.uint32] = self._of.all()
        if len(places) and places.max() >= len(self._numbers):
            self._container.fail("a row's document is none of its documents")
        return places

    def document_number(self, row: int) -> int:
        """The number of a row's document in the whole index."""
        return int(self._numbers.at(int(self._of.at(row))))

    def starts(self) -> NDArray[np.uint32]:
        """Where each row starts in its document."""
        return self._starts.all()

    def ends(self) -> NDArray[np.uint32]:
        """Where each row ends in its document."""
        return self._ends.all()

    def lengths(self) -> NDArray[np.uint32]:
        """The length of each document's text."""
        return self._lengths.all()

    def ordinals(self) -> NDArray[np.uint32]:
        """Each row's number in its document."""
        return self._ordinals.all()

    def read(self, row: int) -> Stored:
        """What is kept of a passage."""
        headings, above, text = self._passage(row, self.texts[row])
        name, title, path, fields = self._document(int(self._of.at(row)))
        start = int(self._starts.at(row))
        texts = {"title": title, "headings": above, "body": text}
        ordinal = int(self._ordinals.at(row))
        return Stored(name, path, title, fields, ordinal, start, start + len(text), tuple(headings), texts)

    def strings(self, rows: NDArray[np.intp]) -> Iterator[tuple[str, str, str]]:
        """The body, the headings above it and the title of each of ascending rows."""
        place, title = -1, ""
        for row, kept in zip(rows.tolist(), self.texts.some(rows), strict=True):
            _, above, text = self._passage(row, kept)
            if place != (of := int(self._of.at(row))):
                place, title = of, self._document(of)[1]
            yield text, above, title

    def _passage(self, row: int, kept: bytes) -> tuple[list[str], str, str]:
        """The headings of a passage, the text of those above it, and its own."""
        try:
            before, _, text = kept.decode("utf-8").partition("\n")
            headings, above = json.loads(before) if before else ([], "")
            if type(headings) is not list or any(type(part) is not str for part in (above, *headings)):
                raise ValueError("not what is kept of a passage")
        except (ValueError, TypeError, IndexError, RecursionError) as error:
            self._container.fail(f"its row {row} cannot be read", error)
        return headings, above, text
