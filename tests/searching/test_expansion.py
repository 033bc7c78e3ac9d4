"""What a query's words are expanded by, as a reader sees it: what is found, what switches it off, what is told."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

import index
import search
from index.analysis import Analyzer
from index.errors import UsageError
from index.lexicon import Lexicon, open_lexicon
from index.records import entries_of
from search.engines.memory import MemoryEngine
from search.query import expansion
from search.query.compiler import compile_query
from search.query.expansion import Expander
from search.query.forms import Forms
from search.query.plan import CLASSES, SEQUENCE, operands
from search.query.variants import MOST, families, variants

ANALYZER = Analyzer()


@cache
def installed() -> Lexicon:
    return open_lexicon()


EXPANDER = Expander(ANALYZER, installed)


def found(query: str, *texts: str, off: list[str] | tuple[str, ...] = ()) -> dict[str, str]:
    """The tier of each text that a query finds."""
    documents = [index.Document(str(i), "", text) for i, text in enumerate(texts)]
    idx = search.Index(MemoryEngine(e for d in documents for e in entries_of(d, ANALYZER)), analyzer=ANALYZER)
    return {hit.text: hit.tier for hit in idx.search(query, off=off)}


@pytest.mark.parametrize(
    ("switch", "query", "text"),
    [
        ("readings", "とくしま", "徳島の海"),
        ("readings", "エヌビディア", "NVIDIAの決算"),
        ("romaji", "Tokushima", "徳島の海"),
        ("synonyms", "日銀", "日本銀行の総裁"),
        ("synonyms", "規制", "ルールを守る。"),
        ("variants", "斎藤", "齊藤さんの家"),
    ],
)
def test_a_class_can_be_switched_off(switch: str, query: str, text: str) -> None:
    assert found(query, text)
    assert not found(query, text, off=[switch])
    assert found(query, text, off=[name for name in CLASSES if name != switch])


def test_an_unknown_switch_is_told_by_name() -> None:
    with pytest.raises(UsageError, match="'synonym': they are readings"):
        found("規制", "規制", off=["synonym"])


@pytest.mark.parametrize("query", ['"日銀"', "「とくしま」", "会議 -日銀"])
def test_what_is_quoted_or_excluded_is_taken_as_it_is(query: str) -> None:
    plan, _ = compile_query(query, ANALYZER, expander=EXPANDER)
    strict = [o for o in operands(plan, excluded=True) if o.text != "会議"]
    assert strict
    assert not any(unit for operand in strict for run in operand.runs for unit in run.units)


def test_an_exclusion_leaves_other_names_of_the_same_in() -> None:
    assert found("総裁 -日銀", "日本銀行の総裁", "日銀の総裁") == {"日本銀行の総裁": "word"}


def test_a_word_with_more_homophones_than_are_searched_is_told() -> None:
    _, warnings = compile_query("きこう", ANALYZER, expander=EXPANDER)
    assert warnings == ["きこう has more readings than can be searched: only the likeliest are"]


def test_no_table_is_opened_for_what_is_switched_off() -> None:
    def opened() -> Lexicon:
        raise AssertionError("the tables are opened")

    expander = Expander(ANALYZER, opened)
    compile_query("輸出規制 とくしま Tokyo", ANALYZER, expander=expander, off=frozenset(CLASSES))
    compile_query("斎藤", ANALYZER, expander=expander, off=frozenset(CLASSES) - {"glosses"})


def test_what_documents_say_a_word_is_stands_for_it() -> None:
    glosses = {"ディープシーク": ["日米会議"], "日米会議": ["ディープシーク"]}
    expander = Expander(ANALYZER, installed, lambda form: glosses.get(form, ()))
    plan, _ = compile_query("ディープシーク", ANALYZER, expander=expander)
    (operand,) = operands(plan)
    units = [unit for unit in operand.runs[0].units if unit.why == "gloss"]
    assert [(unit.first, unit.last, unit.terms, unit.loose) for unit in units] == [
        (0, 1, (f"日米{SEQUENCE}会議",), False)
    ]
    plan, _ = compile_query("日米会議", ANALYZER, expander=expander)
    assert not [unit for operand in operands(plan) for unit in operand.runs[0].units if unit.why == "gloss"]


def test_function_words_are_taken_for_others_only_where_nothing_else_is_asked() -> None:
    assert found("なら", "奈良の大仏") == {"奈良の大仏": "word"}
    assert found("輸出 なら", "輸出が増えた。") == {"輸出が増えた。": "word"}


@pytest.mark.parametrize(
    ("form", "term"),
    [
        ("規制", "規制"),
        ("子ども", "子供"),
        ("教育委員会", "教育委員会"),
        ("ディープシーク", f"ディープ{SEQUENCE}シーク"),
        ("ＮＶＩＤＩＡ", "nvidia"),
        ("！", None),
        ("", None),
    ],
)
def test_a_written_form_has_a_term(form: str, term: str | None) -> None:
    assert Forms(ANALYZER).term_of(form) == term


def test_families_of_kanji_share_no_kanji_and_are_bounded() -> None:
    assert all(set(family) == set(families()[kanji]) for kanji, family in families().items() for kanji in family)
    assert variants("規制") == ((), False)
    forms, cut = variants("斎藤")
    assert forms == ("斉藤", "齋藤", "齊藤")
    assert not cut
    forms, cut = variants("斎渡邊島崎")
    assert len(forms) == len(set(forms)) == MOST
    assert cut


@given(st.text("いるかきこうとくしまはしった東京都庁規制会ディープシークーabentoukyō'- ・、。「」OR", max_size=60))
def test_whatever_is_asked_its_expansion_is_bounded(query: str) -> None:
    try:
        plan, _ = compile_query(query, ANALYZER, expander=EXPANDER)
    except UsageError:
        return
    for operand in operands(plan):
        for run in operand.runs:
            assert all(concept.terms for concept in run.concepts)
            for unit in run.units:
                assert 0 <= unit.first <= unit.last < len(run.concepts)
                assert 0 < len(unit.terms) <= expansion.MOST
                assert 0 < unit.weight <= 1


def test_of_many_words_the_first_are_expanded_and_the_reader_is_told() -> None:
    words = [f"規制{i}号" for i in range(60)]
    plan, warnings = compile_query("の".join(words), ANALYZER, expander=EXPANDER)
    assert "the query has many words: those behind the first 100 are taken as they are" in warnings
    (operand,) = operands(plan)
    assert any(unit.why == "synonym" for unit in operand.runs[0].units)
    assert not any(unit.why == "synonym" for unit in operand.runs[-1].units)
