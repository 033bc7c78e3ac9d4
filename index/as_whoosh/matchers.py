"""Matchers of Whoosh's that went wrong, put right.

A matcher walks over the rows that match, in order: ``id`` is the row it stands on, ``skip_to`` goes to the first row
not before another, and past the last row ``is_active`` is false.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.whoosh_api import matching

NullMatcher = matching.NullMatcher


def rows_of(ids: Iterable[int]) -> NDArray[np.uint32]:
    """Row numbers as an array, sorted, each once."""
    return np.unique(np.fromiter(ids, np.uint32))


class Constant(matching.Matcher):
    """Rows that all have one score, whatever that is: zero is a score, too."""

    def __init__(self, rows: NDArray[np.uint32], score: float = 1.0, at: int = 0) -> None:
        self._rows = rows
        self._score = score
        self._i = at

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self._rows)} rows, score={self._score})"

    def is_active(self) -> bool:
        """Whether it stands on a row."""
        return self._i < len(self._rows)

    def reset(self) -> None:
        """Back to the first row."""
        self._i = 0

    def copy(self) -> Constant:
        """Another at the same row."""
        return type(self)(self._rows, self._score, self._i)

    def replace(self, minquality: float = 0) -> Any:
        """Itself, or nothing once it is past the end."""
        return self if self.is_active() else NullMatcher()

    def id(self) -> int:
        """The row it stands on."""
        return int(self._rows[self._i])

    def all_ids(self) -> Iterator[int]:
        """The rows from here on."""
        return iter(self._rows[self._i :].tolist())

    def next(self) -> bool:
        """To the next row."""
        if not self.is_active():
            raise matching.ReadTooFar
        self._i += 1
        return False

    def skip_to(self, id: int) -> None:  # noqa: A002  # as Whoosh calls it
        """To the first row that is not before ``id``."""
        if not self.is_active():
            raise matching.ReadTooFar
        self._i += int(self._rows[self._i :].searchsorted(id))

    def supports(self, astype: str) -> bool:
        """It has no values."""
        return False

    def weight(self) -> float:
        """The score."""
        return self._score

    def score(self) -> float:
        """The score."""
        return self._score

    def supports_block_quality(self) -> bool:
        """Yes: the score bounds itself."""
        return True

    def max_quality(self) -> float:
        """The score."""
        return self._score

    def block_quality(self) -> float:
        """The score."""
        return self._score

    def skip_to_quality(self, minquality: float) -> int:
        """To the end, if the score is not enough."""
        if self._score > minquality:
            return 0
        self._i = len(self._rows)
        return 1


class ConstantScore(matching.WrappingMatcher):
    """Another matcher, with its positions and terms, and one score for all."""

    def __init__(self, child: Any, score: float = 1.0) -> None:
        super().__init__(child)
        self._score = score

    def copy(self) -> ConstantScore:
        """Another at the same row."""
        return type(self)(self.child.copy(), self._score)

    def _replacement(self, newchild: Any) -> ConstantScore:
        return type(self)(newchild, self._score)

    def weight(self) -> float:
        """The score."""
        return self._score

    def score(self) -> float:
        """The score."""
        return self._score

    def supports_block_quality(self) -> bool:
        """No: how the child would skip has nothing to do with this score."""
        return False

    def max_quality(self) -> float:
        """The score."""
        return self._score

    def block_quality(self) -> float:
        """The score."""
        return self._score


class AndMaybe(matching.AndMaybeMatcher):
    """Rows of the first; the second adds to their scores where it has them.

    Whoosh's looks at the second past its end (IndexError), leaves it behind in ``skip_to`` so that its score is lost,
    and skips the two apart.
    """

    def _with_b(self) -> bool:
        return bool(self.b.is_active() and self.a.id() == self.b.id())

    def skip_to(self, id: int) -> None:  # noqa: A002  # as Whoosh calls it
        """To the first row that is not before ``id``; the second follows."""
        self.a.skip_to(id)
        if self.a.is_active() and self.b.is_active():
            self.b.skip_to(self.a.id())

    def weight(self) -> float:
        """The first's weight, with the second's where it has the row."""
        weight: float = self.a.weight()
        return weight + self.b.weight() if self._with_b() else weight

    def score(self) -> float:
        """The first's score, with the second's where it has the row."""
        score: float = self.a.score()
        return score + self.b.score() if self._with_b() else score

    def spans(self) -> Any:
        """The first's."""
        return self.a.spans()

    def supports_block_quality(self) -> bool:
        """No: the two cannot skip apart."""
        return False

    def replace(self, minquality: float = 0) -> Any:
        """Itself without what is past its end."""
        if not self.a.is_active():
            return NullMatcher()
        if not self.b.is_active():
            return self.a.replace()
        a, b = self.a.replace(), self.b.replace()
        return self if a is self.a and b is self.b else type(self)(a, b)


class AndNot(matching.AndNotMatcher):
    """Rows of the first that the second has not. Whoosh's looks at the first past its end in ``skip_to``."""

    def _find_next(self) -> None:
        a, b = self.a, self.b
        while a.is_active() and b.is_active():
            if b.id() < a.id():
                b.skip_to(a.id())
            elif b.id() == a.id():
                a.next()
            else:
                break

    def _find_first(self) -> None:
        self._find_next()

    def next(self) -> None:
        """To the next row."""
        self.a.next()
        self._find_next()

    def skip_to(self, id: int) -> None:  # noqa: A002  # as Whoosh calls it
        """To the first row that is not before ``id``."""
        self.a.skip_to(id)
        self._find_next()

    def supports_block_quality(self) -> bool:
        """No: the first could skip onto a row of the second."""
        return False

    def spans(self) -> Any:
        """The first's."""
        return self.a.spans()


class DisjunctionMax(matching.DisjunctionMaxMatcher):
    """Rows of either, with the higher score where both have them. Whoosh's compares scores of different rows."""

    def score(self) -> float:
        """The score of the row it stands on."""
        scores: list[float] = [each.score() for each in (self.a, self.b) if self._is_on(each)]
        return max(scores)

    def _is_on(self, matcher: Any) -> bool:
        return bool(matcher.is_active() and matcher.id() == self.id())

    def supports_block_quality(self) -> bool:
        """No: the two cannot skip apart."""
        return False

    def replace(self, minquality: float = 0) -> Any:
        """Itself without what is past its end."""
        if not self.a.is_active():
            return self.b.replace()
        if not self.b.is_active():
            return self.a.replace()
        return self
