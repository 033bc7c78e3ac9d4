"""Sakuin's building half: documents become passages, slots and an index directory.

    import index
    report = index.build(["folder", index.Document("id", "title", "text")], "my-index")

``index.update``, ``index.add`` and ``index.delete`` change an index without building it anew. Asking is ``search``'s;
``index.open_whoosh("my-index")`` is the index as a Whoosh index. Everything here may be called from any thread; one
build at a time holds a directory's lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.errors import (
    DamagedIndex,
    DirectoryError,
    ForeignFolder,
    LockedIndex,
    LostWorker,
    MissingIndex,
    OtherAnalysis,
    SakuinError,
    SourceError,
    UsageError,
)
from index.model import Block, BlockKind, Document

if TYPE_CHECKING:
    from index.as_whoosh.whole import create_whoosh, open_whoosh
    from index.builder import Report, build, rebuild
    from index.updating import Changes, add, delete, update

__all__ = [
    "Block",
    "BlockKind",
    "Changes",
    "DamagedIndex",
    "DirectoryError",
    "Document",
    "ForeignFolder",
    "LockedIndex",
    "LostWorker",
    "MissingIndex",
    "OtherAnalysis",
    "Report",
    "SakuinError",
    "SourceError",
    "UsageError",
    "add",
    "build",
    "create_whoosh",
    "delete",
    "open_whoosh",
    "rebuild",
    "update",
]

__version__ = "0.1.0"

_LATER = {
    **dict.fromkeys(("Report", "build", "rebuild"), "index.builder"),
    **dict.fromkeys(("Changes", "add", "delete", "update"), "index.updating"),
    **dict.fromkeys(("create_whoosh", "open_whoosh"), "index.as_whoosh.whole"),
}


def __getattr__(name: str) -> object:
    # A search needs none of what building imports, nor Whoosh's query side.
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_LATER[name]), name)
