"""Grams: which rows may have a string, against sets of what stands side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.codec.container import Container, ContainerWriter
from index.codec.grams import Grams, GramsWriter
from index.errors import DamagedIndex

Written = Callable[[Callable[[ContainerWriter], object]], Container]

ROWS = 100_000
"""More than there are here."""

texts = st.lists(st.text("あいうＡ\0\U0010ffff", max_size=8), max_size=20)


def points(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Code points with a 0 behind each text, and the text of each."""
    each = [[*map(ord, text), 0] for text in texts]
    rows = [row for row, of_row in enumerate(each) for _ in of_row]
    return np.array([p for of_row in each for p in of_row], np.uint32), np.array(rows, np.uint32)


def of(written: Written, batches: Sequence[Sequence[str]]) -> Grams:
    def write(container: ContainerWriter) -> None:
        writer = GramsWriter()
        first = 0
        for batch in batches:
            values, rows = points(batch)
            writer.add(values, rows + np.uint32(first))
            first += len(batch)
        writer.write(container)

    return Grams(written(write), ROWS)


def having(texts: Sequence[str], *grams: str) -> list[int]:
    return [row for row, text in enumerate(texts) if all(gram in text for gram in grams)] if grams else []


def asked(*grams: str) -> list[tuple[int, int]]:
    return [(ord(gram[0]), ord(gram[1]) if gram[1:] else 0) for gram in grams]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(texts, max_size=3), st.lists(st.text("あいうＡ\U0010ffffん", min_size=1, max_size=2), max_size=4))
def test_rows_that_have_all_of_some_grams(written: Written, batches: list[list[str]], others: list[str]) -> None:
    grams = of(written, batches)
    every = [text for batch in batches for text in batch]
    seen = {first + second for text in every for first, second in pairwise(text) if "\0" not in first + second}
    for gram in {*seen, *(c for text in every for c in text if c != "\0")}:
        assert grams.having(asked(gram)).tolist() == having(every, gram)
    assert grams.having(asked(*others)).tolist() == having(every, *others)
    assert list(grams.problems()) == []


@pytest.mark.parametrize("rows", [1, 127, 128, 129, 255, 256, 257, 70_000])
def test_rows_far_apart(rows: int, written: Written) -> None:
    every = ["あい", *[""] * (rows - 1), "あい", "い"]
    grams = of(written, [every])
    assert grams.having(asked("あい")).tolist() == [0, rows]
    assert grams.having(asked("い")).tolist() == [0, rows, rows + 1]
    assert grams.having(asked("い", "あい")).tolist() == [0, rows]


def test_what_ends_one_batch_and_begins_the_next_is_no_pair(written: Written) -> None:
    def write(container: ContainerWriter) -> None:
        writer = GramsWriter()
        for row in range(2):
            writer.add(np.array([0x3042, 0x3044], np.uint32), np.full(2, row, np.uint32))
        writer.write(container)

    grams = Grams(written(write), ROWS)
    assert grams.having(asked("いあ")).tolist() == []
    assert grams.having(asked("い")).tolist() == [0, 1]


def test_characters_beyond_the_last_number_share_it(written: Written) -> None:
    characters = [chr(point) for point in range(0x10000, 0x10000 + 70_000)]
    every = ["".join(characters), characters[65_600] + characters[65_700], characters[5] + characters[69_000], "あ"]
    grams = of(written, [every])
    for gram in (
        *(characters[i] for i in (0, 5, 65_533, 65_534, 65_535, 69_999)),
        *(characters[i] + characters[i + 1] for i in (0, 65_532, 65_533, 65_534, 65_535, 69_998)),
        *every[1:3],
        "あ",
    ):
        assert set(grams.having(asked(gram)).tolist()) >= set(having(every, gram)), gram
    assert grams.having(asked(characters[4] + characters[5])).tolist() == [0]


def planted(written: Written, keys: list[int], counts: list[int], ends: list[int], rows: bytes) -> Grams:
    def write(container: ContainerWriter) -> None:
        container.add("characters", np.array([0x3042, 0x3044], np.uint32))
        container.add("grams.keys", np.array(keys, np.uint32))
        container.add("grams.counts", np.array(counts, np.uint32))
        container.add("grams.ends", np.array(ends, np.uint32))
        container.add("grams.rows", np.frombuffer(rows, np.uint8))

    return Grams(written(write), ROWS)


@pytest.mark.parametrize(
    ("counts", "ends"), [([1], [1, 2]), ([1, 1], [1]), ([1, 1], [9, 9]), ([1, 1], [2**32 - 1, 0]), ([1, 1], [2, 1])]
)
def test_grams_that_lie_are_damage(counts: list[int], ends: list[int], written: Written) -> None:
    with pytest.raises(DamagedIndex, match="is damaged"):
        planted(written, [1 << 16, 1 << 16 | 2], counts, ends, b"\1\2").having(asked("あ"))


def test_a_character_of_more_grams_than_there_can_be_is_damage(written: Written) -> None:
    """Each of them would be read."""
    grams = planted(written, [1 << 16 | 2] * 3, [1] * 3, [1, 2, 3], b"\1\1\1")
    with pytest.raises(DamagedIndex, match="its grams are not in order"):
        grams.having(asked("あい"))


@pytest.mark.parametrize("rows", [b"\1\0", b"\1\xff\xff\x7f", b"\xff\xff\xff\xff\x0f\1", b"\x80"])
def test_rows_of_a_gram_that_are_not_its_own_are_damage(rows: bytes, written: Written) -> None:
    grams = planted(written, [1 << 16], [2], [len(rows)], rows)
    with pytest.raises(DamagedIndex, match="the rows of a gram are not in order, or not its own"):
        grams.having(asked("あ"))


TOLD: dict[str, tuple[list[int], list[int], list[int], bytes]] = {
    "keys": ([2 << 16, 1 << 16], [1, 1], [1, 2], b"\1\2"),
    "counts": ([1 << 16, 2 << 16], [1, 2], [1, 2], b"\1\2"),
    "ends": ([1 << 16, 2 << 16], [1, 1], [2, 2], b"\1\2"),
    "ends beyond": ([1 << 16, 2 << 16], [1, 1], [1, 9], b"\1\2"),
    "a row twice": ([1 << 16], [2], [2], b"\1\0"),
    "a row beyond": ([1 << 16], [2], [5], b"\1\xff\xff\xff\x7f"),
    "more rows": ([1 << 16], [2], [2], b"\1\2\3"),
}


@pytest.mark.parametrize("lie", TOLD)
def test_a_contradiction_is_told(lie: str, written: Written) -> None:
    try:
        problems = list(planted(written, *TOLD[lie]).problems())
    except DamagedIndex as error:
        problems = [str(error)]
    assert problems
