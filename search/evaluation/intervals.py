"""How far would a mean be another one with other queries of the same kind? The percentile bootstrap.

As many queries as there are, drawn with replacement, many times: the middle 95 % of their means are the interval (Efron
and Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13). Of two runs the differences are drawn, query by
query, so that what is easy or hard for both cancels out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ROUNDS = 2_000
LEVEL = 0.95
_AT_ONCE = 4_000_000


class Interval(NamedTuple):
    """A mean and what it lies between."""

    mean: float
    low: float
    high: float

    @property
    def is_apart(self) -> bool:
        """Whether 0 lies outside, as for a difference that is not by chance."""
        return self.low > 0 or self.high < 0


def interval(values: NDArray[np.float64], *, seed: int = 1, rounds: int = ROUNDS) -> Interval:
    """The interval of the mean of ``values`` (one a query, at least one); the same seed gives the same one."""
    import numpy as np

    random = np.random.default_rng(seed)
    count = len(values)
    portion = max(1, _AT_ONCE // count)
    means = [
        values[random.integers(count, size=(min(portion, rounds - first), count))].mean(axis=1)
        for first in range(0, rounds, portion)
    ]
    low, high = np.quantile(np.concatenate(means), [(1 - LEVEL) / 2, (1 + LEVEL) / 2]).tolist()
    return Interval(float(values.mean()), low, high)
