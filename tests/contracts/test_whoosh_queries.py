"""Every query of Whoosh's, on its own index and on ours, against a plain reading of what the query means."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.as_whoosh.searcher import Searcher
from index.as_whoosh.whole import create_whoosh
from index.as_whoosh.writer import Writer
from index.codec.fields import Layout
from index.whoosh_api import RamStorage, analysis, fields, query, spans
from index.whoosh_api import Searcher as WhooshSearcher

WORDS = ("a", "ab", "abc", "b", "ba", "bb", "c", "ca", "日", "日本", "本")
START = datetime(2020, 1, 1)
SIZES = (0, 1, 127, 128, 129, 255, 256, 257)
K1, B = 1.2, 0.75


@dataclass(frozen=True)
class Row:
    """A document as the oracle keeps it; ``words`` are at positions 0, 1, …"""

    number: int
    words: tuple[str, ...]
    count: int
    size: float
    tags: tuple[str, ...]

    @property
    def when(self) -> datetime:
        return START + timedelta(hours=self.count)

    def fields(self) -> dict[str, Any]:
        return {
            "id": str(self.number),
            "body": " ".join(self.words),
            "count": self.count,
            "low": self.count,
            "size": self.size,
            "when": self.when,
            "tags": " ".join(self.tags),
            "even": self.number % 2 == 0,
        }


def schema() -> Any:
    return fields.Schema(
        id=fields.ID(stored=True, unique=True),
        body=fields.TEXT(analyzer=analysis.SpaceSeparatedTokenizer()),
        count=fields.NUMERIC(signed=True, sortable=True),
        low=fields.NUMERIC(bits=16, signed=False, shift_step=3),
        size=fields.NUMERIC(float, shift_step=8),
        when=fields.DATETIME(sortable=True),
        tags=fields.KEYWORD(scorable=True),
        even=fields.BOOLEAN(),
    )


@dataclass
class Corpus:
    """Rows in segments, some of them deleted."""

    segments: Sequence[Sequence[Row]]
    deleted: frozenset[int] = field(default_factory=frozenset)

    @property
    def rows(self) -> list[Row]:
        return [row for segment in self.segments for row in segment]

    def merged(self) -> Corpus:
        return Corpus([[row for row in self.rows if row.number not in self.deleted]])


class Oracle:
    """What a query means: document → score."""

    def __init__(self, corpus: Corpus) -> None:
        self.rows = {row.number: row for row in corpus.rows}
        self.live = set(self.rows) - corpus.deleted

    def terms(self, name: str, row: Row) -> list[str]:
        return list({"body": row.words, "tags": row.tags, "id": (str(row.number),)}[name])

    def vocabulary(self, name: str) -> set[str]:
        return {term for row in self.rows.values() for term in self.terms(name, row)}

    def bm25(self, name: str, term: str) -> dict[int, float]:
        frequencies = {n: f for n, row in self.rows.items() if (f := self.terms(name, row).count(term))}
        if name == "id" or not self.rows:
            return dict.fromkeys(frequencies, 1.0)
        idf = math.log(len(self.rows) / (len(frequencies) + 1)) + 1
        average = sum(len(self.terms(name, row)) for row in self.rows.values()) / len(self.rows) or 1
        return {
            n: idf * f * (K1 + 1) / (f + K1 * (1 - B + B * len(self.terms(name, self.rows[n])) / average))
            for n, f in frequencies.items()
        }

    def scores(self, q: Any) -> dict[int, float]:
        return {n: score for n, score in self._scores(q).items() if n in self.live}

    def _scores(self, q: Any) -> dict[int, float]:
        found: dict[int, float] = getattr(self, f"_{type(q).__name__.lower()}")(q)
        return found

    def _term(self, q: Any) -> dict[int, float]:
        return times(self.bm25(q.fieldname, q.text), q.boost)

    def _many(self, q: Any, terms: set[str]) -> dict[int, float]:
        each = added(self.bm25(q.fieldname, term) for term in terms)
        return dict.fromkeys(each, q.boost) if q.constantscore else times(each, q.boost)

    def _prefix(self, q: Any) -> dict[int, float]:
        return self._many(q, {t for t in self.vocabulary(q.fieldname) if t.startswith(q.text)})

    def _wildcard(self, q: Any) -> dict[int, float]:
        pattern = re.escape(q.text).replace(r"\*", ".*").replace(r"\?", ".")
        return self._many(q, {t for t in self.vocabulary(q.fieldname) if re.fullmatch(pattern, t)})

    def _regex(self, q: Any) -> dict[int, float]:
        return self._many(q, {t for t in self.vocabulary(q.fieldname) if re.match(q.text, t)})

    def _fuzzyterm(self, q: Any) -> dict[int, float]:
        near = {
            t
            for t in self.vocabulary(q.fieldname)
            if t.startswith(q.text[: q.prefixlength]) and distance(t, q.text) <= q.maxdist
        }
        return self._many(q, near)

    def _termrange(self, q: Any) -> dict[int, float]:
        return self._many(q, {t for t in self.vocabulary(q.fieldname) if lies_in(t, q.start, q.end, q)})

    def _numericrange(self, q: Any) -> dict[int, float]:
        values = {n: {"count": r.count, "low": r.count, "size": r.size}[q.fieldname] for n, r in self.rows.items()}
        return {n: q.boost for n, value in values.items() if lies_in(value, q.start, q.end, q)}

    def _daterange(self, q: Any) -> dict[int, float]:
        return {n: q.boost for n, row in self.rows.items() if lies_in(row.when, q.startdate, q.enddate, q)}

    def _and(self, q: Any) -> dict[int, float]:
        each = [self._scores(sub) for sub in q.subqueries]
        return times({n: sum(s[n] for s in each) for n in set.intersection(*map(set, each))}, q.boost)

    def _or(self, q: Any) -> dict[int, float]:
        return times(added(self._scores(sub) for sub in q.subqueries), q.boost)

    def _disjunctionmax(self, q: Any) -> dict[int, float]:
        each = [self._scores(sub) for sub in q.subqueries]
        return times({n: max(s[n] for s in each if n in s) for n in set().union(*each)}, q.boost)

    def _andmaybe(self, q: Any) -> dict[int, float]:
        first, second = self._scores(q.a), self._scores(q.b)
        return {n: score + second.get(n, 0) for n, score in first.items()}

    def _andnot(self, q: Any) -> dict[int, float]:
        without = self._scores(q.b)
        return {n: score for n, score in self._scores(q.a).items() if n not in without}

    def _require(self, q: Any) -> dict[int, float]:
        required = self._scores(q.b)
        return {n: score for n, score in self._scores(q.a).items() if n in required}

    def _not(self, q: Any) -> dict[int, float]:
        return dict.fromkeys(set(self.rows) - set(self._scores(q.query)), 1.0)

    def _every(self, q: Any) -> dict[int, float]:
        rows = self.rows if q.fieldname is None else [n for n, r in self.rows.items() if self.terms(q.fieldname, r)]
        return dict.fromkeys(rows, q.boost)

    def _constantscorequery(self, q: Any) -> dict[int, float]:
        return dict.fromkeys(self._scores(q.child), q.score)

    def _phrase(self, q: Any) -> dict[int, float]:
        each = [self.bm25(q.fieldname, word) for word in q.words]
        at = {n: ends(self.rows[n].words, q.words, q.slop) for n in set.intersection(*map(set, each))}
        return times({n: sum(s[n] for s in each) for n, found in at.items() if found}, q.boost)

    def _spannear2(self, q: Any) -> dict[int, float]:
        first, second = (self._scores(sub) for sub in q.qs)
        return {n: first[n] + second[n] for n in set(first) & set(second) if self._near(self.rows[n].words, q)}

    def _near(self, words: tuple[str, ...], q: Any) -> bool:
        firsts, seconds = ([i for i, w in enumerate(words) if self._says(w, sub)] for sub in q.qs)
        apart = (b - a for a, b in product(firsts, seconds) if b > a or not q.ordered)
        return any(1 <= abs(d) <= q.slop for d in apart)

    def _says(self, word: str, q: Any) -> bool:
        return word.startswith(q.text) if isinstance(q, query.Prefix) else bool(word == q.text)


def ends(words: Sequence[str], phrase: Sequence[str], slop: int) -> set[int]:
    """Where a phrase may end."""
    at = {i for i, word in enumerate(words) if word == phrase[0]}
    for wanted in phrase[1:]:
        at = {i for i, word in enumerate(words) if word == wanted and any(1 <= i - before <= slop for before in at)}
    return at


def lies_in(value: Any, start: Any, end: Any, q: Any) -> bool:
    after = start is None or (value > start if q.startexcl else value >= start)
    return after and (end is None or (value < end if q.endexcl else value <= end))


def times(scores: Mapping[int, float], boost: float) -> dict[int, float]:
    return {n: score * boost for n, score in scores.items()}


def added(each: Iterator[dict[int, float]]) -> dict[int, float]:
    total: dict[int, float] = {}
    for scores in each:
        for n, score in scores.items():
            total[n] = total.get(n, 0.0) + score
    return total


def distance(a: str, b: str) -> int:
    """Levenshtein's."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row, last = [i], row
        for j, y in enumerate(b, 1):
            row.append(min(last[j] + 1, row[-1] + 1, last[j - 1] + (x != y)))
    return row[-1]


