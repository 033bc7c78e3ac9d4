"""What the chain makes of a text, and the compiler of the same text as a query: for who asks why something is found.

Offsets count code points of the text as it was given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from index.analysis import Analyzer
from index.analysis.fold import Folded
from index.errors import UsageError
from index.model import KIND, Mark, Slot, long_units
from search.explaining import ExplainedPlan, explained
from search.query.compiler import compile_query
from search.query.plan import Plan, terms

_KINDS = {0: "content", Mark.LIGHT: "light", Mark.PARTICLE: "particle", Mark.FUNCTION: "function"}
_MARKS = {
    Mark.COMMA: "comma before",
    Mark.STOP: "stop before",
    Mark.BLANK: "blank before",
    Mark.TAIL: "ending",
    Mark.UNIT_START: "unit starts",
    Mark.UNIT_END: "unit ends",
}


@dataclass(frozen=True, slots=True)
class Fold:
    """``text``, which stands at ``start``, is read as ``folded``; empty where it is left out."""

    start: int
    end: int
    text: str
    folded: str


@dataclass(frozen=True, slots=True)
class AnalysedSlot:
    """A slot: what is written there, its terms without those of long units, its kind and its marks in words."""

    start: int
    end: int
    surface: str
    terms: tuple[str, ...]
    kind: str
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnalysedUnit:
    """The slots ``first`` to ``last`` (counted from 0), which have terms together."""

    first: int
    last: int
    start: int
    end: int
    surface: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a text was made into: folds, slots, long units; and as a query its plan, or None and why it has none.

    ``asks`` is the plan as it is told.
    """

    text: str
    folds: tuple[Fold, ...]
    slots: tuple[AnalysedSlot, ...]
    units: tuple[AnalysedUnit, ...]
    plan: Plan | None
    asks: ExplainedPlan | None
    warnings: tuple[str, ...]
    error: str | None

    def to_dict(self) -> dict[str, object]:
        """The analysis as JSON values."""
        return {
            "text": self.text,
            "folds": [asdict(fold) for fold in self.folds],
            "slots": [asdict(slot) for slot in self.slots],
            "units": [asdict(unit) for unit in self.units],
            "query": {
                "plan": None if self.asks is None else self.asks.to_dict(),
                "warnings": list(self.warnings),
                "error": self.error,
            },
        }


Compile = Callable[[str], tuple[Plan, Sequence[str]]]
"""Makes of a query its plan and warnings; ``UsageError`` where it asks for nothing."""
Count = Callable[[Sequence[str]], Mapping[str, int]]
"""In how many passages each of some terms stands."""


def analyze(
    text: str, analyzer: Analyzer | None = None, compiled: Compile | None = None, count: Count | None = None
) -> Analysis:
    """What ``analyzer`` makes of a text, and ``compiled`` of the same text as a query: else the chain as it comes.

    Needs no index, and without ``compiled`` adds nothing to the words but what the chain makes of them. Where there is
    ``count``, terms are told with it.
    """
    analyzer = analyzer or Analyzer()
    slots = analyzer.slots(text)
    units = tuple(_units(text, slots))
    folds = tuple(_folds(text, analyzer.folded(text)))
    plan: Plan | None = None
    warnings: Sequence[str] = ()
    error = None
    try:
        plan, warnings = compiled(text) if compiled else compile_query(text, analyzer)
    except UsageError as raised:
        error = str(raised)
    asks = None if plan is None else explained(plan, count(terms(plan)) if count else None)
    return Analysis(text, folds, _slots(text, slots, units), units, plan, asks, tuple(warnings), error)


def _folds(text: str, folded: Folded) -> Iterator[Fold]:
    """The stretches that read otherwise than they are written; those that touch are one."""
    start = end = 0
    instead = ""
    for first, last, read in _read(text, folded):
        if text[first:last] == read:
            if end > start:
                yield Fold(start, end, text[start:end], instead)
            start = end = last
            instead = ""
        else:
            end = last
            instead += read
    if end > start:
        yield Fold(start, end, text[start:end], instead)


def _read(text: str, folded: Folded) -> Iterator[tuple[int, int, str]]:
    """The whole text in stretches, each with what is read there."""
    at = i = 0
    while i < len(folded.text):
        start, end = folded.span(i, i + 1)
        first = i
        while i < len(folded.text) and folded.span(i, i + 1) == (start, end):
            i += 1
        if start > at:
            yield at, start, ""
        yield start, end, folded.text[first:i]
        at = end
    if at < len(text):
        yield at, len(text), ""


def _units(text: str, slots: Sequence[Slot]) -> Iterator[AnalysedUnit]:
    terms: dict[tuple[int, int], list[str]] = {}
    for first, last, term in long_units(slots):
        terms.setdefault((last, first), []).append(term)
    for (last, first), found in sorted(terms.items()):
        start, end = slots[first].start, slots[last].end
        yield AnalysedUnit(first, last, start, end, text[start:end], tuple(found))


def _slots(text: str, slots: Sequence[Slot], units: Sequence[AnalysedUnit]) -> tuple[AnalysedSlot, ...]:
    of_units = {(unit.first, term) for unit in units for term in unit.terms}
    return tuple(
        AnalysedSlot(
            slot.start,
            slot.end,
            text[slot.start : slot.end],
            tuple(term for term in slot.terms if (i, term) not in of_units) or slot.terms[:1],
            _KINDS[slot.marks & KIND],
            tuple(told for mark, told in _MARKS.items() if slot.marks & mark),
        )
        for i, slot in enumerate(slots)
    )
