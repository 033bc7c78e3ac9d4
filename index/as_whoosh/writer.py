"""Writers of Whoosh's over a directory: one at a time, in memory until the commit, which is a new generation.

A commit links the files of segments that stay, writes what is new, and switches. One that fails or is killed leaves the
old generation in use and the lock free.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timezone
from functools import cached_property
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index import directory as on_disk
from index.analysis import Analyzer
from index.as_whoosh import schema as schemas
from index.as_whoosh.codec import Codec, Segment
from index.as_whoosh.collecting import FieldWriter, PerDocumentWriter
from index.as_whoosh.pending import Pending
from index.as_whoosh.store import PassageRows, SegmentData, write_segment
from index.as_whoosh.whole import Storage, check_analysis, reader_of
from index.codec.contents import CONTENTS, SCHEMA, Contents, SegmentFacts
from index.codec.fields import Layout
from index.errors import LockedIndex, UsageError
from index.freshness import SOURCES
from index.manifest import Manifest
from index.model import Document, Heading, Passage
from index.own.making import check_same
from index.own.recorded import FILES
from index.successor import counted, link
from index.whoosh_api import LockError, SegmentWriter
from index.writers import FIELDS, Entry
from index.writers.merging import MOST, Part
from index.writers.segment import DOCUMENT
from index.writers.stored import Stored

if TYPE_CHECKING:
    from index.as_whoosh.whole import Index

_KEPT = (SOURCES, *FILES)
"""What a generation has beside its segments and its tables."""
_OPTIONS = {"delay", "limitmb", "procs", "multisegment"}
"""Of Whoosh's writers; here they change nothing."""


class WriterLocked(LockedIndex, LockError):
    """Another writer, or a build, holds the lock of the directory."""


class _Pool:
    """Postings until the commit; those of the document being added are kept apart until it is whole."""

    def __init__(self) -> None:
        self.fieldnames: set[str] = set()
        self._new: list[tuple[str, bytes, int, float, bytes]] = []
        self._kept: dict[str, dict[bytes, list[tuple[int, float, bytes]]]] = {}

    def add(self, item: tuple[str, bytes, int, float, bytes]) -> None:
        self._new.append(item)

    def keep(self) -> None:
        for name, term, row, weight, value in self._new:
            self._kept.setdefault(name, {}).setdefault(term, []).append((row, weight, value))
        self._new = []

    def forget(self) -> None:
        self._new = []

    def iter_postings(self) -> Iterator[tuple[str, bytes, int, float, bytes]]:
        for name, terms in sorted(self._kept.items()):
            for term in sorted(terms):
                for row, weight, value in terms[term]:
                    yield name, term, row, weight, value


