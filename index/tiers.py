"""Which segments of a generation are to be merged: neighbours of about one size, where there are many of them.

Segments stand in the order of their documents, and what is merged stays in its place. Each row is so merged a number
of times that grows with the logarithm of the index alone, and an index has few segments, however often it is updated.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from index.codec.contents import SegmentFacts

MOST = 8
"""So many neighbours of one size class stay as they are."""
SMALL = 1000
"""Live rows of the lowest class; each class above goes to ``MOST`` times as many."""


_Stretch = tuple[SegmentFacts, ...]


def live(segment: SegmentFacts) -> int:
    """The rows of a segment that are not deleted."""
    return segment.rows - len(segment.deleted)


def is_wasteful(segment: SegmentFacts) -> bool:
    """Whether more than half of a segment is deleted."""
    return len(segment.deleted) * 2 > segment.rows


def staying(segments: Sequence[SegmentFacts]) -> list[SegmentFacts]:
    """The segments without those whose rows are all deleted."""
    return [segment for segment in segments if live(segment)]


def to_merge(segments: Sequence[SegmentFacts]) -> list[tuple[SegmentFacts, ...]]:
    """The stretches of neighbours each of which is to become one segment, without its deleted rows.

    A stretch of one is a segment of which more than half is deleted. Where a merge fills the class above beyond its
    measure, it takes in that stretch at once.
    """
    stretches: list[_Stretch] = [(segment,) for segment in staying(segments)]
    for size in range(max(map(_class, stretches), default=-1) + 1):
        stretches = _merged(stretches, size)
    return [stretch for stretch in stretches if len(stretch) > 1 or is_wasteful(stretch[0])]


def _merged(stretches: Sequence[_Stretch], size: int) -> list[_Stretch]:
    """Joins neighbours up to a class, smaller ones between them too, where more than ``MOST`` of them are of it."""
    merged: list[_Stretch] = []
    for is_larger, group in groupby(stretches, lambda stretch: _class(stretch) > size):
        neighbours = list(group)
        if not is_larger and sum(_class(stretch) == size for stretch in neighbours) > MOST:
            neighbours = [tuple(segment for stretch in neighbours for segment in stretch)]
        merged += neighbours
    return merged


def _class(stretch: _Stretch) -> int:
    rows, size = sum(map(live, stretch)), 0
    while rows > SMALL:
        rows, size = rows // MOST, size + 1
    return size
