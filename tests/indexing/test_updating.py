"""``index.update``, ``index.add`` and ``index.delete``: what they analyse, what they keep, what they refuse."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import index
import search
from index import (
    Block,
    BlockKind,
    DirectoryError,
    Document,
    LockedIndex,
    SourceError,
    UsageError,
    builder,
    pipeline,
    successor,
    tiers,
    updating,
)
from index import directory as on_disk
from index.analysis import Analyzer
from index.builder import LEAST_MEMORY
from index.codec.contents import CONTENTS, SegmentFacts, parsed
from index.model import Passage
from index.records import digest, version_of
from index.verify import verify
from index.writers import GIVEN, Batch, Record
from index.writers.embedded import EmbeddedWriter, Generation

NOTE = Document("覚え", "覚え書き", "電力の覚え書き。")


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "文書"
    folder.mkdir()
    for name, text in (("a", "輸出規制を強化する。"), ("b", "半導体が足りない。"), ("c", "京都の秋。")):
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def built(sources: Path, tmp_path: Path) -> Path:
    index.build([sources], tmp_path / "i")
    return tmp_path / "i"


def edit(sources: Path, name: str = "b.txt") -> None:
    (sources / name).write_text("半導体は余っている。", encoding="utf-8")


def did(changes: index.Changes) -> tuple[int, int, int, int]:
    return changes.added, changes.replaced, changes.deleted, changes.kept


def ids(directory: Path, query: str) -> set[str]:
    with search.open_index(directory) as idx:
        return {hit.document for hit in idx.search(query, limit=100)}


def in_use(directory: Path) -> Path:
    return on_disk.generation_folder(directory, on_disk.read_manifest(directory).generation)


def segments(directory: Path) -> dict[str, tuple[int, tuple[int, ...]]]:
    contents = parsed((in_use(directory) / CONTENTS).read_bytes())
    return {facts.name: (facts.rows, facts.deleted) for facts in contents.segments}


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of documents whose passages are analysed, in order."""
    names: list[str] = []
    right = pipeline.batches

    def told(records: Iterable[Record], analyzer: Analyzer) -> Iterator[Batch]:
        def each() -> Iterator[Record]:
            for record in records:
                names.append(record.document.id)
                yield record

        return right(each(), analyzer)

    monkeypatch.setattr(builder, "batches", told)
    return names


def test_only_what_is_new_or_changed_is_analysed(sources: Path, built: Path, analysed: list[str]) -> None:
    edit(sources)
    edit(sources, "新.txt")
    assert did(index.update(built)) == (1, 1, 0, 2)
    assert analysed == ["b.txt", "新.txt"]
    assert segments(built) == {"1": (3, (1,)), "g2s1": (2, ())}
    assert did(index.update(built)) == (0, 0, 0, 4)
    assert analysed == ["b.txt", "新.txt"]


def test_files_of_segments_that_stay_are_the_same_files(sources: Path, built: Path) -> None:
    with search.open_index(built) as idx:
        before = {file.name: file.stat().st_ino for file in in_use(built).glob("1*")}
        edit(sources)
        index.update(built)
        assert {file.name: file.stat().st_ino for file in in_use(built).glob("1*")} == before
        assert len(before) == 6
        assert idx.search("余").total == 0
        assert idx.refresh()
        assert idx.search("余っている").total == 1


