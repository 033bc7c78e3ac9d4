"""What a passage is worth to a plan: parts that sum to its score.

    concept   the strongest alternative's weight × BM25 over title, headings and body, once for each distinct concept
    partial   an operand met only as a string
    together  a run met as in the query: the weaker idf of each pair of neighbours
    linked    the same with something between them: half of it
    whole     a run that is not a part of a longer unit, but for the single words of a sentence
    document  of words that are no sentence: how much of its document is about them, by BM25 over passages
    bigrams   of a sentence: the idf of each pair of its characters that the passage has, however it is cut into words

A boost of the query multiplies the weights of what it stands behind.

BM25 as in Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), section 3.3, with
Lucene's idf, ln(1 + (N - df + 0.5) / (df + 0.5)), which is never negative. df is the larger of the fields' counts of
passages; a field's average length is over the passages that have it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from index.analysis.fold import compare
from index.model import Mark
from index.writers import FIELDS
from search.matching import Found, Judgement, Level, View, find_exact, find_run, narrowed
from search.pairs import pairs_of
from search.query.plan import Alternative, Concept, Match, Operand, Run

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

K1 = 1.2
B = 0.75
FIELD_WEIGHTS: Mapping[str, float] = {"title": 0.5, "headings": 0.5, "body": 1.0}
"""By field, as in ``index.writers.FIELDS``."""
ADJACENT = 0.5
LINKED = 0.25
WHOLE = 0.3
DOCUMENT = 1.0
"""On 200 titles of kyoto_wiki (seed 1) MRR@10 is 0.750 with 0, 0.797 with 0.6, 0.812 with 1, 0.804 with 1.5."""
BIGRAMS = 0.8
"""On 1,000 questions of JaQuAD's training set (seed 1) MRR@10 is 0.9038 with 0.6, 0.9045 with 0.8, 0.9016 with 1.1."""
STRING = 1.0
RESCORED = 200
"""So many passages of each tier, the best of the first stage, are rescored."""
PER_DOCUMENT = 3
"""Passages of one document on the pages, unless all are asked for."""


_Number = TypeVar("_Number", float, "NDArray[np.float64]")


