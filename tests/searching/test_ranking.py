"""What a passage is worth: the parts beside the words."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import index
import search
from index.analysis import Analyzer
from index.analysis.fold import compare
from index.records import entries_of
from search.engines import question
from search.engines.memory import MemoryEngine
from search.pairs import pairs_of, spellings

ANALYZER = Analyzer()


def in_memory(**texts: str) -> search.Index:
    documents = [index.Document(name, "", text) for name, text in texts.items()]
    return search.Index(MemoryEngine(e for d in documents for e in entries_of(d, ANALYZER)), analyzer=ANALYZER)


def kinds(hit: search.Hit) -> list[str]:
    assert hit.explanation is not None
    return [part.why for part in hit.explanation]


@given(st.text("京都國国髙高のこアー々ｱﾞ、 龍竜9"))
def test_a_pair_is_told_by_its_spellings(text: str) -> None:
    written = {(ord(a), ord(b)) for a, b in pairwise(compare(text))}
    found = pairs_of(text)
    assert all(written.intersection(spellings(pair)) for pair in found)
    assert {pair for each in pairwise(compare(text)) for pair in pairs_of("".join(each))} == set(found)


def test_pairs_are_of_letters_and_not_of_hiragana_alone() -> None:
    assert pairs_of("國の、こと京9") == ("国の", "と京", "京9")
    assert pairs_of("から") == ()


def test_a_sentence_counts_its_pairs_of_characters() -> None:
    texts = {"a": "新学校の規則を改めた。", "b": "改めて規則を読む。", "c": "山の天気。"}
    hits = in_memory(**texts).search("学校規則の改訂の話", explain=True).hits
    for hit in hits:
        assert hit.explanation is not None
        assert sum(part.score for part in hit.explanation) == pytest.approx(hit.score)
    assert "bigrams" in kinds(hits[0])


def test_old_forms_are_pairs_of_today() -> None:
    asked = "国際条約の改正の話"
    old, new = (in_memory(a=f"{word}の改正。", b="天気の話。").search(asked, explain=True) for word in ("國際", "国際"))
    assert [part.score for part in old.hits[0].explanation or () if part.why == "bigrams"] == [
        part.score for part in new.hits[0].explanation or () if part.why == "bigrams"
    ]


def test_words_alone_count_no_pairs() -> None:
    assert "bigrams" not in kinds(in_memory(a="学校の規則。", b="天気。").search("学校 規則", explain=True).hits[0])


@pytest.mark.parametrize("counted", [0, question.COUNTED])
def test_a_document_that_is_about_a_word_comes_first(
    counted: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(question, "COUNTED", counted)
    filler = "山の天気は変わりやすいので、登る人は朝の予報をよく読んでから家を出ることになっている。" * 12
    about = f"京都の話。{filler}京都の寺。{filler}京都の祭り。{filler}"
    once = f"{filler}{filler}{filler}京都と京都の間の京都。"
    documents = [
        index.Document("once", "", once),
        index.Document("about", "", about),
        index.Document("none", "", filler),
    ]
    index.build(documents, tmp_path / "index")
    plain = search.Index(MemoryEngine(e for d in documents for e in entries_of(d, ANALYZER)), analyzer=ANALYZER)
    with search.open_index(tmp_path / "index") as opened:
        for query in ("京都", "京都 寺", "京都の寺の話"):
            hits, expected = (idx.search(query, explain=True).hits for idx in (opened, plain))
            assert [(hit.document, hit.score, hit.explanation) for hit in hits] == [
                (hit.document, hit.score, hit.explanation) for hit in expected
            ]
            assert ("document" in kinds(hits[0])) == (query != "京都の寺の話")
        assert opened.search("京都").hits[0].document == "about"
