"""The best rows for words of which any may stand, where sums of their bounds round."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.arrays.kernels import PLAIN
from search.arrays.top import Best

ROWS = 1_000


class Given:
    """A concept of two words that gives each row a value, at most ``bound``."""

    hot = True
    kernels = PLAIN
    words = (None, None)
    alternatives = 2

    def __init__(self, values: NDArray[np.float64], bound: float) -> None:
        self._values = values
        self.bound = self.full = bound
        self.count = np.count_nonzero(values)

    def scores(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        return self._values[rows]

    def rows(self, most: int) -> NDArray[np.intp]:
        return np.flatnonzero(self._values)

    def strongest(self, count: int, most: int) -> NDArray[np.intp]:
        return np.sort(np.argsort(-self._values, kind="stable")[:count])

    def add_bounds(self, sums: NDArray[Any], scale: float) -> None:
        sums += np.where(self._values > 0, self._values * scale + 1, 0).astype(sums.dtype)


def test_a_word_that_stands_everywhere_and_gives_next_to_nothing_loses_no_row() -> None:
    chance = random.Random(4)
    for _ in range(100):
        rare = np.zeros(ROWS)
        rare[:5] = chance.uniform(1, 25)
        # In each of a million passages: its idf is some ten-millionths.
        little = chance.uniform(1e-7, 1e-6)
        given: list[Any] = [Given(rare, chance.uniform(25, 30)) for _ in range(chance.randint(1, 8))]
        given.append(Given(np.full(ROWS, little), little))
        assert len(Best(given, ROWS).rows(20)) >= 20
