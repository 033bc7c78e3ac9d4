"""Merged fields, slots and grams are, to the byte, what writing the rows that stay at once gives."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.codec import grams as grams_module
from index.codec.container import Container, ContainerWriter
from index.codec.field import Field, write_field
from index.codec.fields import FieldData, Layout
from index.codec.grams import Grams, GramsWriter
from index.codec.merging import merged
from index.codec.slots import Slots, SlotsWriter
from index.errors import DamagedIndex

Written = Callable[[Callable[[ContainerWriter], object]], Container]
Span = tuple[int, int]
"""A position, and how many slots it takes."""
Row = tuple[int, Mapping[bytes, Sequence[Span]]]
"""A row's length, and where its terms stand."""

SIZES = [0, 1, 127, 128, 129, 255, 256, 257]
LAYOUTS = [
    Layout(),
    Layout(hot_rows=1, champion_rows=16),
    Layout(hot_share=1, hot_rows=1),
    Layout(hot_share=10**6, hot_rows=1),
]
KINDS = ["slots", "units", "rows only", "weights"]
MANY = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
cuts = st.lists(st.sampled_from([0, 0.3, 0.5, 0.9, 1]), max_size=3)
shares = st.sampled_from([0, 0.1, 0.9, 1])
"""Of the rows that are deleted."""


def segments_of(count: int, cuts: Sequence[float]) -> list[range]:
    edges = [0, *sorted(int(cut * count) for cut in cuts), count]
    return [range(a, b) for a, b in pairwise(edges)]


def staying(segments: Sequence[range], share: float, chance: random.Random) -> list[np.ndarray]:
    """The rows of each segment that stay, as it numbers them."""
    return [np.flatnonzero([chance.random() >= share for _ in segment]) for segment in segments]


def random_rows(count: int, terms: int, longest: int, chance: random.Random, *, units: bool) -> list[Row]:
    rows: list[Row] = []
    for _ in range(count):
        length = chance.choice([0, 1, 2, longest, chance.randint(0, longest)])
        found: dict[bytes, list[Span]] = {}
        for slot in range(length):
            for rank in {int(terms ** chance.random()) for _ in range(chance.randint(1, 2))}:
                extent = chance.randint(1, length - slot) if units and rank % 3 == 2 else 1
                found.setdefault(b"t%d" % rank, []).append((slot, extent))
        rows.append((length, found))
    return rows


def field_of(rows: Sequence[Row], kind: str) -> FieldData:
    terms = sorted({term for _, found in rows for term in found})
    postings = [[(row, found[term]) for row, (_, found) in enumerate(rows) if term in found] for term in terms]
    every = [posting for of_term in postings for posting in of_term]
    spans = [span for _, of_row in every for span in of_row]
    places = kind in ("slots", "units")
    return FieldData(
        terms=terms,
        offsets=np.array([0, *accumulate(map(len, postings))], np.int64),
        rows=np.array([row for row, _ in every], np.uint32),
        frequencies=np.array([len(of_row) for _, of_row in every], np.uint32),
        lengths=np.array([length for length, _ in rows], np.uint32),
        positions=np.array([position for position, _ in spans], np.uint32) if places else None,
        extents=np.array([extent for _, extent in spans], np.uint32) if kind == "units" else None,
        weights=np.array([len(of_row) / 4 for _, of_row in every], np.float32) if kind == "weights" else None,
        dense=places,
        leading=np.array(_leading(terms, rows, every), np.bool_) if kind == "slots" else None,
    )


def _leading(terms: Sequence[bytes], rows: Sequence[Row], every: Sequence[tuple[int, Sequence[Span]]]) -> list[bool]:
    """Whether each occurrence leads: by the term all, some or none of its slots."""
    kinds = [sum(term) % 3 for term in terms for _, found in rows if term in found]
    pairs = zip(kinds, every, strict=True)
    return [kind == 0 or (kind == 1 and position % 4 == 0) for kind, (_, spans) in pairs for position, _ in spans]


