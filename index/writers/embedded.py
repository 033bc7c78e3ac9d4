"""The embedded writer: passages into segments of the columnar codec, and back.

A passage is a row. Rows are numbered over all segments in order, as passages were added; deleted ones keep their
numbers.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from copy import copy
from functools import cached_property
from itertools import accumulate
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.analysis.folded import FoldTable
from index.codec.contents import CONTENTS, Contents, SegmentFacts, parsed
from index.codec.fields import Layout
from index.codec.segment import Segment
from index.codec.slots import Slots
from index.errors import DamagedIndex
from index.writers import Batch
from index.writers.segment import SEGMENT_FIELDS, SegmentWriter
from index.writers.stored import StoredPassages

MEMORY = 512
"""MB that a segment may take before it is written."""


class EmbeddedWriter:
    """Writes the segments of a generation into a folder, each as soon as ``memory`` (MB) is full.

    ``prefix`` is what their names begin with, ``first`` the number of the first document.
    """

    def __init__(
        self, folder: Path, memory: int = MEMORY, layout: Layout | None = None, *, prefix: str = "", first: int = 0
    ) -> None:
        self._folder = folder
        self._memory = memory << 20
        self._layout = layout or Layout()
        self._folds = FoldTable()
        self._prefix = prefix
        self._done: list[SegmentFacts] = []
        self._documents = first - 1
        self._last: str | None = None
        self._open: SegmentWriter | None = None

    def add(self, batch: Batch) -> None:
        """Takes passages."""
        if not batch.records:
            return
        if self._open is None:
            self._open = SegmentWriter(self._folder, self._name(), self._number_of, self._folds, self._layout)
        self._open.add(batch)
        if self._open.held > self._memory:
            self._flush()

    @property
    def segments(self) -> Sequence[SegmentFacts]:
        """Those that are written."""
        return self._done

    def _name(self) -> str:
        return f"{self._prefix}{len(self._done) + 1}"

    def _number_of(self, document: str) -> int:
        """Documents come one after the other; one that an earlier segment began keeps its number."""
        self._documents += document != self._last
        self._last = document
        return self._documents

    def _flush(self) -> None:
        if self._open is not None:
            self._open.write()
            self._done.append(SegmentFacts(self._name(), self._open.rows))
            self._open = None

    def commit(self) -> None:
        """Writes what is left, and the table of contents."""
        self._flush()
        (self._folder / CONTENTS).write_bytes(Contents(SEGMENT_FIELDS, tuple(self._done)).to_bytes())

    def cancel(self) -> None:
        """Gives up; the folder is the caller's to remove."""
        self._open = None


class Passages(Segment):
    """A segment of passages, mapped."""

    def __init__(self, folder: Path, facts: SegmentFacts, fields: tuple[str, ...], mend: str) -> None:
        super().__init__(folder, facts, fields, mend)
        self.facts = facts

    @cached_property
    def kept(self) -> StoredPassages:
        """What is stored of its passages."""
        return StoredPassages(self.stored, self.rows)

    def alive(self) -> NDArray[np.bool_]:
        """Whether each row is not deleted."""
        alive = np.ones(self.rows, np.bool_)
        alive[list(self.facts.deleted)] = False
        return alive

    def but(self, facts: SegmentFacts) -> Passages:
        """The same segment with other rows deleted."""
        other = copy(self)
        other.facts = facts
        return other

    def slots(self, field: str) -> Slots:
        """The slots of a field of words."""
        slots = self.fields[field].slots
        if slots is None:
            self.fields[field].container.fail("it has no slots")
        return slots


class Generation:
    """All segments of a generation, mapped; rows are numbered over all of them. ``contents`` is its table's file."""

    def __init__(self, folder: Path, contents: bytes, mend: str) -> None:
        self.folder = folder
        self.mend = mend
        """The way out that errors name."""
        try:
            table = parsed(contents)
        except ValueError as error:
            raise DamagedIndex(f"{folder / CONTENTS} cannot be used ({error}): {mend}") from error
        missing = set(SEGMENT_FIELDS) - set(table.fields)
        if missing:
            raise DamagedIndex(f"{folder / CONTENTS} has no field {min(missing)!r}: {mend}")
        self.segments = [Passages(folder, facts, table.fields, mend) for facts in table.segments]
        self.firsts = [0, *accumulate(segment.rows for segment in self.segments)]
        """The number of each segment's first row; at last the number of rows."""
        self.passages = len(self) - sum(len(segment.facts.deleted) for segment in self.segments)
        """Rows that are not deleted."""
        self._alive = self._alive_rows() if self.passages < len(self) else None

    def _alive_rows(self) -> NDArray[np.bool_]:
        return np.concatenate([segment.alive() for segment in self.segments])

    def __len__(self) -> int:
        return self.firsts[-1]

    def live(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of some rows that are not deleted."""
        return rows if self._alive is None else rows[self._alive[rows]]

    def place(self, row: int) -> tuple[Passages, int]:
        """The segment that a row is in, and its number there."""
        i = bisect_right(self.firsts, row) - 1
        return self.segments[i], row - self.firsts[i]
