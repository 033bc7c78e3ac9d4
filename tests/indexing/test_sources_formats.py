"""Each format of a source: what a reader would see of it, and the blocks it is laid out in."""

from __future__ import annotations

import csv
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.model import BlockKind, Document
from index.sources import FORMATS, Found, Skipped, read, read_file

KINDS = {BlockKind.HEADING: "h", BlockKind.WHOLE: "w", BlockKind.PARAGRAPH: "p"}


def outcomes(extension: str, content: str) -> list[Document | Skipped]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"文書{extension}")
        path.write_bytes(content.encode())
        return list(read_file(Found(path, f"部/文書{extension}")))


def document(extension: str, content: str) -> Document:
    (outcome,) = outcomes(extension, content)
    assert isinstance(outcome, Document), outcome
    return outcome


def layout(extension: str, content: str) -> list[tuple[str, str]]:
    """Each block's kind (with its level) and text."""
    doc = document(extension, content)
    return [(KINDS[b.kind] + (str(b.level) if b.level else ""), doc.text[b.start : b.end]) for b in doc.blocks]


def check(outcome: Document | Skipped) -> None:
    """What holds of anything a source gives."""
    if isinstance(outcome, Skipped):
        assert outcome.path
        assert outcome.reason
        return
    assert outcome.text.strip()
    assert outcome.title == outcome.title.strip() != ""
    assert not {"\r", "\0"} & set(outcome.text)
    (outcome.text + outcome.title + outcome.id + json.dumps(dict(outcome.fields), ensure_ascii=False)).encode()
    at = 0
    for block in outcome.blocks:
        text = outcome.text[block.start : block.end]
        assert at <= block.start < block.end <= len(outcome.text)
        assert text.strip()
        assert text == text.strip("\n")
        assert (block.level in range(1, 7)) == (block.kind is BlockKind.HEADING)
        at = block.end


HTML = """<p> </p> <div> </div> <li> <ul> </ul> </li> <table> <tr> <td> </td> </tr> </table> <h1> </h1> <h2> <pre>
</pre> <br> <b> </b> <form> </form> <select> <option> <svg> <title> </svg> </title> <ruby> <rt> </rt> <body>
<html> <head> <frameset> &#0; &nbsp; <![CDATA[x]]> <!-- --> <script> </script> <header> <xmp> <noscript> </noscript>
<template> <caption> <a> 東京 AI"""
MARKDOWN = """# ## - 1. * > ``` --- *** | |-|-| [x](y) ![ ]( ) <b> <br> <!-- --> <rt> ` ~~ &amp; &#xd800; \\ title:
<div> <pre> [a]: 東京 AI"""
JSON = """{ } "text": "あ" , [ ] "id": 1 null NaN 1e999 "\\ud800" \\ "title":"""
PIECES = {
    ".html": HTML.split(),
    ".md": MARKDOWN.split(),
    ".csv": ["a", "text", '"', '""', ",", "id", "あ"],
    ".jsonl": JSON.split(),
    ".txt": ["・", "(1)", "①", "。", "あ" * 20, "\u3000"],
}


@pytest.mark.parametrize("extension", list(PIECES))
@settings(deadline=None)
@given(data=st.data())
def test_any_markup_gives_whole_documents_with_blocks_in_order(extension: str, data: st.DataObject) -> None:
    pieces = st.sampled_from([*PIECES[extension], " ", "\n", "\n\n", "\t", "\r\n"])
    content = "".join(data.draw(st.lists(pieces | st.text(max_size=3), max_size=60)))
    content = content.encode("utf-8", "replace").decode()
    for outcome in outcomes(extension, content):
        check(outcome)


@pytest.mark.parametrize("extension", [".htm", ".html", ".md", ".txt"])
def test_line_ends_of_any_kind_are_line_feeds(extension: str) -> None:
    expected = document(extension, "一行目。\n\n二行目。\n<pre>\n三\n四</pre>\n")
    for end in ("\r\n", "\r"):
        assert document(extension, f"一行目。{end}{end}二行目。{end}<pre>{end}三{end}四</pre>{end}") == expected


@pytest.mark.parametrize("extension", [".html", ".md", ".txt"])
def test_two_megabytes_in_one_line(extension: str) -> None:
    doc = document(extension, "輸出規制が強まった。" * 70_000)
    assert len(doc.text) == 700_000
    check(doc)


