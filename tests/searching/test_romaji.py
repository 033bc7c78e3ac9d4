"""Romaji → katakana: what people write, in which system, and the readings that it may be meant as."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.query.romaji import MOST, morae, plain, readings


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Tōkyō", "トウキョウ"),
        ("Tôkyô", "トウキョウ"),
        ("toukyou", "トウキョウ"),
        ("Tokyo", "トウキョウ"),
        ("TOKYO", "トウキョウ"),
        ("Ｔｏｋｙｏ", "トウキョウ"),
        ("Osaka", "オオサカ"),
        ("Ōsaka", "オオサカ"),
        ("Oosaka", "オオサカ"),
        ("Ohtani", "オオタニ"),
        ("Satoh", "サトウ"),
        ("Ono", "オノ"),
        ("Ono", "オオノ"),
        ("Onoue", "オノウエ"),
        ("Kyoto", "キョウト"),
        ("shinjuku", "シンジュク"),
        ("sinzyuku", "シンジュク"),
        ("shimbun", "シンブン"),
        ("shinbun", "シンブン"),
        ("gumma", "グンマ"),
        ("tokubetsu", "トクベツ"),
        ("tokubetu", "トクベツ"),
        ("kon'ya", "コンヤ"),
        ("kon’ya", "コンヤ"),
        ("konya", "コニャ"),
        ("shin'yō", "シンヨウ"),
        ("konnichiwa", "コンニチワ"),
        ("konnnichiwa", "コンニチワ"),
        ("honn", "ホン"),
        ("kekkon", "ケッコン"),
        ("matcha", "マッチャ"),
        ("maccha", "マッチャ"),
        ("tyotto", "チョット"),
        ("hanaji", "ハナヂ"),
        ("tsuzuku", "ツヅク"),
        ("kohi", "コーヒー"),
        ("kōhī", "コーヒー"),
        ("konya", "コンヤ"),
        ("Jun-ichi", "ジュンイチ"),
        ("Junichi", "ジュンイチ"),
        ("Shin-Osaka", "シンオオサカ"),
        ("ren'ai", "レンアイ"),
    ],
)
def test_readings(typed: str, meant: str) -> None:
    assert meant in readings(typed)


@pytest.mark.parametrize(
    "typed", ["", "a", "no", "X", "NVIDIA's", "search", "the", "C++", "東京", "とうきょう", "x" * 99]
)
def test_what_is_no_romaji(typed: str) -> None:
    assert readings(typed) == ()


def test_the_likeliest_reading_is_the_one_that_was_typed() -> None:
    assert [readings(word)[0] for word in ("tokubetsu", "toukyou", "Tōkyō")] == ["トクベツ", "トウキョウ", "トウキョウ"]


def test_a_word_with_marks_of_length_draws_out_no_other_vowel() -> None:
    assert all(reading.startswith("ショ") for reading in readings("Shotōku"))
    assert "ショウトウク" not in readings("Shotōku")


def test_plain() -> None:
    assert plain("Tōkyō") == plain("TÔKYÔ") == "tokyo"


@given(st.text("aiueokstnhmyrwgzdbpjcf'ōū", max_size=40))
def test_readings_are_bounded_katakana_of_two_morae_or_more(word: str) -> None:
    found = readings(word)
    assert len(found) <= MOST
    assert len(set(found)) == len(found)
    assert all(morae(reading) >= 2 and all("ァ" <= c <= "ヶ" or c == "ー" for c in reading) for reading in found)
