"""A merged segment of passages is, file for file, what writing the passages that stay at once gives."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import count, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.analysis.folded import FoldTable
from index.codec.contents import SegmentFacts
from index.codec.fields import Layout
from index.model import Document, Heading, Passage, Slot
from index.writers import FIELDS, Entry, batch_of
from index.writers.embedded import Passages
from index.writers.merging import Part, merge, portions
from index.writers.segment import SEGMENT_FIELDS, SegmentWriter

SIZES = [0, 1, 127, 128, 129, 255, 256, 257]
LAYOUTS = [Layout(), Layout(hot_rows=1), Layout(hot_share=2, hot_rows=1)]
MANY = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Makes an empty folder."""
    return lambda: tmp_path_factory.mktemp("merging")


def numbering() -> Callable[[str], int]:
    """Gives documents their numbers, the same ones whenever they are asked for."""
    known: dict[str, int] = {}
    new = count(7)
    return lambda document: known[document] if document in known else known.setdefault(document, next(new))


def random_slots(chance: random.Random, longest: int) -> list[Slot]:
    slots, at = [], 0
    for _ in range(chance.choice([0, 1, longest, chance.randint(0, longest)])):
        at += chance.choice([0, 0, 0, 0, 0, 1, 20, 300])
        end = at + chance.choice([0, 1, 1, 2, 2, 15, 150])
        terms = {f"語{int(200 ** chance.random())}" for _ in range(chance.randint(0, 3))}
        ends = {f"語{int(200 ** chance.random())}" for _ in range(chance.randint(0, 1))}
        slots.append(Slot(at, end, tuple(sorted(terms)), tuple(ends), chance.randrange(256)))
        at = end
    return slots


def like(slots: Sequence[Slot], text: str) -> str:
    """A text that has the slots, some of which read as their first terms."""
    characters = list(text.ljust(slots[-1].end if slots else 0, "、"))
    for slot in slots[::2]:
        characters[slot.start : slot.end] = "".join(slot.terms)[: slot.end - slot.start].ljust(slot.end - slot.start)
    return "".join(characters)


def random_fields(chance: random.Random) -> dict[str, object]:
    """Fields that all documents, some, or few have, of one value or several."""
    fields: dict[str, object] = {"n": chance.choice([1, 2.0, "二", True, None, 0.5])}
    if chance.random() < 0.5:
        fields["tags"] = chance.choices("甲乙丙丁", k=chance.randint(0, 3))
    if chance.random() < 0.1:
        fields[f"field {chance.randrange(9)}"] = chance.random()
    return fields


def random_entries(size: int, longest: int, chance: random.Random) -> list[Entry]:
    """Passages of documents, each of one or several."""
    entries: list[Entry] = []
    while len(entries) < size:
        number = len(entries)
        document = Document(
            f"文書{number}", f"題{number}", "", f"{number}.txt" if number % 2 else None, random_fields(chance)
        )
        for ordinal in range(min(chance.choice([1, 2, 9]), size - number)):
            text = "".join(chance.choices("あいう、ＡａガﾊﾟかがアA\U00020bb7 ", k=chance.randint(0, 30)))
            headings = tuple(Heading(f"章{i}", 0, 0) for i in range(chance.randint(0, 2)))
            passage = Passage(document.id, ordinal, 10 * ordinal, 10 * ordinal + len(text), text, headings)
            slots = {field: random_slots(chance, longest if field == "body" else 2) for field in FIELDS}
            texts = {"title": document.title, "headings": "章" * (ordinal % 2), "body": text}
            texts = {field: like(slots[field], text) for field, text in texts.items()}
            entries.append(Entry(document, passage, texts, slots))
    return entries


def written(
    folder: Path, name: str, batches: Sequence[Sequence[Entry]], number_of: Callable[[str], int], layout: Layout
) -> Passages:
    writer = SegmentWriter(folder, name, number_of, FoldTable(), layout)
    for batch in batches:
        writer.add(batch_of(batch))
    writer.write()
    return opened(folder, SegmentFacts(name, writer.rows))


