"""Segments of passages → one segment, without looking at any text.

What comes out is what writing the passages at once gives. The fields of words are merged one after the other
(``index.codec.merging`` has what that takes), and what is stored goes over as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.codec.container import ContainerWriter
from index.codec.contents import SegmentFacts
from index.codec.field import write_field
from index.codec.fields import Layout
from index.codec.grams import GramsWriter
from index.codec.merging import merged
from index.codec.segment import field_file, grams_file, stored_file
from index.codec.slots import SlotsWriter
from index.writers import FIELDS
from index.writers.embedded import Passages
from index.writers.stored import StoredWriter

MOST = 1 << 27
"""Slots that one merged segment may have: what its arrays count must fit in 32 bits, and merging it in the memory."""


class Part(NamedTuple):
    """The rows of a segment that stay, ascending; ``given`` tells that a program gives them, whatever they were."""

    passages: Passages
    rows: NDArray[np.intp]
    given: bool = False

    def slots(self) -> int:
        """How many slots all of the segment's rows have."""
        return sum(int(self.passages.slots(field).counts().sum()) for field in FIELDS)


def merge(
    folder: Path, name: str, parts: Sequence[Part], number_of: Callable[[str], int], layout: Layout
) -> SegmentFacts:
    """Writes the segment of the rows of parts, one part after the other; ``number_of`` gives a document's number."""
    grams = GramsWriter()
    grams.merge([(part.passages.grams, part.rows) for part in parts])
    with ContainerWriter(grams_file(folder, name)) as container:
        grams.write(container)
    del grams
    for number, field in enumerate(FIELDS):
        slots = SlotsWriter()
        for part in parts:
            slots.copy(part.passages.slots(field), part.rows)
        data = merged([(part.passages.fields[field], part.rows) for part in parts])
        write_field(field_file(folder, name, number), data, layout, slots)
    stored = StoredWriter(number_of)
    for part in parts:
        stored.copy(part.passages.kept, part.rows, given=part.given)
    with ContainerWriter(stored_file(folder, name)) as container:
        stored.write(container)
    write_field(field_file(folder, name, len(FIELDS)), stored.ids(), layout)
    return SegmentFacts(name, sum(len(part.rows) for part in parts))


def numbers_in(parts: Sequence[Part]) -> Callable[[str], int]:
    """Gives each document of the parts the number that it has there, by its id."""
    numbers: dict[str, int] = {}
    for passages, rows, _ in parts:
        kept = passages.kept
        of = kept.numbers()
        numbers.update((kept.document(place)[0], int(of[place])) for place in np.unique(kept.places()[rows]).tolist())
    return numbers.__getitem__


def portions(parts: Sequence[Part], most: int = MOST) -> Iterator[list[Part]]:
    """Consecutive parts that together have no more slots than that, or one that has more."""
    portion: list[Part] = []
    filled = 0
    for part in parts:
        slots = part.slots()
        if portion and filled + slots > most:
            yield portion
            portion, filled = [], 0
        portion.append(part)
        filled += slots
    if portion:
        yield portion
