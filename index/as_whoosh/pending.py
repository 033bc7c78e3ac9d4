"""What a writer of passages is going to write: passages that were added, and segments that are merged.

The rows of the index's own segments come first, in the order of those; behind them what was added, as it was added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from index.analysis.folded import FoldTable
from index.codec.contents import SegmentFacts
from index.codec.fields import Layout
from index.writers import Entry, batch_of
from index.writers.embedded import Passages
from index.writers.merging import Part, merge, portions
from index.writers.segment import SEGMENT_FIELDS, SegmentWriter


class Pending:
    """Passages and parts of segments, until they are written."""

    def __init__(self) -> None:
        self._own: list[tuple[int, Part]] = []
        self._added: list[Part | list[Entry]] = []

    def add(self, entry: Entry) -> None:
        """Takes a passage."""
        if not self._added or isinstance(self._added[-1], Part):
            self._added.append([])
        run = self._added[-1]
        assert isinstance(run, list)
        run.append(entry)

    def merge(self, part: Part, number: int | None) -> None:
        """Takes the rows of a segment: of the index's own with that number, or of another index."""
        if number is None:
            self._added.append(part._replace(given=True))
        else:
            self._own.append((number, part))

    def write(
        self, folder: Path, name: str, number_of: Callable[[str], int], layout: Layout, most: int
    ) -> list[SegmentFacts]:
        """Writes one segment of that name, and others whose names begin with it where one would have too many slots."""
        own = [part for _, part in sorted(self._own, key=lambda numbered: numbered[0])]
        parts: list[Part | list[Entry]] = [*own, *self._added]
        if len(parts) == 1 and isinstance(parts[0], list):
            return [_written(parts[0], folder, name, number_of, layout)]
        with TemporaryDirectory(dir=folder) as aside:
            mapped = list(_mapped(parts, Path(aside), number_of))
            return [
                merge(folder, f"{name}x{number}" if number else name, portion, number_of, layout)
                for number, portion in enumerate(portions(mapped, most))
            ]


def _mapped(parts: list[Part | list[Entry]], aside: Path, number_of: Callable[[str], int]) -> Iterator[Part]:
    """The parts, what was added as segments of its own, which are merged and kept by nobody."""
    for number, part in enumerate(parts):
        if isinstance(part, Part):
            yield part
        else:
            facts = _written(part, aside, str(number), number_of, Layout())
            yield Part(Passages(aside, facts, SEGMENT_FIELDS, "write it again"), np.arange(facts.rows))


def _written(
    entries: list[Entry], folder: Path, name: str, number_of: Callable[[str], int], layout: Layout
) -> SegmentFacts:
    writer = SegmentWriter(folder, name, number_of, FoldTable(), layout)
    writer.add(batch_of(entries))
    writer.write()
    return SegmentFacts(name, len(entries))
