"""The postings of a term as Whoosh's matchers walk them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.codec.field import Field
from index.whoosh_api import matching, spans


class Posted:
    """A term's postings, read as they are asked for; those of deleted rows left out."""

    def __init__(self, field: Field, ordinal: int, live: NDArray[np.bool_] | None) -> None:
        self._field = field
        self._ordinal = ordinal
        self.rows, self.frequencies = field.postings(ordinal)
        self._chosen = None if live is None else np.flatnonzero(live[self.rows])
        if self._chosen is not None:
            self.rows, self.frequencies = self.rows[self._chosen], self.frequencies[self._chosen]

    @cached_property
    def weights(self) -> NDArray[np.float32]:
        """The weight in each row."""
        weights = self._field.weights(self._ordinal)
        return weights if self._chosen is None else weights[self._chosen]

    @cached_property
    def shortest(self) -> int:
        """The length of the shortest row."""
        return int(self._field.lengths()[self.rows].min()) if len(self.rows) else 0

    @cached_property
    def longest(self) -> int:
        """The length of the longest row."""
        return int(self._field.lengths()[self.rows].max()) if len(self.rows) else 0

    @cached_property
    def _positions(self) -> tuple[Any, Any, Any]:
        positions, extents = self._field.positions(self._ordinal, self._chosen)
        ends = np.concatenate([[0], np.cumsum(self.frequencies, dtype=np.int64)])
        return positions, extents, ends

    def positions(self, i: int) -> list[int]:
        """Where the term stands in the row at place ``i``."""
        positions, _, ends = self._positions
        found: list[int] = positions[ends[i] : ends[i + 1]].tolist()
        return found

    def extents(self, i: int) -> list[int]:
        """How many positions it takes there."""
        _, extents, ends = self._positions
        count = int(ends[i + 1] - ends[i])
        return [1] * count if extents is None else list(extents[ends[i] : ends[i + 1]].tolist())


class PostingsMatcher(matching.LeafMatcher):
    """Walks over a term's rows. All of them are one block, so that its bounds hold wherever it stands."""

    def __init__(self, posted: Posted, format_: Any, term: tuple[str, bytes], scorer: Any = None, at: int = 0) -> None:
        self.format = format_
        self.scorer = scorer
        self._posted = posted
        self._rows = posted.rows
        self._term = term
        self._i = at

    def is_active(self) -> bool:
        """Whether it stands on a row."""
        return self._i < len(self._rows)

    def reset(self) -> None:
        """Back to the first row."""
        self._i = 0

    def copy(self) -> PostingsMatcher:
        """Another at the same row."""
        return type(self)(self._posted, self.format, self._term, self.scorer, self._i)

    def replace(self, minquality: float = 0) -> Any:
        """Itself, or nothing once it is past the end."""
        return self if self.is_active() else matching.NullMatcher()

    def id(self) -> int:
        """The row it stands on."""
        return int(self._rows[self._i])

    def all_ids(self) -> Iterator[int]:
        """The rows from here on."""
        return iter(self._rows[self._i :].tolist())

    def next(self) -> bool:
        """To the next row; whether that begins a block."""
        if not self.is_active():
            raise matching.ReadTooFar
        self._i += 1
        return not self.is_active()

    def skip_to(self, id: int) -> None:  # noqa: A002  # as Whoosh calls it
        """To the first row that is not before ``id``."""
        if not self.is_active():
            raise matching.ReadTooFar
        if id > self._rows[self._i]:
            self._i += int(self._rows[self._i :].searchsorted(id))

    def skip_to_quality(self, minquality: float) -> int:
        """To the end, if no row can be worth more."""
        if self.block_quality() > minquality:
            return 0
        self._i = len(self._rows)
        return 1

    def weight(self) -> float:
        """The term's weight in the row."""
        return float(self._posted.weights[self._i])

    def block_max_weight(self) -> float:
        """The highest weight."""
        return float(self._posted.weights.max(initial=0.0))

    def block_min_length(self) -> int:
        """The shortest row."""
        return self._posted.shortest

    def block_max_length(self) -> int:
        """The longest row."""
        return self._posted.longest

    def value(self) -> bytes:
        """What the field's format makes of the posting."""
        if self.supports("positions"):
            encoded: bytes = self.format.encode(self._posted.positions(self._i))
            return encoded
        frequency = int(self._posted.frequencies[self._i])
        return frequency.to_bytes(4, "big") if self.format.posting_size else b""

    def value_as(self, astype: str) -> Any:
        """The posting's value as positions, frequency, weight and what else the format supports."""
        if astype == "positions" and self.supports(astype):
            return self._posted.positions(self._i)
        return super().value_as(astype)

    def all_items(self) -> Iterator[tuple[int, bytes]]:
        """Rows and values from here on."""
        while self.is_active():
            yield self.id(), self.value()
            self.next()

    def spans(self) -> list[Any]:
        """Where the term stands, with all positions it takes."""
        if not self.supports("positions"):
            return list(super().spans())
        each = zip(self._posted.positions(self._i), self._posted.extents(self._i), strict=True)
        return [spans.Span(start, start + extent - 1) for start, extent in each]
