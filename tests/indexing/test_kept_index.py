"""Indexes of each format, kept in ``tests/data/index-format-N``: that of this format answers, others are refused.

None is ever made again: where an index of this format fails, the format was changed, and needs another number. Until
the first release of a format ``python -m tests.indexing.test_kept_index`` makes its index.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import index
import search
from index import Block, BlockKind, Document
from index.settings import FORMAT
from index.verify import verify

DATA = Path(__file__).resolve().parents[1] / "data"
PREFIX = "index-format-"
OF_FORMAT = {int(folder.name.removeprefix(PREFIX)): folder for folder in sorted(DATA.glob(f"{PREFIX}*"))}
OURS = DATA / f"{PREFIX}{FORMAT}"
DOCUMENTS = [
    Document(
        "規制",
        "輸出規制",
        "見出し\n政府は半導体の輸出規制を強化した。各国が対応を急ぐ。",
        path="規制.md",
        fields={"年": 2025},
        blocks=(Block(0, 3, BlockKind.HEADING, 1),),
    ),
    Document("電力", "", "電力が足りない。東京都は節電を求めた。𠮷野家で会議。" * 12),
    Document("朝", "港の朝", "港に船が着き、市場が開く。"),
]


def make() -> None:
    """Writes the index of this format anew."""
    shutil.rmtree(OURS, ignore_errors=True)
    index.build(DOCUMENTS, OURS)
    (OURS / "sakuin.lock").unlink(missing_ok=True)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A copy, so that nothing a test does changes what is kept."""
    if FORMAT not in OF_FORMAT:
        pytest.skip(f"no index of format {FORMAT} is kept yet")
    return Path(shutil.copytree(OURS, tmp_path / "i"))


def test_it_answers(kept: Path) -> None:
    with search.open_index(kept) as idx:
        (hit,) = idx.search("輸出規制 半導体")
        assert (hit.document, hit.title, hit.path, hit.fields) == ("規制", "輸出規制", "規制.md", {"年": 2025})
        assert "".join(DOCUMENTS[0].text[span.start : span.end] for span in hit.highlights) == "半導体輸出規制"
        dated = idx.search("輸出規制", filters=["年=2025"], facets=["年"])
        assert dated.to_dict()["facets"] == {"年": [{"value": 2025, "count": dated.total}]}
        assert [hit.document for hit in idx.search("東京都 OR 船", sort="-document")][-1] == "朝"
        assert [hit.document for hit in idx.search('"船が着き"')] == ["朝"]
        partial = idx.search("京都")
        assert (partial.word, {hit.document for hit in partial}) == (0, {"電力"})
        assert {hit.document for hit in idx.search("会議")} == {"電力"}
        for document in DOCUMENTS:
            assert idx.document(document.id).text == document.text


def test_it_is_whole(kept: Path) -> None:
    # It may have been made with another dictionary than is installed.
    assert [problem for problem in verify(kept, deep=True) if not problem.startswith("the index was made with")] == []


@pytest.mark.parametrize("number", sorted(OF_FORMAT.keys() - {FORMAT}))
def test_another_format_is_refused_by_its_number(number: int, tmp_path: Path) -> None:
    directory = Path(shutil.copytree(OF_FORMAT[number], tmp_path / "i"))
    told = rf"it has format {number}, this version reads {FORMAT}.*python -m index build SOURCE --index-dir"
    for use in (search.open_index, verify, index.open_whoosh):
        with pytest.raises(index.DamagedIndex, match=told):
            use(directory)
    added = directory.with_name("a.txt")
    added.write_text("電力が足りない。", encoding="utf-8")
    changes: tuple[Callable[[], object], ...] = (lambda: index.update(directory), lambda: index.add(added, directory))
    for change in changes:
        with pytest.raises(index.OtherAnalysis, match=told):
            change()
    index.build(added, directory)
    with search.open_index(directory) as idx:
        assert idx.search("電力").total == 1


if __name__ == "__main__":
    make()
