"""The safe fold and its way back."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis.fold import comparable, compare, fold

ODD = "かガｶﾞﾊﾟ゛゜\u3099\u309aéàe\u0301⼤⻑㍿㌔㈱①℃ﬁ葛\U000e0100髙𠮷👨\u200d👩❤\ufe0f"
ODD += "\u200b\ufeff\u202eＡａA0０ー- \n　。、\ud800"
texts = st.text(st.one_of(st.sampled_from(ODD), st.characters()), max_size=30)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ｶﾞｲﾄﾞ", "ガイド"),
        (unicodedata.normalize("NFD", "がんばるパリ"), "がんばるパリ"),
        ("⼤阪㍿", "大阪株式会社"),
        ("葛\U000e0100城", "葛城"),
        ("ゼ\u200bロ", "ゼロ"),
        ("\ud800規制", "\ufffd規制"),
        ("２０２５年ＡＩ①℃", "２０２５年ＡＩ①℃"),
    ],
)
def test_what_no_dictionary_has_is_folded_and_nothing_else(text: str, folded: str) -> None:
    assert fold(text).text == folded


def test_a_span_leads_back_to_all_it_came_from() -> None:
    folded = fold("のｶﾞｲﾄﾞ㍿")
    assert folded.text == "のガイド株式会社"
    assert folded.span(1, 4) == (1, 6)
    assert folded.span(4, 6) == (6, 7)
    assert folded.span(6, 8) == (6, 7)


@given(texts)
def test_spans_cover_the_original_in_order(text: str) -> None:
    folded = fold(text)
    spans = [folded.span(i, i + 1) for i in range(len(folded.text))]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)
    assert all(folded.text[i] in fold(text[slice(*span)]).text for i, span in enumerate(spans))


@given(texts)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = fold(text).text
    assert fold(once).text == once


@given(texts)
def test_comparable_is_compare_with_a_map(text: str) -> None:
    mapped = comparable(text)
    assert len(mapped.text) == len(mapped.starts or []) == len(mapped.ends or [])
    if text.isascii() or not any(unicodedata.combining(character) for character in text):
        assert mapped.text == compare(text)
