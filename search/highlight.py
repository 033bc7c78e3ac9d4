"""What of a passage answered the query: slots → ranges of the original text, and ranges → HTML.

Within a run one range covers slots that follow each other, with the signs and blanks between them, and a の between
two runs if the query has it there too. An inflected word is covered to the end of its inflection.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from index.analysis.fold import comparable, compare
from index.model import Mark
from search.matching import Judgement, Level, Segment, View, find_exact, find_run, segments
from search.model import Highlight
from search.query.plan import Match, Operand, Run
from search.why import why

_OF = "の"


class _Piece(NamedTuple):
    """Slots ``start`` to ``end`` that stand for the concepts ``first`` to ``last`` of run ``run``, and why."""

    start: int
    end: int
    run: int
    first: int
    last: int
    rule: str


def highlights(judgement: Judgement, view: View, field: str) -> tuple[Highlight, ...]:
    """The ranges of a field, in order, without overlaps."""
    ranges: list[tuple[int, int, str]] = []
    for operand, level in judgement.operands:
        if level is not Level.NONE:
            ranges += _ranges(operand, level, view, field)
    return _merged(ranges)


def _ranges(operand: Operand, level: Level, view: View, field: str) -> list[tuple[int, int, str]]:
    if operand.match is Match.EXACT:
        places = find_exact(operand, view, field)
        pieces = [_Piece(*place.span, 0, 0, 0, "surface") for place in places]
        return _in_text(pieces, operand, view, field)
    found: list[_Piece] = []
    for r, run in enumerate(operand.runs):
        if operand.match is Match.COMPOUND and level is Level.WORD:
            met = [segment for place in find_run(run, view, field) for segment in place.segments]
        else:
            met = [segment for i in range(len(run.concepts)) for segment in segments(run, i, view, field)]
        found += [_piece(run, r, segment, view, field) for segment in met]
    ranges = _in_text(sorted(found), operand, view, field)
    if level is Level.PARTIAL:
        ranges += _strings(operand, view, field)
    return ranges


def _piece(run: Run, r: int, segment: Segment, view: View, field: str) -> _Piece:
    typed = "".join(concept.text for concept in run.concepts[segment.first : segment.last + 1])
    spans = view.spans(field)
    found = view.text(field)[spans[segment.span.start][0] : spans[segment.span.end - 1][1]]
    return _Piece(*segment.span, r, segment.first, segment.last, why(typed, found, segment.term))


def _in_text(pieces: Sequence[_Piece], operand: Operand, view: View, field: str) -> list[tuple[int, int, str]]:
    """The pieces' ranges; neighbours that go on as the query does become one, with all their rules."""
    spans, marks = view.spans(field), view.marks(field)
    ranges: list[tuple[int, int, str]] = []
    before: _Piece | None = None
    for piece in pieces:
        start = spans[piece.start][0]
        end = spans[_inflected_end(marks, piece.end) - 1][1]
        if before is not None and ranges and _goes_on(before, piece, operand, view, field):
            start = ranges[-1][0] if ranges[-1][0] <= start else start
            ranges += [(start, end, piece.rule)]
        else:
            ranges.append((start, end, piece.rule))
        before = piece
    return ranges


def _inflected_end(marks: bytes, end: int) -> int:
    while end < len(marks) and marks[end] & Mark.TAIL:
        end += 1
    return end


def _goes_on(before: _Piece, piece: _Piece, operand: Operand, view: View, field: str) -> bool:
    if piece.run == before.run:
        return piece.first == before.last + 1 and piece.start == before.end
    joins = (
        before.run in operand.linked
        and piece.run == before.run + 1
        and before.last == len(operand.runs[before.run].concepts) - 1
        and piece.first == 0
        and piece.start == before.end + 1
    )
    if not joins:
        return False
    start, end = view.spans(field)[before.end]
    return view.text(field)[start:end] == _OF


def _strings(operand: Operand, view: View, field: str) -> Iterator[tuple[int, int, str]]:
    wanted = compare(operand.text)
    if wanted not in compare(view.text(field)):
        return
    folded = comparable(view.text(field))
    at = folded.text.find(wanted)
    while at >= 0:
        yield *folded.span(at, at + len(wanted)), "partial"
        at = folded.text.find(wanted, at + len(wanted))


def _merged(ranges: Iterable[tuple[int, int, str]]) -> tuple[Highlight, ...]:
    """Ranges that overlap become one, with the rules of all of them."""
    merged: list[tuple[int, int, dict[str, None]]] = []
    for start, end, rule in sorted(ranges):
        if merged and start < merged[-1][1]:
            first, last, rules = merged[-1]
            merged[-1] = (first, max(last, end), {**rules, rule: None})
        else:
            merged.append((start, end, {rule: None}))
    return tuple(Highlight(start, end, tuple(rules)) for start, end, rules in merged)


def to_html(text: str, marked: Sequence[Highlight]) -> str:
    """The text as HTML with ``<mark>`` around the highlights and everything else escaped."""
    parts = []
    at = 0
    for highlight in marked:
        parts.append(html.escape(text[at : highlight.start]))
        rules = html.escape(" ".join(highlight.why))
        parts.append(f'<mark data-why="{rules}">{html.escape(text[highlight.start : highlight.end])}</mark>')
        at = highlight.end
    return "".join(parts) + html.escape(text[at:])


def breaks(view: View) -> tuple[int, ...]:
    """Offsets in the body where a line may be broken: after a particle or a sign, before an opening bracket."""
    text, spans, marks = view.text("body"), view.spans("body"), view.marks("body")
    offsets = []
    for i in range(1, len(spans)):
        before, start = spans[i - 1][1], spans[i][0]
        if marks[i] & Mark.TAIL or marks[i] & 3 == Mark.PARTICLE:
            continue
        if start > before or marks[i - 1] & 3:
            offsets.append(_before_brackets(text, before, start))
    return tuple(offsets)


def _before_brackets(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1] in "「『（(［[【〈《“‘":
        end -= 1
    return end
