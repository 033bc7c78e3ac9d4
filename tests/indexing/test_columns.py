"""Many texts at once give what they give one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import index.analysis
from index import pipeline
from index.analysis import Analyzer
from index.model import Block, BlockKind, Document, Mark, Slot
from index.pipeline import batches
from index.records import cleaned, entries_of, records_of
from index.writers import FIELDS, Batch, Columns, Record, Word, batch_of

ANALYZER = Analyzer()
PLAIN = Analyzer()

PIECES = """
輸出 規制 教育委員会事務局 ﾃﾞｰﾀｾﾝﾀｰ サ－バ－ サーバ− だって――でも 國際聯合 経濟 來た 樣子 食べられました 東京都
走っている 高くない 読んで 見て いる ない た ば C++ Disney+ .NET GPT-4.5 node.js 3.14 ２０２５ 五千億 千五百 三 つ
こゝろ しみ〴〵 いろ／＼ それ／″＼ 々 ゞ 〳〵 民主々義 ヱビス 龍 辯護士 霞ヶ関 ㈱ ⻑ e‐mail キユーピー シヤツ
ヴェルハーレン ⒈ ⑴ 萬 發 餘 臺灣 〇 七 二 一番 三つ 億 兆 百円 1,000 . .5 ½ ㎞ Ⅳ 〇七二2 万一 十 2 7 ，
年 こと もの する 彼 について 教えて ください ご説明ください 見せてほしい 。 、 ！ ？ . ． , ・ 「 」 （ ） … ‥ ー
〜 ①② ㍿ 𠮷 ・ジャン・ポール・サルトル XYZQ ブログラミンガー
""".split()
DATES = """
2025年1月20日 ２０２５年 二〇二五年一月二十日 令和7年1月20日 令和元年 ㋿元年五月 H31.4.30 平28・3・1 2025/1/20
2025-01-20 2025/01 2019～2021年 平成元年1月3日 昭和30年代 2025年13月 令和7年度 2024年度末 前1200年 月 日 元年 令和
H S / - 年度 ㋿ 昭和 明 元 12 壱万円 金壱百万円 弐拾参 三萬円 廿五日 第十条の三 第10条ノ3 第百二十三条第一項第二号
二条城 条 の 第 項 号 20歳 二十歳 十人 10人 位 才 1人目 50％ 2.0 ①②③ ⑳3 2025 2019 年 1 20 〜
""".split()
DATES += ["2\u00a0000\u00a0000円", "2025 年 1 月 20 日", " ", "　", "\u00a0", "\n", "㎞", "か\u3099"]
PIECES += ["ディープシーク（DeepSeek）", "Grok（グローク）", "徳島（とくしま）", "｜", "梨園《なしぞの》"]
PIECES += ["会　議　録", "日 本 人", "目　次\n", "令 和 七 年", "輸出規\n制", "教育委\r\n　員会", "東京\n大学"]
PIECES += [" ", "  ", "　", "\n", "\n\n", "\r\n", "\t", "か\u3099", "\0", "\ud800", "big data", "\u200b", ""]
texts = st.lists(st.one_of(st.sampled_from(PIECES), st.characters()), max_size=20).map("".join)


def slots_of(columns: Columns, words: Sequence[Word]) -> list[list[Slot]]:
    rows = zip(*(column.tolist() for column in columns[1:]), strict=True)
    slots = (Slot(start, end, words[word].terms, words[word].unit_ends, marks) for word, marks, start, end in rows)
    return [[next(slots) for _ in range(count)] for count in columns.counts.tolist()]


@settings(max_examples=300, deadline=None)
@given(st.lists(texts, max_size=6))
def test_many_texts_are_as_one_by_one(many: list[str]) -> None:
    columns, words = ANALYZER.columns(many)
    assert slots_of(columns, words) == [PLAIN.slots(text) for text in many]
    assert [column.dtype for column in columns] == [np.uint32, np.uint32, np.uint8, np.uint32, np.uint32]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(st.sampled_from(DATES + PIECES), max_size=12).map("".join), max_size=6))
def test_mentions_of_many_texts_are_as_one_by_one(many: list[str]) -> None:
    columns, words = ANALYZER.columns(many)
    assert slots_of(columns, words) == [PLAIN.slots(text) for text in many]


def test_nothing_carries_over_to_the_next_text() -> None:
    many = [
        "走っ",
        "て",
        "見て",
        "いる",
        "三",
        "こと",
        "見\n\n",
        "る。",
        "彼 ",
        "教え",
        "て",
        "",
        "。",
        "て",
        "教えて",
        "くれ",
    ]
    columns, words = ANALYZER.columns(many)
    assert slots_of(columns, words) == [PLAIN.slots(text) for text in many]


def test_words_of_one_part_of_speech_keep_apart_what_their_norms_say() -> None:
    for words in (["走りながら", "読んで"], ["読んで", "走りながら"]):
        analyzer = Analyzer()
        tails = {word: analyzer.slots(word)[-1].marks & Mark.TAIL for word in words}
        assert tails == {"読んで": Mark.TAIL, "走りながら": 0}


def test_a_text_longer_than_one_analysis() -> None:
    many = ["電力", "政府は輸出規制を強化した。" * 800, "輸出"]
    columns, words = ANALYZER.columns(many)
    assert slots_of(columns, words) == [PLAIN.slots(text) for text in many]


def test_the_end_of_a_text_ends_a_run_of_numerals_otherwise_than_a_word_does() -> None:
    many = ["〇七二2一", "〇七二2一番", "〇十兆一", "〇十兆一番", "27。", "27", "百27", "〇七二2一", "二千十五年"]
    columns, words = Analyzer().columns(many)
    assert slots_of(columns, words) == [PLAIN.slots(text) for text in many]


def test_a_numeral_with_an_invisible_character_behind_it_is_of_the_run() -> None:
    many = ["。000。", "。0001\u200d。", "千000円", "千0001\u200d"]
    columns, words = Analyzer().columns(many)
    assert slots_of(columns, words) == [PLAIN.slots(text) for text in many]


def test_one_word_in_several_spellings_of_one_length() -> None:
    for many in (["（ＡＩ）と(AI)", "(AI)と（ＡＩ）と㎞とkm"], ["ｶﾞとガとか\u3099", "、､。｡", "らーめん", "ら〜めん"]):
        for texts in (many, many[::-1]):
            columns, words = Analyzer().columns(texts)
            assert slots_of(columns, words) == [PLAIN.slots(text) for text in texts]


def test_signs_of_several_letters_and_old_numerals_are_as_one_by_one() -> None:
    many = ["⒈2024年の概要", "⑴１月．", "あ１九番", "十萬發", "二萬餘圓", "二萬臺灣", "⒉あ", "⑵"]
    for texts in (many, many[::-1]):
        columns, words = Analyzer().columns(texts)
        assert slots_of(columns, words) == [PLAIN.slots(text) for text in texts]


def test_what_was_read_before_changes_nothing() -> None:
    analyzer = Analyzer()
    for text in ("⑵", "⒉あ", "あ１九番", "⑴１月．"):
        columns, words = analyzer.columns([text])
        assert slots_of(columns, words) == [PLAIN.slots(text)]


def test_threads_may_share_a_vocabulary() -> None:
    analyzer = Analyzer()
    many = ["".join(PIECES[i % len(PIECES)] for i in range(start, start + 40)) for start in range(0, 600, 7)]
    orders = [many, many[::-1], many[20:], many[:50]] * 4
    with ThreadPoolExecutor(4) as pool:
        for texts, (columns, words) in zip(orders, pool.map(analyzer.columns, orders), strict=True):
            assert slots_of(columns, words) == [PLAIN.slots(text) for text in texts]


def test_a_vocabulary_that_is_full_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.analysis, "_REMEMBERED", 5)
    analyzer = Analyzer()
    for many in (["政府は輸出規制を強化した。"], ["電力が足りない。"], ["政府は輸出規制を強化した。"]):
        columns, words = analyzer.columns(many)
        assert slots_of(columns, words) == [PLAIN.slots(text) for text in many]


def documents() -> Iterator[Document]:
    for number in range(12):
        text = "輸出規制\n" + f"第{number}回の電力が足りない。國際聯合が云った。" * (30 * number)
        yield Document(str(number), f"題{number % 3}", text, blocks=(Block(0, 4, BlockKind.HEADING, 1),))


def records(of: Iterator[Document]) -> Iterator[Record]:
    return (record for document in of for record in records_of(cleaned(document)))


def passages_of(batch: Batch) -> list[tuple[object, ...]]:
    fields = [slots_of(batch.fields[name], batch.words) for name in FIELDS]
    return [
        (record.document, record.passage, record.texts, *slots)
        for record, *slots in zip(batch.records, *fields, strict=True)
    ]


@pytest.mark.parametrize(("characters", "few"), [(1, 1_000), (1, 0), (3_000, 2), (10_000_000, 0)])
def test_batches_are_what_the_plain_way_gives_in_order(
    characters: int, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "CHARACTERS", characters)
    monkeypatch.setattr(pipeline, "FEW", few)
    made = list(batches(records(documents()), Analyzer(), processes=2))
    assert all(len(set(batch.words)) == len(batch.words) for batch in made)
    plain = batch_of(entry for document in documents() for entry in entries_of(document, PLAIN))
    found = [passage for batch in made for passage in passages_of(batch)]
    assert found == passages_of(plain)


def test_nothing_is_made_of_nothing() -> None:
    assert not list(batches(iter(()), Analyzer()))


def test_little_is_read_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "CHARACTERS", 1)
    monkeypatch.setattr(pipeline, "FEW", 2)
    monkeypatch.setattr(pipeline, "WAITING", 0)
    read: list[Record] = []

    def noted() -> Iterator[Record]:
        for record in records(documents()):
            read.append(record)
            yield record

    made = batches(noted(), Analyzer(), processes=2)
    next(made)
    assert len(read) <= 4
    made.close()


def test_mentions_are_those_of_the_text_as_it_stands_before_it_is_repaired() -> None:
    many = ["三萬円ゞ①②三萬円輸出規", "學サ－バ－2021年-元年人", "令和廿五々々", "サーバ−ディープシーク（DeepSeek）"]
    columns, words = Analyzer().columns(many)
    assert slots_of(columns, words) == [PLAIN.slots(text) for text in many]
