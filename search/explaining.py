"""What each word of a query is taken for: a plan as people and programs read it.

Of every operand: how it is met, and all that stands for a stretch of it, each with the rule that joined the two, a
weight beside the word itself, and in how many passages of the index its terms stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from index.analysis.mentions import ERA, is_mention
from search.query.plan import SEQUENCE, Either, Match, Operand, Plan, Run, Unit, Where, readable

ITSELF = "itself"
"""The rule of what was typed."""


@dataclass(frozen=True, slots=True)
class ExplainedTerm:
    """A term, those of a sequence joined by ``|``, and in how many passages it stands; None where nobody counted."""

    term: str
    passages: int | None


@dataclass(frozen=True, slots=True)
class ExplainedAlternative:
    """Any of ``terms`` stands for ``text``, the words ``first`` to ``last`` of run ``run``, all counted from 0.

    ``why`` is the rule, ``weight`` what it is worth beside the word itself. A ``loose`` one reaches the partial tier
    only.
    """

    run: int
    first: int
    last: int
    text: str
    why: str
    weight: float
    loose: bool
    terms: tuple[ExplainedTerm, ...]


@dataclass(frozen=True, slots=True)
class ExplainedOperand:
    """An operand: how it is met (a ``search.query.plan.Match``), ``needed`` of its ``words``, and what stands for them.

    ``slack`` other slots may lie between words that are to be near each other. Only ``fields`` are looked at, all where
    there are none; ``boost`` multiplies its scores.
    """

    text: str
    match: str
    words: int
    needed: int
    slack: int
    fields: tuple[str, ...]
    boost: float
    alternatives: tuple[ExplainedAlternative, ...]

    def to_dict(self) -> dict[str, object]:
        """The operand as JSON values."""
        return {
            "kind": "operand",
            "text": self.text,
            "match": self.match,
            "words": self.words,
            "needed": self.needed,
            "slack": self.slack,
            "fields": list(self.fields),
            "boost": self.boost,
            "alternatives": [{**asdict(each), "terms": list(map(asdict, each.terms))} for each in self.alternatives],
        }


@dataclass(frozen=True, slots=True)
class ExplainedCondition:
    """What is asked of documents' values, as it was typed."""

    text: str

    def to_dict(self) -> dict[str, object]:
        """The condition as JSON values."""
        return {"kind": "where", "text": self.text}


@dataclass(frozen=True, slots=True)
class ExplainedGroup:
    """``all`` of its parts and none of ``without``, or ``either`` of its parts."""

    kind: str
    parts: tuple[ExplainedPlan, ...]
    without: tuple[ExplainedPlan, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """The group as JSON values."""
        parts, without = ([part.to_dict() for part in each] for each in (self.parts, self.without))
        return {"kind": self.kind, "parts": parts, "without": without}


ExplainedPlan = ExplainedOperand | ExplainedCondition | ExplainedGroup


def explained(plan: Plan, passages: Mapping[str, int] | None = None) -> ExplainedPlan:
    """A plan as it is told; ``passages`` has for a term in how many passages it stands."""
    if isinstance(plan, Operand):
        return _operand(plan, passages or {})
    if isinstance(plan, Where):
        return ExplainedCondition(plan.text)
    parts = tuple(explained(part, passages) for part in plan.parts)
    if isinstance(plan, Either):
        return ExplainedGroup("either", parts)
    return ExplainedGroup("all", parts, tuple(explained(part, passages) for part in plan.without))


def _operand(operand: Operand, passages: Mapping[str, int]) -> ExplainedOperand:
    alternatives = tuple(each for r, run in enumerate(operand.runs) for each in _of_run(r, run, passages))
    words = len(operand.distinct)
    return ExplainedOperand(
        operand.text,
        operand.match.value,
        words,
        operand.needed(),
        operand.slack if operand.match is Match.NEAR else 0,
        operand.fields,
        operand.boost,
        alternatives,
    )


def _of_run(r: int, run: Run, passages: Mapping[str, int]) -> Iterator[ExplainedAlternative]:
    """Word by word: itself, what else stands for it alone, then what stands for several words from there on."""
    for i, concept in enumerate(run.concepts):
        yield _alternative(r, run, Unit(i, i, concept.terms, why=_itself(concept.text)), passages)
        for unit in sorted((unit for unit in run.units if unit.first == i), key=lambda unit: unit.last):
            yield _alternative(r, run, unit, passages)


def _alternative(r: int, run: Run, unit: Unit, passages: Mapping[str, int]) -> ExplainedAlternative:
    text = run.typed(unit.first, unit.last)
    terms = tuple(ExplainedTerm(readable(term), passages.get(term)) for term in unit.terms)
    return ExplainedAlternative(r, unit.first, unit.last, text, _rule(text, unit), unit.weight, unit.loose, terms)


def _itself(typed: str) -> str:
    return "prefix" if typed.endswith("*") else ITSELF


def _rule(typed: str, unit: Unit) -> str:
    """The rule of a unit; of one whose spellings tell it, what it is."""
    if unit.why:
        return unit.why
    if all(map(is_mention, unit.terms)):
        return "era" if unit.terms[0].startswith(ERA) else "number"
    if typed.endswith("*"):
        return "prefix"
    several = unit.first < unit.last and not any(SEQUENCE in term for term in unit.terms)
    return "long unit" if several else "spelling"
