"""Columns that grow row by row and are read as arrays again and again."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Types = Sequence[type[np.unsignedinteger[Any]]]

_FIRST = 1 << 12
"""Rows that there is room for at first; each time there is not enough it is doubled."""


class Growing:
    """Columns of the given types; ``len`` counts the rows. One thread at a time may add to them or read them."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._columns: list[NDArray[Any]] = [np.zeros(_FIRST, of) for of in types]
        self._count = 0
        # Only once they are asked for are rows made columns of, since that takes numpy as long for one as for many.
        self._new = array("I")

    def __len__(self) -> int:
        return self._count + len(self._new) // len(self._types)

    def extend(self, row: Sequence[int]) -> None:
        """Adds a row, or several, the values of one after those of the other."""
        self._new.extend(row)

    def columns(self) -> list[NDArray[Any]]:
        """The columns; what is added later changes none of these."""
        if self._new:
            rows = np.array(self._new, np.uint32).reshape(-1, len(self._types))
            count = self._count + len(rows)
            for i, column in enumerate(self._columns):
                if count > len(column):
                    column = np.concatenate([column, np.zeros(max(count, len(column)), column.dtype)])
                    self._columns[i] = column
                column[self._count : count] = rows[:, i]
            self._count = count
            self._new = array("I")
        return [column[: self._count] for column in self._columns]
