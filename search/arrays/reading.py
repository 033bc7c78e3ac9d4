"""What of a segment's passages is read one by one, since no array tells it: their texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from search.arrays.sets import Rows
from search.clock import Deadline
from search.matching import View

TEXTS = ("body", "headings", "title")
"""The fields, in the order in which the texts of a row are read."""


class Texts(NamedTuple):
    """``view`` shows a row; ``strings`` has, for each of ascending rows, the texts of its fields (``TEXTS``).

    ``having`` gives the rows that may have a string, and whether they do for certain. Past the deadline no more are
    read.
    """

    view: Callable[[int], View]
    strings: Callable[[Rows], Iterator[Sequence[str]]]
    having: Callable[[str], tuple[Rows, bool]]
    deadline: Deadline
