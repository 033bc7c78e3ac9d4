"""Integers in as few bytes as they need: LEB128, seven bits a byte, the lowest first, the top bit where more follow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LONGEST = 5
"""Bytes of a u32."""


def encode(values: NDArray[np.uint32]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The bytes of the values, and where each begins, with the end of the last behind them."""
    sizes = np.ones(len(values), np.uint8)
    for more in range(1, _LONGEST):
        sizes += values >= 1 << 7 * more
    starts = np.zeros(len(values) + 1, np.int64)
    np.cumsum(sizes, out=starts[1:])
    encoded = np.empty(starts[-1], np.uint8)
    encoded[starts[:-1]] = _seven_bits(values, 0, sizes)
    for byte in range(1, _LONGEST):
        chosen = np.flatnonzero(sizes > byte)
        encoded[starts[chosen] + byte] = _seven_bits(values[chosen], byte, sizes[chosen])
    return encoded, starts


def _seven_bits(values: NDArray[np.uint32], byte: int, sizes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """One byte of each value, all of which have it."""
    bits: NDArray[np.uint8] = (values >> np.uint32(7 * byte)).astype(np.uint8) & np.uint8(0x7F)
    bits |= (sizes > byte + 1).view(np.uint8) << np.uint8(7)
    return bits


def decode(encoded: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """The values of whole encodings; one that is longer than a u32 loses its upper bits."""
    last = np.flatnonzero(encoded < 0x80)
    if len(last) == len(encoded):
        return np.asarray(encoded, np.uint32)
    starts = np.concatenate([[0], last[:-1] + 1]) if len(last) else last
    values: NDArray[np.uint32] = encoded[starts].astype(np.uint32) & np.uint32(0x7F)
    for byte in range(1, _LONGEST):
        chosen = np.flatnonzero(last - starts >= byte)
        if not len(chosen):
            break
        values[chosen] |= (encoded[starts[chosen] + byte] & np.uint32(0x7F)).astype(np.uint32) << np.uint32(7 * byte)
    return values
