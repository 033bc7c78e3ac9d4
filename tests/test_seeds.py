"""The corpus that comes with the project: what it promises, and that searching it shows something."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

import index
import search
from index.sources import Skipped, read

VARIANTS = """輸出規制 輸出規則 輸出管理 ディープシーク DeepSeek エヌビディア NVIDIA 5000億ドル ５，０００億ドル
ドナルド・トランプ 令和7年 データセンター オープンソース 國際""".split()
VARIANTS += ["ドナルド トランプ", "2025 年 1 月 20 日", "ﾃﾞｰﾀｾﾝﾀｰ"]


@pytest.fixture(scope="module")
def documents(seeds: Path) -> list[index.Document]:
    everything = list(read([seeds]))
    assert [item for item in everything if isinstance(item, Skipped)] == []
    return [item for item in everything if isinstance(item, index.Document)]


@pytest.fixture(scope="module")
def opened(documents: list[index.Document], tmp_path_factory: pytest.TempPathFactory) -> Iterator[search.Index]:
    directory = tmp_path_factory.mktemp("seeds") / "index"
    index.build(documents, directory)
    with search.open_index(directory) as idx:
        yield idx


def test_every_format_is_there(documents: list[index.Document]) -> None:
    assert len(documents) >= 16
    assert {Path(d.path or "").suffix for d in documents} == {".txt", ".md", ".html", ".jsonl", ".csv"}
    assert not any("README" in d.id for d in documents)


def test_every_document_has_the_length_of_an_article(documents: list[index.Document]) -> None:
    assert {d.id: len(d.text) for d in documents if not 500 <= len(d.text) <= 3_000} == {}


def test_the_notations_of_real_text_are_there(documents: list[index.Document]) -> None:
    everything = "\n".join(document.text for document in documents)
    assert [variant for variant in VARIANTS if variant not in everything] == []
    assert unicodedata.is_normalized("NFC", everything)


@pytest.mark.parametrize(
    "query", ["輸出規制", "半導体", "スターゲート", "中国 AI", "人材", "電力", "蒸留", "オープンモデル", "送電網"]
)
def test_a_first_search_finds_something(opened: search.Index, query: str) -> None:
    results = opened.search(query)
    assert results.word > 0
    assert results.hits[0].highlights or results.hits[0].title_highlights


def test_markup_and_menus_are_not_text(documents: list[index.Document]) -> None:
    for document in documents:
        if (document.path or "").endswith((".html", ".md")):
            assert not any(sign in document.text for sign in ("<p", "</", "](http", "&amp;", "function("))