# -- .txt -------------------------------------------------------------------------------------------------------------


def test_plain_text_is_kept_as_it_is() -> None:
    doc = document(".txt", "  一行目。\r\n\r\n\r\n二行目。\n")
    assert (doc.id, doc.path, doc.title) == ("部/文書.txt", "部/文書.txt", "文書")
    assert doc.text == "  一行目。\n\n\n二行目。\n"
    assert doc.blocks == ()


WRAPPED = "日本の半導体産業は長く続いた低迷から\n抜け出そうとしており政府は新しい工場\nの建設を支援する。"


def test_a_hard_wrapped_paragraph_is_one_block() -> None:
    assert layout(".txt", f"見出し\n\n{WRAPPED}\n\n{WRAPPED}\n") == [("p", WRAPPED), ("p", WRAPPED)]


def test_a_hard_wrapped_paragraph_may_start_at_an_indent_alone() -> None:
    assert layout(".txt", f"\u3000{WRAPPED}\n\u3000{WRAPPED}") == [("p", f"\u3000{WRAPPED}")] * 2


@pytest.mark.parametrize(
    "text",
    [
        "短い行\n短い行\n短い",
        WRAPPED.rsplit("\n", 1)[0],
        "この行は文の終わりで終わるので折り返しではない。\n" * 3,
        "長い行の後に短い行が来るのは詩か住所であって折り返しではない\n短い\n長い行の後に短い行が来るのは\n終わり",
        "幅の揃った行が続いているように見えるが\n最後の行がほかのどの行よりもずっと長\nいので折り返しではなく元から行ごとに分かれた文章であろうと思われる",
    ],
)
def test_lines_that_were_not_wrapped_are_no_block(text: str) -> None:
    assert layout(".txt", text) == []


@pytest.mark.parametrize(
    "mark", ["・", "- ", "* ", "●", "○", "■", "一、", "(1) ", "（２）", "①", "\u3000⑳", "1. ", "ア）"]
)
def test_a_list_item_is_whole(mark: str) -> None:
    assert layout(".txt", f"前の行\n{mark}項目。二文目。\n後の行") == [("w", f"{mark}項目。二文目。")]


@pytest.mark.parametrize("line", ["一方、輸出は", "2.5倍", "3、4人", "-5度", "AIは", "第一、"])
def test_what_only_looks_like_a_mark_is_no_item(line: str) -> None:
    assert layout(".txt", line) == []


def test_a_marked_line_far_too_long_for_an_item_is_running_text() -> None:
    assert layout(".txt", "■" + "輸出規制が強まった。" * 60) == []


# -- .md --------------------------------------------------------------------------------------------------------------


def test_markdown_is_what_a_reader_sees() -> None:
    content = (
        "# 米中の*競争*\n\n東京\n都と **AI** の\n[規制](http://x) を ~~緩め~~ ![図表](a.png)<!-- 注 --> `code` る。\n"
        "Two\nlines.  \n改行\n\n> 引用\n\n```py\nx = 1\n  y\n```\n\n---\n\n<div>\n<p>生の<b>HTML</b></p>\n</div>\n"
    )
    doc = document(".md", content)
    assert doc.text == (
        "米中の競争\n\n東京都と AI の規制 を 緩め 図表 code る。 Two lines.\n改行\n\n引用\n\nx = 1\n  y\n\n生のHTML"
    )
    assert doc.title == "米中の競争"
    assert [kind for kind, _ in layout(".md", content)] == ["h1", "p", "p", "p"]


def test_markdown_lists_and_tables_are_whole() -> None:
    content = "- 一\n  - 二\n\n  続き\n- 三\n\n1. 四\n\n|国|値|\n|-|-|\n|米国|`59%`|\n|||\n"
    expected = ["一", "二", "続き", "三", "四", "国 | 値", "米国 | 59%"]
    assert layout(".md", content) == [("w", text) for text in expected]
    assert document(".md", content).text == "一\n二\n続き\n三\n\n四\n\n国 | 値\n米国 | 59%"


def test_markdown_headings_have_their_levels() -> None:
    assert layout(".md", "二\n--\n\n### 三\n\n###### 六") == [("h2", "二"), ("h3", "三"), ("h6", "六")]


