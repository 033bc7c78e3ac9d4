"""Terms, postings, positions and lengths of a field, against dictionaries."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
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
from index.codec.positions import PAIRS, STREAM
from index.codec.postings import HOT
from index.codec.slots import SlotsWriter
from index.errors import DamagedIndex

Span = tuple[int, int]
"""A position, and how many slots it takes."""
Plain = Mapping[bytes, Mapping[int, Sequence[Span]]]
"""Where each term stands: by row, in order."""

EDGES = [0, 1, 2, 127, 128, 129, 255, 256, 257]
LAYOUTS = [Layout(), Layout(hot_rows=1), Layout(hot_share=1, hot_rows=1), Layout(hot_share=10**6, hot_rows=1)]
MANY = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def data_of(plain: Plain, lengths: Sequence[int], *, dense: bool = True) -> FieldData:
    postings = [(term, row, plain[term][row]) for term in sorted(plain) for row in sorted(plain[term])]
    spans = [span for *_, of_row in postings for span in of_row]
    extents = np.array([extent for _, extent in spans], np.uint32)
    return FieldData(
        terms=sorted(plain),
        offsets=np.cumsum([0, *(len(plain[term]) for term in sorted(plain))]),
        rows=np.array([row for _, row, _ in postings], np.uint32),
        frequencies=np.array([len(of_row) for *_, of_row in postings], np.uint32),
        lengths=np.array(lengths, np.uint32),
        positions=np.array([position for position, _ in spans], np.uint32),
        extents=extents if (extents > 1).any() else None,
        dense=dense,
    )


def slots_of(lengths: Sequence[int]) -> SlotsWriter:
    writer = SlotsWriter()
    starts = np.concatenate([np.empty(0, np.uint32), *(np.arange(length, dtype=np.uint32) for length in lengths)])
    zeros = np.zeros(len(starts), np.uint8)
    writer.add(np.array(lengths, np.uint32), zeros, starts, starts + np.uint32(1), zeros)
    return writer


def opened(file: Path, plain: Plain, lengths: Sequence[int], layout: Layout) -> Field:
    write_field(file, data_of(plain, lengths), layout, slots_of(lengths))
    return Field(file, len(lengths), "rebuild it")


def assert_holds(field: Field, plain: Plain, lengths: Sequence[int], chance: random.Random) -> None:
    assert list(field.terms) == sorted(plain)
    assert field.lengths().tolist() == [rounded(length) for length in lengths]
    for row in range(0, len(lengths), 1 + len(lengths) // 50):
        assert field.length(row) == rounded(lengths[row])
    for ordinal, term in enumerate(sorted(plain)):
        of_term, standing = plain[term], sorted(plain[term])
        rows, frequencies = field.postings(ordinal)
        assert rows.tolist() == standing
        assert frequencies.tolist() == [len(of_term[row]) for row in standing]
        assert field.count(ordinal) == len(of_term)
        assert field.weights(ordinal).tolist() == frequencies.tolist()
        some = sorted(chance.sample(range(len(of_term)), chance.randint(0, len(of_term))))
        for chosen in (None, np.array(some, np.intp)):
            picked = standing if chosen is None else [standing[i] for i in some]
            positions, extents = field.positions(ordinal, chosen)
            spans = [span for row in picked for span in of_term[row]]
            assert positions.tolist() == [position for position, _ in spans]
            taken = [1] * len(spans) if extents is None else extents.tolist()
            assert taken == [extent for _, extent in spans]
    assert list(field.problems()) == []


def random_field(rows: int, terms: int, longest: int, seed: int, *, units: bool) -> tuple[Plain, list[int]]:
    """Terms of every share of the rows, some of several slots, one or two at a slot."""
    chance = random.Random(seed)
    lengths = [chance.choice([0, 1, 2, longest, chance.randint(0, longest)]) for _ in range(rows)]
    plain: dict[bytes, dict[int, list[Span]]] = {}
    for row, length in enumerate(lengths):
        for slot in range(length):
            for rank in {int(terms ** chance.random()) for _ in range(chance.randint(1, 2))}:
                several = units and rank % 3 == 2
                extent = chance.randint(1, length - slot) if several else 1
                plain.setdefault(b"t%d" % rank, {}).setdefault(row, []).append((slot, extent))
    return plain, lengths


@MANY
@given(
    st.sampled_from(EDGES), st.sampled_from([1, 2, 40, 300]), st.sampled_from([0, 1, 3, 12]), st.integers(0, 2**32),
    st.booleans(), st.sampled_from(LAYOUTS),
)  # fmt: skip
def test_a_field_comes_back(
    folder: Callable[[], Path], rows: int, terms: int, longest: int, seed: int, units: bool, layout: Layout
) -> None:
    plain, lengths = random_field(rows, terms, longest, seed, units=units)
    assert_holds(opened(folder() / "f", plain, lengths, layout), plain, lengths, random.Random(seed))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("longest", [*EDGES[3:], 254, 65_535, 65_536, 70_000])
def test_long_rows_and_positions(longest: int, layout: Layout, tmp_path: Path) -> None:
    last = longest - 1
    plain = {
        b"everywhere": {1: [(slot, 1) for slot in range(longest)], 2: [(0, 1)]},
        b"last": {1: [(last, 1)]},
        b"middle": {1: [(longest // 2, 1), (last, 1)], 3: [(0, 1)]},
    }
    lengths = [0, longest, 1, 1]
    assert_holds(opened(tmp_path / "f", plain, lengths, layout), plain, lengths, random.Random(1))


@pytest.mark.parametrize("longest", [127, 255, 256, 257, 65_535])
def test_units_of_several_slots_in_long_rows(longest: int, tmp_path: Path) -> None:
    plain = {b"a": {0: [(0, longest)], 2: [(0, 1), (longest - 2, 2)]}, b"b": {2: [(5, 1)]}}
    assert_holds(
        opened(tmp_path / "f", plain, [longest, 0, longest], Layout(hot_rows=1)),
        plain,
        [longest, 0, longest],
        random.Random(1),
    )


@pytest.mark.parametrize("most", [253, 254, 255, 256, 300, 5_000])
def test_frequencies_beyond_the_levels_of_a_column(most: int, tmp_path: Path) -> None:
    lengths = [most, 1, most * 2, most, 0, most]
    often = {0: most, 1: 1, 2: most - 1, 3: 1, 5: most // 2}
    plain = {
        b"often": {row: [(slot, 1) for slot in range(count)] for row, count in often.items()},
        b"too": {row: [(slot, 1) for slot in range(lengths[row])] for row in (0, 1, 2, 3)},
    }
    field = opened(tmp_path / "f", plain, lengths, Layout(hot_rows=1))
    assert all(field.record(ordinal).flags & HOT for ordinal in range(2))
    assert_holds(field, plain, lengths, random.Random(1))


def test_terms_in_many_rows_get_columns_and_the_stream_and_rare_ones_do_not(tmp_path: Path) -> None:
    plain = {
        b"all": {row: [(0, 1)] for row in range(160)},
        b"some": {row: [(1, 1)] for row in range(0, 160, 16)},
        b"few": {row: [(1, 1)] for row in range(1, 160, 18)},
        b"unit": {row: [(0, 2)] for row in range(160)},
    }
    field = opened(tmp_path / "f", plain, [2] * 160, Layout(hot_rows=160))
    flags = {term: field.record(field.terms.find(term)).flags for term in plain}
    assert {term for term in plain if flags[term] & HOT} == {b"all", b"some", b"unit"}
    assert {term for term in plain if flags[term] & PAIRS} == {b"unit"}
    assert {term for term in plain if flags[term] & STREAM} == {b"all", b"some", b"few"}
    field = opened(tmp_path / "g", plain, [2] * 160, Layout(hot_rows=161))
    assert {field.record(ordinal).flags & (HOT | STREAM) for ordinal in range(4)} == {0}


@pytest.mark.parametrize("together", [7, 8, 9, 12])
def test_the_stream_leaves_out_terms_that_meet_in_too_many_ways(together: int, tmp_path: Path) -> None:
    # In slot n stand the terms whose bits n has: 2 ** together ways to meet.
    slots = 1 << together
    plain = {b"%02d" % bit: {0: [(slot, 1) for slot in range(slots) if slot >> bit & 1]} for bit in range(together)}
    field = opened(tmp_path / "f", plain, [slots], Layout(hot_rows=1))
    streamed = sum(bool(field.record(ordinal).flags & STREAM) for ordinal in range(together))
    assert streamed == min(together, 8)
    assert_holds(field, plain, [slots], random.Random(1))


@pytest.mark.parametrize("terms", [95, 96, 97, 600])
def test_as_many_terms_in_the_stream_as_there_are_hot_pairs_of(terms: int, tmp_path: Path) -> None:
    plain = {b"%03d" % n: {0: [(n, 1)]} for n in range(terms)}
    field = opened(tmp_path / "f", plain, [terms], Layout(hot_rows=1))
    assert sum(bool(field.record(n).flags & STREAM) for n in range(terms)) == min(terms, 96)
    assert_holds(field, plain, [terms], random.Random(1))


@pytest.mark.parametrize("rows", [65_535, 65_536, 65_537])
@pytest.mark.parametrize("layout", [Layout(), Layout(hot_share=1)])
def test_many_rows(rows: int, layout: Layout, tmp_path: Path) -> None:
    plain = {
        b"all": {row: [(0, 1)] for row in range(rows)},
        b"last": {rows - 1: [(0, 1)]},
        b"some": {row: [(0, 1)] for row in range(7, rows, 251)},
    }
    assert_holds(opened(tmp_path / "f", plain, [1] * rows, layout), plain, [1] * rows, random.Random(1))


def test_rows_and_codes_that_take_more_than_32_bits_together(tmp_path: Path) -> None:
    rows, codes = 1 << 17, 1 << 16
    frequencies = np.arange(1, codes + 1, dtype=np.uint32)
    of = np.concatenate([np.arange(codes), [rows - 1]]).astype(np.uint32)
    lengths = np.ones(rows, np.uint32)
    data = FieldData([b"a", b"b"], np.array([0, codes, codes + 1]), of, np.append(frequencies, np.uint32(9)), lengths)
    write_field(tmp_path / "f", data, Layout(hot_rows=10**9))
    field = Field(tmp_path / "f", rows, "rebuild it")
    assert len(field.container.array("postings.packed", "u8")) == codes + 1
    assert field.postings(0)[0].tolist() == list(range(codes))
    assert field.postings(0)[1].tolist() == frequencies.tolist()
    assert [values.tolist() for values in field.postings(1)] == [[rows - 1], [9]]


@MANY
@given(st.lists(st.tuples(st.integers(1, 300), st.floats(0, 1e6, width=32)), min_size=1, max_size=40))
def test_weights_come_back(folder: Callable[[], Path], postings: list[tuple[int, float]]) -> None:
    rows = np.arange(len(postings), dtype=np.uint32)
    frequencies = np.array([frequency for frequency, _ in postings], np.uint32)
    weights = np.array([weight for _, weight in postings], np.float32)
    lengths = np.full(len(postings), 7, np.uint32)
    file = folder() / "f"
    data = FieldData([b"a"], np.array([0, len(postings)]), rows, frequencies, lengths, weights=weights)
    write_field(file, data, Layout(hot_rows=1))
    field = Field(file, len(postings), "rebuild it")
    assert field.weights(0).tolist() == weights.tolist()
    assert field.postings(0)[1].tolist() == frequencies.tolist()


def test_codes_are_in_the_order_of_their_scores(tmp_path: Path) -> None:
    plain = {b"a": {row: [(slot, 1) for slot in range(row % 7 + 1)] for row in range(50)}}
    field = opened(tmp_path / "f", plain, [row + 8 for row in range(50)], Layout())
    packed = field.container.array("postings.packed", "u4").all()
    codes = packed & ((1 << field.container.facts["bits"]) - 1)
    rows, frequencies = field.postings(0)
    lengths = field.lengths()
    average = sum(row + 8 for row in range(50)) / 50
    scores = [
        2.2 * f / (f + 1.2 * (0.25 + 0.75 * int(lengths[row]) / average))
        for row, f in zip(rows, frequencies.tolist(), strict=True)
    ]
    order = sorted(range(50), key=lambda i: codes[i])
    assert all(scores[a] <= scores[b] + 1e-12 for a, b in pairwise(order))


Change = Callable[[Any], Any]
WRONG: dict[str, tuple[str, Change, Layout, str]] = {
    "rows that go back": ("postings.packed", lambda a: a[::-1].copy(), Layout(), "not in order"),
    "a row twice": ("postings.packed", lambda a: np.full_like(a, a[0]), Layout(), "not in order"),
    "a row beyond": ("postings.packed", lambda a: a | np.uint32(1 << 31), Layout(), "not its own"),
    "a code that stands for nothing": ("codes.frequencies", lambda a: a[:0], Layout(), "stands for nothing"),
    "wide postings": ("postings.packed", lambda a: a.astype(np.uint64), Layout(), "has u8, not u4"),
    "a column of nothing": ("hot.columns", np.zeros_like, Layout(hot_rows=1), "not as many rows"),
    "a column cut off": ("hot.columns", lambda a: a[:-1], Layout(hot_rows=1), "leads to place"),
    "levels cut off": ("hot.levels", lambda a: a[:-1], Layout(hot_rows=1), "levels are cut off"),
    "an exception that is not there": ("hot.exceptions", lambda a: a[:-3], Layout(hot_rows=1), "told nowhere"),
    "an exception cut off": ("hot.exceptions", lambda a: a[:-1], Layout(hot_rows=1), "told nowhere"),
    "an exception of another row": (
        "hot.exceptions",
        lambda a: a - np.array([0, 1, 0] * (len(a) // 3), np.uint32),
        Layout(hot_rows=1),
        "told nowhere",
    ),
    "a stream of other terms": ("stream.symbols", np.zeros_like, Layout(hot_rows=1), "contradicts its postings"),
    "a stream cut off": ("stream.symbols", lambda a: a[:-1], Layout(hot_rows=1), "contradicts its slots"),
    "slots of other rows": ("slots.starts", lambda a: np.append(a, a[-1]), Layout(), "contradict its rows"),
    "lengths of other rows": ("rows.lengths", lambda a: a[:-1], Layout(), "it has 2 rows, not 3"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_contradicts_itself_is_damage(wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, change, layout, why = WRONG[wrong]
    right = ContainerWriter.add
    changed = []

    def add(container: ContainerWriter, added: str, array: Any) -> None:
        changed.extend([added] * (added == name))
        right(container, added, change(array) if added == name else array)

    monkeypatch.setattr(ContainerWriter, "add", add)
    plain = {b"a": {row: [(slot, 1) for slot in range(300 + row)] for row in range(3)}}
    field = opened(tmp_path / "f", plain, [300, 301, 302], layout)
    assert changed
    with pytest.raises(DamagedIndex, match=rf"f is damaged \(.*{why}.*\): rebuild it"):
        field.positions(0)
    with pytest.raises(DamagedIndex):
        list(field.problems())


def test_weights_that_are_not_as_many_as_their_codes_are_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = ContainerWriter.add

    def add(container: ContainerWriter, added: str, array: Any) -> None:
        right(container, added, array[:-1] if added == "codes.weights" else array)

    monkeypatch.setattr(ContainerWriter, "add", add)
    data = data_of({b"a": {0: [(0, 1)], 1: [(0, 1)]}}, [1, 1], dense=False)
    write_field(tmp_path / "f", replace(data, weights=np.array([0.5, 2], np.float32)), Layout())
    with pytest.raises(DamagedIndex, match="its codes contradict each other"):
        Field(tmp_path / "f", 2, "rebuild it").weights(0)
