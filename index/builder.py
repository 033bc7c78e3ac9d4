"""Sources → passages → slots → writer: a whole index, built beside the one in use and switched to at the end."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from itertools import chain, zip_longest
from pathlib import Path
from typing import Union

from index import directory as on_disk
from index.analysis import Analyzer
from index.codec.contents import SCHEMA
from index.errors import DamagedIndex, MissingIndex, SourceError, UsageError
from index.freshness import WATCHED, State, state, write_state
from index.lexicon.cache import ensure
from index.manifest import Manifest
from index.model import Document
from index.own.making import PathOrPaths, Prepared, named_files, prepare, with_others
from index.own.recorded import NONE_GIVEN, Given
from index.pipeline import batches
from index.places import chosen_index
from index.records import Version, records_of, short, size_of, version_of
from index.settings import fingerprint
from index.sources import Skipped, folders, read
from index.writers import FIELDS, Batch, Record, Writer
from index.writers.embedded import MEMORY, EmbeddedWriter

Source = Union[str, "os.PathLike[str]", Document]
Progress = Callable[[int, int], None]
"""Called with (bytes of text indexed, bytes of all sources); the first may stop short of the second."""

LEAST_MEMORY = 16
"""MB; with less, an index of any size would fall into thousands of segments."""
FIRST_WAIT = 600.0
"""Seconds that a first use waits for another one that builds the same index."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a build did. ``tokens`` are the short units of the bodies, ``bytes`` the size of the index on the disk."""

    directory: Path
    documents: int
    passages: int
    tokens: int
    seconds: float
    bytes: int
    skipped: tuple[Skipped, ...]
    tables_seconds: float = 0.0
    """What it took to make the dictionary's tables; 0.0 where they were there already, as nearly always."""

    def to_dict(self) -> dict[str, object]:
        """The report as JSON values."""
        return {
            "directory": str(self.directory),
            "documents": self.documents,
            "passages": self.passages,
            "tokens": self.tokens,
            "seconds": round(self.seconds, 3),
            "bytes": self.bytes,
            "tables_seconds": round(self.tables_seconds, 3),
            "skipped": [{"path": skipped.path, "reason": skipped.reason} for skipped in self.skipped],
        }


@dataclass(slots=True)
class Counts:
    """What was written, and what was not."""

    documents: int = 0
    passages: int = 0
    text: int = 0
    slots: dict[str, list[int]] = field(default_factory=lambda: {name: [0, 0] for name in FIELDS})
    skipped: list[Skipped] = field(default_factory=list)
    empty: set[str] = field(default_factory=set)
    """Ids of documents among those skipped: they have no text."""


def build(
    sources: Source | Iterable[Source],
    index_dir: str | os.PathLike[str],
    *,
    progress: Progress | None = None,
    tables_progress: Progress | None = None,
    wait: float = 0,
    memory: int = MEMORY,
    dictionary: PathOrPaths | None = None,
    synonyms: PathOrPaths | None = None,
    settings: str | os.PathLike[str] | None = None,
) -> Report:
    """Builds the index of ``sources`` (paths or ``Document``s, or one of them) in ``index_dir``, in place of the old.

    Readers see the old index until the new one is whole; a build that fails or is killed leaves the old one in use.
    ``wait`` is how long, in seconds, to wait for another build there; ``memory`` how much the writer may hold, in MB,
    before it writes a segment (the dictionary and the texts being analysed come on top). Where the dictionary's tables,
    which all indexes share, are not made yet, they are made too; ``tables_progress`` is called meanwhile.

    ``dictionary`` and ``synonyms`` are files of one's own words, in Sudachi's formats, ``settings`` a ``sakuin.toml``
    that names such, in place of those at the top of source folders: see ``docs/own-words.md``.

    Raises ``SourceError`` for a source that does not exist, documents with one id, or a file of one's own words that
    cannot be used, ``UsageError`` for no sources at all, ``LockedIndex`` and ``DirectoryError`` for a directory that
    cannot be used.
    """
    own = named_files(dictionary, synonyms, settings)
    paths, documents = parted(sources)
    check_memory(memory)
    directory, _ = chosen_index(index_dir)
    with on_disk.locked(directory, wait=wait):
        report = build_locked(paths, documents, directory, progress, memory, own)
    return replace(report, tables_seconds=ensure(tables_progress))


