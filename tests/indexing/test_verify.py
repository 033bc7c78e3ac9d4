"""``verify`` finds what opening an index does not look at."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import index
import search
from index import Block, BlockKind, Document
from index import directory as on_disk
from index.codec import inverter
from index.codec.fields import FieldData
from index.codec.grams import GramsWriter
from index.codec.slots import BREAK, UNLIKE, SlotsWriter
from index.settings import Fingerprint
from index.verify import MOST, verify
from index.writers import Record, segment
from index.writers.stored import StoredWriter

BODY = "輸出規制を強化する。" * 60
DOCUMENTS = [
    Document("a", "輸出規制", f"見出し\n{BODY}", blocks=(Block(0, 3, BlockKind.HEADING, 1),)),
    Document("b", "", "電力が足りない。", fields={"値": 1}),
]


@pytest.fixture
def built(tmp_path: Path) -> Path:
    index.build(DOCUMENTS, tmp_path / "i")
    return tmp_path / "i"


def sign(directory: Path, **changes: Any) -> None:
    """Writes the manifest anew, with its files as they now are, and with changes."""
    manifest = on_disk.read_manifest(directory)
    files = on_disk.facts_of(on_disk.generation_folder(directory, manifest.generation))
    on_disk.switch(directory, replace(manifest, files=files, **changes))


def build_wrong(
    directory: Path,
    monkeypatch: pytest.MonkeyPatch,
    owner: type,
    name: str,
    change: Any,
    documents: Sequence[Document] = DOCUMENTS,
) -> list[str]:
    """What a deep look finds in an index that was written with other values: ``change`` makes a method's arguments."""
    right = getattr(owner, name)
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, lambda self, *given: right(self, *change(*given)))
        index.build(documents, directory)
    assert verify(directory) == []
    return verify(directory, deep=True)


def test_a_clean_index_has_no_problems(built: Path) -> None:
    assert verify(built) == []
    assert verify(built, deep=True) == []
    assert verify(str(built), deep=True) == []


def test_another_dictionary_is_a_problem(built: Path) -> None:
    fingerprint = on_disk.read_manifest(built).fingerprint
    assert len(fingerprint.dictionary_sha256) == 64
    sign(built, fingerprint=replace(fingerprint, dictionary_sha256="0" * 64))
    (problem,) = verify(built)
    assert "with another content" in problem
    assert f"`python -m index build --index-dir {built}`" in problem
    with search.open_index(built) as idx:
        assert idx.search("電力").warnings == ()  # which its version and size cannot tell


@pytest.mark.parametrize("field", ["chain", "dictionary", "dictionary_version", "dictionary_bytes"])
def test_every_other_part_of_the_fingerprint_counts(field: str, built: Path) -> None:
    right = on_disk.read_manifest(built).fingerprint
    value: Any = 999 if isinstance(getattr(right, field), int) else "other"
    other: Fingerprint = replace(right, **{field: value})
    sign(built, fingerprint=other)
    assert len(verify(built)) == 1


@pytest.mark.parametrize("changes", [{"documents": 3}, {"passages": 99}, {"slots": {}}])
def test_counts_of_a_signed_manifest_are_counted_again(changes: dict[str, Any], built: Path) -> None:
    if "slots" in changes:
        changes = {"slots": {"title": (1, 1), "headings": (1, 1), "body": (1, 1)}}
    sign(built, **changes)
    assert verify(built) == []
    (problem,) = verify(built, deep=True)
    assert problem.startswith("the manifest counts")


def test_a_passage_whose_text_is_another_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def longer(record: Record) -> tuple[Record]:
        return (replace(record, passage=replace(record.passage, text=record.passage.text + "余")),)

    problems = build_wrong(tmp_path / "i", monkeypatch, StoredWriter, "add", longer)
    assert problems[0] == "the passages of 'a' overlap, or are not in order"


def test_passages_that_do_not_follow_each_other_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def seventh(record: Record) -> tuple[Record]:
        return (replace(record, passage=replace(record.passage, ordinal=7)),)

    problems = build_wrong(tmp_path / "i", monkeypatch, StoredWriter, "add", seventh)
    assert "the passages of 'a' overlap, or are not in order" in problems


Given = tuple[NDArray[np.uint32], NDArray[np.uint8], NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint8]]


def test_marks_that_are_too_few_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fewer(counts: Any, marks: Any, starts: Any, ends: Any, notes: Any) -> Given:
        return counts, marks[1:], starts, ends, notes

    problems = build_wrong(tmp_path / "i", monkeypatch, SlotsWriter, "add", fewer)
    assert any("its offsets are not in order" in problem for problem in problems)


