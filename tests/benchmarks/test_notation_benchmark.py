"""What the benchmark of notations asks: words as they stand in texts, in kana and in Latin letters."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from benchmarks.notation import _drawn, _latin, _quantiles

TEXTS = ["京都の清水寺は教育委員会の建物より古い。", "北山の雪とデータセンターを見学した。"]


@pytest.mark.parametrize(
    ("kana", "latin"),
    [
        ("トウキョウ", "toukyou"),
        ("データ", "deta"),
        ("ガッコウ", "gakkou"),
        ("シンブン", "shinbun"),
        ("イッショ", "issyo"),
    ],
)
def test_kana_in_latin_letters(kana: str, latin: str) -> None:
    assert _latin(kana) == latin


def test_the_same_queries_for_the_same_seed() -> None:
    drawn = [_drawn(TEXTS, Path("none"), 1, random.Random(seed)) for seed in (1, 1)]
    assert drawn[0] == drawn[1]
    assert list(drawn[0]) == ["single words", "compounds", "kana", "romaji"]
    assert all(len(queries) == 1 for queries in drawn[0].values())
    assert all(query.isascii() for query in drawn[0]["romaji"])
    assert all(any(query in text for text in TEXTS) for query in drawn[0]["compounds"])


def test_medians_and_the_95th_of_a_hundred() -> None:
    assert _quantiles([float(n) for n in range(1, 100)]) == (50.0, 95.0)