def corpus(sizes: Sequence[int], seed: int = 0, deleted: int = 0) -> Corpus:
    import random

    chance = random.Random(seed)
    weights = [1 / (i + 1) for i in range(len(WORDS))]
    numbers = iter(range(10_000))

    def row() -> Row:
        return Row(
            next(numbers),
            tuple(chance.choices(WORDS, weights, k=chance.randrange(10))),
            chance.randrange(300),
            chance.randrange(-500, 500) / 8,
            tuple(sorted(set(chance.choices(("x", "y", "z"), k=chance.randrange(3))))),
        )

    segments = [[row() for _ in range(size)] for size in sizes]
    total = sum(sizes)
    return Corpus(segments, frozenset(chance.sample(range(total), min(deleted, total))))


def fill(index: Any, corpus: Corpus) -> Any:
    for segment in corpus.segments:
        writer = index.writer()
        for row in segment:
            writer.add_document(**row.fields())
        writer.commit(merge=False)
    if corpus.deleted:
        writer = index.writer()
        for number in corpus.deleted:
            writer.delete_by_term("id", str(number))
        writer.commit(merge=False)
    return index


def stock(corpus: Corpus) -> Any:
    """Whoosh's own index and codec, in memory."""
    return fill(RamStorage().create_index(schema()), corpus)


