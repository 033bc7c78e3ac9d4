"""What a posting's value is between a field and the codec: plain numbers where Whoosh pickles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.whoosh_api import formats

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
