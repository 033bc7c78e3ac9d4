"""``analyze`` and ``check``: what a text is made into, and why a pair does not come out as its author says."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

import search
from index import Document, build
from index.analysis import Analyzer
from index.analysis.mentions import told as told_of
from index.errors import UsageError
from search.cli import main
from search.query.plan import CLASSES
from search.wrapping import cells, padded

PAIRS = Path(__file__).parents[1] / "data" / "pairs"
ANALYZER = Analyzer()


class Said(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.out.count("\n") == 1
        return json.loads(self.out)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Said]:
    """Runs the command where there is no index, with nothing said about one."""
    monkeypatch.delenv("SAKUIN_INDEX", raising=False)
    monkeypatch.setattr("index.places.default_index", lambda: tmp_path / "default")

    def call(*arguments: str) -> Said:
        return Said(main(arguments), *capsys.readouterr())

    return call


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("check") / "index"
    build([Document("a", "題", "本文。")], folder)
    return folder


@pytest.fixture
def check(run: Callable[..., Said], folder: Path, tmp_path: Path) -> Callable[..., Said]:
    """Writes a file of pairs and runs the command on it."""

    def call(pairs: str, *options: str) -> Said:
        file = tmp_path / "pairs.tsv"
        file.write_bytes(pairs.encode("utf-8"))
        return run("check", str(file), "--index-dir", str(folder), *options)

    return call


def test_analyze_tells_folds_words_units_and_the_query() -> None:
    analysis = search.analyze("ｶﾞｲﾄﾞの教育委員会、規制された")
    assert [(f.text, f.folded) for f in analysis.folds] == [("ｶﾞｲﾄﾞ", "ガイド")]
    words = [(s.surface, s.terms, s.kind) for s in analysis.slots]
    assert words[:4] == [
        ("ｶﾞｲﾄﾞ", ("ガイド",), "content"),
        ("の", ("の",), "particle"),
        ("教育", ("教育",), "content"),
        ("委員", ("委員",), "content"),
    ]
    assert [s.marks for s in analysis.slots if s.surface == "規制"] == [("comma before", "unit starts", "unit ends")]
    assert ("た", "particle", True) in [(s.surface, s.kind, "ending" in s.marks) for s in analysis.slots]
    assert [(u.surface, u.first, u.last) for u in analysis.units] == [("教育委員会", 2, 4), ("委員会", 3, 4)]
    assert analysis.to_dict()["query"]["plan"]["match"] == "soft"  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "folds"),
    [
        ("輸出規制", []),
        ("㈱と㌔", [(0, 1, "㈱", "(株)"), (2, 3, "㌔", "キロ")]),
        ("サ－バ－", [(1, 2, "－", "ー"), (3, 4, "－", "ー")]),
        ("葛\U000e0100城", [(0, 2, "葛\U000e0100", "葛")]),
        ("輸\u200b出", [(1, 2, "\u200b", "")]),
        ("末尾\u200b", [(2, 3, "\u200b", "")]),
    ],
)
def test_folds_have_their_places(text: str, folds: list[tuple[int, int, str, str]]) -> None:
    assert [(f.start, f.end, f.text, f.folded) for f in search.analyze(text, ANALYZER).folds] == folds


@given(st.text("輸出規制ｶﾞﾄ－ーバサ㈱㌔⼤\u200b\u200e葛\U000e0100 、。a\u0301Ａ", max_size=12))
def test_folds_and_slots_are_what_the_analysis_has(text: str) -> None:
    analysis = search.analyze(text, ANALYZER)
    at, read = 0, ""
    for fold in analysis.folds:
        assert fold.text == text[fold.start : fold.end] != fold.folded
        read += text[at : fold.start] + fold.folded
        at = fold.end
    assert read + text[at:] == ANALYZER.folded(text).text
    assert [(s.start, s.end) for s in analysis.slots] == [(s.start, s.end) for s in ANALYZER.slots(text)]
    assert json.dumps(analysis.to_dict())


def test_names_that_few_need_are_there_all_the_same() -> None:
    assert all(hasattr(search, name) for name in search.__all__)
    with pytest.raises(AttributeError, match="no attribute 'analyse'"):
        search.analyse  # noqa: B018


def test_an_index_analyses_as_the_chain_does_and_counts(folder: Path) -> None:
    with search.open_index(folder) as idx:
        analysis = idx.analyze("本文の規制", off=CLASSES)
    alone = search.analyze("本文の規制")
    assert (analysis.folds, analysis.slots, analysis.units, analysis.plan) == (
        alone.folds, alone.slots, alone.units, alone.plan
    )  # fmt: skip
    counts = [counted(asks) for asks in (alone.asks, analysis.asks)]
    assert counts == [{"本文": None, "規制": None}, {"本文": 1, "規制": 0}]


def counted(asks: object) -> dict[str, int | None]:
    assert isinstance(asks, search.ExplainedOperand)
    return {term.term: term.passages for each in asks.alternatives for term in each.terms}


def test_analyze_asks_the_index_that_is_named(run: Callable[..., Said], tmp_path: Path) -> None:
    build([Document("a", "題", "グローク（Grok）は船である。グロークと鯨。鯨。")], tmp_path / "i")
    here = ("--index-dir", str(tmp_path / "i"))
    said = run("analyze", "Grok", *here)
    assert (said.status, said.err) == (0, "")
    rows = [line.split() for line in said.out.partition("As a query\n")[2].splitlines()]
    assert ["word", "by", "weight", "tier", "terms", "(passages)"] in rows
    assert ["Grok", "itself", "1", "word", "grok", "(1)"] in rows
    assert ["gloss", "0.9", "word", "k:グロク", "(1)"] in rows
    assert "gloss" not in run("analyze", "Grok", "--no-glosses", *here).out
    assert "gloss" not in run("analyze", "Grok").out
    assert "Grok: exactly as it stands" in run("analyze", "Grok", "--exact", *here).out


@pytest.mark.parametrize("command", ["analyze", "check"])
def test_no_index_is_built_to_look_at_words(
    run: Callable[..., Said], tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pairs.tsv").write_text("日銀\t日本銀行の建物\tword\t日本銀行\tabbreviation\n", encoding="utf-8")
    said = run(command, str(tmp_path / "pairs.tsv"))
    assert (said.status, said.err) == (0, "")
    assert not (tmp_path / "default").exists()
    said = run(command, str(tmp_path / "pairs.tsv"), "--index-dir", str(tmp_path / "none"))
    assert (said.status, said.out, said.err.count("\n")) == (2, "", 1)
    monkeypatch.setenv("SAKUIN_INDEX", str(tmp_path / "none"))
    assert run(command, str(tmp_path / "pairs.tsv")).status == 2


def test_without_an_index_the_dictionary_says_what_a_word_is(run: Callable[..., Said]) -> None:
    rows = [line.split() for line in run("analyze", "日銀").out.splitlines()]
    assert ["日銀", "itself", "1", "word", "日銀"] in rows
    assert ["abbreviation", "0.8", "word", "日本銀行"] in rows
    assert "日本銀行" not in run("analyze", "日銀", "--no-synonyms").out


def test_pairs_take_the_switches_of_a_search(check: Callable[..., Said]) -> None:
    synonym, inflected = "日銀\t日本銀行の建物\tword\n", "食べる\t子どもが食べた。\tword\n"
    assert check(synonym).status == 0
    assert check(synonym, "--no-romaji").status == 0
    failed = check(synonym, "--no-synonyms")
    assert failed.status == 1
    assert "abbreviation" not in failed.out
    assert check(inflected).status == 0
    failed = check(inflected, "--exact")
    assert failed.status == 1
    assert "食べる: exactly as it stands" in [line.strip() for line in failed.out.splitlines()]


def test_pairs_are_asked_with_the_glosses_of_the_index(check: Callable[..., Said], tmp_path: Path) -> None:
    build([Document("a", "題", "グローク（Grok）は船である。")], tmp_path / "i")
    of_the_index = "Grok\tグロークが港に着いた。\tword\tグローク\tgloss\n"
    of_the_text = "こちや\t東風谷（こちや）が着いた。東風谷は帰った。\tword\t東風谷 / 東風谷\tgloss\n"
    assert check(of_the_index).status == 1
    here = ("--index-dir", str(tmp_path / "i"))
    assert check(of_the_index + of_the_text, *here).status == 0
    assert check(of_the_index, "--no-glosses", *here).status == 1


def test_analyze_prints_columns_and_needs_no_index(run: Callable[..., Said]) -> None:
    said = run("analyze", "ｶﾞｲﾄﾞと", "輸出規制")
    assert (said.status, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0] == "Folds"
    assert lines[1].split() == ["0–5", "ｶﾞｲﾄﾞ", "→", "ガイド", "U+FF76", "U+FF9E", "U+FF72", "U+FF84", "U+FF9E"]
    words = lines[lines.index("Words") + 1 :][:4]
    assert [line.split()[1:4] for line in words] == [
        ["ｶﾞｲﾄﾞ", "content", "ガイド"],
        ["と", "particle", "と"],
        ["輸出", "content", "輸出"],
        ["規制", "content", "規制"],
    ]
    kinds = [line.index(kind) for line, kind in zip(words, ["content", "particle", "content", "content"], strict=True)]
    assert len({cell_len(line[:at]) for line, at in zip(words, kinds, strict=True)}) == 1
    assert "  all of" in lines


def test_what_is_wrapped_goes_on_behind_the_first_column(
    run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    said = run("analyze", "レオナルド・ダ・ヴィンチ", "--color=always")
    lines = re.sub("\x1b\\[[0-9;]*m", "", said.out).splitlines()
    assert all(cell_len(line) <= 40 for line in lines)
    at = lines.index("Long units") + 1
    assert lines[at : at + 3] == [
        "  0–12  レオナルド・ダ・ヴィンチ",
        "        レオナルドダヴィンチ",
        "        レオナルドダビンチ",
    ]


def test_analyze_as_json_is_the_librarys(run: Callable[..., Said], folder: Path) -> None:
    text = "(輸入 OR 輸出) -中国 教育委員会の規制"
    with search.open_index(folder) as idx:
        expected = json.loads(json.dumps(idx.analyze(text, off=["synonyms"]).to_dict()))
    assert run("analyze", text, "--json", "--no-synonyms", "--index-dir", str(folder)).json == expected


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("輸出規制", "輸出規制: together and in order"),
        ("規制", "規制: as a word"),
        ("米国の輸出規制", "米国の輸出規制: at least 2 of its 3 words"),
        ('"食べる"', "食べる: exactly as it stands"),
        ("なら", "なら: function words alone: as a string, in the partial tier"),
        ("輸入 OR 輸出", "any of"),
        ("輸出 -中国のAIの規制", "none of"),
        ("教育委員会", "教育委員会  long unit  1       word  教育委員会"),
        ("米国の規制", "米国の規制: all of its words"),
        ('"輸出 規制"~5', "輸出 規制: near each other, at most 5 other words between"),
        ('"輸出 規制"~0', "輸出 規制: side by side"),
        ("title:規制^2", "規制: as a word, in title, counts × 2"),
        ("令和7年", "令和7年  era     1       word  e:令和7"),
        ("2025年1月", "2025年1月  number  1       word  d:2025-01"),
        ("、。", "the query holds no word, only signs: give a word to search for"),
        ('"輸出', 'warning: " is not closed: what follows is searched as words'),
    ],
)
def test_what_a_query_asks_for_is_told(run: Callable[..., Said], query: str, told: str) -> None:
    said = run("analyze", query, "--no-readings", "--no-synonyms")
    assert told in [line.strip() for line in said.out.partition("As a query\n")[2].splitlines()]


def test_a_plan_as_json_says_what_it_is_made_of() -> None:
    said = search.analyze("(輸入 OR 教育委員会) -中国", ANALYZER).to_dict()["query"]
    plan = json.loads(json.dumps(said))["plan"]
    (either,), (without,) = plan["parts"], plan["without"]
    assert [plan["kind"], either["kind"], without["kind"]] == ["all", "either", "operand"]
    assert [part["text"] for part in (*either["parts"], without)] == ["輸入", "教育委員会", "中国"]
    found = either["parts"][1]["alternatives"]
    assert found[0] == {
        "run": 0, "first": 0, "last": 0, "text": "教育", "why": "itself", "weight": 1.0, "loose": False,
        "terms": [{"term": "教育", "passages": None}],
    }  # fmt: skip
    units = [(each["first"], each["last"], each["text"]) for each in found if each["why"] == "long unit"]
    assert units == [(0, 2, "教育委員会"), (1, 2, "委員会")]


def test_a_command_alone_is_a_query_and_a_minus_belongs_to_the_text(run: Callable[..., Said], folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAKUIN_INDEX", str(folder))
        for command, usage in (("analyze", "analyze TEXT"), ("check", "check PAIRS.tsv"), ("show", "show DOCUMENT")):
            alone = run(command)
            assert alone.out.startswith(f"{command}: 0 passages")
            assert f"`sakuin {usage}`" in alone.err
        assert not run("規制").err
    assert run("analyze", "-中国", "--json").json["text"] == "-中国"
    assert run("analyze", "--json", "--", "--limit").json["text"] == "--limit"
    said = run("analyze", " ")
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("sakuin: the text is empty")


def test_options_may_stand_before_a_command(run: Callable[..., Said], folder: Path) -> None:
    assert run("--json", "analyze", "規制").json["text"] == "規制"
    assert run("--index-dir", str(folder), "show", "a").out == "本文。\n"
    assert run(f"--index-dir={folder}", "--json", "show", "a").json["title"] == "題"
    assert run("--json", "--index-dir", str(folder), "index", "status").json["documents"] == 1
    assert run("--index-dir", str(folder), "--json", "--", "show", "a").json["query"] == "show a"


def test_nothing_that_steers_a_terminal_is_printed(run: Callable[..., Said], check: Callable[..., Said]) -> None:
    text = "東京\x1b[31m都\u202eの\x07条例\u2066\x9b"
    for said in (
        run("analyze", text),
        run("analyze", text, "--json"),
        run("analyze", f'"{text}', "--color=always"),
        check(f"{text}\t{text}x\tnone\n京都\t{text}\tword\t{text}\t{text}\n"),
        check(f"{text}\t{text}x\tnone\n", "--json"),
    ):
        assert said.out
        shown = re.sub("\x1b\\[[012]m", "", said.out)
        assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs") and c != "\n"]


def test_pairs_that_come_out_pass(run: Callable[..., Said], folder: Path) -> None:
    for name in ("boundaries", "compounds", "inflection"):
        said = run("check", str(PAIRS / f"{name}.tsv"), "--index-dir", str(folder))
        assert (said.status, said.err) == (0, "")
        *pairs, count = said.out.splitlines()
        assert all(line.startswith("pass") for line in pairs)
        assert count == f"{len(pairs)} pairs: {len(pairs)} pass"


def test_a_failure_is_explained(check: Callable[..., Said]) -> None:
    said = check(
        "# query\ttext\n輸出\t輸出が増えた。\tword\t輸出\tsurface\n京都大学\t東京都の大学\tword\t京都 / 大学\tsurface\n"
    )
    assert said.status == 1
    lines = [line.strip() for line in said.out.splitlines()]
    assert lines[0].split() == ["pass", "2", "輸出", "輸出が増えた。"]
    assert lines[1].split() == ["FAIL", "3", "京都大学", "東京都の大学"]
    assert lines[2].split() == ["expected", "word", "京都", "/", "大学", "surface"]
    assert lines[3].split() == ["got", "none"]
    assert lines[lines.index("What the query asks for and the text has not") + 1].split() == ["京都", "京都"]
    assert "京都大学: together and in order" in lines
    assert "0–3  東京都  東京都" in lines
    assert lines[-1] == "2 pairs: 1 pass, 1 fail"


def test_what_is_there_but_not_as_asked_is_told(check: Callable[..., Said]) -> None:
    said = check("輸出規制\t規制の輸出\tword\n")
    assert said.status == 1
    assert "The text has all words of the query" in said.out


@pytest.mark.parametrize(
    ("pair", "status"),
    [
        ("食べる\t子どもが食べた。\tword", 0),
        ("食べる\t子どもが食べた。\tword\t食べた", 0),
        ("食べる\t子どもが食べた。\tword\t食べた\tinflection", 0),
        ("食べる\t子どもが食べた。\tword\t食べ", 1),
        ("食べる\t子どもが食べた。\tword\t食べた\tsurface", 1),
        ("食べる\t子どもが食べた。\tword\t-", 1),
        ("食べる\t子どもが食べた。\tpartial", 1),
        ("食べる\t子どもが寝た。\tnone\t-\tnone", 0),
        ("輸出規制\t輸出の\\n規制\tword\t輸出 / 規制", 0),
        ("規制\t規制が続く。\\n\\n規制は要らない。\tword\t規制 / 規制\tsurface", 0),
        ('"\t輸出\tnone', 1),
    ],
)
def test_what_a_pair_asks(check: Callable[..., Said], pair: str, status: int) -> None:
    assert check(pair).status == status
    assert check(f"\ufeff{pair}\r\n".replace("\r", "")).status == status


def test_every_passage_of_a_long_text_counts(folder: Path) -> None:
    text = "鯨が見えた。" + "海鳥が岩に集まり、漁師が網を引く。" * 400 + "鯨が去った。"
    with search.open_index(folder) as idx:
        (checked,) = idx.check([search.Pair("鯨", text, "word", ("鯨", "鯨"), "surface")])
    assert checked.passes


def test_check_as_json_is_the_librarys(check: Callable[..., Said], folder: Path, tmp_path: Path) -> None:
    said = check("輸出\t輸出が増えた。\tword\n京都\t東京都\tword\t京都\tsurface\n", "--json")
    with search.open_index(folder) as idx:
        report = idx.check(tmp_path / "pairs.tsv")
        assert report.to_dict() == idx.check(search.read_pairs(tmp_path / "pairs.tsv")).to_dict()
    assert said.status == 1
    assert said.json == json.loads(json.dumps(report.to_dict()))
    assert (said.json["passed"], said.json["failed"]) == (1, 1)
    passed, failed = said.json["pairs"]
    assert passed["explanation"] is None
    assert failed["expected"] == {"tier": "word", "highlighted": ["京都"], "why": "surface"}
    assert failed["got"] == {"tier": "partial", "highlighted": ["京都"], "why": ["partial"]}
    assert failed["explanation"]["absent"] == [{"text": "京都", "terms": ["京都"]}]
    assert [slot["surface"] for slot in failed["explanation"]["text"]["slots"]] == ["東京", "都"]


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("\n\n輸出 輸出\n", "pairs.tsv, line 3: 1 column: "),
        ("輸出\t輸出\tword\t輸出\tsurface\tsurface\n", "pairs.tsv, line 1: 6 columns: "),
        ("#\n輸出\t輸出\twords\n", "pairs.tsv, line 2: the tier is 'words': "),
        ("# nothing\n", "pairs.tsv holds no pair: "),
        ("", "pairs.tsv holds no pair: "),
    ],
)
def test_a_malformed_file_is_one_line_and_status_2(check: Callable[..., Said], file: str, told: str) -> None:
    said = check(file)
    assert (said.status, said.out, said.err.count("\n")) == (2, "", 1)
    assert told in said.err


def test_pairs_beside_malformed_lines_are_asked(check: Callable[..., Said], tmp_path: Path) -> None:
    said = check("輸出 輸出\n輸出\t輸出\tword\n\n輸出\t輸出\twords\n京都\t東京都\tword\n", "--json")
    assert said.status == 2
    assert [line.partition(": ")[2].split(":")[0] for line in said.err.splitlines()] == [
        "pairs.tsv, line 1",
        "pairs.tsv, line 4",
    ]
    assert (said.json["passed"], said.json["failed"]) == (1, 1)
    assert [f"sakuin: {line}" for line in said.json["malformed"]] == said.err.splitlines()
    with pytest.raises(UsageError, match="line 1: 1 column"):
        search.read_pairs(tmp_path / "pairs.tsv")


def test_files_that_cannot_be_read(run: Callable[..., Said], folder: Path, tmp_path: Path) -> None:
    missing = run("check", str(tmp_path / "none.tsv"), "--index-dir", str(folder))
    assert (missing.status, missing.out, missing.err.count("\n")) == (2, "", 1)
    assert missing.err.startswith(f"sakuin: cannot read {tmp_path / 'none.tsv'}: ")
    (tmp_path / "sjis.tsv").write_bytes("輸出\t輸出\tword".encode("cp932"))
    with pytest.raises(UsageError, match=r"sjis\.tsv is not UTF-8"):
        search.read_pairs(tmp_path / "sjis.tsv")


def test_an_index_that_is_named_has_to_be_there(run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAKUIN_INDEX", "/nowhere/at/all")
    said = run("check", str(PAIRS / "boundaries.tsv"))
    assert (said.status, said.out) == (2, "")
    assert "/nowhere/at/all" in said.err


@given(st.text("輸出ｶﾞー－ａa1、。「ｶ々〳ヶ・ ", max_size=10))
def test_cells_are_those_of_a_terminal(text: str) -> None:
    assert cells(text) == cell_len(text)
    assert cell_len(padded(text, 20)) == 20


@pytest.mark.parametrize(
    ("term", "said"),
    [
        ("輸出", "輸出"),
        ("d:2025-01-20", "date 2025-01-20"),
        ("e:令和7", "year of an era: 令和7"),
        ("n:10条の3", "value 10条の3"),
        ("g:deepseek=ディープシーク", "gloss: deepseek = ディープシーク"),
        ("k:スマフオ", "by sound: スマフオ"),
    ],
)
def test_terms_are_told_in_words(term: str, said: str) -> None:
    assert told_of(term) == said
