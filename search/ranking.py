"""What a passage is worth to a plan: parts that sum to its score.

    concept   the strongest alternative's weight × BM25 over title, headings and body, once for each distinct concept
    run       words found together as in the query: the weaker idf of each pair of neighbours, half of it where
              something stands between them
    whole     a run that is not a part of a longer unit
    string    an operand met only as a string (partial tier)

BM25 as in Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), section 3.3, with
Lucene's idf, ln(1 + (N - df + 0.5) / (df + 0.5)), which is never negative. df is the larger of the fields' counts of
passages; a field's average length is over the passages that have it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from index.analysis.fold import compare
from index.model import Mark
from index.writers import FIELDS
from search.matching import Found, Judgement, Level, View, find_exact, find_run, units_over
from search.query.plan import Concept, Match, Operand, Run

K1 = 1.2
B = 0.75
FIELD_WEIGHTS: Mapping[str, float] = {"title": 0.5, "headings": 0.5, "body": 1.0}
ADJACENT = 0.5
LINKED = 0.25
WHOLE = 0.3
STRING = 1.0


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of the whole index: its passages, each field's average length in slots, and df of the terms that were asked."""

    passages: int
    averages: Mapping[str, float]
    frequencies: Mapping[str, int]

    def idf(self, term: str) -> float:
        """Inverse document frequency of a term, in nats."""
        df = self.frequencies.get(term, 0)
        return math.log(1 + (self.passages - df + 0.5) / (df + 0.5))


class Part(NamedTuple):
    """A part of a score: the query's words it stands for, the term it was found by, the kind, field, weight, points."""

    concept: str
    term: str
    kind: str
    field: str
    weight: float
    score: float


def parts(judgement: Judgement, view: View, statistics: Statistics) -> list[Part]:
    """The parts of a passage's score, from the operands that it meets."""
    found: list[Part] = []
    scored: set[tuple[str, ...]] = set()
    for operand, level in judgement.operands:
        if level is Level.NONE:
            continue
        concepts = list(_concept_parts(operand, view, statistics, scored))
        found += concepts
        if operand.match is Match.EXACT:
            found += _whole_parts(operand.text, _exact_places(operand, view), view, _rarest(operand.runs, statistics))
            continue
        for run in operand.runs:
            found += _run_parts(run, view, statistics)
        if level is Level.PARTIAL and not concepts:
            found += _string_parts(operand, view)
    return found


def _concept_parts(
    operand: Operand, view: View, statistics: Statistics, scored: set[tuple[str, ...]]
) -> Iterator[Part]:
    for run in operand.runs:
        for i, concept in enumerate(run.concepts):
            if concept.terms in scored:
                continue
            term, weight = max(_alternatives(run, i, concept), key=lambda a: _points(a[0], a[1], view, statistics))
            for field in FIELDS:
                score = weight * FIELD_WEIGHTS[field] * _bm25(term, field, view, statistics)
                if score:
                    scored.add(concept.terms)
                    yield Part(concept.text, term, "concept", field, weight * FIELD_WEIGHTS[field], score)


def _alternatives(run: Run, i: int, concept: Concept) -> list[tuple[str, float]]:
    """Term and weight; a long unit stands for several concepts, each of which has its share."""
    units = [(term, 1 / (unit.last - unit.first + 1)) for unit in units_over(run, i) for term in unit.terms]
    return [(term, 1.0) for term in concept.terms] + units


def _points(term: str, weight: float, view: View, statistics: Statistics) -> float:
    return weight * sum(FIELD_WEIGHTS[field] * _bm25(term, field, view, statistics) for field in FIELDS)


def _bm25(term: str, field: str, view: View, statistics: Statistics) -> float:
    frequency = view.frequency(field, term)
    if not frequency:
        return 0.0
    relative = view.length(field) / statistics.averages[field]
    return statistics.idf(term) * frequency * (K1 + 1) / (frequency + K1 * (1 - B + B * relative))


def _idf(concept: Concept, statistics: Statistics) -> float:
    return min(statistics.idf(term) for term in concept.terms)


def _rarest(runs: tuple[Run, ...], statistics: Statistics) -> float:
    return max((_idf(concept, statistics) for run in runs for concept in run.concepts), default=0.0)


def _run_parts(run: Run, view: View, statistics: Statistics) -> Iterator[Part]:
    places = [place for field in FIELDS for place in find_run(run, view, field)]
    if not places:
        return
    if len(run.concepts) > 1:
        worth = sum(min(_idf(a, statistics), _idf(b, statistics)) for a, b in pairwise(run.concepts))
        best = min(places, key=lambda place: place.linked)
        weight = LINKED if best.linked else ADJACENT
        yield Part(run.text, run.text, "linked" if best.linked else "together", best.field, weight, weight * worth)
    yield from _whole_parts(run.text, places, view, _rarest((run,), statistics))


def _whole_parts(text: str, places: list[Found], view: View, worth: float) -> list[Part]:
    for place in places:
        marks = view.marks(place.field)
        if not place.linked and marks[place.span.start] & Mark.UNIT_START and marks[place.span.end - 1] & Mark.UNIT_END:
            return [Part(text, text, "whole", place.field, WHOLE, WHOLE * worth)]
    return []


def _exact_places(operand: Operand, view: View) -> list[Found]:
    return [place for field in FIELDS for place in find_exact(operand, view, field)]


def _string_parts(operand: Operand, view: View) -> Iterator[Part]:
    wanted = compare(operand.text)
    for field in FIELDS:
        count = compare(view.text(field)).count(wanted)
        if count:
            weight = STRING * FIELD_WEIGHTS[field]
            yield Part(operand.text, operand.text, "partial", field, weight, weight * count / (count + K1))
