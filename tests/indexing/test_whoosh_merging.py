"""Whoosh's writers merge segments of passages: which, in which order, and without the analysis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import index
import search
from index import directory as on_disk
from index.as_whoosh import writer as writer_module
from index.as_whoosh.whole import reader_of
from index.as_whoosh.writer import PassageWriter
from index.codec.contents import CONTENTS, parsed
from index.codec.fields import Layout
from index.errors import OtherAnalysis, UsageError
from index.verify import verify
from index.whoosh_api import SegmentWriter, fields, query

POLICIES: Any = import_module(SegmentWriter.__module__)


def body(name: str) -> str:
    return f"{name}社は半導体の輸出規制について述べた。教育委員会も{name}に申し込んだ。"


@pytest.fixture(params=[Layout(), Layout(hot_rows=1)], ids=["plain", "packed"])
def ix(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Four segments: of two passages, and of one, one and three."""
    monkeypatch.setattr(PassageWriter, "layout", request.param)
    index.build([index.Document(name, f"題{name}", body(name)) for name in "ab"], tmp_path / "index")
    made = index.open_whoosh(tmp_path / "index")
    for names in ("c", "d", "efg"):
        add(made, names, merge=False)
    return made


def add(ix: Any, names: Sequence[str], **commit: Any) -> None:
    writer = ix.writer()
    for name in names:
        writer.add_document(document=name, title=f"題{name}", body=body(name))
    writer.commit(**commit)


def segments(ix: Any) -> list[str]:
    """The documents of each segment's rows."""
    with closing(ix.reader()) as reader:
        leaves = [leaf for leaf, _ in reader.leaf_readers() if leaf.doc_count()]
        return ["".join(kept["document"] for kept in leaf.all_stored_fields()) for leaf in leaves]


def check(ix: Any, names: str) -> None:
    """What both searches find is these documents, and nothing contradicts itself."""
    assert sorted("".join(segments(ix))) == sorted(names)
    with closing(ix.searcher()) as searcher:
        for q in (query.Term("body", "規制"), query.Phrase("body", ["教育", "委員"]), query.Prefix("title", "題")):
            assert sorted(hit["document"] for hit in searcher.search(q, limit=None)) == sorted(names)
        every = searcher.search(query.Every(), sortedby="document_number", limit=None)
        assert [hit["document"] for hit in every] == list(names)
    with search.open_index(ix.directory) as opened:
        for text in ("輸出規制", "体の輸出規"):
            found = opened.search(text, limit=50)
            assert sorted(hit.document for hit in found) == sorted(names)
        assert all("輸出規制" in opened.document(name).text for name in names)
    assert verify(ix.directory, deep=True) == []