def ours(corpus: Corpus, folder: Path) -> Any:
    """Our table of contents and codec."""
    return fill(create_whoosh(folder / "index", schema()), corpus)


def optimized(corpus: Corpus, folder: Path) -> Any:
    """The same, merged."""
    index = ours(corpus, folder)
    index.optimize()
    return index


def check(searcher: Any, oracle: Oracle, q: Any, limits: Sequence[int | None] = (None, 3)) -> None:
    expected = oracle.scores(q)
    found = searcher.search(q, limit=None)
    assert {int(hit["id"]): hit.score for hit in found} == pytest.approx(expected, rel=1e-5), q
    assert sorted(map(int, ids_of(searcher, searcher.docs_for_query(q)))) == sorted(expected), q
    with_terms = searcher.search(q, limit=None, terms=True)
    assert {int(hit["id"]): hit.score for hit in with_terms} == pytest.approx(expected, rel=1e-5), q
    for limit in limits:
        if limit is not None:
            best = sorted(expected.values(), reverse=True)[:limit]
            page = searcher.search(q, limit=limit)
            assert [hit.score for hit in page] == pytest.approx(best, rel=1e-5), q
            assert len(page) == len(expected), q


def ids_of(searcher: Any, numbers: Iterator[int]) -> list[str]:
    return [searcher.stored_fields(number)["id"] for number in numbers]


words = st.sampled_from(WORDS)
boosts = st.sampled_from((1.0, 1.0, 2.5, 0.5))
constant = st.booleans()
numbers = st.one_of(st.none(), st.integers(-3, 303))


@st.composite
def ranges(draw: Any) -> Any:
    kind = draw(st.sampled_from(("terms", "count", "low", "size", "when")))
    exclusive = {"startexcl": draw(constant), "endexcl": draw(constant), "boost": draw(boosts)}
    start, end = draw(numbers), draw(numbers)
    if kind == "terms":
        start, end = draw(st.one_of(st.none(), words)), draw(st.one_of(st.none(), words))
        return query.TermRange("body", start, end, constantscore=draw(constant), **exclusive)
    if kind == "when":
        times = (None if hours is None else START + timedelta(hours=hours) for hours in (start, end))
        return query.DateRange("when", *times, **exclusive)
    if kind == "size":
        start, end = (None if number is None else (number - 150) / 4 for number in (start, end))
    if kind == "low":
        start, end = (None if number is None else max(number, 0) for number in (start, end))
    return query.NumericRange(kind, start, end, **exclusive)


@st.composite
def patterns(draw: Any) -> Any:
    options = {"boost": draw(boosts), "constantscore": draw(constant)}
    return draw(
        st.sampled_from(
            (
                query.Prefix("body", "a", **options),
                query.Prefix("body", "日", **options),
                query.Prefix("body", "none", **options),
                query.Wildcard("body", "?b*", **options),
                query.Wildcard("body", "*本", **options),
                query.Regex("body", "[ab]b", **options),
                query.FuzzyTerm("body", "ab", **options),
                query.FuzzyTerm("body", "abb", maxdist=2, prefixlength=0, **options),
            )
        )
    )


@st.composite
def positional(draw: Any) -> Any:
    first, second, third = draw(words), draw(words), draw(words)
    slop = draw(st.integers(1, 3))
    return draw(
        st.sampled_from(
            (
                query.Phrase("body", [first, second], slop=slop, boost=draw(boosts)),
                query.Phrase("body", [first, second, third], slop=slop),
                spans.SpanNear2([query.Term("body", first), query.Term("body", second)], slop=slop, ordered=True),
                spans.SpanNear2([query.Term("body", first), query.Term("body", second)], slop=slop, ordered=False),
                spans.SpanNear2([query.Term("body", first), query.Prefix("body", "b")], slop=slop),
            )
        )
    )