def opened(folder: Path, facts: SegmentFacts) -> Passages:
    return Passages(folder, facts, SEGMENT_FIELDS, "rebuild it")


def assert_same_files(folder: Path, left: str, right: str) -> None:
    of_left = {file.name[len(left) :]: file for file in folder.glob(f"{left}[-.]*")}
    of_right = {file.name[len(right) :]: file for file in folder.glob(f"{right}[-.]*")}
    assert sorted(of_left) == sorted(of_right)
    assert len(of_left) == len(SEGMENT_FIELDS) + 2
    for ending, file in of_left.items():
        assert file.read_bytes() == of_right[ending].read_bytes(), ending


@MANY
@given(
    st.sampled_from(SIZES), st.sampled_from([1, 12]), st.integers(0, 2**32), st.sampled_from(LAYOUTS),
    st.lists(st.sampled_from([0, 0.3, 0.5, 0.9, 1]), max_size=3), st.sampled_from([0, 0.1, 0.9, 1]),
)  # fmt: skip
def test_a_merged_segment_is_that_of_the_passages_that_stay(
    folder: Callable[[], Path], size: int, longest: int, seed: int, layout: Layout, cuts: list[float], share: float
) -> None:
    chance, where, number_of = random.Random(seed), folder(), numbering()
    entries = random_entries(size, longest, chance)
    parts, live = [], []
    for number, (start, end) in enumerate(pairwise([0, *sorted(int(cut * size) for cut in cuts), size])):
        middle = chance.randint(start, end)
        batches = [entries[start:middle], entries[middle:end]]
        stay = np.flatnonzero([chance.random() >= share for _ in range(start, end)])
        parts.append(Part(written(where, f"s{number}", batches, number_of, chance.choice(LAYOUTS)), stay))
        live += [entries[start + row] for row in stay.tolist()]
    facts = merge(where, "merged", parts, number_of, layout)
    written(where, "once", [live], number_of, layout)
    assert facts == SegmentFacts("merged", len(live))
    assert_same_files(where, "merged", "once")
    merge(where, "again", [Part(opened(where, facts), np.arange(len(live)))], number_of, layout)
    assert_same_files(where, "again", "once")


def test_a_document_is_one_with_its_number_and_what_its_first_passage_says(tmp_path: Path) -> None:
    entries = random_entries(3, 2, random.Random(1))
    renamed = [
        Entry(Document("a", f"題{n}", ""), Passage("a", n, n, n, ""), entry.texts, entry.slots)
        for n, entry in enumerate(entries)
    ]
    number_of = numbering()
    segments = [written(tmp_path, f"s{n}", [[entry]], number_of, Layout()) for n, entry in enumerate(renamed)]
    parts = [Part(segment, np.arange(1)) for segment in segments]
    for first in range(3):
        merged = opened(tmp_path, merge(tmp_path, f"m{first}", parts[first:], number_of, Layout()))
        assert list(merged.kept.documents()) == [("a", 7)]
        assert merged.kept.numbers()[merged.kept.places()].tolist() == [7] * (3 - first)
        assert [merged.kept.read(row).title for row in range(3 - first)] == [f"題{first}"] * (3 - first)
        assert merged.fields["document"].postings(0)[0].tolist() == list(range(3 - first))


def test_portions_hold_as_many_slots_as_they_may(tmp_path: Path) -> None:
    slots = [Slot(0, 1, ("a",), (), 0)]
    entry = random_entries(1, 0, random.Random(1))[0]
    parts = []
    for number, size in enumerate([2, 1, 3, 9, 0, 1]):
        texts = {**entry.texts, "body": "a"}
        each = Entry(entry.document, entry.passage, texts, {"title": [], "headings": [], "body": slots * size})
        parts.append(Part(written(tmp_path, f"s{number}", [[each]], numbering(), Layout()), np.arange(1)))
    assert [[part.slots() for part in portion] for portion in portions(parts, 4)] == [[2, 1], [3], [9], [0, 1]]
    assert [len(portion) for portion in portions(parts)] == [6]
    assert list(portions([])) == []
