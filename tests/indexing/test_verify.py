"""``verify`` finds what opening an index does not look at."""

from __future__ import annotations

import shutil
from array import array
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import index
import search
from index import Block, BlockKind, Document
from index import directory as on_disk
from index.settings import Fingerprint
from index.verify import MOST, verify
from index.writers import embedded
from index.writers.embedded import Stored

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


def build_wrong(directory: Path, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> list[str]:
    """What a deep look finds in an index whose stored values were changed as they were written."""
    right = embedded._stored

    def wrong(entry: Any) -> Stored:
        stored = right(entry)
        return stored._replace(**{name: change(getattr(stored, name)) for name, change in changes.items()})

    with monkeypatch.context() as patch:
        patch.setattr(embedded, "_stored", wrong)
        index.build(DOCUMENTS, directory)
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
    problems = build_wrong(tmp_path / "i", monkeypatch, texts=lambda texts: {**texts, "body": texts["body"] + "余"})
    assert problems[0] == "passage 0 of 'a' has a text of another length than its span"


def test_passages_that_do_not_follow_each_other_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    problems = build_wrong(tmp_path / "i", monkeypatch, ordinal=lambda ordinal: 7)
    assert "passage 0 of 'a' does not go on where the one before it ends" in problems


def test_marks_and_spans_that_are_too_few_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    problems = build_wrong(tmp_path / "i", monkeypatch, marks=lambda marks: {**marks, "body": marks["body"][1:]})
    assert "passage 0 of 'a' has body of different lengths" in problems
    problems = build_wrong(tmp_path / "i", monkeypatch, spans=lambda spans: {**spans, "title": b""})
    assert "passage 0 of 'a' has title of different lengths" in problems


def test_slots_outside_the_text_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def beyond(spans: dict[str, bytes]) -> dict[str, bytes]:
        return {field: array("I", [10**6] * (len(flat) // 4)).tobytes() for field, flat in spans.items()}

    problems = build_wrong(tmp_path / "i", monkeypatch, spans=beyond)
    assert "passage 0 of 'a' has slots outside the text of its body" in problems


def test_postings_beyond_a_passage_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = embedded.postings
    monkeypatch.setattr(embedded, "postings", lambda slots: {term: [10**4] for term in right(slots)})
    index.build(DOCUMENTS, tmp_path / "i")
    assert any("has a posting at slot 10000 of body" in problem for problem in verify(tmp_path / "i", deep=True))


def test_another_index_under_a_signed_manifest_is_found(built: Path, tmp_path: Path) -> None:
    index.build(DOCUMENTS[1], tmp_path / "other")
    shutil.rmtree(built / "generation-1")
    shutil.copytree(tmp_path / "other" / "generation-1", built / "generation-1")
    sign(built)
    assert verify(built) == []
    assert len(verify(built, deep=True)) == 1


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # Whoosh leaves such a file to the collector
def test_files_with_a_right_checksum_that_cannot_be_read_are_a_problem(built: Path) -> None:
    (segment,) = (built / "generation-1").glob("*.seg")
    segment.write_bytes(segment.read_bytes()[:100])
    sign(built)
    assert verify(built) == []
    (problem,) = verify(built, deep=True)
    assert "cannot be read to its end" in problem
    assert str(built) in problem


def test_no_more_problems_are_told_than_anybody_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = embedded._stored
    monkeypatch.setattr(embedded, "_stored", lambda entry: right(entry)._replace(ordinal=5))
    index.build([Document(f"{number}", "", "電力") for number in range(MOST + 10)], tmp_path / "i")
    assert len(verify(tmp_path / "i", deep=True)) == MOST
