"""A build's progress on stderr: a bar on a terminal, elsewhere one line once the first document is in."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from index.builder import Progress
from index.console import harmless, tell


@contextmanager
def progress_bar(what: str) -> Iterator[Progress]:
    """What to hand to ``build`` as ``progress``; ``what`` says what is being built."""
    what = harmless(what)
    if sys.stderr is None or not sys.stderr.isatty():
        yield _told_once(f"{what} …")
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    # A folder's name may hold what Rich would read as markup.
    told = TextColumn("{task.description}", markup=False)
    columns = told, BarColumn(), DownloadColumn(), TimeRemainingColumn()
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _told_once(line: str) -> Progress:
    """Tells nothing of a build that is refused: its error is to stand alone."""
    waiting = [line]

    def progress(done: int, total: int) -> None:
        if waiting:
            tell(waiting.pop())

    return progress
