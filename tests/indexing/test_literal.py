"""What is noted of slots, against a look at each slot's text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from index.analysis import Analyzer
from index.analysis.fold import letters
from index.analysis.folded import FoldTable
from index.codec.slots import BREAK, UNLIKE
from index.codec.stretches import bounds
from index.model import Mark, Slot
from index.writers import Columns, Word
from index.writers.literal import Heads, notes

ANALYZER = Analyzer()
FOLDS = FoldTable()
PARTS = [
    "国際", "國際", "行った", "行く", "こと", "事", "の", "、", "，", ",", "､", "。", "\n", "\n\n", " ", "「",
    "C++", "Disney+", "ＡＩ", "AI", "1,000", "２．５", "五千億", "①", "㍿", "株式会社", "か\u3099", "ｶﾞ", "が",
    "\u3099", "葛\U000e0100", "ﬁ", "½", "\u200b", "\u1100\u1161", "각", "é", "e\u0301", "ー", "・", "Σς", "ß",
    "İ", "👩", "あ" * 70, "a" * 65,
]  # fmt: skip
texts = st.lists(st.sampled_from(PARTS), max_size=12).map("".join)


def noted(texts: Sequence[str], each: Sequence[Sequence[Slot]]) -> list[list[int]]:
    """The notes of the slots of texts, all of them looked at together."""
    slots = [slot for of_text in each for slot in of_text]
    words: dict[Word, int] = {}
    places = [words.setdefault(Word(slot.terms, slot.unit_ends), len(words)) for slot in slots]
    columns = Columns(
        np.array([len(of_text) for of_text in each], np.uint32),
        np.array(places, np.uint32),
        np.array([slot.marks for slot in slots], np.uint8),
        np.array([slot.start for slot in slots], np.uint32),
        np.array([slot.end for slot in slots], np.uint32),
    )
    heads = Heads()
    heads.extend(list(words)[:1])
    heads.extend(list(words))
    begins = bounds(np.array([len(text) + 1 for text in texts], np.int64))[:-1]
    found = notes(FOLDS.characters(texts), begins, columns.words, columns, heads).tolist()
    edges = bounds(columns.counts).tolist()
    return [found[start:end] for start, end in pairwise(edges)]


def reads_otherwise(text: str, before: int, slot: Slot) -> bool:
    """Whether a slot has not the letters of its first term, or those of another too, or letters stand before it."""
    own, *others = map(letters, slot.terms)
    return letters(text[slot.start : slot.end]) != own or own in others or letters(text[before : slot.start]) != ""


@settings(max_examples=300)
@given(st.lists(texts, max_size=4))
def test_what_is_not_noted_is_as_it_reads(given: list[str]) -> None:
    each = [ANALYZER.slots(text) for text in given]
    for text, slots, found in zip(given, each, noted(given, each), strict=True):
        for i, (slot, note) in enumerate(zip(slots, found, strict=True)):
            before = slots[i - 1].end if i else slot.start
            assert note & UNLIKE or not reads_otherwise(text, before, slot), slot
            comma = any(sign in "、，," for sign in text[before : slot.start])
            assert (note & BREAK > 0) == (comma != (slot.marks & Mark.COMMA > 0)), slot


@given(st.lists(texts, max_size=4))
def test_letters_side_by_side_are_those_of_their_slots(given: list[str]) -> None:
    """Nothing combines over the edge of two slots that are not noted."""
    each = [ANALYZER.slots(text) for text in given]
    for text, slots, found in zip(given, each, noted(given, each), strict=True):
        for start in range(len(slots)):
            for end in range(start + 1, min(len(slots), start + 4) + 1):
                if not any(note & UNLIKE for note in found[start:end]):
                    stretch = text[slots[start].start : slots[end - 1].end]
                    assert letters(stretch) == "".join(letters(slot.terms[0]) for slot in slots[start:end])


def told(text: str) -> str:
    """A text with each slot's notes behind it: * for UNLIKE, | for BREAK."""
    slots = ANALYZER.slots(text)
    (found,) = noted([text], [slots])
    signs = {0: "", UNLIKE: "*", BREAK: "|", UNLIKE | BREAK: "*|"}
    return " ".join(text[slot.start : slot.end] + signs[note] for slot, note in zip(slots, found, strict=True))


def test_ordinary_text_is_not_noted() -> None:
    text = "ＡＩの輸出規制は、2025年に「強化」された。C++の本が２．５キロを走っていた，という。"
    assert "*" not in told(text)
    assert "|" not in told(text)


def test_what_reads_otherwise_is_noted() -> None:
    assert told("京都の\n寺、行った。\n奈良") == "京都 の 寺| 行っ た 奈良|"
    assert told("㍿と①") == "㍿* ㍿* と ①"
    assert told("ｶﾞの葛\U000e0100") == "ｶﾞ* の 葛\U000e0100*"
    assert told("1,000人、，") == "1,000* 人"  # whose other term, 1000, has the same letters


def test_a_slot_outside_the_rest_of_its_text() -> None:
    """Slots that go back, as those of one character that stands for several words do, are left open."""
    spans = [(0, 2), (0, 2), (3, 4), (3, 4)]
    slots = [Slot(*span, terms, (), 0) for span, terms in zip(spans, [("国際",), ("国際",), ("a",), ()], strict=True)]
    assert noted(["国際xa"], [slots]) == [[0, UNLIKE, UNLIKE, UNLIKE]]
    assert noted([], []) == []
    assert noted(["", "、"], [[], []]) == [[], []]
