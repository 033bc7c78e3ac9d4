"""Dates and numbers as values: which terms a text has for what it says."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis import Analyzer, mentions
from index.analysis.amounts import amount
from index.analysis.dates import eras

ANALYZER = Analyzer()
FULL = {"d:2025", "d:2025-01", "d:2025-01-20", "e:令和7"}
DAYS = st.dates(date(1000, 1, 1), date(2099, 12, 31))
KANJI = "〇一二三四五六七八九"


def values(text: str) -> set[str]:
    """The terms of mentions in a text."""
    terms = {term for slot in ANALYZER.slots(text) for term in slot.terms}
    return {term for term in terms if term[:2] in ("d:", "e:", "n:")}


def spoken(number: int) -> str:
    """A number below ten thousand in kanji, as it is read out."""
    parts = []
    for unit, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            parts.append(("" if digit == 1 and sign else KANJI[digit]) + sign)
    return "".join(parts) or "〇"


@pytest.mark.parametrize(
    "text",
    [
        "2025年1月20日",
        "２０２５年１月２０日",
        "2025 年 1 月 20 日",
        "2025年01月20日（月）",
        "二〇二五年一月二十日",
        "令和7年1月20日",
        "令和 7 年 1 月 20 日",
        "令和七年一月二十日",
        "㋿7年1月20日",
        "R7.1.20",
        "Ｒ７．１．２０",
        "R7年1月20日",
        "令7・1・20",
        "2025/1/20",
        "2025-01-20",
        "2025.1.20",
        "平成37年1月20日",
    ],
)
def test_a_date_has_the_same_terms_in_every_notation(text: str) -> None:
    assert values(text) - {"e:平成37"} == FULL


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019年", "d:2019 e:平成31 e:令和1"),
        ("2019年4月", "d:2019 d:2019-04 e:平成31"),
        ("2019年5月", "d:2019 d:2019-05 e:令和1"),
        ("1989年1月", "d:1989 d:1989-01 e:昭和64 e:平成1"),
        ("1989年1月7日", "d:1989 d:1989-01 d:1989-01-07 e:昭和64"),
        ("1989年1月8日", "d:1989 d:1989-01 d:1989-01-08 e:平成1"),
        ("1926年12月25日", "d:1926 d:1926-12 d:1926-12-25 e:昭和1"),
        ("令和元年", "d:2019 e:令和1"),
        ("R元年", "d:2019 e:令和1"),
        ("平成35年", "d:2023 e:平成35 e:令和5"),
        ("明治5年11月9日", "d:1872 e:明治5"),
        ("明治37年2月8日", "d:1904 d:1904-02 d:1904-02-08 e:明治37"),
        ("1603年", "d:1603"),
        ("千九百八十九年", "d:1989 e:昭和64 e:平成1"),
        ("令和元年度", "d:2019年度"),
        ("2024年度末", "d:2024年度"),
        ("2025年13月", "d:2025 e:令和7"),
        ("2025年2月30日", "d:2025 d:2025-02 e:令和7"),
        ("2025/01", "d:2025 d:2025-01 e:令和7"),
        ("2019～2021年", "d:2019 d:2021 e:平成31 e:令和1 e:令和3"),
    ],
)
def test_what_a_date_says(text: str, expected: str) -> None:
    assert values(text) == set(expected.split())


@pytest.mark.parametrize(
    "text",
    "令和元年4月 平成元年1月3日 昭和元年12月24日 1月20日 昭和30年代 2000年代 2000年間 2000年前 千年 25年 "
    "紀元前1200年 皇紀2600年 2025.1 192.168.1.1 2025/13/1 "
    "12025年 1,200年 3.11 2001/02シーズン 文明18年 明治三十七八年 大学3年".split(),
)
def test_what_is_no_date(text: str) -> None:
    assert not values(text)


@given(DAYS)
def test_a_day_is_the_same_in_its_era(day: date) -> None:
    western = values(f"{day.year}年{day.month}月{day.day}日")
    assert f"d:{day.isoformat()}" in western
    era = next((era for era in eras().values() if era.first <= day <= era.last and day.year > 1872), None)
    if era is not None:
        year = day.year - era.first.year + 1
        said = "元" if year == 1 else spoken(year)
        assert values(f"{era.name}{said}年{day.month}月{spoken(day.day)}日") == western


@given(DAYS, st.sampled_from(["明治", "大正", "昭和", "平成", "令和"]))
def test_no_day_is_of_an_era_that_had_not_begun(day: date, name: str) -> None:
    assert f"e:{name}{day.year - eras()[name].first.year + 1}" not in values(f"{day:%Y年%m月%d日}") or (
        day >= eras()[name].first
    )


@given(st.integers(0, 9999))
def test_kanji_are_read(number: int) -> None:
    formal = spoken(number).translate(str.maketrans("一二三十", "壱弐参拾"))
    digits = "".join(KANJI[int(digit)] for digit in str(number))
    assert {amount(spoken(number)), amount(formal), amount(digits), amount(f"{number}")} == {number}
    assert amount(f"{spoken(number)}万{spoken(number)}") == (number * 10_001 if number else amount("〇万〇"))


@pytest.mark.parametrize("text", ["十百", "二三十", "百百", "万", "一万二億", "2千", "十〇", "１.５", "", "三菱"])
def test_what_is_no_number_has_no_value(text: str) -> None:
    assert amount(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("第十条の三", {"n:10条の3"}),
        ("10条の3", {"n:10条の3"}),
        ("第10条ノ3", {"n:10条の3"}),
        ("第一〇條", {"n:10条"}),
        ("第百二十三条第一項第二号", {"n:123条", "n:1項", "n:2号"}),
        ("第2条の二つの例", {"n:2条"}),
        ("二十歳", {"n:20歳"}),
        ("20才", {"n:20歳"}),
        ("十人", {"n:10人"}),
        ("二十人", {"n:20人"}),
        ("二条城", set()),
        ("八条", set()),
        ("一番", set()),
        ("三菱", set()),
        ("五十嵐", set()),
    ],
)
def test_articles_and_counts(text: str, expected: set[str]) -> None:
    assert values(text) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [("壱萬", "10000"), ("壱百万", "1000000"), ("弐拾参", "23"), ("廿五", "25"), ("2\u00a0000\u00a0000", "2000000")],
)
def test_numerals_that_the_dictionary_cannot_read(text: str, value: str) -> None:
    slots = ANALYZER.slots(text)
    assert value in slots[0].terms
    assert value in slots[-1].unit_ends


def test_each_circled_number_is_one() -> None:
    assert [slot.terms for slot in ANALYZER.slots("①②⑫")] == [("1",), ("2",), ("12",)]


def test_noughts_behind_the_point_are_kept() -> None:
    assert [slot.terms for slot in ANALYZER.slots("2.0")] == [("2.0",)]


@given(st.text("0123456789０５年月日度元令和平成昭HR./-・〜第条の三十百壱萬 \u00a0", max_size=30))
def test_mentions_lie_in_their_text(text: str) -> None:
    assert all(0 <= start < end <= len(text) for start, end, _ in mentions(text))


def test_a_long_row_of_digits_says_nothing() -> None:
    assert mentions("1" * 50_000) == []
    assert mentions("十" * 50_000) == []