def slots_of(rows: Sequence[Row]) -> SlotsWriter:
    """Slots whose marks, notes and spans tell their rows apart."""
    writer = SlotsWriter()
    lengths = [length for length, _ in rows]
    marks = [(7 * len(found) + slot) % 256 for length, found in rows for slot in range(length)]
    starts = [slot * (len(found) % 40 + 1) for length, found in rows for slot in range(length)]
    ends = np.array(starts, np.uint32) + np.array(marks, np.uint32) % np.uint32(20)
    notes = np.array([mark % 5 % 4 for mark in marks], np.uint8)
    writer.add(np.array(lengths, np.uint32), np.array(marks, np.uint8), np.array(starts, np.uint32), ends, notes)
    return writer


def opened(file: Path, rows: Sequence[Row], kind: str, layout: Layout) -> Field:
    data = field_of(rows, kind)
    write_field(file, data, layout, slots_of(rows) if data.dense else None)
    return Field(file, len(rows), "rebuild it")


def assert_same(left: FieldData, right: FieldData) -> None:
    assert list(left.terms) == list(right.terms)
    assert left.dense == right.dense
    for name in ("offsets", "rows", "frequencies", "lengths", "positions", "weights", "leading"):
        of_left, of_right = getattr(left, name), getattr(right, name)
        assert (of_left is None) == (of_right is None), name
        if of_left is not None:
            assert of_left.dtype == of_right.dtype, name
            assert of_left.tolist() == of_right.tolist(), name
    ones = [1] * int(left.frequencies.sum())
    extents = [ones if data.extents is None else data.extents.tolist() for data in (left, right)]
    assert extents[0] == extents[1]


@MANY
@given(
    st.sampled_from(SIZES), st.sampled_from([1, 2, 40, 300]), st.sampled_from([0, 1, 3, 12]), st.integers(0, 2**32),
    st.sampled_from(KINDS), st.sampled_from(LAYOUTS), cuts, shares,
)  # fmt: skip
def test_a_merged_field_is_the_field_of_the_rows_that_stay(
    folder: Callable[[], Path], count: int, terms: int, longest: int, seed: int, kind: str, layout: Layout,
    cuts: list[float], share: float,
) -> None:  # fmt: skip
    chance, where = random.Random(seed), folder()
    rows = random_rows(count, terms, longest, chance, units=kind == "units")
    segments = segments_of(count, cuts)
    fields = []
    for number, segment in enumerate(segments):
        # Segments of one index may have been written by bounds of their own.
        of_segment = [rows[row] for row in segment]
        fields.append(opened(where / f"{number}", of_segment, kind, chance.choice([layout, *LAYOUTS])))
        assert_same(fields[-1].data(), field_of(of_segment, kind))
    stay = staying(segments, share, chance)
    live = [rows[segment[row]] for segment, of in zip(segments, stay, strict=True) for row in of.tolist()]
    data = merged(list(zip(fields, stay, strict=True)))
    assert_same(data, field_of(live, kind))
    writer = SlotsWriter()
    for field, of in zip(fields, stay, strict=True):
        if field.slots is not None:
            writer.copy(field.slots, of)
    write_field(where / "merged", data, layout, writer if data.dense else None)
    opened(where / "at once", live, kind, layout)
    assert (where / "merged").read_bytes() == (where / "at once").read_bytes()


@pytest.mark.parametrize("length", [255, 256, 65_535, 65_536, 70_000])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_positions_of_every_width(length: int, layout: Layout, tmp_path: Path) -> None:
    rows: list[Row] = [
        (length, {b"all": [(slot, 1) for slot in range(length)], b"last": [(length - 1, 1)], b"first": [(0, 1)]}),
        (3, {b"all": [(1, 1), (2, 1)], b"few": [(0, 1)]}),
    ]
    fields = [opened(tmp_path / f"{number}", rows[number:], "slots", layout) for number in range(2)]
    stay = [np.array([0]), np.array([0])]
    assert_same(merged(list(zip(fields, stay, strict=True))), field_of(rows, "slots"))


