"""Changes an index instead of building it anew: only what is new or another version is analysed.

All sources are read, which is cheap, and each document's digest tells whether the index has it as it is. What it has
not goes into new segments, what is outdated or gone is marked as deleted, and all of it is one new generation that
links the files of the segments that stay.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

from index import directory as on_disk
from index.builder import (
    Counts,
    Progress,
    Report,
    Source,
    build_locked,
    check_memory,
    everything,
    nothing_read,
    parted,
    recorded,
    whole_size,
    write,
)
from index.codec.contents import CONTENTS, SCHEMA, Contents, SegmentFacts
from index.errors import SourceError, UsageError
from index.freshness import SOURCES, WATCHED, State, all_recorded, state, write_state
from index.manifest import Manifest
from index.model import Document
from index.own.making import Prepared, followed
from index.own.opening import open_own
from index.own.recorded import FILES, SYNONYMS
from index.places import chosen_index
from index.records import Version, short
from index.sources import Skipped
from index.successor import check_analysis, counted, link, manifest_to_follow, merged
from index.tiers import staying
from index.versions import Held, held, next_number, number_of, without
from index.writers import GIVEN
from index.writers.embedded import MEMORY, EmbeddedWriter, Generation, Passages
from index.writers.segment import SEGMENT_FIELDS


@dataclass(frozen=True, slots=True)
class Changes(Report):
    """What an update did, in documents; the counts of ``Report`` are the whole index's, what was skipped is of now."""

    added: int = 0
    replaced: int = 0
    deleted: int = 0
    kept: int = 0

    def to_dict(self) -> dict[str, object]:
        """The report as JSON values."""
        changes = {name: getattr(self, name) for name in ("added", "replaced", "deleted", "kept")}
        return {**Report.to_dict(self), **changes}


def update(
    index_dir: str | os.PathLike[str],
    sources: Source | Iterable[Source] | None = None,
    *,
    progress: Progress | None = None,
    wait: float = 0,
    memory: int = MEMORY,
) -> Changes:
    """Brings an index up to date with the sources that it records, or with other paths, which it then records.

    It then holds the documents that a build of them would, and those that a program gave, unless a source has one of
    that id. Where nothing changed, no file is. Of one's own words synonyms, and what is off, are taken as they are now.
    Raises what ``build`` does, ``MissingIndex`` where there is none, ``OtherAnalysis`` where the index was made with
    another dictionary (be it one of one's own), chain or format, and ``UsageError`` where it records no sources.
    """
    check_memory(memory)
    named = None if sources is None else parted(sources)
    if named and named[1]:
        raise UsageError("an update takes files and folders: give documents to index.add")
    with _following(index_dir, wait=wait) as old:
        paths = named[0] if named else recorded(old.directory, old.manifest)
        if not paths:
            raise UsageError(f"{old.directory} was made from a program's documents: name sources to update it from")
        return _changed(old, paths, (), progress, memory)


def add(
    sources: Source | Iterable[Source],
    index_dir: str | os.PathLike[str],
    *,
    progress: Progress | None = None,
    wait: float = 0,
    memory: int = MEMORY,
) -> Changes:
    """Adds sources (paths or ``Document``s, or one of them) to an index; builds one where there is none.

    Paths: an update with the recorded sources and these. A document takes the place of the one with its id, and stays
    until it is deleted, or until an update finds one with its id in a source. Raises what ``update`` does.
    """
    paths, documents = parted(sources)
    check_memory(memory)
    directory, _ = chosen_index(index_dir)
    with on_disk.locked(directory, wait=wait):
        if not (directory / on_disk.MANIFEST).exists():
            report = build_locked(paths, documents, directory, progress, memory)
            facts = {each.name: getattr(report, each.name) for each in fields(Report)}
            return Changes(**facts, added=report.documents)
        old = _opened(directory)
        if paths:
            paths = _distinct([*recorded(directory, old.manifest), *paths])
        return _changed(old, paths or None, documents, progress, memory)


