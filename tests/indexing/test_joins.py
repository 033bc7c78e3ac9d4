"""Words put together over line breaks and blanks, and the way back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.analysis.fold import fold
from index.analysis.iteration import spelt_out
from index.analysis.joins import prepared
from index.analysis.tokenizer import Sudachi

SUDACHI = Sudachi()
PIECES = ["輸出規", "制", "教育委", "員会", "東京", "都民", "会", "議", "録", "目", "次", "ｶﾞ", "㍿", "葛\U000e0100"]
PIECES += ["こゝろ", "いろ／＼", "た", "る", "。", "\n", "\r\n", "\r", " ", "　", "\n　", "A", "七", "👩", "\ud800"]
texts = st.lists(st.one_of(st.sampled_from(PIECES), st.characters()), max_size=20).map("".join)


def analysed(text: str) -> str:
    return prepared(text, SUDACHI).text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("政府は輸出規\n制を強めた。", "政府は輸出規制を強めた。"),
        ("政府は輸出規 \r\n　制を強めた。", "政府は輸出規制を強めた。"),
        ("電力を使うデータセン\nターを建てる。", "電力を使うデータセンターを建てる。"),
        ("昨日は東京\n大学に行った。", "昨日は東京大学に行った。"),
        ("会　議　録", "会議録"),
        ("日 本 人", "日本人"),
        ("輸 出 規 制 の 概要", "輸出規制の 概要"),
        ("「令 和 七 年 度」", "「令和七年度」"),
        ("目　次\n第一章", "目次\n第一章"),
        ("日　時：五月　　場　所：東京", "日時：五月　　場所：東京"),
        ("こゝろ、いよ〳〵、しみ〴〵、たゞ", "こころ、いよいよ、しみじみ、ただ"),
    ],
)
def test_words_that_are_cut_become_whole(text: str, expected: str) -> None:
    assert analysed(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "輸出\n規制",  # two words of the dictionary
        "秋の日本\n人参を食べた。",  # 人参 would be cut
        "東京\n大学は四月に始まる。",  # a heading
        "海石\n" + "波の力によって表面の変化に富んだ石のことで、庭に置かれることが多い。" * 2,
        "輸出規\n\n制",
        "今日 本屋",
        "A B C",
        "一 二 三",
        "東 の 方",
        "男 女のどちらか",
        "今年の金 銀",
    ],
)
def test_other_breaks_and_blanks_stay(text: str) -> None:
    assert analysed(text) == text


def test_two_characters_that_were_typed_are_two_words() -> None:
    assert prepared("金　銀", SUDACHI, typed=True).text == "金　銀"
    assert prepared("日 本 人", SUDACHI, typed=True).text == "日本人"


def test_a_span_goes_back_through_both_folds() -> None:
    text = "ｶﾞｲﾄﾞと規\n制"
    folded = prepared("ｶﾞｲﾄﾞと輸出規\n制", SUDACHI)
    assert folded.text == "ガイドと輸出規制"
    assert folded.span(0, 3) == (0, 5)
    assert "ｶﾞｲﾄﾞと輸出規\n制"[slice(*folded.span(6, 8))] == "規\n制"
    assert prepared(text, SUDACHI).span(0, 1) == (0, 2)


@settings(deadline=None)
@given(texts)
def test_nothing_but_breaks_and_blanks_goes(text: str) -> None:
    folded = prepared(text, SUDACHI)
    kept = spelt_out(fold(text).text, kanji=False)
    assert "".join(folded.text.split()) == "".join(kept.split())
    spans = [folded.span(i, i + 1) for i in range(len(folded.text))]
    assert spans == sorted(spans)
    assert all(0 <= start < end <= len(text) for start, end in spans)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("こゝゝろ", "ここころ"),
        ("いすゞ", "いすず"),
        ("バナヽ", "バナナ"),
        ("ゝあ", "ゝあ"),
        ("民主々義", "民主主義"),
        ("こゝ〳〵", "ここここ"),
        ("ゞが〳〵", "ゞが〳〵"),
    ],
)
def test_marks_of_repetition(text: str, expected: str) -> None:
    assert spelt_out(text) == expected


def test_a_long_row_of_marks_of_repetition() -> None:
    assert spelt_out("人" + "々" * 50_000) == "人" * 50_001
    assert spelt_out("いすゞ" + "ゝ" * 50_000) == "いすず" + "ず" * 50_000
