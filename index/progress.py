"""A build's progress on stderr: a bar on a terminal, elsewhere one line once the first of it is done."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from index.builder import Progress
from index.console import harmless, told_once

TABLES = "Making the dictionary's tables, once for all indexes"


class Bars(Protocol):
    """What makes the progress of one thing; ``later`` shows its bar only once the first of it is done."""

    def __call__(self, what: str, *, later: bool = False) -> Progress:
        """The progress of ``what``."""


@contextmanager
def progress_bars() -> Iterator[Bars]:
    """Makes what to hand to ``build`` as ``progress`` and as ``tables_progress``, given what is being made."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda what, *, later=False: told_once(f"{harmless(what)} …")
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    # A folder's name may hold what Rich would read as markup.
    told = TextColumn("{task.description}", markup=False)
    columns = told, BarColumn(), DownloadColumn(), TimeRemainingColumn()
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:

        def bar_of(what: str, *, later: bool = False) -> Progress:
            task = bar.add_task(harmless(what), total=None, visible=not later)
            return lambda done, total: bar.update(task, completed=done, total=total, visible=True)

        yield bar_of


@contextmanager
def progress_bar(what: str) -> Iterator[Progress]:
    """The same of one thing."""
    with progress_bars() as bar:
        yield bar(what)
