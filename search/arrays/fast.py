"""The loops of ``search.arrays.kernels`` compiled by numba, which comes with the extra ``fast``.

Importing numba takes longer than a search, so this module is imported when the library opens an index. A loop is
compiled when it is first called for arrays of some types, and kept beside this file, else in the user's cache folder;
where neither can be written each process compiles anew. No loop holds the interpreter's lock; each sums in the order of
the plain one. Bounds are not checked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

from search.arrays.kernels import Kernels

_A_STEP = 64
"""So many bytes of zeros are as cheap as the steps from one row to the next where two lists of rows meet often."""


def _compiled(loop: Callable[..., Any]) -> Any:
    try:
        return njit(cache=True, nogil=True)(loop)
    except RuntimeError:  # there is no folder to keep it in
        return njit(nogil=True)(loop)


@_compiled
def _onward(ascending: Any, shift: Any, row: int, place: int) -> int:
    """The first place behind ``place``, whose row is before ``row``, where that is not so: by leaps, then halving."""
    leap, end = 1, len(ascending)
    while place + leap < end and np.intp(ascending[place + leap] >> shift) < row:
        place += leap
        leap *= 2
    low, high = place + 1, min(end, place + leap)
    while low < high:
        middle = (low + high) >> 1
        if np.intp(ascending[middle] >> shift) < row:
            low = middle + 1
        else:
            high = middle
    return low


@_compiled
def _of_postings(packed: Any, shift: Any, mask: Any, of_code: Any, rows: Any, most: int) -> Any:
    values = np.zeros(len(rows), of_code.dtype)
    if min(len(rows), len(packed)) * _A_STEP > most * values.itemsize:
        laid_out = np.zeros(most, of_code.dtype)
        for posting in packed:
            laid_out[np.intp(posting >> shift)] = of_code[np.intp(posting & mask)]
        for i in range(len(rows)):
            values[i] = laid_out[rows[i]]
        return values
    i, j = 0, 0
    while i < len(rows) and j < len(packed):
        row, standing = rows[i], np.intp(packed[j] >> shift)
        if standing == row:
            values[i] = of_code[np.intp(packed[j] & mask)]
            i += 1
        elif standing < row:
            j = _onward(packed, shift, row, j)
        else:
            i = _onward(rows, 0, standing, i)
    return values


@_compiled
def _has_posting(packed: Any, shift: Any, rows: Any, most: int) -> Any:
    return _of_postings(packed, shift, 0, np.ones(1, np.bool_), rows, most)


@_compiled
def _of_column(column: Any, lengths: Any, of_level: Any, rows: Any) -> Any:
    values, beyond = np.empty(len(rows)), False
    for i in range(len(rows)):
        row = rows[i]
        level = column[row]
        values[i] = of_level[np.intp(level) << 8 | lengths[row]]
        beyond |= level == 255
    return values, beyond


@_compiled
def _in_stream(symbols: Any, firsts: Any, rows: Any, wanted: Any) -> Any:
    count = 0
    for row in rows:
        for slot in range(firsts[row], firsts[row + 1]):
            count += wanted[symbols[slot]]
    slots, of = np.empty(count, np.int64), np.empty(count, np.intp)
    count = 0
    for row in rows:
        for slot in range(firsts[row], firsts[row + 1]):
            if wanted[symbols[slot]]:
                slots[count], of[count] = slot, row
                count += 1
    return slots, of


@_compiled
def _add(sums: Any, rows: Any, values: Any) -> None:
    for i in range(len(rows)):
        sums[rows[i]] += values[i]


@_compiled
def _add_column(sums: Any, column: Any, step: Any) -> None:
    for row in range(len(sums)):
        sums[row] += column[row] * step


class _Fast(Kernels):
    """The loops, compiled."""

    compiled = True
    of_postings = staticmethod(_of_postings)
    has_posting = staticmethod(_has_posting)
    of_column = staticmethod(_of_column)
    in_stream = staticmethod(_in_stream)
    add = staticmethod(_add)
    add_column = staticmethod(_add_column)


FAST = _Fast()
