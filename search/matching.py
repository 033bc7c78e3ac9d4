"""Whether a passage is what a plan asks for, and where: the judge of one passage, which says what all engines answer.

An engine shows a passage as a ``View``. The judge looks at positions alone, but for quotations and for the partial
tier, which look at the text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import chain, pairwise
from typing import NamedTuple, Protocol

from index.analysis.fold import compare, letters
from index.model import KIND, Mark
from index.writers import FIELDS
from search.fields import Values
from search.query.plan import Alternative, Distinct, Either, Match, Operand, Plan, Run, Where, pause

GAP = 2
"""So many slots may stand between two neighbours of a run, if they decide nothing."""


class Level(IntEnum):
    """How far an operand is met."""

    NONE = 0
    PARTIAL = 1
    WORD = 2


class Span(NamedTuple):
    """Slots ``start`` to ``end`` (exclusive) of a passage's field."""

    start: int
    end: int


class View(Protocol):
    """A passage as an engine shows it; ``field`` is one of ``index.writers.FIELDS``."""

    def has(self, term: str) -> bool:
        """Whether a term stands in any field."""

    def frequency(self, field: str, term: str) -> int:
        """How often a term stands."""

    def occurrences(self, field: str, term: str) -> Sequence[Span]:
        """Where a term stands, in order: one slot, or all the slots of the long unit that it is."""

    def length(self, field: str) -> int:
        """The field's length in slots, rounded down as ``index.codec.lengths`` has it: what scores are made with."""

    def marks(self, field: str) -> bytes:
        """A byte of marks for each slot."""

    def text(self, field: str) -> str:
        """The field's text."""

    def spans(self, field: str) -> Sequence[tuple[int, int]]:
        """Each slot's span in the field's text."""

    def values(self) -> Values:
        """The values of the document's fields."""


class _Narrowed:
    """A passage of which only some fields are looked at: in the others nothing stands."""

    def __init__(self, view: View, fields: Sequence[str]) -> None:
        self._view = view
        self._fields = fields
        self.length = view.length
        self.marks = view.marks
        self.spans = view.spans
        self.values = view.values

    def has(self, term: str) -> bool:
        return any(self._view.frequency(field, term) for field in self._fields)

    def frequency(self, field: str, term: str) -> int:
        return self._view.frequency(field, term) if field in self._fields else 0

    def occurrences(self, field: str, term: str) -> Sequence[Span]:
        return self._view.occurrences(field, term) if field in self._fields else ()

    def text(self, field: str) -> str:
        return self._view.text(field) if field in self._fields else ""


def narrowed(view: View, operand: Operand) -> View:
    """A passage as an operand looks at it: in the fields that it names, if it names any."""
    return _Narrowed(view, operand.fields) if operand.fields else view


class Segment(NamedTuple):
    """The concepts ``first`` to ``last`` of a run, found at ``span`` by ``term``."""

    span: Span
    first: int
    last: int
    term: str


class Found(NamedTuple):
    """A run found in a field: its segments in order. ``linked`` tells that something stands between two of them."""

    field: str
    segments: tuple[Segment, ...]
    linked: bool

    @property
    def span(self) -> Span:
        """From the first slot to the last."""
        return Span(self.segments[0].span.start, self.segments[-1].span.end)


def segments(run: Run, i: int, view: View, field: str, *, loose: bool = False) -> list[Segment]:
    """Every place where concept ``i`` of a run stands, alone or under a unit that starts with it.

    In the order of the text; of those that start together, the longest first. ``loose`` units are left out unless they
    are asked for.
    """
    found = [Segment(span, i, i, term) for term in run.concepts[i].terms for span in view.occurrences(field, term)]
    for unit in run.units:
        if unit.first == i and (loose or not unit.loose):
            found += [
                Segment(span, i, unit.last, term) for term in unit.terms for span in view.occurrences(field, term)
            ]
    if len(found) < 2:
        return found
    best = {(segment.span, segment.last): segment for segment in reversed(found)}
    return sorted(best.values(), key=lambda segment: (segment.span.start, -segment.last, segment.span.end))


