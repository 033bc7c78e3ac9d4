"""What every engine must do alike: the same passages, tiers, scores, order and counts as the brute-force one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import index
from index.analysis import Analyzer
from index.builder import entries_of
from index.errors import UsageError
from search.engines import Engine, Request
from search.engines.embedded import EmbeddedEngine
from search.engines.memory import MemoryEngine
from search.query.compiler import compile_query

ANALYZER = Analyzer()

WORDS = [
    "輸出",
    "規制",
    "輸出規制",
    "半導体",
    "教育委員会",
    "委員会",
    "国際",
    "國際",
    "データ",
    "ﾃﾞｰﾀ",
    "センター",
    "AI",
    "ＡＩ",
]
WORDS += [
    "米国",
    "日本",
    "東京都",
    "京都",
    "申込",
    "申し込み",
    "走る",
    "走った",
    "食べない",
    "こと",
    "する",
    "5000億",
    "五千億",
]
SIGNS = ["の", "を", "は", "に", "。", "、", "・", " ", "　", "\n", "\n\n", "「", "」", "（", "）", "ー", "と", "した"]
texts = st.lists(st.sampled_from(WORDS + SIGNS), max_size=40).map("".join)
titles = st.lists(st.sampled_from(WORDS), max_size=2).map("".join)
documents = st.lists(st.tuples(titles, texts), min_size=1, max_size=6)
asked = st.lists(
    st.sampled_from([*WORDS, *WORDS, "の", "を", " ", " ", " OR ", " -", '"', "(", ")", "「", "」"]),
    min_size=1,
    max_size=7,
).map("".join)


def corpus(given: Sequence[tuple[str, str]]) -> list[index.Document]:
    return [index.Document(str(i), title, text or "空") for i, (title, text) in enumerate(given)]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents, st.lists(asked, min_size=4, max_size=12), st.integers(0, 3), st.integers(1, 12), st.booleans())
def test_embedded_answers_as_the_oracle_does(
    tmp_path_factory: pytest.TempPathFactory,
    given: list[tuple[str, str]],
    queries: list[str],
    offset: int,
    limit: int,
    all_passages: bool,
) -> None:
    made = corpus(given)
    entries = [entry for document in made for entry in entries_of(document, ANALYZER)]
    if not entries:
        return
    directory = tmp_path_factory.mktemp("contract") / "index"
    index.build(made, directory)
    oracle, engine = MemoryEngine(entries), EmbeddedEngine(directory)
    try:
        for query in queries:
            assert_same(oracle, engine, query, offset, limit, all_passages)
    finally:
        engine.close()


def assert_same(oracle: Engine, engine: Engine, query: str, offset: int, limit: int, all_passages: bool) -> None:
    try:
        plan, _ = compile_query(query, ANALYZER)
    except UsageError:
        return
    request = Request(plan, offset, limit, all_passages)
    expected, found = oracle.retrieve(request), engine.retrieve(request)
    assert (found.word, found.partial) == (expected.word, expected.partial)
    assert [hit.passage for hit in found.page] == [hit.passage for hit in expected.page]
    for mine, theirs in zip(found.page, expected.page, strict=True):
        assert (mine.judgement, mine.similar) == (theirs.judgement, theirs.similar)
        assert mine.score == pytest.approx(theirs.score, abs=1e-9)
        assert sum(part.score for part in mine.parts) == pytest.approx(mine.score, abs=1e-9)
        assert [part[:5] for part in mine.parts] == [part[:5] for part in theirs.parts]
        for field in ("title", "headings", "body"):
            assert mine.view.text(field) == theirs.view.text(field)
            assert list(mine.view.spans(field)) == list(theirs.view.spans(field))
            assert mine.view.marks(field) == theirs.view.marks(field)


@pytest.fixture(params=["memory", "embedded"])
def open_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[type]:
    """Opens an engine of each kind over documents."""
    opened: list[Engine] = []

    def opening(*made: index.Document) -> Engine:
        if request.param == "memory":
            opened.append(MemoryEngine(entry for document in made for entry in entries_of(document, ANALYZER)))
        else:
            index.build(made, tmp_path / "index")
            opened.append(EmbeddedEngine(tmp_path / "index"))
        return opened[-1]

    yield opening  # type: ignore[misc]  # a function that opens, typed at its calls
    for engine in opened:
        engine.close()


def found(engine: Engine, query: str, offset: int = 0, limit: int = 10) -> list[str]:
    plan, _ = compile_query(query, ANALYZER)
    return [hit.view.document for hit in engine.retrieve(Request(plan, offset, limit)).page]


def test_a_whole_unit_ranks_above_a_part_of_one(open_engine) -> None:  # type: ignore[no-untyped-def]
    engine = open_engine(
        index.Document("inside", "", "教育委員会の会議が昨日あった。"),
        index.Document("whole", "", "委員会の会議が昨日あった。"),
    )
    assert found(engine, "委員会") == ["whole", "inside"]


def test_adjacent_ranks_above_linked(open_engine) -> None:  # type: ignore[no-untyped-def]
    engine = open_engine(
        index.Document("linked", "", "輸出の規制が強まった。"), index.Document("adjacent", "", "輸出規制が強まったよ。")
    )
    assert found(engine, "輸出規制") == ["adjacent", "linked"]


def test_ties_stand_in_the_order_of_documents(open_engine) -> None:  # type: ignore[no-untyped-def]
    engine = open_engine(*(index.Document(name, "", "輸出規制が続く。") for name in "cabd"))
    assert found(engine, "輸出規制") == ["c", "a", "b", "d"]
    assert found(engine, "輸出規制", offset=1, limit=2) == ["a", "b"]


def test_partial_hits_come_after_all_word_hits_and_only_where_those_do_not_fill_the_page(open_engine) -> None:  # type: ignore[no-untyped-def]
    engine = open_engine(
        index.Document("partial", "", "東京都" * 5),
        index.Document("word", "", "寺の多い京都へ行き、長い一日を過ごした。"),
    )
    plan, _ = compile_query("京都", ANALYZER)
    assert found(engine, "京都") == ["word", "partial"]
    full = engine.retrieve(Request(plan, limit=1))
    assert (full.word, full.partial) == (1, None)
    wide = engine.retrieve(Request(plan, limit=2))
    assert (wide.word, wide.partial) == (1, 1)


def test_three_passages_of_a_document_and_the_number_of_the_rest(open_engine) -> None:  # type: ignore[no-untyped-def]
    sentence = "政府は輸出規制を強めるという方針を示し、各国の企業に対応を求めた。"
    engine = open_engine(index.Document("long", "", sentence * 60), index.Document("short", "", sentence))
    plan, _ = compile_query("輸出規制", ANALYZER)
    few = engine.retrieve(Request(plan, limit=100))
    every = engine.retrieve(Request(plan, limit=100, all_passages=True))
    of_long = [hit for hit in few.page if hit.view.document == "long"]
    assert len(of_long) == 3
    assert sum(hit.similar for hit in of_long) == len(every.page) - 4
    assert few.word == len(every.page) == every.word


def test_words_of_the_title_and_the_headings_count(open_engine) -> None:  # type: ignore[no-untyped-def]
    engine = open_engine(
        index.Document("titled", "半導体の輸出規制", "政府は新しい措置を決めた。"),
        index.Document("other", "題", "半導体の措置を決めた。"),
    )
    assert found(engine, "輸出規制 措置") == ["titled"]


def test_a_document_comes_back_whole(open_engine) -> None:  # type: ignore[no-untyped-def]
    text = "  一つ目。\n\n二つ目の文。" * 200
    engine = open_engine(
        index.Document("a", "題", text, None, {"n": [1, {"x": "y"}]}), index.Document("b", "", "別の文。")
    )
    document = engine.document("a")
    assert document is not None
    assert (document.text, document.title, document.fields) == (text, "題", {"n": [1, {"x": "y"}]})
    assert engine.document("c") is None


def test_words_that_two_alternatives_share_count_for_whichever_is_met(open_engine) -> None:  # type: ignore[no-untyped-def]
    engine = open_engine(index.Document("a", "", "輸出管理の話。"), index.Document("b", "", "別の話。"))

    def score(query: str) -> float:
        plan, _ = compile_query(query, ANALYZER)
        return float(engine.retrieve(Request(plan, limit=1)).page[0].score)

    assert score("輸出規制 OR 輸出管理") == pytest.approx(score("輸出管理"))
    assert score("輸出管理 OR 輸出管理") == pytest.approx(score("輸出管理"))
    assert score("輸出管理 輸出") > score("輸出管理")
