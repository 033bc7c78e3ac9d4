"""Four real articles of mixed notation, one of them a single giant line, indexed and searched."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import index
import search


@pytest.fixture(scope="module")
def articles(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[search.Index]:
    directory = tmp_path_factory.mktemp("articles") / "index"
    report = index.build(sorted((shared / "articles").glob("*.txt")), directory)
    assert (report.documents, report.skipped) == (4, ())
    with search.open_index(directory) as idx:
        yield idx


@pytest.mark.parametrize(
    ("query", "passages", "highlighted"),
    [
        ("輸出規制", 9, {"輸出規制"}),
        ("半導体", 5, {"半導体"}),
        ("ディープシーク", 3, {"ディープシーク", "DeepSeek"}),
        ("スターゲート", 2, {"スターゲート"}),
        ("中国 AI", 20, {"中国", "AI"}),
    ],
)
def test_what_a_reader_asks(articles: search.Index, query: str, passages: int, highlighted: set[str]) -> None:
    results = articles.search(query, limit=50, all_passages=True)
    words = [hit for hit in results if hit.tier == "word"]
    assert len(words) >= passages
    for hit in words:
        assert {hit.text[h.start : h.end] for h in hit.highlights} <= highlighted
        assert hit.highlights or hit.title_highlights or hit.headings


def test_every_highlight_lies_in_its_passage_and_every_passage_in_its_document(articles: search.Index) -> None:
    for query in ("輸出規制", "中国のAIの進歩を遅らせる措置", "トランプ 規制", "学習する", "チップ"):
        for hit in articles.search(query, limit=100, all_passages=True):
            assert hit.text == articles.document(hit.document).text[hit.start : hit.end]
            ends = [0]
            for highlight in hit.highlights:
                assert ends[-1] <= highlight.start < highlight.end <= len(hit.text)
                assert highlight.why
                ends.append(highlight.end)


def test_many_threads_get_what_one_gets(articles: search.Index) -> None:
    queries = [
        "輸出規制",
        "半導体",
        "中国 AI",
        "ディープシーク",
        '"輸出規制"',
        "AIの進歩を遅らせるのは何ですか",
        "なら",
    ] * 6

    def asked(query: str) -> object:
        return {**articles.search(query, explain=True).to_dict(), "took_ms": None}

    alone = [asked(query) for query in queries]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(asked, queries)) == alone


@pytest.mark.parametrize(
    ("query", "tier", "written", "why"),
    [
        ("輸出規則", "partial", "輸出規制", "synonym"),
        ("輸出規制", "partial", "輸出規則", "synonym"),
        ("エヌビディア", "word", "NVIDIA", "foreign"),
        ("NVIDIA", "word", "エヌビディア", "foreign"),
        ("ディープシーク", "word", "DeepSeek", "foreign"),
        ("deepseek", "word", "ディープシーク", "foreign"),
        ("ドナルド・トランプ", "word", "ドナルド トランプ", "surface"),
        ("五千億ドル", "word", "5000億ドル", "number"),
        ("令和7年1月20日", "word", "2025 年 1 月 20 日", "era"),
        ("はんどうたい", "word", "半導体", "reading"),
        ("handotai", "word", "半導体", "romaji"),
        ("sutāgēto", "word", "スターゲート", "romaji"),
    ],
)
def test_every_notation_finds_the_other(articles: search.Index, query: str, tier: str, written: str, why: str) -> None:
    marked = [
        (hit.text[highlight.start : highlight.end], rule)
        for hit in articles.search(query, limit=50, all_passages=True)
        if hit.tier == tier
        for highlight in hit.highlights
        for rule in highlight.why
    ]
    assert (written, why) in marked
