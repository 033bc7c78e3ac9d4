"""One request to the embedded engine: which segments are asked, with which filters, and where its page gets its hits.

Postings are read once a question; deleted rows, and those that do not pass its filters, are left out where rows are
read, so that nothing behind that knows of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.analysis.fold import compare
from index.manifest import Manifest
from index.writers import FIELDS
from index.writers.embedded import Generation
from index.writers.stored import Stored
from search.arrays.matching import Judge, Met, nothing
from search.arrays.orders import lowest
from search.arrays.pairs import PairRows
from search.arrays.ranking import Scores
from search.arrays.reading import Texts
from search.arrays.retrieval import Documents, Part, Tier
from search.arrays.segments import Searched, SegmentWords
from search.arrays.sets import NONE, among, distinct
from search.arrays.top import Best
from search.engines import Request
from search.engines.columns import Columns
from search.engines.views import EmbeddedView
from search.matching import Level, View
from search.query.plan import Where, terms
from search.ranking import Statistics

Rows = NDArray[np.int64]
"""Numbers of passages, ascending."""
COUNTED = 50_000
"""Up to so many postings of words of which any may stand, every passage is counted."""
_FEWER = 4
"""Rows that pass filters are gone through if they are so many times fewer than the postings."""
_PAIR = 2


class Searchable(Protocol):
    """What a question needs of an engine."""

    generation: Generation
    manifest: Manifest
    columns: Columns
    averages: Mapping[str, float]

    @property
    def of_a_document(self) -> float:
        """How many passages a document has on the average."""

    @property
    def searched(self) -> Sequence[Searched]:
        """The segments."""

    def passages_of(self, documents: Rows) -> Rows:
        """How many passages each of some documents has, by their numbers."""

    def stored(self, number: int) -> Stored:
        """What is kept of a passage."""


class Question:
    """One request to an engine: where its page gets its hits."""

    def __init__(self, engine: Searchable, request: Request) -> None:
        self._engine = engine
        self._plan = request.plan
        self._request = request
        self._generation = engine.generation
        self.words_of = [SegmentWords(searched) for searched in engine.searched]
        self.pairs_of = [PairRows(searched) for searched in engine.searched]
        self.terms = terms(request.plan)
        counted = Frequencies(self.words_of), _Pairs(self.pairs_of)
        self.statistics = Statistics(engine.manifest.passages, engine.averages, *counted, engine.of_a_document)
        passing = engine.columns.mask(request.filters) if request.filters else None
        self._ranks = engine.columns.ranks(*request.sort) if request.sort else None
        self._parts = [
            self._part(first, words, pairs, passing)
            for first, words, pairs in zip(self._generation.firsts, self.words_of, self.pairs_of, strict=False)
        ]
        self._done: list[Met] = []
        self.found: Rows = np.empty(0, np.int64)
        """The numbers of the word tier's hits."""

    def _part(self, first: int, words: SegmentWords, pairs: PairRows, passing: NDArray[np.bool_] | None) -> Part:
        engine, request = self._engine, self._request  # what refers to this question would keep it, and open files

        def view(row: int) -> View:
            return EmbeddedView(first + row, engine.generation, engine.stored, {})

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

        def meeting(where: Where) -> NDArray[np.bool_]:
            meeting = engine.columns.mask(where.filters)
            if where.without:
                meeting = meeting & ~engine.columns.mask(where.without)
            return meeting[first : first + words.rows]

        texts = Texts(view, words.segment.kept.strings, having, request.deadline)
        scores = Scores(self._plan, self.statistics, words, texts, pairs.having)
        return Part(first, words, live, Judge(words, texts, live, meeting), scores)

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

    def _few(self, part: Part) -> NDArray[np.intp] | None:
        """The live rows, where they are few beside the postings of the plan's words."""
        if part.live is None:
            return None
        words = [word for term in self.terms for word in part.words.words(term)]
        few = _FEWER * np.count_nonzero(part.live) < sum(word.count for word in words)
        return np.flatnonzero(part.live) if few else None

    def _of_words(self, mets: list[Met], total: int | None = None, *, exact: bool = False) -> Tier:
        tier = Tier(self._plan, self._parts, mets, Level.WORD, self._around, self._ranks, total, exact=exact)
        self.found = tier.numbers
        return tier

    def _best(self, count: int) -> Tier | None:
        """The best hits; None where all are looked at."""
        asked = [of for part in self._parts if (of := part.scores.any_of()) is not None]
        postings = [[word.count for concept in concepts for word, _ in concept.words] for concepts, _ in asked]
        if len(asked) < len(self._parts) or sum(map(sum, postings)) <= max(COUNTED, count):
            return None
        if self._request.filters and sum(_passing(part) for part in self._parts) <= COUNTED:
            return None
        mets: list[Met] = []
        each: list[NDArray[np.float64]] = []
        for part, (concepts, needed) in zip(self._parts, asked, strict=True):
            floor = lowest(np.concatenate([*each, np.empty(0)]), count)
            over = self._request.deadline.over()
            rows = NONE if over else Best(concepts, part.words.rows, part.live, needed).rows(count, floor)
            mets.append(part.judge.words(self._plan, rows))
            each.append(part.scores.first(mets[-1]))
        scores = np.concatenate(each)
        if len(scores) < count:
            self._done = mets
            return self._of_words(mets)
        # A segment gave what was among the best of those before it; below the last of all, others are missing.
        least = lowest(scores, count)
        mets = [met.among(met.rows[of >= least]) for met, of in zip(mets, each, strict=True)]
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
        return Tier(self._plan, self._parts, mets, Level.PARTIAL, self._around, self._ranks)

    def _around(self, chosen: Rows, hits: Rows | None) -> Documents:
        """What the documents of some hits are worth, which are among ``hits``, or among the word tier's."""
        of = self.documents(chosen)
        asked = distinct(np.sort(of))
        every = self.of_documents(asked) if hits is None else self.documents(hits)
        places = asked.searchsorted(every)
        counts = np.bincount(places[asked.take(places, mode="clip") == every], minlength=len(asked))
        found = counts[asked.searchsorted(of)]
        return Documents(found, self._engine.passages_of(of))

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


def _passing(part: Part) -> int:
    """How many rows are neither deleted nor filtered out."""
    return part.words.rows if part.live is None else int(np.count_nonzero(part.live))


class Frequencies(dict[str, int]):
    """In how many passages a term stands, in that field which has it most; counted when it is first asked."""

    def __init__(self, each: Sequence[SegmentWords]) -> None:
        super().__init__()
        self._each = each

    def __missing__(self, term: str) -> int:
        count = self[term] = max(sum(words.standing(field, term) for words in self._each) for field in FIELDS)
        return count


class _Pairs(dict[str, int]):
    """In how many passages a pair of characters stands; counted when it is first asked."""

    def __init__(self, each: Sequence[PairRows]) -> None:
        super().__init__()
        self._each = each

    def __missing__(self, pair: str) -> int:
        count = self[pair] = sum(rows.standing(pair) for rows in self._each)
        return count


def _grams(text: str) -> list[tuple[int, int]]:
    """What a passage with this string must have: its pairs of neighbouring letters, or the letters that stand alone."""
    points = [ord(character) if character.isalnum() else 0 for character in text]
    around = zip([0, *points], points, [*points[1:], 0], strict=False)
    alone = [(point, 0) for before, point, after in around if point and not before and not after]
    return alone + [pair for pair in pairwise(points) if all(pair)]
