"""A page of passages for a plan: the hits of all segments by their scores, the best rescored, three of a document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from search.arrays.impacts import Values
from search.arrays.matching import Judge, Met
from search.arrays.orders import best
from search.arrays.ranking import Scores
from search.arrays.segments import SegmentWords
from search.clock import Deadline
from search.matching import Judgement, Level
from search.query.plan import Plan, operands
from search.ranking import PER_DOCUMENT, RESCORED, Around

Bools = NDArray[np.bool_]
Numbers = NDArray[np.int64]
"""Numbers of passages in the whole index."""
_UNKNOWN = Around(0, 0)
"""Of a document that counts for nothing."""
_DEEPER = 4
"""How many times more hits are listed where those of a few documents filled no page."""


class Part(NamedTuple):
    """A segment as a question sees it: the number of its first row, and who judges and scores its rows.

    ``live`` tells of each row whether it is neither deleted nor filtered out; None where none is.
    """

    first: int
    words: SegmentWords
    live: Bools | None
    judge: Judge
    scores: Scores


class Documents(NamedTuple):
    """Of the documents of some hits: how many hits each has in their tier, and how many passages."""

    hits: Numbers
    passages: Numbers


class Listed(NamedTuple):
    """Hits of a tier in their order: their places in it, their scores, and whether those are of both stages."""

    places: NDArray[np.intp]
    scores: Values
    rescored: Bools


class Tier:
    """The hits of one tier, in the order of their numbers; ``mets`` has those of each part.

    ``around`` tells of the documents of some hits, given all of them, or None where these are only the best words.

    ``ranks`` (one for each passage of the index) order them instead of their scores. ``total`` is how many there are,
    where these are only the best, ``exact`` whether that is not only at least; None where they are all.
    """

    def __init__(
        self,
        plan: Plan,
        parts: Sequence[Part],
        mets: Sequence[Met],
        level: Level,
        around: Callable[[Numbers, Numbers | None], Documents],
        ranks: Numbers | None = None,
        total: int | None = None,
        *,
        exact: bool = False,
    ) -> None:
        self._plan = plan
        self._parts = parts
        self._mets = mets
        self._level = level
        self._around = around
        self._ranks = ranks
        self._bounds = np.cumsum([0, *(len(met.rows) for met in mets)])
        each = [met.rows.astype(np.int64) + part.first for part, met in zip(parts, mets, strict=True)]
        self.numbers: Numbers = np.concatenate([np.empty(0, np.int64), *each])
        self._scores = np.concatenate(
            [np.empty(0), *(part.scores.first(met) for part, met in zip(parts, mets, strict=True))]
        )
        self.around: dict[int, Around] = {}
        """Of the best hits, where their documents count."""
        self.whole = total is None
        """Whether these are all hits of the tier."""
        self.exact = self.whole or exact
        self.total = len(self.numbers) if total is None else max(total, len(self.numbers))

    def __len__(self) -> int:
        return len(self.numbers)

    @cached_property
    def _rescored(self) -> tuple[NDArray[np.intp], Values]:
        """The places of the best hits in their order, and their scores."""
        chosen = np.sort(best(self._scores, RESCORED))
        scores = self._scores[chosen]
        bounds = chosen.searchsorted(self._bounds)
        for i, (part, met) in enumerate(zip(self._parts, self._mets, strict=True)):
            of_part = slice(bounds[i], bounds[i + 1])
            rows = met.rows[chosen[of_part] - self._bounds[i]]
            if len(rows):
                part.scores.add_rest(met.among(rows), scores[of_part])
        if len(chosen) and (topic := self._parts[0].scores.topic):
            numbers = self.numbers[chosen]
            documents = self._around(numbers, self.numbers if self.whole else None)
            scores += self._parts[0].scores.of_documents(topic, *documents)
            each = zip(*(counts.tolist() for counts in documents), strict=True)
            self.around = dict(zip(numbers.tolist(), [Around(*of_one) for of_one in each], strict=True))
        order = np.argsort(-scores, kind="stable")
        return chosen[order], scores[order]

    def first(self, count: int) -> Listed:
        """The first so many hits; all, where there are fewer."""
        places, scores = self._rescored
        if self._ranks is not None:
            every, rescored = self._scores.copy(), np.zeros(len(self), np.bool_)
            every[places], rescored[places] = scores, True
            order = np.argsort(self._ranks[self.numbers], kind="stable")[:count]
            return Listed(order, every[order], rescored[order])
        known = len(places)
        if count > known and len(self) > known:
            others = np.ones(len(self), np.bool_)
            others[places] = False
            rest = np.flatnonzero(others)
            following = rest[best(self._scores[rest], count - known)]
            places, scores = np.concatenate([places, following]), np.concatenate([scores, self._scores[following]])
        return Listed(places[:count], scores[:count], np.arange(len(places))[:count] < known)

    def judgement(self, place: int) -> Judgement:
        """How far a hit meets the plan."""
        i = int(self._bounds.searchsorted(place, side="right")) - 1
        met = self._mets[i]
        row = met.rows[place - self._bounds[i]]
        levels = zip(operands(self._plan), met.operands, met.words, strict=True)
        each = tuple((operand, self._of_operand(row, least, words)) for operand, least, words in levels)
        return Judgement(self._level, each)

    def _of_operand(self, row: np.intp, least: NDArray[np.intp] | None, words: NDArray[np.intp] | None) -> Level:
        if least is not None and not _has(least, row):
            return Level.NONE
        return Level.WORD if words is None or _has(words, row) else Level.PARTIAL


def _has(rows: NDArray[np.intp], row: np.intp) -> bool:
    place = rows.searchsorted(row)
    return bool(place < len(rows) and rows[place] == row)


class Shown(NamedTuple):
    """A hit on a page; ``similar`` counts its document's hits that are on no page, said of the document's first.

    ``around`` is of its document, where the hit was rescored; None where it was not.
    """

    number: int
    judgement: Judgement
    score: float
    around: Around | None
    similar: int


@dataclass(frozen=True, slots=True)
class Page:
    """The hits from ``offset`` on, at most ``limit``, and what was counted; ``exact`` tells that this is all."""

    hits: Sequence[Shown]
    word: int
    partial: int | None
    exact: bool


class Source(Protocol):
    """Where the hits of a plan come from."""

    def words(self, count: int) -> Tier:
        """The word tier: all of it, or its best ``count`` hits, with those that are tied with the last of them."""

    def partial(self) -> Tier:
        """The whole partial tier."""

    def documents(self, numbers: Numbers) -> Numbers:
        """The number of each passage's document."""

    def of_documents(self, documents: Numbers) -> Numbers:
        """For each hit of the word tier in some documents (ascending), its document."""


