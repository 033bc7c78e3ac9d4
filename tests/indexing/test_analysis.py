"""The chain from text to slots, for what a reader writes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.analysis import Analyzer
from index.analysis.fold import compare
from index.model import KIND, Mark

ANALYZER = Analyzer()

PIECES = [
    "輸出",
    "規制",
    "教育委員会事務局",
    "ﾃﾞｰﾀｾﾝﾀｰ",
    "サ－バ－",
    "國際聯合",
    "経濟",
    "食べられました",
    "C++",
    ".NET",
    "２０２５",
    "五千億",
]
PIECES += [
    "。",
    "、",
    " ",
    "　",
    "\n",
    "・",
    "「",
    "）",
    "…",
    "‥",
    "ー",
    "〜",
    "①②",
    "㍿",
    "か\u3099",
    "👨\u200d👩\u200d👧",
    "𠮷",
    "\ud800",
    "\0",
]
texts = st.lists(st.one_of(st.sampled_from(PIECES), st.characters()), max_size=25).map("".join)


def words(text: str) -> list[str]:
    return [text[slot.start : slot.end] for slot in ANALYZER.slots(text)]


def terms(text: str) -> list[set[str]]:
    return [set(slot.terms) for slot in ANALYZER.slots(text)]


def kinds(text: str) -> str:
    """A letter a slot: content, light, particle, function."""
    return "".join("clpf"[slot.marks & KIND] for slot in ANALYZER.slots(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("教育委員会事務局", ["教育", "委員", "会", "事務", "局"]),
        ("輸出を規制した。", ["輸出", "を", "規制", "し", "た"]),
        ("C++とC#、.NETを使う", ["C++", "と", "C#", ".NET", "を", "使う"]),
        ("ドナルド・トランプ", ["ドナルド", "トランプ"]),
        ("（原作（アニメ））", ["原作", "アニメ"]),
        ("。、！ \n", []),
        ("…", []),
        ("規制…", ["規制"]),
        ("ｶﾞｲﾄﾞ本", ["ｶﾞｲﾄﾞ", "本"]),
    ],
)
def test_slots_are_short_units_and_no_signs(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("申込", "申し込み"),
        ("サーバ", "サーバー"),
        ("ﾃﾞｰﾀ", "データ"),
        ("ＮＶＩＤＩＡ", "nvidia"),
        ("國際", "国際"),
        ("五千億", "500000000000"),
        ("５，０００億", "500000000000"),
        ("走らない", "走る"),
        ("サ－バ－", "サーバー"),
        ("コンピュ―タ", "コンピューター"),
        ("經濟", "経済"),
    ],
)
def test_a_notation_comes_to_the_term_of_another(text: str, term: str) -> None:
    assert term in terms(text)[0]


def test_a_long_unit_is_a_term_at_its_first_slot_and_marked_at_its_last() -> None:
    slots = ANALYZER.slots("教育委員会事務局")
    assert "教育委員会事務局" in slots[0].terms
    assert "教育委員会事務局" in slots[-1].unit_ends
    assert "委員会" in slots[1].terms
    assert "委員会" in slots[2].unit_ends
    starts = [bool(slot.marks & Mark.UNIT_START) for slot in slots]
    ends = [bool(slot.marks & Mark.UNIT_END) for slot in slots]
    assert starts == [True, False, False, False, False]
    assert ends == [False, False, False, False, True]


def test_a_dash_between_names_stays_a_dash() -> None:
    assert words("ニューヨーク―ロンドン間") == ["ニューヨーク", "ロンドン", "間"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("輸出を規制すること", "cpcll"),
        ("3時に会う時", "ccpcl"),
        ("規制に関する話", "cpfc"),
        ("関する話", "cc"),
        ("しかし彼は何を読んだか", "ffpfpcpp"),
        ("規制について教えてください", "cpfpfff"),
    ],
)
def test_what_decides_and_what_does_not(text: str, expected: str) -> None:
    assert kinds(text) == expected


def test_marks_of_what_stands_before() -> None:
    slots = ANALYZER.slots("輸出、規制。半導体 電力\n人材\n\n政策")
    assert not slots[0].marks & (Mark.COMMA | Mark.STOP | Mark.BLANK)
    by_word = {slot.terms[0]: slot.marks for slot in slots}
    assert by_word["規制"] & Mark.COMMA
    assert by_word["半"] & Mark.STOP
    assert by_word["電力"] & Mark.BLANK
    assert not by_word["電力"] & (Mark.COMMA | Mark.STOP)
    assert by_word["人材"] & Mark.COMMA
    assert by_word["政策"] & Mark.STOP


def test_endings_of_inflection_are_marked_and_end_at_a_sign() -> None:
    tails = [bool(slot.marks & Mark.TAIL) for slot in ANALYZER.slots("食べられました。た")]
    assert tails == [False, True, True, True, False]


@settings(deadline=None)
@given(texts)
def test_slots_stand_in_order_and_hold_what_they_say(text: str) -> None:
    slots = ANALYZER.slots(text)
    spans = [(slot.start, slot.end) for slot in slots]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)
    assert all(0 <= slot.marks < 256 and slot.terms and all(slot.terms) for slot in slots)
    for slot in slots:
        assert "".join(slot.terms).encode("utf-8")


@settings(deadline=None)
@given(texts.filter(lambda text: not any(dash in text for dash in "－―ー〜濟國聯")))
def test_the_fold_of_a_slots_text_contains_its_surface(text: str) -> None:
    for slot in ANALYZER.slots(text):
        assert slot.terms[0] in compare(text[slot.start : slot.end])


def test_a_text_of_any_length_is_analysed_in_pieces_that_leave_no_trace() -> None:
    sentence = "政府は輸出規制を強めた。"
    slots = ANALYZER.slots(sentence * 5_000)
    assert len(slots) == 5_000 * len(ANALYZER.slots(sentence))
    assert [s.terms for s in slots[-7:]] == [s.terms for s in ANALYZER.slots(sentence)][-7:]
    assert ANALYZER.slots("龘" * 60_000)


def test_one_analyzer_serves_many_threads() -> None:
    wanted = [f"第{i}回の教育委員会は輸出規制を論じた。" for i in range(200)]
    alone = [ANALYZER.slots(text) for text in wanted]
    shared = Analyzer()
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(shared.slots, wanted)) == alone


def test_two_dashes_in_a_row_are_no_long_vowel() -> None:
    assert words("だって――でも") == words("だって。でも")
    assert words("サ―バ―") == ["サ―バ―"]
