"""What has one key and what has not; which spellings of katakana words are looked up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis.katakana import is_katakana, respelt, skeleton
from index.analysis.keys import key
from index.analysis.old_forms import old_forms

KATAKANA = st.text("アイエオカキシツテフヤユヨッャュョァィェォヴバーン", min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("form", "other"),
    [
        ("國際", "国際"),
        ("三澤", "三沢"),
        ("鷗外", "鴎外"),
        ("霞ヶ関", "霞が関"),
        ("霞ケ関", "霞が関"),
        ("五箇山", "五ヶ山"),
        ("いすゞ", "いすず"),
        ("ヱビス", "エビス"),
        ("ヲタク", "オタク"),
        ("ジャン＝ポール", "ジャン・ポール"),
        ("（株）", "株式会社"),
        ("⻑野", "長野"),
        ("Ｅメール", "eメール"),
    ],
)
def test_two_forms_of_one_word_have_one_key(form: str, other: str) -> None:
    assert key(form) == key(other)


@pytest.mark.parametrize(
    ("form", "other"),
    [
        ("おばさん", "おばあさん"),
        ("ケーキ", "ガーキ"),
        ("力", "カ"),
        ("斉藤", "斎藤"),
        ("静か夜", "静が夜"),
        ("ヲ", "オ"),
        ("ビル", "ビール"),
        ("はた", "はだ"),
        ("1・2", "12"),
        ("人々", "人"),
        ("パーツ", "パーッ"),
        ("c++", "c"),
    ],
)
def test_other_words_keep_their_own(form: str, other: str) -> None:
    assert key(form) != key(other)


def test_no_form_of_today_is_an_old_form_too() -> None:
    forms = old_forms()
    assert not set(forms) & set(forms.values())


@given(st.text())
def test_the_key_of_a_key_is_that_key(form: str) -> None:
    once = key(form)
    assert key(once) == once or not form.strip()


@pytest.mark.parametrize(
    ("word", "known", "others"),
    [
        ("キユーピー", True, ["キューピー"]),
        ("リヨン", True, []),
        ("シヤツ", False, ["シャツ"]),
        ("ヴォルデモート", False, ["ボルデモート"]),
        ("ボルデモート", True, []),
        ("カーッツ", True, []),
        ("コンピュータ", False, ["コンピューター"]),
    ],
)
def test_spellings_that_are_looked_up(word: str, known: bool, others: list[str]) -> None:
    found = list(respelt(word, known=known))
    assert found[: len(others)] == others
    assert known is False or found == others


def test_unknown_words_share_a_skeleton() -> None:
    assert skeleton("ヴェルハーレン") == skeleton("ベルハーレン") == skeleton("ベルハレン")
    assert skeleton("ゴルバンチョーフ") == skeleton("ゴルバンチョフ") == skeleton("ゴルバンチヨフ")
    assert skeleton("ベルハーレン") != skeleton("ベルハーデン")
    assert skeleton("ビール") == ""


@given(KATAKANA)
def test_no_spelling_is_the_word_itself_nor_its_skeleton_a_word(word: str) -> None:
    if is_katakana(word):
        assert word not in list(respelt(word, known=False))
        assert not is_katakana(skeleton(word))
