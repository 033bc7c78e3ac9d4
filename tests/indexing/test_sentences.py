"""Sentences end where a reader would say they do, and long ones are cut where it hurts least."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import sentences as module
from index.sentences import pieces, sentences

ALPHABET = "あいとはが私京都、。「」（）！？.!? \n　aZ3…" + "\u3099\ufe0f\u200d👨👩"


def cut(text: str, line_ends: bool = True) -> list[str]:
    return [text[start:end] for start, end in sentences(text, 0, len(text), line_ends)]


@pytest.mark.parametrize(
    "expected",
    [
        ["京都は古い都である。", "千年のあいだ栄えた。"],
        ["本当ですか？", "驚きました！", "信じられない！？", "まさか……"],
        ["そうだったのか……。", "私は黙っていた。"],
        ["半角の句点もある｡", "次の文。"],
        ["論文の句点は全角である．", "読点も同じだ．"],
        ["本当か?", "そうだ!", "よし。"],
        ["寺は焼けた。\n\n", "再建は翌年だった。\n"],
        ["　字下げの文。", "次の文。　", "その次。"],
        ["句点のない見出し\n", "・一つ目の項目\n", "・二つ目の項目\n", "本文がここから始まる。"],
        ["We went home. ", "It was late! ", "Was it? ", "Yes."],
        ["これは英語の点です. ", "次の文です。"],
        ["古文書に見える[1]。[2][注 3]", "後の世の写しもある。"],
        ['He said "Go home." ', "Then he left."],
    ],
)
def test_sentences_end_with_their_stop_and_what_belongs_to_it(expected: list[str]) -> None:
    assert cut("".join(expected)) == expected


@pytest.mark.parametrize(
    "whole",
    [
        "大統領は「競争に勝つ。負けはしない。」と述べた。",
        "「もう遅い。」と彼女は言った。",
        "「そんな馬鹿な！」って叫んだ。",
        "彼は『明日は来ない。きっとだ。』という書き置きを残した。",
        "寺（創建は不明。一説に八世紀という。）は丘の上にある。",
        "寺(創建は不明。一説に八世紀という。）は丘の上にある。",
        "門には「『入るな。』とある。」と書いてあった。",
        "なぜ？と聞いた。",
        "驚いた！（笑）",
        "「善に従え。」（巻第二十二）",
        "功徳は1. 宿命皆通、2. 畢竟成佛である。",
        "ラブライブ！は東京で開かれた。",
        "答えは本当か？、と疑う。",
        "円周率は3.14で、No.3の問題に出る。",
        "円周率は３．１４である。",
        "図1．概要を示す。",
        "２．はじめに",
        "版は1.2.10である。",
        "U.S. 政府は規制を強めた。",
        "The U.S. government, e.g. Mr. Smith of Acme Inc. in No. 3, agreed.",
        "Smith et al. 2020 を見よ。",
        "J. S. バッハの曲。",
        "Fig. 2 と pp. 3 を見よ。",
        "待って... 今行く。",
        "モーニング娘。の歌が流れた。",
        "Yahoo!ニュースで読んだ。",
        "https://example.jp/?q=a.b!c を開く。",
    ],
)
def test_nothing_ends_inside_a_sentence(whole: str) -> None:
    assert cut(whole) == [whole]


@pytest.mark.parametrize(
    "expected",
    [
        ["「行こう。」", "彼は立ち上がった。"],
        ["「行こう。」", "「はい。」", "二人は出かけた。"],
        ["「行こう。」　", "それから雨が降った。"],
        ["彼は「行く。」と言い、彼女は「待つ。」と言った。", "雨だった。"],
        ["やったぞ！", "ところが雨になった。"],
    ],
)
def test_a_quotation_of_its_own_is_a_sentence(expected: list[str]) -> None:
    assert cut("".join(expected)) == expected


def test_a_bracket_that_does_not_close_swallows_nothing() -> None:
    assert cut("彼は「そうだ。次の日も来た。終わり。") == ["彼は「そうだ。", "次の日も来た。", "終わり。"]
    assert cut("「始まり。\n続き。」と言った。") == ["「始まり。\n", "続き。」と言った。"]
    assert cut("顔文字（＾。次の文。「あ。」と言う。") == ["顔文字（＾。", "次の文。", "「あ。」と言う。"]


def test_a_bracket_that_closes_too_far_off_is_not_trusted() -> None:
    near = "「" + "長い話。" * 290 + "」と語った。"
    far = "「" + "長い話。" * 310 + "」と語った。"
    assert len(cut(near)) == 1
    # The last one goes on after its 。」 because of と.
    assert cut(far) == ["「長い話。", *["長い話。"] * 308, "長い話。」と語った。"]


def test_line_breaks_of_a_paragraph_end_no_sentence() -> None:
    text = "この文は途中で\n折り返される。次の文も\r\n同じだ。"
    assert cut(text, line_ends=False) == ["この文は途中で\n折り返される。", "次の文も\r\n同じだ。"]
    assert cut("段落の終わり\n \n次の段落", line_ends=False) == ["段落の終わり\n \n", "次の段落"]
    assert cut("一行目\r\n二行目", line_ends=True) == ["一行目\r\n", "二行目"]


def test_only_the_stretch_is_read() -> None:
    text = "前の文。中の文。後の文。"
    assert list(sentences(text, 4, 8, True)) == [(4, 8)]
    assert list(sentences(text, 4, 4, True)) == []
    assert cut(" \n\n ") == [" \n\n "]


@pytest.mark.parametrize(
    "text", ["あ" * 200_000, "「" * 200_000, "。" * 200_000, "「" * 99_999 + "）" * 99_999 + "。あ"]
)
def test_endless_runs_are_one_sentence(text: str) -> None:
    assert len(cut(text)) <= 2
    assert "".join(cut(text)) == text


@given(st.text(ALPHABET, max_size=60), st.booleans())
def test_sentences_join_to_the_text(text: str, line_ends: bool) -> None:
    found = cut(text, line_ends)
    assert "".join(found) == text
    assert all(found)
    assert all(sentence.strip() for sentence in found) or not text.strip()
    assert not any(sentence[0].isspace() for sentence in found[1:])


CLOSES = {"」": "「", "）": "（"}


def slow_sentences(text: str, reach: int) -> list[str]:
    """The plain version for one paragraph of あ。「」（） without a blank."""
    inside = [-1] * len(text)  # where the outermost bracket around a position closes
    opened: list[int] = []
    for at, char in enumerate(text):
        near = [other for other in opened if text[other] == CLOSES.get(char) and other >= at - reach]
        if char in CLOSES.values():
            opened.append(at)
        elif near:
            opened = [other for other in opened if other < near[-1]]
            inside[near[-1] : at + 1] = [at] * (at + 1 - near[-1])
    found, begin, at = [], 0, 0
    while at < len(text):
        closer, quoted = inside[at], at == begin
        at = closer + 1 if closer >= 0 else at + 1
        if closer >= 0:
            ends = quoted and text[closer - 1] == "。" and text[at : at + 1] in ("「", "")
        elif ends := text[at - 1] == "。":
            while at < len(text) and text[at] == "。":
                at += 1
            stops = at
            while at < len(text) and text[at] in CLOSES:
                at += 1
            ends = at == stops or text[at : at + 1] != "（"
        if ends:
            found.append(text[begin:at])
            begin = at
    return found + [text[begin:]] * (begin < len(text))


@given(text=st.text("ああ。「」（）", max_size=40), reach=st.integers(2, 30))
def test_brackets_agree_with_the_plain_version(text: str, reach: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "REACH", reach)
        assert cut(text) == slow_sentences(text, reach)


def piece_texts(text: str, most: int) -> list[str]:
    return [text[start:end] for start, end in pieces(text, 0, len(text), most)]


def test_a_giant_is_cut_behind_its_commas() -> None:
    clause = "東の山から西の山まで歩き続け、"
    found = piece_texts(clause * 20, 100)
    assert "".join(found) == clause * 20
    assert all(piece.endswith("、") and len(piece) <= 100 for piece in found)


def test_lesser_places_to_cut() -> None:
    assert piece_texts("甲乙丙丁" * 5 + "・" + "戊己庚辛" * 5, 30)[0] == "甲乙丙丁" * 5 + "・"
    assert piece_texts("甲乙丙丁" * 5 + "」" + "戊己庚辛" * 5, 30)[0] == "甲乙丙丁" * 5 + "」"
    assert piece_texts("甲乙丙丁" * 5 + "　" * 50 + "戊己庚辛" * 5, 30)[0] == "甲乙丙丁" * 5 + "　" * 50
    assert piece_texts("彼は「そうだ。」と言い、" * 3, 20)[0].endswith("「そうだ。」")


def test_a_hard_cut_spares_words_numbers_and_characters() -> None:
    assert piece_texts("字" * 17 + "Sakuin" + "字" * 30, 20)[0] == "字" * 17
    assert piece_texts("字" * 17 + "1,000,000" + "字" * 30, 20)[0] == "字" * 17
    assert piece_texts("字" * 19 + "か\u3099" + "字" * 30, 20)[0] == "字" * 19
    assert piece_texts("字" * 19 + "葛\U000e0100" + "字" * 30, 20)[0] == "字" * 19
    assert piece_texts("字" * 18 + "👨\u200d👩\u200d👧" + "字" * 30, 20)[0] == "字" * 18
    assert piece_texts("字" * 19 + "👍🏽" + "字" * 30, 20)[0] == "字" * 19
    assert piece_texts("字" * 17 + "🇯🇵🇫🇷" + "字" * 30, 20)[0] == "字" * 17 + "🇯🇵"
    assert piece_texts("字" * 19 + "\ud83d\ude00" + "字" * 30, 20)[0] == "字" * 19
    assert piece_texts("字" * 20 + "。" + "字" * 30, 20)[0] == "字" * 19


def test_what_cannot_be_spared_is_cut_all_the_same() -> None:
    assert [len(piece) for piece in piece_texts("a" * 1000, 400)] == [400, 400, 200]
    assert [len(piece) for piece in piece_texts("か" + "\u3099" * 999, 400)] == [400, 400, 200]


def test_no_scrap_is_left_at_the_end() -> None:
    assert [len(piece) for piece in piece_texts("あ" * 410, 400)] == [310, 100]


@given(st.text(ALPHABET, min_size=1, max_size=80), st.integers(1, 20))
def test_pieces_join_and_keep_to_the_measure(text: str, most: int) -> None:
    text = text.rstrip() or "あ"
    found = piece_texts(text, most)
    assert "".join(found) == text
    assert all(len(piece.strip()) <= most for piece in found)
    assert all(piece.strip() for piece in found)