@pytest.mark.parametrize("most", [254, 255, 300, 5_000])
def test_frequencies_beyond_the_levels_of_a_column(most: int, tmp_path: Path) -> None:
    often = {n: {b"often": [(slot, 1) for slot in range(n)]} if n else {} for n in (most, 1, 0, most - 1)}
    rows: list[Row] = [(most, found) for found in often.values()]
    field = opened(tmp_path / "f", rows, "slots", Layout(hot_rows=1))
    live = np.array([0, 2, 3])
    assert_same(merged([(field, live), (field, live)]), field_of([rows[row] for row in (0, 2, 3, 0, 2, 3)], "slots"))


def test_weights_of_some_segments(tmp_path: Path) -> None:
    rows: list[Row] = [(3, {b"a": [(0, 1), (1, 1)], b"b": [(2, 1)]}), (1, {b"b": [(0, 1)]})]
    fields = [opened(tmp_path / kind, rows, kind, Layout(hot_rows=1)) for kind in ("weights", "rows only")]
    data = merged([(field, np.arange(2)) for field in fields])
    assert data.weights is not None
    assert data.weights.tolist() == [0.5, 2, 0.25, 0.25, 1, 1]


def whole(container: Container, name: str) -> np.ndarray:
    """An array whatever its type."""
    types = ("u1", "u2", "u4", "u8", "f4")
    for dtype in types:
        with suppress(DamagedIndex):
            return container.array(name, dtype).all()
    raise AssertionError(name)


def changed(file: Path, field: Field, name: str, values: np.ndarray) -> Field:
    """The field with one array replaced, and right checksums."""
    with ContainerWriter(file) as container:
        for each, _ in field.container.sizes():
            container.add(each, values if each == name else whole(field.container, each))
        container.facts.update(field.container.facts)
    return Field(file, len(field.lengths()), "rebuild it")


