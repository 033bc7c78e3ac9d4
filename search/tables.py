"""Analyses and checked pairs for people: lines of columns, as ``search.terminal`` writes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from search.analyzing import AnalysedSlot, AnalysedUnit, Analysis
from search.checking import BETWEEN, NOTHING, Checked, CheckReport
from search.columns import STEP, heading, in_columns, one_line, short, width_of
from search.explanations import plan_lines
from search.query.plan import Concept, readable
from search.terminal import Line
from search.terminal import Run as Styled
from search.wrapping import padded

_ALONE = {"unit starts", "unit ends"}
_INSIDE = 6
"""Blanks before what is told of a pair."""


def analysis_lines(analysis: Analysis) -> Iterator[Line]:
    """The lines of an analysis: folds, slots, long units, and the text as a query."""
    for section in _sections(analysis, 0):
        yield from section
        yield Line(())
    yield heading("As a query")
    yield from _query_lines(analysis, STEP)


def check_lines(report: CheckReport) -> Iterator[Line]:
    """A line for each pair, what is to be known of those that fail below them, and the count."""
    number = max((len(str(each.pair.line)) for each in report), default=1)
    query = width_of([short(each.pair.query) for each in report])
    for each in report:
        result = Styled("pass", "dim") if each.passes else Styled("FAIL", "mark")
        where = Styled(f"  {each.pair.line:>{number}}  ", "dim")
        yield Line((result, where, Styled(f"{padded(short(each.pair.query), query)}  {short(each.pair.text)}")))
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
    yield from in_columns(rows, _INSIDE)
    explained = checked.explanation
    if explained is None:
        return
    for section in _sections(explained.query, _INSIDE, " of the query"):
        yield from section
    yield heading("The query asks for", _INSIDE)
    yield from _query_lines(explained.query, _INSIDE + STEP)
    for section in _sections(explained.text, _INSIDE, " of the text"):
        yield from section
    if explained.absent:
        yield heading("What the query asks for and the text has not", _INSIDE)
        yield from in_columns([_concept(concept) for concept in explained.absent], _INSIDE + STEP)
    elif explained.query.plan is not None:
        yield heading("The text has all words of the query", _INSIDE)


def _outcome(tier: str, highlighted: str, why: str) -> tuple[str, ...]:
    return (tier,) if tier == "none" else (tier, highlighted, why)


def _stretches(highlighted: Sequence[str]) -> str:
    return BETWEEN.join(highlighted) or NOTHING


def _sections(analysis: Analysis, indent: int, of: str = "") -> Iterator[list[Line]]:
    """Folds, slots and long units, where there are any, each with its heading."""
    folds = [(_span(f.start, f.end), f.text, "→", f.folded or "(left out)", _points(f.text)) for f in analysis.folds]
    slots = [_slot(slot) for slot in analysis.slots] or [("none, only signs",)]
    units = [_unit(unit) for unit in analysis.units]
    for name, rows in (("Folds", folds), ("Words", slots), ("Long units", units)):
        if rows:
            yield [heading(f"{name}{of}", indent), *in_columns(rows, indent + STEP)]


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
        yield one_line(f"warning: {warning}", indent)
    if analysis.asks is None:
        yield one_line(analysis.error or "", indent)
    else:
        yield from plan_lines(analysis.asks, indent)


def _concept(concept: Concept) -> tuple[str, ...]:
    return concept.text, _terms(concept.terms)


def _terms(terms: Sequence[str]) -> str:
    return " ".join(map(readable, terms))


def _span(start: int, end: int) -> str:
    return f"{start}–{end}"
