"""What rows are worth to a plan: the parts of ``search.ranking.Scorer``, summed in its order, as float64 arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.model import Mark
from search.arrays.impacts import Values
from search.arrays.matching import Met
from search.arrays.quotations import quotations
from search.arrays.reading import Texts
from search.arrays.runs import Found, apart, run_places
from search.arrays.segments import SegmentWords
from search.arrays.sets import Rows, among
from search.arrays.top import Concept
from search.arrays.words import Word
from search.query.plan import Alternative, Distinct, Either, Match, Operand, Plan, operands
from search.ranking import (
    ADJACENT,
    BIGRAMS,
    DOCUMENT,
    FIELD_WEIGHTS,
    LINKED,
    STRING,
    WHOLE,
    Statistics,
    pairs_asked,
    rewarded,
    saturation,
)

Bools = NDArray[np.bool_]
Counts = NDArray[np.int64]


class _Concept(NamedTuple):
    """A word of the query, where it is looked for, and what its operand's boost is.

    ``counted_by`` are the operands before whose being met leaves it without a score.
    """

    of: Distinct
    counted_by: Sequence[int]
    words: SegmentWords
    boost: float


class Scores:
    """Scores the rows of a segment for one plan; ``pairs`` gives the rows that have a pair of characters."""

    def __init__(
        self,
        plan: Plan,
        statistics: Statistics,
        words: SegmentWords,
        texts: Texts,
        pairs: Callable[[str], Rows],
    ) -> None:
        self._pairs = pairs
        self._plan = plan
        self._words = words
        self._texts = texts
        self._statistics = statistics
        self._operands = list(operands(plan))
        self._concepts = _concepts(self._operands, words)

    def any_of(self) -> tuple[list[Concept], int] | None:
        """The concepts of a plan that asks for so many of them and for nothing else; None for other plans."""
        needed = any_needed(self._plan)
        if needed is None or any(concept.counted_by for each in self._concepts for concept in each):
            return None
        concepts = []
        for concept in (concept for each in self._concepts for concept in each):
            alternatives = [self._factors(alternative, concept) for alternative in concept.of.strict]
            if any(alternatives):
                concepts.append(Concept([alternative for alternative in alternatives if alternative]))
        return concepts, needed

    def _factors(self, alternative: Alternative, concept: _Concept) -> list[tuple[Word, float]]:
        share, idf = alternative.weight * concept.boost, self._statistics.idf(alternative.term)
        return [
            (word, share * weight * idf)
            for field, weight in FIELD_WEIGHTS.items()
            if (word := concept.words.word(field, alternative.term)) is not None
        ]

    def first(self, met: Met) -> Values:
        """The first stage for the rows of ``met``."""
        rows = met.rows
        here = [None if of is None else among(rows, of) for of in met.operands]
        scores = np.zeros(len(rows))
        for i, concepts in enumerate(self._concepts):
            of_words = met.words[i]
            partially = None if of_words is None else ~among(rows, of_words)
            before = scores if partially is None else scores.copy()
            for concept in concepts:
                counts = self._counts(concept, here, i, len(rows))
                for points in self._points(concept, rows, partially):
                    scores += points if counts is None else np.where(counts, points, 0.0)
            # Whoever meets an operand partially, and by no word of it, has it as a string.
            if partially is not None:
                strings = (scores == before) & partially
                scores[strings if here[i] is None else strings & here[i]] += STRING * self._operands[i].boost
        return scores

    def _points(self, concept: _Concept, rows: Rows, partially: Bools | None) -> list[Values]:
        """What a word gives in each field; its loose alternatives count where its operand is met ``partially``."""
        of = concept.of
        strict = self._best(of.strict, concept, rows)
        if partially is None or not of.alternatives[-1].loose:
            return strict
        strict = strict or [np.zeros(len(rows))] * len(FIELD_WEIGHTS)
        every = self._best(of.alternatives, concept, rows)
        return [np.where(partially, loosely, alone) for loosely, alone in zip(every, strict, strict=False)]

    def _counts(self, concept: _Concept, here: Sequence[Bools | None], i: int, count: int) -> Bools | None:
        """For which rows a concept of operand ``i`` counts; None for all."""
        counts = here[i]
        for other in concept.counted_by:
            of_other = here[other]
            free = np.zeros(count, np.bool_) if of_other is None else ~of_other
            counts = free if counts is None else counts & free
        return counts

    def _best(self, alternatives: Sequence[Alternative], concept: _Concept, rows: Rows) -> list[Values]:
        """What the strongest alternative gives in each field; nothing if the segment has none of them."""
        best: list[Values] = []
        points: Values | None = None
        words = concept.words
        for term, _, alone, _, _ in alternatives:
            of_term = [(field, word) for field in FIELD_WEIGHTS if (word := words.word(field, term)) is not None]
            if not of_term:
                continue
            share = alone * concept.boost
            idf = self._statistics.idf(term)
            here = {field: share * FIELD_WEIGHTS[field] * idf * word.saturations(rows) for field, word in of_term}
            total = sum(here.values(), np.zeros(len(rows)))
            if points is None:
                best, points = [here.get(field, np.zeros(len(rows))) for field in FIELD_WEIGHTS], total
            else:
                better = total > points
                for i, field in enumerate(FIELD_WEIGHTS):
                    np.copyto(best[i], here.get(field, 0.0), where=better)
                np.copyto(points, total, where=better)
        return best

    def add_rest(self, met: Met, scores: Values) -> None:
        """Adds what only the best passages are given: words found together, whole units."""
        for operand in dict.fromkeys(self._operands):
            each = [met.operands[i] for i, other in enumerate(self._operands) if other == operand]
            here = np.zeros(len(met.rows), np.bool_)
            for of in each:
                here |= True if of is None else among(met.rows, of)
            self._add_operand(operand, met.rows[here], np.flatnonzero(here), scores)

    @cached_property
    def topic(self) -> float:
        """What the documents of hits are worth; 0 where they count for nothing."""
        return self._statistics.topic(self._operands)[0]

    def of_documents(self, topic: float, hits: Counts, passages: Counts) -> Values:
        """What documents of so many passages are given for so many hits."""
        numbers = hits.astype(np.float64), passages.astype(np.float64)
        return DOCUMENT * topic * saturation(*numbers, self._statistics.of_a_document)

    def _add_operand(self, operand: Operand, rows: Rows, places: NDArray[np.intp], scores: Values) -> None:
        words = self._words.within(operand.fields)
        if operand.match is Match.EXACT:
            found = {field: quotations(operand, words, field, rows, self._texts) for field in words.fields}
            scores[places] += self._of_whole(found, rows, operand.boost, self._statistics.rarest(operand.runs))
        for run in () if operand.match is Match.EXACT else rewarded(operand):
            found = {field: apart(run_places(run, words, field, rows)) for field in words.fields}
            if len(run.concepts) > 1:
                scores[places] += self._of_run(found, rows, operand.boost, self._statistics.neighbours(run))
            scores[places] += self._of_whole(found, rows, operand.boost, self._statistics.rarest((run,)))

        if asked := pairs_asked(operand):
            points = np.zeros(len(rows))
            for pair in asked:
                points += np.where(among(rows, self._pairs(pair)), self._statistics.idf_of_pair(pair), 0.0)
            scores[places] += BIGRAMS * operand.boost * points

    def _of_run(self, found: dict[str, Found], rows: Rows, boost: float, worth: float) -> Values:
        """What a run of several words is worth where it stands."""
        anywhere, adjacent = np.zeros((2, len(rows)), np.bool_)
        for of in found.values():
            anywhere |= among(rows, of.rows)
            adjacent |= among(rows, of.rows[~of.linked])
        return np.where(adjacent, ADJACENT * boost * worth, np.where(anywhere, LINKED * boost * worth, 0.0))

    def _of_whole(self, found: dict[str, Found], rows: Rows, boost: float, worth: float) -> Values:
        """What it is worth where it is no part of a longer unit."""
        whole = np.zeros(len(rows), np.bool_)
        for field, of in found.items():
            marks = self._words.marks(field)
            begins, ends = marks[of.starts] & Mark.UNIT_START, marks[of.ends - 1] & Mark.UNIT_END
            whole |= among(rows, of.rows[~of.linked & (begins > 0) & (ends > 0)])
        return np.where(whole, WHOLE * boost * worth, 0.0)


def any_needed(plan: Plan) -> int | None:
    """How many concepts a plan asks for where it asks for nothing else, not even for their order; else None."""
    if isinstance(plan, Either):
        # Function words alone are met on no word boundary.
        parts = [part for part in plan.parts if not (isinstance(part, Operand) and part.match is Match.STRING)]
        each = {any_needed(part) if isinstance(part, Operand) else None for part in parts}
        return 1 if each == {1} else None
    if isinstance(plan, Operand) and (
        plan.match is Match.SOFT or (plan.match is Match.COMPOUND and len(plan.runs[0].concepts) == 1)
    ):
        return plan.needed()
    return None


def _concepts(asked: Sequence[Operand], words: SegmentWords) -> list[list[_Concept]]:
    """The concepts of each operand; what it shares with one before, whoever met that one, counts once."""
    found: list[list[_Concept]] = []
    terms: list[set[tuple[str, tuple[str, ...]]]] = []
    for i, operand in enumerate(asked):
        terms.append(set())
        found.append([])
        fields = operand.fields
        for distinct in operand.distinct:
            own = {(alternative.term, fields) for alternative in distinct.strict}
            shared = [j for j in range(i + 1) if not own.isdisjoint(terms[j])]
            found[i].append(_Concept(distinct, shared, words.within(fields), operand.boost))
            terms[i].update((alternative.term, fields) for alternative in distinct.alternatives if alternative.is_own)
    return found
