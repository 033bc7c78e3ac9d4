"""Whatever is done to an index one after the other, it answers as one that is built anew of the same documents does."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import index
import search
from index import directory as on_disk
from index.records import cleaned
from index.sources import Skipped, read
from index.verify import verify

WORDS = ("輸出規制", "京都", "東京都", "半導体", "申し込み", "申込", "AI", "の", "を", "。", "\n\n", "データ")
QUERIES = ("輸出規制", "京都 AI", '"半導体"', "申込 -データ", "輸出 OR 東京", "都", "無い語")
TEXTS = st.lists(st.sampled_from(WORDS), max_size=30).map("".join)
LONG = st.just("輸出規制を強化する。京都でデータを集めた。" * 60)
FILES = st.tuples(st.sampled_from(("甲", "乙")), st.sampled_from(("a.txt", "b.md", "c.txt")))
IDS = st.sampled_from(("x", "y", "a.txt"))
ACTIONS = st.one_of(
    st.tuples(st.just("write"), FILES, st.one_of(TEXTS, TEXTS, LONG)),
    st.tuples(st.just("write"), FILES, TEXTS),
    st.tuples(st.just("remove"), FILES, st.none()),
    st.tuples(st.just("update"), st.none(), st.none()),
    st.tuples(st.just("update"), st.none(), st.none()),
    st.tuples(st.just("name"), st.sampled_from((("甲",), ("乙",), ("乙", "甲"))), st.none()),
    st.tuples(st.just("add folder"), st.sampled_from(("甲", "乙")), st.none()),
    st.tuples(st.just("add"), IDS, st.one_of(TEXTS, LONG)),
    st.tuples(st.just("delete"), st.integers(0, 9), st.none()),
)


class Model:
    """What an index is to hold: documents by their ids, and which of them a program gave."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.directory = root / "index"
        self.sources = [root / "甲"]
        self.documents: dict[str, index.Document] = {}
        self.given: set[str] = set()

    def read(self, sources: list[Path]) -> bool:
        """Takes what the sources have now; False, and nothing is taken, where there would be nothing at all."""
        found = [cleaned(item) for item in read(sources) if not isinstance(item, Skipped)]
        of_sources = {document.id: document for document in found if document.text.strip()}
        kept = {name: self.documents[name] for name in self.given - {document.id for document in found}}
        if not of_sources and not kept:
            return False
        self.documents = kept | of_sources
        self.given = set(kept)
        self.sources = sources
        return True

    def do(self, what: str, which: Any, text: Any) -> None:
        if what == "write":
            self.root.joinpath(*which).write_text(text, encoding="utf-8")
        elif what == "remove":
            self.root.joinpath(*which).unlink(missing_ok=True)
        elif what == "update":
            self._expect(self.sources, lambda: index.update(self.directory))
        elif what == "name":
            paths = [self.root / name for name in which]
            self._expect(paths, lambda: index.update(self.directory, paths))
        elif what == "add folder":
            path = self.root / which
            more = [] if path in self.sources else [path]
            self._expect([*self.sources, *more], lambda: index.add(path, self.directory))
        elif what == "add":
            document = index.Document(which, "題", f"{text}加えた。")
            index.add(document, self.directory)
            self.documents[which] = document
            self.given.add(which)
        else:
            name = sorted(self.documents)[which % len(self.documents)] if self.documents else None
            if name is not None:
                index.delete(name, self.directory)
                del self.documents[name]
                self.given.discard(name)

    def _expect(self, sources: list[Path], change: Any) -> None:
        if self.read(sources):
            change()
        else:
            with pytest.raises(index.SourceError):
                change()

    def check(self) -> None:
        manifest = on_disk.read_manifest(self.directory)
        assert verify(self.directory, deep=True) == []
        assert manifest.documents == len(self.documents)
        assert manifest.from_documents == bool(self.given)
        assert manifest.sources == tuple(map(str, self.sources))
        if not self.documents:
            with search.open_index(self.directory) as mine:
                assert [mine.search(query).total for query in QUERIES] == [0] * len(QUERIES)
            return
        fresh = self.root / "fresh"
        index.build(self.documents.values(), fresh)
        built = on_disk.read_manifest(fresh)
        assert (manifest.passages, manifest.slots) == (built.passages, built.slots)
        with search.open_index(self.directory) as mine, search.open_index(fresh) as theirs:
            for name in self.documents:
                assert mine.document(name) == theirs.document(name)
            for query in QUERIES:
                same(
                    mine.search(query, limit=1000, all_passages=True),
                    theirs.search(query, limit=1000, all_passages=True),
                )


def same(mine: search.Results, theirs: search.Results) -> None:
    """Whether two results are the same but for the order of ties."""
    assert (mine.word, mine.partial) == (theirs.word, theirs.partial)
    assert [hit.score for hit in mine] == pytest.approx([hit.score for hit in theirs], abs=1e-5)
    places = [sorted(results, key=lambda hit: (hit.document, hit.start)) for results in (mine, theirs)]
    for one, other in zip(*places, strict=True):
        assert (one.document, one.title, one.path, one.headings) == (
            other.document,
            other.title,
            other.path,
            other.headings,
        )
        assert (one.text, one.start, one.tier, one.highlights) == (
            other.text,
            other.start,
            other.tier,
            other.highlights,
        )
        assert one.score == pytest.approx(other.score, abs=1e-5)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ACTIONS, min_size=1, max_size=12))
def test_an_index_that_was_changed_is_as_one_built_anew(actions: list[tuple[str, Any, Any]]) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("甲", "乙"):
            (root / name).mkdir()
        (root / "甲" / "a.txt").write_text("輸出規制を強化する。", encoding="utf-8")
        (root / "乙" / "a.txt").write_text("東京都の半導体。", encoding="utf-8")
        model = Model(root)
        index.build(root / "甲", model.directory)
        assert model.read([root / "甲"])
        for action in actions:
            model.do(*action)
        model.check()
