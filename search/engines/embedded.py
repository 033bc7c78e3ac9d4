"""The embedded engine: the codec's arrays give the candidates, the shared judge decides.

The postings of the plan's terms are read once a query; from their rows follow the candidates, as sorted arrays. Deleted
rows are left out where rows are read, so that nothing behind that knows of them.
Positions are read for the candidates alone, what else the judge looks at (marks, spans, texts) when it does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import NDArray

from index.analysis.fold import compare
from index.codec.contents import CONTENTS, SCHEMA
from index.directory import Manifest, mend, opened, read_file
from index.errors import DamagedIndex, UsageError
from index.model import Document
from index.writers import FIELDS
from index.writers.embedded import Generation
from index.writers.segment import DOCUMENT
from index.writers.stored import Stored
from search.arrays.kernels import PLAIN, Kernels
from search.arrays.matching import Judge, Met, nothing
from search.arrays.orders import lowest
from search.arrays.ranking import Scores
from search.arrays.reading import Texts
from search.arrays.retrieval import Part as SearchedPart
from search.arrays.retrieval import Shown, Tier, page
from search.arrays.sets import among
from search.arrays.top import Best
from search.arrays.words import Searched, SegmentWords
from search.engines import MOST_COUNTED, Request, Retrieved, Scored
from search.engines.columns import Columns
from search.matching import Level, Span, View
from search.query.plan import terms
from search.ranking import Scorer, Statistics

Rows = NDArray[np.int64]
"""Numbers of passages, ascending."""
COUNTED = 50_000
"""Up to so many postings of words of which any may stand, every passage is counted."""
_FEWER = 4
"""Rows that pass filters are gone through if they are so many times fewer than the postings."""
_PAIR = 2
_KEPT = 512
"""Stored values that are kept in memory."""


_Found = Mapping[tuple[str, str], Mapping[int, Sequence[Span]]]
"""By field and term: where it stands in each passage that was read."""


class Spans(Sequence[tuple[int, int]]):
    """The spans of slots in two arrays, of which few are looked at."""

    __slots__ = ("_ends", "_starts")

    def __init__(self, starts: Rows, ends: Rows) -> None:
        self._starts = starts
        self._ends = ends

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, i: int) -> tuple[int, int]: ...

    @overload
    def __getitem__(self, i: slice) -> list[tuple[int, int]]: ...

    def __getitem__(self, i: int | slice) -> tuple[int, int] | list[tuple[int, int]]:
        if isinstance(i, slice):
            return list(zip(self._starts[i].tolist(), self._ends[i].tolist(), strict=True))
        return self._starts.item(i), self._ends.item(i)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self[:])


class EmbeddedView:
    """A passage: its occurrences as read for a query, the rest from the segment when needed, and then kept."""

    def __init__(self, number: int, engine: EmbeddedEngine, found: _Found) -> None:
        self._number = number
        self._engine = engine
        self._found = found
        self._segment, self._row = engine.generation.place(number)
        self._marks: dict[str, bytes] = {}
        self._spans: dict[str, Spans] = {}

    @cached_property
    def _stored(self) -> Stored:
        return self._engine.stored(self._number)

    def has(self, term: str) -> bool:
        """Whether a term stands in any field."""
        return any(self.frequency(field, term) for field in FIELDS)

    def frequency(self, field: str, term: str) -> int:
        """How often a term stands."""
        return len(self.occurrences(field, term))

    def occurrences(self, field: str, term: str) -> Sequence[Span]:
        """Where a term stands."""
        return self._found.get((field, term), {}).get(self._number, ())

    def length(self, field: str) -> int:
        """The field's length in slots, as scores take it."""
        return int(self._segment.fields[field].length(self._row))

    def marks(self, field: str) -> bytes:
        """A byte of marks for each slot."""
        marks = self._marks.get(field)
        if marks is None:
            marks = self._marks[field] = self._segment.slots(field).marks(self._row)
        return marks

    def text(self, field: str) -> str:
        """The field's text."""
        return self._stored.texts[field]

    def spans(self, field: str) -> Sequence[tuple[int, int]]:
        """Each slot's span."""
        spans = self._spans.get(field)
        if spans is None:
            spans = self._spans[field] = Spans(*self._segment.slots(field).spans(self._row))
        return spans

    @property
    def document(self) -> str:
        """The document's id."""
        return self._stored.document

    @property
    def title(self) -> str:
        """The document's title."""
        return self._stored.title

    @property
    def path(self) -> str | None:
        """The file it came from."""
        return self._stored.path

    @property
    def fields(self) -> dict[str, object]:
        """What else the record has."""
        return dict(self._stored.fields)

    @property
    def place(self) -> tuple[int, int, int]:
        """Ordinal, start and end in the document."""
        return self._stored.ordinal, self._stored.start, self._stored.end

    @property
    def headings(self) -> tuple[str, ...]:
        """The path of headings above the passage."""
        return self._stored.headings


