"""Settings: ways to answer the queries of a set, each with what it prepared kept in a folder for the next time.

``default`` is the search as a user gets it, a document ranked by its best passage. ``bm25`` and ``bigrams`` are plain
baselines over whole documents (title and text, as one text): BM25 on short units and on pairs of characters.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import ClassVar

from index import build
from index.analysis import Analyzer
from index.directory import read_manifest
from index.errors import DirectoryError, UsageError
from index.pipeline import cores
from index.settings import fingerprint
from search.evaluation.plain import Bm25
from search.evaluation.runs import Run
from search.evaluation.sets import JudgedSet
from search.evaluation.terms import Terms, pairs, read_terms, short_units, write_terms
from search.library import Index, open_index
from search.ranking import PER_DOCUMENT


class Setting(ABC):
    """A way to answer queries about a set's documents; a context manager that lets go of what it opened."""

    name: str
    notes: tuple[str, ...] = ()
    """What a reader of the figures must know of the last run."""

    @abstractmethod
    def run(self, queries: Mapping[str, str], depth: int) -> Run:
        """For each query at most ``depth`` documents by their ids, best first."""

    def close(self) -> None:  # noqa: B027  # most have nothing open
        """Lets go of what was opened."""

    def __enter__(self) -> Setting:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Default(Setting):
    """The search of an index that is built, or kept from before, in a folder below ``work``."""

    name = "default"

    def __init__(self, judged: JudgedSet, work: Path) -> None:
        self._index = _index_of(judged, work / f"index-{_digest(judged)}")

    def run(self, queries: Mapping[str, str], depth: int) -> Run:
        """Asks as many threads as there are cores; a query that the search refuses finds nothing, which is told."""
        with ThreadPoolExecutor(cores()) as pool:
            found = list(pool.map(lambda text: self._ranked(text, depth), queries.values()))
        refused = [query for query, documents in zip(queries, found, strict=True) if documents is None]
        what = "query asks" if len(refused) == 1 else "queries ask"
        self.notes = (f"{len(refused):,} {what} for nothing: {', '.join(refused[:3])}",) if refused else ()
        return {query: documents or [] for query, documents in zip(queries, found, strict=True)}

    def _ranked(self, text: str, depth: int) -> list[str] | None:
        try:
            hits = self._index.search(text, limit=depth * PER_DOCUMENT, highlight=False)
        except UsageError:
            return None
        return list(dict.fromkeys(hit.document for hit in hits))[:depth]

    def close(self) -> None:
        """Closes the index."""
        self._index.close()


class Baseline(Setting):
    """BM25 over the terms of whole documents, kept in a file below ``work``."""

    kind: ClassVar[str]

    def __init__(self, judged: JudgedSet, work: Path) -> None:
        self._ids = [document.id for document in judged.documents]
        file = work / f"{self.kind}-{_digest(judged)}-{_analysis()}.npz"
        if not file.exists():
            texts = [f"{document.title}\n{document.text}" for document in judged.documents]
            write_terms(file, self._terms(texts))
        self._bm25 = Bm25(read_terms(file))

    def run(self, queries: Mapping[str, str], depth: int) -> Run:
        """Any word of a query."""
        words = self._terms(list(queries.values())).texts()
        return {
            query: [self._ids[place] for place in self._bm25.best(of_query, depth)]
            for query, of_query in zip(queries, words, strict=True)
        }

    @abstractmethod
    def _terms(self, texts: Sequence[str]) -> Terms:
        """The terms of texts."""


class ShortUnits(Baseline):
    """On short units."""

    name = "bm25"
    kind = "units"

    def _terms(self, texts: Sequence[str]) -> Terms:
        return short_units(texts, Analyzer())


class Bigrams(Baseline):
    """On pairs of characters."""

    name = "bigrams"
    kind = "pairs"

    def _terms(self, texts: Sequence[str]) -> Terms:
        return pairs(texts)


SETTINGS: Mapping[str, type[Default] | type[Baseline]] = {each.name: each for each in (Default, ShortUnits, Bigrams)}
"""By their names."""


def setting(name: str, judged: JudgedSet, work: Path) -> Setting:
    """A setting of ``SETTINGS`` made ready; ``UsageError`` for another name."""
    if name not in SETTINGS:
        raise UsageError(f"there is no setting {name!r}: settings are {', '.join(SETTINGS)}")
    work.mkdir(parents=True, exist_ok=True)
    return SETTINGS[name](judged, work)


def _index_of(judged: JudgedSet, directory: Path) -> Index:
    """The index of a set's documents: the one in the directory if it is of today's format, chain and dictionary."""
    try:
        manifest = read_manifest(directory)
        fresh = manifest.fingerprint.difference(fingerprint(hashed=False)) is None
    except DirectoryError:
        fresh = False
    if not fresh:
        build(judged.documents, directory)
    return open_index(directory)


def _digest(judged: JudgedSet) -> str:
    """A name for the documents' contents."""
    digest = hashlib.blake2b(digest_size=8)
    for document in judged.documents:
        digest.update(json.dumps([document.id, document.title, document.text]).encode())
    return digest.hexdigest()


def _analysis() -> str:
    """A name for what the terms of a text depend on."""
    return hashlib.blake2b(repr(fingerprint(hashed=False)).encode(), digest_size=4).hexdigest()
