"""Everything that can be checked of an index without its sources."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, pairwise
from pathlib import Path

import numpy as np

from index import directory as on_disk
from index.analysis.folded import FoldTable
from index.codec.container import Container
from index.codec.contents import CONTENTS, SCHEMA, parsed
from index.codec.field import Field
from index.codec.grams import Grams
from index.codec.slots import BREAK
from index.codec.stretches import bounds
from index.errors import DamagedIndex
from index.manifest import Manifest
from index.own.opening import check_own
from index.places import chosen_index
from index.settings import fingerprint
from index.writers import FIELDS, Columns
from index.writers.embedded import Generation, Passages
from index.writers.literal import Heads, notes
from index.writers.segment import DOCUMENT

MOST = 100
"""So many problems are told; more tell nothing more."""
_TOGETHER = 256
"""Rows whose slots are looked at together."""


def verify(index_dir: str | os.PathLike[str], *, deep: bool = False) -> list[str]:
    """What is wrong with an index, a line each; none if nothing is.

    Checks the manifest, every file's checksum and the dictionary with its hash; ``deep`` also reads every passage and
    checks its parts against each other. Damage that keeps it from being opened raises ``DamagedIndex``.
    """
    directory, _ = chosen_index(index_dir)
    manifest, folder = on_disk.in_use(directory, whole=True)
    difference = manifest.fingerprint.difference(fingerprint(hashed=True))
    problems = [f"the index was made with {difference}: {on_disk.mend(directory)}"] if difference else []
    if deep:
        contents = on_disk.read_file(directory, manifest, CONTENTS)
        try:
            if SCHEMA in manifest.files:
                mend = on_disk.mend(directory)
                problems.extend(_listed(_of_schema(folder, contents, manifest, mend), folder, mend))
            else:
                problems.extend(contradictions(Generation(folder, contents, on_disk.mend(directory)), manifest))
                check_own(directory, manifest)
        except DamagedIndex as error:
            problems.append(str(error))
    return problems


def _of_schema(folder: Path, contents: bytes, manifest: Manifest, mend: str) -> Iterator[str]:
    """What contradicts itself in an index of a schema of its own; what no reader takes is ``DamagedIndex``."""
    from index.as_whoosh.store import GeneralRows

    table = parsed(contents)
    for facts in table.segments:
        rows = GeneralRows(folder, facts, table.fields, frozenset(manifest.files), mend)
        for field in rows.fields.values():
            yield from (f"{field.container.file}: {problem}" for problem in field.problems())
        for row in range(facts.rows):
            rows.stored(row)


def contradictions(generation: Generation, manifest: Manifest) -> list[str]:
    """What of a generation contradicts itself though every checksum is right, a line each, ``MOST`` of them."""
    return _listed(_contradictions(generation, manifest), generation.folder, generation.mend)


def _listed(found: Iterator[str], folder: Path, mend: str) -> list[str]:
    """What is found, ``MOST`` of it, with what ends the search."""
    problems: list[str] = []
    try:
        problems.extend(islice(found, MOST))
    except DamagedIndex as error:
        problems.append(str(error))
    except Exception as error:  # noqa: BLE001 - a file with a right checksum and wrong content may raise anything
        problems.append(f"{folder} cannot be read to its end ({error!r}): {mend}")
    return problems


def _contradictions(generation: Generation, manifest: Manifest) -> Iterator[str]:
    """Passages one by one, then the counts, then the postings; deleted rows are read too, but count for nothing."""
    documents: dict[str, list[tuple[int, int, int]]] = {}
    ids: dict[Passages, dict[str, list[int]]] = {segment: {} for segment in generation.segments}
    deleted = {segment: frozenset(segment.facts.deleted) for segment in generation.segments}
    totals = {field: [0, 0] for field in FIELDS}
    for number in range(len(generation)):
        segment, row = generation.place(number)
        stored = segment.kept.read(row)
        ids[segment].setdefault(stored.document, []).append(row)
        place = f"passage {number} of {stored.document[:80]!r}"
        live = row not in deleted[segment]
        if live:
            documents.setdefault(stored.document, []).append((stored.ordinal, stored.start, stored.end))
        for field in FIELDS:
            starts, ends = segment.slots(field).spans(row)
            totals[field][0] += len(starts) * live
            totals[field][1] += bool(len(starts)) * live
            if any(not 0 <= a <= b <= len(stored.texts[field]) for a, b in zip(starts, ends, strict=True)):
                yield f"{place} has slots outside the text of its {field}"
    # A passage may have been deleted, and one added later stands behind those of other documents.
    for name, passages in documents.items():
        passages.sort()
        if any(a[0] == b[0] or a[2] > b[1] for a, b in pairwise(passages)):
            yield f"the passages of {name[:80]!r} overlap, or are not in order"
    counted = (len(documents), generation.passages, *(tuple(totals[field]) for field in FIELDS))
    recorded = (manifest.documents, manifest.passages, *(manifest.slots[field] for field in FIELDS))
    if counted != recorded:
        names = "documents, passages and, by field, slots and passages with any"
        yield f"the manifest counts {recorded}, the index has {counted} ({names})"
    for segment in generation.segments:
        yield from _misled(segment, ids[segment])
        every = (segment.kept.document(place)[2] for place in range(len(segment.kept.numbers())))
        yield from (f"{segment.stored.file}: {problem}" for problem in segment.kept.columns.problems(every))
        parts: list[Field | Grams] = [*segment.fields.values(), segment.grams]
        for part in parts:
            yield from _told(part.container, part.problems())
        for field in FIELDS:
            yield from _told(segment.fields[field].container, _misread(segment, field))


def _told(container: Container, problems: Iterator[str]) -> Iterator[str]:
    """What is found in a file, with what ends the search."""
    try:
        yield from (f"{container.file}: {problem}" for problem in problems)
    except DamagedIndex as error:
        yield str(error)


def _misread(segment: Passages, field: str) -> Iterator[str]:
    """Slots that read otherwise than is noted of them."""
    of_field, slots = segment.fields[field], segment.slots(field)
    if not len(slots):
        return
    heads, folds = Heads(), FoldTable()
    heads.extend([((term.decode("utf-8", "replace"),), ()) for term in of_field.terms] + [((), ())])
    first = of_field.first_terms().astype(np.uint32)
    edges, counts, noted, marks = slots.starts(), slots.counts().astype(np.uint32), slots.notes(), slots.all_marks()
    for start in range(0, segment.rows, _TOGETHER):
        rows = range(start, min(start + _TOGETHER, segment.rows))
        here = slice(int(edges[rows.start]), int(edges[rows.stop]))
        texts = [segment.kept.read(row).texts[field] for row in rows]
        starts, ends = (np.concatenate(each) for each in zip(*map(slots.spans, rows), strict=True))
        begins = bounds(np.array([len(text) + 1 for text in texts]))[:-1]
        spans = starts.astype(np.uint32), ends.astype(np.uint32)
        columns = Columns(counts[rows.start : rows.stop], first[here], marks[here], *spans)
        found = notes(folds.characters(texts), begins, columns.words, columns, heads)
        # A slot may be open for what its other terms are.
        if (found & ~noted[here] | noted[here] & ~found & BREAK).any():
            yield f"slots of its rows {rows.start} to {rows.stop - 1} read otherwise than is noted of them"


def _misled(segment: Passages, ids: Mapping[str, Sequence[int]]) -> Iterator[str]:
    """Documents whose ids do not lead to their passages."""
    field = segment.fields[DOCUMENT]
    for name, rows in ids.items():
        ordinal = field.terms.find(name.encode("utf-8"))
        if ordinal < 0 or field.postings(ordinal)[0].tolist() != rows:
            yield f"{field.container.file}: the id {name[:80]!r} does not lead to its passages"
