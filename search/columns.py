"""Lines of columns, set by the cells that a terminal gives them, as ``search.terminal`` writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.console import harmless
from search.terminal import Line
from search.terminal import Run as Styled
from search.wrapping import cells, padded

STEP = 2
"""Blanks by which what belongs to a line is set in."""
_WIDEST = 24
"""Cells to which a column is made as wide as its widest cell; what is wider pushes the rest of its line."""
_SHOWN = 60
"""Characters of a text that stands in a column."""
AND = " · "
"""Between what is told one after the other."""
_BETWEEN = re.compile(f" {{2,}}(?=[^ ])|{AND}")


def short(text: str) -> str:
    """A text as it stands in a column, its end left out where it is long."""
    return harmless(text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…")


def in_columns(rows: Sequence[Sequence[str]], indent: int, *, headed: bool = False, style: str = "") -> Iterator[Line]:
    """A line for each row, its columns below each other; ``headed`` says that the first one tells what they are."""
    shown = [[harmless(cell) for cell in row] for row in rows]
    count = max(map(len, shown), default=0)
    widths = [width_of([row[i] for row in shown if i < len(row)]) for i in range(count)]
    for i, row in enumerate(shown):
        told = [padded(cell, width) for cell, width in zip(row, widths, strict=False)]
        # What is wrapped goes on behind the first column.
        first = f"{told.pop(0)}  " if len(told) > 1 and cells(row[0]) <= widths[0] else ""
        shade = "dim" if headed and not i else style
        line = "  ".join(told).rstrip()
        yield Line((Styled(line, shade),), label=" " * indent + first, labelled=shade == "dim")


def breaks_of(line: str) -> tuple[int, ...]:
    """Where columns begin, and what is told one after the other."""
    return tuple(found.end() for found in _BETWEEN.finditer(line))


def width_of(column: Sequence[str]) -> int:
    """How many cells a column is made wide."""
    return max((width for width in map(cells, column) if width <= _WIDEST), default=0)


def one_line(text: str, indent: int) -> Line:
    """A line without columns."""
    return Line((Styled(harmless(text)),), label=" " * indent)


def heading(text: str, indent: int = 0) -> Line:
    """What stands above a table."""
    return Line((Styled(text, "title"),), label=" " * indent)