@pytest.fixture
def no_analysis(ix: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on, with the index made."""

    def refused() -> None:
        raise AssertionError("an analyzer was opened")

    monkeypatch.setattr(writer_module, "Analyzer", refused)


@pytest.mark.usefixtures("no_analysis")
@pytest.mark.parametrize(
    ("policy", "left"),
    [
        ("NO_MERGE", ["ab", "c", "d", "efg"]),
        ("MERGE_SMALL", ["ab", "c", "d", "efg"]),
        ("OPTIMIZE", ["abcdefg"]),
        ("CLEAR", []),
    ],
)
def test_policies_of_whoosh_merge_without_an_analysis(ix: Any, policy: str, left: list[str]) -> None:
    ix.writer().commit(mergetype=getattr(POLICIES, policy))
    assert segments(ix) == left
    check(ix, "".join(left))


@pytest.mark.usefixtures("no_analysis")
def test_deleting_needs_no_analysis(ix: Any) -> None:
    with ix.writer() as writer:
        writer.merge = False
        assert writer.delete_by_query(query.Or([query.Term("document", name) for name in "adf"])) == 3
    assert segments(ix) == ["b", "c", "eg"]
    check(ix, "bceg")
    ix.optimize()
    assert segments(ix) == ["bceg"]
    check(ix, "bceg")


def test_rows_keep_their_order_and_what_is_added_comes_last(ix: Any) -> None:
    def merge(writer: Any, all_segments: Sequence[Any]) -> list[Any]:
        """The last one, the first, and the third."""
        for number in (3, 0, 2):
            with closing(reader_of(writer.storage, writer.schema, [all_segments[number]])) as reader:
                writer.add_reader(reader)
        return [all_segments[1]]

    add(ix, "hi", mergetype=merge)
    assert segments(ix) == ["c", "abdefghi"]
    check(ix, "abcdefghi")


def test_small_segments_merge_with_what_is_added(ix: Any) -> None:
    for name in "hijklm":
        add(ix, name)
    assert len(segments(ix)) < 6
    check(ix, "abcdefghijklm")


def test_documents_keep_their_numbers(ix: Any) -> None:
    def numbers() -> dict[str, int]:
        with closing(ix.searcher()) as searcher:
            column = searcher.reader().column_reader("document_number")
            return {searcher.stored_fields(row)["document"]: column[row] for row in searcher.document_numbers()}

    before = numbers()
    with ix.writer() as writer:
        writer.delete_by_term("document", "a")
        writer.add_document(document="c", title="題c", body="付け足し。", ordinal=1, start=100)
        writer.optimize = True
    assert segments(ix) == ["bcdefgc"]
    assert numbers() == {name: number for name, number in before.items() if name != "a"}
    assert on_disk.read_manifest(ix.directory).documents == 6
    assert verify(ix.directory, deep=True) == []


def test_more_slots_than_one_segment_may_have(ix: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PassageWriter, "most", 60)
    ix.optimize()
    assert segments(ix) == ["ab", "cd", "efg"]
    names = [facts.name for facts in parsed((ix.refresh().storage.folder / CONTENTS).read_bytes()).segments]
    assert names == ["g5", "g5x1", "g5x2"]
    check(ix, "abcdefg")


def other(folder: Path, names: str) -> Any:
    index.build([index.Document(name, f"題{name}", body(name)) for name in names], folder)
    return index.open_whoosh(folder)


@pytest.mark.parametrize("share", [lambda ix: ix.reader(), lambda ix: ix.writer().reader()])
def test_passages_of_another_index_are_added(ix: Any, tmp_path: Path, share: Callable[[Any], Any]) -> None:
    theirs = other(tmp_path / "other", "xyz")
    with theirs.writer() as writer:
        writer.delete_by_term("document", "y")
    with closing(share(theirs)) as reader, ix.writer() as writer:
        writer.add_document(document="v", title="題v", body=body("v"))
        writer.add_reader(reader)
        writer.add_document(document="w", title="題w", body=body("w"))
        writer.merge = False
    assert segments(ix) == ["ab", "c", "d", "efg", "vxzw"]
    check(ix, "abcdefgvwxz")


def test_passages_that_another_dictionary_analysed_are_not_added(ix: Any, tmp_path: Path) -> None:
    theirs = other(tmp_path / "other", "x")
    manifest = on_disk.read_manifest(theirs.directory)
    fingerprint = replace(manifest.fingerprint, dictionary_version="1999", dictionary_sha256="")
    on_disk.switch(theirs.directory, replace(manifest, fingerprint=fingerprint))
    writer = ix.writer()
    with closing(index.open_whoosh(theirs.directory).reader()) as reader, pytest.raises(OtherAnalysis, match="1999"):
        writer.add_reader(reader)
    writer.cancel()


def test_only_passages_are_added_to_passages(ix: Any, tmp_path: Path) -> None:
    own = index.create_whoosh(tmp_path / "own", fields.Schema(document=fields.ID(stored=True)))
    writer = ix.writer()
    with closing(own.reader()) as reader:
        writer.add_reader(reader)  # which has none
    with own.writer() as theirs:
        theirs.add_document(document="x")
    with closing(own.reader()) as reader, pytest.raises(UsageError, match="only passages"):
        writer.add_reader(reader)
    writer.commit()
    check(ix, "abcdefg")


def test_a_merge_that_fails_leaves_the_index_as_it_was(ix: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("index.writers.merging.write_field", lambda *_: (_ for _ in ()).throw(MemoryError))
        with pytest.raises(MemoryError):
            ix.optimize()
    assert segments(ix) == ["ab", "c", "d", "efg"]
    ix.optimize()
    assert sorted(file.suffix for file in ix.refresh().storage.folder.iterdir()) == sorted(
        [*[".field"] * 4, ".grams", ".stored", ".json", ".json"]
    )
    check(ix, "abcdefg")
