"""Engines that search the same passages: one shape for all, a module each.

Each is given what makes it fast: terms that no tokenizer touches, one segment, queries built from terms without a
parser, no counting of all hits, BM25 with k1 = 1.2 and b = 0.75.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import ClassVar

from benchmarks.given import Given

Found = list[tuple[int, float]]
"""Passages with their scores, best first."""
GROUP = 0
"""The value that a filter asks for."""
ALL_KINDS = frozenset({"term", "or", "and", "phrase"})


class Peer(ABC):
    """An engine with its index in a folder; ``ImportError`` from any method tells that it is not installed."""

    name: ClassVar[str]
    kinds: ClassVar[frozenset[str]] = ALL_KINDS
    """What it can answer."""
    slow: ClassVar[bool] = False
    """Whether it may be given fewer questions."""
    rounds: ClassVar[int] = 1
    """How often it is asked everything to be warm."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @abstractmethod
    def index(self, given: Given) -> None:
        """Writes the index into the folder, which is empty."""

    @abstractmethod
    def open(self, given: Given) -> None:
        """Opens the index."""

    @abstractmethod
    def retrieve(self, kind: str, terms: Sequence[str], k: int = 10, *, filtered: bool = False) -> Found:
        """The ``k`` best passages for terms; only those of ``GROUP`` where ``filtered``."""

    @abstractmethod
    def stored(self, ids: Sequence[int]) -> list[str]:
        """The texts of passages."""

    def timed(self, kind: str, terms: Sequence[str], *, filtered: bool) -> tuple[Found, int]:
        """The ten best, and the nanoseconds that it took."""
        begun = time.perf_counter_ns()
        found = self.retrieve(kind, terms, filtered=filtered)
        return found, time.perf_counter_ns() - begun

    def timed_texts(self, ids: Sequence[int]) -> tuple[list[str], int]:
        """The texts of passages, and the nanoseconds that it took."""
        begun = time.perf_counter_ns()
        texts = self.stored(ids)
        return texts, time.perf_counter_ns() - begun

    def memory(self) -> int:
        """Bytes of memory of a process of its own; 0 where it lives in ours."""
        return 0

    @abstractmethod
    def close(self) -> None:
        """Ends what it started."""


PEERS: Mapping[str, str] = {
    "sakuin": "Sakuin",
    "tantivy": "Tantivy",
    "bm25s": "Bm25s",
    "fts5": "Fts5",
    "whoosh": "Whoosh",
    "lucene": "Lucene",
}
"""The engines: a module here and its class. The first is ours."""


def peer(name: str, folder: Path) -> Peer:
    """An engine by its name in ``PEERS``."""
    made: Peer = getattr(import_module(f"benchmarks.peers.{name}"), PEERS[name])(folder)
    return made
