"""Sets of rows: ascending arrays without doubles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.intp]
"""Numbers of passages, ascending."""
_SPARSE = 64
"""Sets that have together less than this part of all rows are sorted rather than laid out over them."""
_SEARCHED = 1_000
"""So many numbers are rather searched for one by one."""
NONE: Rows = np.empty(0, np.intp)


def union(sets: Sequence[Rows], most: int) -> Rows:
    """The rows below ``most`` that are in any of the sets."""
    filled = [rows for rows in sets if len(rows)]
    if len(filled) < 2:
        return filled[0] if filled else NONE
    if sum(map(len, filled)) * _SPARSE < most:
        rows = np.concatenate(filled)
        rows.sort()
        return distinct(rows)
    marked = np.zeros(most, np.bool_)
    for rows in filled:
        marked[rows] = True
    return np.flatnonzero(marked)


def alive(rows: Rows, live: NDArray[np.bool_] | None) -> Rows:
    """Those of some rows that are live (a bool for each row of the segment); None tells that all are."""
    return rows if live is None else rows[live[rows]]


def distinct(rows: Rows) -> Rows:
    """Ascending rows without doubles."""
    new = np.ones(len(rows), np.bool_)
    np.not_equal(rows[1:], rows[:-1], out=new[1:])
    return rows if new.all() else rows[new]


def among(rows: Rows, others: Rows) -> NDArray[np.bool_]:
    """Whether each of some numbers is one of others, which are ascending."""
    if not len(others) or not len(rows):
        return np.zeros(len(rows), np.bool_)
    span = max(int(others[-1]), int(rows.max())) + 1
    if len(rows) > _SEARCHED and span < _SPARSE * len(rows):
        laid_out = np.zeros(span, np.bool_)
        laid_out[others] = True
        return laid_out[rows]
    found: NDArray[np.bool_] = others.take(others.searchsorted(rows), mode="clip") == rows
    return found


def common(a: Rows, b: Rows) -> Rows:
    """The rows that are in both sets."""
    if len(a) > len(b):
        a, b = b, a
    return a[among(a, b)]