def test_readings_in_markdown_are_dropped() -> None:
    assert document(".md", "<ruby>輸出<rp>(</rp><rt>ゆしゅつ</rt><rp>)</rp></ruby>の規制").text == "輸出の規制"


def test_a_tag_in_running_text_does_not_swallow_what_follows() -> None:
    assert document(".md", "この <script> や <nav> は\n\n大切だ。").text == "この や は\n\n大切だ。"


def test_front_matter_gives_fields_and_a_title_where_no_heading_does() -> None:
    content = (
        "---\ntitle: '題: 名'\ndate: 2025-10-05 # 日付\n著者: 山田\ntags: [a]\nx:\n  y: 1\n---\n# 見出し\n\n本文\n"
    )
    doc = document(".md", content)
    assert doc.title == "見出し"
    assert doc.fields == {"title": "題: 名", "date": "2025-10-05", "著者": "山田"}
    assert doc.text == "見出し\n\n本文"
    assert document(".md", "---\ntitle: 題\n---\n## 節\n\n本文").title == "題"


def test_text_between_two_rules_is_no_front_matter() -> None:
    assert document(".md", "---\n本文である。\n\n---\n\n終わり").text == "本文である。\n\n終わり"


def test_markdown_without_a_title_is_called_by_its_file() -> None:
    assert document(".md", "## 節\n\n本文").title == "文書"


@pytest.mark.parametrize("content", ["<!-- 注 -->", "---\ntitle: 題\n---\n", "***"])
def test_markdown_that_shows_nothing_is_skipped(content: str) -> None:
    assert outcomes(".md", content) == [Skipped("部/文書.md", "no text in it")]


@pytest.mark.parametrize("content", ["> " * 5000 + "x", "[" * 5000 + "x", "- " * 5000 + "x", "**a " * 2000])
def test_hostile_markdown_does_no_harm(content: str) -> None:
    for outcome in outcomes(".md", content):
        check(outcome)


# -- .html ------------------------------------------------------------------------------------------------------------


def test_html_is_what_a_browser_shows() -> None:
    content = (
        "<html><head><title> 題\n名 </title><style>a{}</style><noscript>許可を</noscript></head><body>"
        "<header>社名</header><nav>案内</nav><div role=navigation>道</div><main><header><h1>見出し</h1></header>"
        "<p>東京\n都の <ruby>輸出<rp>(</rp><rt>ゆしゅつ</rt></ruby>は&amp;  <b>大</b>きい\nAI\nchip。<br>次</p>"
        "<p hidden>隠</p><p aria-hidden=true>隠</p><script>x</script><svg><title>t</title></svg>"
        "裸<div>箱<p>中</p>後</div><pre>\n a  b\n  c</pre></main><aside>余談</aside><form>欄</form><footer>社</footer>"
    )
    doc = document(".html", content)
    assert doc.text == "見出し\n\n東京都の 輸出は& 大きい AI chip。\n次\n\n裸\n\n箱\n\n中\n\n後\n\n a  b\n  c"
    assert doc.title == "題名"
    assert layout(".html", content)[:2] == [("h1", "見出し"), ("p", "東京都の 輸出は& 大きい AI chip。\n次")]


def test_two_breaks_make_a_paragraph() -> None:
    assert layout(".html", "一<br>二<br> <br>三") == [("p", "一\n二"), ("p", "三")]


def test_html_lists_and_tables_are_whole() -> None:
    content = (
        "<ul><li>一<ul><li>二</ul>三<li><p>四</p><p>五</p></ul>"
        "<table><caption>表</caption><tr><th>国<th>値<tr><td><p>米</p><p>国</p><td>5<br>9<tr><td><td></table>"
    )
    assert document(".html", content).text == "一\n二\n三\n四\n五\n\n表\n\n国 | 値\n米 国 | 5 9"
    assert [kind for kind, _ in layout(".html", content)] == ["w"] * 5 + ["p"] + ["w"] * 2


def test_a_table_for_the_layout_is_read_cell_after_cell() -> None:
    content = "<table><tr><td>左<td><h2>節</h2><p>本文</p><table><tr><td>内<td>側</table>後<td>右</table>"
    expected = [("p", "左"), ("h2", "節"), ("p", "本文"), ("w", "内 | 側"), ("p", "後"), ("p", "右")]
    assert layout(".html", content) == expected