def test_where_links_are_impossible_files_are_copied(
    sources: Path, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    edit(sources)
    assert did(index.update(built)) == (0, 1, 0, 2)
    assert {file.stat().st_nlink for file in in_use(built).iterdir()} == {1}
    assert verify(built, deep=True) == []


def test_numbers_of_documents_go_on(sources: Path, built: Path) -> None:
    for text in ("一回目。", "二回目。"):
        (sources / "a.txt").write_text(text, encoding="utf-8")
        index.update(built)
    generation = Generation(in_use(built), (in_use(built) / CONTENTS).read_bytes(), "")
    numbers = [number for segment in generation.segments for number in segment.kept.numbers().tolist()]
    assert numbers == [0, 1, 2, 4]  # the segment that had 3 is gone with its one document


def test_an_update_in_many_segments(sources: Path, built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updating, "EmbeddedWriter", lambda *given, **named: flushing(EmbeddedWriter(*given, **named)))
    monkeypatch.setattr(builder, "batches", one_by_one(pipeline.batches))
    (sources / "長い.txt").write_text("電力が足りない。京都では足りる。" * 100, encoding="utf-8")
    edit(sources)
    assert did(index.update(built)) == (1, 1, 0, 2)
    assert len(segments(built)) > 3
    assert verify(built, deep=True) == []
    with search.open_index(built) as idx:
        assert idx.document("長い.txt").text == "電力が足りない。京都では足りる。" * 100
    assert did(index.update(built)) == (0, 0, 0, 4)
    assert did(index.delete("長い.txt", built)) == (0, 0, 1, 3)
    assert len(segments(built)) == 2


def flushing(writer: EmbeddedWriter) -> EmbeddedWriter:
    writer._memory = 0
    return writer


def one_by_one(batches: Any) -> Callable[..., Iterator[Batch]]:
    return lambda records, analyzer: (batch for record in records for batch in batches([record], analyzer))


def test_many_updates_leave_few_segments(sources: Path, built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiers, "MOST", 3)
    for number in range(30):
        index.add(Document(str(number), f"題{number}", f"輸出規制の{number}号。"), built)
        if number % 4 == 3:
            index.delete([str(number - 2)], built)
        if number % 7 == 6:
            edit(sources)
            index.update(built)
    assert len(_segments(built)) <= 6
    assert verify(built, deep=True) == []
    names = {str(number) for number in range(30) if number % 4 != 1}
    with search.open_index(built) as opened:
        found = opened.search("輸出規制", limit=100)
        assert {hit.document for hit in found} == {"a.txt", *names, "29"}
        assert opened.document("10").text == "輸出規制の10号。"
        assert found.total == len(names) + 2


def test_a_segment_that_is_mostly_deleted_is_written_anew(sources: Path, built: Path) -> None:
    index.delete(["a.txt", "c.txt"], built)
    assert [(facts.rows, facts.deleted) for facts in _segments(built)] == [(1, ())]
    assert index.update(built).added == 2


def test_no_merge_is_larger_than_the_memory_allows(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiers, "MOST", 1)
    monkeypatch.setattr(successor, "A_SLOT", 16 << 20)
    index.add([Document("d", "", "輸出。"), Document("e", "", "規制。")], built, memory=16)
    assert len(_segments(built)) == 2


def _segments(directory: Path) -> Sequence[SegmentFacts]:
    manifest = on_disk.read_manifest(directory)
    return parsed(on_disk.read_file(directory, manifest, CONTENTS)).segments


def test_a_programs_documents_stay(sources: Path, built: Path) -> None:
    assert did(index.add(NOTE, built)) == (1, 0, 0, 3)
    assert on_disk.read_manifest(built).from_documents
    (sources / "c.txt").unlink()
    assert did(index.update(built)) == (0, 0, 1, 3)
    assert ids(built, "電力") == {"覚え"}
    with pytest.raises(UsageError, match="program's documents"):
        index.rebuild(built)
    index.delete("覚え", built)
    assert not on_disk.read_manifest(built).from_documents
    index.rebuild(built)


def test_a_document_takes_the_place_of_the_one_with_its_id(built: Path, analysed: list[str]) -> None:
    for text, expected in (("電力の話。", (1, 0, 0, 3)), ("電力の話。", (0, 0, 0, 4)), ("水の話。", (0, 1, 0, 3))):
        assert did(index.add(replace(NOTE, text=text), built)) == expected
    assert analysed == ["覚え", "覚え"]
    assert (ids(built, "電力"), ids(built, "水")) == (set(), {"覚え"})


def test_a_source_has_the_last_word_about_its_ids(sources: Path, built: Path) -> None:
    assert did(index.add(Document("a.txt", "", "水の話。"), built)) == (0, 1, 0, 2)
    assert ids(built, "輸出規制") == set()
    assert did(index.update(built)) == (0, 1, 0, 2)
    assert (ids(built, "輸出規制"), ids(built, "水")) == ({"a.txt"}, set())


def test_paths_and_documents_at_once(sources: Path, built: Path, tmp_path: Path) -> None:
    (tmp_path / "d.txt").write_text("川の話。", encoding="utf-8")
    edit(sources)
    assert did(index.add([NOTE, tmp_path / "d.txt"], built)) == (2, 1, 0, 2)
    assert ids(built, "川") == {"d.txt"}
    with pytest.raises(SourceError, match=r"two documents have the id 'a\.txt'"):
        index.add([Document("a.txt", "", "水"), sources], built)


def test_a_document_without_text_takes_the_old_one_away(built: Path) -> None:
    index.add(NOTE, built)
    changes = index.add(replace(NOTE, text=" "), built)
    assert did(changes) == (0, 0, 1, 3)
    assert [skipped.reason for skipped in changes.skipped] == ["no text in it"]
    assert did(index.add(replace(NOTE, text=" "), built)) == (0, 0, 0, 3)


def test_add_builds_an_index_of_documents_where_there_is_none(tmp_path: Path) -> None:
    assert did(index.add(NOTE, tmp_path / "i")) == (1, 0, 0, 0)
    assert did(index.add(Document("二", "", "水の話。"), tmp_path / "i")) == (1, 0, 0, 1)
    assert ids(tmp_path / "i", "話 OR 電力") == {"覚え", "二"}
    with pytest.raises(UsageError, match="program's documents: name sources"):
        index.update(tmp_path / "i")


def test_an_update_without_any_document_is_refused(sources: Path, built: Path) -> None:
    for name in "abc":
        (sources / f"{name}.txt").write_text("", encoding="utf-8")
    with pytest.raises(SourceError, match=r"nothing of the sources could be read: a\.txt"):
        index.update(built)
    assert ids(built, "京都") == {"c.txt"}
    index.add(NOTE, built)
    assert did(index.update(built)) == (0, 0, 3, 1)


def test_what_is_refused(built: Path, sources: Path, tmp_path: Path) -> None:
    before = on_disk.read_manifest(built)
    refused: tuple[tuple[Callable[[], object], str], ...] = (
        (lambda: index.update(built, NOTE), "index.add"),
        (lambda: index.update(built, []), "nothing to index"),
        (lambda: index.add([], built), "nothing to index"),
        (lambda: index.update(built, memory=LEAST_MEMORY - 1), "at least"),
        (lambda: index.add(NOTE, built, memory=1), "at least"),
        (lambda: index.delete(["a.txt", "無い"], built), "no document '無い'"),
    )
    for wrong, told in refused:
        with pytest.raises(UsageError, match=told):
            wrong()
    with pytest.raises(SourceError, match="no such file"):
        index.add(tmp_path / "無い", built)
    assert did(index.delete([], built)) == (0, 0, 0, 3)
    assert on_disk.read_manifest(built) == before


def test_an_index_of_a_schema_of_its_own_is_refused(tmp_path: Path) -> None:
    from index.whoosh_api import fields

    index.create_whoosh(tmp_path / "i", fields.Schema(body=fields.TEXT()))
    with pytest.raises(UsageError, match="a schema of its own"):
        index.add(NOTE, tmp_path / "i")
    with pytest.raises(UsageError, match="a schema of its own"):
        index.delete("x", tmp_path / "i")


def test_the_lock_is_waited_for(built: Path, sources: Path) -> None:
    edit(sources)
    held, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        with on_disk.locked(built):
            held.set()
            go_on.wait()

    other = threading.Thread(target=hold)
    other.start()
    held.wait()
    changes: tuple[Callable[[], object], ...] = (
        lambda: index.update(built),
        lambda: index.add(NOTE, built),
        lambda: index.delete("a.txt", built),
    )
    for change in changes:
        with pytest.raises(LockedIndex, match="another process"):
            change()
    threading.Timer(0.1, go_on.set).start()
    assert did(index.update(built, wait=60)) == (0, 1, 0, 2)
    other.join()


def failing(error: BaseException) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


STEPS: dict[str, tuple[object, str]] = {
    "add": (EmbeddedWriter, "add"),
    "commit": (EmbeddedWriter, "commit"),
    "merge": (updating, "merged"),
    "links": (updating, "link"),
    "counts": (updating, "counted"),
    "facts": (on_disk, "facts_of"),
    "batches": (builder, "batches"),
    "sync": (on_disk, "_sync"),
    "replace": (Path, "replace"),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()], ids=["full", "stop"])
