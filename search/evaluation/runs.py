"""What was answered: for each query the ids of documents, best first; read and written as runs of TREC.

A line of a run is ``query Q0 document rank score name``, parted by blanks. Programs that evaluate runs go by the score
and not by the rank, and scores of two tiers do not compare, so 1/rank is what is written as a score.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from index.errors import SourceError, UsageError
from search.evaluation.sets import lines

Run = Mapping[str, Sequence[str]]
_CELLS = 6


def write_run(path: Path, run: Run, name: str) -> None:
    """Writes a run; ``UsageError`` for an id that is empty or has blanks, which its lines have no place for."""
    for each in (name, *run, *(document for documents in run.values() for document in documents)):
        if len(each.split()) != 1 or each.strip() != each:
            raise UsageError(f"the id {each!r} is empty or has blanks: no run of TREC can hold it")
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for query, documents in run.items():
            for rank, document in enumerate(documents, start=1):
                file.write(f"{query} Q0 {document} {rank} {1 / rank!r} {name}\n")


def read_run(path: Path) -> dict[str, list[str]]:
    """A run from a file (also ``.xz``), by its scores; equal ones by rank.

    Raises ``SourceError`` for a file that is not there, a line that is none of a run, with its number, and for a
    document that stands twice.
    """
    if not path.is_file():
        raise SourceError(f"{path} is not there: name a run")
    found: dict[str, list[tuple[float, int, str]]] = {}
    for where, line in lines(path):
        cells = line.split()
        scored = _scored(cells) if len(cells) == _CELLS else None
        if scored is None:
            raise SourceError(f"{where}: not `query Q0 document rank score name`: {line[:80]}")
        of_query = found.setdefault(cells[0], [])
        of_query.append((-scored[0], scored[1], cells[2]))
    for query, documents in found.items():
        if len({document for _, _, document in documents}) < len(documents):
            raise SourceError(f"{path}: a document stands twice for the query {query}")
    return {query: [document for _, _, document in sorted(documents)] for query, documents in found.items()}


def _scored(cells: Sequence[str]) -> tuple[float, int] | None:
    try:
        score, rank = float(cells[4]), int(cells[3])
    except ValueError:
        return None
    return (score, rank) if math.isfinite(score) else None
