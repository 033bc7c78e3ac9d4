"""The embedded engine: an opened generation of the codec's arrays.

``search.arrays`` judges and scores its passages; what a page shows of them is read here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.analysis.glosses import BETWEEN
from index.analysis.mentions import GLOSS, is_word
from index.codec.contents import CONTENTS, SCHEMA
from index.directory import Manifest, mend, opened, read_file
from index.errors import DamagedIndex, UsageError
from index.model import Document
from index.writers import FIELDS
from index.writers.embedded import Generation
from index.writers.segment import DOCUMENT
from index.writers.stored import Stored
from search.arrays.kernels import PLAIN, Kernels
from search.arrays.retrieval import Shown, page
from search.arrays.segments import Searched, SegmentWords
from search.engines import MOST_COUNTED, Request, Retrieved, Scored
from search.engines.columns import Columns
from search.engines.question import Frequencies, Question
from search.engines.views import EmbeddedView, Occurrences
from search.matching import Level, Span
from search.query.plan import strict_terms
from search.ranking import Part, Scorer

Rows = NDArray[np.int64]
"""Numbers of passages, ascending."""
_LISTED = 10_000
"""Words with the same beginning that are looked at in a field of a segment."""
_KEPT = 512
"""Stored values that are kept in memory."""


class EmbeddedEngine:
    """An opened generation; any number of threads may ask at once.

    Raises the errors of ``index.directory`` where the directory holds no index that is as it was written.
    """

    def __init__(self, directory: Path, kernels: Kernels = PLAIN) -> None:
        self._kernels = kernels
        self.manifest, self.generation = _open(directory)
        self.columns = Columns(self.generation)
        self.averages: Mapping[str, float] = {
            field: slots / passages if passages else 0.0 for field, (slots, passages) in self.manifest.slots.items()
        }
        self._recent: dict[int, Stored] = {}

    @cached_property
    def searched(self) -> list[Searched]:
        """The segments, as questions see them."""
        return [Searched(segment, self.averages, self._kernels) for segment in self.generation.segments]

    @cached_property
    def _documents(self) -> tuple[NDArray[np.uint32], Rows]:
        """The numbers of the documents that have passages, ascending, and how many passages each has."""
        each = [np.empty(0, np.uint32)]
        for segment in self.generation.segments:
            of = segment.kept.numbers()[segment.kept.places()]
            each.append(of[segment.alive()] if segment.facts.deleted else of)
        return np.unique(np.concatenate(each), return_counts=True)

    def passages_of(self, documents: Rows) -> Rows:
        """How many passages each of some documents has, by their numbers."""
        numbers, counts = self._documents
        return counts[numbers.searchsorted(documents)]

    @cached_property
    def of_a_document(self) -> float:
        """How many passages a document has on the average."""
        _, counts = self._documents
        return int(counts.sum()) / max(1, len(counts))

    def retrieve(self, request: Request) -> Retrieved:
        """The page from the codec's arrays; what of it is shown, passage by passage."""
        question = Question(self, request)
        deadline = request.deadline
        found = page(question, request.offset, request.limit, deadline, all_passages=request.all_passages)
        partially = any(level is Level.PARTIAL for hit in found.hits for _, level in hit.judgement.operands)
        asked = question.terms if partially else strict_terms(request.plan)
        occurrences = self._occurrences(question.words_of, asked, sorted(hit.number for hit in found.hits))
        scorer = Scorer(question.statistics)
        hits = tuple(self._scored(hit, occurrences, scorer) for hit in found.hits)
        facets = {name: self.columns.facet(name, question.found, MOST_COUNTED) for name in request.facets}
        return Retrieved(hits, found.word, found.partial, facets, found.exact and not deadline.missed)

    def frequencies(self, asked: Sequence[str]) -> Mapping[str, int]:
        """In how many passages each term stands, in that field which has it most."""
        if not self.manifest.passages:
            return {}
        found = Frequencies([SegmentWords(searched) for searched in self.searched])
        return {term: found[term] for term in asked}

    def fields(self) -> Sequence[str]:
        """The names of the fields that documents have values of."""
        return self.columns.names()

    def has_field(self, name: str) -> bool:
        """Whether a document has a value of a field."""
        return self.columns.has(name)

    def _occurrences(self, each: Sequence[SegmentWords], asked: Sequence[str], numbers: Sequence[int]) -> Occurrences:
        """Where the terms stand in some passages."""
        found: dict[tuple[str, str], dict[int, Sequence[Span]]] = {}
        bounds = np.searchsorted(numbers, self.generation.firsts)
        for words, first, start, end in zip(each, self.generation.firsts, bounds, bounds[1:], strict=False):
            rows = np.array(numbers[start:end], np.intp) - first
            for term in asked:
                for field in words.fields if len(rows) else ():
                    word = words.word(field, term)
                    if word is not None:
                        spans = word.spans(rows)
                        found.setdefault((field, term), {}).update({first + row: of for row, of in spans.items()})
        return found

    def _scored(self, hit: Shown, occurrences: Occurrences, scorer: Scorer) -> Scored:
        view = EmbeddedView(hit.number, self.generation, self.stored, occurrences)

        def explain() -> tuple[Part, ...]:
            if hit.around is None:
                return tuple(scorer.first(hit.judgement, view))
            return tuple(scorer.every(hit.judgement, view, hit.around))

        return Scored(hit.number, view, hit.judgement, hit.score, explain, hit.similar)

    def stored(self, number: int) -> Stored:
        """What is kept of a passage."""
        stored = self._recent.get(number)
        if stored is None:
            if len(self._recent) >= _KEPT:
                self._recent = {}
            segment, row = self.generation.place(number)
            stored = self._recent[number] = segment.kept.read(row)
        return stored

    def document(self, document_id: str) -> Document | None:
        """A whole document, its passages joined."""
        rows = self._rows_of(document_id)
        if not rows:
            return None
        passages = sorted(map(self.stored, rows), key=lambda stored: stored.ordinal)
        first = passages[0]
        text = "".join(stored.texts["body"] for stored in passages)
        return Document(first.document, first.title, text, first.path, dict(first.fields))

    def _rows_of(self, document_id: str) -> list[int]:
        key = document_id.encode("utf-8", "surrogatepass")
        found = [np.empty(0, np.int64)]
        for segment, first in zip(self.generation.segments, self.generation.firsts, strict=False):
            ordinal = segment.fields[DOCUMENT].terms.find(key)
            if ordinal >= 0:
                found.append(segment.fields[DOCUMENT].postings(ordinal)[0].astype(np.int64) + first)
        rows: list[int] = self.generation.live(np.concatenate(found)).tolist()
        return rows

    def words(self) -> Iterator[str]:
        """The vocabulary of the bodies."""
        known: set[bytes] = set()
        for segment in self.generation.segments:
            field, alive = segment.fields["body"], segment.alive()
            known.update(field.terms if alive.all() else field.terms_of(alive))
        # A term of a file that lies may be no text; it is then like no word of a query.
        yield from (term.decode("utf-8", "replace") for term in sorted(known))

    def beginning(self, prefix: str, most: int) -> tuple[list[str], int]:
        """The most frequent words that begin so, and how many do; of very many, of those in the most passages."""
        found, total = self._beginning(prefix)
        words = sorted(filter(is_word, found), key=lambda word: (-found[word], word))
        return words[:most], max(len(words), total if total > _LISTED else 0)

    def glosses(self, said: str) -> list[str]:
        """The forms that documents give what is looked up as ``said``, those of the most passages first."""
        beginning = f"{GLOSS}{said}{BETWEEN}"
        found, _ = self._beginning(beginning)
        return [term[len(beginning) :] for term in sorted(found, key=lambda term: (-found[term], term))]

    def _beginning(self, prefix: str) -> tuple[dict[str, int], int]:
        """Terms that begin so, with the number of passages they stand in, and how many there are."""
        found: dict[str, int] = {}
        total = 0
        for name in FIELDS:
            counts: Counter[bytes] = Counter()
            for segment in self.generation.segments:
                field = segment.fields[name]
                first, end = field.terms.beginning(prefix.encode("utf-8", "surrogatepass"))
                each = field.counts(first, end).astype(np.int64)
                for i in np.argsort(-each, kind="stable")[:_LISTED].tolist():
                    counts[field.terms.term(first + i)] += int(each[i])
                total = max(total, len(each))
            for term, count in counts.items():
                word = term.decode("utf-8", "replace")
                found[word] = max(found.get(word, 0), count)
        return found, total

    def contradiction(self) -> str | None:
        """What of the generation contradicts itself though its checksums are right."""
        from index.verify import contradictions

        found = contradictions(self.generation, self.manifest)
        return f"{self.generation.folder} is damaged ({found[0]}): {self.generation.mend}" if found else None

    def close(self) -> None:
        """The files are unmapped when no array of theirs is held any more, here or by a search that goes on."""
        self._recent = {}


def _open(directory: Path) -> tuple[Manifest, Generation]:
    """The generation in use."""

    def opening(manifest: Manifest, folder: Path) -> tuple[Manifest, Generation]:
        if SCHEMA in manifest.files:
            raise UsageError(f"{directory} is an index of a schema of its own: open it with index.open_whoosh")
        generation = Generation(folder, read_file(directory, manifest, CONTENTS), mend(directory))
        if generation.passages != manifest.passages:
            raise DamagedIndex(f"{folder} has not as many passages as its manifest says: {mend(directory)}")
        return manifest, generation

    return opened(directory, opening)