def test_a_failure_at_any_step_leaves_the_old_index(
    step: str, error: BaseException, sources: Path, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(sources)
    before = (built / "manifest.json").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(*STEPS[step], failing(error))
        with pytest.raises((DirectoryError, KeyboardInterrupt)):
            index.update(built)
    assert (built / "manifest.json").read_bytes() == before
    assert sorted(path.name for path in built.iterdir()) == ["generation-1", "manifest.json", "sakuin.lock"]
    assert verify(built, deep=True) == []
    assert did(index.update(built)) == (0, 1, 0, 2)


def test_readers_never_fail_while_updates_go_on(sources: Path, built: Path) -> None:
    done = threading.Event()
    wrong: list[object] = []

    def read() -> None:
        while not done.is_set():
            try:
                with search.open_index(built) as idx:
                    wrong.extend(() if idx.search("京都").total == 1 else ["not found"])
                wrong.extend(verify(built))
            except Exception as error:  # noqa: BLE001 - whatever a reader met is what is asked
                wrong.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(10):
        (sources / "a.txt").write_text(f"第{number}回の輸出規制。", encoding="utf-8")
        index.update(built)
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []


def test_what_a_whoosh_writer_took_from_a_document_an_update_brings_back(sources: Path, built: Path) -> None:
    text = "".join(f"第{number}の文は電力について述べる。" for number in range(100))
    (sources / "a.txt").write_text(text, encoding="utf-8")
    index.update(built)
    ix = index.open_whoosh(built)
    for place in (0, -1):
        with closing(ix.searcher()) as searcher:
            hits = sorted(searcher.find("body", "電力", limit=None), key=lambda hit: hit["ordinal"])
        assert len(hits) > 2
        with ix.writer() as writer:
            writer.delete_document(hits[place].docnum)
        changes = index.update(built)
        assert (changes.added, changes.deleted) == (0, 0)
        assert changes.replaced >= 1
        with search.open_index(built) as idx:
            assert idx.document("a.txt").text == text
    with ix.writer() as writer:
        writer.add_document(document="a.txt", body="付け足しの電力。", ordinal=10_000, start=10**6)
        writer.merge = False
    assert did(index.update(built)) == (0, 1, 0, 2)
    assert verify(built, deep=True) == []


def test_what_another_index_gave_is_a_programs(sources: Path, built: Path, tmp_path: Path) -> None:
    other = tmp_path / "anderswo"
    other.mkdir()
    (other / "d.txt").write_text("港の輸出。", encoding="utf-8")
    index.build([other], tmp_path / "j")
    theirs = index.open_whoosh(tmp_path / "j")
    with closing(theirs.reader()) as reader, index.open_whoosh(built).writer() as writer:
        writer.add_reader(reader)
    report = index.update(built)
    assert (report.deleted, report.documents) == (0, 4)
    with search.open_index(built) as opened:
        assert opened.document("d.txt").text == "港の輸出。"


def test_an_end_that_a_whoosh_writer_took_with_its_segment_is_brought_back(built: Path, sources: Path) -> None:
    (sources / "long.txt").write_text("輸出規制を強化する。半導体が足りない。\n" * 60, encoding="utf-8")
    index.update(built)
    whole = (sources / "long.txt").read_text(encoding="utf-8")
    ix = index.open_whoosh(built)
    with closing(ix.searcher()) as searcher:
        (last,) = (
            number
            for number, kept in searcher.reader().iter_docs()
            if kept["document"] == "long.txt" and kept["end"] == len(whole)
        )
    with ix.writer() as writer:
        writer.delete_document(last)
        writer.optimize = True
    with search.open_index(built) as opened:
        assert opened.document("long.txt").text != whole
    assert index.update(built).replaced == 1
    with search.open_index(built) as opened:
        assert opened.document("long.txt").text == whole


def test_a_moved_index_keeps_its_files(sources: Path, built: Path, tmp_path: Path) -> None:
    shutil.copytree(built, tmp_path / "copy")
    edit(sources)
    index.update(built)
    assert did(index.update(tmp_path / "copy")) == (0, 1, 0, 2)


DOCUMENT = Document("a", "題", "本文。", "a.md", {"x": 1, "y": [2]}, (Block(0, 1, BlockKind.HEADING, 1),))


@pytest.mark.parametrize(
    "change",
    [
        {"id": "b"},
        {"title": "別"},
        {"text": "本文"},
        {"path": None},
        {"path": "b.md"},
        {"fields": {"x": 1, "y": [3]}},
        {"blocks": ()},
        {"blocks": (Block(0, 1, BlockKind.HEADING, 2),)},
        {"blocks": (Block(0, 1, BlockKind.WHOLE, 1),)},
        {"blocks": (Block(0, 2, BlockKind.HEADING, 1),)},
    ],
    ids=str,
)
def test_a_digest_tells_whatever_a_document_has(change: dict[str, Any]) -> None:
    assert digest(replace(DOCUMENT, **change)) != digest(DOCUMENT)


def test_a_digest_is_the_same_for_the_same() -> None:
    assert digest(replace(DOCUMENT, fields={"y": [2], "x": 1})) == digest(DOCUMENT)
    assert digest(DOCUMENT) == 11056827169675692057  # a digest is stored: it must not change within a format
    versions = [version_of(DOCUMENT, given=given) for given in (False, True)]
    assert [version.digest & GIVEN for version in versions] == [0, GIVEN]
    assert versions[0].digest | GIVEN == versions[1].digest
    assert Record(DOCUMENT, Passage("a", 0, 0, 0, ""), {}).digest == GIVEN
