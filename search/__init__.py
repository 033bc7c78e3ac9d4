"""Sakuin's asking half: an index directory answers a question with ranked passages.

    import search
    with search.open_index("my-index") as idx:
        for hit in idx.search("輸出規制"):
            print(hit.rank, hit.title, hit.text)

An ``Index`` may be asked from any number of threads. What is raised on purpose is ``SakuinError``'s tree.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from search.analyzing import Analysis, analyze
    from search.checking import CheckReport, Pair, read_pairs
    from search.explaining import (
        ExplainedAlternative,
        ExplainedCondition,
        ExplainedGroup,
        ExplainedOperand,
        ExplainedTerm,
    )

__all__ = [
    "Analysis",
    "CheckReport",
    "Context",
    "Counted",
    "DamagedIndex",
    "DirectoryError",
    "ExplainedAlternative",
    "ExplainedCondition",
    "ExplainedGroup",
    "ExplainedOperand",
    "ExplainedPart",
    "ExplainedTerm",
    "ForeignFolder",
    "Highlight",
    "Hit",
    "Index",
    "LockedIndex",
    "MissingIndex",
    "OperandDiagnosis",
    "Pair",
    "Results",
    "SakuinError",
    "SourceError",
    "UsageError",
    "analyze",
    "open_index",
    "read_pairs",
    "to_html",
]

_LATER = {
    "Analysis": "search.analyzing",
    "analyze": "search.analyzing",
    "CheckReport": "search.checking",
    "ExplainedAlternative": "search.explaining",
    "ExplainedCondition": "search.explaining",
    "ExplainedGroup": "search.explaining",
    "ExplainedOperand": "search.explaining",
    "ExplainedTerm": "search.explaining",
    "Pair": "search.checking",
    "read_pairs": "search.checking",
}
"""What a search does without, and where it is."""


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)