def _distinct(paths: Iterable[Path]) -> list[Path]:
    """A source that is named twice would count as two of one name."""
    return list({str(path.absolute()): path for path in paths}.values())


def delete(ids: str | Iterable[str], index_dir: str | os.PathLike[str], *, wait: float = 0) -> Changes:
    """Deletes documents by their ids; where one is not there, ``UsageError`` names it, and nothing is changed.

    An update brings back what the sources still have; ``.sakuinignore`` leaves a file out for good. An index that was
    made with another dictionary may be deleted from.
    """
    wanted = dict.fromkeys([ids] if isinstance(ids, str) else ids)
    with _following(index_dir, wait=wait, adding=False) as old:
        numbers = {name: number_of(old.generation, name) for name in wanted}
        for name, number in numbers.items():
            if number is None:
                raise UsageError(
                    f"no document {short(name)} in {old.directory}, so nothing was deleted: give ids as hits show them"
                )
        gone = [number for number in numbers.values() if number is not None]
        return _deleted(old, gone)


class _Old(NamedTuple):
    """The generation that is to have a successor."""

    directory: Path
    manifest: Manifest
    folder: Path
    generation: Generation
    begun: float


@contextmanager
def _following(index_dir: str | os.PathLike[str], *, wait: float, adding: bool = True) -> Iterator[_Old]:
    """Holds the lock of an index that is there."""
    directory, _ = chosen_index(index_dir)
    manifest_to_follow(directory)  # before the lock, which would make a folder
    with on_disk.locked(directory, wait=wait):
        yield _opened(directory, adding=adding)


def _opened(directory: Path, *, adding: bool = True) -> _Old:
    begun = time.perf_counter()
    manifest = manifest_to_follow(directory)
    if SCHEMA in manifest.files:
        raise UsageError(f"{directory} is an index of a schema of its own: change it with index.open_whoosh")
    if adding:
        check_analysis(directory, manifest, hashed=True)
    folder = on_disk.check_generation(directory, manifest)
    contents = on_disk.read_file(directory, manifest, CONTENTS)
    return _Old(directory, manifest, folder, Generation(folder, contents, on_disk.mend(directory)), begun)


class _Selection:
    """Of the documents of an update those that an index does not have as they are."""

    def __init__(self, documents: Mapping[str, Held]) -> None:
        self._documents = documents
        self._seen: set[str] = set()
        self.outdated: set[str] = set()
        """Ids that the index has in another version."""

    def of(self, items: Iterable[Version | Skipped]) -> Iterator[Version | Skipped]:
        """What is new or another version, and what was skipped."""
        for item in items:
            if isinstance(item, Version):
                name = item.document.id
                self._seen.add(name)
                before = self._documents.get(name)
                if before is not None and before.digest == item.digest:
                    continue
                if before is not None:
                    self.outdated.add(name)
            yield item

    def vanished(self) -> set[str]:
        """Ids of documents that came from sources and were not shown."""
        return {name for name, kept in self._documents.items() if not kept.digest & GIVEN and name not in self._seen}


def _changed(
    old: _Old, paths: Sequence[Path] | None, documents: Sequence[Document], progress: Progress | None, memory: int
) -> Changes:
    """Takes in what is new of all sources, if there are ``paths``, and of documents."""
    before = held(old.generation)
    selection = _Selection(before)
    seen = None if paths is None else state(paths)
    mend = on_disk.mend(old.directory)
    own = None if paths is None else followed(old.manifest.own, paths, old.directory, mend)
    with _next(old) as (number, folder):
        writer = EmbeddedWriter(folder, memory, prefix=f"g{number}s", first=next_number(old.generation))
        items = selection.of(everything(paths or (), documents))
        analyzer = open_own(old.directory, old.manifest).analyzer
        counts = write(items, writer, whole_size(seen or (), documents), progress, analyzer)
        gone = selection.outdated | (selection.vanished() if paths is not None else set())
        manifest = _with_sources(old.manifest, paths, seen)
        if own is not None:
            manifest = replace(manifest, own=own.own)
        if counts.documents or gone or manifest != old.manifest or _is_news(old, seen):
            segments = [*without(old.generation, [before[name].number for name in gone]), *writer.segments]
            manifest = _finished(old, number, folder, manifest, segments, seen, memory, own)
            if not manifest.documents:
                raise SourceError(nothing_read(counts.skipped))
            on_disk.switch(old.directory, manifest)
    return _report(old, manifest, counts, len(selection.outdated - counts.empty), len(gone))


