"""Filters, sorting and counts: every engine does what the plain functions on a document's fields say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import index
from index import Document
from index.analysis import Analyzer
from index.records import entries_of
from index.verify import verify
from search.arrays.kernels import Kernels
from search.engines import Engine, Request, Retrieved
from search.engines.embedded import EmbeddedEngine
from search.engines.memory import MemoryEngine
from search.fields import Filter, Sort
from search.query.compiler import compile_query

ANALYZER = Analyzer()
NAMES = ["year", "date", "tags", "path", "無"]
PLAIN = [
    2020,
    2020.0,
    2021,
    7,
    -1.5,
    "2020",
    "2021-04-01",
    "2021-04",
    "a",
    "b",
    "规",
    "\U00020bb7",
    True,
    False,
    None,
    "",
]
TYPED = ["2020", "2020.0", "7", "a", "true", "2021-04-01", "b", "..", "2020..", "..2021", "2020..2021", "a..", "7..b"]
TYPED += ["2021..2021-04", "b..a", "9..1", "-2..0", "題..", "0..1e9", "x"]
values = st.sampled_from(PLAIN) | st.lists(st.sampled_from(PLAIN), max_size=3) | st.just({"a": 1}) | st.just("長" * 300)
fields = st.dictionaries(st.sampled_from(NAMES[:-1]), values, max_size=4)
TEXTS = [
    "輸出規制が続く。",
    "東京都の輸出。",
    "規制の話。",
    "京都。",
    "政府は輸出規制を強め、各国の企業に対応を求めた。" * 30,
]
records = st.tuples(st.sampled_from(TEXTS), fields)
filters = st.lists(
    st.builds(Filter, st.sampled_from([*NAMES, "title", "document"]), st.sampled_from(TYPED)), max_size=3
)
sorts = st.none() | st.builds(Sort, st.sampled_from([*NAMES, "title"]), st.booleans())
QUERIES = ["輸出規制", "京都", "規制 OR 京都", "無い語"]
QUERIES += ["year:2020..", "輸出 -year:>2020", "日付：2021年 OR 京都", "規制 (tags:a｜b OR year:<=7)", "無:* OR tags:*"]
asked = st.tuples(st.sampled_from(QUERIES), filters, sorts, st.integers(1, 9))


def answer(engine: Engine, query: str, filters: Sequence[Filter], sort: Sort | None, limit: int) -> Retrieved:
    plan, _ = compile_query(query, ANALYZER, engine)
    return engine.retrieve(Request(plan, 0, limit, False, tuple(filters), sort, tuple(NAMES)))


def places(found: Retrieved) -> list[tuple[str, int]]:
    return [(hit.view.document, hit.view.place[0]) for hit in found.page]


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(
    st.lists(records, min_size=1, max_size=8),
    st.floats(0, 1),
    st.sets(st.integers(0, 7)),
    st.lists(asked, min_size=4, max_size=12),
)
def test_embedded_answers_as_the_oracle_does(
    kernels: Kernels,
    made: list[tuple[str, dict[str, object]]],
    cut: float,
    deleted: set[int],
    questions: list[tuple[str, list[Filter], Sort | None, int]],
) -> None:
    documents = [Document(str(i), "題", text, None, own) for i, (text, own) in enumerate(made)]
    first = max(1, int(cut * len(documents)))
    live = [document for i, document in enumerate(documents) if i not in deleted]
    with TemporaryDirectory() as folder:
        directory = Path(folder) / "i"
        index.build(documents[:first], directory)
        middle = (first + len(documents)) // 2
        for more in (documents[first:middle], documents[middle:]):
            if more:
                index.add(more, directory)
        gone = [document.id for i, document in enumerate(documents) if i in deleted]
        if gone:
            index.delete(gone, directory)
        oracle = MemoryEngine(entry for document in live for entry in entries_of(document, ANALYZER))
        engine = EmbeddedEngine(directory, kernels)
        assert verify(directory, deep=True) == []
        assert engine.fields() == oracle.fields()
        for name in NAMES:
            assert engine.has_field(name) == oracle.has_field(name)
        for question in questions:
            expected, found = answer(oracle, *question), answer(engine, *question)
            assert (found.word, found.partial) == (expected.word, expected.partial)
            assert places(found) == places(expected)
            assert kinds(found) == kinds(expected)
        engine.close()


def kinds(found: Retrieved) -> dict[str, list[tuple[type, object, int]]]:
    """The counts, true and 1 told apart."""
    return {name: [(type(value), value, count) for value, count in counts] for name, counts in found.facets.items()}


@pytest.fixture(params=["memory", "embedded", "embedded in several segments"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Engine]]:
    """Opens an engine of each kind over documents."""
    engines: list[Engine] = []

    def opening(*made: Document) -> Engine:
        if request.param == "memory":
            engines.append(MemoryEngine(entry for document in made for entry in entries_of(document, ANALYZER)))
            return engines[-1]
        parts = [made] if request.param == "embedded" else [[document] for document in made]
        index.build(parts[0], tmp_path / "index")
        for part in parts[1:]:
            index.add(part, tmp_path / "index")
        engine = EmbeddedEngine(tmp_path / "index")
        assert len(engine.generation.segments) == len(parts)
        engines.append(engine)
        return engine

    yield opening
    for engine in engines:
        engine.close()


def test_hits_stand_in_the_order_of_a_field_and_those_without_it_last(opened: Callable[..., Engine]) -> None:
    text = "輸出規制が続く。"
    engine = opened(
        Document("none", "", text),
        Document("late", "", f"{text}規制と輸出。", fields={"date": "2025-12-01"}),
        Document("both", "", text, fields={"date": ["2025-01-01", "2026-01-01"]}),
        Document("early", "", text, fields={"date": "2024-01-01"}),
        Document("same", "", text, fields={"date": "2025-12-01"}),
        Document("inside", "", "東京都の輸出規制委員会。", fields={"date": "2020-01-01"}),
    )
    ascending = answer(engine, "輸出規制", [], Sort("date"), 9)
    assert [hit.view.document for hit in ascending.page][-4:] == ["both", "late", "same", "none"]
    descending = answer(engine, "輸出規制", [], Sort("date", True), 9)
    assert [hit.view.document for hit in descending.page][:4] == ["both", "late", "same", "early"]
    assert descending.page[-1].view.document == "none"


def test_word_hits_stay_before_partial_ones_in_any_order(opened: Callable[..., Engine]) -> None:
    engine = opened(
        Document("partial", "", "東京都の話。", fields={"n": 1}),
        Document("word", "", "京都の話。", fields={"n": 3}),
        Document("first", "", "京都へ行く。", fields={"n": 2}),
    )
    found = answer(engine, "京都", [], Sort("n"), 9)
    assert [hit.view.document for hit in found.page] == ["first", "word", "partial"]
    assert (found.word, found.partial) == (2, 1)
    assert found.facets["year"] == []


def test_facets_count_passages_of_the_word_tier_on_all_pages(opened: Callable[..., Engine]) -> None:
    engine = opened(
        Document("long", "", "政府は輸出規制を強め、各国の企業に対応を求めた。" * 40, fields={"tags": ["b", "a", "b"]}),
        Document("short", "", "輸出規制が続く。", fields={"tags": ["a"], "year": 2020.0}),
        Document("other", "", "輸出の話。", fields={"tags": ["c"]}),
    )
    found = answer(engine, "輸出規制", [], None, 1)
    of_long = found.word - 1
    assert of_long > 1
    assert found.facets["tags"] == [("a", of_long + 1), ("b", of_long)]
    assert found.facets["year"] == [(2020, 1)]
    assert found.facets["無"] == []


def test_twenty_values_are_told_the_most_frequent_first(opened: Callable[..., Engine]) -> None:
    tags: list[object] = [[f"{n:02}" for n in range(30)], [f"{n:02}" for n in range(5, 30)], ["29"]]
    engine = opened(*(Document(str(i), "", "輸出規制。", fields={"tags": own}) for i, own in enumerate(tags)))
    found = answer(engine, "輸出規制", [], None, 1)
    expected = [("29", 3), *((f"{n:02}", 2) for n in range(5, 24))]
    assert found.facets["tags"] == expected


def test_the_documents_own_names_are_fields_unless_it_has_one(opened: Callable[..., Engine]) -> None:
    engine = opened(
        Document("a", "題", "輸出規制。", "x/1.txt"),
        Document("b", "題", "輸出規制。", "x/2.txt", {"path": "mine", "title": None}),
    )

    def having(field: str, value: str) -> list[str]:
        return [hit.view.document for hit in answer(engine, "輸出規制", [Filter(field, value)], None, 9).page]

    assert having("document", "b") == ["b"]
    assert having("title", "題") == ["a"]
    assert having("path", "x/..x/9") == ["a"]
    assert having("path", "mine") == ["b"]


def test_filters_do_not_change_scores(opened: Callable[..., Engine]) -> None:
    engine = opened(
        Document("a", "", "輸出規制が続く。", fields={"n": 1}),
        Document("b", "", "輸出規制。規制の話。", fields={"n": 2}),
    )
    scores = {hit.view.document: hit.score for hit in answer(engine, "輸出規制", [], None, 9).page}
    (only,) = answer(engine, "輸出規制", [Filter("n", "2")], None, 9).page
    assert only.score == pytest.approx(scores["b"])
