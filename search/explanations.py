"""Explanations for people: what each word of a query was taken for, the parts of a score, why nothing was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from index.console import harmless
from search.columns import AND, STEP, breaks_of, in_columns, one_line, short
from search.explaining import ExplainedCondition, ExplainedOperand, ExplainedPlan, ExplainedTerm
from search.model import Hit, OperandDiagnosis
from search.terminal import Line
from search.terminal import Run as Styled

_TOLD = 20
"""Terms that are told of one rule."""
_ASKS = {
    "compound": "together and in order",
    "exact": "exactly as it stands",
    "string": "function words alone: as a string, in the partial tier",
    "every": "all of its words",
}
_MISSED = {
    "compound": "no passage has all of it",
    "soft": "no passage has its words",
    "exact": "no passage has it exactly so",
    "near": "no passage has its words so near each other",
    "string": "no passage has it",
    "condition": "no document has such a value",
}
"""What is told of an operand that finds nothing though the index has its words, by its kind."""


def plan_lines(plan: ExplainedPlan, indent: int) -> Iterator[Line]:
    """What each word of a query was taken for: a table for each operand."""
    if isinstance(plan, ExplainedOperand):
        yield from _operand_lines(plan, indent)
        return
    if isinstance(plan, ExplainedCondition):
        yield one_line(f"{plan.text}: of documents with this value", indent)
        return
    groups = [("any of", plan.parts)] if plan.kind == "either" else [("all of", plan.parts), ("none of", plan.without)]
    for name, parts in groups:
        if parts:
            yield one_line(name, indent)
        for part in parts:
            yield from plan_lines(part, indent + STEP)


def _operand_lines(operand: ExplainedOperand, indent: int) -> Iterator[Line]:
    yield one_line(f"{operand.text}: {', '.join(_asks(operand))}", indent)
    if not operand.alternatives:
        return
    counted = any(term.passages is not None for each in operand.alternatives for term in each.terms)
    rows = [("word", "by", "weight", "tier", "terms (passages)" if counted else "terms")]
    before = None
    for each in operand.alternatives:
        place = each.run, each.first, each.last
        typed, tier = "" if place == before else each.text, "partial" if each.loose else "word"
        rows.append((typed, each.why, f"{each.weight:.2g}", tier, _counted(each.terms)))
        before = place
    for line in in_columns(rows, indent + STEP, headed=True):
        yield line._replace(breaks=breaks_of(line.runs[0].text))


def _asks(operand: ExplainedOperand) -> Iterator[str]:
    """How an operand is met, and what its fields and its boost are."""
    if operand.match == "soft" and operand.needed < operand.words:
        yield f"at least {operand.needed} of its {operand.words} words"
    elif operand.match == "near":
        words = "word" if operand.slack == 1 else "words"
        yield f"near each other, at most {operand.slack} other {words} between" if operand.slack else "side by side"
    elif any(each.why == "prefix" for each in operand.alternatives):
        yield "as the beginning of a word"
    elif operand.match == "compound" and operand.words == 1:
        yield "as a word"
    else:
        yield _ASKS["every" if operand.match == "soft" else operand.match]
    if operand.fields:
        yield f"in {' or '.join(operand.fields)}"
    if operand.boost != 1:
        yield f"counts × {operand.boost:.2g}"


def _counted(terms: Sequence[ExplainedTerm]) -> str:
    """Terms with the passages that they stand in, those of the most first."""
    shown = sorted(terms, key=lambda each: -(each.passages or 0))
    told = [each.term if each.passages is None else f"{each.term} ({each.passages:,})" for each in shown[:_TOLD]]
    return AND.join([*told, f"and {len(terms) - _TOLD:,} more"] if len(terms) > _TOLD else told)


def part_lines(hit: Hit, indent: int) -> Iterator[Line]:
    """The parts of a hit's score, and by which rule each stretch is highlighted."""
    rows = [
        (
            f"{part.score:8.3f}",
            part.concept if part.concept == part.term else f"{part.concept} → {part.term}",
            part.why,
            f"{part.field} × {part.weight:.2g}",
        )
        for part in hit.explanation or ()
    ]
    yield from in_columns(rows, indent, style="dim")
    told: dict[str, int] = {}
    for text, marked in ((hit.title, hit.title_highlights), (hit.text, hit.highlights)):
        for each in marked:
            stretch = f"{short(' '.join(text[each.start : each.end].split()))} {', '.join(each.why)}"
            told[stretch] = told.get(stretch, 0) + 1
    if told:
        shown = [f"{stretch} (× {count})" if count > 1 else stretch for stretch, count in told.items()]
        line = harmless(f"highlighted: {AND.join(shown)}")
        yield Line((Styled(line, "dim"),), breaks_of(line), " " * indent)


def diagnosis_lines(operands: Sequence[OperandDiagnosis], indent: int) -> Iterator[Line]:
    """Why nothing was found: what each operand finds alone, and what the query finds without it."""
    if len(operands) == 1:
        (alone,) = operands
        yield one_line(": ".join(filter(None, (_in_fields(alone), _missed(alone)))), indent)
        return
    rows = [("", "alone", "without it", "")]
    rows += [(_in_fields(each), f"{each.total:>5,}", f"{each.total_without:>10,}", _missed(each)) for each in operands]
    yield from in_columns(rows if operands else [], indent, headed=True)


def _in_fields(operand: OperandDiagnosis) -> str:
    """An operand with the fields that it is looked for in, as a query has them."""
    minus = "-" if operand.kind == "exclusion" else ""
    fields = f"{'|'.join(operand.fields)}:" if operand.fields else ""
    return f"{minus}{fields}{operand.text.removeprefix(minus)}"


def _missed(operand: OperandDiagnosis) -> str:
    """Why an operand finds nothing by itself; nothing of one that does, or that was to be left out."""
    if operand.total or operand.kind == "exclusion":
        return ""
    missed = f"no passage has {'、'.join(operand.absent)}" if operand.absent else _MISSED[operand.kind]
    if operand.nearest:
        return f"{missed}; words like it are {'、'.join(operand.nearest)}"
    return f"{missed}, and no word of the index is like it" if operand.absent else missed
