"""Offsets: where things that follow each other in an array begin and end.

Two forms: ``ends`` has one number a thing; ``starts`` one more, a 0 before them. None is before the one before it, and
the last is the length of what they lead into. That is checked piece by piece, as their blocks' checksums are.
"""

from __future__ import annotations

from collections.abc import Callable

from index.codec.mapped import AnyArray, Array

_PIECE = 4_096


class Offsets:
    """Offsets into something of ``total`` items; ``len`` counts the things. What lies outside is ``DamagedIndex``."""

    __slots__ = ("_array", "_checked", "_count", "_item", "_total", "_zero")

    def __init__(self, array: Array, total: int, *, starts: bool = False) -> None:
        self._array = array
        self._total = total
        self._zero = int(starts)
        self._count = len(array) - self._zero
        self._checked = bytearray(-(-len(array) // _PIECE))
        if self._count < 0 or (total and not self._count):
            array.fail("its offsets lead to nothing")

    def __len__(self) -> int:
        return self._count

    def of(self, i: int) -> tuple[int, int]:
        """Where thing number ``i`` begins and ends."""
        if not 0 <= i < self._count:
            self._array.fail(f"it leads to place {i} of {self._count}")
        last = i + self._zero
        before = last - 1 if last else 0
        checked = self._checked
        if not (checked[before // _PIECE] and checked[last // _PIECE]):
            self._check(before // _PIECE, last // _PIECE)
        item = self._item
        return item(before) if last else 0, item(last)

    def all(self) -> AnyArray:
        """All the numbers, as they stand in the file."""
        if 0 in self._checked:
            self._check_values(0, len(self._array))
            self._checked = bytearray(b"\1") * len(self._checked)
        return self._array.values

    def _check(self, *pieces: int) -> None:
        """Checks each piece with the number before it."""
        for piece in pieces:
            self._check_values(max(0, piece * _PIECE - 1), min((piece + 1) * _PIECE, len(self._array)))
            self._checked[piece] = 1

    def _check_values(self, start: int, end: int) -> None:
        values = self._array.part(start, end)
        rising = not (values[1:] < values[:-1]).any()
        begins = start > 0 or not self._zero or values[0] == 0
        ends = values[-1] == self._total if end == len(self._array) else values[-1] <= self._total
        if not (rising and begins and ends):
            self._array.fail("its offsets are not in order")
        self._item: Callable[[int], int] = self._array.values.item