def page(source: Source, offset: int, limit: int, deadline: Deadline, *, all_passages: bool) -> Page:
    """The hits from ``offset`` on, of each document the first few unless ``all_passages`` are asked for.

    The partial tier is looked at only if the hits of the word tier do not reach the end of the page.
    """
    end = offset + limit
    count = max(RESCORED, end)
    while True:
        words = source.words(count)
        listed = _Listing(source, [words], all_passages=all_passages)
        reached = listed.reach(end)
        if reached >= end or words.whole or deadline.over():
            break
        count *= _DEEPER
    partial = None
    if reached < end and not deadline.over():
        rest = source.partial()
        partial = len(rest)
        listed = _Listing(source, [words, rest], all_passages=all_passages)
        listed.reach(end)
    return Page(listed.cut(offset, end), words.total, partial, words.exact)


class _Listing:
    """Hits tier after tier, without those beyond the first few of each document."""

    def __init__(self, source: Source, tiers: Sequence[Tier], *, all_passages: bool) -> None:
        self._source = source
        self._tiers = tiers
        self._all_passages = all_passages
        self._of: Numbers = np.empty(0, np.int64)
        self._places: NDArray[np.intp] = np.empty(0, np.intp)
        self._scores: Values = np.empty(0)
        self._tier: NDArray[np.intp] = np.empty(0, np.intp)
        self._rescored: Bools = np.empty(0, np.bool_)
        self._within: NDArray[np.intp] = np.empty(0, np.intp)

    def reach(self, end: int) -> int:
        """Lists hits until there are so many to show, or no more: how many there are."""
        total = sum(map(len, self._tiers))
        count = min(end, total)
        while True:
            self._list(count)
            if len(self._places) >= end or count >= total:
                return len(self._places)
            count = min(_DEEPER * count, total)

    def _list(self, count: int) -> None:
        """Lists the first ``count`` hits of all."""
        each = []
        for i, tier in enumerate(self._tiers):
            listed = tier.first(count)
            count -= len(listed.places)
            each.append((np.full(len(listed.places), i), tier.numbers[listed.places], *listed))
        tiers, numbers, places, scores, rescored = (np.concatenate(arrays) for arrays in zip(*each, strict=True))
        if not self._all_passages:
            self._of = self._source.documents(numbers)
            self._within = _ordinals(self._of)
            shown = self._within < PER_DOCUMENT
            self._of, self._within = self._of[shown], self._within[shown]
            tiers, places, scores, rescored = tiers[shown], places[shown], scores[shown], rescored[shown]
        self._tier, self._places, self._scores, self._rescored = tiers, places, scores, rescored

    def cut(self, offset: int, end: int) -> list[Shown]:
        """The hits from ``offset`` to ``end``."""
        chosen = range(offset, min(end, len(self._places)))
        similar = self._similar(chosen)
        shown = []
        for i in chosen:
            tier, place = self._tiers[self._tier[i]], int(self._places[i])
            number, score = int(tier.numbers[place]), float(self._scores[i])
            around = tier.around.get(number, _UNKNOWN) if self._rescored[i] else None
            shown.append(Shown(number, tier.judgement(place), score, around, similar.get(i, 0)))
        return shown

    def _similar(self, chosen: range) -> dict[int, int]:
        """How many more hits its document has, for each hit that is its document's first."""
        if self._all_passages:
            return {}
        firsts = {i: int(self._of[i]) for i in chosen if self._within[i] == 0}
        if not firsts:
            return {}
        asked = np.sort(np.array(list(firsts.values())))
        every = np.concatenate(
            [
                self._source.documents(tier.numbers) if tier.whole else self._source.of_documents(asked)
                for tier in self._tiers
            ]
        )
        places = asked.searchsorted(every)
        counts = np.bincount(places[asked.take(places, mode="clip") == every], minlength=len(asked))
        by_document = dict(zip(asked.tolist(), counts.tolist(), strict=True))
        return {i: max(0, by_document[document] - PER_DOCUMENT) for i, document in firsts.items()}


def _ordinals(values: Numbers) -> NDArray[np.intp]:
    """How many equal values come before each."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    new = np.ones(len(values), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    each = np.arange(len(values))
    found = np.empty(len(values), np.intp)
    found[order] = each - np.maximum.accumulate(np.where(new, each, 0))
    return found
