"""The loops that the collector spends its time in, as functions of arrays: here in numpy, compiled in ``fast.py``.

Both give the same bits. The compiled ones check nothing: rows are ascending and the segment's own, codes are in their
table and slots in the stream, as the codec has seen to.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.codec.stretches import numbers
from index.errors import UsageError

_A_SEARCH = 3
_ZEROS = 50
"""What a search for a row costs, and how many zeros are as cheap, beside writing and reading one posting."""


class Kernels:
    """The loops as numpy."""

    compiled = False
    """Whether a loop makes no arrays but those that it gives, so that nothing is worth keeping for the next one."""

    @staticmethod
    def of_postings(
        packed: NDArray[Any], shift: Any, mask: Any, of_code: NDArray[np.float64], rows: NDArray[np.intp], most: int
    ) -> NDArray[np.float64]:
        """For each of some rows what the code of its posting stands for; 0 where it has none.

        ``packed`` are postings in the order of their rows, which are above ``shift`` bits of a code, those of ``mask``;
        ``most`` is how many rows the segment has.
        """
        if _pays_to_lay_out(rows, packed, most):
            laid_out = np.zeros(most)
            laid_out[(packed >> shift).astype(np.intp)] = of_code.take((packed & mask).astype(np.intp, copy=False))
            return laid_out[rows]
        found = _nearest(packed, shift, rows)
        values: NDArray[np.float64] = of_code.take((found & mask).astype(np.intp, copy=False))
        values *= found >> shift == rows
        return values

    @staticmethod
    def has_posting(packed: NDArray[Any], shift: Any, rows: NDArray[np.intp], most: int) -> NDArray[np.bool_]:
        """Whether each of some rows has a posting; see ``of_postings``."""
        if _pays_to_lay_out(rows, packed, most):
            laid_out = np.zeros(most, np.bool_)
            laid_out[(packed >> shift).astype(np.intp)] = True
            return laid_out[rows]
        standing: NDArray[np.bool_] = _nearest(packed, shift, rows) >> shift == rows
        return standing

    @staticmethod
    def of_column(
        column: NDArray[np.uint8], lengths: NDArray[np.uint8], of_level: NDArray[np.float64], rows: NDArray[np.intp]
    ) -> tuple[NDArray[np.float64], bool]:
        """For each of some rows what is at ``level << 8 | length``, and whether any level is 255.

        ``column`` and ``lengths`` have a byte for each row of the segment.
        """
        levels = column.take(rows)
        places = levels.astype(np.intp) << 8
        places |= lengths.take(rows)
        return of_level.take(places), bool(len(levels)) and bool(levels.max() == 255)

    @staticmethod
    def in_stream(
        symbols: NDArray[np.uint8], firsts: NDArray[np.uint32], rows: NDArray[np.intp], wanted: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
        """The slots of some rows that have a wanted symbol (a bool for each of 256), and the row of each.

        Row r's slots are ``firsts[r]`` to ``firsts[r + 1]`` of ``symbols``.
        """
        starts = firsts[rows]
        sizes = firsts[rows + 1] - starts
        slots = numbers(starts, sizes)
        hits = np.flatnonzero(wanted[symbols[slots]])
        return slots[hits], np.repeat(rows, sizes)[hits]

    @staticmethod
    def add(sums: NDArray[Any], rows: NDArray[np.intp], values: NDArray[Any]) -> None:
        """Adds to the sums of some rows, no two of them the same, a value each."""
        sums[rows] += values

    @staticmethod
    def add_column(sums: NDArray[Any], column: NDArray[np.uint8], step: Any) -> None:
        """Adds to the sum of each row its level in a column times a number of the sums' type."""
        sums += column * step


PLAIN = Kernels()


def kernels(fast: bool | None) -> Kernels:
    """The compiled loops if ``fast``, else the plain ones; None takes what there is.

    Raises ``UsageError`` where they are asked for and numba is not installed.
    """
    if fast is False:
        return PLAIN
    try:
        from search.arrays.fast import FAST
    except ImportError as error:
        if fast:
            raise UsageError(f"fast=True needs numba ({error}): install sakuin[fast]") from error
        return PLAIN
    return FAST


def _pays_to_lay_out(rows: NDArray[np.intp], packed: NDArray[Any], most: int) -> bool:
    """Whether some rows are so many that an array over all rows is cheaper than a search for each."""
    return len(rows) * _A_SEARCH > len(packed) + most // _ZEROS


def _nearest(packed: NDArray[Any], shift: Any, rows: NDArray[np.intp]) -> NDArray[Any]:
    """For each of some rows its posting, or another row's."""
    found: NDArray[Any] = packed.take(packed.searchsorted(rows.astype(packed.dtype) << shift), mode="clip")
    return found