LIES: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray]]] = {
    "rows that go back": ("postings.packed", lambda array: array[::-1].copy()),
    "rows too few": ("postings.packed", lambda array: array[:-1]),
    "rows beyond": ("postings.packed", lambda array: array | np.uint32(1 << 31)),
    "codes of nothing": ("codes.frequencies", lambda array: array[:1]),
    "frequencies that are huge": ("codes.frequencies", lambda array: array + np.uint32(1 << 31)),
    "records of other terms": ("postings.records", lambda array: array.reshape(-1, 4)[::-1].reshape(-1)),
    "records of more": ("postings.records", lambda array: array | np.uint32(1 << 31)),
    "an empty column": ("hot.columns", np.zeros_like),
    "positions too few": ("positions.1", lambda array: array[1:]),
    "pairs too few": ("positions.pairs.1", lambda array: array[2:]),
    "half a pair": ("positions.pairs.1", lambda array: array[1:]),
    "symbols of others": ("stream.symbols", lambda array: array[::-1].copy() // 2),
    "symbols too few": ("stream.symbols", lambda array: array[1:]),
    "sets too few": ("stream.sets", lambda array: array[32:]),
    "slots that go back": ("slots.starts", lambda array: array[::-1].copy()),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_field_that_contradicts_itself_is_damage(lie: str, tmp_path: Path) -> None:
    chance = random.Random(1)
    # Terms of every layout: with columns and without, in pairs, in the stream as long as it has symbols, and not.
    many = {b"meets%d" % n: [(slot, 1) for slot in range(256) if slot >> n & 1] for n in range(8)}
    rows = [(256, {**found, **many}) for _, found in random_rows(20, 40, 19, chance, units=True)]
    field = opened(tmp_path / "f", rows, "units", Layout(4, 1))
    name, change = LIES[lie]
    with pytest.raises(DamagedIndex, match="is damaged"):
        changed(tmp_path / "g", field, name, change(whole(field.container, name))).data()


texts = st.lists(st.text("あいうＡ\0\U0010ffff", max_size=8), max_size=12)


def points(texts: Sequence[str], first: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Code points with a 0 behind each text, and the text of each."""
    each = [[*map(ord, text), 0] for text in texts]
    rows = [first + row for row, of_row in enumerate(each) for _ in of_row]
    return np.array([p for of_row in each for p in of_row], np.uint32), np.array(rows, np.uint32)


def grams_of(written: Written, batches: Sequence[Sequence[str]]) -> Grams:
    def write(container: ContainerWriter) -> None:
        writer = GramsWriter()
        first = 0
        for batch in batches:
            writer.add(*points(batch, first))
            first += len(batch)
        writer.write(container)

    return Grams(written(write), sum(map(len, batches)))


def merged_grams(written: Written, sources: Sequence[tuple[Grams, np.ndarray]]) -> Grams:
    def write(container: ContainerWriter) -> None:
        writer = GramsWriter()
        writer.merge(sources)
        writer.write(container)

    return Grams(written(write), sum(len(rows) for _, rows in sources))


@MANY
@given(st.lists(st.lists(texts, max_size=2), min_size=1, max_size=3), shares, st.integers(0, 2**32))
def test_merged_grams_are_those_of_the_rows_that_stay(
    written: Written, segments: list[list[list[str]]], share: float, seed: int
) -> None:
    each = [[text for batch in segment for text in batch] for segment in segments]
    stay = staying([range(len(every)) for every in each], share, random.Random(seed))
    live = [every[row] for every, of in zip(each, stay, strict=True) for row in of.tolist()]
    sources = [(grams_of(written, segment), of) for segment, of in zip(segments, stay, strict=True)]
    assert merged_grams(written, sources).container.file.read_bytes() == (
        grams_of(written, [live]).container.file.read_bytes()
    )


@settings(parent=MANY, max_examples=150)
@given(
    st.lists(st.lists(st.text("abcdefg", max_size=6), max_size=6), min_size=1, max_size=3), shares,
    st.integers(0, 2**32), st.sampled_from([1, 3, 7]),
)  # fmt: skip
def test_characters_that_share_a_number_name_no_row_too_few(
    written: Written, segments: list[list[str]], share: float, seed: int, most: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        # The first segment was merged before, so that characters without rows are among its own.
        patch.setattr(grams_module, "_MOST", most)
        first = grams_of(written, [segments[0]])
        twice = merged_grams(written, [(first, np.arange(len(segments[0])))])
        stay = staying([range(len(every)) for every in segments], share, random.Random(seed))
        sources = [(twice, stay[0])]
        sources += [(grams_of(written, [every]), of) for every, of in zip(segments[1:], stay[1:], strict=True)]
        found = merged_grams(written, sources)
        live = [every[row] for every, of in zip(segments, stay, strict=True) for row in of.tolist()]
        assert list(found.problems()) == []
        exact = len(set("".join(text for every in segments for text in every))) <= most
        for a in "abcdefg":
            for b in ["", *"abcdefg"]:
                rows = set(found.having([(ord(a), ord(b) if b else 0)]).tolist())
                expected = {row for row, text in enumerate(live) if a + b in text}
                assert rows == expected if exact else rows >= expected


@pytest.mark.parametrize(
    ("counts", "rows", "characters"),
    [([1, 2], b"\1\2", 0x3042), ([1, 0], b"\1", 0x3042), ([1, 1], b"\1\2", 1 << 31), ([1, 1], b"\1\x7f", 0x3042)],
)
def test_grams_that_contradict_themselves_are_damage(
    counts: list[int], rows: bytes, characters: int, written: Written
) -> None:
    def write(container: ContainerWriter) -> None:
        container.add("characters", np.array([characters], np.uint32))
        container.add("grams.keys", np.array([1 << 16, 1 << 16 | 1], np.uint32))
        container.add("grams.counts", np.array(counts, np.uint32))
        container.add("grams.ends", np.array([1, 2], np.uint32))
        container.add("grams.rows", np.frombuffer(rows, np.uint8))

    grams = Grams(written(write), 3)
    for stay in (np.arange(3), np.arange(2)):
        with pytest.raises(DamagedIndex, match="is damaged"):
            grams.of_rows(stay)


def test_slots_that_contradict_themselves_are_damage(written: Written) -> None:
    good = written(slots_of([(2, {}), (1, {})]).write)

    def write(container: ContainerWriter) -> None:
        for name, _ in good.sizes():
            container.add(name, whole(good, name)[: -1 if name == "slots.marks" else None])

    with pytest.raises(DamagedIndex, match="is damaged"):
        Slots(written(write), 2).of_rows(np.arange(2))
