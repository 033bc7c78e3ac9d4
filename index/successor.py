"""A generation that takes over segments of the one before it.

Who may make one, which segments are linked and which merged, and what it then counts.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from itertools import count, islice
from pathlib import Path

import numpy as np

from index import directory as on_disk
from index.codec.contents import Contents, SegmentFacts
from index.codec.fields import Layout
from index.errors import DamagedIndex, OtherAnalysis
from index.manifest import Manifest, OtherFormat
from index.own.making import check_dictionary
from index.settings import fingerprint
from index.tiers import is_wasteful, to_merge
from index.writers import FIELDS, GIVEN
from index.writers.embedded import Passages
from index.writers.merging import MOST, Part, merge, numbers_in, portions


def manifest_to_follow(directory: Path) -> Manifest:
    """The manifest in use; ``OtherAnalysis`` where its format is another, else raises what reading it does."""
    try:
        return on_disk.read_manifest(directory)
    except DamagedIndex as error:
        if isinstance(error.__cause__, OtherFormat):
            raise OtherAnalysis(str(error)) from error
        raise


def check_analysis(directory: Path, manifest: Manifest, *, hashed: bool = False) -> None:
    """Raises ``OtherAnalysis`` where what is added would be analysed otherwise than what is there.

    ``hashed`` reads the whole dictionary, for a difference that its version and size do not tell. A dictionary of
    one's own that was changed since is such a difference too.
    """
    difference = manifest.fingerprint.difference(fingerprint(hashed=hashed))
    if difference:
        raise OtherAnalysis(
            f"{directory} was made with {difference}, so nothing can be added: {on_disk.mend(directory)}"
        )
    check_dictionary(manifest.own, directory, on_disk.mend(directory))


def link(
    manifest: Manifest, before: Path, folder: Path, segments: Collection[str], others: Collection[str] = ()
) -> dict[str, tuple[int, int]]:
    """Puts the files of segments that stay, and others by their names, from the folder ``before`` in the new one too.

    Gives what the manifest says of those that were linked. Where links are not to be had files are copied, and so new.
    """
    kept = {name: facts for name, facts in manifest.files.items() if _segment_of(name) in segments or name in others}
    return {name: facts for name, facts in kept.items() if _linked(before / name, folder / name)}


def _segment_of(file: str) -> str:
    return file.partition(".")[0].partition("-")[0]


def _linked(old: Path, new: Path) -> bool:
    try:
        os.link(old, new)
    except OSError:
        shutil.copyfile(old, new)
        return False
    return True


A_SLOT = 64
"""Bytes that merging takes for a slot, and a little more than it was measured to."""


def merged(
    segments: Sequence[SegmentFacts], opened: Callable[[SegmentFacts], Passages], folder: Path, name: str, memory: int
) -> list[SegmentFacts]:
    """The segments, with new ones in the place of those that are due to be merged (see ``tiers``).

    The names of the new ones, in ``folder``, begin with ``name``; none is larger than ``memory`` (MB) allows. What was
    merged is removed from the folder.
    """
    result = list(segments)
    numbers = count(1)
    for stretch in to_merge(segments):
        rest = iter(stretch)
        parts = [Part(passages, np.flatnonzero(passages.alive())) for passages in map(opened, stretch)]
        for portion in portions(parts, min(MOST, (memory << 20) // A_SLOT)):
            old = list(islice(rest, len(portion)))
            if len(old) == 1 and not is_wasteful(old[0]):
                continue
            new = merge(folder, f"{name}{next(numbers)}", portion, numbers_in(portion), Layout())
            at = result.index(old[0])
            result[at : at + len(old)] = [new]
            gone = {facts.name for facts in old}
            for file in [file for file in folder.iterdir() if _segment_of(file.name) in gone]:
                file.unlink()
    return result


def counted(manifest: Manifest, folder: Path, contents: Contents, mend: str) -> Manifest:
    """The manifest with what a finished generation of passages holds, deleted rows left out."""
    numbers = [np.empty(0, np.uint32)]
    slots = {field: [0, 0] for field in FIELDS}
    given = False
    for facts in contents.segments:
        segment = Passages(folder, facts, contents.fields, mend)
        live = segment.kept.places()[segment.alive()]
        numbers.append(segment.kept.numbers()[live])
        given |= bool((segment.kept.digests()[live] & np.uint64(GIVEN)).any())
        for field in FIELDS:
            counts = segment.slots(field).counts()[segment.alive()]
            slots[field][0] += int(counts.sum())
            slots[field][1] += int((counts > 0).sum())
    of_live = np.concatenate(numbers)
    return replace(
        manifest,
        documents=len(np.unique(of_live)),
        passages=len(of_live),
        slots={field: (total, filled) for field, (total, filled) in slots.items()},
        from_documents=given,
    )
