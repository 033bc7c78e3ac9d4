"""Results for people: lines of styled text, written plainly into a pipe and with Rich on a terminal.

On a terminal lines are wrapped by their width in East Asian cells; into a pipe a paragraph is a line. Rich is imported
only where colours or widths are needed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from index.console import harmless
from search.model import Highlight, Hit, Results
from search.wrapping import may_cut, phrases, wrapped

if TYPE_CHECKING:
    from rich.console import Console

INDENT = 4
_SHOWN = 60
"""Characters of the query that the headline repeats."""
WIDEST = 100
"""Cells of text in a line, however wide the terminal is."""
_STYLES = {
    "title": "bold",
    "mark": "bold yellow",
    "dim": "dim",
    "partial": "italic cyan",
    "": "",
}


class Run(NamedTuple):
    """A stretch of a line in one style."""

    text: str
    style: str = ""


class Line(NamedTuple):
    """A line, after ``label`` or as many blanks as that has.

    ``breaks`` are the offsets where it is best wrapped; None for a text that no analysis has seen.
    """

    runs: tuple[Run, ...]
    breaks: tuple[int, ...] | None = None
    label: str = ""
    labelled: bool = False
    """Whether the label is shown, on the first of the lines that it is wrapped into."""


_INDENTED = " " * INDENT
_CONTEXT = _INDENTED + "  "


def lines(results: Results) -> Iterator[Line]:
    """The lines of a page of results."""
    yield Line((Run(_headline(results), "dim"),))
    yield from _facet_lines(results)
    if results.plan is not None:
        from search.explanations import plan_lines

        yield Line(())
        yield from plan_lines(results.plan, INDENT)
    tier = "word"
    for hit in results.hits:
        if hit.tier != tier:
            tier = hit.tier
            yield Line(())
            yield Line((Run("Partial matches: inside other words, or not together", "partial"),))
        yield Line(())
        yield from _hit_lines(hit)
    if results.plan is not None and results.diagnosis:
        yield Line(())
    if not results.total:
        yield from _diagnosis_lines(results)


def _headline(results: Results) -> str:
    count = f"{results.total:,} passage{'' if results.total == 1 else 's'}"
    if not results.total_is_exact:
        count = f"at least {count}"
    if results.partial:
        count += f" ({results.partial:,} partial)"
    if results.total and not results.hits:
        count += f", none after the first {results.offset:,}"
    elif results.hits and (results.offset or len(results.hits) < results.total):
        first, last = results.hits[0].rank, results.hits[-1].rank
        count += f", here {first}" if first == last else f", here {first}–{last}"
    query = results.query if len(results.query) <= _SHOWN else f"{results.query[:_SHOWN]}…"
    stopped = ", stopped at the time limit" if results.timed_out else ""
    return f"{harmless(query)}: {count}, {results.took_ms:,.0f} ms{stopped}"


def _facet_lines(results: Results) -> Iterator[Line]:
    """A line for each field that was counted: its values, each with its count."""
    for name, values in results.facets.items():
        told = " · ".join(f"{_value(counted.value)} {counted.count:,}" for counted in values)
        shown = [Run(harmless(f"{name}: "), "dim"), Run(harmless(told or "no values"))]
        yield Line(tuple(shown), label=_INDENTED)


def _value(value: object) -> str:
    """A value as a filter takes it."""
    return str(value).lower() if isinstance(value, bool) else " ".join(str(value).split())


def _hit_lines(hit: Hit) -> Iterator[Line]:
    title = _styled(hit.title.replace("\n", " "), hit.title_highlights, "title")
    yield Line((*title, Run(f"  {hit.score:.2f}", "dim")), label=f"{hit.rank:>{INDENT - 1}} ", labelled=True)
    where = [_place(hit), *(heading for heading in hit.headings if heading != hit.title)]
    yield _dim(" › ".join(where))
    if hit.context and hit.context.before:
        yield from _paragraphs(hit.context.before, (), None, "dim")
    yield from _paragraphs(hit.text, hit.highlights, hit.breaks, "")
    if hit.context and hit.context.after:
        yield from _paragraphs(hit.context.after, (), None, "dim")
    if hit.similar:
        yield _dim(f"… {hit.similar:,} more passage{'' if hit.similar == 1 else 's'} of this document (--all-passages)")
    if hit.explanation is not None:
        from search.explanations import part_lines

        yield from part_lines(hit, INDENT)


def _place(hit: Hit) -> str:
    """The document's id, by which it can be shown, and its file where the id does not say it."""
    return hit.document if hit.path is None or hit.document.startswith(hit.path) else f"{hit.document} · {hit.path}"


def _dim(text: str) -> Line:
    return Line((Run(harmless(text), "dim"),), label=_INDENTED)


def _paragraphs(text: str, marked: Sequence[Highlight], breaks: Sequence[int] | None, style: str) -> Iterator[Line]:
    """A line for each line of the text that has more than blanks; without ``breaks`` it is context, set in further."""
    at = 0
    for line in text.split("\n"):
        start = at + len(line) - len(line.lstrip())
        end = at + len(line.rstrip())
        if start < end:
            inside = [
                Highlight(max(h.start, start) - start, min(h.end, end) - start, h.why)
                for h in marked
                if h.start < end and h.end > start
            ]
            runs = _styled(text[start:end], inside, style)
            if breaks is None:
                yield Line(runs, label=_CONTEXT)
            else:
                yield Line(runs, tuple(b - start for b in breaks if start < b < end and may_cut(text, b)), _INDENTED)
        at += len(line) + 1


def _styled(text: str, marked: Sequence[Highlight], style: str) -> tuple[Run, ...]:
    text = harmless(text.replace("\t", " "))
    runs = []
    at = 0
    for highlight in marked:
        runs += [Run(text[at : highlight.start], style), Run(text[highlight.start : highlight.end], "mark")]
        at = highlight.end
    return tuple(run for run in (*runs, Run(text[at:], style)) if run.text)


def _diagnosis_lines(results: Results) -> Iterator[Line]:
    if results.diagnosis:
        from search.explanations import diagnosis_lines

        yield from diagnosis_lines(results.diagnosis, INDENT)
    if results.suggestion:
        yield Line((Run(f"Try: {harmless(results.suggestion)}"),), label=_INDENTED)


def write(shown: Iterable[Line], *, color: str) -> None:
    """Writes lines to standard output; ``color`` is ``auto``, ``always`` or ``never``."""
    if sys.stdout.isatty() or color == "always":
        console = _console(color)
        for line in shown:
            _write_wrapped(line, console)
        return
    for line in shown:
        sys.stdout.write(line.label + "".join(run.text for run in line.runs) + "\n")


def _console(color: str) -> Console:
    from rich.console import Console

    if color == "never" or (color == "auto" and os.environ.get("NO_COLOR")):
        return Console(color_system=None, no_color=True)
    if color == "always":
        return Console(color_system="standard", no_color=False, force_terminal=True)
    return Console()


def _write_wrapped(line: Line, console: Console) -> None:
    from rich.cells import cell_len
    from rich.text import Text

    text = Text.assemble(*((run.text, _STYLES[run.style]) for run in line.runs))
    indent = cell_len(line.label)
    width = min(console.width - indent, WIDEST)
    breaks = phrases(text.plain) if line.breaks is None else line.breaks
    label = (line.label, "dim" if line.labelled else "")
    for piece in text.divide(wrapped(text.plain, breaks, width, cell_len)):
        piece.rstrip()
        console.print(Text.assemble(label, piece), soft_wrap=True, highlight=False)
        label = (" " * indent, "")
