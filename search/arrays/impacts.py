"""What BM25 gives for what the postings of a field say beside their rows; computed once for an open index."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from index.codec.field import Field
from index.codec.lengths import LENGTHS
from search.ranking import K1, saturation

Values = NDArray[np.float64]
_ROUNDED = 1 + 1e-12


class Impacts:
    """The saturations of a field's codes and levels with the average length that scores are made with, in slots."""

    def __init__(self, field: Field, average: float) -> None:
        self.average = average
        self.wide = field.wide
        number = np.uint64 if self.wide else np.uint32
        self.shift, self.mask = number(field.bits), number((1 << field.bits) - 1)
        """What parts a posting into its row and its code."""
        frequencies, lengths = field.codes()
        self.of_code = _saturations(frequencies, lengths, average)
        """By code."""
        filed = max(field.average, 1.0)
        self.as_filed = average == filed
        """Whether codes and champions are in the order of these saturations."""
        self.of_filed = self.of_code if self.as_filed else _saturations(frequencies, lengths, filed)
        """By code, with the average by which they are in order."""
        # By average a instead of b, f / (f + x + y / a) is at most a / b times as high, or not higher at all, whatever
        # the frequency and the length are.
        self.stretch = max(1.0, average / filed) * _ROUNDED
        """How many times higher than with the file's average a saturation may be."""
        self._field = field

    @cached_property
    def of_level(self) -> Values:
        """By level << 8 | length byte; 0 for level 0, and nothing to go by for level 255."""
        frequencies = self._field.levels()
        lengths = np.tile(np.arange(256, dtype=np.uint8), len(frequencies) >> 8)
        table = _saturations(np.maximum(frequencies, 1), lengths, self.average)
        table[frequencies == 0] = 0.0
        return table

    def of(self, frequencies: NDArray[np.uint32], lengths: NDArray[np.uint8]) -> Values:
        """For frequencies in rows whose lengths these bytes stand for."""
        return _saturations(frequencies, lengths, self.average)

    @cached_property
    def most_up_to(self) -> Values:
        """A bound of the saturations of each level and of those below it."""
        most = self.of_level.reshape(256, 256).max(axis=1)
        most[255] = K1 + 1
        return np.maximum.accumulate(most)

    @cached_property
    def most_a_level(self) -> float:
        """A number that each level times it is a bound of the saturations of."""
        return float((self.most_up_to[1:] / np.arange(1, 256)).max())


def _saturations(frequencies: NDArray[np.uint32], lengths: NDArray[np.uint8], average: float) -> Values:
    return saturation(frequencies.astype(np.float64), LENGTHS[lengths].astype(np.float64), average)
