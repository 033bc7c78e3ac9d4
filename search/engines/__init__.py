"""Engines: one protocol below ``search.Index``, and what all of them do alike with the passages they show.

An engine gives a page of passages as ``matching.View``s. ``ranked`` is the plain way to one, passage by passage: the
oracle of those that are faster.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple, Protocol

from index.model import Document
from search.clock import Deadline
from search.fields import Counted, Filter, Sort
from search.matching import Judgement, Level, View, judge
from search.query.plan import Plan
from search.ranking import PER_DOCUMENT, RESCORED, Around, Part, Scorer, Statistics, summed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_COUNTED = 20
"""Values of a field that are told with their counts."""


@dataclass(frozen=True, slots=True)
class Request:
    """What ``search.Index`` asks an engine for.

    Passages that do not pass the filters are as if they were not there, but for the statistics of scores. ``sort``
    takes the place of the score in the order of each tier; the values of ``facets`` are counted. ``exact_total``: every
    passage is counted, also where that costs more than finding the best ones. Past its ``deadline`` an engine stops and
    gives what it has found.
    """

    plan: Plan
    offset: int = 0
    limit: int = 10
    all_passages: bool = False
    filters: tuple[Filter, ...] = ()
    sort: Sort | None = None
    facets: tuple[str, ...] = ()
    exact_total: bool = False
    deadline: Deadline = field(default_factory=Deadline)


class PassageView(View, Protocol):
    """A whole passage, for a page."""

    @property
    def document(self) -> str:
        """The document's id."""

    @property
    def title(self) -> str:
        """The document's title."""

    @property
    def path(self) -> str | None:
        """The file it came from."""

    @property
    def fields(self) -> dict[str, object]:
        """What else the record has."""

    @property
    def place(self) -> tuple[int, int, int]:
        """Ordinal, start and end in the document."""

    @property
    def headings(self) -> tuple[str, ...]:
        """The path of headings above the passage."""


class Scored(NamedTuple):
    """A passage, with its number in the index, how it meets the plan, its score, and how many more there are.

    ``explain`` gives the parts that the score is the sum of. ``similar`` counts the passages of its document that are
    not shown; the document's best one has the number.
    """

    passage: int
    view: PassageView
    judgement: Judgement
    score: float
    explain: Callable[[], tuple[Part, ...]]
    similar: int = 0

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts of the score."""
        return self.explain()


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A page and the counts; ``partial`` is None where that tier was not looked at.

    Without ``exact`` there may be more passages than were counted. ``facets`` has for each field asked for how many
    passages of the word tier have which value, at most ``MOST_COUNTED`` values.
    """

    page: tuple[Scored, ...]
    word: int
    partial: int | None
    facets: Mapping[str, Sequence[Counted]] = field(default_factory=dict)
    exact: bool = True


class Engine(Protocol):
    """What answers a plan."""

    def retrieve(self, request: Request) -> Retrieved:
        """The page of passages that a request asks for, in order, with counts."""

    def document(self, document_id: str) -> Document | None:
        """A whole document; None if there is no such id."""

    def words(self) -> Iterator[str]:
        """The vocabulary of the bodies."""

    def beginning(self, prefix: str, most: int) -> tuple[list[str], int]:
        """Words of any field (``is_word``) that begin so, at most ``most`` of them, and how many do.

        Those that stand in the most passages, of equal ones the first in order. A word that stands only in what is
        deleted may be among them, and what is deleted be counted.
        """

    def glosses(self, said: str) -> Sequence[str]:
        """The forms that documents give what is looked up as ``said`` (see ``index.analysis.glosses.looked_up``)."""

    def frequencies(self, asked: Sequence[str]) -> Mapping[str, int]:
        """In how many passages each of some terms stands, in that field which has it most, as scores take it.

        An engine without passages counts none.
        """

    def fields(self) -> Sequence[str]:
        """The names of the fields that documents have values of, in order."""

    def has_field(self, name: str) -> bool:
        """Whether a document has a value of a field."""

    def contradiction(self) -> str | None:
        """What of the index is not as it was written, read to its end; None if nothing is."""

    def close(self) -> None:
        """Gives back what is open."""


