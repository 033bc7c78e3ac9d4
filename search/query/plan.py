"""What a query asks of a passage, ready for any engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import chain
from typing import NamedTuple

from index.model import COMMAS, Mark
from index.own.recorded import CLASSES as CLASSES
from search.fields import Filter, Values, passes


@dataclass(frozen=True, slots=True)
class Concept:
    """One slot of a query with its alternatives: any of ``terms`` stands for it. ``text`` is how it was typed."""

    text: str
    terms: tuple[str, ...]


SEQUENCE = "\x1f"
"""Joins the terms of a sequence, which is what a written form is that the analysis cuts into several slots: a term like
any other, that stands where its terms do at neighbouring slots with neither a comma nor a stop between."""


def readable(term: str) -> str:
    """A term for who reads it: those of a sequence joined by ``|``."""
    return term.replace(SEQUENCE, "|")


@dataclass(frozen=True, slots=True)
class Unit:
    """What else stands for the concepts ``first`` to ``last`` (of its run): any of ``terms``.

    A long unit that they are, or another way to write or to say them, then with a ``weight`` beside their own of 1 and
    ``why``, the rule that joined the two (empty where the spellings tell it). A ``loose`` one reaches the partial tier
    only, and scores only there.
    """

    first: int
    last: int
    terms: tuple[str, ...]
    weight: float = 1.0
    why: str = ""
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """Content slots in a row, which belong together in this order, and the long units over them."""

    concepts: tuple[Concept, ...]
    units: tuple[Unit, ...] = ()

    @property
    def text(self) -> str:
        """The run as it was typed, signs left out."""
        return self.typed(0, len(self.concepts) - 1)

    def typed(self, first: int, last: int) -> str:
        """The concepts ``first`` to ``last`` as they were typed."""
        return "".join([concept.text for concept in self.concepts[first : last + 1]])

    def over(self, i: int) -> tuple[Unit, ...]:
        """The long units over concept ``i``."""
        return tuple(unit for unit in self.units if unit.first <= i <= unit.last)

    def rules(self) -> dict[tuple[int, int, str], str]:
        """The rule by which a unit's term stands for its concepts, where the spellings do not tell it."""
        return {(unit.first, unit.last, term): unit.why for unit in self.units if unit.why for term in unit.terms}


class Match(Enum):
    """How an operand is met."""

    COMPOUND = "compound"
    """One run: its slots together and in order."""
    SOFT = "soft"
    """Several runs: enough of their distinct slots."""
    EVERY = "every"
    """Several runs of an exclusion: all of their slots."""
    EXACT = "exact"
    """Quoted: consecutive slots with these surfaces."""
    NEAR = "near"
    """Quoted with a distance: all of its distinct slots near each other, in any order."""
    STRING = "string"
    """Function words alone: only as a string, only in the partial tier."""


class Alternative(NamedTuple):
    """A term that stands for a concept, or as a unit for ``text`` of several, which share its weight.

    ``why`` and ``loose`` are its unit's.
    """

    term: str
    text: str
    weight: float
    why: str = ""
    loose: bool = False

    @property
    def is_own(self) -> bool:
        """Whether it is as good as the word itself."""
        return self.weight == 1 and not self.loose


@dataclass(frozen=True, slots=True)
class Distinct:
    """A word of an operand with everything that stands for it, the loose ones last.

    Concepts that share a term are one word.
    """

    concept: Concept
    alternatives: tuple[Alternative, ...]

    @property
    def strict(self) -> tuple[Alternative, ...]:
        """What stands for it on word boundaries."""
        return tuple([alternative for alternative in self.alternatives if not alternative.loose])