def test_a_row_far_too_long_is_running_text() -> None:
    text = "輸出規制が強まった。" * 60
    assert layout(".html", f"<table><tr><td>一<td>{text}</table>") == [("p", "一"), ("p", text)]


@pytest.mark.parametrize(
    ("content", "title"),
    [
        ("<h1>見出\nし</h1><p>本文", "見出し"),
        ("<header><h1>社名</h1></header><p>本文", "社名"),
        ("<title> </title><p>本文", "文書"),
        ("<svg><title>図</title></svg><p>本文", "文書"),
    ],
)
def test_the_title_of_a_page(content: str, title: str) -> None:
    assert document(".html", content).title == title


def test_a_page_that_is_one_form_is_read_all_the_same() -> None:
    assert document(".htm", "<body><form><p>本文。</p><nav>道</nav></form>").text == "本文。\n\n道"


def test_korean_keeps_its_blanks_at_line_breaks() -> None:
    assert document(".html", "<p>서울\n부산").text == "서울 부산"


@pytest.mark.parametrize("tag", ["<div>", "<b>", "<table><tr><td>", "<blockquote>"])
def test_deeply_nested_html_does_no_harm(tag: str) -> None:
    doc = document(".html", "<p>頭</p>" + tag * 10_000 + "底")
    assert "".join(sorted(doc.text.split())) == "".join(sorted(["頭", "底"]))


@pytest.mark.parametrize("content", ["<title>題</title>", "<script>x</script>", "<frameset><frame></frameset>"])
def test_html_that_shows_nothing_is_skipped(content: str) -> None:
    assert outcomes(".html", content) == [Skipped("部/文書.html", "no text in it")]


# -- .jsonl -----------------------------------------------------------------------------------------------------------


def jsonl(*lines: object) -> list[Document | Skipped]:
    return outcomes(".jsonl", "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))


def test_a_line_is_a_record() -> None:
    value = {"id": "甲", "title": "題\n名", "text": "一。\r\n二。", "year": 2025, "tags": ["a", None]}
    fields = {"year": 2025, "tags": ["a", None]}
    assert jsonl(value) == [Document("甲", "題 名", "一。\n二。", "部/文書.jsonl", fields)]


TOO_DEEP = "not JSON that can be kept: nested more than 64 levels deep"


def test_ids_and_titles_that_are_missing() -> None:
    found = jsonl({"text": "あ"}, "", {"_id": 7, "text": "い"}, {"id": 0, "_id": "b", "title": 3, "text": "う"})
    assert [(d.id, d.title, dict(d.fields)) for d in found if isinstance(d, Document)] == [
        ("部/文書.jsonl#1", "部/文書.jsonl#1", {}),
        ("7", "7", {}),
        ("0", "0", {"_id": "b", "title": 3}),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"text": "あ"', "not JSON: Expecting ',' delimiter at column 13"),
        ('["あ"]', "not a JSON object; a line must hold one, with a text in it"),
        ('{"id": 1}', 'no "text"'),
        ('{"text": 1}', 'no "text" that is a string: a number'),
        ('{"text": null}', 'no "text" that is a string: null'),
        ('{"text": " \\n"}', "no text in it"),
        ('{"text": "あ", "x": NaN}', "not JSON that can be kept: NaN is no JSON number"),
        ('{"text": "あ", "x": -Infinity}', "not JSON that can be kept: -Infinity is no JSON number"),
        ('{"text": "あ", "x": 1e999}', "not JSON that can be kept: the number 1e999 is too large"),
        ('{"text": "あ", "x": ' + "[" * 90 + "]" * 90 + "}", TOO_DEEP),
        ("[" * 200_000, TOO_DEEP),
        ('{"id": true, "text": "あ"}', 'its "id" is a boolean, not a string or an integer'),
        ('{"id": 1.5, "text": "あ"}', 'its "id" is a number, not a string or an integer'),
    ],
)
def test_a_malformed_line_is_named_and_the_others_go_on(line: str, reason: str) -> None:
    first, second, third = jsonl({"text": "前"}, line, {"text": "後"})
    assert isinstance(first, Document)
    assert isinstance(third, Document)
    assert second == Skipped("部/文書.jsonl:2", reason)


