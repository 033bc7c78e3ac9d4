"""Orders of scores: the highest first, and of equal ones those that come first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from search.arrays.impacts import Values


def lowest(scores: Values, count: int) -> float:
    """The score of the ``count``-th best, 0 where there are fewer."""
    if len(scores) < count:
        return 0.0
    return float(np.partition(scores, len(scores) - count)[len(scores) - count])


def best(scores: Values, count: int) -> NDArray[np.intp]:
    """The places of the highest scores, highest first; of equal ones those that come first."""
    if count <= 0:
        return np.empty(0, np.intp)
    if len(scores) > count:
        least = np.partition(scores, len(scores) - count)[len(scores) - count]
        above = np.flatnonzero(scores > least)
        chosen = np.concatenate([above, np.flatnonzero(scores == least)[: count - len(above)]])
        chosen.sort()
    else:
        chosen = np.arange(len(scores))
    return chosen[np.argsort(-scores[chosen], kind="stable")]