@dataclass(frozen=True, slots=True)
class Operand:
    """A stretch of the query between spaces, or in quotes.

    ``linked`` has the index of each run that の joins to the next. ``keys`` and ``pauses`` are a quotation's: every
    slot's first term, and what ``pause`` says of the signs before it. ``slack`` is how many slots more than it has may
    lie between the first and the last of one that is ``NEAR``. A quotation that is ``glued`` to other words, as titles
    are in questions, reaches the partial tier by its words. Only ``fields`` are looked at, all where there are none;
    ``boost`` multiplies its scores. ``distinct`` follows from the runs; ``terms`` are all of its terms, once.
    """

    text: str
    match: Match
    runs: tuple[Run, ...] = ()
    linked: frozenset[int] = frozenset()
    keys: tuple[str, ...] = ()
    pauses: tuple[int, ...] = ()
    slack: int = 0
    glued: bool = False
    fields: tuple[str, ...] = ()
    boost: float = 1.0
    distinct: tuple[Distinct, ...] = field(init=False, compare=False)
    terms: tuple[str, ...] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "distinct", _distinct(self.runs))
        concepts = (concept.terms for run in self.runs for concept in run.concepts)
        units = (unit.terms for run in self.runs for unit in run.units)
        object.__setattr__(self, "terms", tuple(dict.fromkeys(chain(*concepts, *units, self.keys))))

    def needed(self) -> int:
        """How many distinct concepts a passage must have: all of one or two, half of more, rounded up."""
        count = len(self.distinct)
        return count if count <= 2 or self.match is not Match.SOFT else -(-count // 2)


def _distinct(runs: tuple[Run, ...]) -> tuple[Distinct, ...]:
    found: list[tuple[Concept, dict[str, Alternative]]] = []
    by_term: dict[str, dict[str, Alternative]] = {}
    for run in runs:
        units: list[list[Unit]] = [[] for _ in run.concepts]
        for unit in run.units:
            for over in units[unit.first : unit.last + 1]:
                over.append(unit)
        for i, concept in enumerate(run.concepts):
            standing = next((by_term[term] for term in concept.terms if term in by_term), None)
            if standing is None:
                standing = {term: Alternative(term, concept.text, 1.0) for term in concept.terms}
                found.append((concept, standing))
                by_term.update(dict.fromkeys(concept.terms, standing))
            for unit in units[i]:
                text, weight = run.typed(unit.first, unit.last), unit.weight / (unit.last - unit.first + 1)
                for term in unit.terms:
                    if term not in standing or (standing[term].loose and not unit.loose):
                        standing[term] = Alternative(term, text, weight, unit.why, unit.loose)
    return tuple(Distinct(concept, tuple(sorted(of.values(), key=_looseness))) for concept, of in found)


def _looseness(alternative: Alternative) -> bool:
    return alternative.loose


def pause(between: str, marks: int) -> int:
    """What parts two slots of a quotation, as marks: a comma among the signs between them, or an end of a sentence.

    A line break alone, which stands in the marks as a comma does, parts nothing.
    """
    comma = Mark.COMMA if any(sign in COMMAS for sign in between) else 0
    return comma | (marks & Mark.STOP)


@dataclass(frozen=True, slots=True)
class Where:
    """The document's values meet any of the filters and none of ``without``, all on one field.

    ``text`` is how it was typed.
    """

    text: str
    filters: tuple[Filter, ...]
    without: tuple[Filter, ...] = ()

    def holds(self, values: Values) -> bool:
        """Whether values meet it."""
        return passes(values, self.filters) and not (self.without and passes(values, self.without))


@dataclass(frozen=True, slots=True)
class All:
    """Every part is met and none of ``without`` is, on word boundaries.

    ``glued`` parts are one stretch of the query, of which any part reaches the partial tier.
    """

    parts: tuple[Plan, ...]
    without: tuple[Plan, ...] = ()
    glued: bool = False


@dataclass(frozen=True, slots=True)
class Either:
    """At least one part is met."""

    parts: tuple[Plan, ...]


Plan = Operand | Where | All | Either


def operands(plan: Plan, *, excluded: bool = False) -> Iterator[Operand]:
    """The operands that a passage is asked for, from left to right; with ``excluded``, also those it must not have."""
    if isinstance(plan, Operand):
        yield plan
    elif not isinstance(plan, Where):
        for part in plan.parts:
            yield from operands(part, excluded=excluded)
        if excluded and isinstance(plan, All):
            for part in plan.without:
                yield from operands(part, excluded=True)


def conditions(plan: Plan) -> Iterator[Where]:
    """What a plan asks of documents' values, but in exclusions, from left to right."""
    if isinstance(plan, Where):
        yield plan
    elif not isinstance(plan, Operand):
        for part in plan.parts:
            yield from conditions(part)


def changed(plan: Plan, change: Callable[[Operand], Operand]) -> Plan:
    """The plan with every operand changed, exclusions among them."""
    if isinstance(plan, Operand):
        return change(plan)
    if isinstance(plan, Where):
        return plan
    parts = tuple([changed(part, change) for part in plan.parts])
    if isinstance(plan, Either):
        return Either(parts)
    return replace(plan, parts=parts, without=tuple([changed(part, change) for part in plan.without]))


def terms(plan: Plan) -> list[str]:
    """Every term of a plan, exclusions among them, once."""
    return list(dict.fromkeys(term for operand in operands(plan, excluded=True) for term in operand.terms))


def strict_terms(plan: Plan) -> list[str]:
    """The terms of a plan without those that stand for its words loosely and nothing else."""
    loose: set[str] = set()
    strict: set[str] = set()
    for operand in operands(plan, excluded=True):
        for alternative in (alternative for distinct in operand.distinct for alternative in distinct.alternatives):
            (loose if alternative.loose else strict).add(alternative.term)
    return [term for term in terms(plan) if term not in loose or term in strict]