class Writer(SegmentWriter):
    """A writer of Whoosh's over an index of a schema of one's own."""

    layout = Layout()

    def __init__(self, ix: Index, timeout: float = 0.0, **options: Any) -> None:
        if unknown := options.keys() - _OPTIONS:
            raise UsageError(f"a writer has no option {min(unknown)!r}")
        with ExitStack() as held:
            try:
                held.enter_context(on_disk.locked(ix.directory, wait=timeout))
            except LockedIndex as error:
                raise WriterLocked(str(error)) from error
            self._begin(ix.refresh().storage)
            self._held = held.pop_all()

    def _begin(self, storage: Storage) -> None:
        check_analysis(storage)
        self.storage = storage
        self.indexname = "MAIN"
        self.generation = storage.generation + 1
        self.schema = storage.schema()
        self.segments: list[Segment] = storage.segments()
        self.docnum = self.docbase = 0
        self._setup_doc_offsets()
        self.codec = Codec()
        self.newsegment = self.codec.new_segment(storage, self.indexname)
        self.compound = False
        self.is_closed = False
        self._added = False
        self.pool: Any = _Pool()
        self.perdocwriter: PerDocumentWriter = self.codec.per_document_writer(storage, self.newsegment)
        self.fieldwriter: FieldWriter = self.codec.field_writer(storage, self.newsegment)
        self.merge, self.optimize, self.mergetype = True, False, None
        # Readers that come and go here (update_document opens one for each document) find them open.
        self._rows = [storage.rows(segment) for segment in self.segments]

    def add_field(self, fieldname: str, fieldspec: Any, **options: Any) -> None:
        """Adds a field to the schema; ``UsageError`` for a kind that is not kept."""
        before = self.schema.copy()
        super().add_field(fieldname, fieldspec, **options)
        try:
            self.schema = schemas.ours(self.schema)
        except UsageError:
            self.schema = before
            raise

    def add_document(self, **fields: Any) -> None:
        """Adds a document; one that cannot be added leaves nothing of itself."""
        try:
            super().add_document(**fields)
        except BaseException:
            self.pool.forget()
            raise
        self.pool.keep()

    def add_reader(self, reader: Any) -> None:
        """Adds all documents of a reader that are not deleted."""
        super().add_reader(reader)
        self.pool.keep()

    def reader(self, reuse: Any = None) -> Any:
        """A reader of what was committed, without what this writer deleted."""
        self._check_state()
        return reader_of(self.storage, self.schema, self.segments)

    def searcher(self, **options: Any) -> Any:
        """A searcher of what was committed, without what this writer deleted."""
        from index.as_whoosh.searcher import Searcher

        return Searcher(self.reader(), **options)

    def commit(self, mergetype: Any = None, optimize: bool | None = None, merge: bool | None = None) -> None:
        """Makes a new generation of it all; whatever happens, the lock is free then, and the writer done with."""
        self._check_state()
        try:
            self._write(self._merge_segments(mergetype, optimize, merge))
        except OSError as error:
            on_disk.cannot_write(self.storage.directory, error)
        finally:
            self._finish()

    def cancel(self) -> None:
        """Gives it all up."""
        self._check_state()
        self._finish()

    def _finish(self) -> None:
        self.is_closed = True
        self._rows = []
        self.pool = _Pool()
        self._held.close()

    def _write(self, segments: Sequence[Segment]) -> None:
        staying = [segment for segment in segments if segment.doc_count()]
        with on_disk.new_generation(self.storage.directory) as (generation, folder):
            names = {segment.name for segment in staying}
            linked = link(self.storage.manifest, self.storage.folder, folder, names, _KEPT)
            facts = [segment.facts() for segment in staying]
            if self.docnum:
                facts += self._write_rows(folder, f"g{generation}")
            contents = Contents(self._names(), tuple(facts))
            (folder / CONTENTS).write_bytes(contents.to_bytes())
            self._write_schema(folder)
            manifest = replace(
                self.storage.manifest,
                generation=generation,
                files=on_disk.facts_of(folder, linked),
                built=datetime.now(timezone.utc).isoformat(timespec="seconds"),
            )
            on_disk.switch(self.storage.directory, self._counted(manifest, folder, contents))

    def _names(self) -> tuple[str, ...]:
        """The fields by their numbers, which stay; a removed one leaves its number without a name that a field has."""
        known = self.storage.contents.fields
        names = [name if name in self.schema else f"-{number}" for number, name in enumerate(known)]
        return (*names, *(name for name in self.schema.names() if name not in known))

    def _write_rows(self, folder: Path, name: str) -> list[SegmentFacts]:
        """Writes what was added and merged: one segment of that name, or others that begin with it."""
        self.fieldwriter.add_postings(self.schema, None, self.pool.iter_postings())
        numbers = {name: number for number, name in enumerate(self._names())}
        data = SegmentData()
        self.perdocwriter.enter(data, numbers, dict(self.schema.items()))
        self.fieldwriter.enter(data, numbers, self.perdocwriter.lengths)
        write_segment(folder, name, data, self.layout)
        return [SegmentFacts(name, self.docnum)]

    def _write_schema(self, folder: Path) -> None:
        (folder / SCHEMA).write_bytes(schemas.to_bytes(self.schema))

    def _counted(self, manifest: Manifest, folder: Path, contents: Contents) -> Manifest:
        rows = sum(facts.rows - len(facts.deleted) for facts in contents.segments)
        return replace(manifest, documents=rows, passages=rows)


