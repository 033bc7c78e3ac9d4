"""Where words stand together: in the same rows, or one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from search.arrays.sets import NONE, Rows, alive, among, common, distinct, union
from search.arrays.words import Word

Bools = NDArray[np.bool_]
Slots = NDArray[np.int64]
_MANY = 100
"""Rows that are narrowed by what is known of pairs."""


def all_of(each: Sequence[Sequence[Word]], most: int, live: Bools | None = None, within: Rows | None = None) -> Rows:
    """The live rows (of ``within``) where of each words any stands, those words first that stand in the fewest."""
    if not each or not all(each):
        return NONE
    ordered = sorted(each, key=_size)
    rows = within
    for words in ordered:
        rows = alive(rows_of(words, most), live) if rows is None else rows[stands(words, rows)]
        if not len(rows):
            return NONE
    assert rows is not None, "there is a first"
    return rows


def _size(words: Sequence[Word]) -> int:
    return sum([word.count for word in words])


def rows_of(words: Iterable[Word], most: int) -> Rows:
    """The rows, of ``most`` in the segment, where any of some words stands."""
    return union([word.rows for word in words], most)


def stands(words: Sequence[Word], rows: Rows) -> Bools:
    """Whether any of some words stands in each row."""
    if len(words) == 1:
        return words[0].stands(rows)
    found = np.zeros(len(rows), np.bool_)
    for word in words:
        found |= word.stands(rows)
    return found


def following(words: Sequence[Word], rows: Rows | None = None) -> tuple[Slots, Rows]:
    """Where words of one field stand one after the other, in all rows or in some: the first one's slot, and the row."""
    order = sorted(range(len(words)), key=lambda i: words[i].count)
    if rows is None or len(rows) > _MANY:
        paired = _of_pairs(words)
        if paired is not None:
            rows = paired if rows is None else common(rows, paired)
    if rows is None and words[order[0]].streams:
        rows = all_of([[word] for word in words], words[0].of)
    places = words[order[0]].places(rows)
    starts, of = places.starts - order[0], places.rows
    firsts = words[0].firsts
    inside = (starts >= firsts[of]) & (starts + len(words) <= firsts[of + 1])
    starts, of = starts[inside], of[inside]
    for i in order[1:]:
        if not len(starts):
            break
        met = words[i].at(starts + i)
        if met is None:
            met = among(starts + i, words[i].places(distinct(of)).starts)
        starts, of = starts[met], of[met]
    return starts, of


def _of_pairs(words: Sequence[Word]) -> Rows | None:
    """At least the rows where words follow each other, if it is known of one of their pairs; None if of none."""
    rows: Rows | None = None
    for before, after in pairwise(words):
        pair = before.followed_by(after)
        if pair is not None:
            rows = pair if rows is None else common(rows, pair)
    return rows
