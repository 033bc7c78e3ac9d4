"""What a query asks of a passage, ready for any engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum


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
        return "".join(concept.text for concept in self.concepts)


class Match(Enum):
    """How an operand is met."""

    COMPOUND = "compound"
    """One run: its slots together and in order."""
    SOFT = "soft"
    """Several runs: enough of their distinct slots."""
    EXACT = "exact"
    """Quoted: consecutive slots with these surfaces."""
    PARTIAL = "partial"
    """Function words alone: only as a string, only in the partial tier."""


@dataclass(frozen=True, slots=True)
class Operand:
    """A stretch of the query between spaces, or in quotes.

    ``linked`` has the index of each run that の joins to the next. ``surfaces`` and ``stops`` are a quotation's: every
    slot's folded surface, and the stops (、 。) that the query has before it.
    """

    text: str
    match: Match
    runs: tuple[Run, ...] = ()
    linked: frozenset[int] = frozenset()
    surfaces: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()

    def concepts(self) -> tuple[Concept, ...]:
        """The distinct concepts of all runs in order."""
        return tuple({concept.terms: concept for run in self.runs for concept in run.concepts}.values())

    def needed(self) -> int:
        """How many distinct concepts a passage must have: all of one or two, half of more, rounded up."""
        count = len(self.concepts())
        return count if count <= 2 or self.match is not Match.SOFT else -(-count // 2)


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
    found: dict[str, None] = {}
    for operand in operands(plan, excluded=True):
        for run in operand.runs:
            for concept in run.concepts:
                found.update(dict.fromkeys(concept.terms))
            for unit in run.units:
                found.update(dict.fromkeys(unit.terms))
        found.update(dict.fromkeys(operand.surfaces))
    return list(found)
