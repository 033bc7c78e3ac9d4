"""Sakuin itself: one index with the one term a slot that all engines get, and the one that a build would make.

The first is for retrieval alone, from terms through the collector of ``search.arrays`` to rows and their points. The
second is asked whole questions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import log
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import search
from benchmarks.given import GROUPS, Given
from benchmarks.peers import GROUP, Found, Peer
from index import Document
from index import directory as on_disk
from index.manifest import Manifest
from index.model import Passage
from index.settings import fingerprint
from index.writers import FIELDS, Batch, Columns, Record
from index.writers import Word as Entry
from index.writers.embedded import EmbeddedWriter
from search.arrays.orders import best
from search.arrays.segments import Searched
from search.arrays.sets import alive, distinct
from search.arrays.together import all_of, following
from search.arrays.top import Best, Concept
from search.arrays.words import Word
from search.engines.embedded import EmbeddedEngine
from search.fields import Filter

_PORTION = 20_000
_MEMORY = 4_096
"""MB that a segment may take: one segment, as the others have."""
_FILTERS = (Filter("group", str(GROUP)),)


class Sakuin(Peer):
    """Both indexes; ``question`` asks the second."""

    name = "Sakuin"

    def index(self, given: Given) -> None:
        """Writes both from the analysis that is there."""
        _write(self.folder / "terms", given, _of_terms(given))
        _write(self.folder / "whole", given, _of_everything(given))

    def open(self, given: Given) -> None:
        """Opens the index of terms; the other one at the first question."""
        self._engine = EmbeddedEngine(self.folder / "terms")
        self._parts = self._engine.searched
        self._passages = self._engine.manifest.passages
        self._whole: search.Index | None = None

    def retrieve(self, kind: str, terms: Sequence[str], k: int = 10, *, filtered: bool = False) -> Found:
        """The best passages by the points of their words."""
        return self._best(kind, [[term] for term in terms], k, filtered=filtered)

    def of_concepts(self, concepts: Sequence[Sequence[str]], k: int = 10) -> Found:
        """The best for any of some concepts, each with its alternatives."""
        return self._best("or", concepts, k, filtered=False)

    def _best(self, kind: str, concepts: Sequence[Sequence[str]], k: int, *, filtered: bool) -> Found:
        live = self._engine.columns.mask(_FILTERS) if filtered else None
        found: Found = []
        firsts = self._engine.generation.firsts
        looked_up = [[[part.word("body", term) for term in terms] for terms in concepts] for part in self._parts]
        factors = [[self._idf(i, j, looked_up) for j in range(len(terms))] for i, terms in enumerate(concepts)]
        for part, of_part, first in zip(self._parts, looked_up, firsts, strict=False):
            here = None if live is None else live[first : first + part.rows]
            floor = found[-1][1] if len(found) == k else 0.0
            found += [(first + row, score) for row, score in _of_segment(kind, of_part, factors, part, here, k, floor)]
            if first:
                found = sorted(found, key=lambda hit: (-hit[1], hit[0]))[:k]
        return found

    def _idf(self, i: int, j: int, looked_up: Sequence[Sequence[Sequence[Word | None]]]) -> float:
        df = sum([word.count for of_part in looked_up if (word := of_part[i][j])])
        return log(1 + (self._passages - df + 0.5) / (df + 0.5))

    def stored(self, ids: Sequence[int]) -> list[str]:
        """Texts of the other index."""
        engine = self._opened()._now().engine
        assert isinstance(engine, EmbeddedEngine)
        return [engine.stored(number).texts["body"] for number in ids]

    def question(self, typed: str, *, filtered: bool) -> search.Results:
        """A whole search, as a user would ask."""
        return self._opened().search(typed, filters=[f"group={GROUP}"] if filtered else ())

    def _opened(self) -> search.Index:
        if self._whole is None:
            self._whole = search.open_index(self.folder / "whole", fast=False)
        return self._whole

    def close(self) -> None:
        """Closes both."""
        self._engine.close()
        if self._whole is not None:
            self._whole.close()


def _of_segment(
    kind: str,
    concepts: Sequence[Sequence[Word | None]],
    factors: Sequence[Sequence[float]],
    part: Searched,
    live: NDArray[np.bool_] | None,
    k: int,
    floor: float,
) -> list[tuple[int, float]]:
    """The best rows of a segment."""
    known = [
        [[(word, factor)] for word, factor in zip(words, of_words, strict=True) if word]
        for words, of_words in zip(concepts, factors, strict=True)
    ]
    if kind in ("or", "term"):
        made = [Concept(alternatives) for alternatives in known if alternatives]
        return Best(made, part.rows, live).scored(k, floor) if made else []
    pairs = [alternatives[0][0] for alternatives in known if alternatives]
    words = [word for word, _ in pairs]
    if len(words) < len(concepts):
        return []
    if kind == "phrase":
        paired = words[0].followed_by(words[1]) if len(words) == 2 else None
        rows = alive(distinct(following(words)[1]) if paired is None else paired, live)
    else:
        rows = all_of([[word] for word in words], part.rows, live)
    scores = np.zeros(len(rows))
    for word, factor in pairs:
        scores += factor * word.saturations(rows)
    order = best(scores, k)
    return list(zip(rows[order].tolist(), scores[order].tolist(), strict=True))


def _of_terms(given: Given) -> Iterator[Batch]:
    """Passages of nothing but terms."""
    words = [Entry((term,), ()) for term in given.terms]
    for first, last in _portions(given):
        columns = given.columns(first, last)
        zeros = np.zeros(len(columns.words), np.uint32)
        body = Columns(columns.counts, given.term_of[columns.words], zeros.astype(np.uint8), zeros, zeros)
        yield Batch(_records(given, first, last, texts=False), words, _fields(body))


def _of_everything(given: Given) -> Iterator[Batch]:
    """Passages as the analysis left them."""
    for first, last in _portions(given):
        records = _records(given, first, last, texts=True)
        yield Batch(records, given.vocabulary, _fields(given.columns(first, last)))


def _portions(given: Given) -> Iterator[tuple[int, int]]:
    return ((first, min(first + _PORTION, len(given))) for first in range(0, len(given), _PORTION))


def _none(rows: int) -> Columns:
    nothing = np.empty(0, np.uint32)
    return Columns(np.zeros(rows, np.uint32), nothing, nothing.astype(np.uint8), nothing, nothing)


def _fields(body: Columns) -> dict[str, Columns]:
    none = _none(len(body.counts))
    return {"title": none, "headings": none, "body": body}


def _records(given: Given, first: int, last: int, *, texts: bool) -> list[Record]:
    records = []
    for row in range(first, last):
        document = str(given.documents[row])
        text = given.text(row) if texts else ""
        passage = Passage(document, int(given.ordinals[row]), 0, len(text), text)
        fields = {"title": "", "headings": "", "body": text}
        group = int(given.documents[row]) % GROUPS
        records.append(Record(Document(document, "", text, None, {"group": group}), passage, fields))
    return records


def _write(directory: Path, given: Given, batches: Iterator[Batch]) -> None:
    with on_disk.locked(directory), on_disk.new_generation(directory) as (generation, folder):
        writer = EmbeddedWriter(folder, _MEMORY)
        slots = {field: [0, 0] for field in FIELDS}
        for batch in batches:
            writer.add(batch)
            for field, columns in batch.fields.items():
                slots[field][0] += int(columns.counts.sum())
                slots[field][1] += int((columns.counts > 0).sum())
        writer.commit()
        counted = {field: (total, rows) for field, (total, rows) in slots.items()}
        files, documents = on_disk.facts_of(folder), len(np.unique(given.documents))
        made = Manifest(generation, fingerprint(hashed=False), files, documents, len(given), counted, (), (), True, "")
        on_disk.switch(directory, made)
