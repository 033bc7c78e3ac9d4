"""Sources → passages → slots → writer: a whole index, built beside the one in use and switched to at the end."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from itertools import chain
from pathlib import Path
from typing import Union

from index import directory as on_disk
from index.analysis import Analyzer
from index.analysis.fold import whole
from index.errors import SourceError, UsageError
from index.freshness import SOURCES, WATCHED, state
from index.manifest import Manifest
from index.model import Document, Passage, Slot
from index.passages import split
from index.places import chosen_index
from index.settings import fingerprint
from index.sources import Skipped, folders, read
from index.writers import FIELDS, Entry, Writer
from index.writers.embedded import EmbeddedWriter

Source = Union[str, "os.PathLike[str]", Document]
Progress = Callable[[int, int], None]
"""Called with (bytes of text indexed, bytes of all sources); the first may stop short of the second."""

FIRST_WAIT = 600.0
"""Seconds that a first use waits for another one that builds the same index."""
_TITLE = 500
"""Characters that are kept of a title or a heading; what is longer is none."""
_SHOWN = 80
"""Characters of an id that a message shows."""


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
) -> Report:
    """Builds the index of ``sources`` (paths or ``Document``s, or one of them) in ``index_dir``, in place of the old.

    Readers see the old index until the new one is whole; a build that fails or is killed leaves the old one in use.
    ``wait`` is how long, in seconds, to wait for another build there. Raises ``SourceError`` for a source that does
    not exist or documents with one id, ``UsageError`` for no sources at all, ``LockedIndex`` and ``DirectoryError`` for
    a directory that cannot be used.
    """
    given = [sources] if isinstance(sources, (str, os.PathLike, Document)) else list(sources)
    documents = [source for source in given if isinstance(source, Document)]
    names = [os.fspath(source) for source in given if not isinstance(source, Document)]
    if not given or "" in names:
        raise UsageError("nothing to index: name a file or a folder")
    paths = [Path(name) for name in names]
    for path in paths:
        next(folders(path), None)  # which raises for what is not there
    directory, _ = chosen_index(index_dir)
    with on_disk.locked(directory, wait=wait):
        return _build(paths, documents, directory, progress)


def build_first(
    sources: Iterable[Path], index_dir: str | os.PathLike[str], *, progress: Progress | None = None
) -> None:
    """Builds an index where there is none; waits for another process that does, and then leaves its index in place."""
    directory = Path(index_dir)
    with on_disk.locked(directory, wait=FIRST_WAIT):
        if not (directory / on_disk.MANIFEST).exists():
            _build(list(sources), [], directory, progress)


def rebuild(index_dir: str | os.PathLike[str], *, progress: Progress | None = None, wait: float = 0) -> Report:
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
    return build(manifest.sources, directory, progress=progress, wait=wait)


def _build(paths: Sequence[Path], documents: Sequence[Document], directory: Path, progress: Progress | None) -> Report:
    begun = time.perf_counter()
    try:
        with on_disk.new_generation(directory) as (generation, folder):
            counts, manifest = _fill(generation, folder, paths, documents, progress)
            on_disk.switch(directory, manifest)
    except OSError as error:
        on_disk.cannot_write(directory, error)
    size = sum(bytes_ for bytes_, _ in manifest.files.values())
    seconds = time.perf_counter() - begun
    return Report(
        directory, counts.documents, counts.passages, counts.slots["body"][0], seconds, size, tuple(counts.skipped)
    )


def _fill(
    generation: int, folder: Path, paths: Sequence[Path], documents: Sequence[Document], progress: Progress | None
) -> tuple[_Counts, Manifest]:
    """Writes all files of a generation, and says what its manifest is to be."""
    seen = state(paths)
    size = sum(size for _, size, _ in seen) + sum(_size(document) for document in documents)
    counts = _write(_all(paths, documents), EmbeddedWriter(folder), size, progress)
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
            cleaned = _clean(item)
            if cleaned.id in ids:
                raise SourceError(f"two documents have the id {_start(cleaned.id)}: ids must differ, change one")
            ids.add(cleaned.id)
            yield cleaned
        else:
            yield item


def _start(name: str) -> str:
    """An id for a message, which is one line."""
    return repr(name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…")


def _write(items: Iterable[Document | Skipped], writer: Writer, size: int, progress: Progress | None) -> _Counts:
    counts = _Counts()
    try:
        analyzer = Analyzer()
        for item in items:
            if isinstance(item, Skipped):
                counts.skipped.append(item)
                continue
            entries = entries_of(item, analyzer)
            for entry in entries:
                writer.add(entry)
            _count(counts, item, entries)
            if progress:
                progress(min(counts.text, size), size)
        writer.commit()
    except BaseException:
        # What the first failure left half done may well fail again; the first one tells more.
        with suppress(Exception):
            writer.cancel()
        raise
    return counts


def _count(counts: _Counts, document: Document, entries: Sequence[Entry]) -> None:
    if not entries:
        counts.skipped.append(Skipped(document.path or document.id, "no text in it"))
        return
    counts.documents += 1
    counts.passages += len(entries)
    counts.text += _size(document)
    for entry in entries:
        for name in FIELDS:
            total = counts.slots[name]
            total[0] += len(entry.slots[name])
            total[1] += bool(entry.slots[name])


def _size(document: Document) -> int:
    return len(document.text.encode("utf-8", "replace"))


def entries_of(document: Document, analyzer: Analyzer) -> list[Entry]:
    """A document's passages with their slots."""
    document = _clean(document)
    of_title = analyzer.slots(document.title)
    of_headings: dict[str, Sequence[Slot]] = {"": ()}
    entries = []
    for passage in split(document):
        passage = replace(passage, headings=tuple(h._replace(text=h.text[:_TITLE]) for h in passage.headings))
        above = _headings_above(passage)
        if above not in of_headings:
            of_headings[above] = analyzer.slots(above)
        texts = {"title": document.title, "headings": above, "body": passage.text}
        slots = {"title": of_title, "headings": of_headings[above], "body": analyzer.slots(passage.text)}
        entries.append(Entry(document, passage, texts, slots))
    return entries


def _headings_above(passage: Passage) -> str:
    """The headings above a passage; one inside it is in its body and counts once."""
    return "\n\n".join(h.text for h in passage.headings if not passage.start <= h.start < passage.end)


def _clean(document: Document) -> Document:
    """The document as it is kept: no lone surrogates, which no file can hold, offsets as they were; no endless title.

    Raises ``SourceError`` for fields that are no JSON values.
    """
    try:
        fields = json.loads(whole(json.dumps(dict(document.fields), ensure_ascii=False)))
    except (TypeError, ValueError, RecursionError) as error:
        raise SourceError(
            f"the fields of the document {_start(document.id)} are no JSON values ({error}): use strings, numbers, "
            "lists and dictionaries"
        ) from error
    return replace(
        document,
        id=whole(document.id),
        title=whole(document.title[:_TITLE]),
        text=whole(document.text),
        path=None if document.path is None else whole(document.path),
        fields=fields,
    )