def _deleted(old: _Old, numbers: Sequence[int]) -> Changes:
    manifest = old.manifest
    if numbers:
        with _next(old) as (number, folder):
            segments = without(old.generation, numbers)
            manifest = _finished(old, number, folder, manifest, segments, None, MEMORY)
            on_disk.switch(old.directory, manifest)
    return _report(old, manifest, Counts(), 0, len(numbers))


@contextmanager
def _next(old: _Old) -> Iterator[tuple[int, Path]]:
    """The number and the folder of the next generation; what the system refuses is ``DirectoryError``."""
    try:
        with on_disk.new_generation(old.directory) as (number, folder):
            yield number, folder
    except OSError as error:
        on_disk.cannot_write(old.directory, error)


def _with_sources(manifest: Manifest, paths: Sequence[Path] | None, seen: Sequence[State] | None) -> Manifest:
    if paths is None or seen is None:
        return manifest
    return replace(manifest, sources=tuple(str(path.absolute()) for path in paths), watched=tuple(seen[:WATCHED]))


def _is_news(old: _Old, seen: Sequence[State] | None) -> bool:
    """Whether the sources were touched, be it in nothing that counts; status would go on to call them changed."""
    return seen is not None and seen != all_recorded(old.directory, old.manifest)


def _finished(
    old: _Old,
    number: int,
    folder: Path,
    manifest: Manifest,
    segments: Sequence[SegmentFacts],
    seen: Sequence[State] | None,
    memory: int,
    own: Prepared | None = None,
) -> Manifest:
    """Completes the files of a generation, and says what its manifest is to be."""
    opened = {segment.facts.name: segment for segment in old.generation.segments}

    def of(facts: SegmentFacts) -> Passages:
        """A segment as it is opened already, or from the new folder; deleted are those of ``facts``."""
        segment = opened.get(facts.name) or Passages(folder, facts, SEGMENT_FIELDS, on_disk.mend(old.directory))
        return segment.but(facts)

    segments = merged(staying(segments), of, folder, f"g{number}m", memory)
    contents = Contents(SEGMENT_FIELDS, tuple(segments))
    names = {segment.name for segment in contents.segments}
    others = {*FILES, SOURCES} - ({SOURCES} if seen is not None else set()) - ({SYNONYMS} if own else set())
    linked = link(old.manifest, old.folder, folder, names, others)
    if own is not None:
        own.write_synonyms(folder)
    if seen is not None:
        write_state(folder, seen)
    (folder / CONTENTS).write_bytes(contents.to_bytes())
    manifest = replace(
        manifest,
        generation=number,
        files=on_disk.facts_of(folder, linked),
        built=datetime.now(timezone.utc).isoformat(timespec="seconds"),
    )
    return counted(manifest, folder, contents, on_disk.mend(old.directory))


def _report(old: _Old, manifest: Manifest, counts: Counts, replaced: int, gone: int) -> Changes:
    return Changes(
        directory=old.directory,
        documents=manifest.documents,
        passages=manifest.passages,
        tokens=manifest.slots["body"][0],
        seconds=time.perf_counter() - old.begun,
        bytes=sum(size for size, _ in manifest.files.values()),
        skipped=tuple(counts.skipped),
        added=counts.documents - replaced,
        replaced=replaced,
        deleted=gone - replaced,
        kept=manifest.documents - counts.documents,
    )