def parted(sources: Source | Iterable[Source]) -> tuple[list[Path], list[Document]]:
    """Paths, each of which exists, and documents; ``SourceError`` and ``UsageError`` as ``build`` has them."""
    given = [sources] if isinstance(sources, (str, os.PathLike, Document)) else list(sources)
    documents = [source for source in given if isinstance(source, Document)]
    names = [os.fspath(source) for source in given if not isinstance(source, Document)]
    if not given or "" in names:
        raise UsageError("nothing to index: name a file or a folder")
    paths = [Path(name) for name in names]
    for path in paths:
        next(folders(path), None)  # which raises for what is not there
    return paths, documents


def check_memory(memory: int) -> None:
    """Raises ``UsageError`` for too little of it."""
    if memory < LEAST_MEMORY:
        raise UsageError(f"memory is {memory} MB: give at least {LEAST_MEMORY}")


def build_first(
    sources: Iterable[Path],
    index_dir: str | os.PathLike[str],
    *,
    progress: Progress | None = None,
    tables_progress: Progress | None = None,
) -> None:
    """Builds an index where there is none; waits for another process that does, and then leaves its index in place."""
    directory = Path(index_dir)
    with on_disk.locked(directory, wait=FIRST_WAIT):
        if not (directory / on_disk.MANIFEST).exists():
            build_locked(list(sources), [], directory, progress, MEMORY)
    ensure(tables_progress)


def rebuild(
    index_dir: str | os.PathLike[str],
    *,
    progress: Progress | None = None,
    tables_progress: Progress | None = None,
    wait: float = 0,
    memory: int = MEMORY,
    dictionary: PathOrPaths | None = None,
    synonyms: PathOrPaths | None = None,
    settings: str | os.PathLike[str] | None = None,
) -> Report:
    """Builds the index once more from the sources, and with the files of one's own words, that its manifest records.

    ``dictionary``, ``synonyms`` and ``settings`` are taken in place of those that are recorded.

    Raises what ``build`` does, ``MissingIndex`` where there is none, and ``UsageError`` where a program gave documents.
    """
    directory, _ = chosen_index(index_dir)
    manifest = on_disk.read_manifest(directory)
    if manifest.from_documents:
        raise UsageError(f"{directory} was made from a program's documents: build it again from there, or name sources")
    own = with_others(manifest.own.given, named_files(dictionary, synonyms, settings))
    return build(
        recorded(directory, manifest),
        directory,
        dictionary=own.dictionary,
        synonyms=own.synonyms,
        settings=own.settings,
        progress=progress,
        tables_progress=tables_progress,
        wait=wait,
        memory=memory,
    )


def recorded(directory: Path, manifest: Manifest) -> list[Path]:
    """The sources that an index was built from; ``SourceError`` where one is not there any more."""
    gone = next((source for source in manifest.sources if not Path(source).exists()), None)
    if gone is not None:
        raise SourceError(f"{directory} was built from {gone}, which is not there any more: name the sources")
    return [Path(source) for source in manifest.sources]


def build_locked(
    paths: Sequence[Path],
    documents: Sequence[Document],
    directory: Path,
    progress: Progress | None,
    memory: int,
    given: Given = NONE_GIVEN,
) -> Report:
    """Builds with the lock held; sources are paths that exist, or documents."""
    begun = time.perf_counter()
    _check_replaceable(directory)
    own = prepare(given, paths)
    try:
        with on_disk.new_generation(directory) as (generation, folder):
            counts, manifest = _fill(generation, folder, paths, documents, progress, memory, own)
            on_disk.switch(directory, manifest)
    except OSError as error:
        on_disk.cannot_write(directory, error)
    size = sum(bytes_ for bytes_, _ in manifest.files.values())
    seconds = time.perf_counter() - begun
    return Report(
        directory, counts.documents, counts.passages, counts.slots["body"][0], seconds, size, tuple(counts.skipped)
    )


def _check_replaceable(directory: Path) -> None:
    """``UsageError`` for an index of a schema of its own, which no sources would make again."""
    with suppress(MissingIndex, DamagedIndex):
        if SCHEMA in on_disk.read_manifest(directory).files:
            raise UsageError(f"{directory} is an index of a schema of its own: choose another folder with --index-dir")