def test_slots_outside_the_text_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def beyond(counts: Any, marks: Any, starts: Any, ends: Any, notes: Any) -> Given:
        return counts, marks, starts + np.uint32(10**6), ends + np.uint32(10**6), notes

    problems = build_wrong(tmp_path / "i", monkeypatch, SlotsWriter, "add", beyond)
    assert "passage 0 of 'a' has slots outside the text of its body" in problems


@pytest.mark.parametrize("note", [UNLIKE, BREAK])
def test_slots_that_read_otherwise_than_is_noted_are_found(
    note: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def turned(counts: Any, marks: Any, starts: Any, ends: Any, notes: Any) -> Given:
        return counts, marks, starts, ends, notes & ~np.uint8(note)

    broken = [Document("a", "", "京都の\n寺と㍿。")]
    (problem,) = build_wrong(tmp_path / "i", monkeypatch, SlotsWriter, "add", turned, broken)
    assert problem.endswith("2.field: slots of its rows 0 to 0 read otherwise than is noted of them")


def test_slots_that_are_needlessly_noted_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To read a text too many gives no wrong answer; a pause that is not told of does."""

    def more(note: int) -> Any:
        return lambda counts, marks, starts, ends, notes: (counts, marks, starts, ends, notes | np.uint8(note))

    assert build_wrong(tmp_path / "i", monkeypatch, SlotsWriter, "add", more(UNLIKE)) == []
    assert build_wrong(tmp_path / "j", monkeypatch, SlotsWriter, "add", more(BREAK)) != []


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("positions", lambda positions: positions + np.uint32(1), "the positions of "),
        ("rows", lambda rows: rows[::-1], "the rows of "),
        ("lengths", lambda lengths: lengths + np.uint32(1), "the lengths of its rows are not those of their slots"),
    ],
)
def test_postings_that_contradict_the_passages_are_found(
    name: str, change: Any, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = inverter.invert

    def wrong(*given: Any) -> FieldData:
        data = right(*given)
        return replace(data, **{name: change(getattr(data, name))})

    monkeypatch.setattr(segment, "invert", wrong)
    index.build(DOCUMENTS, tmp_path / "i")
    assert verify(tmp_path / "i") == []
    assert any(told in problem for problem in verify(tmp_path / "i", deep=True))


def test_ids_that_lead_to_other_passages_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = StoredWriter.ids

    def wrong(writer: StoredWriter) -> FieldData:
        data = right(writer)
        return replace(data, rows=(data.rows + np.uint32(1)) % len(data.rows))

    monkeypatch.setattr(StoredWriter, "ids", wrong)
    index.build(DOCUMENTS, tmp_path / "i")
    problems = verify(tmp_path / "i", deep=True)
    assert any("the id 'a' does not lead to its passages" in problem for problem in problems)


def test_grams_that_contradict_the_passages_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def later(points: Any, rows: Any) -> tuple[Any, Any]:
        return points, rows + np.uint32(100)

    (problem,) = build_wrong(tmp_path / "i", monkeypatch, GramsWriter, "add", later)
    assert problem.endswith("1.grams: the rows of a gram are not in order, or not its own")


def test_another_index_under_a_signed_manifest_is_found(built: Path, tmp_path: Path) -> None:
    index.build(DOCUMENTS[1], tmp_path / "other")
    shutil.rmtree(built / "generation-1")
    shutil.copytree(tmp_path / "other" / "generation-1", built / "generation-1")
    sign(built)
    assert verify(built) == []
    assert len(verify(built, deep=True)) == 1


def test_files_with_a_right_checksum_that_cannot_be_read_are_a_problem(built: Path) -> None:
    for file in (built / "generation-1").iterdir():
        if file.name == "sources.json":
            continue
        content = file.read_bytes()
        file.write_bytes(content[:100])
        sign(built)
        assert verify(built) == []
        (problem,) = verify(built, deep=True)
        assert str(file) in problem
        assert f"rebuild it with `python -m index build --index-dir {built}`" in problem
        file.write_bytes(content)


def test_no_more_problems_are_told_than_anybody_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = StoredWriter.add

    def fifth(writer: StoredWriter, record: Record) -> None:
        right(writer, replace(record, passage=replace(record.passage, ordinal=5)))

    monkeypatch.setattr(StoredWriter, "add", fifth)
    text = "電力が足りない。" * 100
    index.build([Document(f"{number}", "", text) for number in range(MOST + 10)], tmp_path / "i")
    assert len(verify(tmp_path / "i", deep=True)) == MOST
