"""Analyses and checked pairs for people: lines of columns, as ``search.terminal`` writes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from index.console import harmless
from search.analyzing import AnalysedSlot, AnalysedUnit, Analysis
from search.checking import BETWEEN, NOTHING, Checked, CheckReport
from search.query.plan import SEQUENCE, Concept, Either, Match, Operand, Plan, Run, Unit, Where
from search.terminal import Line
from search.terminal import Run as Styled
from search.wrapping import cells, padded

_STEP = 2
"""Blanks by which what belongs to a line is set in."""
_WIDEST = 24
"""Cells to which a column is made as wide as its widest cell; what is wider pushes the rest of its line."""
_SHOWN = 60
"""Characters of a text that stands in a column."""
_ALONE = {"unit starts", "unit ends"}
_INSIDE = 6
"""Blanks before what is told of a pair."""
_ASKS = {
    Match.COMPOUND: "together and in order",
    Match.EXACT: "exactly as it stands",
    Match.STRING: "function words alone: as a string, in the partial tier",
    Match.EVERY: "all of its words",
}


def analysis_lines(analysis: Analysis) -> Iterator[Line]:
    """The lines of an analysis: folds, slots, long units, and the text as a query."""
    for section in _sections(analysis, 0):
        yield from section
        yield Line(())
    yield _heading("As a query")
    yield from _query_lines(analysis, _STEP)


def check_lines(report: CheckReport) -> Iterator[Line]:
    """A line for each pair, what is to be known of those that fail below them, and the count."""
    number = max((len(str(each.pair.line)) for each in report), default=1)
    query = _width([_short(each.pair.query) for each in report])
    for each in report:
        result = Styled("pass", "dim") if each.passes else Styled("FAIL", "mark")
        where = Styled(f"  {each.pair.line:>{number}}  ", "dim")
        yield Line((result, where, Styled(f"{padded(_short(each.pair.query), query)}  {_short(each.pair.text)}")))
        if not each.passes:
            yield from _failure_lines(each)
    told = f"{len(report):,} pair{'' if len(report) == 1 else 's'}: "
    failed = f", {report.failed:,} fail" if report.failed else ""
    yield Line((Styled(f"{told}{len(report) - report.failed:,} pass{failed}"),))


def _failure_lines(checked: Checked) -> Iterator[Line]:
    pair, got = checked.pair, checked.got
    marked = "anything" if pair.highlighted is None else _stretches(pair.highlighted)
    rows = [
        ("expected", *_outcome(pair.tier, marked, pair.why or "any rule")),
        ("got", *_outcome(got.tier, _stretches(got.highlighted), " ".join(got.why))),
    ]
    if checked.error is not None:
        rows[1] = ("got", f"no answer: {checked.error}")
    yield from _rows(rows, _INSIDE)
    explained = checked.explanation
    if explained is None:
        return
    for section in _sections(explained.query, _INSIDE, " of the query"):
        yield from section
    yield _heading("The query asks for", _INSIDE)
    yield from _query_lines(explained.query, _INSIDE + _STEP)
    for section in _sections(explained.text, _INSIDE, " of the text"):
        yield from section
    if explained.absent:
        yield _heading("What the query asks for and the text has not", _INSIDE)
        yield from _rows([_concept(concept) for concept in explained.absent], _INSIDE + _STEP)
    elif explained.query.plan is not None:
        yield _heading("The text has all words of the query", _INSIDE)


def _outcome(tier: str, highlighted: str, why: str) -> tuple[str, ...]:
    return (tier,) if tier == "none" else (tier, highlighted, why)


def _stretches(highlighted: Sequence[str]) -> str:
    return BETWEEN.join(highlighted) or NOTHING


def _sections(analysis: Analysis, indent: int, of: str = "") -> Iterator[list[Line]]:
    """Folds, slots and long units, where there are any, each with its heading."""
    folds = [(_span(f.start, f.end), f.text, "→", f.folded or "(left out)", _points(f.text)) for f in analysis.folds]
    slots = [_slot(slot) for slot in analysis.slots] or [("none, only signs",)]
    units = [_unit(unit) for unit in analysis.units]
    for heading, rows in (("Folds", folds), ("Words", slots), ("Long units", units)):
        if rows:
            yield [_heading(f"{heading}{of}", indent), *_rows(rows, indent + _STEP)]


def _points(text: str) -> str:
    """The code points, which tell characters that look alike, and those that show nothing."""
    return " ".join(f"U+{ord(character):04X}" for character in text)


def _slot(slot: AnalysedSlot) -> tuple[str, ...]:
    # A unit of one word is nothing to tell.
    marks = [mark for mark in slot.marks if not _ALONE.issubset(slot.marks) or mark not in _ALONE]
    return _span(slot.start, slot.end), slot.surface, slot.kind, _terms(slot.terms), ", ".join(marks)


def _unit(unit: AnalysedUnit) -> tuple[str, ...]:
    return _span(unit.start, unit.end), unit.surface, _terms(unit.terms)


def _query_lines(analysis: Analysis, indent: int) -> Iterator[Line]:
    for warning in analysis.warnings:
        yield _row(f"warning: {warning}", indent)
    if analysis.plan is None:
        yield _row(analysis.error or "", indent)
    else:
        yield from _plan_lines(analysis.plan, indent)


def _plan_lines(plan: Plan, indent: int) -> Iterator[Line]:
    if isinstance(plan, Operand):
        yield from _operand_lines(plan, indent)
        return
    if isinstance(plan, Where):
        yield _row(f"{plan.text}: of documents with this value", indent)
        return
    groups = (
        [("any of", plan.parts)] if isinstance(plan, Either) else [("all of", plan.parts), ("none of", plan.without)]
    )
    for name, parts in groups:
        if parts:
            yield _row(name, indent)
        for part in parts:
            yield from _plan_lines(part, indent + _STEP)


def _operand_lines(operand: Operand, indent: int) -> Iterator[Line]:
    yield _row(f"{operand.text}: {_asks(operand)}", indent)
    rows = [row for run in operand.runs for row in _run_rows(run)]
    yield from _rows(rows, indent + _STEP)


def _asks(operand: Operand) -> str:
    words = len(operand.distinct)
    if operand.match is Match.SOFT:
        return f"at least {operand.needed()} of its {words} words"
    return (
        "as a word" if operand.match is Match.COMPOUND and words == 1 else _ASKS.get(operand.match, operand.match.value)
    )


def _run_rows(run: Run) -> Iterator[tuple[str, ...]]:
    for concept in run.concepts:
        yield _concept(concept)
    for unit in run.units:
        yield run.typed(unit.first, unit.last), _terms(unit.terms), _of_unit(unit)


def _concept(concept: Concept) -> tuple[str, ...]:
    return concept.text, _terms(concept.terms)


def _of_unit(unit: Unit) -> str:
    """Why it stands for its words, and what it is worth beside them."""
    told = [unit.why or ("long unit" if unit.first < unit.last else "also")]
    if unit.weight != 1:
        told.append(f"× {unit.weight:.2g}")
    if unit.loose:
        told.append("partial tier only")
    return ", ".join(told)


def _terms(terms: Sequence[str]) -> str:
    return " ".join(term.replace(SEQUENCE, "|") for term in terms)


def _span(start: int, end: int) -> str:
    return f"{start}–{end}"


def _short(text: str) -> str:
    return harmless(text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…")


def _rows(rows: Sequence[Sequence[str]], indent: int) -> Iterator[Line]:
    """A line for each row, its columns below each other."""
    shown = [[harmless(cell) for cell in row] for row in rows]
    count = max(map(len, shown), default=0)
    widths = [_width([row[i] for row in shown if i < len(row)]) for i in range(count)]
    for row in shown:
        told = [padded(cell, width) for cell, width in zip(row, widths, strict=False)]
        # What is wrapped goes on behind the first column.
        first = f"{told.pop(0)}  " if len(told) > 1 and cells(row[0]) <= widths[0] else ""
        yield Line((Styled("  ".join(told).rstrip()),), label=" " * indent + first)


def _width(column: Sequence[str]) -> int:
    return max((width for width in map(cells, column) if width <= _WIDEST), default=0)


def _row(text: str, indent: int) -> Line:
    return Line((Styled(harmless(text)),), label=" " * indent)


def _heading(text: str, indent: int = 0) -> Line:
    return Line((Styled(text, "title"),), label=" " * indent)
