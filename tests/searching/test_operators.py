"""Operators of queries: what they find among documents that have fields, and what they make of nonsense."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

import index
import search
from index.analysis import Analyzer
from index.analysis.mentions import is_word
from index.records import entries_of
from search.engines.memory import MemoryEngine
from search.fields import meets
from search.query.compiler import BEGINNING, compile_query
from search.query.conditions import asked
from search.query.plan import All, Either, Operand, Where, operands

ANALYZER = Analyzer()
DOCUMENTS = [
    index.Document(
        "trade",
        "輸出規制の歴史",
        "政府は輸出の規制を強めた。",
        "a/trade.txt",
        {"year": 2024, "date": "2024-11-30", "category": "経済", "price": 100, "著者": "夏目漱石"},
    ),
    index.Document(
        "chips",
        "半導体",
        "輸出規制が半導体に及ぶ。",
        "a/chips.txt",
        {"year": 2025, "date": "2025-01-20", "category": ["技術", "経済"], "price": 150.5, "author": "森鷗外"},
    ),
    index.Document(
        "ships",
        "船の輸出",
        "船を造り、海外へ売る。規制は少ない。",
        "b/ships.txt",
        {"year": 2019, "date": "2019-04-01", "category": "産業", "price": 2000, "old": True},
    ),
    index.Document("plain", "覚え書き", "規制の話。12:30に会う。"),
]


@pytest.fixture(scope="module", params=["memory", "embedded"])
def idx(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[search.Index]:
    if request.param == "memory":
        entries = [entry for document in DOCUMENTS for entry in entries_of(document, ANALYZER)]
        yield search.Index(MemoryEngine(entries), analyzer=ANALYZER)
        return
    directory = tmp_path_factory.mktemp("operators") / "index"
    index.build(DOCUMENTS, directory)
    with search.open_index(directory) as opened:
        yield opened


def found(idx: search.Index, query: str, tier: str = "word") -> set[str]:
    return {hit.document for hit in idx.search(query, limit=100) if hit.tier == tier}


@pytest.mark.parametrize(
    ("query", "documents"),
    [
        ("title:輸出", "trade ships"),
        ("タイトル：輸出規制", "trade"),
        ("ＴＩＴＬＥ：輸出", "trade ships"),
        ("title: 輸出", "trade ships"),
        ("body:輸出", "trade chips"),
        ("本文：輸出 title:輸出", "trade"),
        ("title:輸出｜半導体", "trade ships chips"),
        ("title:(輸出 -船)", "trade"),
        ("title:(輸出 body:規制)", "trade ships"),
        ('title:"輸出規制"', "trade"),
        ('title:"歴史 輸出"~2', "trade"),
        ("title:輸*", "trade ships"),
        ("規制 -title:輸出", "chips plain"),
    ],
)
def test_fields_of_the_text(idx: search.Index, query: str, documents: str) -> None:
    assert found(idx, query) == set(documents.split())


@pytest.mark.parametrize(
    ("query", "documents"),
    [
        ("規制 year:2024..", "trade chips"),
        ("規制 year:..2024", "trade ships"),
        ("規制 year:[2019 TO 2024]", "trade ships"),
        ("規制 year:［２０２４ TO *］ -date:2024", "chips"),
        ("規制 年：[平成31年 ＴＯ 令和元年]", "ships"),
        ("規制 year:2019…2024", "trade ships"),
        ("規制 年：２０１９～２０２４", "trade ships"),
        ("規制 年：令和6年〜", "trade chips"),
        ("規制 年：平成31年", "ships"),
        ("規制 年：令和元年〜令和6年", "trade ships"),
        ("規制 日付：令和7年", "chips"),
        ("規制 日付：令和7年1月", "chips"),
        ("規制 date:2025年1月20日", "chips"),
        ("規制 date:2025/1/20", "chips"),
        ("規制 date:2024", "trade"),
        ("規制 date:2024-11..2025-01", "trade chips"),
        ("規制 date:2024年11月〜", "trade chips"),
        ("規制 date:〜2019-03", ""),
        ("規制 price:100..200", "trade chips"),
        ("規制 price:>=100", "trade chips ships"),
        ("規制 price:>100", "chips ships"),
        ("規制 price：＜150.5", "trade"),
        ("規制 価格：≦１５０．５", "trade chips"),
        ("規制 price:2,000", "ships"),
        ("規制 price:1..2,000", "trade chips ships"),
        ("規制 price:2000.0", "ships"),
        ("規制 category:経済", "trade chips"),
        ("規制 category:経", ""),
        ("規制 category:経*", "trade chips"),
        ("規制 カテゴリー：経済 -category:技術", "trade"),
        ("規制 category:産業｜技術", "chips ships"),
        ("規制 category:(経済 技術)", "chips"),
        ("規制 category:(経済 -技術)", "trade"),
        ("規制 分類：「経済」", "trade chips"),
        ("規制 old:true", "ships"),
        ("規制 date:*", "trade chips ships"),
        ("規制 -date:*", "plain"),
        ("規制 著者：夏目漱石", "trade"),
        ("規制 author:森鷗外", "chips"),
        ("規制 path:a/..a/z", "trade chips"),
        ("規制 document:plain", "plain"),
        ("category:産業 OR 半導体", "ships chips"),
        ("category:産業 OR (半導体 year:2020)", "ships"),
        ("半導体 OR (-規制 year:2019)", "chips"),
    ],
)
def test_values_of_documents(idx: search.Index, query: str, documents: str) -> None:
    assert found(idx, query) == set(documents.split())


@pytest.mark.parametrize(("query", "ids"), [("year:2020..", "trade chips"), ("年：令和7年 OR old:true", "chips ships")])
def test_conditions_alone_list_documents_in_their_order(idx: search.Index, query: str, ids: str) -> None:
    results = idx.search(query, explain=True)
    assert [hit.document for hit in results] == ids.split()
    assert (results.total, results.total_is_exact) == (2, True)
    assert all(hit.score == 0 and hit.tier == "word" and not hit.highlights for hit in results)
    assert [hit.explanation for hit in results] == [(), ()]


def test_only_excluded_values_are_a_usage_error(idx: search.Index) -> None:
    with pytest.raises(search.UsageError):
        idx.search("-year:2020..")


def test_a_condition_that_nothing_meets_is_told(idx: search.Index) -> None:
    diagnosed = idx.search("規制 年：1999").diagnosis
    assert diagnosed is not None
    assert [(each.text, each.total, each.total_without) for each in diagnosed] == [("規制", 4, 0), ("年:1999", 0, 4)]


@pytest.mark.parametrize(
    ("query", "warning"),
    [
        ("規制 date:2025-03..2025-01", "date:2025-03..2025-01 can meet nothing: 2025-03 comes after 2025-01"),
        ("規制 date:2025-03..2025", None),
        ("規制 price:2000〜1000", "price:2000〜1000 can meet nothing: 2000 comes after 1000"),
        ("規制 price:900..1000", None),
        ("規制 date:foo..bar", "date:foo..bar can meet nothing: foo comes after bar"),
        ("規制 date:2025-99-99", "date:2025-99-99 is no date"),
        ("規制 date:2025年2月30日..", "date:2025年2月30日.. is no range of dates: there is no 2025-02-30"),
        ("規制 date:2024-02-29", None),
        ('規制 date:"2025-99-99"', None),
        ('"輸出 規制"~', "~ behind a quotation is no distance: give a number (~5)"),
        ('"輸出 規制"~abc', "~abc behind a quotation is no distance: give a number (~5)"),
        ("「輸出」〜「規制」", None),
        ("(NOT 規制) OR 輸出", "NOT 規制 is left out: an exclusion needs a word beside it to search for"),
        ("(-year:2024 -船) OR 輸出", "NOT 船 year:2024 is left out: an exclusion needs a word beside it to search for"),
        ("輸出 ー中国", "ー中国 is read as -中国: no word begins with ー"),
        ("輸出 −中国", None),
        ("ー中国", None),
    ],
)
def test_what_makes_no_sense_is_told(idx: search.Index, query: str, warning: str | None) -> None:
    assert list(idx.search(query).warnings) == ([warning] if warning else [])


NO_FIELDS = ["12:30", "そもそも：規制", "http://規制/", "規制: 話", "https://example.com/a?b=c:d", "：規制"]


@pytest.mark.parametrize("query", NO_FIELDS)
def test_what_is_no_field_is_words(idx: search.Index, query: str) -> None:
    results = idx.search(query)
    assert not results.warnings
    plan, _ = compile_query(query, ANALYZER, None)
    assert all(not operand.fields for operand in operands(plan))


def test_boosts_multiply_what_their_words_add(idx: search.Index) -> None:
    plain = idx.search("輸出規制 半導体", explain=True).hits[0]
    boosted = idx.search("輸出規制^2 半導体^0.5", explain=True).hits[0]
    assert (plain.document, boosted.document) == ("chips", "chips")
    assert plain.explanation is not None
    assert boosted.explanation is not None
    for before, after in zip(plain.explanation, boosted.explanation, strict=True):
        factor = 2 if before.concept in "輸出規制" else 0.5
        assert after.weight == pytest.approx(before.weight * factor)
        assert after.score == pytest.approx(before.score * factor)
    assert boosted.score == pytest.approx(sum(part.score for part in boosted.explanation))


def test_a_boost_changes_the_order(idx: search.Index) -> None:
    assert idx.search("船^5 OR 半導体").hits[0].document == "ships"
    assert idx.search("船 OR 半導体＾５").hits[0].document == "chips"
    assert idx.search('(船) OR ("半導体" OR 半導体)^5').hits[0].document == "chips"


def test_boosts_inside_each_other_stay_within_bounds() -> None:
    plan, _ = compile_query("((輸出^10)^10 OR 規制^3)^2", ANALYZER)
    assert [operand.boost for operand in operands(plan)] == [10, 6]


def test_a_beginning_stands_for_the_most_frequent_words() -> None:
    words = ["abc" + chr(97 + i // 26) + chr(97 + i % 26) for i in range(BEGINNING + 5)]
    texts = [f"{word}を見た。" for word in [*words, words[-1], "abd"]]
    many = [index.Document(str(i), "", text) for i, text in enumerate(texts)]
    idx = search.Index(MemoryEngine(entry for each in many for entry in entries_of(each, ANALYZER)), analyzer=ANALYZER)
    results = idx.search("ABC＊", all_passages=True, limit=1000)
    assert results.word == BEGINNING + 1
    assert any("205 words begin with ABC: the 200 most frequent are searched" in each for each in results.warnings)
    assert not idx.search("abd*").warnings


def test_a_beginning_of_several_slots() -> None:
    texts = ["輸出規制品の表", "輸出の規制の表", "輸出の表"]
    documents = [index.Document(str(i), "", text) for i, text in enumerate(texts)]
    idx = search.Index(MemoryEngine(e for each in documents for e in entries_of(each, ANALYZER)), analyzer=ANALYZER)
    assert found(idx, "輸出規*") == {"0", "1"}


def test_bars_between_words_bind_before_blanks_and_or_after_them() -> None:
    plan, _ = compile_query("輸出｜輸入 規制", ANALYZER)
    assert isinstance(plan, All)
    assert [type(part) for part in plan.parts] == [Either, Operand]
    plan, _ = compile_query("輸出 ｜ 輸入 規制", ANALYZER)
    assert isinstance(plan, Either)
    assert [type(part) for part in plan.parts] == [Operand, All]
    plan, _ = compile_query("輸出||「輸入」｜（船 車）", ANALYZER)
    assert isinstance(plan, Either)
    assert [type(part) for part in plan.parts] == [Operand, Operand, All]


@pytest.mark.parametrize(
    ("typed", "met", "unmet"),
    [
        ("2025-01", ["2025-01", "2025-01-31"], ["2025-02", "2025-010", 2025]),
        ("2020", [2020, 2020.0, "2020", "2020-05"], ["20205", 2021]),
        ("令和6年", [2024, "2024", "2024-12-31"], ["2025-01-01", 2025]),
        ("平成元年4月", ["1989-04-30"], ["1989-05-01", 1989]),
        ("2020..2022", [2020, 2022, "2022-12-31"], [2023, "2019-12-31"]),
        ("2025.1.20〜", ["2025-01-20", "2026"], ["2025-01-19"]),
        ("1.5", [1.5], [1, "2001-05"]),
        ("1234.5", [1234.5], ["1234-05-01"]),
        (">=1,000", [1000, 2000], [999]),
        ("ＡＩ", ["AI", "ＡＩ"], ["A"]),
        ("A〜B", ["A〜B", "A", "B"], ["C"]),
        ("*", [0, "a", True], []),
    ],
)
def test_what_values_a_query_asks_for(typed: str, met: list[object], unmet: list[object]) -> None:
    filters = asked("f", typed).filters
    for value in met:
        assert any(meets(value, each.value) for each in filters), value  # type: ignore[arg-type]  # scalars of all kinds
    for value in unmet:
        assert not any(meets(value, each.value) for each in filters), value  # type: ignore[arg-type]


def test_values_are_no_words() -> None:
    assert not any(map(is_word, ["d:2025-01", "e:令和7", "g:deepseek=ディープシーク"]))
    assert all(map(is_word, ["輸出", "d", "deepseek", "ディープシーク"]))


def test_what_is_quoted_is_the_value_itself() -> None:
    assert [each.value for each in asked("f", "2020..", quoted=True).filters] == ["2020.."]
    plan, _ = compile_query('year:"2020.."', ANALYZER, MemoryEngine(entries_of(DOCUMENTS[0], ANALYZER)))
    assert isinstance(plan, Where)


PIECES = [*'-－−―ー株[]|｜()（）"＂“”「」*＊^＾~～〜:：.…<>=2０', " ", "　", "OR", "NOT", " TO "]
PIECES += ["title", "タイトル", "year", "輸出", "規制", "の", "abc"]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_no_query_is_an_error_but_one_that_asks_for_nothing(query: str) -> None:
    engine = MemoryEngine(entry for document in DOCUMENTS for entry in entries_of(document, ANALYZER))
    refused = pytest.raises(search.UsageError, match="give a word")
    try:
        compile_query(query, ANALYZER, engine)
    except search.UsageError:
        with refused:
            search.Index(engine, analyzer=ANALYZER).search(query)
    else:
        search.Index(engine, analyzer=ANALYZER).search(query, explain=True)


@pytest.mark.parametrize("query", ["輸出|" * 400, "年：" * 1000, "輸|年：" * 500, "NOT " * 500 + "輸出"])
def test_a_long_row_of_operators_is_read(query: str) -> None:
    engine = MemoryEngine(entry for document in DOCUMENTS for entry in entries_of(document, ANALYZER))
    plan, warnings = compile_query(f"{query} 規制", ANALYZER, engine)
    assert any("規制" in operand.text for operand in operands(plan)) or warnings
