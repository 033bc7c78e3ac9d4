"""Sakuin's building half: documents become passages, slots and an index directory.

    import index
    report = index.build(["folder", index.Document("id", "title", "text")], "my-index")

Asking is ``search``'s. Everything here may be called from any thread; one build at a time holds a directory's lock.
"""

from __future__ import annotations

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
from index.model import Block, BlockKind, Document

if TYPE_CHECKING:
    from index.builder import Report, build, rebuild

__all__ = [
    "Block",
    "BlockKind",
    "DamagedIndex",
    "DirectoryError",
    "Document",
    "ForeignFolder",
    "LockedIndex",
    "MissingIndex",
    "Report",
    "SakuinError",
    "SourceError",
    "UsageError",
    "build",
    "rebuild",
]

__version__ = "0.1.0"

_BUILDING = frozenset({"Report", "build", "rebuild"})


def __getattr__(name: str) -> object:
    # A search needs none of what building imports.
    if name not in _BUILDING:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module("index.builder"), name)
