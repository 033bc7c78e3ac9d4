"""The best postings of each term in many rows, against a sort of all of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.codec.container import ContainerWriter
from index.codec.field import Field, write_field
from index.codec.fields import FieldData, Layout
from index.codec.lengths import rounded
from index.codec.postings import HOT
from index.errors import DamagedIndex

Plain = Mapping[bytes, Mapping[int, int]]
"""How often each term stands, by row."""

COLD = Layout(hot_rows=10**9)
LAYOUTS = [COLD, Layout(hot_rows=1), Layout(hot_rows=1, champion_rows=16), Layout(hot_share=2, hot_rows=1)]
MANY = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def data_of(plain: Plain, lengths: Sequence[int], *, dense: bool = True, weighted: bool = False) -> FieldData:
    postings = [(row, plain[term][row]) for term in sorted(plain) for row in sorted(plain[term])]
    return FieldData(
        terms=sorted(plain),
        offsets=np.cumsum([0, *(len(plain[term]) for term in sorted(plain))]),
        rows=np.array([row for row, _ in postings], np.uint32),
        frequencies=np.array([frequency for _, frequency in postings], np.uint32),
        lengths=np.array(lengths, np.uint32),
        weights=np.array([frequency / 2 for _, frequency in postings], np.float32) if weighted else None,
        dense=dense,
    )


def opened(file: Path, plain: Plain, lengths: Sequence[int], layout: Layout, **how: bool) -> Field:
    write_field(file, data_of(plain, lengths, **how), layout)
    return Field(file, len(lengths), "rebuild it")


def said(field: Field, packed: Any) -> list[tuple[int, int, int]]:
    """Row, frequency and length byte of packed postings."""
    frequencies, lengths = field.codes()
    found = []
    for value in packed.tolist():
        code = value & (1 << field.bits) - 1
        found.append((value >> field.bits, int(frequencies[code]), int(lengths[code])))
    return found


def best(of_term: Mapping[int, int], lengths: Sequence[int], average: float) -> list[tuple[int, int]]:
    """The 16 rows of the highest BM25, of equal ones the lower, each with the term's frequency."""

    def score(row: int, f: int) -> float:
        return f * 2.2 / (f + 1.2 * (0.25 + 0.75 * rounded(lengths[row]) / max(average, 1)))

    return sorted(of_term.items(), key=lambda posting: (-score(*posting), posting[0]))[:16]


@MANY
@given(
    st.sampled_from([15, 16, 17, 63, 64, 65, 200]), st.sampled_from([1, 5, 300]), st.sampled_from([1, 3, 400]),
    st.integers(0, 2**32), st.sampled_from(LAYOUTS),
)  # fmt: skip
def test_champions_are_the_first_of_all_postings_sorted(
    folder: Callable[[], Path], rows: int, longest: int, most: int, seed: int, layout: Layout
) -> None:
    chance = random.Random(seed)
    lengths = [chance.randint(0, longest) for _ in range(rows)]
    shares = [0.05, 0.3, 0.9, 1, 1]
    plain = {
        b"%d" % n: {row: chance.randint(1, most) for row in range(rows) if not row or chance.random() < share}
        for n, share in enumerate(shares)
    }
    field = opened(folder() / "f", plain, lengths, layout)
    average = sum(lengths) / rows
    assert field.average == average
    needed = set()
    for ordinal, term in enumerate(sorted(plain)):
        found, record = field.champions(ordinal), field.record(ordinal)
        assert (found is not None) == (len(plain[term]) >= layout.champion_rows)
        if found is not None:
            assert [(row, f) for row, f, _ in said(field, found)] == best(plain[term], lengths, average)
            assert all(length == field.length_bytes()[row] for row, _, length in said(field, found))
        kept = [] if found is None else said(field, found)
        if not record.flags & HOT:
            assert [(row, f) for row, f, _ in said(field, field.packed(record))] == sorted(plain[term].items())
            kept = said(field, field.packed(record))
        needed |= {(f, length) for _, f, length in kept}
    # Codes are there for these alone.
    frequencies, length_bytes = field.codes()
    assert sorted(zip(frequencies.tolist(), length_bytes.tolist(), strict=True)) == sorted(needed)
    assert list(field.problems()) == []