def test_an_integer_of_ten_thousand_digits_is_skipped() -> None:
    (outcome,) = jsonl('{"text": "あ", "x": ' + "1" * 10_000 + "}")
    check(outcome)


def test_lone_surrogates_become_replacement_characters() -> None:
    (doc,) = jsonl(r'{"id":"\ud83d\ude00", "text": "a\ud800b\\ud800\u0000", "k\udc00": ["\ude00\ud83d"]}')
    assert isinstance(doc, Document)
    assert (doc.id, doc.text) == ("😀", "a\ufffdb\\ud800\ufffd")
    assert doc.fields == {"k\ufffd": ["\ufffd\ufffd"]}


def test_a_hard_wrapped_record_has_its_block() -> None:
    (doc,) = jsonl({"text": WRAPPED})
    assert isinstance(doc, Document)
    assert [(b.start, b.end) for b in doc.blocks] == [(0, len(WRAPPED))]


def test_a_record_of_two_megabytes() -> None:
    (doc,) = jsonl({"text": "輸出規制が強まった。" * 70_000})
    assert isinstance(doc, Document)


# -- .csv -------------------------------------------------------------------------------------------------------------


def test_a_row_is_a_record_where_there_is_a_text_column() -> None:
    content = '\ufeffID,Title,TEXT,年\r\n甲,題,"一。\r\n二。",2025\r\n\r\n,,三。\r\n'
    assert outcomes(".csv", content) == [
        Document("甲", "題", "一。\n二。", "部/文書.csv", {"年": "2025"}),
        Document("部/文書.csv#2", "部/文書.csv#2", "三。", "部/文書.csv", {}),
    ]


def test_columns_without_a_name_or_with_one_name() -> None:
    doc = document(".csv", "text,,x,x\n本文,1,2,3\n")
    assert doc.fields == {"column 2": "1", "x": "2", "x 4": "3"}


def test_rows_that_are_malformed_are_named_and_the_others_go_on() -> None:
    found = outcomes(".csv", 'text,x\n"a"b,1\n本文,1,2\n ,1\n本文,1\n"終')
    assert [outcome for outcome in found if isinstance(outcome, Skipped)] == [
        Skipped("部/文書.csv:2", "not CSV: ',' expected after '\"'"),
        Skipped("部/文書.csv:3", "not CSV as its header says: 3 cells where the header has 2"),
        Skipped("部/文書.csv:4", "no text in it"),
        Skipped("部/文書.csv:6", "not CSV: unexpected end of data"),
    ]
    assert [outcome.id for outcome in found if isinstance(outcome, Document)] == ["部/文書.csv#4"]


def test_a_table_is_one_document_with_a_line_a_row() -> None:
    content = '国,値\n"米\n国",59%\n,\n中国,\n'
    assert layout(".csv", content) == [("w", "国 | 値"), ("w", "米 国 | 59%"), ("w", "中国 | ")]
    assert document(".csv", content).text == "国 | 値\n米 国 | 59%\n中国 | "
    assert document(".csv", content).title == "文書"


def test_a_malformed_table_is_skipped_whole() -> None:
    assert outcomes(".csv", '国,値\n米,1\n"x"y,2\n') == [Skipped("部/文書.csv:3", "not CSV: ',' expected after '\"'")]


@pytest.mark.parametrize("header", ["text", "x"])
def test_a_cell_of_two_megabytes_leaves_the_limit_of_the_process_alone(header: str) -> None:
    limit = csv.field_size_limit()
    doc = document(".csv", f'{header},y\n"{"輸出規制。" * 140_000}",1\n')
    assert len(doc.text) >= 700_000
    assert csv.field_size_limit() == limit


# -- all --------------------------------------------------------------------------------------------------------------


def test_the_properties_cover_every_format() -> None:
    assert {FORMATS[extension] for extension in PIECES} == set(FORMATS.values())


@pytest.mark.skipif(not Path(__file__).parents[2].joinpath("seeds").is_dir(), reason="no seeds here")
def test_the_seeds_are_read_without_a_miss() -> None:
    found = list(read([Path(__file__).parents[2] / "seeds"]))
    for outcome in found:
        check(outcome)
    assert {Path(d.path or "").suffix for d in found if isinstance(d, Document)} >= {".csv", ".html", ".md", ".txt"}
