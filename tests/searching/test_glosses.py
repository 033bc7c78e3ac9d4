"""Words that only documents tell of: what stands in brackets or as ruby beside a word finds it everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import index
import search
from index.analysis import Analyzer
from index.analysis.glosses import BETWEEN, find_glosses, may_be_glossed
from index.analysis.mentions import GLOSS
from index.lexicon import open_lexicon
from index.records import entries_of
from search.engines.memory import MemoryEngine
from search.query.expansion import MOST, Expander
from search.query.plan import Concept, Run

TEXTS = {
    "told": "中国の新興企業グローク（Grok）が発表した。",
    "latin": "新しいGrokの製品が出た。",
    "kana": "グロークの話を聞く。",
    "said": "俳優の東風谷（こちや）さん。",
    "kanji": "東風谷は歩いた。",
    "ruby": "梨園《なしぞの》という町。",
    "place": "梨園の駅に着く。",
    "ticker": "ミザリオ（XKPT）の株が上がる。",
    "name": "ミザリオの工場を見る。",
}


@pytest.fixture(scope="module", params=["memory", "embedded"])
def idx(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[search.Index]:
    documents = [index.Document(name, "", text) for name, text in TEXTS.items()]
    if request.param == "memory":
        analyzer = Analyzer()
        entries = [entry for document in documents for entry in entries_of(document, analyzer)]
        yield search.Index(MemoryEngine(entries), analyzer=analyzer)
        return
    directory = tmp_path_factory.mktemp("glosses") / "index"
    index.build(documents, directory)
    with search.open_index(directory) as opened:
        yield opened


@pytest.mark.parametrize(
    ("query", "words", "partly"),
    [
        ("Grok", {"told", "latin", "kana"}, set()),
        ("グローク", {"told", "latin", "kana"}, set()),
        ("こちや", {"said", "kanji"}, set()),
        ("なしぞの", {"ruby", "place"}, set()),
        ("東風谷", {"said", "kanji"}, set()),
        ("XKPT", {"ticker"}, {"name"}),
    ],
)
def test_what_documents_say_a_word_is_finds_it(
    idx: search.Index, query: str, words: set[str], partly: set[str]
) -> None:
    results = idx.search(query)
    assert {hit.document for hit in results if hit.tier == "word"} == words
    assert {hit.document for hit in results if hit.tier == "partial"} == partly
    without = idx.search(query, off=["glosses"])
    assert {hit.document for hit in without if hit.tier == "word"} <= words


def test_a_gloss_is_told_and_marks_the_word(idx: search.Index) -> None:
    hit = next(hit for hit in idx.search("Grok") if hit.document == "kana")
    assert [(hit.text[h.start : h.end], h.why) for h in hit.highlights] == [("グローク", ("gloss",))]


@pytest.mark.parametrize(
    ("text", "glossed"),
    [
        ("ディープシーク（DeepSeek）", ["ディープシーク", "ディープシーク"]),
        ("Hugging Face（ハギングフェイス）", ["Hugging Face", "Hugging Face"]),
        ("徳島（とくしま）へ", ["徳島"]),
        ("岸田文雄（きしだ ふみお）首相", ["岸田文雄"]),
        ("｜今日《きょう》は", ["今日"]),
        ("県庁所在地徳島（とくしま）", []),
        ("彼（かれら", []),
        ("首都（東京）", []),
        ("第三（ア）号", []),
    ],
)
def test_glosses_in_a_text(text: str, glossed: list[str]) -> None:
    assert [text[start:end] for start, end, terms in find_glosses(text) for _ in terms] == glossed


def test_a_gloss_goes_with_the_documents_that_gave_it(tmp_path: Path) -> None:
    index.build([index.Document(name, "", text) for name, text in TEXTS.items()], tmp_path / "index")
    index.delete("told", tmp_path / "index")
    with search.open_index(tmp_path / "index") as idx:
        assert "latin" in [hit.document for hit in idx.search("Grok")]
    index.build([index.Document(name, "", TEXTS[name]) for name in ("latin", "kana")], tmp_path / "index")
    with search.open_index(tmp_path / "index") as idx:
        assert [hit.document for hit in idx.search("Grok")] == ["latin"]


def test_of_many_words_with_one_reading_the_first_are_searched() -> None:
    asked: list[str] = []

    def glosses(said: str) -> list[str]:
        asked.append(said)
        return [f"花{chr(code)}" for code in range(0x4E00, 0x4E00 + 1000)]

    expander = Expander(Analyzer(), open_lexicon, glosses)
    found = expander.units(Run((Concept("はなみ", ("はなみ",)),)), frozenset({"readings", "synonyms"}), typed="はなみ")
    assert asked == ["ハナミ"]
    assert sum(len(unit.terms) for unit in found.units) <= MOST
    assert found.cut == ("はなみ",)


@pytest.mark.parametrize(
    "text",
    [
        *TEXTS.values(),
        "Ａｅｒｏ２（エアロツー）",
        "渋沢（しぶさわ・えいいち）",
        "Größe（グレーセ）",
        "｜東京 湾《とうきょうわん》",
    ],
)
def test_what_is_never_looked_up_has_no_gloss(text: str) -> None:
    for mention in find_glosses(text):
        for term in mention.terms:
            assert may_be_glossed(term.removeprefix(GLOSS).partition(BETWEEN)[0])
