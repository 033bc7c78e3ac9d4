"""Kana as words in a row: the cheapest way, against every way there is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.analysis import Analyzer
from index.lexicon import open_lexicon
from search.query import lattice
from search.query.forms import Forms
from search.query.lattice import cut
from search.query.readings import Readings
from search.query.romaji import morae

PARTS = "ほん のう じ の へん やま だ おてら きょうと と お かん せい たろう や".split()


@pytest.fixture(scope="module")
def readings() -> Readings:
    analyzer = Analyzer()
    lexicon = open_lexicon()
    return Readings(lambda: lexicon, Forms(analyzer), analyzer)


def _every_way(kana: str, at: int, last: lattice._Last, readings: Readings) -> Iterator[int]:
    """What each way to cut the rest costs."""
    if at == len(kana):
        if last.word:
            yield 0
        return
    for word, cost in lattice._next(kana, at, last, readings):
        after = lattice._Last(not word.joins, not word.joins and morae(word.text) > lattice._SUFFIXED)
        for rest in _every_way(kana, at + len(word.text), after, readings):
            yield cost + rest


@settings(deadline=None, max_examples=60)
@given(parts=st.lists(st.sampled_from(PARTS), min_size=1, max_size=4))
def test_the_words_are_the_cheapest_and_all_of_the_kana(readings: Readings, parts: list[str]) -> None:
    kana = "".join(parts)
    found = cut(kana, readings)
    costs = list(_every_way(kana, 0, lattice._Last(word=False, long=False), readings))
    if found is None:
        return
    assert "".join(word.text for word in found.words) == kana
    assert found.cost == min(costs)
    assert not found.words[-1].joins


@pytest.mark.parametrize(
    ("kana", "words"),
    [
        ("かんせいのかいかく", "かんせい|の|かいかく"),
        ("へいけものがたり", "へいけ|ものがたり"),
        ("きょうとのおてら", "きょうと|の|お|てら"),
        ("ぬぬぬぬぬ", None),
        ("山の", None),
    ],
)
def test_words_in_a_row(readings: Readings, kana: str, words: str | None) -> None:
    found = cut(kana, readings)
    assert (found and "|".join(word.text for word in found.words)) == words