class FieldValues(Protocol):
    """What an engine knows of the values of documents, by the numbers of passages."""

    def ranks(self, field: str, descending: bool) -> Sequence[int] | NDArray[np.int64]:
        """Each passage's place in the order of a field."""

    def counts(self, field: str, passages: Sequence[int]) -> Sequence[Counted]:
        """How many of some passages have which value, ``MOST_COUNTED`` of them."""


Candidates = Iterable[tuple[int, PassageView]]


def ranked(
    request: Request,
    words: Candidates,
    everything: Callable[[], Candidates],
    statistics: Statistics,
    document_of: Callable[[int], int],
    values: FieldValues,
) -> Retrieved:
    """Judges candidates, which pass the filters, scores those that fit, and cuts the page.

    ``words`` holds at least every passage that can meet the plan on word boundaries; ``everything``, asked only if
    those do not fill the page, every passage that can meet it at all. Order: tier, score (or the value that is
    sorted by), number of the passage.
    """
    deadline = request.deadline
    ranks = values.ranks(*request.sort) if request.sort else None
    passages = Counter(document_of(number) for number, _ in everything())
    scoring = _Scoring(request.plan, Scorer(statistics), document_of, passages)
    hits = _by_value(_scored(scoring, _in_time(words, deadline), partial=False), ranks)
    word = len(hits)
    partial = None
    shown = _of_each(hits, request, document_of)
    if request.offset + request.limit > len(shown) and not deadline.over():
        done = {hit.passage for hit in hits}
        rest = ((number, view) for number, view in everything() if number not in done)
        more = _by_value(_scored(scoring, _in_time(rest, deadline), partial=True), ranks)
        partial = len(more)
        shown = _of_each(hits + more, request, document_of)
    found = [hit.passage for hit in hits]
    facets = {name: values.counts(name, found) for name in request.facets}
    page = tuple(shown[request.offset : request.offset + request.limit])
    return Retrieved(page, word, partial, facets, not deadline.missed)


def _in_time(candidates: Candidates, deadline: Deadline) -> Candidates:
    return takewhile(lambda _: not deadline.over(), candidates)


class _Scoring(NamedTuple):
    """What a tier is scored with; ``passages`` counts those of each document."""

    plan: Plan
    scorer: Scorer
    document_of: Callable[[int], int]
    passages: Mapping[int, int]


def _scored(scoring: _Scoring, candidates: Candidates, *, partial: bool) -> list[Scored]:
    """One tier in its order: all by the first stage, the best of them rescored."""
    hits = []
    scorer = scoring.scorer
    for number, view in candidates:
        judgement = judge(scoring.plan, view, partial=partial)
        if judgement.level is not Level.NONE:
            hits.append(_sum(number, view, judgement, scorer.first(judgement, view)))
    hits.sort(key=_order)
    counts = Counter(scoring.document_of(hit.passage) for hit in hits)
    best = []
    for number, view, judgement, *_ in hits[:RESCORED]:
        document = scoring.document_of(number)
        around = Around(counts[document], scoring.passages[document])
        best.append(_sum(number, view, judgement, scorer.every(judgement, view, around)))
    return sorted(best, key=_order) + hits[RESCORED:]


def _sum(number: int, view: PassageView, judgement: Judgement, parts: Sequence[Part]) -> Scored:
    kept = tuple(parts)
    return Scored(number, view, judgement, summed(kept), lambda: kept)


def _by_value(hits: list[Scored], ranks: Sequence[int] | NDArray[np.int64] | None) -> list[Scored]:
    return hits if ranks is None else sorted(hits, key=lambda hit: (ranks[hit.passage], hit.passage))


def _order(hit: Scored) -> tuple[float, int]:
    return -hit.score, hit.passage


def _of_each(hits: Sequence[Scored], request: Request, document_of: Callable[[int], int]) -> Sequence[Scored]:
    """The first passages of each document, unless all are asked for; its best one says how many more there are."""
    if request.all_passages:
        return hits
    counts: dict[int, int] = {}
    shown: list[Scored] = []
    firsts: dict[int, int] = {}
    for hit in hits:
        document = document_of(hit.passage)
        counts[document] = counts.get(document, 0) + 1
        if counts[document] <= PER_DOCUMENT:
            firsts.setdefault(document, len(shown))
            shown.append(hit)
    for document, first in firsts.items():
        shown[first] = shown[first]._replace(similar=max(0, counts[document] - PER_DOCUMENT))
    return shown
