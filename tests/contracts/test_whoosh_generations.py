"""Whatever writers do one after the other, an index holds what a dictionary would."""

from __future__ import annotations

import threading
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import index
import search
from index.as_whoosh.writer import PassageWriter
from index.codec.fields import Layout
from index.verify import verify
from index.whoosh_api import AsyncWriter, BufferedWriter, analysis, fields, query

WORDS = st.lists(st.sampled_from("abcde"), max_size=5)
NUMBERS = st.integers(0, 12)
ACTIONS = st.one_of(
    st.tuples(st.just("update"), NUMBERS, WORDS),
    st.tuples(st.just("update"), NUMBERS, WORDS),
    st.tuples(st.just("delete"), NUMBERS, st.none()),
    st.tuples(st.just("delete word"), st.sampled_from("abcde"), st.none()),
)
ENDS = st.sampled_from(("commit", "commit", "keep", "optimize", "cancel"))


def schema() -> Any:
    return fields.Schema(
        id=fields.ID(stored=True, unique=True),
        body=fields.TEXT(analyzer=analysis.SpaceSeparatedTokenizer(), stored=True),
        size=fields.NUMERIC(sortable=True),
    )


def do(writer: Any, model: dict[int, list[str]], action: tuple[str, Any, Any]) -> None:
    """An action in a writer and in the model, where a writer sees only what was committed before it."""
    what, which, words = action
    if what == "update":
        writer.update_document(id=str(which), body=" ".join(words), size=len(words))
        model[which] = words
    elif what == "delete":
        writer.delete_by_term("id", str(which))
        model.pop(which, None)
    else:
        writer.delete_by_term("body", which)
        for number in [number for number, words in model.items() if which in words]:
            del model[number]


def end(writer: Any, how: str) -> None:
    if how == "cancel":
        writer.cancel()
    else:
        writer.commit(optimize=how == "optimize", merge=how != "keep")


def check(ix: Any, model: dict[int, list[str]]) -> None:
    with closing(ix.searcher()) as searcher:
        every = searcher.search(query.Every(), limit=None, sortedby="size")
        assert {int(hit["id"]): hit["body"].split() for hit in every} == model
        assert [len(hit["body"].split()) for hit in every] == sorted(map(len, model.values()))
        assert searcher.doc_count() == len(model)
        for word in "abcde":
            found = {int(hit["id"]) for hit in searcher.search(query.Term("body", word), limit=None)}
            assert found == {number for number, words in model.items() if word in words}
        pairs = searcher.search(query.Phrase("body", ["a", "b"]), limit=None)
        expected = {number for number, words in model.items() if ("a", "b") in pairwise(words)}
        assert {int(hit["id"]) for hit in pairs} == expected


@settings(max_examples=40)
@given(st.lists(st.tuples(st.lists(ACTIONS, max_size=4, unique_by=lambda action: str(action[1])), ENDS), max_size=6))
def test_an_index_holds_what_its_writers_said(batches: list[tuple[list[Any], str]]) -> None:
    model: dict[int, list[str]] = {}
    with TemporaryDirectory() as folder:
        ix = index.create_whoosh(Path(folder) / "index", schema())
        for actions, how in batches:
            after = dict(model)
            writer = ix.writer()
            # What is deleted by a word must not be what this writer added, which it does not see.
            for action in sorted(actions, key=lambda action: action[0] == "update"):
                do(writer, after, action)
            end(writer, how)
            model = model if how == "cancel" else after
            check(ix, model)


PASSAGES = st.lists(st.sampled_from(["輸出", "規制", "京都", "申込み", "データ"]), min_size=1, max_size=4)
CHANGES = st.one_of(
    st.tuples(st.just("add"), NUMBERS, PASSAGES),
    st.tuples(st.just("add"), NUMBERS, PASSAGES),
    st.tuples(st.just("delete"), NUMBERS, st.none()),
)


