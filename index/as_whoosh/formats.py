"""What a posting's value is between a field and the codec, and a column's: plain numbers where Whoosh pickles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from index.whoosh_api import columns, formats

Existence = formats.Existence
Frequency = formats.Frequency


class Positions(formats.Positions):
    """Positions as u32, little-endian; there are as many as the frequency."""

    def encode(self, positions: Sequence[int]) -> bytes:
        """The value of a posting."""
        return np.array(positions, "<u4").tobytes()

    def decode_positions(self, value: bytes) -> list[int]:
        """The positions in a value."""
        positions: list[int] = np.frombuffer(value, "<u4").tolist()
        return positions

    def decode_frequency(self, value: bytes) -> int:
        """How many positions are in a value."""
        return len(value) // 4


def dtype_of(column: Any) -> str | None:
    """The type in which the numbers of a column are kept; None for byte strings."""
    if isinstance(column, columns.BitColumn):
        return "u1"
    if not isinstance(column, columns.NumericColumn):
        return None
    if column._typecode in "fd":
        return "f8"
    return "u8" if column._typecode.isupper() else "i8"
