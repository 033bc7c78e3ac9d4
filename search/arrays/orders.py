"""Orders of scores: the highest first, and of equal ones those that come first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from search.arrays.impacts import Values

_FEW = 256
"""Scores that are rather sorted than cut."""


def lowest(scores: Values, count: int) -> float:
    """The score of the ``count``-th best, 0 where there are fewer."""
    if len(scores) < count:
        return 0.0
    return float(np.partition(scores, len(scores) - count)[len(scores) - count])


def best(scores: Values, count: int) -> NDArray[np.intp]:
    """The places of the highest scores, highest first; of equal ones those that come first."""
    if len(scores) <= max(_FEW, count):
        return np.argsort(-scores, kind="stable")[:count]
    least = np.partition(scores, len(scores) - count)[len(scores) - count] if count else np.inf
    chosen = np.flatnonzero(scores >= least)
    return chosen[np.argsort(-scores[chosen], kind="stable")[:count]]
