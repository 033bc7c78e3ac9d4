"""Lengths in one byte: exact up to 128, from there on twelve steps an octave, rounded down (at most 6 % off).

``LENGTHS[b]`` is the length in slots that byte ``b`` stands for; what is longer than the last is taken for the last.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_EXACT = 128
_STEPS = 12

LENGTHS: NDArray[np.uint32] = np.concatenate(
    [np.arange(_EXACT), np.floor(_EXACT * 2.0 ** (np.arange(256 - _EXACT) / _STEPS))]
).astype(np.uint32)


def to_bytes(lengths: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """The bytes that stand for lengths."""
    return (LENGTHS.searchsorted(lengths, side="right") - 1).astype(np.uint8)


def rounded(length: int) -> int:
    """The length that scores are made with."""
    return int(LENGTHS[LENGTHS.searchsorted(length, side="right") - 1])
