"""Passages are whole sentences in runs of a size to read, under the headings that stand above them."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import UsageError
from index.model import Block, BlockKind, Document, Heading, Passage
from index.passages import Lengths, split

SENTENCE = "鴨川の西岸に広がる町は、古くから染物の職人が多く住むことで知られている。"  # 36 characters
SHORT = Lengths(least=20, most=40, limit=120)


def passages(text: str, *blocks: Block, lengths: Lengths | None = None) -> list[Passage]:
    document = Document("d", "題", text, blocks=blocks)
    return split(document, lengths) if lengths else split(document)


def texts(text: str, *blocks: Block, lengths: Lengths | None = None) -> list[str]:
    return [passage.text for passage in passages(text, *blocks, lengths=lengths)]


def laid_out(*parts: tuple[str, str]) -> tuple[str, tuple[Block, ...]]:
    """A text of lines and its blocks: h1 … h6, p (paragraph), w (whole), or nothing for text between blocks."""
    text, blocks = "", []
    for tag, line in parts:
        start, text = len(text), text + line + "\n"
        kind = {"h": BlockKind.HEADING, "p": BlockKind.PARAGRAPH, "w": BlockKind.WHOLE}.get(tag[:1])
        if kind:
            blocks.append(Block(start, start + len(line), kind, int(tag[1:] or 0)))
    return text, tuple(blocks)


def of(length: int, last: str = "。") -> str:
    """A sentence of so many characters."""
    return "あ" * (length - 1) + last


@pytest.mark.parametrize("text", ["", " ", "\n\n", "　\r\n\t"])
def test_a_blank_document_has_no_passages(text: str) -> None:
    assert passages(text) == []


def test_a_short_document_is_one_passage() -> None:
    text = "　雪舟は画僧である。\n"
    assert passages(text) == [Passage("d", 0, 0, len(text), text)]


def test_a_paragraph_is_packed_up_to_most() -> None:
    assert texts(SENTENCE * 30) == [SENTENCE * 11, SENTENCE * 11, SENTENCE * 8]


def test_a_passage_ends_with_its_paragraph_once_long_enough() -> None:
    paragraph = SENTENCE * 6 + "\n"
    assert texts(paragraph * 3) == [paragraph] * 3
    assert texts((SENTENCE * 3 + "\n") * 4) == [(SENTENCE * 3 + "\n") * 2] * 2


def test_white_space_belongs_to_the_passage_before() -> None:
    first, second = SENTENCE * 6, SENTENCE * 7
    assert texts(f"\n　{first}\n \n　　{second}\n\n") == [f"\n　{first}\n \n　　", f"{second}\n\n"]


def test_white_space_is_not_counted() -> None:
    text = SENTENCE * 6 + "\n" * 2000 + SENTENCE * 6
    assert texts(text) == [SENTENCE * 6 + "\n" * 2000, SENTENCE * 6]


def test_a_scrap_at_the_end_joins_the_passage_before() -> None:
    assert texts(SENTENCE * 11 + "以上である。") == [SENTENCE * 11 + "以上である。"]
    assert texts(of(390) + of(65)) == [of(390) + of(65)]
    assert texts(of(390) + of(68)) == [of(390), of(68)]


def test_a_scrap_stays_where_it_would_stretch_the_passage_too_far() -> None:
    assert texts(of(480) + of(20)) == [of(480) + of(20)]
    assert texts(of(490) + of(20)) == [of(490), of(20)]


def test_a_long_sentence_is_a_passage_of_its_own() -> None:
    assert texts(of(150) + of(900) + of(150) + of(60)) == [of(150), of(900), of(150) + of(60)]
    assert texts(of(1200)) == [of(1200)]


def test_an_opening_word_goes_with_the_long_sentence_behind_it() -> None:
    assert texts("そうだ。" + of(900)) == ["そうだ。" + of(900)]


def test_a_sentence_beyond_the_limit_is_cut_behind_commas() -> None:
    clause = "東の山から西の山まで、"
    found = texts(clause * 150)
    assert "".join(found) == clause * 150
    assert all(passage.endswith("、") and 100 <= len(passage) <= 400 for passage in found)


def test_a_heading_line_of_plain_text_goes_with_what_follows() -> None:
    text = f"{SENTENCE * 7}\n生涯\n{SENTENCE * 7}\n"
    assert texts(text) == [f"{SENTENCE * 7}\n", f"生涯\n{SENTENCE * 7}\n"]
    text = f"{SENTENCE * 2}\n{SENTENCE * 2}\n参考文献\n{of(350)}\n"
    assert texts(text) == [f"{SENTENCE * 2}\n{SENTENCE * 2}\n", f"参考文献\n{of(350)}\n"]


def test_lines_of_a_list_are_not_all_taken_for_headings() -> None:
    lines = "".join(f"・項目の{number:02}番目の名前\n" for number in range(60))
    found = texts(lines)
    assert "".join(found) == lines
    assert [len(passage) for passage in found] == [204, 204, 204, 108]
    assert all(passage.startswith("・") for passage in found)


def test_line_breaks_within_a_paragraph_block_end_nothing() -> None:
    body = "行の途中で\n折り返される長い段落がここに\nあって、やがて終わる。"
    assert texts(body * 2, Block(0, len(body) * 2, BlockKind.PARAGRAPH), lengths=SHORT) == [body, body]


def test_a_heading_begins_a_passage() -> None:
    text, blocks = laid_out(("p", SENTENCE * 3), ("h2", "生涯"), ("p", SENTENCE * 2))
    assert texts(text, *blocks) == [f"{SENTENCE * 3}\n", f"生涯\n{SENTENCE * 2}\n"]


def test_a_low_heading_waits_for_half_of_least() -> None:
    low = laid_out(("h2", "一生"), ("p", of(80)), ("h3", "晩年"), ("p", of(50)))
    assert len(texts(low[0], *low[1])) == 1
    high = laid_out(("h2", "一生"), ("p", of(80)), ("h2", "晩年"), ("p", of(50)))
    assert len(texts(high[0], *high[1])) == 2
    reached = laid_out(("h2", "一生"), ("p", of(100)), ("h3", "晩年"), ("p", of(80)))
    assert len(texts(reached[0], *reached[1])) == 2


def test_tiny_sections_are_packed_together() -> None:
    text, blocks = laid_out(*[("h3", "項"), ("p", "短い説明である。")] * 60)
    found = texts(text, *blocks)
    assert all(len(passage.strip()) >= 95 for passage in found)
    assert all(passage.startswith("項\n短い") for passage in found)


def test_headings_stay_with_the_text_beneath_them() -> None:
    text, blocks = laid_out(
        ("h1", "京都"), ("p", SENTENCE * 6), ("h2", "歴史"), ("h3", "平安時代"), ("h4", "遷都"), ("p", SENTENCE * 9)
    )
    assert texts(text, *blocks) == [f"京都\n{SENTENCE * 6}\n", f"歴史\n平安時代\n遷都\n{SENTENCE * 9}\n"]


def test_a_heading_is_not_parted_from_a_long_sentence_beneath_it() -> None:
    text, blocks = laid_out(("p", SENTENCE * 2), ("h4", "詳細"), ("p", of(1100)))
    assert texts(text, *blocks) == [f"{SENTENCE * 2}\n", f"詳細\n{of(1100)}\n"]


def test_only_the_limit_parts_a_heading_from_its_text() -> None:
    text, blocks = laid_out(("p", SENTENCE * 6), ("h2", of(150, "題")), ("w", of(1190)))
    assert texts(text, *blocks) == [f"{SENTENCE * 6}\n", of(150, "題") + "\n", of(1190) + "\n"]


def test_a_heading_at_the_very_end_joins_the_passage_before() -> None:
    text, blocks = laid_out(("p", SENTENCE * 6), ("h2", "外部リンク"))
    assert texts(text, *blocks) == [f"{SENTENCE * 6}\n外部リンク\n"]


def test_a_document_of_headings_is_cut_between_them() -> None:
    text, blocks = laid_out(*[("h2", of(19, "章"))] * 50)
    assert [len(passage) for passage in texts(text, *blocks)] == [400, 400, 200]


def test_a_scrap_of_a_section_joins_the_passage_before() -> None:
    text, blocks = laid_out(("p", of(380)), ("p", of(40)), ("h2", "次"), ("p", SENTENCE * 3))
    assert texts(text, *blocks) == [f"{of(380)}\n{of(40)}\n", f"次\n{SENTENCE * 3}\n"]


def test_a_list_item_is_never_cut_between_its_sentences() -> None:
    item = "・" + SENTENCE * 15
    text, blocks = laid_out(("w", item), ("w", item), ("p", SENTENCE))
    assert texts(text, *blocks) == [f"{item}\n", f"{item}\n", f"{SENTENCE}\n"]


def test_a_list_is_filled_up_beyond_least() -> None:
    text, blocks = laid_out(*[("w", of(50))] * 9)
    assert [len(passage.strip()) for passage in texts(text, *blocks)] == [356, 101]


def test_a_list_item_beyond_the_limit_is_cut() -> None:
    item = SENTENCE * 40
    found = texts(item, Block(0, len(item), BlockKind.WHOLE))
    assert "".join(found) == item
    assert all(passage.endswith("。") and len(passage) <= 400 for passage in found)


def test_the_path_of_headings_nests() -> None:
    text, blocks = laid_out(
        ("p", SENTENCE * 6),
        ("h1", " 京都 "),
        ("p", SENTENCE * 6),
        ("h2", "歴史"),
        ("h4", "遷都"),
        ("p", SENTENCE * 20),
        ("h3", "戦国"),
        ("p", SENTENCE * 6),
        ("h2", "文化"),
        ("p", SENTENCE * 6),
    )
    found = passages(text, *blocks)
    assert [[heading.text for heading in passage.headings] for passage in found] == [
        [],
        ["京都"],
        ["京都", "歴史", "遷都"],
        ["京都", "歴史", "遷都"],
        ["京都", "歴史", "戦国"],
        ["京都", "文化"],
    ]
    heading = found[1].headings[0]
    assert heading == Heading("京都", text.index("京都"), text.index("京都") + 2)


def test_the_path_is_that_of_the_first_text_in_the_passage() -> None:
    text, blocks = laid_out(("h2", "甲"), ("p", "甲の説明。"), ("h2", "乙"), ("p", "乙の説明。"))
    (passage,) = passages(text, *blocks)
    assert [heading.text for heading in passage.headings] == ["甲"]


def test_a_passage_of_headings_alone_has_the_path_of_the_last() -> None:
    text, blocks = laid_out(("h1", "題"), ("h2", "章"))
    (passage,) = passages(text, *blocks)
    assert [heading.text for heading in passage.headings] == ["題", "章"]


def test_a_heading_beyond_the_limit_counts_with_its_first_piece() -> None:
    text, blocks = laid_out(("h1", "長い題、" * 400), ("p", SENTENCE))
    found = passages(text, *blocks)
    (heading,) = found[-1].headings
    assert text[heading.start : heading.end] == heading.text
    assert "".join(passage.text for passage in found) == text


@pytest.mark.parametrize("lengths", [(0, 400, 1200), (500, 400, 1200), (200, 400, 300)])
def test_lengths_that_contradict_each_other_are_refused(lengths: tuple[int, int, int]) -> None:
    with pytest.raises(UsageError, match="must rise"):
        Lengths(*lengths)


@pytest.mark.parametrize(
    "text", ["あ" * 300_000, "「" * 300_000, "。" * 300_000, "1．" * 100_000, "あ\n" * 30_000, "\n" * 300_000 + "終"]
)
@pytest.mark.parametrize("kind", [None, *BlockKind])
def test_endless_runs_are_split_all_the_same(text: str, kind: BlockKind | None) -> None:
    found = texts(text, *([Block(0, len(text), kind, 1)] if kind else []))
    assert "".join(found) == text
    # What is left of a heading cut up stays with its first piece.
    assert max(len(passage.strip()) for passage in found) <= (800 if kind is BlockKind.HEADING else 400)


WORDS = [
    "京都",
    "私は",
    "と",
    "。",
    "、",
    "「",
    "」",
    "（",
    "）",
    "！",
    "？",
    ".",
    "!",
    "?",
    "\n",
    " ",
    "　",
    "3",
    "U.S.",
    "か\u3099",
]
WORDS += ["👨\u200d👩\u200d👧", "\n\n", "という話があった。", "\r\n"]


@st.composite
def documents(draw: st.DrawFn) -> Document:
    text = "".join(draw(st.lists(st.sampled_from(WORDS), max_size=120)))
    marks = sorted(draw(st.lists(st.integers(0, len(text)), max_size=16)))
    blocks = []
    for start, end in pairwise(marks):
        kind = draw(st.sampled_from([None, *BlockKind]))
        if kind:
            blocks.append(Block(start, end, kind, draw(st.integers(1, 6)) if kind is BlockKind.HEADING else 0))
    return Document("d", "題", text, blocks=tuple(blocks))


@st.composite
def measures(draw: st.DrawFn) -> Lengths:
    return Lengths(*sorted(draw(st.lists(st.integers(1, 90), min_size=3, max_size=3))))


@given(documents(), measures())
def test_passages_join_to_the_text_and_keep_to_the_limit(document: Document, lengths: Lengths) -> None:
    found = split(document, lengths)
    assert "".join(passage.text for passage in found) == (document.text if document.text.strip() else "")
    assert [passage.ordinal for passage in found] == list(range(len(found)))
    for passage in found:
        assert passage.text == document.text[passage.start : passage.end]
        assert 0 < len(passage.text.strip()) <= lengths.limit
    assert not any(passage.text[0].isspace() for passage in found[1:])


@given(documents(), measures())
def test_a_whole_block_within_the_limit_is_in_one_passage(document: Document, lengths: Lengths) -> None:
    edges = {passage.start for passage in split(document, lengths)}
    for block in document.blocks:
        part = document.text[block.start : block.end]
        start = block.start + len(part) - len(part.lstrip())
        end = start + len(part.strip())
        if block.kind is BlockKind.WHOLE and end - start <= lengths.limit:
            assert not edges & set(range(start + 1, end))


@given(documents(), measures())
def test_the_path_is_what_a_reader_finds_going_up(document: Document, lengths: Lengths) -> None:
    headings = [block for block in document.blocks if block.kind is BlockKind.HEADING]
    if any(block.end - block.start > lengths.limit for block in headings):
        return
    for passage in split(document, lengths):
        found: list[Heading] = []
        level = 7
        for block in reversed(headings):
            part = document.text[block.start : block.end]
            start = block.start + len(part) - len(part.lstrip())
            if part.strip() and block.level < level and start < _first_text(passage, headings):
                level = block.level
                found.insert(0, Heading(part.strip(), start, start + len(part.strip())))
        assert list(passage.headings) == found


def _first_text(passage: Passage, headings: list[Block]) -> int:
    """Where the first character of a passage is that is neither blank nor in a heading; its end if there is none."""
    for match in re.finditer(r"\S", passage.text):
        at = passage.start + match.start()
        if not any(block.start <= at < block.end for block in headings):
            return at
    return passage.end


@given(documents(), measures())
def test_no_passage_ends_with_a_heading_that_has_text_beneath(document: Document, lengths: Lengths) -> None:
    found = split(document, lengths)
    headings = [block for block in document.blocks if block.kind is BlockKind.HEADING]
    if sum(block.end - block.start for block in headings) > lengths.limit:
        return
    for passage in found[:-1]:
        last = passage.start + len(passage.text.rstrip()) - 1
        if any(block.start <= last < block.end for block in headings):
            # There is no helping it only where the headings are all there is.
            assert _first_text(passage, headings) == passage.end
