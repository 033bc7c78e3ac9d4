"""The index as Whoosh knows one: readers, searchers and writers over the generations of a directory.

``Index.reader`` and ``Index.searcher`` open the newest generation; what they opened stays as it was until it is closed,
whatever a writer does meanwhile, and ``Searcher.refresh`` goes on to the newest.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from weakref import WeakValueDictionary

import numpy as np

from index import directory as on_disk
from index import successor
from index.analysis import Analyzer
from index.as_whoosh import schema as schemas
from index.as_whoosh.codec import Codec, Segment
from index.as_whoosh.japanese import JapaneseAnalyzer
from index.as_whoosh.reading import guarded
from index.as_whoosh.searcher import Searcher
from index.as_whoosh.store import DOCUMENT_NUMBER, GeneralRows, PassageRows, Rows
from index.codec.contents import CONTENTS, SCHEMA, Contents, parsed
from index.errors import DamagedIndex, ForeignFolder
from index.manifest import Manifest
from index.own.opening import open_own
from index.own.recorded import WORDS
from index.places import chosen_index
from index.settings import fingerprint
from index.whoosh_api import EmptyReader, MultiReader, SegmentReader, TermNotFound, columns, fields
from index.whoosh_api import Index as WhooshIndex
from index.writers import FIELDS
from index.writers.segment import DOCUMENT

_T = TypeVar("_T")


class Storage:
    """One generation of a directory: its table of contents, its schema, and the rows of its segments.

    Rows are opened once for all readers that have them open at a time.
    """

    def __init__(self, directory: Path, manifest: Manifest, folder: Path) -> None:
        self.directory = directory
        self.manifest = manifest
        self.folder = folder
        self.generation = manifest.generation
        self.contents: Contents = self._parsed(CONTENTS, parsed)
        self.is_of_passages = SCHEMA not in manifest.files
        self._mend = on_disk.mend(directory)
        self.analyzer = open_own(directory, manifest).analyzer if WORDS in manifest.files else None
        """The chain with words of one's own, where the index has such."""
        self._opened: WeakValueDictionary[str, GeneralRows | PassageRows] = WeakValueDictionary()

    def _parsed(self, name: str, parse: Callable[[bytes], _T]) -> _T:
        if name not in self.manifest.files:
            raise DamagedIndex(f"{self.folder / name} is missing: {on_disk.mend(self.directory)}")
        raw = on_disk.read_file(self.directory, self.manifest, name)
        try:
            return parse(raw)
        except ValueError as error:
            damage = f"{self.folder / name} cannot be used ({error})"
            raise DamagedIndex(f"{damage}: {on_disk.mend(self.directory)}") from error

    def schema(self) -> Any:
        """The schema, made anew: a writer may change its own."""
        return passage_schema(self.analyzer) if self.is_of_passages else self._parsed(SCHEMA, schemas.parsed)

    def fail(self, why: str, cause: BaseException) -> NoReturn:
        """Raises ``DamagedIndex``."""
        raise DamagedIndex(f"{self.folder} is damaged ({why}): {self._mend}") from cause

    def segments(self) -> list[Segment]:
        """The segments, made anew: a writer deletes from its own."""
        codec = Codec()
        return [Segment(facts, codec) for facts in self.contents.segments]

    def rows(self, segment: Segment) -> Rows:
        """The rows of a segment."""
        rows = self._opened.get(segment.name)
        if rows is None:
            rows = self._opened[segment.name] = self._open(segment)
        return rows

    def _open(self, segment: Segment) -> GeneralRows | PassageRows:
        facts, names = segment.facts(), self.contents.fields
        if self.is_of_passages:
            return PassageRows(self.folder, facts, names, self._mend)
        return GeneralRows(self.folder, facts, names, frozenset(self.manifest.files), self._mend)

    def close(self) -> None:
        """Nothing: what readers open goes with them."""


def passage_schema(analyzer: Analyzer | None = None) -> Any:
    """The schema of an index that ``index.build`` makes: a document of Whoosh's is a passage of ours."""

    def words() -> Any:
        return fields.TEXT(analyzer=JapaneseAnalyzer(), stored=True, multitoken_query="phrase")

    places = {name: fields.STORED() for name in ("path", "ordinal", "start", "end")}
    number = {DOCUMENT_NUMBER: fields.COLUMN(columns.NumericColumn("Q"))}
    of_words = {name: words() for name in FIELDS}
    schema = schemas.ours(fields.Schema(**{DOCUMENT: fields.ID(stored=True)}, **of_words, **places, **number))
    for name in FIELDS:
        schema[name].analyzer = JapaneseAnalyzer(analyzer)
    return schema