terms = st.builds(lambda text, boost: query.Term("body", text, boost=boost), words, boosts)
leaves = st.one_of(
    terms,
    terms,
    ranges(),
    patterns(),
    positional(),
    st.builds(lambda tag: query.Term("tags", tag), st.sampled_from(("x", "y"))),
    st.builds(lambda name, boost: query.Every(name, boost=boost), st.sampled_from((None, "body", "tags")), boosts),
)


def compounds(each: Any) -> Any:
    several = st.lists(each, min_size=1, max_size=4)
    return st.one_of(
        st.builds(lambda subs, boost: query.And(subs, boost=boost), several, boosts),
        st.builds(lambda subs, boost: query.Or(subs, boost=boost), several, boosts),
        st.builds(lambda subs, boost: query.DisjunctionMax(subs, boost=boost), several, boosts),
        st.builds(query.AndMaybe, each, each),
        st.builds(query.AndNot, each, each),
        st.builds(query.Require, each, each),
        st.builds(query.Not, each),
        st.builds(query.ConstantScoreQuery, each, st.sampled_from((0.0, 1.0, 3.0))),
    )


queries = st.recursive(leaves, compounds, max_leaves=6)
CORPORA = {
    "empty": Corpus([]),
    "one": corpus([1]),
    "small": corpus([40], 1, deleted=7),
    "segments": corpus([17, 1, 60], 2, deleted=11),
    "several": corpus([5, 5, 5, 5], 3),
    "edges": corpus([129, 257], 4, deleted=30),
}


KINDS = {"stock": lambda corpus, _: stock(corpus), "ours": ours, "packed": ours, "optimized": optimized}
"""``packed``: with the structures that only large segments get."""


@pytest.fixture(scope="module", params=list(product(KINDS, CORPORA)), ids="-".join)
def case(request: pytest.FixtureRequest) -> Iterator[tuple[Any, Oracle]]:
    kind, name = request.param
    corpus = CORPORA[name]
    layout = Layout(hot_rows=1, hot_share=5) if kind == "packed" else Layout()
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(Writer, "layout", layout)
        index = KINDS[kind](corpus, Path(folder))
        with closing(Searcher(index.reader(), fromindex=index)) as searcher:
            yield searcher, Oracle(corpus.merged() if kind == "optimized" else corpus)


@settings(max_examples=60)
@given(q=queries)
def test_a_query_finds_what_it_means(case: tuple[Any, Oracle], q: Any) -> None:
    searcher, oracle = case
    check(searcher, oracle, q)


@settings(max_examples=30)
@given(sizes=st.lists(st.sampled_from(SIZES), max_size=3), seed=st.integers(0, 9), deleted=st.integers(0, 40))
def test_a_segment_of_any_size_finds_what_a_query_means(sizes: list[int], seed: int, deleted: int) -> None:
    made = corpus(sizes, seed, deleted)
    asked = [
        query.Or([query.Term("body", "a"), query.Term("body", "日本", boost=2.0), query.Term("body", "none")]),
        query.Phrase("body", ["a", "ab"]),
        query.NumericRange("count", 100, 200),
        query.Not(query.Term("tags", "x")),
    ]
    with TemporaryDirectory() as folder, closing(ours(made, Path(folder)).searcher()) as searcher:
        for q in asked:
            check(searcher, Oracle(made), q)


@pytest.mark.parametrize("name", CORPORA)
@pytest.mark.parametrize("limit", [None, 5])
def test_whoosh_s_own_searcher_finds_on_ours_what_it_finds_on_its_own(
    name: str, limit: int | None, tmp_path: Path
) -> None:
    """Where nothing of it is wrong: plain terms, phrases and conjunctions."""
    first, second = query.Term("body", "a"), query.Term("body", "ab")
    asked = [first, query.And([first, second]), query.Phrase("body", ["a", "ab"], slop=2), query.Term("tags", "x")]
    pair = [stock(CORPORA[name]), ours(CORPORA[name], tmp_path)]
    with closing(WhooshSearcher(pair[0].reader())) as theirs, closing(WhooshSearcher(pair[1].reader())) as on_ours:
        for q in asked:
            each = [[(hit["id"], hit.score) for hit in s.search(q, limit=limit)] for s in (theirs, on_ours)]
            assert [i for i, _ in each[0]] == [i for i, _ in each[1]]
            assert [score for _, score in each[0]] == pytest.approx([score for _, score in each[1]], rel=1e-5)
            assert len(theirs.search(q, limit=limit)) == len(on_ours.search(q, limit=limit))