class EmbeddedEngine:
    """An opened generation; any number of threads may ask at once.

    Raises the errors of ``index.directory`` where the directory holds no index that is as it was written.
    """

    def __init__(self, directory: Path, kernels: Kernels = PLAIN) -> None:
        self._kernels = kernels
        self.manifest, self.generation = _open(directory)
        self.columns = Columns(self.generation)
        self.averages = {
            field: slots / passages if passages else 0.0 for field, (slots, passages) in self.manifest.slots.items()
        }
        self._recent: dict[int, Stored] = {}

    @cached_property
    def searched(self) -> list[Searched]:
        """The segments, as questions see them."""
        return [Searched(segment, self.averages, self._kernels) for segment in self.generation.segments]

    def retrieve(self, request: Request) -> Retrieved:
        """The page from the codec's arrays; what of it is shown, passage by passage."""
        question = _Question(self, request)
        deadline = request.deadline
        found = page(question, request.offset, request.limit, deadline, all_passages=request.all_passages)
        occurrences = self._occurrences(question.words_of, question.terms, sorted(hit.number for hit in found.hits))
        scorer = Scorer(request.plan, question.statistics)
        hits = tuple(self._scored(hit, occurrences, scorer) for hit in found.hits)
        facets = {name: self.columns.facet(name, question.found, MOST_COUNTED) for name in request.facets}
        return Retrieved(hits, found.word, found.partial, facets, found.exact and not deadline.missed)

    def fields(self) -> Sequence[str]:
        """The names of the fields that documents have values of."""
        return self.columns.names()

    def has_field(self, name: str) -> bool:
        """Whether a document has a value of a field."""
        return self.columns.has(name)

    def _occurrences(self, each: Sequence[SegmentWords], asked: Sequence[str], numbers: Sequence[int]) -> _Found:
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

    def _scored(self, hit: Shown, occurrences: _Found, scorer: Scorer) -> Scored:
        view = EmbeddedView(hit.number, self, occurrences)
        explain = scorer.every if hit.rescored else scorer.first
        return Scored(
            hit.number, view, hit.judgement, hit.score, lambda: tuple(explain(hit.judgement, view)), hit.similar
        )

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

    def contradiction(self) -> str | None:
        """What of the generation contradicts itself though its checksums are right."""
        from index.verify import contradictions

        found = contradictions(self.generation, self.manifest)
        return f"{self.generation.folder} is damaged ({found[0]}): {self.generation.mend}" if found else None

    def close(self) -> None:
        """The files are unmapped when no array of theirs is held any more, here or by a search that goes on."""
        self._recent = {}