@pytest.mark.parametrize("how", [{"dense": False}, {"weighted": True}])
def test_fields_that_no_search_for_words_reads_have_none(how: dict[str, bool], tmp_path: Path) -> None:
    field = opened(tmp_path / "f", {b"a": dict.fromkeys(range(100), 1)}, [1] * 100, COLD, **how)
    assert field.champions(0) is None
    assert "champions.packed" not in field.container


def test_champions_take_64_bytes_a_term_in_64_rows_and_nothing_of_others(tmp_path: Path) -> None:
    plain = {b"%04d" % n: dict.fromkeys(range(62 + n % 3), 1) for n in range(300)}
    field = opened(tmp_path / "f", plain, [3] * 64, COLD)
    assert dict(field.container.sizes())["champions.packed"] == 100 * 64


def test_rows_and_codes_that_take_more_than_32_bits_together(tmp_path: Path) -> None:
    rows, codes = 1 << 17, 1 << 16
    plain = {b"a": dict(zip(range(codes), range(1, codes + 1), strict=True)), b"all": dict.fromkeys(range(rows), 1)}
    field = opened(tmp_path / "f", plain, [1] * rows, Layout(hot_share=1))
    champions = field.champions(0)
    assert champions is not None
    assert champions.dtype == np.uint64
    assert [row for row, *_ in said(field, champions)] == list(range(codes - 1, codes - 17, -1))
    assert field.record(1).flags & HOT
    column = field.column(field.record(1))
    assert set(field.levels()[column.astype(np.intp) << 8 | field.length_bytes()].tolist()) == {1}


LIES: dict[str, tuple[str, Callable[[Any], Any], str]] = {
    "rows beyond": ("champions.packed", lambda a: a | np.uint32(1 << 31), "not its own"),
    "codes of nothing": ("champions.packed", lambda a: a | np.uint32(15), "stands for nothing"),
    "cut off": ("champions.packed", lambda a: a[:-1], "champions are cut off"),
    "too few": ("champions.packed", lambda a: a[:16], "leads to place"),
    "of another type": ("champions.packed", lambda a: a.astype(np.uint64), "has u8, not u4"),
    "numbers beyond": ("postings.records", lambda a: a | np.uint32(1 << 30), "leads to place"),
    "codes without lengths": ("codes.lengths", lambda a: a[:-1], "codes contradict each other"),
}


@pytest.mark.parametrize("lie", LIES)
def test_champions_that_contradict_the_field_are_damage(
    lie: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, change, why = LIES[lie]
    right = ContainerWriter.add
    monkeypatch.setattr(
        ContainerWriter, "add", lambda self, of, array: right(self, of, change(array) if of == name else array)
    )
    plain = {b"a": {row: row % 9 + 1 for row in range(80)}, b"b": dict.fromkeys(range(70), 1), b"c": {3: 1}}
    field = opened(tmp_path / "f", plain, [9] * 80, COLD)
    with pytest.raises(DamagedIndex, match=rf"f is damaged \(.*{why}.*\): rebuild it"):
        [said(field, champions) for n in range(2) if (champions := field.champions(n)) is not None]
    with pytest.raises(DamagedIndex):
        list(field.problems())


@pytest.mark.parametrize("fact", ["bits", "average"])
@pytest.mark.parametrize("lie", [None, -1, -1.0, "1", [1.0], float("nan"), float("inf"), True])
def test_facts_that_are_none_are_damage(fact: str, lie: object, tmp_path: Path) -> None:
    right = opened(tmp_path / "f", {b"a": {0: 1}}, [1], COLD)
    with ContainerWriter(tmp_path / "g") as container:
        for name, size in right.container.sizes():
            dtype = "u1" if name in ("terms.bytes", "rows.lengths", "codes.lengths") else "u4"
            container.add(name, right.container.array(name, dtype).all())
            assert size
        container.facts.update({**right.container.facts, fact: lie})
    with pytest.raises(DamagedIndex, match="contradict its codes"):
        Field(tmp_path / "g", 1, "rebuild it").champions(0)


def test_champions_that_are_not_the_best_are_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = ContainerWriter.add
    monkeypatch.setattr(
        ContainerWriter,
        "add",
        lambda self, name, array: right(self, name, array[::-1] if name == "champions.packed" else array),
    )
    field = opened(tmp_path / "f", {b"a": {row: row % 9 + 1 for row in range(80)}}, [9] * 80, COLD)
    assert list(field.problems()) == ["the champions of b'a' are not its best postings"]
