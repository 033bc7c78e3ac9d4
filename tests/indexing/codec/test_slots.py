"""Slots of rows: counts, marks and spans, against lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.codec.container import Container, ContainerWriter
from index.codec.slots import BREAK, UNLIKE, Slots, SlotsWriter
from index.errors import DamagedIndex

Written = Callable[[Callable[[ContainerWriter], object]], Container]
Row = list[tuple[int, int, int, int]]
"""Start, end, marks and notes of each slot."""

NUMBERS = [0, 1, 6, 7, 8, 14, 15, 16, 29, 30, 31, 127, 128, 142, 143, 255, 256, 16_400, 70_000]
steps = st.one_of(st.sampled_from([*NUMBERS, *(-number for number in NUMBERS)]), st.integers(0, 4))
lengths = st.one_of(st.sampled_from(NUMBERS), st.integers(0, 4))


@st.composite
def rows(draw: st.DrawFn) -> Row:
    found: Row = []
    at = 0
    slots = st.tuples(steps, lengths, st.integers(0, 255), st.sampled_from([0, 0, 0, UNLIKE, BREAK, UNLIKE | BREAK]))
    for step, length, marks, notes in draw(st.lists(slots, max_size=12)):
        start = max(0, at + step)
        at = start + length
        found.append((start, at, marks, notes))
    return found


def of(written: Written, batches: list[list[Row]]) -> Slots:
    def write(container: ContainerWriter) -> None:
        writer = SlotsWriter()
        for batch in batches:
            every = [slot for row in batch for slot in row]
            starts, ends = (np.array([slot[i] for slot in every], np.uint32) for i in range(2))
            marks, notes = (np.array([slot[i] for slot in every], np.uint8) for i in range(2, 4))
            writer.add(np.array([len(row) for row in batch], np.uint32), marks, starts, ends, notes)
        writer.write(container)

    return Slots(written(write), sum(map(len, batches)))


def assert_holds(slots: Slots, rows: list[Row]) -> None:
    assert slots.counts().tolist() == [len(row) for row in rows]
    every = [slot for row in rows for slot in row]
    assert slots.unlike().tolist() == [i for i, (*_, notes) in enumerate(every) if notes & UNLIKE]
    assert slots.breaks().tolist() == [i for i, (*_, notes) in enumerate(every) if notes & BREAK]
    for i, row in enumerate(rows):
        assert slots.marks(i) == bytes(marks for _, _, marks, _ in row)
        starts, ends = slots.spans(i)
        assert list(zip(starts.tolist(), ends.tolist(), strict=True)) == [(start, end) for start, end, *_ in row]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(rows(), max_size=5), max_size=4))
def test_slots_come_back(written: Written, batches: list[list[Row]]) -> None:
    assert_holds(of(written, batches), [row for batch in batches for row in batch])


@pytest.mark.parametrize("count", [0, 1, 127, 128, 129, 255, 256, 257, 20_000])
def test_rows_of_many_slots(count: int, written: Written) -> None:
    long = [(i, i + 1 + i % 20, i % 256, i % 977 % 4) for i in range(count)]
    assert_holds(of(written, [[long, []], [[], long]]), [long, [], [], long])


def planted(written: Written, starts: list[int], marks: bytes, spans: list[bytes]) -> Slots:
    from index.codec.blobs import BlobsWriter

    def write(container: ContainerWriter) -> None:
        container.add("slots.starts", np.array(starts, np.uint32))
        container.add("slots.marks", np.frombuffer(marks, np.uint8))
        blobs = BlobsWriter(100)
        for span in spans:
            blobs.append(span)
        blobs.write(container, "spans")

    return Slots(written(write), max(0, len(starts) - 1))


LIES: dict[str, tuple[list[int], bytes, list[bytes]]] = {
    "spans of too few slots": ([0, 3], b"abc", [b"\x01\x01"]),
    "spans of too many": ([0, 1], b"a", [b"\x01\x01\x01"]),
    "a number that is missing": ([0, 1], b"a", [b"\xff\x01"]),
    "a number that does not end": ([0, 1], b"a", [b"\x0f\xff"]),
    "a start that goes back": ([0, 2, 1], b"ab", [b"\x01", b"\x01"]),
    "a start beyond": ([0, 2**32 - 1], b"ab", [b"\x01"]),
    "marks too few": ([0, 2], b"a", [b"\x01\x01"]),
    "no rows": ([0], b"a", [b"\x01\x01"]),
    "nothing": ([], b"", []),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_contradicts_itself_is_damage(lie: str, written: Written) -> None:
    def read() -> None:
        slots = planted(written, *LIES[lie])
        for row in range(len(LIES[lie][0]) - 1):
            slots.marks(row)
            slots.spans(row)

    with pytest.raises(DamagedIndex, match="is damaged"):
        read()


@pytest.mark.parametrize("noted", [[3], [0, 4], [1, 0, 2], [0x80, 0x80, 0x80, 0x80, 0x7F]])
@pytest.mark.parametrize("name", ["unlike", "breaks"])
def test_notes_of_slots_that_are_not_there_are_damage(
    name: str, noted: list[int], written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = ContainerWriter.add

    def lying(container: ContainerWriter, array: str, values: NDArray[Any]) -> None:
        add(container, array, np.array(noted, np.uint8) if array == f"slots.{name}" else values)

    def write(container: ContainerWriter) -> None:
        writer = SlotsWriter()
        zeros = np.zeros(3, np.uint32)
        writer.add(np.array([3], np.uint32), zeros.astype(np.uint8), zeros, zeros, zeros.astype(np.uint8))
        writer.write(container)

    monkeypatch.setattr(ContainerWriter, "add", lying)
    slots = Slots(written(write), 1)
    with pytest.raises(DamagedIndex, match="notes slots that it does not have"):
        getattr(slots, name)()
