"""Where one of the most frequent terms stands right after another, against a scan of the rows."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.codec.container import ContainerWriter
from index.codec.field import Field, write_field
from index.codec.fields import Layout
from index.codec.inverter import Vocabulary, Word, invert
from index.codec.slots import SlotsWriter
from index.errors import DamagedIndex

Rows = Sequence[Sequence[Word]]
"""The words of each slot of each row."""

HOT = Layout(hot_rows=1)
MANY = settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def opened(file: Path, rows: Rows, layout: Layout = HOT) -> Field:
    words = [word for row in rows for word in row]
    counts = np.array([len(row) for row in rows], np.uint32)
    vocabulary = Vocabulary()
    distinct = list(dict.fromkeys(words))
    places = {word: place for place, word in enumerate(distinct)}
    numbers = vocabulary.numbers(distinct, np.array([places[word] for word in words], np.uint32))
    slots = SlotsWriter()
    zeros = np.zeros(len(words), np.uint32)
    slots.add(counts, zeros.astype(np.uint8), zeros, zeros, zeros.astype(np.uint8))
    write_field(file, invert(numbers, counts, vocabulary), layout, slots)
    return Field(file, len(rows), "rebuild it")


def one(term: str) -> Word:
    return (term,), ()


def scanned(rows: Rows, first: str, second: str) -> list[int]:
    return [
        number for number, row in enumerate(rows) if any(first in a[0] and second in b[0] for a, b in pairwise(row))
    ]


@MANY
@given(
    st.sampled_from([1, 2, 7, 8, 9, 63, 64, 65, 300]), st.sampled_from([1, 2, 12]),
    st.sampled_from([1, 3, 31, 32, 33, 60]), st.integers(0, 2**32),
)  # fmt: skip
def test_pairs_are_those_of_a_scan(folder: Callable[[], Path], count: int, longest: int, terms: int, seed: int) -> None:
    chance = random.Random(seed)

    def word() -> Word:
        starting = tuple({str(int(terms ** chance.random())) for _ in range(chance.choice([0, 1, 1, 1, 2, 3]))})
        return starting, ("unit",) if chance.random() < 0.1 else ()

    some = [word() for _ in range(40)] + [(("unit",), ())]
    rows = [[chance.choice(some) for _ in range(chance.choice([0, 1, longest, 1]))] for _ in range(count)]
    field = opened(folder() / "f", rows)
    names = [term.decode() for term in field.terms]
    streamed = [n for n in range(len(names)) if field.record(n).flags & 2]
    often = {n: int(field.postings(n)[1].sum()) for n in streamed}
    assert list(field.paired) == sorted(streamed, key=lambda n: (-often[n], n))[:32]
    for a in range(len(names)):
        for b in range(len(names)):
            found = field.pair(a, b)
            if a in field.paired and b in field.paired:
                assert found is not None
                assert found.dtype == np.uint32
                assert found.tolist() == scanned(rows, names[a], names[b])
            else:
                assert found is None
    assert list(field.problems()) == []


def test_a_term_of_several_slots_is_in_no_pair(tmp_path: Path) -> None:
    rows = [[(("a", "long"), ()), (("b",), ("long",))] for _ in range(5)]
    field = opened(tmp_path / "f", rows)
    a, b, long = (field.terms.find(term) for term in (b"a", b"b", b"long"))
    assert sorted(field.paired) == [a, b]
    found = field.pair(a, b)
    assert found is not None
    assert found.tolist() == [0, 1, 2, 3, 4]
    assert field.pair(a, long) is None


def test_a_segment_without_a_stream_has_no_pairs(tmp_path: Path) -> None:
    field = opened(tmp_path / "f", [[one("a"), one("b")]], Layout())
    assert (list(field.paired), field.pair(0, 1)) == ([], None)


@pytest.mark.parametrize(("every", "expected"), [(1, 100), (8, 100), (9, 89), (100, 8), (150, 11), (799, 3)])
def test_a_pair_takes_a_byte_or_two_a_row_or_a_bit_for_each_row_of_all(
    every: int, expected: int, tmp_path: Path
) -> None:
    rows = [[one("a"), one("b")] if row % every == every - 1 or row == 799 else [one("a")] for row in range(800)]
    field = opened(tmp_path / "f", rows)
    assert dict(field.container.sizes())["pairs.rows"] == expected


LIES: dict[str, tuple[str, Callable[[Any], Any], str]] = {
    "a term twice": ("pairs.terms", np.zeros_like, "contradict its terms"),
    "terms beyond": ("pairs.terms", lambda a: a + np.uint32(9), "contradict its terms"),
    "terms too few": ("pairs.terms", lambda a: a[:-1], "contradict each other"),
    "more terms than are listed": ("pairs.terms", lambda a: np.arange(40, dtype=np.uint32), "contradict its terms"),
    "terms of another type": ("pairs.terms", lambda a: a.astype(np.uint8), "has u1, not u4"),
    "keys that go back": ("pairs.keys", lambda a: a[::-1].copy(), "contradict each other"),
    "keys too few": ("pairs.keys", lambda a: a[:-1], "contradict each other"),
    "ends that go back": ("pairs.ends", lambda a: a[::-1].copy(), "not in order"),
    "ends too few": ("pairs.ends", lambda a: a[:-1], "contradict each other"),
    "rows too few": ("pairs.rows", lambda a: a[:-1], "not in order"),
    "rows beyond": ("pairs.rows", lambda a: np.where(a == 20, 60, a).astype(np.uint8), "not its own"),
}


@pytest.mark.parametrize("lie", LIES)
def test_pairs_that_contradict_the_field_are_damage(lie: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, change, why = LIES[lie]
    right = ContainerWriter.add
    monkeypatch.setattr(
        ContainerWriter, "add", lambda self, of, array: right(self, of, change(array) if of == name else array)
    )
    rows = [[one("a"), one("b"), one("a")] if row in (20, 21) else [one("c")] for row in range(60)]
    field = opened(tmp_path / "f", rows)
    with pytest.raises(DamagedIndex, match=rf"f is damaged \(.*{why}.*\): rebuild it"):
        [field.pair(a, b) for a in range(3) for b in range(3)]
    with pytest.raises(DamagedIndex):
        list(field.problems())


def test_pairs_that_stand_elsewhere_are_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = ContainerWriter.add
    monkeypatch.setattr(
        ContainerWriter,
        "add",
        lambda self, name, array: right(self, name, array ^ np.uint8(1) if name == "pairs.rows" else array),
    )
    field = opened(tmp_path / "f", [[one("a"), one("b")] if row == 20 else [one("b")] for row in range(60)])
    assert list(field.problems()) == ["b'b' stands after b'a' elsewhere than is said"]