def _fill(
    generation: int,
    folder: Path,
    paths: Sequence[Path],
    documents: Sequence[Document],
    progress: Progress | None,
    memory: int,
    own: Prepared,
) -> tuple[Counts, Manifest]:
    """Writes all files of a generation, and says what its manifest is to be."""
    seen = state(paths)
    own.write_synonyms(folder)
    analyzer = Analyzer(own.write_dictionary(folder))
    items, size = everything(paths, documents), whole_size(seen, documents)
    counts = write(items, EmbeddedWriter(folder, memory), size, progress, analyzer)
    if not counts.documents:
        raise SourceError(nothing_read(counts.skipped))
    write_state(folder, seen)
    return counts, Manifest(
        generation=generation,
        fingerprint=fingerprint(hashed=True),
        files=on_disk.facts_of(folder),
        documents=counts.documents,
        passages=counts.passages,
        slots={name: (slots, passages) for name, (slots, passages) in counts.slots.items()},
        sources=tuple(str(path.absolute()) for path in paths),
        watched=tuple(seen[:WATCHED]),
        from_documents=bool(documents),
        built=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        own=own.own,
    )


def whole_size(seen: Sequence[State], documents: Sequence[Document]) -> int:
    """The bytes of all sources, for a progress."""
    return sum(size for _, size, _ in seen) + sum(size_of(document.text) for document in documents)


def nothing_read(skipped: Sequence[Skipped]) -> str:
    """What to say of sources without a document."""
    if not skipped:
        return "the sources hold no file to index: name others"
    first = skipped[0]
    rest = f" (and {len(skipped) - 1} more)" if len(skipped) > 1 else ""
    return f"nothing of the sources could be read: {first.path}: {first.reason}{rest}"


def everything(paths: Sequence[Path], documents: Sequence[Document]) -> Iterator[Version | Skipped]:
    """All documents as they are kept, those of the paths first; ``SourceError`` where two have one id."""
    ids = set()
    read_or_given = chain(((item, False) for item in read(paths)), ((document, True) for document in documents))
    for item, given in read_or_given:
        if isinstance(item, Skipped):
            yield item
            continue
        version = version_of(item, given=given)
        name = version.document.id
        if name in ids:
            raise SourceError(f"two documents have the id {short(name)}: ids must differ, change one")
        ids.add(name)
        yield version


def write(
    items: Iterable[Version | Skipped], writer: Writer, size: int, progress: Progress | None, analyzer: Analyzer
) -> Counts:
    """Analyses documents and writes their passages; whatever fails cancels the writer."""
    counts = Counts()
    try:
        with closing(batches(_records(items, counts), analyzer)) as analysed:
            for batch in analysed:
                writer.add(batch)
                for done in _counted(counts, batch):
                    if progress:
                        progress(min(done, size), size)
        writer.commit()
    except BaseException:
        # What the first failure left half done may well fail again; the first one tells more.
        with suppress(Exception):
            writer.cancel()
        raise
    return counts


def _records(items: Iterable[Version | Skipped], counts: Counts) -> Iterator[Record]:
    """The passages of all documents; what has none is counted as skipped."""
    for item in items:
        if isinstance(item, Skipped):
            counts.skipped.append(item)
            continue
        document = item.document
        records = records_of(document, item.digest)
        first = next(records, None)
        if first is None:
            counts.skipped.append(Skipped(document.path or document.id, "no text in it"))
            counts.empty.add(document.id)
            continue
        yield first
        yield from records


def _counted(counts: Counts, batch: Batch) -> Iterator[int]:
    """Counts a batch; gives the bytes of text so far after each of its documents, or what it has of one."""
    for name in FIELDS:
        slots, passages = counts.slots[name]
        of_field = batch.fields[name].counts
        counts.slots[name] = [slots + int(of_field.sum()), passages + int((of_field > 0).sum())]
    counts.passages += len(batch.records)
    for record, following in zip_longest(batch.records, batch.records[1:]):
        counts.documents += record.passage.ordinal == 0
        counts.text += size_of(record.passage.text)
        if following is None or following.passage.ordinal == 0:
            yield counts.text
