"""A passage of the embedded engine as the plain judge, highlights and pages look at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import overload

import numpy as np
from numpy.typing import NDArray

from index.model import Document
from index.scalars import scalars
from index.writers import FIELDS
from index.writers.embedded import Generation
from index.writers.stored import Stored
from search.fields import Values
from search.matching import Span

ReadStored = Callable[[int], Stored]
"""What is kept of a passage, by its number."""
Occurrences = Mapping[tuple[str, str], Mapping[int, Sequence[Span]]]
"""By field and term: where it stands in each passage that was read."""


class Spans(Sequence[tuple[int, int]]):
    """The spans of slots in two arrays, of which few are looked at."""

    __slots__ = ("_ends", "_starts")

    def __init__(self, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> None:
        self._starts = starts
        self._ends = ends

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, i: int) -> tuple[int, int]: ...

    @overload
    def __getitem__(self, i: slice) -> list[tuple[int, int]]: ...

    def __getitem__(self, i: int | slice) -> tuple[int, int] | list[tuple[int, int]]:
        if isinstance(i, slice):
            return list(zip(self._starts[i].tolist(), self._ends[i].tolist(), strict=True))
        return self._starts.item(i), self._ends.item(i)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self[:])


class EmbeddedView:
    """A passage: its occurrences as read for a query, the rest from the segment when needed, and then kept."""

    def __init__(
        self, number: int, generation: Generation, stored: Callable[[int], Stored], found: Occurrences
    ) -> None:
        self._number = number
        self._read = stored
        self._found = found
        self._segment, self._row = generation.place(number)
        self._marks: dict[str, bytes] = {}
        self._spans: dict[str, Spans] = {}

    @cached_property
    def _stored(self) -> Stored:
        return self._read(self._number)

    def has(self, term: str) -> bool:
        """Whether a term stands in any field."""
        return any(self.frequency(field, term) for field in FIELDS)

    def frequency(self, field: str, term: str) -> int:
        """How often a term stands."""
        return len(self.occurrences(field, term))

    def occurrences(self, field: str, term: str) -> Sequence[Span]:
        """Where a term stands."""
        return self._found.get((field, term), {}).get(self._number, ())

    def length(self, field: str) -> int:
        """The field's length in slots, as scores take it."""
        return int(self._segment.fields[field].length(self._row))

    def marks(self, field: str) -> bytes:
        """A byte of marks for each slot."""
        marks = self._marks.get(field)
        if marks is None:
            marks = self._marks[field] = self._segment.slots(field).marks(self._row)
        return marks

    def text(self, field: str) -> str:
        """The field's text."""
        return self._stored.texts[field]

    def spans(self, field: str) -> Sequence[tuple[int, int]]:
        """Each slot's span."""
        spans = self._spans.get(field)
        if spans is None:
            spans = self._spans[field] = Spans(*self._segment.slots(field).spans(self._row))
        return spans

    def values(self) -> Values:
        """The values of the document's fields."""
        return scalars(Document(self.document, self.title, "", self.path, self.fields))

    @property
    def document(self) -> str:
        """The document's id."""
        return self._stored.document

    @property
    def title(self) -> str:
        """The document's title."""
        return self._stored.title

    @property
    def path(self) -> str | None:
        """The file it came from."""
        return self._stored.path

    @property
    def fields(self) -> dict[str, object]:
        """What else the record has."""
        return dict(self._stored.fields)

    @property
    def place(self) -> tuple[int, int, int]:
        """Ordinal, start and end in the document."""
        return self._stored.ordinal, self._stored.start, self._stored.end

    @property
    def headings(self) -> tuple[str, ...]:
        """The path of headings above the passage."""
        return self._stored.headings
