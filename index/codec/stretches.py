"""Stretches that follow each other in an array, by how many items each has."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def bounds(counts: NDArray[Any]) -> NDArray[np.int64]:
    """Where each stretch begins, with the end of the last."""
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])


def numbers(starts: NDArray[Any], counts: NDArray[Any]) -> NDArray[np.int64]:
    """The numbers from each start on, as many as its count, one after the other."""
    own = bounds(counts)
    return np.arange(own[-1]) + np.repeat(starts - own[:-1], counts)
