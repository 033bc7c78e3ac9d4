"""What a query asks of a passage, ready for any engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from itertools import chain
from typing import NamedTuple

from index.model import COMMAS, Mark


@dataclass(frozen=True, slots=True)
class Concept:
    """One slot of a query with its alternatives: any of ``terms`` stands for it. ``text`` is how it was typed."""

    text: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """A long unit over the concepts ``first`` to ``last`` (of its run): any of ``terms`` stands for all of them."""

    first: int
    last: int
    terms: tuple[str, ...]


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
    STRING = "string"
    """Function words alone: only as a string, only in the partial tier."""


class Alternative(NamedTuple):
    """A term that stands for a concept, or as a long unit for ``text`` of several, which share its weight."""

    term: str
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Distinct:
    """A word of an operand with everything that stands for it; concepts that share a term are one word."""

    concept: Concept
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True)
class Operand:
    """A stretch of the query between spaces, or in quotes.

    ``linked`` has the index of each run that の joins to the next. ``keys`` and ``pauses`` are a quotation's: every
    slot's first term, and what ``pause`` says of the signs before it. ``distinct`` follows from the runs; ``terms`` are
    all of its terms, once.
    """

    text: str
    match: Match
    runs: tuple[Run, ...] = ()
    linked: frozenset[int] = frozenset()
    keys: tuple[str, ...] = ()
    pauses: tuple[int, ...] = ()
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
        for i, concept in enumerate(run.concepts):
            standing = next((by_term[term] for term in concept.terms if term in by_term), None)
            if standing is None:
                standing = {term: Alternative(term, concept.text, 1.0) for term in concept.terms}
                found.append((concept, standing))
                by_term.update(dict.fromkeys(concept.terms, standing))
            for unit in run.over(i):
                text = run.typed(unit.first, unit.last)
                for term in unit.terms:
                    standing.setdefault(term, Alternative(term, text, 1 / (unit.last - unit.first + 1)))
    return tuple(Distinct(concept, tuple(standing.values())) for concept, standing in found)


def pause(between: str, marks: int) -> int:
    """What parts two slots of a quotation, as marks: a comma among the signs between them, or an end of a sentence.

    A line break alone, which stands in the marks as a comma does, parts nothing.
    """
    comma = Mark.COMMA if any(sign in COMMAS for sign in between) else 0
    return comma | (marks & Mark.STOP)


@dataclass(frozen=True, slots=True)
class All:
    """Every part is met and none of ``without`` is, on word boundaries."""

    parts: tuple[Plan, ...]
    without: tuple[Plan, ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    """At least one part is met."""

    parts: tuple[Plan, ...]


Plan = Operand | All | Either


def operands(plan: Plan, *, excluded: bool = False) -> Iterator[Operand]:
    """The operands that a passage is asked for, from left to right; with ``excluded``, also those it must not have."""
    if isinstance(plan, Operand):
        yield plan
        return
    for part in plan.parts:
        yield from operands(part, excluded=excluded)
    if excluded and isinstance(plan, All):
        for part in plan.without:
            yield from operands(part, excluded=True)


def terms(plan: Plan) -> list[str]:
    """Every term of a plan, exclusions among them, once."""
    return list(dict.fromkeys(term for operand in operands(plan, excluded=True) for term in operand.terms))
