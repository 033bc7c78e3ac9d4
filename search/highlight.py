"""What of a passage answered the query: slots → ranges of the original text, and ranges → HTML.

Within a run one range covers slots that follow each other, with the signs and blanks between them, and a の between
two runs if the query has it there too; but no bracket without its other half, and no line break between words. An
inflected word is covered to the end of its inflection.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from index.analysis.fold import comparable, compare
from index.model import Mark
from search.matching import Judgement, Level, Span, View, find_exact, find_near, find_run, narrowed, segments
from search.model import Highlight
from search.query.plan import Match, Operand, Run
from search.why import why

_OF = "の"
_OPENING, _CLOSING = "（(「『【〔［[｛{〈《", "）)」』】〕］]｝}〉》"


class _Piece(NamedTuple):
    """Slots ``start`` to ``end`` that stand for the concepts ``first`` to ``last`` of run ``run``.

    ``at`` is where they start in the text, ``rule`` why they stand for them.
    """

    start: int
    end: int
    run: int
    first: int
    last: int
    at: int
    rule: str


def highlights(judgement: Judgement, view: View, field: str) -> tuple[Highlight, ...]:
    """The ranges of a field, in order, without overlaps."""
    ranges: list[tuple[int, int, str]] = []
    for operand, level in judgement.operands:
        if level is not Level.NONE:
            ranges += _ranges(operand, level, narrowed(view, operand), field)
    return _merged(ranges)


def _ranges(operand: Operand, level: Level, view: View, field: str) -> list[tuple[int, int, str]]:
    ranges = _words(operand, level, view, field)
    return ranges + list(_strings(operand, view, field)) if level is Level.PARTIAL else ranges


def _words(operand: Operand, level: Level, view: View, field: str) -> list[tuple[int, int, str]]:
    if not any(view.frequency(field, term) for term in operand.terms):
        # As in most titles: then their spans are not even looked at.
        return []
    if operand.match is Match.EXACT and level is Level.WORD:
        return [_quotation(operand, place.span, view, field) for place in find_exact(operand, view, field)]
    if operand.match is Match.NEAR:
        return list(_near(operand, view, field))
    pieces = [piece for r, run in enumerate(operand.runs) for piece in _pieces(operand, level, run, r, view, field)]
    if operand.match is Match.EXACT:
        pieces = [piece._replace(rule="partial") for piece in pieces]
    return _in_text(sorted(pieces), operand, view, field)


def _quotation(operand: Operand, span: Span, view: View, field: str) -> tuple[int, int, str]:
    spans = view.spans(field)
    start, end = spans[span.start][0], spans[span.end - 1][1]
    return start, end, why(operand.text, view.text(field)[start:end], operand.keys[0])


def _near(operand: Operand, view: View, field: str) -> Iterator[tuple[int, int, str]]:
    spans, marks, text = view.spans(field), view.marks(field), view.text(field)
    for place in find_near(operand, view, field):
        for (first, last), found in place.words:
            start, end = spans[first][0], spans[last - 1][1]
            rule = found.why or why(found.text, text[start:end], found.term)
            yield start, spans[_inflected_end(marks, last) - 1][1], rule


def _pieces(operand: Operand, level: Level, run: Run, r: int, view: View, field: str) -> list[_Piece]:
    """Where a run is met, and where its words stand alone.

    Of a run that is met, a single character or a part of a long unit says nothing by itself (H of H200).
    """
    met = [segment for place in find_run(run, view, field) for segment in place.segments]
    if operand.match is Match.SOFT or level is not Level.WORD:
        alone = [i for i, c in enumerate(run.concepts) if not met or (len(c.text) > 1 and not _in_long_unit(run, i))]
        loose = level is not Level.WORD
        met += [segment for i in alone for segment in segments(run, i, view, field, loose=loose)]
    spans, text, rules = view.spans(field), view.text(field), run.rules()
    pieces = []
    for (start, end), first, last, term in dict.fromkeys(met):
        at = spans[start][0]
        rule = rules.get((first, last, term)) or why(run.typed(first, last), text[at : spans[end - 1][1]], term)
        pieces.append(_Piece(start, end, r, first, last, at, rule))
    return pieces


def _in_long_unit(run: Run, i: int) -> bool:
    return any(unit.first < unit.last and not unit.why for unit in run.over(i))


def _in_text(pieces: Sequence[_Piece], operand: Operand, view: View, field: str) -> list[tuple[int, int, str]]:
    """The pieces' ranges; one that goes on as the query does reaches back to where the one before it starts.

    It reaches back as far as no bracket is left alone: ``starts`` has where it might begin, the first place first.
    """
    spans, marks, text = view.spans(field), view.marks(field), view.text(field)
    starts: dict[tuple[int, int, int], tuple[int, ...]] = {}
    ranges = []
    for piece in pieces:
        reach: set[int] = set()
        for before in _before(piece, operand):
            end = before[0]
            joined = before in starts and (end == piece.start or _is_of(text, spans[end], marks[end]))
            if joined and not _is_parted(text, spans, marks, end, piece.start):
                reach.update(starts[before])
        last = spans[piece.end - 1][1]
        start = next((at for at in sorted(reach) if _is_balanced(text[at:last])), piece.at)
        here = (piece.end, piece.run, piece.last)
        known = starts.get(here, ())
        starts[here] = tuple(sorted({*known, *reach, start}))
        ranges.append((start, spans[_inflected_end(marks, piece.end) - 1][1], piece.rule))
    return ranges


def _is_parted(text: str, spans: Sequence[tuple[int, int]], marks: bytes, end: int, start: int) -> bool:
    """Whether a sentence or a line ends between the slots before ``end`` and the slot ``start``."""
    return any(marks[i] & Mark.STOP for i in range(end, start + 1)) or (
        end > 0 and "\n" in text[spans[end - 1][1] : spans[start][0]]
    )


def _is_balanced(text: str) -> bool:
    """Whether each bracket has its other half."""
    open_now: list[str] = []
    for character in text:
        if character in _OPENING:
            open_now.append(character)
        elif character in _CLOSING and (not open_now or _CLOSING.index(character) != _OPENING.index(open_now.pop())):
            return False
    return not open_now


def _before(piece: _Piece, operand: Operand) -> Iterator[tuple[int, int, int]]:
    """Where a piece that this one goes on from would end, with its run and last concept."""
    if piece.first:
        yield piece.start, piece.run, piece.first - 1
    elif piece.run - 1 in operand.linked:
        last = len(operand.runs[piece.run - 1].concepts) - 1
        yield piece.start, piece.run - 1, last
        if piece.start:
            yield piece.start - 1, piece.run - 1, last


def _is_of(text: str, span: tuple[int, int], marks: int) -> bool:
    return text[span[0] : span[1]] == _OF and not marks & Mark.COMMA


def _inflected_end(marks: bytes, end: int) -> int:
    while end < len(marks) and marks[end] & Mark.TAIL:
        end += 1
    return end


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
    return tuple([Highlight(start, end, tuple(rules)) for start, end, rules in merged])


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
