"""The library as a program uses it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import index
import search
from index.analysis import Analyzer
from index.errors import UsageError
from index.model import Mark
from index.records import entries_of
from search import clock
from search.engines.memory import MemoryEngine

ANALYZER = Analyzer()

SENTENCE = "政府は輸出規制を強めるという方針を示し、各国の企業に対応を求めた。"
DOCUMENTS = [
    index.Document("a", "輸出規制の話", "輸出規制が続く。半導体の価格は上がった。", "a.txt", {"year": 2025}),
    index.Document("b", "電力", "データセンターの電力が足りない。\n\n輸出が増えた。規制も増えた。", "b.txt"),
    index.Document("c", "", SENTENCE * 40, "c.txt"),
]


@pytest.fixture(scope="module")
def idx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[search.Index]:
    directory = tmp_path_factory.mktemp("library") / "index"
    index.build(DOCUMENTS, directory)
    with search.open_index(directory) as opened:
        yield opened


def in_memory(*texts: str) -> search.Index:
    documents = [index.Document(str(i), "", text) for i, text in enumerate(texts)]
    return search.Index(MemoryEngine(e for d in documents for e in entries_of(d, ANALYZER)), analyzer=ANALYZER)


def test_a_hit_says_where_it_is(idx: search.Index) -> None:
    hit = idx.search("半導体").hits[0]
    assert (hit.rank, hit.tier, hit.document, hit.title, hit.path) == (1, "word", "a", "輸出規制の話", "a.txt")
    assert hit.text == idx.document("a").text[hit.start : hit.end]
    assert [hit.text[h.start : h.end] for h in hit.highlights] == ["半導体"]
    assert hit.fields == {"year": 2025}


def test_words_of_the_title_are_highlighted_there(idx: search.Index) -> None:
    hit = idx.search("輸出規制").hits[0]
    assert [hit.title[h.start : h.end] for h in hit.title_highlights] == ["輸出規制"]


def test_hits_without_highlights_are_else_the_same(idx: search.Index) -> None:
    with_highlights, without = (idx.search("輸出規制", highlight=wanted).hits for wanted in (True, False))
    assert [replace(hit, highlights=(), title_highlights=()) for hit in with_highlights] == list(without)
    assert with_highlights != without


def test_the_dictionary_is_the_contract(idx: search.Index) -> None:
    results = idx.search("輸出規制", explain=True)
    shown = json.loads(json.dumps(results.to_dict()))
    assert list(shown) == [
        *("query", "offset", "limit", "total", "total_is_exact", "took_ms", "tier_counts", "warnings", "suggestion"),
        *("diagnosis", "timed_out", "facets", "hits", "plan"),
    ]
    assert list(shown["hits"][0]) == [
        *("rank", "score", "tier", "document", "title", "path", "headings", "title_highlights", "passage", "text"),
        *("highlights", "fields", "similar", "explanation"),
    ]
    for hit in shown["hits"]:
        assert sum(part["score"] for part in hit["explanation"]["parts"]) == pytest.approx(hit["score"])


def test_many_queries_get_what_each_gets(idx: search.Index) -> None:
    queries = ["輸出規制", "半導体 価格", "電力が足りない", "無い言葉", "輸出規制"] * 3
    every = idx.search_many(queries, limit=2, explain=True, threads=4)
    for query, results in zip(queries, every, strict=True):
        alone = idx.search(query, limit=2, explain=True)
        assert {**results.to_dict(), "took_ms": 0} == {**alone.to_dict(), "took_ms": 0}
    with pytest.raises(UsageError):
        idx.search_many(["輸出", "「」"])
    assert idx.search_many([]) == []


@pytest.mark.parametrize("seconds", range(1, 12))
def test_past_its_time_limit_a_search_gives_what_it_has(
    seconds: int, idx: search.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = idx.search("規制 OR 強い", limit=100, all_passages=True)
    monkeypatch.setattr(clock, "time", SimpleNamespace(monotonic=count().__next__))
    results = idx.search("規制 OR 強い", limit=100, all_passages=True, timeout=seconds)
    assert results.timed_out == (not results.total_is_exact)
    assert {hit.start for hit in results} <= {hit.start for hit in whole}
    assert results.timed_out or results.total == whole.total
    if seconds == 1:
        assert results.timed_out
        assert results.total == 0
    shown = results.to_dict()
    assert (shown["timed_out"], shown["total_is_exact"]) == (results.timed_out, results.total_is_exact)


@pytest.mark.parametrize("timeout", [0, -1, float("nan")])
def test_a_time_limit_is_more_than_nothing(timeout: float, idx: search.Index) -> None:
    with pytest.raises(UsageError, match="timeout"):
        idx.search("輸出", timeout=timeout)


def test_pages_are_stretches_of_one_list(idx: search.Index) -> None:
    whole = [hit.start for hit in idx.search("輸出規制", limit=100)]
    for size in (1, 2, 3):
        pages = [idx.search("輸出規制", limit=size, offset=offset) for offset in range(0, len(whole), size)]
        assert [hit.start for page in pages for hit in page] == whole
        assert [hit.rank for page in pages for hit in page] == list(range(1, len(whole) + 1))


def test_partial_hits_fill_a_page_that_one_document_leaves_short() -> None:
    opened = in_memory(("寺の多い京都へ行き、長い一日をそこで過ごした。" * 10 + "\n\n") * 6, *["東京都の話。"] * 5)
    page = opened.search("京都", limit=6)
    assert [hit.tier for hit in page] == ["word"] * 3 + ["partial"] * 3
    assert page.hits[0].similar == page.word - 3


def test_the_text_around_a_passage(idx: search.Index) -> None:
    second = next(h for h in idx.search("輸出規制", limit=100, context=2, all_passages=True) if h.ordinal == 1)
    assert second.context is not None
    assert second.context.before == SENTENCE * 2
    assert second.context.after == SENTENCE * 2
    assert idx.search("輸出規制").hits[0].context is None


def test_no_hit_says_what_each_word_does(idx: search.Index) -> None:
    results = idx.search("電力 存在しない語")
    assert results.total == 0
    assert results.diagnosis is not None
    assert next((d.text, d.total, d.total_without) for d in results.diagnosis) == ("電力", 1, 0)


def test_no_hit_says_what_an_exclusion_takes(idx: search.Index) -> None:
    results = idx.search("電力 -データセンター")
    assert results.total == 0
    assert [(d.text, d.total, d.total_without) for d in results.diagnosis or ()] == [
        ("電力", 1, 0),
        ("-データセンター", 1, 1),
    ]


def test_a_typing_error_is_told(idx: search.Index) -> None:
    results = idx.search("データセソター 電力")
    assert (results.total, results.suggestion) == (0, "データセンター 電力")
    assert [d.nearest for d in results.diagnosis or ()] == [("データセンター",), ()]
    assert in_memory("エヌビディアの製品").search("エヌビディヤ").suggestion == "エヌビディア"


def test_a_word_of_deleted_documents_alone_is_not_suggested(tmp_path: Path) -> None:
    texts = {"a": "プログラミングを学ぶ。", "b": "輸出を学ぶ。"}
    index.build([index.Document(name, "", text) for name, text in texts.items()], tmp_path / "i")
    for deleted, nearest in ((None, ("プログラミング",)), ("a", ())):
        if deleted:
            index.delete(deleted, tmp_path / "i")
        with search.open_index(tmp_path / "i") as opened:
            found = opened.search("プログラミンク")
            assert [d.nearest for d in found.diagnosis or ()] == [nearest]


def test_a_suggestion_finds_something_asked_as_the_query_was() -> None:
    together = in_memory("半導体が足りない。電力も足りない。")
    assert together.search("半導休 電力", exact=True).suggestion == "半導体 電力"
    apart = in_memory("半導体が足りない。", "電力も足りない。")
    assert apart.search("半導休 電力", exact=True).suggestion is None


@pytest.mark.parametrize(
    ("query", "warning"),
    [
        ("輸出 NOT", "NOT needs a word"),
        ("輸出 OR", "OR needs a word"),
        ('輸出 "規制', "is not closed"),
        ("輸出)", "closes nothing"),
        ("(輸出", "is not closed"),
        ("輸出 |", "| needs a word"),
        ("foo:輸出", "there is no field foo"),
        ("価格：100", "there is no field 価格"),
        ("輸*出", "behind the beginning of a word only"),
        ("*輸出", "behind the beginning of a word only"),
        ("輸出^", "^ is read before a number"),
        ("輸出^高", "^ is read before a number"),
        ("輸出^0", "^0 is read as ^0.1"),
        ("輸出~2", "~ is read behind a quotation"),
        ('"輸出 規制"~500', "~500 is read as ~100"),
        ("title:", "title: needs a word"),
        ("輸出 -の", "excludes nothing"),
        ("規制 " * 400, "the first 50 are searched"),
        ("規制" * 2_000, "the first 2,000 are searched"),
    ],
)
def test_what_was_not_understood_is_told(idx: search.Index, query: str, warning: str) -> None:
    assert any(warning in told for told in idx.search(query).warnings)


def test_a_dangling_not_excludes_nothing(idx: search.Index) -> None:
    assert idx.search("輸出 NOT").total == idx.search("輸出").total
    assert idx.search("半導体 NOT AND 電力").total == 1


@pytest.mark.parametrize("query", ["", "  ", "。、", "「」", '""', "-輸出", "NOT 輸出", "-", "()"])
def test_a_query_that_asks_for_nothing_is_a_usage_error(idx: search.Index, query: str) -> None:
    with pytest.raises(search.UsageError):
        idx.search(query)


@pytest.mark.parametrize("page", [{"limit": 0}, {"limit": -1}, {"offset": -1}, {"context": -1}, {"limit": 10**9}])
def test_a_page_that_cannot_be_is_a_usage_error(idx: search.Index, page: dict[str, int]) -> None:
    with pytest.raises(search.UsageError):
        idx.search("輸出", **page)  # type: ignore[arg-type]  # each a number


def test_no_such_document(idx: search.Index) -> None:
    with pytest.raises(search.SakuinError, match="no document 'x'"):
        idx.document("x")


def test_a_closed_index_says_so(tmp_path: Path) -> None:
    index.build(DOCUMENTS[:1], tmp_path / "index")
    with search.open_index(tmp_path / "index") as opened:
        opened.close()
    opened.close()
    with pytest.raises(search.SakuinError, match="closed"):
        opened.search("輸出")
    with pytest.raises(search.SakuinError, match="closed"):
        opened.document("a")


def test_a_surrogate_inside_a_query_is_no_error(idx: search.Index) -> None:
    assert idx.search("輸\ud800出").total == 0


def test_html_marks_what_was_found_and_escapes_the_rest() -> None:
    hit = in_memory("<b>A&B</b>の輸出規制。").search("輸出規制").hits[0]
    assert search.to_html(hit.text, hit.highlights) == (
        '&lt;b&gt;A&amp;B&lt;/b&gt;の<mark data-why="surface">輸出規制</mark>。'
    )


def test_a_long_run_of_one_word_is_answered() -> None:
    opened = in_memory("港" * 500, "港町の港。")
    assert opened.search("港" * 150, limit=1).word > 0


WORDS = [
    "輸出",
    "規制",
    "半導体",
    "教育委員会",
    "國際",
    "經濟",
    "サ－バ－",
    "㍿",
    "C++",
    ".NET",
    "ＡＩ",
    "食べた",
    "データ・センター",
]
texts = st.lists(st.sampled_from([*WORDS, *"のを。、 「」が", "\n\n"]), min_size=1, max_size=20)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(texts.map("".join), st.data())
def test_a_quotation_finds_the_text_it_was_taken_from(text: str, data: st.DataObject) -> None:
    slots = ANALYZER.slots(text)
    if not slots:
        return
    first = data.draw(st.integers(0, len(slots) - 1))
    last = data.draw(st.integers(first, min(len(slots) - 1, first + 4)))
    quoted = text[slots[first].start : slots[last].end]
    again = [slot.terms[0] for slot in ANALYZER.slots(quoted)]
    if any(sign in quoted for sign in "「」\n") or again != [slot.terms[0] for slot in slots[first : last + 1]]:
        return  # a quotation that is cut otherwise by itself asks for other words
    hits = in_memory(text).search(f'"{quoted}"').hits
    assert any(quoted in hit.text[h.start : h.end] for hit in hits for h in hit.highlights)


@settings(max_examples=100, deadline=None)
@given(texts.map("".join), texts.map("".join))
def test_highlights_lie_in_the_passage_and_cross_no_end_of_a_sentence(text: str, query: str) -> None:
    try:
        hits = in_memory(text).search(query).hits
    except search.UsageError:
        return
    for hit in hits:
        stops = [slot.start for slot in ANALYZER.slots(hit.text) if slot.marks & Mark.STOP]
        end = 0
        for highlight in hit.highlights:
            assert end <= highlight.start < highlight.end <= len(hit.text)
            end = highlight.end
            if "partial" not in highlight.why:
                assert not any(highlight.start < stop < highlight.end for stop in stops)


def test_a_reader_keeps_its_generation_until_it_refreshes(tmp_path: Path) -> None:
    index.build([index.Document("a", "題", "政府は輸出規制を強めた。")], tmp_path / "i")
    with search.open_index(tmp_path / "i") as opened:
        assert not opened.refresh()
        index.build([index.Document("b", "題", "港に船が着いた。")], tmp_path / "i")
        assert [hit.document for hit in opened.search("輸出規制")] == ["a"]
        assert opened.refresh()
        assert not opened.search("輸出規制").total
        assert [hit.document for hit in opened.search("港")] == ["b"]
        (tmp_path / "i" / "manifest.json").write_bytes(b"{")
        with pytest.raises(index.DirectoryError):
            opened.refresh()
        assert [hit.document for hit in opened.search("港")] == ["b"]
    with pytest.raises(index.UsageError):
        opened.refresh()


def test_a_search_goes_on_with_what_it_began_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index.build([index.Document("a", "題", "前の文。政府は輸出規制を強めた。後の文。")], tmp_path / "i")
    with search.open_index(tmp_path / "i") as opened:
        index.build([index.Document("b", "題", "港に船が着いた。")], tmp_path / "i")
        from search import library

        def meanwhile(*given: object, **options: object) -> object:
            opened.refresh()
            return hit(*given, **options)

        hit: Callable[..., object] = library._hit
        monkeypatch.setattr(library, "_hit", meanwhile)
        (found,) = opened.search("輸出規制", context=1)
        assert (found.document, found.context) == ("a", search.Context("", ""))
        assert opened.search("港").total == 1


def test_an_index_made_anew_in_the_same_folder_is_another_generation(tmp_path: Path) -> None:
    index.build([index.Document("a", "題", "政府は輸出規制を強めた。")], tmp_path / "i")
    with search.open_index(tmp_path / "i") as opened:
        shutil.rmtree(tmp_path / "i")
        index.build([index.Document("b", "題", "港に船が着いた。")], tmp_path / "i")
        assert opened.refresh()
        assert opened.search("港").total == 1


def test_strings_of_hangul_letters_are_found(tmp_path: Path) -> None:
    index.build([index.Document("a", "題", "abcㄱㅏdef。")], tmp_path / "i")
    with search.open_index(tmp_path / "i") as opened:
        assert opened.search("cㄱㅏd").total == 1


def test_an_index_of_a_schema_of_its_own_is_told(tmp_path: Path) -> None:
    from whoosh.fields import TEXT, Schema

    index.create_whoosh(tmp_path / "i", Schema(text=TEXT()))
    with pytest.raises(index.UsageError, match=r"index\.open_whoosh"):
        search.open_index(tmp_path / "i")
