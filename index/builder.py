"""Sources → passages → slots → writer: a whole index, built beside the one in use and switched to at the end."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from itertools import chain, zip_longest
from pathlib import Path
from typing import Union

from index import directory as on_disk
from index.analysis import Analyzer
from index.errors import SourceError, UsageError
from index.freshness import SOURCES, WATCHED, state
from index.manifest import Manifest
from index.model import Document
from index.pipeline import batches
from index.places import chosen_index
from index.records import cleaned, records_of, short, size_of
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

    def to_dict(self) -> dict[str, object]:
        """The report as JSON values."""
        return {
            "directory": str(self.directory),
            "documents": self.documents,
            "passages": self.passages,
            "tokens": self.tokens,
            "seconds": round(self.seconds, 3),
            "bytes": self.bytes,
            "skipped": [{"path": skipped.path, "reason": skipped.reason} for skipped in self.skipped],
        }


@dataclass(slots=True)
class _Counts:
    documents: int = 0
    passages: int = 0
    text: int = 0
    slots: dict[str, list[int]] = field(default_factory=lambda: {name: [0, 0] for name in FIELDS})
    skipped: list[Skipped] = field(default_factory=list)


def build(
    sources: Source | Iterable[Source],
    index_dir: str | os.PathLike[str],
    *,
    progress: Progress | None = None,
    wait: float = 0,
    memory: int = MEMORY,
) -> Report:
    """Builds the index of ``sources`` (paths or ``Document``s, or one of them) in ``index_dir``, in place of the old.

    Readers see the old index until the new one is whole; a build that fails or is killed leaves the old one in use.
    ``wait`` is how long, in seconds, to wait for another build there; ``memory`` how much the writer may hold, in MB,
    before it writes a segment (the dictionary and the texts being analysed come on top). Raises ``SourceError`` for a
    source that does not exist or documents with one id, ``UsageError`` for no sources at all, ``LockedIndex`` and
    ``DirectoryError`` for a directory that cannot be used.
    """
    given = [sources] if isinstance(sources, (str, os.PathLike, Document)) else list(sources)
    documents = [source for source in given if isinstance(source, Document)]
    names = [os.fspath(source) for source in given if not isinstance(source, Document)]
    if not given or "" in names:
        raise UsageError("nothing to index: name a file or a folder")
    if memory < LEAST_MEMORY:
        raise UsageError(f"memory is {memory} MB: give at least {LEAST_MEMORY}")
    paths = [Path(name) for name in names]
    for path in paths:
        next(folders(path), None)  # which raises for what is not there
    directory, _ = chosen_index(index_dir)
    with on_disk.locked(directory, wait=wait):
        return _build(paths, documents, directory, progress, memory)


def build_first(
    sources: Iterable[Path], index_dir: str | os.PathLike[str], *, progress: Progress | None = None
) -> None:
    """Builds an index where there is none; waits for another process that does, and then leaves its index in place."""
    directory = Path(index_dir)
    with on_disk.locked(directory, wait=FIRST_WAIT):
        if not (directory / on_disk.MANIFEST).exists():
            _build(list(sources), [], directory, progress, MEMORY)


def rebuild(
    index_dir: str | os.PathLike[str], *, progress: Progress | None = None, wait: float = 0, memory: int = MEMORY
) -> Report:
    """Builds the index once more from the sources that its manifest records.

    Raises what ``build`` does, ``MissingIndex`` where there is none, and ``UsageError`` where a program gave documents.
    """
    directory, _ = chosen_index(index_dir)
    manifest = on_disk.read_manifest(directory)
    if manifest.from_documents:
        raise UsageError(f"{directory} was made from a program's documents: build it again from there, or name sources")
    gone = next((source for source in manifest.sources if not Path(source).exists()), None)
    if gone is not None:
        raise SourceError(f"{directory} was built from {gone}, which is not there any more: name the sources")
    return build(manifest.sources, directory, progress=progress, wait=wait, memory=memory)


def _build(
    paths: Sequence[Path], documents: Sequence[Document], directory: Path, progress: Progress | None, memory: int
) -> Report:
    begun = time.perf_counter()
    try:
        with on_disk.new_generation(directory) as (generation, folder):
            counts, manifest = _fill(generation, folder, paths, documents, progress, memory)
            on_disk.switch(directory, manifest)
    except OSError as error:
        on_disk.cannot_write(directory, error)
    size = sum(bytes_ for bytes_, _ in manifest.files.values())
    seconds = time.perf_counter() - begun
    return Report(
        directory, counts.documents, counts.passages, counts.slots["body"][0], seconds, size, tuple(counts.skipped)
    )


def _fill(
    generation: int,
    folder: Path,
    paths: Sequence[Path],
    documents: Sequence[Document],
    progress: Progress | None,
    memory: int,
) -> tuple[_Counts, Manifest]:
    """Writes all files of a generation, and says what its manifest is to be."""
    seen = state(paths)
    size = sum(size for _, size, _ in seen) + sum(size_of(document.text) for document in documents)
    counts = _write(_all(paths, documents), EmbeddedWriter(folder, memory), size, progress)
    if not counts.documents:
        raise SourceError(_nothing_read(counts.skipped))
    (folder / SOURCES).write_text(json.dumps(seen), encoding="ascii")
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
    )


def _nothing_read(skipped: Sequence[Skipped]) -> str:
    if not skipped:
        return "the sources hold no file to index: name others"
    first = skipped[0]
    rest = f" (and {len(skipped) - 1} more)" if len(skipped) > 1 else ""
    return f"nothing of the sources could be read: {first.path}: {first.reason}{rest}"


def _all(paths: Sequence[Path], documents: Sequence[Document]) -> Iterator[Document | Skipped]:
    ids = set()
    for item in chain(read(paths), documents):
        if isinstance(item, Document):
            document = cleaned(item)
            if document.id in ids:
                raise SourceError(f"two documents have the id {short(document.id)}: ids must differ, change one")
            ids.add(document.id)
            yield document
        else:
            yield item


def _write(items: Iterable[Document | Skipped], writer: Writer, size: int, progress: Progress | None) -> _Counts:
    counts = _Counts()
    try:
        with closing(batches(_records(items, counts), Analyzer())) as analysed:
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


def _records(items: Iterable[Document | Skipped], counts: _Counts) -> Iterator[Record]:
    """The passages of all documents; what has none is counted as skipped."""
    for item in items:
        if isinstance(item, Skipped):
            counts.skipped.append(item)
            continue
        records = records_of(item)
        first = next(records, None)
        if first is None:
            counts.skipped.append(Skipped(item.path or item.id, "no text in it"))
            continue
        yield first
        yield from records


def _counted(counts: _Counts, batch: Batch) -> Iterator[int]:
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
