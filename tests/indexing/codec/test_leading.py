"""Which slots a term leads, against the first terms of the slots."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.codec.container import ContainerWriter
from index.codec.field import Field
from index.codec.inverter import Word
from index.errors import DamagedIndex
from tests.indexing.codec.test_pairs import Rows, opened

MANY = settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def random_rows(count: int, longest: int, terms: int, chance: random.Random) -> Rows:
    """Slots of one to three terms; low numbers lead often, high ones seldom or never."""

    def word() -> Word:
        found = dict.fromkeys(f"t{int(terms ** chance.random())}" for _ in range(chance.randint(1, 3)))
        return (tuple(sorted(found, key=lambda term: chance.random() * int(term[1:]))), ())

    return [[word() for _ in range(chance.randint(0, longest))] for _ in range(count)]


def assert_holds(field: Field, rows: Rows, chance: random.Random) -> None:
    words = [word for row in rows for word in row]
    for ordinal, term in enumerate(field.terms):
        standing = [slot for slot, (terms, _) in enumerate(words) if term.decode() in terms]
        some = sorted(chance.sample(standing, chance.randint(0, len(standing))))
        leads = field.leads(ordinal, np.array(some, np.int64))
        assert leads.tolist() == [words[slot][0][0].encode() == term for slot in some]


@MANY
@given(
    st.sampled_from([1, 2, 9, 130]), st.sampled_from([1, 3, 12]), st.sampled_from([1, 3, 9, 200]),
    st.integers(0, 2**32),
)  # fmt: skip
def test_a_term_leads_the_slots_that_it_is_the_first_of(
    folder: Callable[[], Path], count: int, longest: int, terms: int, seed: int
) -> None:
    chance = random.Random(seed)
    rows = random_rows(count, longest, terms, chance)
    field = opened(folder() / "f", rows)
    assert_holds(field, rows, chance)
    assert list(field.problems()) == []


def both(first: str, second: str) -> Word:
    return (first, second), ()


@pytest.mark.parametrize(
    ("rows", "taken"),
    [
        ([[(("a",), ())] * 500], (0, 0)),
        ([[both("a", "b")] * 500], (0, 0)),
        ([[both("a", "b"), *[(("b",), ())] * 9] * 50], (1, 50)),
        ([[*[both("a", "b")] * 9, (("b",), ())] * 50], (1, 50)),
        ([[both("a", "b"), both("b", "a")] * 50], (2, 100)),
    ],
)
def test_only_the_fewer_slots_of_terms_that_lead_some_take_room(
    rows: Rows, taken: tuple[int, int], tmp_path: Path
) -> None:
    field = opened(tmp_path / "f", rows)
    sizes = dict(field.container.sizes())
    assert (sizes["leading.terms"] // 4, sizes["leading.slots"]) == taken
    assert sizes["leading.never"] == 1
    assert_holds(field, rows, random.Random(1))


ROWS = [[both("a", "b"), both("b", "c"), both("c", "a"), both("d", "a")] * 3]
WRONG = {
    "terms that are not told of": ("leading.never", lambda a: np.append(a, a)),
    "terms without ends": ("leading.ends", lambda a: a[:-1]),
    "ends that go back": ("leading.ends", lambda a: a[::-1].copy()),
    "slots beyond": ("leading.slots", lambda a: a | np.uint8(64)),
    "no slots": ("leading.slots", lambda a: a[:0]),
    "another type": ("leading.terms", lambda a: a.astype(np.uint64)),
}


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Any], Field]:
    """A field one of whose arrays is changed."""
    right = ContainerWriter.add

    def planted(name: str, change: Any) -> Field:
        def add(container: ContainerWriter, added: str, array: Any) -> None:
            right(container, added, change(array) if added == name else array)

        monkeypatch.setattr(ContainerWriter, "add", add)
        return opened(tmp_path / "f", ROWS)

    return planted


@pytest.mark.parametrize("wrong", WRONG)
def test_what_contradicts_itself_is_damage(wrong: str, planted: Callable[[str, Any], Field]) -> None:
    field = planted(*WRONG[wrong])

    def read() -> None:
        for ordinal in range(4):
            field.leads(ordinal, np.arange(12))

    with pytest.raises(DamagedIndex, match=r"f is damaged \(.*\): rebuild it"):
        read()
    with pytest.raises(DamagedIndex, match=r"f is damaged \(.*\): rebuild it"):
        field.data()


LIES = {
    "terms out of order": ("leading.terms", lambda a: a[::-1].copy(), "not in order"),
    "terms that there are not": ("leading.terms", lambda a: a + np.uint32(8), "not in order"),
    "terms that lead no slot": ("leading.never", lambda a: a | np.uint8(1), "not in order"),
    "slots of other terms": ("leading.slots", lambda a: a + np.uint8(1), "where a term does not stand"),
    "those that are led for the others": ("leading.terms", lambda a: a ^ np.uint32(1), "no first one, or several"),
    "a term that leads no slot": ("leading.never", lambda a: a | np.uint8(8), "no first one, or several"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_deep_look_finds_slots_with_no_first_term_or_several(lie: str, planted: Callable[[str, Any], Field]) -> None:
    name, change, told = LIES[lie]
    field = planted(name, change)
    assert any(told in problem for problem in field.problems())