class _Question:
    """One request to an engine: where its page gets its hits."""

    def __init__(self, engine: EmbeddedEngine, request: Request) -> None:
        self._engine = engine
        self._plan = request.plan
        self._request = request
        self._generation = engine.generation
        self.words_of = [SegmentWords(searched) for searched in engine.searched]
        self.terms = terms(request.plan)
        frequencies = _frequencies(self.words_of, self.terms)
        self.statistics = Statistics(engine.manifest.passages, engine.averages, frequencies)
        passing = engine.columns.mask(request.filters) if request.filters else None
        self._ranks = engine.columns.ranks(*request.sort) if request.sort else None
        self._parts = [
            self._part(first, words, passing)
            for first, words in zip(self._generation.firsts, self.words_of, strict=False)
        ]
        self._done: list[Met] = []
        self.found: Rows = np.empty(0, np.int64)
        """The numbers of the word tier's hits."""

    def _part(self, first: int, words: SegmentWords, passing: NDArray[np.bool_] | None) -> SearchedPart:
        engine, request = self._engine, self._request  # what refers to this question would keep it, and open files

        def view(row: int) -> View:
            return EmbeddedView(first + row, engine, {})

        def having(text: str) -> tuple[NDArray[np.intp], bool]:
            folded, grams = compare(text), words.segment.grams
            pairs = _grams(folded)
            if not pairs:
                return np.arange(words.rows), False
            # What is one pair of letters, or one letter, stands wherever that does.
            return grams.having(pairs).astype(np.intp), len(folded) <= _PAIR and folded.isalnum() and grams.apart(pairs)

        live = words.live
        if passing is not None:
            here = passing[first : first + words.rows]
            live = here if live is None else here & live
        texts = Texts(view, words.segment.kept.strings, having, request.deadline)
        scores = Scores(self._plan, self.statistics, words, texts)
        return SearchedPart(first, words, live, Judge(words, texts, live), scores)

    def words(self, count: int) -> Tier:
        """The word tier; only its best hits, where there are many words of which any may stand."""
        request = self._request
        if not (request.exact_total or request.sort or request.facets):
            best = self._best(count)
            if best is not None:
                return best
        self._done = []
        for part in self._parts:
            over = request.deadline.over()
            self._done.append(nothing(self._plan) if over else part.judge.words(self._plan, self._few(part)))
        return self._of_words(self._done)

    def _few(self, part: SearchedPart) -> NDArray[np.intp] | None:
        """The live rows, where they are few beside the postings of the plan's words."""
        if part.live is None:
            return None
        words = [word for term in self.terms for word in part.words.words(term)]
        few = _FEWER * np.count_nonzero(part.live) < sum(word.count for word in words)
        return np.flatnonzero(part.live) if few else None

    def _of_words(self, mets: list[Met], total: int | None = None, *, exact: bool = False) -> Tier:
        tier = Tier(self._plan, self._parts, mets, Level.WORD, self._ranks, total, exact=exact)
        self.found = tier.numbers
        return tier

    def _best(self, count: int) -> Tier | None:
        """The best hits; None where all are looked at."""
        each = [part.scores.any_of() for part in self._parts]
        asked = [of for of in each if of is not None]
        postings = [[word.count for concept in concepts for word, _ in concept.words] for concepts, _ in asked]
        if len(asked) < len(each) or sum(map(sum, postings)) <= max(COUNTED, count):
            return None
        mets: list[Met] = []
        scores = np.empty(0)
        for part, (concepts, needed) in zip(self._parts, asked, strict=True):
            rows = Best(concepts, part.words.rows, part.live, needed).rows(count, lowest(scores, count))
            mets.append(part.judge.words(self._plan, rows))
            scores = np.concatenate([scores, part.scores.first(mets[-1])])
        if len(scores) < count:
            self._done = mets
            return self._of_words(mets)
        if any(needed > 1 for _, needed in asked) or any(part.live is not None for part in self._parts):
            return self._of_words(mets, 0)
        # In as many passages as its most frequent word any of them stands; a single word in no more.
        total = sum(max(counts, default=0) for counts in postings)
        return self._of_words(mets, total, exact=max(map(len, postings)) == 1)

    def partial(self) -> Tier:
        """The partial tier, once the word tier is known."""
        mets = []
        for part, done in zip(self._parts, self._done, strict=True):
            if self._request.deadline.over():
                mets.append(nothing(self._plan))
                continue
            met = part.judge.all(self._plan, self._few(part))
            mets.append(met.among(met.rows[~among(met.rows, done.rows)]))
        return Tier(self._plan, self._parts, mets, Level.PARTIAL, self._ranks)

    def documents(self, numbers: Rows) -> Rows:
        """The number of each passage's document."""
        found = np.empty(len(numbers), np.int64)
        segments = np.searchsorted(self._generation.firsts, numbers, side="right") - 1
        for i in np.unique(segments).tolist():
            kept, here = self._generation.segments[i].kept, segments == i
            found[here] = kept.numbers()[kept.places()[numbers[here] - self._generation.firsts[i]]]
        return found

    def of_documents(self, documents: Rows) -> Rows:
        """For each hit of the word tier in some documents, its document."""
        found = [np.empty(0, np.int64)]
        for part in self._parts:
            kept = part.words.segment.kept
            of = kept.numbers().astype(np.int64)
            wanted = among(of, documents)[kept.places()]
            rows = np.flatnonzero(wanted if part.live is None else wanted & part.live)
            found.append(of[kept.places()[part.judge.words(self._plan, rows).rows]])
        return np.concatenate(found)


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


def _frequencies(each: Sequence[SegmentWords], asked: Sequence[str]) -> dict[str, int]:
    """In how many passages each term stands: in that field which has it most."""
    return {term: max(sum(words.standing(field, term) for words in each) for field in FIELDS) for term in asked}


def _grams(text: str) -> list[tuple[int, int]]:
    """What a passage with this string must have: its pairs of neighbouring letters, or the letters that stand alone."""
    points = [ord(character) if character.isalnum() else 0 for character in text]
    around = zip([0, *points], points, [*points[1:], 0], strict=False)
    alone = [(point, 0) for before, point, after in around if point and not before and not after]
    return alone + [pair for pair in pairwise(points) if all(pair)]