class Around(NamedTuple):
    """Of a passage's document: how many of its passages are hits of the same tier, and how many it has."""

    hits: int
    passages: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of the whole index: its passages, each field's average length in slots, df of the terms that were asked.

    ``pairs`` is df of pairs of characters, ``of_a_document`` how many passages a document has on the average.
    """

    passages: int
    averages: Mapping[str, float]
    frequencies: Mapping[str, int]
    pairs: Mapping[str, int]
    of_a_document: float

    def idf(self, term: str) -> float:
        """Inverse document frequency of a term, in nats."""
        return self._idf(self.frequencies[term])

    def idf_of_pair(self, pair: str) -> float:
        """The same of a pair of characters."""
        return self._idf(self.pairs[pair])

    def _idf(self, df: int) -> float:
        return math.log(1 + (self.passages - df + 0.5) / (df + 0.5))

    def _of_concept(self, concept: Concept) -> float:
        return min(self.idf(term) for term in concept.terms)

    def rarest(self, runs: Sequence[Run]) -> float:
        """The highest idf of a concept of runs, each taken at its most frequent term."""
        return max((self._of_concept(concept) for run in runs for concept in run.concepts), default=0.0)

    def topic(self, asked: Iterable[Operand]) -> tuple[float, Operand | None]:
        """Of words that tell a topic the highest idf, times the boost, and whose it is; 0 and None for a sentence.

        What answers a sentence stands in one place, whatever the rest of the document is about.
        """
        most, of = 0.0, None
        for operand in asked:
            if operand.match is Match.SOFT or operand.glued:
                return 0.0, None
            idf = self.rarest(operand.runs)
            if idf > most:
                most, of = idf, operand
        return (most, None) if of is None else (of.boost * most, of)

    def neighbours(self, run: Run) -> float:
        """The lower idf of each pair of neighbours of a run, summed."""
        return sum(min(self._of_concept(a), self._of_concept(b)) for a, b in pairwise(run.concepts))


def saturation(frequency: _Number, length: _Number, average: float) -> _Number:
    """What of BM25 depends on a passage; numbers or arrays of float64, which give the same bits."""
    relative = length / average
    return frequency * (K1 + 1) / (frequency + K1 * (1 - B + B * relative))


def summed(parts: Iterable[Part]) -> float:
    """The sum of parts, one after the other: ``sum`` rounds otherwise in some releases of Python."""
    total = 0.0
    for part in parts:
        total += part.score
    return total


CONCEPT = "concept"
"""The kind of a part whose rule the two spellings tell."""


class Part(NamedTuple):
    """A part of a score: the query's words it stands for, the term it was found by, the kind, field, weight, points.

    The kind is the name of the part, of a concept's ``CONCEPT`` or the rule that joined the term to the words.
    """

    concept: str
    term: str
    kind: str
    field: str
    weight: float
    score: float


class Scorer:
    """Scores passages.

    The first stage, of concepts and strings, is for every passage; the rest rescores the best ``RESCORED`` of a tier,
    and never takes from a score.
    """

    def __init__(self, statistics: Statistics) -> None:
        self._statistics = statistics

    def first(self, judgement: Judgement, view: View) -> list[Part]:
        """The parts of the first stage, from the operands that are met; what two of them share counts once."""
        found: list[Part] = []
        counted: set[tuple[str, tuple[str, ...]]] = set()
        for operand, level in judgement.operands:
            if level is Level.NONE:
                continue
            before = len(found)
            seen, fields = narrowed(view, operand), operand.fields
            for distinct in operand.distinct:
                if counted.isdisjoint((alternative.term, fields) for alternative in distinct.strict):
                    alternatives = distinct.alternatives if level is Level.PARTIAL else distinct.strict
                    found += self._concept(alternatives, seen, operand.boost)
                counted.update(
                    (alternative.term, fields) for alternative in distinct.alternatives if alternative.is_own
                )
            if level is Level.PARTIAL and len(found) == before:
                found.append(string_part(operand, seen))
        return found

    def _concept(self, alternatives: Sequence[Alternative], view: View, boost: float) -> list[Part]:
        """What the strongest alternative gives in each field."""
        best: list[Part] = []
        points = 0.0
        for term, text, alone, rule, _ in alternatives:
            if not view.has(term):
                continue
            share = alone * boost
            idf = self._statistics.idf(term)
            here = [
                Part(text, term, rule or CONCEPT, field, share * weight, share * weight * idf * saturation)
                for field, weight in FIELD_WEIGHTS.items()
                if (saturation := self._saturation(term, field, view))
            ]
            total = summed(here)
            if total > points:
                best, points = here, total
        return best

    def _saturation(self, term: str, field: str, view: View) -> float:
        frequency = view.frequency(field, term)
        if not frequency:
            return 0.0
        return saturation(float(frequency), float(view.length(field)), self._statistics.averages[field])

    def every(self, judgement: Judgement, view: View, around: Around) -> list[Part]:
        """The parts of both stages."""
        return [*self.first(judgement, view), *self.rest(judgement, view, around)]

    def rest(self, judgement: Judgement, view: View, around: Around) -> list[Part]:
        """The parts that only the best passages are given: words found together, whole units, the document, pairs."""
        found: list[Part] = []
        for operand in dict.fromkeys(operand for operand, level in judgement.operands if level is not Level.NONE):
            seen = narrowed(view, operand)
            if operand.match is Match.EXACT:
                places = [place for field in FIELDS for place in find_exact(operand, seen, field)]
                worth = self._statistics.rarest(operand.runs)
                found += _whole_parts(operand.text, places, seen, worth, operand.boost)
            else:
                for run in rewarded(operand):
                    found += self._run_parts(run, seen, operand.boost)
            found += self._bigrams(operand, view)
        worth, topic = self._statistics.topic(operand for operand, _ in judgement.operands)
        if topic is not None:
            hits, passages = around
            points = DOCUMENT * worth * saturation(float(hits), float(passages), self._statistics.of_a_document)
            told = f"{hits} of {passages} passages"
            found.append(Part(topic.text, told, "document", FIELDS[-1], DOCUMENT * topic.boost, points))
        return found

    def _bigrams(self, operand: Operand, view: View) -> Iterator[Part]:
        asked = pairs_asked(operand)
        having = {pair for field in FIELDS for pair in pairs_of(view.text(field))} if asked else ()
        points = 0.0
        for pair in asked:
            points += self._statistics.idf_of_pair(pair) if pair in having else 0.0
        if points:
            weight = BIGRAMS * operand.boost
            yield Part(operand.text, operand.text, "bigrams", FIELDS[-1], weight, weight * points)

    def _run_parts(self, run: Run, view: View, boost: float) -> Iterator[Part]:
        places = [place for field in FIELDS for place in find_run(run, view, field)]
        if not places:
            return
        if len(run.concepts) > 1:
            worth = self._statistics.neighbours(run)
            best = min(places, key=lambda place: place.linked)
            weight = (LINKED if best.linked else ADJACENT) * boost
            yield Part(run.text, run.text, "linked" if best.linked else "together", best.field, weight, weight * worth)
        yield from _whole_parts(run.text, places, view, self._statistics.rarest((run,)), boost)


def _whole_parts(text: str, places: list[Found], view: View, worth: float, boost: float) -> list[Part]:
    weight = WHOLE * boost
    for place in places:
        marks = view.marks(place.field)
        if not place.linked and marks[place.span.start] & Mark.UNIT_START and marks[place.span.end - 1] & Mark.UNIT_END:
            return [Part(text, text, "whole", place.field, weight, weight * worth)]
    return []


def rewarded(operand: Operand) -> Sequence[Run]:
    """The runs that are worth more where they stand as in the query: of a sentence those of several words."""
    if operand.match is not Match.SOFT:
        return operand.runs
    return [run for run in operand.runs if len(run.concepts) > 1]


def pairs_asked(operand: Operand) -> tuple[str, ...]:
    """The pairs of characters that an operand is given points for: those of a sentence, and of what it quotes."""
    if operand.fields or not (operand.match is Match.SOFT or operand.glued):
        return ()
    return pairs_of(operand.text)


def string_part(operand: Operand, view: View) -> Part:
    """What an operand gives that stands in a passage as a mere string, however often and wherever that is."""
    wanted = compare(operand.text)
    field = next((field for field in reversed(FIELDS) if wanted in compare(view.text(field))), FIELDS[-1])
    weight = STRING * operand.boost
    return Part(operand.text, operand.text, "partial", field, weight, weight)
