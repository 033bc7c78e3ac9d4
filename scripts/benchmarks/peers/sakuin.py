"""Sakuin itself: one index with the one term a slot that all engines get, and the one that a build would make.

The first is for retrieval alone: marks and texts are left out of it, so that a run of words is nothing but a phrase,
and the value for filters is a word of the headings, whose points are not counted. The second is asked whole questions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

import search
from benchmarks.given import GROUPS, Given
from benchmarks.peers import GROUP, Found, Peer
from index import Document
from index import directory as on_disk
from index.manifest import Manifest
from index.model import Passage
from index.settings import fingerprint
from index.writers import FIELDS, Batch, Columns, Record, Word
from index.writers.embedded import EmbeddedWriter
from search.engines import Request, Scored
from search.engines.embedded import EmbeddedEngine
from search.matching import Level
from search.query.plan import All, Concept, Either, Match, Operand, Plan, Run

_PORTION = 20_000
_MEMORY = 4_096
"""MB that a segment may take: one segment, as the others have."""
_GROUPS = tuple(f"= {value}" for value in range(GROUPS))
"""The words for filters; no term has a blank."""


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
        self._whole: search.Index | None = None

    def retrieve(self, kind: str, terms: Sequence[str], k: int = 10, *, filtered: bool = False) -> Found:
        """The engine's answer to a plan of these terms."""
        return self.answer(plan(kind, terms), k, filtered=filtered)

    def answer(self, asked: Plan, k: int = 10, *, filtered: bool = False) -> Found:
        """The best passages on word boundaries, with the points of their words."""
        if filtered:
            asked = All((asked, _word(_GROUPS[GROUP])))
        page = self._engine.retrieve(Request(asked, limit=k, all_passages=True)).page
        return [(hit.passage, _points(hit)) for hit in page if hit.judgement.level is Level.WORD]

    def stored(self, ids: Sequence[int]) -> list[str]:
        """Texts of the other index."""
        engine = self._opened()._now().engine
        assert isinstance(engine, EmbeddedEngine)
        return [engine.stored(number).texts["body"] for number in ids]

    def question(self, typed: str) -> search.Results:
        """A whole search, as a user would ask."""
        return self._opened().search(typed)

    def _opened(self) -> search.Index:
        if self._whole is None:
            self._whole = search.open_index(self.folder / "whole")
        return self._whole

    def close(self) -> None:
        """Closes both."""
        self._engine.close()
        if self._whole is not None:
            self._whole.close()


def plan(kind: str, terms: Sequence[str]) -> Plan:
    """The plan for terms that are joined as ``kind`` says."""
    if kind == "phrase":
        return Operand("".join(terms), Match.COMPOUND, (Run(tuple(Concept(term, (term,)) for term in terms)),))
    words = tuple(_word(term) for term in terms)
    if len(words) == 1:
        return words[0]
    return All(words) if kind == "and" else Either(words)


def of_concepts(concepts: Sequence[Sequence[str]]) -> Plan:
    """Any of some concepts, each with its alternatives."""
    return Either(tuple(_word(*alternatives) for alternatives in concepts))


def _word(*alternatives: str) -> Operand:
    return Operand(alternatives[0], Match.COMPOUND, (Run((Concept(alternatives[0], alternatives),)),))


def _points(hit: Scored) -> float:
    return sum(part.score for part in hit.parts if part.kind == "concept" and part.term not in _GROUPS)


def _of_terms(given: Given) -> Iterator[Batch]:
    """Passages of nothing but terms, and of their values for filters."""
    words = [Word((term,), ()) for term in (*given.terms, *_GROUPS)]
    for first, last in _portions(given):
        columns = given.columns(first, last)
        zeros = np.zeros(len(columns.words), np.uint32)
        body = Columns(columns.counts, given.term_of[columns.words], zeros.astype(np.uint8), zeros, zeros)
        groups = (given.documents[first:last] % GROUPS + len(given.terms)).astype(np.uint32)
        none = np.zeros(last - first, np.uint32)
        headings = Columns(none + np.uint32(1), groups, none.astype(np.uint8), none, none)
        yield Batch(_records(given, first, last, texts=False), words, _fields(headings, body))


def _of_everything(given: Given) -> Iterator[Batch]:
    """Passages as the analysis left them."""
    for first, last in _portions(given):
        none = _none(last - first)
        records = _records(given, first, last, texts=True)
        yield Batch(records, given.vocabulary, _fields(none, given.columns(first, last)))


def _portions(given: Given) -> Iterator[tuple[int, int]]:
    return ((first, min(first + _PORTION, len(given))) for first in range(0, len(given), _PORTION))


def _none(rows: int) -> Columns:
    nothing = np.empty(0, np.uint32)
    return Columns(np.zeros(rows, np.uint32), nothing, nothing.astype(np.uint8), nothing, nothing)


def _fields(headings: Columns, body: Columns) -> dict[str, Columns]:
    return {"title": _none(len(body.counts)), "headings": headings, "body": body}


def _records(given: Given, first: int, last: int, *, texts: bool) -> list[Record]:
    records = []
    for row in range(first, last):
        document = str(given.documents[row])
        text = given.text(row) if texts else ""
        passage = Passage(document, int(given.ordinals[row]), 0, len(text), text)
        fields = {"title": "", "headings": "", "body": text}
        records.append(Record(Document(document, "", text), passage, fields))
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
