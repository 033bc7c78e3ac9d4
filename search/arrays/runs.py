"""Where the runs of a query stand: ``search.matching.find_run`` over the slots of many rows.

Slots are numbered over all rows of a segment, so that what follows a stretch is found by adding to where it ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.model import KIND, Mark
from search.arrays.segments import SegmentWords
from search.arrays.sets import NONE, Rows
from search.matching import GAP
from search.query.plan import Run

Slots = NDArray[np.int64]
Bools = NDArray[np.bool_]
_SLIGHT = np.array([marks & KIND in (Mark.LIGHT, Mark.PARTICLE) for marks in range(256)])
"""By a slot's marks: whether it may stand between neighbours of a run."""


class Found(NamedTuple):
    """Stretches of slots in order, no two from the same start; ``linked``: something stands between their parts."""

    starts: Slots
    ends: Slots
    rows: Rows
    linked: Bools

    def taken(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> Found:
        """Some of the stretches."""
        return Found(self.starts[chosen], self.ends[chosen], self.rows[chosen], self.linked[chosen])


NOWHERE = Found(NONE, NONE, NONE, np.empty(0, np.bool_))


class _Way(NamedTuple):
    """Stretches of one kind, where each ends alone, and where the run ends that goes on from it."""

    last: int
    ends: Slots
    whole: Found


def run_places(run: Run, words: SegmentWords, field: str, rows: Rows) -> Found:
    """Every stretch of some rows by which a run is met, from each start the one that is taken; they may overlap."""
    count = len(run.concepts)
    goes_on = [NOWHERE] * count
    for i in reversed(range(count)):
        ways = []
        for last, alone in _alone(run, i, words, field, rows):
            chosen, whole = np.arange(len(alone.starts)), alone
            if last + 1 < count:
                chosen, whole = _followed(alone, goes_on[last + 1], words, field)
            ways.append(_Way(last, alone.ends[chosen], whole))
        goes_on[i] = _taken(ways)
        if not len(goes_on[i].starts) and not run.units:
            return NOWHERE
    return goes_on[0]


def _alone(run: Run, i: int, words: SegmentWords, field: str, rows: Rows) -> Iterator[tuple[int, Found]]:
    """Where concept ``i`` stands, alone or under a unit up to another concept, by term."""
    terms = [(i, term) for term in run.concepts[i].terms]
    terms += [(unit.last, term) for unit in run.units if unit.first == i and not unit.loose for term in unit.terms]
    for last, term in terms:
        word = words.word(field, term)
        if word is not None:
            starts, ends, of = word.places(rows)
            yield last, Found(starts, ends, of, np.zeros(len(starts), np.bool_))


def _followed(alone: Found, following: Found, words: SegmentWords, field: str) -> tuple[NDArray[np.intp], Found]:
    """Those stretches that a following one continues, the nearest, by their places; and both together."""
    if not len(following.starts) or not len(alone.starts):
        return NONE, NOWHERE
    marks, row_ends = words.marks(field), words.starts(field)[alone.rows + 1]
    nearest = np.full(len(alone.starts), -1, np.intp)
    linked = np.zeros(len(alone.starts), np.bool_)
    open_ = np.flatnonzero(alone.ends < row_ends)
    for gap in range(GAP + 1):
        at = alone.ends[open_] + gap
        here = marks[at]
        unbroken = (here & Mark.STOP) == 0
        open_, at, here = open_[unbroken], at[unbroken], here[unbroken]
        places = following.starts.searchsorted(at)
        met = following.starts.take(places, mode="clip") == at
        nearest[open_[met]] = places[met]
        linked[open_[met]] = (here[met] & Mark.COMMA > 0) | (gap > 0)
        onward = ~met & _SLIGHT[here] & (at + 1 < row_ends[open_])
        open_ = open_[onward]
    chosen = np.flatnonzero(nearest >= 0)
    of = nearest[chosen]
    whole = Found(alone.starts[chosen], following.ends[of], alone.rows[chosen], linked[chosen] | following.linked[of])
    return chosen, whole


def _taken(ways: list[_Way]) -> Found:
    """Of the ways from one start that which reaches further in the run, then the shorter one."""
    ways = [way for way in ways if len(way.ends)]
    if len(ways) == 1:
        return ways[0].whole
    if not ways:
        return NOWHERE
    every = Found(
        np.concatenate([way.whole.starts for way in ways]),
        np.concatenate([way.whole.ends for way in ways]),
        np.concatenate([way.whole.rows for way in ways]),
        np.concatenate([way.whole.linked for way in ways]),
    )
    ends = np.concatenate([way.ends for way in ways])
    lasts = np.repeat([-way.last for way in ways], [len(way.ends) for way in ways])
    every = every.taken(np.lexsort((ends, lasts, every.starts)))
    first = np.ones(len(every.starts), np.bool_)
    np.not_equal(every.starts[1:], every.starts[:-1], out=first[1:])
    return every.taken(first)


def apart(found: Found) -> Found:
    """The stretches that are left if each that begins inside one before it is passed over."""
    if not (found.starts[1:] < found.ends[:-1]).any():
        return found
    kept, after = [], 0
    for i, (start, end) in enumerate(zip(found.starts.tolist(), found.ends.tolist(), strict=True)):
        if start >= after:
            kept.append(i)
            after = end
    return found.taken(np.array(kept, np.intp))
