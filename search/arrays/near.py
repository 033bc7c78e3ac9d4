"""Where words stand near each other: ``search.matching.find_near`` over the slots of many rows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from search.arrays.runs import Slots
from search.arrays.segments import SegmentWords
from search.arrays.sets import NONE, Rows, distinct
from search.query.plan import Distinct, Operand


class _Standing(NamedTuple):
    """Where a word stands, in the order of starts: these, its row, and the least end of those from there on."""

    starts: Slots
    rows: Rows
    least: Slots


def rows_near(operand: Operand, words: SegmentWords, field: str, rows: Rows) -> Rows:
    """The rows, of some, in a field of which the words of an operand stand near each other."""
    found = [_standing(each, words, field, rows) for each in operand.distinct]
    each = [standing for standing in found if standing is not None]
    if not each or len(each) < len(found):
        return NONE
    starts = np.concatenate([standing.starts for standing in each])
    of = np.concatenate([standing.rows for standing in each])
    reach = np.zeros(len(starts), np.int64)
    for standing in each:
        places = standing.starts.searchsorted(starts)
        nowhere = places == len(standing.starts)
        ends = standing.least.take(places, mode="clip")
        ends[nowhere] = np.iinfo(np.int64).max
        np.maximum(reach, ends, out=reach)
    # What begins in a later row ends beyond the end of this one.
    met = (reach <= words.starts(field)[of + 1]) & (reach - starts <= len(each) + operand.slack)
    near = of[met]
    near.sort()
    return distinct(near)


def _standing(one: Distinct, words: SegmentWords, field: str, rows: Rows) -> _Standing | None:
    """Where any alternative of a word stands; None where none does."""
    places = [word.places(rows) for a in one.strict if (word := words.word(field, a.term)) is not None]
    if not places:
        return None
    starts = np.concatenate([each.starts for each in places])
    ends = np.concatenate([each.ends for each in places])
    of = np.concatenate([each.rows for each in places])
    if not len(starts):
        return None
    order = np.argsort(starts, kind="stable")
    least = np.minimum.accumulate(ends[order][::-1])[::-1]
    return _Standing(starts[order], of[order], least)
