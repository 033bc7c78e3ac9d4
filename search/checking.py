"""Pairs of a query and a text that ought to belong together or not: do they, and if not, what was made of either?

A file of pairs is text in UTF-8, a line a pair: query, text, tier (``word``, ``partial`` or ``none``), the stretches
that are highlighted (several separated by " / ", ``-`` for none), and the rule that joins them; separated by tabs.
What is left out at the end of a line is not asked. ``\\n`` is a line break; a line that starts with ``#`` is a comment.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from index.analysis import Analyzer
from index.errors import UsageError
from index.model import Document
from index.records import entries_of
from search.analyzing import Analysis
from search.engines import Engine
from search.engines.memory import MemoryEngine, MemoryView
from search.library import DEEPEST_PAGE, Index
from search.model import Hit
from search.query.plan import Concept, Plan, operands

TIERS = ("word", "partial", "none")
BETWEEN = " / "
"""Between the stretches of a text that are highlighted."""
NOTHING = "-"
_COLUMNS = "query, text, tier, what is highlighted, why"
_LEAST, _MOST = 3, 5


class Pair(NamedTuple):
    """What is expected of a query and a text; None for what is not asked. ``line`` is where it stands in its file."""

    query: str
    text: str
    tier: str
    highlighted: tuple[str, ...] | None = None
    why: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came out: the tier, the stretches that are highlighted, every rule that joined one of them to the query."""

    tier: str
    highlighted: tuple[str, ...] = ()
    why: tuple[str, ...] = ()

    def meets(self, pair: Pair) -> bool:
        """Whether it is what a pair expects."""
        if self.tier != pair.tier:
            return False
        if self.tier == "none":
            return True
        return pair.highlighted in (None, self.highlighted) and (pair.why is None or pair.why in self.why)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was made of the query and of the text, and the concepts of the query of which the text has no term."""

    query: Analysis
    text: Analysis
    absent: tuple[Concept, ...]

    def to_dict(self) -> dict[str, object]:
        """The explanation as JSON values; of the text without what it would be as a query."""
        text = self.text.to_dict()
        del text["query"]
        absent = [{"text": concept.text, "terms": list(concept.terms)} for concept in self.absent]
        return {"query": self.query.to_dict(), "text": text, "absent": absent}


@dataclass(frozen=True, slots=True)
class Checked:
    """A pair and what came of it. ``error`` is why the query cannot be asked; a pair that fails is explained."""

    pair: Pair
    got: Answer
    passes: bool
    error: str | None = None
    explanation: Explanation | None = None

    def to_dict(self) -> dict[str, object]:
        """The pair as JSON values."""
        pair, got = self.pair, self.got
        highlighted = None if pair.highlighted is None else list(pair.highlighted)
        return {
            "line": pair.line,
            "query": pair.query,
            "text": pair.text,
            "passes": self.passes,
            "expected": {"tier": pair.tier, "highlighted": highlighted, "why": pair.why},
            "got": {"tier": got.tier, "highlighted": list(got.highlighted), "why": list(got.why)},
            "error": self.error,
            "explanation": None if self.explanation is None else self.explanation.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class CheckReport:
    """All pairs in order, and what is told of lines that are no pair."""

    checked: tuple[Checked, ...]
    malformed: tuple[str, ...] = ()

    @property
    def failed(self) -> int:
        """How many fail."""
        return sum(not each.passes for each in self.checked)

    def __iter__(self) -> Iterator[Checked]:
        return iter(self.checked)

    def __len__(self) -> int:
        return len(self.checked)

    def to_dict(self) -> dict[str, object]:
        """The report as JSON values."""
        return {
            "passed": len(self) - self.failed,
            "failed": self.failed,
            "malformed": list(self.malformed),
            "pairs": [each.to_dict() for each in self.checked],
        }


def read_pairs(path: str | os.PathLike[str], malformed: list[str] | None = None) -> list[Pair]:
    """The pairs of a file; of lines that are no pair it is told in ``malformed``.

    Raises ``UsageError`` for such a line where there is no such list, for a file without pairs, and for none at all.
    """
    file = Path(path)
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file.name} is not UTF-8 (byte {error.start}): save it as UTF-8") from error
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or error}: give a file of pairs") from error
    pairs = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            pairs.append(_pair(line, f"{file.name}, line {number}", number))
        except UsageError as error:
            if malformed is None:
                raise
            malformed.append(str(error))
    if not pairs and not malformed:
        raise UsageError(f"{file.name} holds no pair: give lines of {_COLUMNS}, separated by tabs")
    return pairs


def _pair(line: str, where: str, number: int) -> Pair:
    columns = [column.replace("\\n", "\n") for column in line.split("\t")]
    if not _LEAST <= len(columns) <= _MOST:
        count = f"{len(columns)} column{'' if len(columns) == 1 else 's'}"
        raise UsageError(f"{where}: {count}: give {_COLUMNS}, separated by tabs; the last two may be left out")
    query, text, tier = columns[:_LEAST]
    if tier not in TIERS:
        raise UsageError(f"{where}: the tier is {tier!r}: give word, partial or none")
    highlighted = tuple(columns[3].split(BETWEEN)) if len(columns) > _LEAST else None
    why = columns[4] if len(columns) == _MOST else None
    return Pair(query, text, tier, () if highlighted == (NOTHING,) else highlighted, why, number)


def check(
    pairs: Iterable[Pair],
    analyzer: Analyzer,
    over: Callable[[Engine], Index],
    *,
    exact: bool = False,
    off: Collection[str] | None = None,
) -> CheckReport:
    """Asks each query of its text alone; ``over`` gives an index of an engine, with the settings to check."""
    return CheckReport(tuple(_checked(pair, analyzer, over, exact, off) for pair in pairs))


def _checked(
    pair: Pair, analyzer: Analyzer, over: Callable[[Engine], Index], exact: bool, off: Collection[str] | None
) -> Checked:
    entries = list(entries_of(Document("text", "", pair.text), analyzer))
    index = over(MemoryEngine(entries))
    error = None
    try:
        got = _answer(index.search(pair.query, limit=DEEPEST_PAGE, all_passages=True, exact=exact, off=off).hits)
    except UsageError as raised:
        got, error = Answer("none"), str(raised)
    if error is None and got.meets(pair):
        return Checked(pair, got, passes=True)
    query = index.analyze(pair.query, exact=exact, off=off)
    absent = () if query.plan is None else tuple(_absent(query.plan, [MemoryView(entry) for entry in entries]))
    return Checked(pair, got, False, error, Explanation(query, index.analyze(pair.text), absent))


def _answer(hits: Sequence[Hit]) -> Answer:
    """What the best tier has, passage by passage."""
    if not hits:
        return Answer("none")
    tier = hits[0].tier
    best = sorted((hit for hit in hits if hit.tier == tier), key=lambda hit: hit.ordinal)
    marked = [(hit.text[h.start : h.end], h.why) for hit in best for h in hit.highlights]
    return Answer(
        tier, tuple(text for text, _ in marked), tuple(dict.fromkeys(rule for _, why in marked for rule in why))
    )


def _absent(plan: Plan, views: Sequence[MemoryView]) -> Iterator[Concept]:
    for operand in operands(plan):
        for distinct in operand.distinct:
            if not any(view.has(alternative.term) for alternative in distinct.alternatives for view in views):
                yield distinct.concept