class Reader(SegmentReader):
    """Reads one segment."""

    def __init__(self, storage: Storage, schema: Any, segment: Segment, generation: int) -> None:
        super().__init__(storage, schema, segment, generation=generation)
        self._live: tuple[int, np.ndarray[Any, np.dtype[np.bool_]] | None] = (-1, None)

    def postings(self, fieldname: str, text: Any, scorer: Any = None) -> Any:
        """A matcher over a term's rows, deleted ones left out; ``TermNotFound`` if it is none."""
        self._test_field(fieldname)
        field = self.schema[fieldname]
        live = self._alive() if self._segment.has_deletions() else None
        return self._terms.matcher(fieldname, field.to_bytes(text), field.format, scorer, live)

    def _alive(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        changes, live = self._live
        if live is None or changes != self._segment.changes:
            live = np.ones(self._segment.doc_count_all(), bool)
            live[list(self._segment.deleted_docs())] = False
            self._live = self._segment.changes, live
        return live


class _EmptyReader(EmptyReader):
    """Reads an index without documents."""

    def __init__(self, schema: Any, generation: int) -> None:
        super().__init__(schema)
        self._generation = generation

    def generation(self) -> int:
        """The generation; Whoosh's has none, so that a searcher over it is never up to date."""
        return self._generation

    def first_id(self, fieldname: str, text: Any) -> int:
        """There is none."""
        raise TermNotFound((fieldname, text))


def reader_of(storage: Storage, schema: Any, segments: Sequence[Segment]) -> Any:
    """A reader of some segments of a generation."""
    opened: list[Reader] = []
    try:
        for segment in segments:
            opened.append(Reader(storage, schema, segment, storage.generation))
    except BaseException:
        for reader in opened:
            reader.close()
        raise
    if not opened:
        return _EmptyReader(schema, storage.generation)
    return opened[0] if len(opened) == 1 else MultiReader(opened, generation=storage.generation)


class Index(WhooshIndex):
    """A directory as a Whoosh index."""

    indexname = "MAIN"

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._storage = _newest(directory)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.directory)!r})"

    def close(self) -> None:
        """Nothing is open but what readers and writers are."""

    @property
    def storage(self) -> Storage:
        """The generation that this object opened last."""
        return self._storage

    def latest_generation(self) -> int:
        """The number of the newest generation."""
        return on_disk.read_manifest(self.directory).generation

    def up_to_date(self) -> bool:
        """Whether no other was made since this object opened a generation."""
        return on_disk.read_manifest(self.directory) == self._storage.manifest

    def refresh(self) -> Index:
        """Goes on to the newest generation."""
        if not self.up_to_date():
            self._storage = _newest(self.directory)
        return self

    def last_modified(self) -> float:
        """When the newest generation was made, in seconds since 1970."""
        return (self.directory / on_disk.MANIFEST).stat().st_mtime

    @property
    def schema(self) -> Any:
        """The schema of the newest generation."""
        return self.refresh()._storage.schema()

    def is_empty(self) -> bool:
        """Whether it has no documents at all."""
        return not self.refresh()._storage.contents.segments

    def reader(self, reuse: Any = None) -> Any:
        """A reader of the newest generation. ``reuse`` is left alone, and is its owner's to close."""
        return on_disk.opened(self.directory, lambda manifest, folder: self._read())

    def _read(self) -> Any:
        storage = self.refresh()._storage
        return reader_of(storage, guarded(storage.schema(), storage.fail), storage.segments())

    def searcher(self, **options: Any) -> Searcher:
        """A searcher of the newest generation; see ``index.as_whoosh.searcher`` for what it does otherwise."""
        return Searcher(self.reader(), fromindex=self, **options)

    def writer(self, **options: Any) -> Any:
        """The one writer at a time.

        ``timeout`` is how long, in seconds, to wait for another's end; then ``WriterLocked``, which is a ``LockError``
        of Whoosh's too. Raises ``OtherAnalysis`` where the index has Japanese text that was analysed otherwise.
        """
        from index.as_whoosh.writer import PassageWriter, Writer

        return (PassageWriter if self._storage.is_of_passages else Writer)(self, **options)

    def optimize(self, **options: Any) -> None:
        """Merges all segments into one, without their deleted rows."""
        self.writer(**options).commit(optimize=True)


def _newest(directory: Path) -> Storage:
    return on_disk.opened(directory, lambda manifest, folder: Storage(directory, manifest, folder))


def open_whoosh(index_dir: str | os.PathLike[str] | None = None) -> Index:
    """An index (the default one, if none is named) as Whoosh knows one. Raises what opening it for a search does."""
    directory, _ = chosen_index(index_dir)
    return Index(directory)


def create_whoosh(index_dir: str | os.PathLike[str], schema: Any) -> Index:
    """A new index without documents, of a schema of one's own; ``ForeignFolder`` where there is one already."""
    directory, _ = chosen_index(index_dir)
    written = schemas.to_bytes(schemas.ours(schema))
    with on_disk.locked(directory):
        if (directory / on_disk.MANIFEST).exists():
            raise ForeignFolder(f"{directory} is an index already: choose a new folder")
        with on_disk.new_generation(directory) as (generation, folder):
            (folder / SCHEMA).write_bytes(written)
            (folder / CONTENTS).write_bytes(Contents(tuple(schema.names()), ()).to_bytes())
            on_disk.switch(directory, _first_manifest(generation, folder))
    return Index(directory)


def _first_manifest(generation: int, folder: Path) -> Manifest:
    return Manifest(
        generation=generation,
        fingerprint=fingerprint(hashed=False),
        files=on_disk.facts_of(folder),
        documents=0,
        passages=0,
        slots=dict.fromkeys(FIELDS, (0, 0)),
        sources=(),
        watched=(),
        from_documents=True,
        built=datetime.now(timezone.utc).isoformat(timespec="seconds"),
    )


def check_analysis(storage: Storage) -> None:
    """Raises ``OtherAnalysis`` where what is added would be analysed otherwise than what is there."""
    if any(isinstance(field.analyzer, JapaneseAnalyzer) for field in storage.schema()):
        successor.check_analysis(storage.directory, storage.manifest)