def find_run(run: Run, view: View, field: str) -> list[Found]:
    """Every place of a field where a run is met: its slots in order, at most ``GAP`` that decide nothing between.

    Of the ways to go on from one slot the nearest is taken, then the longest; places do not overlap.
    """
    if not run.units and not all(any(view.frequency(field, t) for t in c.terms) for c in run.concepts):
        return []
    if len(run.concepts) == 1:
        return _apart(segments(run, 0, view, field), field)
    marks = view.marks(field)
    goes_on = _ways(run, view, field, marks)
    places: list[Found] = []
    after = 0
    for first in goes_on[0]:
        if first.span.start < after:
            continue
        whole = [first]
        while (following := goes_on[whole[-1].first][whole[-1]]) is not None:
            whole.append(following)
        places.append(Found(field, tuple(whole), _is_linked(marks, whole)))
        after = whole[-1].span.end
    return places


def _apart(found: Sequence[Segment], field: str) -> list[Found]:
    """The places of a run of one concept."""
    places: list[Found] = []
    after = 0
    for segment in found:
        if segment.span.start >= after:
            places.append(Found(field, (segment,), linked=False))
            after = segment.span.end
    return places


def _ways(run: Run, view: View, field: str, marks: bytes) -> list[dict[Segment, Segment | None]]:
    """For each concept the segments from which the run can be finished, each with the next one; None at the end."""
    count = len(run.concepts)
    goes_on: list[dict[Segment, Segment | None]] = [{} for _ in range(count)]
    nearest: list[dict[int, Segment]] = [{} for _ in range(count)]
    for i in reversed(range(count)):
        for segment in segments(run, i, view, field):
            following = None
            if segment.last + 1 < count:
                following = _following(nearest[segment.last + 1], segment.span.end, marks)
                if following is None:
                    continue
            goes_on[i][segment] = following
            nearest[i].setdefault(segment.span.start, segment)
        if not goes_on[i] and not run.units:
            return [{} for _ in range(count)]
    return goes_on


def _following(nearest: Mapping[int, Segment], end: int, marks: bytes) -> Segment | None:
    for start in range(end, end + GAP + 1):
        if start in nearest and _joined(marks, end, start):
            return nearest[start]
    return None


def _joined(marks: bytes, end: int, start: int) -> bool:
    """Whether nothing that decides, and no end of a sentence, stands between slots ``end - 1`` and ``start``."""
    if any(marks[i] & KIND not in (Mark.LIGHT, Mark.PARTICLE) for i in range(end, start)):
        return False
    return not any(marks[i] & Mark.STOP for i in range(end, start + 1))


def _is_linked(marks: bytes, whole: Sequence[Segment]) -> bool:
    for before, after in pairwise(whole):
        start = after.span.start
        if start > before.span.end or marks[start] & Mark.COMMA:
            return True
    return False


def find_exact(operand: Operand, view: View, field: str) -> list[Found]:
    """Every place of a field where a quotation stands: its slots one after the other, reading as it does."""
    count = len(operand.keys)
    starts = {span.start for span in view.occurrences(field, operand.keys[0])}
    for i, term in enumerate(operand.keys[1:], start=1):
        if not starts:
            return []
        starts &= {span.start - i for span in view.occurrences(field, term)}
    places = []
    for start in sorted(starts):
        if reads(operand, view, field, start):
            segment = Segment(Span(start, start + count), 0, count - 1, operand.keys[0])
            places.append(Found(field, (segment,), linked=False))
    return places


def reads(operand: Operand, view: View, field: str, start: int) -> bool:
    """Whether the text from a slot on reads as the quotation, with pauses where it has them and nowhere else."""
    text, marks = view.text(field), view.marks(field)
    slots = view.spans(field)[start : start + len(operand.keys)]
    if letters(text[slots[0][0] : slots[-1][1]]) != letters(operand.text):
        return False
    gaps = enumerate(pairwise(slots), start=1)
    return all(pause(text[b[1] : a[0]], marks[start + i]) == operand.pauses[i] for i, (b, a) in gaps)


class Standing(NamedTuple):
    """Where an alternative of a distinct word stands."""

    span: Span
    alternative: Alternative


class Near(NamedTuple):
    """A stretch of a field in which all distinct words of an operand stand, and where they do."""

    span: Span
    words: tuple[Standing, ...]


