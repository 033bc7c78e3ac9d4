"""The questions of the search benchmark: drawn class by class from the passages' own words, the same for the same seed.

A word is drawn as often as it stands in the passages. Words of a class that are particles: 助詞 and 助動詞.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.given import Given
from index.model import KIND, Mark

RARE = (0.0001, 0.001)
"""A rare word stands in such a share of the passages."""
FREQUENT = 0.05
"""A frequent word stands in more than this share."""
_TRIES = 100_000


class Query(NamedTuple):
    """Terms, how they are joined (``term``, ``or``, ``and``, ``phrase``), and the question as somebody would type it.

    ``text`` is the words alone, ``typed`` has the signs of our query language.
    """

    kind: str
    terms: tuple[str, ...]
    text: str
    typed: str
    filtered: bool = False


class Drawing:
    """Draws from the passages that are not shuffled."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self._end = int(given.bounds[given.base])
        self._tokens = given.term_of[given.words[: self._end]]
        self._bounds = given.bounds[: given.base + 1]
        share = given.frequencies / len(given)
        kinds = given.marks[: self._end] & KIND
        self._content = kinds == 0
        self._particle = kinds == Mark.PARTICLE
        rare = (share >= RARE[0]) & (share <= RARE[1])
        self._rare = np.flatnonzero(rare[self._tokens] & self._content)
        self._frequent = np.flatnonzero((share > FREQUENT)[self._tokens] & ~self._particle)

    def draw(self, name: str, count: int, seed: int) -> list[Query]:
        """So many questions of a class; ``ValueError`` where the passages have too few."""
        chooser = np.random.default_rng([seed, zlib.crc32(name.encode())])
        found: list[Query] = []
        for _ in range(_TRIES + count):
            if len(found) == count:
                return found
            query = CLASSES[name](self, chooser)
            found += [query] if query is not None and len(set(query.terms)) == len(query.terms) else []
        raise ValueError(f"the corpus is too small for {count} questions of the class {name!r}")

    def one_of(self, slots: NDArray[np.int64], chooser: np.random.Generator) -> Query | None:
        """One word."""
        word = self._words(slots, 1, chooser)
        return self._query("term", word, self._surface(word[0])) if word else None

    def some_of(self, slots: NDArray[np.int64], chooser: np.random.Generator) -> Query | None:
        """Three to six words, which may never stand together."""
        chosen = self._words(slots, int(chooser.integers(3, 7)), chooser)
        return self._any(chosen) if chosen else None

    def together(self, kind: str, least: int, most: int, chooser: np.random.Generator) -> Query | None:
        """Content words of one passage."""
        passage = int(chooser.integers(len(self._bounds) - 1))
        start, end = self._bounds[passage : passage + 2].tolist()
        content = start + np.flatnonzero(self._content[start:end])
        size = int(chooser.integers(least, most + 1))
        if len(content) < size:
            return None
        chosen = sorted(chooser.choice(content, size, replace=False).tolist())
        if kind == "or":
            return self._any(chosen)
        return self._query(kind, chosen, " ".join(map(self._surface, chosen)))

    def window(self, kind: str, least: int, most: int, chooser: np.random.Generator, *, particle: bool) -> Query | None:
        """Words that stand in a row with nothing between them, some of them content; with a particle, or without."""
        size = int(chooser.integers(least, most + 1))
        first = int(chooser.integers(self._end))
        last = first + size
        passage = self._passage(first)
        if last > self._bounds[passage + 1]:
            return None
        starts, ends = self._given.starts[first:last], self._given.ends[first:last]
        content, particles = self._content[first:last], self._particle[first:last]
        fits = (particles.any() and content.any()) if particle else content.all()
        if not fits or (starts[1:] != ends[:-1]).any():
            return None
        text = self._given.text(passage)[int(starts[0]) : int(ends[-1])]
        return self._query(kind, range(first, last), text, f'"{text}"' if kind == "phrase" else text)

    def _words(self, slots: NDArray[np.int64], count: int, chooser: np.random.Generator) -> list[int]:
        return chooser.choice(slots, count).tolist() if len(slots) else []

    def _any(self, slots: list[int]) -> Query:
        surfaces = [self._surface(slot) for slot in slots]
        return self._query("or", slots, " ".join(surfaces), " OR ".join(surfaces))

    def _query(self, kind: str, slots: list[int] | range, text: str, typed: str = "") -> Query:
        terms = tuple(self._given.terms[self._tokens[slot]] for slot in slots)
        return Query(kind, terms, text, typed or text)

    def _passage(self, slot: int) -> int:
        return int(np.searchsorted(self._bounds, slot, side="right")) - 1

    def _surface(self, slot: int) -> str:
        return self._given.text(self._passage(slot))[int(self._given.starts[slot]) : int(self._given.ends[slot])]

    @property
    def rare(self) -> NDArray[np.int64]:
        """Slots of rare content words."""
        return self._rare

    @property
    def frequent(self) -> NDArray[np.int64]:
        """Slots of frequent words that are no particles."""
        return self._frequent


def concepts(drawing: Drawing, count: int, seed: int) -> Iterator[tuple[tuple[str, ...], ...]]:
    """Questions of two or three concepts with four alternatives each, all of them words of one passage."""
    chooser = np.random.default_rng([seed, 4])
    for _ in range(_TRIES):
        if not count:
            return
        query = drawing.together("or", 12, 12, chooser)
        if query is not None and len(set(query.terms)) == len(query.terms):
            count -= 1
            yield tuple(query.terms[i : i + 4] for i in range(0, 4 * int(chooser.integers(2, 4)), 4))
    raise ValueError("the corpus is too small for concepts of four words")


def _filtered(drawing: Drawing, chooser: np.random.Generator) -> Query | None:
    query = drawing.together("or", 3, 6, chooser)
    return query._replace(filtered=True) if query is not None else None


CLASSES: Mapping[str, Callable[[Drawing, np.random.Generator], Query | None]] = {
    "rare term": lambda drawing, chooser: drawing.one_of(drawing.rare, chooser),
    "frequent term": lambda drawing, chooser: drawing.one_of(drawing.frequent, chooser),
    "AND of 2–3": lambda drawing, chooser: drawing.together("and", 2, 3, chooser),
    "OR of 3–6": lambda drawing, chooser: drawing.together("or", 3, 6, chooser),
    "OR of 3–6 with particles": lambda drawing, chooser: drawing.window("or", 3, 6, chooser, particle=True),
    "OR of rare words": lambda drawing, chooser: drawing.some_of(drawing.rare, chooser),
    "OR of frequent terms": lambda drawing, chooser: drawing.some_of(drawing.frequent, chooser),
    "phrase of 2–3": lambda drawing, chooser: drawing.window("phrase", 2, 3, chooser, particle=False),
    "phrase of 2–3 with a particle": lambda drawing, chooser: drawing.window("phrase", 2, 3, chooser, particle=True),
    "filter + OR": _filtered,
}
"""The classes, in the order of the tables."""
