"""Which documents an index of passages holds, and in which version: what an update goes by."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from index.codec.contents import SegmentFacts
from index.writers import GIVEN
from index.writers.embedded import Generation, Passages
from index.writers.segment import DOCUMENT


class Held(NamedTuple):
    """A document of an index: its number, and its digest, which is no version's where something of it was deleted."""

    number: int
    digest: int


def held(generation: Generation) -> dict[str, Held]:
    """The documents of a generation by their ids, but for those whose passages are all deleted."""
    whole = _whole(generation)
    documents: dict[str, Held] = {}
    for segment in generation.segments:
        kept = segment.kept
        live = set(kept.places()[segment.alive()].tolist())
        for place, ((name, number), digest) in enumerate(zip(kept.documents(), kept.digests().tolist(), strict=True)):
            if place not in live:
                continue
            before = documents.get(name, Held(number, digest)).digest
            known = number in whole and digest == before
            documents[name] = Held(number, digest if known else digest & before & GIVEN)
    return documents


def _whole(generation: Generation) -> set[int]:
    """Numbers of documents whose passages are all of their text."""
    numbers, lengths, of, sizes = [_NONE], [_NONE], [_NONE], [_NONE]
    for segment in generation.segments:
        kept, live = segment.kept, np.flatnonzero(segment.alive())
        of.append(kept.numbers()[kept.places()[live]])
        sizes.append((kept.ends() - kept.starts())[live])
        numbers.append(kept.numbers())
        lengths.append(kept.lengths())
    number, length = np.concatenate(numbers), np.concatenate(lengths)
    documents, firsts = np.unique(number, return_index=True)
    sums = np.bincount(np.searchsorted(documents, np.concatenate(of)), np.concatenate(sizes), len(documents))
    return set(documents[sums == length[firsts]].tolist())


_NONE = np.empty(0, np.uint32)


def next_number(generation: Generation) -> int:
    """The number of the next document that is new: above all that there ever were."""
    return max((int(s.kept.numbers().max(initial=0)) + 1 for s in generation.segments), default=0)


def number_of(generation: Generation, name: str) -> int | None:
    """The number of a document by its id; None if there is none, or none any more."""
    for segment in generation.segments:
        row = _live_row(segment, name)
        if row is not None:
            return segment.kept.document_number(row)
    return None


def _live_row(segment: Passages, name: str) -> int | None:
    field = segment.fields[DOCUMENT]
    ordinal = field.terms.find(name.encode("utf-8", "surrogatepass"))
    if ordinal < 0:
        return None
    rows = field.postings(ordinal)[0]
    return next(iter(rows[segment.alive()[rows]].tolist()), None)


def without(generation: Generation, numbers: Collection[int]) -> list[SegmentFacts]:
    """The segments of a generation, with the rows of some documents deleted too."""
    gone = np.fromiter(numbers, np.uint32, len(numbers))
    segments = []
    for segment in generation.segments:
        dead = ~segment.alive() | np.isin(segment.kept.numbers()[segment.kept.places()], gone)
        segments.append(replace(segment.facts, deleted=tuple(np.flatnonzero(dead).tolist())))
    return segments