class PassageWriter(Writer):
    """A writer of Whoosh's over an index of passages: what it adds, our own search finds, and not what it deletes.

    Merging takes the arrays of segments as they are (``index.as_whoosh.pending`` tells in which order).
    """

    most = MOST
    """Slots of a segment that merging makes."""

    def _begin(self, storage: Storage) -> None:
        super()._begin(storage)
        self._pending = Pending()

    @cached_property
    def _analyzer(self) -> Analyzer:
        """Opened for the first passage that is added: merging and deleting need none."""
        return self.storage.analyzer or Analyzer()

    def add_field(self, fieldname: str, fieldspec: Any, **options: Any) -> None:
        """An index of passages has the fields that it has: ``UsageError``."""
        raise UsageError("an index of passages has its fields: make one of your own schema with create_whoosh")

    def remove_field(self, fieldname: str, **options: Any) -> None:
        """An index of passages has the fields that it has: ``UsageError``."""
        raise UsageError("an index of passages has its fields: make one of your own schema with create_whoosh")

    def add_document(self, **given: Any) -> None:
        """Adds a passage: ``document`` and ``body``, and if known ``title``, ``headings``, ``path`` and where it is.

        ``ordinal`` is its number in the document, ``start`` where in the document's text it begins.
        """
        self._check_state()
        texts = {name: given.pop(name, "") for name in FIELDS}
        document, path = given.pop(DOCUMENT, None), given.pop("path", None)
        ordinal, start = given.pop("ordinal", 0), given.pop("start", 0)
        numbers = all(type(number) is int and 0 <= number < 1 << 31 for number in (ordinal, start))
        if given or not numbers or not all(type(text) is str for text in (document, path or "", *texts.values())):
            raise UsageError(
                "a passage has document, title, headings and body as text, and as may be path, ordinal and start"
            )
        self._keep(Stored(document, path, texts["title"], {}, ordinal, start, 0, (), texts))

    def _keep(self, kept: Stored) -> None:
        headings = kept.headings or tuple(filter(None, [kept.texts["headings"]]))
        body = kept.texts["body"]
        passage = Passage(
            kept.document,
            kept.ordinal,
            kept.start,
            kept.start + len(body),
            body,
            tuple(Heading(heading, 0, 0) for heading in headings),
        )
        document = Document(kept.document, kept.title, body, kept.path, kept.fields)
        slots = {field: self._analyzer.slots(kept.texts[field]) for field in FIELDS}
        self._pending.add(Entry(document, passage, kept.texts, slots))
        self._added = True
        self.docnum += 1

    def add_reader(self, reader: Any) -> None:
        """Adds all passages of a reader of passages that are not deleted; ``OtherAnalysis`` as for a writer."""
        self._check_state()
        for leaf, _ in reader.leaf_readers():
            if leaf.doc_count():
                self._add_rows(leaf)

    def _add_rows(self, leaf: Any) -> None:
        storage = leaf.storage()
        rows = storage.rows(leaf.segment()) if isinstance(storage, Storage) else None
        if not isinstance(rows, PassageRows):
            raise UsageError("only passages can be added to passages")
        check_analysis(storage)
        check_same(self.storage.manifest.own, storage.manifest.own, storage.directory)
        part = Part(rows.passages, np.delete(np.arange(rows.rows), list(leaf.segment().deleted_docs())))
        self._pending.merge(part, next((number for number, own in enumerate(self._rows) if own is rows), None))
        self._added = True
        self.docnum += len(part.rows)

    def _finish(self) -> None:
        super()._finish()
        self._pending = Pending()

    def _write_rows(self, folder: Path, name: str) -> list[SegmentFacts]:
        return self._pending.write(folder, name, self._numbers(), self.layout, self.most)

    def _numbers(self) -> Callable[[str], int]:
        """What gives a document's number by its id: one that is there already keeps its own."""
        known = dict(chain.from_iterable(r.passages.kept.documents() for r in self._rows if isinstance(r, PassageRows)))
        new = count(max(known.values(), default=-1) + 1)

        def number_of(document: str) -> int:
            if document not in known:
                known[document] = next(new)
            return known[document]

        return number_of

    def _names(self) -> tuple[str, ...]:
        return self.storage.contents.fields

    def _write_schema(self, folder: Path) -> None:
        """Passages have one schema, which is not written."""

    def _counted(self, manifest: Manifest, folder: Path, contents: Contents) -> Manifest:
        return counted(manifest, folder, contents, on_disk.mend(self.storage.directory))