def find_near(operand: Operand, view: View, field: str) -> list[Near]:
    """Every place of a field where the words of an operand stand near each other, in any order.

    From the start of the first to the end of the last there are at most ``slack`` slots more than there are distinct
    words; a long unit may stand for several of them. The end of a sentence parts nothing. Places do not overlap: of
    those that do the first is taken.
    """
    each = [_standing(one, view, field) for one in operand.distinct]
    places: list[Near] = []
    every = sorted(dict.fromkeys(chain.from_iterable(each)), key=lambda standing: standing.span)
    for first in every:
        start = first.span.start
        if places and start < places[-1].span.end:
            continue
        ends = [min((s.span.end for s in of_one if s.span.start >= start), default=None) for of_one in each]
        known = [end for end in ends if end is not None]
        if len(known) == len(each) and max(known) - start <= len(each) + operand.slack:
            span = Span(start, max(known))
            within = [s for s in every if span.start <= s.span.start and s.span.end <= span.end]
            places.append(Near(span, tuple(within)))
    return places


def _standing(distinct: Distinct, view: View, field: str) -> list[Standing]:
    return [Standing(span, each) for each in distinct.strict for span in view.occurrences(field, each.term)]


def present(operand: Operand, view: View, *, loose: bool = False) -> int:
    """How many of an operand's distinct concepts the passage has, in any field, alone or under a unit."""
    each = (distinct.alternatives if loose else distinct.strict for distinct in operand.distinct)
    return sum(any(view.has(alternative.term) for alternative in alternatives) for alternatives in each)


def contains(operand: Operand, view: View) -> bool:
    """Whether a field has the operand as a mere string, folded for width and case."""
    wanted = compare(operand.text)
    return any(wanted in compare(view.text(field)) for field in FIELDS)


def level_of(operand: Operand, view: View, *, partial: bool) -> Level:
    """How far a passage meets one operand; without ``partial`` it is ``WORD`` or ``NONE``."""
    view = narrowed(view, operand)
    if operand.match is Match.NEAR:
        return Level.WORD if any(find_near(operand, view, field) for field in FIELDS) else Level.NONE
    if operand.match is Match.EXACT:
        word = any(find_exact(operand, view, field) for field in FIELDS)
    else:
        word = present(operand, view) >= operand.needed() > 0
    if word and operand.match is Match.COMPOUND:
        word = any(find_run(operand.runs[0], view, field) for field in FIELDS)
    if word:
        return Level.WORD
    if not partial or (operand.match is Match.EXACT and not operand.glued):
        return Level.NONE
    enough = operand.needed() if operand.match is Match.COMPOUND else 1
    loosely = present(operand, view, loose=True) >= enough > 0
    return Level.PARTIAL if loosely or contains(operand, view) else Level.NONE


@dataclass(frozen=True, slots=True)
class Judgement:
    """How far a passage meets a plan, and the level of each of its operands: none where what it is a part of fails."""

    level: Level
    operands: tuple[tuple[Operand, Level], ...]


def judge(plan: Plan, view: View, *, partial: bool) -> Judgement:
    """How far a passage meets a plan: all parts count, so that the weakest decides; of alternatives the strongest.

    Of glued parts any reaches the partial tier.

    What is excluded must not stand in the passage on word boundaries.
    """
    if isinstance(plan, Operand):
        level = level_of(plan, view, partial=partial)
        return Judgement(level, ((plan, level),))
    if isinstance(plan, Where):
        return Judgement(Level.WORD if plan.holds(view.values()) else Level.NONE, ())
    judged = [judge(part, view, partial=partial) for part in plan.parts]
    operands = tuple(pair for judgement in judged for pair in judgement.operands)
    if isinstance(plan, Either):
        return Judgement(max(judgement.level for judgement in judged), operands)
    level = min(judgement.level for judgement in judged)
    if plan.glued and partial and level is Level.NONE:
        level = min(max(judgement.level for judgement in judged), Level.PARTIAL)
    if any(judge(part, view, partial=False).level is Level.WORD for part in plan.without):
        level = Level.NONE
    if level is Level.NONE:
        operands = tuple((operand, Level.NONE) for operand, _ in operands)
    return Judgement(level, operands)
