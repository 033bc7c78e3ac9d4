"""Sakuin's asking half: an index directory answers a question with ranked passages.

    import search
    with search.open_index("my-index") as idx:
        for hit in idx.search("輸出規制"):
            print(hit.rank, hit.title, hit.text)

An ``Index`` may be asked from any number of threads. What is raised on purpose is ``SakuinError``'s tree.
"""

from __future__ import annotations

from index.errors import (
    DamagedIndex,
    DirectoryError,
    ForeignFolder,
    LockedIndex,
    MissingIndex,
    SakuinError,
    SourceError,
    UsageError,
)
from search.highlight import to_html
from search.library import Index, open_index
from search.model import Context, Counted, ExplainedPart, Highlight, Hit, OperandDiagnosis, Results

__all__ = [
    "Context",
    "Counted",
    "DamagedIndex",
    "DirectoryError",
    "ExplainedPart",
    "ForeignFolder",
    "Highlight",
    "Hit",
    "Index",
    "LockedIndex",
    "MissingIndex",
    "OperandDiagnosis",
    "Results",
    "SakuinError",
    "SourceError",
    "UsageError",
    "open_index",
    "to_html",
]
