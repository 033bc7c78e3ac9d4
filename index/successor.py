"""A generation that takes over segments of the one before it: who may make one, what is linked, what it then counts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import numpy as np

from index import directory as on_disk
from index.codec.contents import Contents
from index.errors import DamagedIndex, OtherAnalysis
from index.manifest import Manifest, OtherFormat
from index.settings import fingerprint
from index.writers import FIELDS, GIVEN
from index.writers.embedded import Passages


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

    ``hashed`` reads the whole dictionary, for a difference that its version and size do not tell.
    """
    difference = manifest.fingerprint.difference(fingerprint(hashed=hashed))
    if difference:
        raise OtherAnalysis(
            f"{directory} was made with {difference}, so nothing can be added: {on_disk.mend(directory)}"
        )


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