def change(writer: Any, model: dict[int, list[str]], changes: list[tuple[str, int, Any]]) -> None:
    """Puts passages in the place of those of the same document, or deletes them."""
    for what, number, words in changes:
        writer.delete_by_term("document", str(number))
        model.pop(number, None)
        if what == "add":
            writer.add_document(document=str(number), title="題", body="、".join(words))
            model[number] = words


def check_passages(ix: Any, model: dict[int, list[str]]) -> None:
    bodies = {str(number): "、".join(words) for number, words in model.items()}
    with closing(ix.searcher()) as searcher:
        every = searcher.search(query.Every(), limit=None, sortedby="document_number")
        assert {hit["document"]: hit["body"] for hit in every} == bodies
        for word in ("輸出", "規制", "京都"):
            found = {hit["document"] for hit in searcher.search(query.Term("body", word), limit=None)}
            assert found == {number for number, body in bodies.items() if word in body}
    with search.open_index(ix.directory) as opened:
        for text in ("輸出", "京都規制", '"申し込み"', "出、規"):
            for hit in opened.search(text, limit=50):
                assert hit.text == bodies[hit.document]
        assert {hit.document for hit in opened.search("データ", limit=50)} == {
            number for number, body in bodies.items() if "データ" in body
        }
    assert verify(ix.directory, deep=True) == []


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.lists(CHANGES, max_size=4, unique_by=lambda change: change[1]), ENDS), max_size=6),
    st.sampled_from([Layout(), Layout(hot_share=2, hot_rows=1)]),
)
def test_an_index_of_passages_holds_what_its_writers_said(
    batches: list[tuple[list[tuple[str, int, Any]], str]], layout: Layout
) -> None:
    model = {0: ["輸出", "規制"]}
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(PassageWriter, "layout", layout)
        index.build([index.Document("0", "題", "輸出、規制")], Path(folder) / "index")
        ix = index.open_whoosh(Path(folder) / "index")
        for changes, how in batches:
            after = dict(model)
            writer = ix.writer()
            change(writer, after, changes)
            end(writer, how)
            model = model if how == "cancel" else after
            check_passages(ix, model)


def test_readers_go_on_while_a_writer_commits(tmp_path: Path) -> None:
    ix = index.create_whoosh(tmp_path / "index", schema())
    stop = threading.Event()
    wrong: list[object] = []

    def read() -> None:
        own = index.open_whoosh(tmp_path / "index")
        try:
            while not stop.is_set():
                with closing(own.searcher()) as searcher:
                    bodies = [hit["body"] for hit in searcher.search(query.Term("body", "all"), limit=None)]
                if bodies != [f"all {number}" for number in range(len(bodies))]:
                    wrong.append(bodies)
        except Exception as error:  # noqa: BLE001  # a thread's error would be lost
            wrong.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(25):
        with ix.writer() as writer:
            writer.add_document(id=str(number), body=f"all {number}")
            writer.merge = False
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_writer_of_whoosh_s_waits_for_the_lock_in_a_thread(tmp_path: Path) -> None:
    ix = index.create_whoosh(tmp_path / "index", schema())
    first = ix.writer()
    waiting = AsyncWriter(ix, delay=0.01)
    waiting.add_document(id="1", body="late")
    waiting.commit()
    first.add_document(id="0", body="early")
    first.commit()
    waiting.join()
    check(ix, {0: ["early"], 1: ["late"]})


def test_a_writer_of_whoosh_s_collects_in_memory(tmp_path: Path) -> None:
    ix = index.create_whoosh(tmp_path / "index", schema())
    writer = BufferedWriter(ix, period=None, limit=3)
    for number in range(5):
        writer.add_document(id=str(number), body="a b", size=2)
    with closing(writer.reader()) as reader:
        assert reader.doc_count() == 5
    writer.close()
    check(ix, {number: ["a", "b"] for number in range(5)})
