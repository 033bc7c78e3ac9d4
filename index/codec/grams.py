"""Grams: which rows have two characters side by side, or one that none follows; without positions.

Between them they tell the rows of every character: it is the first of some gram wherever it stands.

    characters    u4  the code points that occur; a character's number is its place here, from 1
    grams.keys    u4  first character's number << 16 | second's, 0 where none follows; sorted
    grams.counts  u4  how many rows each gram stands in
    grams.ends    u4  where each gram's rows end in
    grams.rows    u1  the rows of a gram, each as its distance from the one before it (the first from 0) in LEB128

Characters beyond the 65,535th share the last number: their grams may name a row too many, never one too few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.codec import varints
from index.codec.container import Container, ContainerWriter
from index.codec.fields import U32
from index.codec.offsets import Offsets
from index.codec.stretches import bounds

_MOST = 0xFFFF
_POINTS = 0x110000
_ROW = np.uint64(32)
_FIRST = np.uint32(16)


class GramsWriter:
    """Collects the grams of rows."""

    def __init__(self) -> None:
        self._numbers = np.zeros(_POINTS, np.uint32)
        self._characters: list[int] = []
        self._keys: list[NDArray[np.uint64]] = []

    @property
    def held(self) -> int:
        """Bytes in memory, with what writing takes for a while."""
        return 3 * sum(keys.nbytes for keys in self._keys)

    def add(self, points: U32, rows: U32) -> None:
        """Takes code points with the row of each; 0 stands for what makes no gram, and parts the rows."""
        numbers = self._number(points)
        single = np.flatnonzero(numbers)
        # Behind the last one nothing stands.
        following = np.append(numbers, np.uint32(0))[single + 1]
        grams = numbers[single] << _FIRST | following
        self._keys.append(grams.astype(np.uint64) << _ROW | rows[single])

    def _number(self, points: U32) -> U32:
        new = np.unique(points[(self._numbers[points] == 0) & (points > 0)])
        self._numbers[new] = np.minimum(np.arange(len(new)) + len(self._characters) + 1, _MOST)
        self._characters += new.tolist()
        return self._numbers[points]

    def merge(self, sources: Sequence[tuple[Grams, NDArray[np.intp]]]) -> None:
        """Takes ascending rows of mapped files, those of one after those of the other, before anything else.

        Characters that share a number in one of them share the last one here: their rows cannot be told apart.
        """
        each = [grams.of_rows(rows) for grams, rows in sources]
        shared = _distinct([part.shared for part in each])
        apart = np.setdiff1d(_distinct([part.apart for part in each]), shared)
        gap = max(_MOST - 1 - len(apart), 0) if len(shared) else 0
        characters = np.concatenate([apart, np.zeros(gap, np.uint32), shared])
        self._characters = characters.tolist()
        self._numbers[characters] = np.minimum(np.arange(1, len(characters) + 1), _MOST)
        self._numbers[0] = 0
        first = 0
        for part, (_, rows) in zip(each, sources, strict=True):
            numbers = np.append(np.uint32(0), self._numbers[part.characters])
            grams = numbers[part.grams >> _FIRST] << _FIRST | numbers[part.grams & np.uint32(_MOST)]
            self._keys.append(np.repeat(grams, part.counts).astype(np.uint64) << _ROW | part.rows + np.uint32(first))
            first += len(rows)

    def write(self, container: ContainerWriter) -> None:
        """Adds the structure to a file and lets go of what was collected."""
        keys = np.concatenate([*self._keys, np.empty(0, np.uint64)])
        self._keys = []
        keys.sort()
        keys = keys[_changes(keys)]
        grams = (keys >> _ROW).astype(np.uint32)
        firsts = np.flatnonzero(_changes(grams))
        rows = (keys & np.uint64(0xFFFFFFFF)).astype(np.uint32)
        gaps = rows.copy()
        gaps[1:] -= rows[:-1]
        gaps[firsts] = rows[firsts]
        encoded, starts = varints.encode(gaps)
        container.add("characters", np.array(self._characters, np.uint32))
        container.add("grams.keys", grams[firsts])
        container.add("grams.counts", np.diff(np.append(firsts, len(rows))).astype(np.uint32))
        container.add("grams.ends", np.append(starts[firsts], starts[-1])[1:].astype(np.uint32))
        container.add("grams.rows", encoded)


class OfRows(NamedTuple):
    """The grams of some rows of a file: the keys of those that have rows, how many, and the rows' places among these.

    ``characters`` are by their numbers in the file, from 1; of those that stand in the rows, ``apart`` have a number of
    their own, and some of ``shared`` stand there.
    """

    characters: U32
    apart: U32
    shared: U32
    grams: U32
    counts: NDArray[np.int64]
    rows: U32


def _distinct(arrays: Sequence[U32]) -> U32:
    return np.unique(np.concatenate([*arrays, np.empty(0, np.uint32)]))


def _changes(values: NDArray[np.uint64] | U32) -> NDArray[np.bool_]:
    """Where a value differs from the one before it."""
    changes = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=changes[1:])
    return changes


class Grams:
    """The grams of a mapped file."""

    def __init__(self, container: Container, rows: int) -> None:
        self.container = container
        self._of = rows
        self._characters = container.array("characters", "u4")
        self._keys = container.array("grams.keys", "u4")
        self._counts = container.array("grams.counts", "u4")
        self._rows = container.array("grams.rows", "u1")
        self._ends = Offsets(container.array("grams.ends", "u4"), len(self._rows))
        self._numbers: dict[int, int] | None = None
        if not len(self._keys) == len(self._counts) == len(self._ends) or len(self._characters) > _POINTS:
            container.fail("its grams contradict each other")

    def having(self, grams: Iterable[tuple[int, int]]) -> U32:
        """The rows that have all of the grams, each two code points or one and 0; the rarest looked at first."""
        ranges = sorted({self._range(*gram) for gram in grams}, key=self._count)
        if not ranges:
            return np.empty(0, np.uint32)
        rows = self._rows_of(*ranges[0])
        for others in ranges[1:]:
            if not len(rows):
                break
            rows = np.intersect1d(rows, self._rows_of(*others), assume_unique=True)
        return rows

    def apart(self, grams: Iterable[tuple[int, int]]) -> bool:
        """Whether the characters of grams share their numbers with no others, so that no row too many is named."""
        return all(self._number(point) != _MOST for gram in grams for point in gram if point)

    def _range(self, first: int, second: int) -> tuple[int, int]:
        """The ordinals of a gram, or of all that begin with a character, from the first to behind the last."""
        numbers = self._number(first), self._number(second) if second else 0
        if numbers[0] is None or numbers[1] is None:
            return 0, 0
        low = numbers[0] << int(_FIRST) | numbers[1]
        last = low if second else low | _MOST
        keys = self._keys.all()
        found = int(keys.searchsorted(np.uint32(low))), int(keys.searchsorted(np.uint32(last), side="right"))
        if not 0 <= found[1] - found[0] <= last - low + 1:
            self.container.fail("its grams are not in order")
        return found

    def _number(self, point: int) -> int | None:
        if self._numbers is None:
            characters = self._characters.all().tolist()
            self._numbers = {character: min(i, _MOST) for i, character in enumerate(characters, start=1)}
        return self._numbers.get(point)

    def _count(self, ordinals: tuple[int, int]) -> int:
        return int(self._counts.part(*ordinals).sum(dtype=np.int64))

    def _rows_of(self, start: int, end: int) -> U32:
        """The rows of the grams with these ordinals, all at once."""
        if start == end:
            return np.empty(0, np.uint32)
        counts = self._counts.part(start, end).astype(np.int64)
        edges = bounds(counts)
        gaps = varints.decode(self._rows.part(self._ends.of(start)[0], self._ends.of(end - 1)[1]))
        if len(gaps) != edges[-1] or not counts.all():
            self.container.fail("the rows of a gram are not in order, or not its own")
        reached = np.cumsum(gaps, dtype=np.int64)
        rows = reached - np.repeat(reached[edges[:-1]] - gaps[edges[:-1]], counts)
        rising = gaps > 0
        rising[edges[:-1]] = True
        if rows.max() >= self._of or not rising.all():
            self.container.fail("the rows of a gram are not in order, or not its own")
        if end - start == 1:
            return rows.astype(np.uint32)
        having = np.zeros(self._of, np.bool_)
        having[rows] = True
        return np.flatnonzero(having).astype(np.uint32)

    def of_rows(self, rows: NDArray[np.intp]) -> OfRows:
        """The grams of ascending rows."""
        try:
            return self._of_rows(rows)
        except (ValueError, IndexError) as error:
            self.container.fail("its grams contradict each other", error)

    def _of_rows(self, rows: NDArray[np.intp]) -> OfRows:
        keys, counts = self._keys.all(), self._counts.all().astype(np.int64)
        of = varints.decode(self._rows.all())
        if len(of) != counts.sum() or not counts.all():
            raise ValueError("not as many rows as counts")
        begins = np.cumsum(counts) - counts
        before = -of[begins]
        np.cumsum(of, out=of, dtype=np.uint32)
        of -= np.repeat(of[begins] + before, counts)
        if of.max(initial=0) >= max(self._of, 1):
            raise ValueError("a row that is not there")
        if len(rows) < self._of:
            places = np.full(self._of, -1, np.int64)
            places[rows] = np.arange(len(rows))
            found = places[of]
            stays = found >= 0
            of = found[stays].astype(np.uint32)
            counts = np.add.reduceat(stays, begins, dtype=np.int64) if len(begins) else counts
            keys, counts = keys[counts > 0], counts[counts > 0]
        characters = self._characters.all()
        if (characters >= _POINTS).any():
            raise ValueError("its characters are none")
        standing = np.zeros(_MOST + 1, bool)
        standing[keys >> _FIRST] = True
        own = len(characters) if len(characters) <= _MOST else _MOST - 1
        apart = characters[:own][standing[1 : own + 1]]
        shared = characters[own:] if standing[_MOST] else characters[:0]
        return OfRows(characters[:_MOST], apart, shared, keys, counts, of)

    def problems(self) -> Iterator[str]:
        """What of the structure contradicts itself, read as a whole; what no reader takes is ``DamagedIndex``."""
        keys, counts, ends, encoded = (array.all() for array in (self._keys, self._counts, self._ends, self._rows))
        if (keys[1:] <= keys[:-1]).any():
            yield "its grams are not in order"
        values = np.concatenate([[0], np.cumsum(encoded < 0x80)])
        bounds = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
        if values[ends].tolist() != bounds[1:].tolist():
            yield "the rows of its grams are not as many as their counts"
            return
        gaps = varints.decode(encoded).astype(np.int64)
        firsts = bounds[:-1][counts > 0]
        reached = np.concatenate([[0], np.cumsum(gaps)])
        rows = reached[1:] - np.repeat(reached[firsts], counts[counts > 0])
        gaps[firsts] = 1
        if (gaps < 1).any() or (rows >= self._of).any():
            yield "the rows of a gram are not in order, or not its own"
