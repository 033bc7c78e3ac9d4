"""Everything that can be checked of an index without its sources."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from index import directory as on_disk
from index.manifest import Manifest
from index.places import chosen_index
from index.settings import fingerprint
from index.writers import FIELDS
from index.writers.embedded import Stored, read_positions, read_stored

MOST = 100
"""So many problems are told; more tell nothing more."""


def verify(index_dir: str | os.PathLike[str], *, deep: bool = False) -> list[str]:
    """What is wrong with an index, a line each; none if nothing is.

    Checks the manifest, every file's checksum and the dictionary with its hash; ``deep`` also reads every passage and
    checks its parts against each other. Damage that keeps it from being opened raises ``DamagedIndex``.
    """
    directory, _ = chosen_index(index_dir)
    manifest, folder = on_disk.in_use(directory)
    difference = manifest.fingerprint.difference(fingerprint(hashed=True))
    problems = [f"the index was made with {difference}: {on_disk.mend(directory)}"] if difference else []
    if deep:
        try:
            problems.extend(islice(_deep(folder, manifest), MOST))
        except Exception as error:  # noqa: BLE001 - a file with a right checksum and wrong content may raise anything
            problems.append(f"{folder} cannot be read to its end ({error!r}): {on_disk.mend(directory)}")
    return problems


def _deep(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Passages one by one, then the counts, then the postings."""
    passages: list[dict[str, int]] = []
    following: dict[str, tuple[int, int]] = {}
    for number, (stored, lengths) in enumerate(read_stored(folder)):
        place = f"passage {number} of {stored.document[:80]!r}"
        if (stored.ordinal, stored.start) != following.get(stored.document, (0, 0)):
            yield f"{place} does not go on where the one before it ends"
        following[stored.document] = (stored.ordinal + 1, stored.end)
        yield from (f"{place} {what}" for what in _contradictions(stored, lengths))
        passages.append(lengths)
    counted = (len(following), len(passages), *(_total(passages, field) for field in FIELDS))
    recorded = (manifest.documents, manifest.passages, *(manifest.slots[field] for field in FIELDS))
    if counted != recorded:
        names = "documents, passages and, by field, slots and passages with any"
        yield f"the manifest counts {recorded}, the index has {counted} ({names})"
    for field, number, last in read_positions(folder):
        if not last < passages[number][field]:
            yield f"passage {number} has a posting at slot {last} of {field}, which has {passages[number][field]} slots"


def _contradictions(stored: Stored, lengths: dict[str, int]) -> Iterator[str]:
    if len(stored.texts["body"]) != stored.end - stored.start:
        yield "has a text of another length than its span"
    for field in FIELDS:
        if not lengths[field] == len(stored.marks[field]) == len(stored.spans[field]) // 8:
            yield f"has {field} of different lengths"
        spans = array("I", stored.spans[field])
        length = len(stored.texts[field])
        if any(not start <= end <= length for start, end in zip(spans[::2], spans[1::2], strict=True)):
            yield f"has slots outside the text of its {field}"


def _total(passages: list[dict[str, int]], field: str) -> tuple[int, int]:
    return sum(lengths[field] for lengths in passages), sum(lengths[field] > 0 for lengths in passages)
