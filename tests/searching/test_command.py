"""``python -m search`` as a user meets it: what is printed, what is JSON, the exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import search
from index import Document, build
from search.cli import main

PACKAGES = Path(search.__file__).parents[1]

_BIRDS = "海鳥が岩に集まり、漁師が網を引く。" * 12
WHALE = Document(
    "whale",
    "沖の記録",
    f"{_BIRDS}岩の上の一群は飛び立った。\n\n沖に鯨が見えた。{_BIRDS}\n\n帰りの一群は岩に戻った。{_BIRDS}",
)
TELESCOPE = Document(
    "telescope",
    "望遠鏡の手入れ",
    "望遠鏡のレンズは柔らかい布で拭く。湿気の多い夜には、筒の中に結露が生じる。乾いた場所に置いて乾かすとよい。\n\n"
    "夏の星座は南の空に見える。さそり座の赤い星は心臓にあたる。",
    path="道具/望遠鏡.txt",
)
TEA = Document(
    "tea", "茶摘みの季節", "茶摘みは五月に始まる。若い葉を手で摘み、蒸して揉む。中国から伝わった。", fields={"年": 1998}
)
ROOF = Document("roof", "屋根の修理", "瓦を替える日に、屋根から望遠鏡で海を眺めた。", path="道具/屋根.txt")
DOCUMENTS = [
    WHALE,
    TELESCOPE,
    TEA,
    ROOF,
    Document("show", "見本市", "showという英単語と、indexという英単語が並ぶ。"),
    *(Document(f"port-{i}", f"港の日誌{i}", f"{i}日目、港に船が着いた。積み荷は砂糖と綿である。") for i in range(1, 6)),
]
KEYS = {
    "query", "offset", "limit", "total", "total_is_exact", "took_ms", "tier_counts", "warnings", "suggestion",
    "diagnosis", "timed_out", "facets", "hits",
}  # fmt: skip
HIT_KEYS = {
    "rank", "score", "tier", "document", "title", "path", "headings", "title_highlights", "passage", "text",
    "highlights", "fields", "similar", "explanation",
}  # fmt: skip


class Said(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.out.count("\n") == 1
        return json.loads(self.out)

    def is_error(self, *told: str) -> bool:
        """Whether it is one line on stderr that tells this, with nothing on stdout."""
        assert self.err.startswith("sakuin: ")
        assert self.err.endswith("\n")
        assert self.err.count("\n") == 1
        assert all(words in self.err for words in told), self.err
        return self.status == 2 and not self.out


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("command") / "索引"
    build(DOCUMENTS, folder)
    return folder


@pytest.fixture
def elsewhere(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """Runs the command with nothing said about the index."""
    monkeypatch.delenv("SAKUIN_INDEX", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)

    def call(*arguments: str) -> Said:
        status = main(arguments)
        return Said(status, *capsys.readouterr())

    return call


@pytest.fixture
def ask(elsewhere: Callable[..., Said], folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """Runs the command on the index of ``DOCUMENTS``."""
    monkeypatch.setenv("SAKUIN_INDEX", str(folder))
    return elsewhere


def process(*arguments: str, folder: Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    left_out = ("SAKUIN_INDEX", "NO_COLOR", "FORCE_COLOR", "PYTHONIOENCODING", "PYTHONUTF8", "LC_ALL")
    inherited = {name: value for name, value in os.environ.items() if name not in left_out}
    return subprocess.run(
        [sys.executable, "-m", "search", *arguments, "--index-dir", str(folder)],
        env={**inherited, "PYTHONPATH": str(PACKAGES), **environment},
        cwd=cwd,
        capture_output=True,
        timeout=120,
        check=False,
    )


def test_a_hit_shows_rank_title_score_place_and_passage(ask: Callable[..., Said], folder: Path) -> None:
    said = ask("レンズ")
    with search.open_index(folder) as idx:
        hit = idx.search("レンズ").hits[0]
    head, _, title, place, first, *_ = said.out.splitlines()
    assert (said.status, said.err) == (0, "")
    assert head.startswith("レンズ: 1 passage, ")
    assert title == f"  1 望遠鏡の手入れ  {hit.score:.2f}"
    assert place == "    telescope · 道具/望遠鏡.txt"
    assert first.startswith("    望遠鏡のレンズは柔らかい布で拭く。")


def test_no_hit_is_status_1(ask: Callable[..., Said]) -> None:
    said = ask("飛行船")
    assert said.status == 1
    assert said.out.startswith("飛行船: 0 passages")


def test_several_arguments_are_one_query(ask: Callable[..., Said]) -> None:
    assert ask("望遠鏡", "屋根", "--json").json["query"] == "望遠鏡 屋根"
    assert ask("望遠鏡", "--limit", "1", "屋根", "--json").json["query"] == "望遠鏡 屋根"


def test_an_exclusion_in_japanese_is_no_option(ask: Callable[..., Said]) -> None:
    shown = ask("望遠鏡", "-屋根", "--json").json
    assert shown["query"] == "望遠鏡 -屋根"
    assert {hit["document"] for hit in shown["hits"]} == {"telescope"}
    assert ask("-中国").is_error("only excludes")
    assert ask("望遠鏡", "--index-dir", "-無い").is_error("no index in -無い")
    assert "\\" not in ask("望遠鏡", "--limit", "-五").err


@pytest.mark.parametrize(
    ("arguments", "query"),
    [
        (("--json", "--", "show", "index"), "show index"),
        (("--json", "--", "港", "--limit"), "港 --limit"),
        (("望遠鏡", "--json", "--", "-屋根", "--", "-x"), "望遠鏡 -屋根 -- -x"),
        (("show",), None),
    ],
)
def test_two_minus_signs_force_a_query(ask: Callable[..., Said], arguments: tuple[str, ...], query: str | None) -> None:
    said = ask(*arguments)
    assert said.status in (0, 1)
    if query is None:
        assert said.out.startswith("show: 1 passage")
    else:
        assert said.json["query"] == query


def test_index_alone_is_a_query(ask: Callable[..., Said]) -> None:
    assert ask("index").out.startswith("index: 1 passage")


def test_show_prints_the_document(ask: Callable[..., Said]) -> None:
    said = ask("show", "telescope")
    assert (said.status, said.out) == (0, TELESCOPE.text + "\n")
    shown = ask("show", "tea", "--json").json
    assert shown == {
        "document": "tea", "title": "茶摘みの季節", "path": None, "text": TEA.text, "fields": {"年": 1998},
    }  # fmt: skip


def test_show_of_what_is_not_there(ask: Callable[..., Said]) -> None:
    assert ask("show", "无").is_error("no document '无'")
    assert ask("show", "a", "b").is_error("--")
    assert ask("show", "--json").is_error("DOCUMENT")


def test_the_index_command_through_search(ask: Callable[..., Said], folder: Path) -> None:
    said = ask("index", "status")
    assert (said.status, said.err) == (0, "")
    assert f"documents   {len(DOCUMENTS)}" in said.out
    assert str(folder) in said.out
    assert ask("index", "見本").is_error("sakuin index --help")


def test_json_is_the_librarys_own_shape(ask: Callable[..., Said], folder: Path) -> None:
    arguments: dict[str, Any] = {"limit": 2, "offset": 1, "explain": True, "context": 1}
    said = ask("港 船", "--json", "--limit", "2", "--offset", "1", "--explain", "--context", "1")
    with search.open_index(folder) as idx:
        expected = json.loads(json.dumps(idx.search("港 船", **arguments).to_dict()))
    assert {**said.json, "took_ms": 0} == {**expected, "took_ms": 0}
    assert said.json["took_ms"] > 0


def test_json_has_the_keys_of_the_contract(ask: Callable[..., Said]) -> None:
    shown = ask("望遠鏡", "--json").json
    assert shown.keys() == KEYS
    assert shown["tier_counts"].keys() == {"word", "partial"}
    for rank, hit in enumerate(shown["hits"], 1):
        assert hit.keys() == HIT_KEYS
        assert hit["rank"] == rank
        document = next(document for document in DOCUMENTS if document.id == hit["document"])
        assert document.text[hit["passage"]["start"] : hit["passage"]["end"]] == hit["text"]
        assert [hit["text"][h["start"] : h["end"]] for h in hit["highlights"]] == ["望遠鏡"]


def test_json_of_no_hit_tells_why(ask: Callable[..., Said]) -> None:
    said = ask("望遠鏡 飛行船", "--json")
    operands = said.json["diagnosis"]["operands"]
    assert said.status == 1
    assert [(operand["text"], operand["total"]) for operand in operands] == [("望遠鏡", 2), ("飛行船", 0)]
    assert operands[0].keys() == {"text", "total", "total_without", "nearest", "kind", "absent", "fields"}
    assert [operand["absent"] for operand in operands] == [[], ["飛行"]]
    assert ask("望遠鏡", "--json").json["diagnosis"] is None


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("飛行船", ["飛行船: no passage has 飛行, and no word of the index is like it"]),
        ("レソズ", ["レソズ: no passage has レソズ; words like it are レンズ", "Try: レンズ"]),
        ("年：2020..", ["年:2020..: no document has such a value"]),
        ('"望遠鏡 湿気"~1', ["望遠鏡 湿気: no passage has its words so near each other"]),
        ("「夏の星は」", ["夏の星は: no passage has it exactly so"]),
        ("title:レンズ", ["title:レンズ: no passage has all of it"]),
        (
            "望遠鏡 飛行船 年：1990..1999 -屋根",
            [
                "               alone  without it",
                "望遠鏡             2           0",
                "飛行船             0           0  no passage has 飛行, and no word of the index is like it",
                "年:1990..1999      1           0",
                "-屋根              1           0",
            ],
        ),
        ("屋根 レンズ -title:手入れ", ["屋根               1           0", "-title:手入れ      1           0"]),
        (
            "茶摘み 年：2020..",
            ["茶摘み         1           0", "年:2020..      0           1  no document has such a value"],
        ),
    ],
)
def test_people_are_told_why_nothing_was_found(ask: Callable[..., Said], query: str, told: list[str]) -> None:
    said = ask(query)
    assert (said.status, said.err) == (1, "")
    lines = [line.removeprefix("    ") for line in said.out.splitlines()[1:]]
    assert [line for line in lines if line in told] == told
    assert "no word of the index" not in "".join(line for line in lines if "年" in line)


def test_what_was_switched_off_is_told_where_it_would_have_found(ask: Callable[..., Said]) -> None:
    for query, switch, name in (
        ("しゅうり", "--no-readings", "readings"),
        ("bouenkyou", "--no-romaji", "romaji"),
        ("修繕", "--no-synonyms", "synonyms"),
    ):
        found = ask(query, "--json").json["total"]
        told = f"sakuin: {name} are switched off: with them the query finds {found}\n"
        assert ask(query, switch, "--no-glosses").err == told
    assert ask("飛行船", "--no-readings", "--no-synonyms").err == ""
    assert ask("摘んだ", "--exact").err == "sakuin: every word was taken as quoted: otherwise the query finds 1\n"
    assert ask("飛行船", "--exact").err == ""


def test_an_explanation_tells_first_what_each_word_became(ask: Callable[..., Said]) -> None:
    said = ask("修理 屋根 -title:手入れ^2", "--explain")
    table, first, _ = said.out.partition("\n\n  1 ")
    assert first
    assert table.splitlines()[1:] == [
        "",
        "    all of",
        "      修理: as a word",
        "        word  by       weight  tier     terms (passages)",
        "        修理  itself   1       word     修理 (1)",
        "              synonym  0.4     partial  手入れ (1) · 直す (0) · 修復 (0) · 修繕 (0) · 補修 (0)",
        "      屋根: as a word",
        "        word  by       weight  tier     terms (passages)",
        "        屋根  itself   1       word     屋根 (1)",
        "              synonym  0.4     partial  ルーフ (0)",
        "    none of",
        "      手入れ: as a word, in title, counts × 2",
        "        word    by      weight  tier  terms (passages)",
        "        手入れ  itself  1       word  手入れ (1)",
    ]
    assert "weight" not in ask("修理 屋根").out


def test_an_explanation_tells_why_each_stretch_is_highlighted(ask: Callable[..., Said]) -> None:
    said = ask("しゅうり 摘む", "--explain").out + ask("摘んだ", "--explain").out + ask("港", "--explain").out
    lines = [line.strip() for line in said.splitlines()]
    assert "highlighted: 摘み inflection" in lines
    assert any(line.startswith("highlighted: 港 surface (× ") for line in lines)
    parts = [line.split() for line in lines if line.endswith("body × 1")]
    assert ["摘ん", "→", "摘む", "inflection"] in [part[1:5] for part in parts]
    assert "highlighted" not in ask("港").out


@pytest.mark.parametrize(
    ("query", "row"),
    [
        ("茶摘*", ["茶摘*", "prefix", "1", "word", "茶摘み", "(1)"]),
        ("bouenkyou", ["romaji", "0.8", "word", "望遠鏡", "(2)"]),
        ("しゅうり", ["reading", "0.8", "word", "修理", "(1)"]),
        ("修繕", ["synonym", "0.4", "partial"]),
        ("さそり座", ["さそり座", "long", "unit", "1", "word"]),
        ("1998年", ["1998年", "number", "1", "word", "d:1998", "(0)"]),
    ],
)
def test_rules_are_named(ask: Callable[..., Said], query: str, row: list[str]) -> None:
    rows = [line.split() for line in ask(query, "--explain").out.splitlines()]
    assert row in [each[: len(row)] for each in rows]


def test_the_plan_is_in_the_json_of_an_explanation_alone(ask: Callable[..., Said], folder: Path) -> None:
    shown = ask("レンズ (修理 OR 茶*) 年：1998..", "--json", "--explain").json
    assert shown.keys() == KEYS | {"plan"}
    assert ask("望遠鏡", "--json").json.keys() == KEYS
    word, either, condition = shown["plan"]["parts"]
    assert [shown["plan"]["kind"], word["kind"], either["kind"], condition["kind"]] == [
        "all", "operand", "either", "where"
    ]  # fmt: skip
    assert condition == {"kind": "where", "text": "年:1998.."}
    assert word == {
        "kind": "operand", "text": "レンズ", "match": "compound", "words": 1, "needed": 1, "slack": 0, "fields": [],
        "boost": 1.0,
        "alternatives": [
            {
                "run": 0, "first": 0, "last": 0, "text": "レンズ", "why": "itself", "weight": 1.0, "loose": False,
                "terms": [{"term": "レンズ", "passages": 1}],
            }
        ],
    }  # fmt: skip
    with search.open_index(folder) as idx:
        plan = idx.search("レンズ", explain=True).plan
        assert isinstance(plan, search.ExplainedOperand)
        assert plan.to_dict() == word
        assert idx.search("望遠鏡").plan is None


def test_limit_and_offset_cut_one_ranking(ask: Callable[..., Said]) -> None:
    whole = ask("港", "--json").json["hits"]
    pages = [ask("港", "--json", "--limit", "2", "--offset", str(at)).json["hits"] for at in (0, 2, 4)]
    assert [hit for page in pages for hit in page] == whole
    assert len(whole) == 5


def test_a_page_behind_the_last_hit_says_so(ask: Callable[..., Said]) -> None:
    said = ask("港", "--offset", "50")
    assert said.status == 0
    assert "5 passages" in said.out.splitlines()[0]
    assert "none after the first 50" in said.out


def test_the_parts_of_an_explanation_sum_to_the_score(ask: Callable[..., Said]) -> None:
    for query in ("望遠鏡 レンズ", "船が着いた", "「夏の星座」"):
        hits = ask(query, "--json", "--explain").json["hits"]
        assert hits
        for hit in hits:
            assert sum(part["score"] for part in hit["explanation"]["parts"]) == pytest.approx(hit["score"])
    assert "surface" in ask("レンズ", "--explain").out


def test_context_is_shown_and_never_in_the_text(ask: Callable[..., Said]) -> None:
    plain = ask("鯨", "--json").json["hits"]
    (hit,) = ask("鯨", "--json", "--context", "1").json["hits"]
    context = hit.pop("context")
    assert [hit] == plain
    around = context["before"] + hit["text"] + context["after"]
    assert around in WHALE.text
    assert context["before"].strip() == "岩の上の一群は飛び立った。"
    assert context["after"].strip() == "帰りの一群は岩に戻った。"
    assert "\n      岩の上の一群は飛び立った。\n    沖に" in ask("鯨", "--context", "1").out
    assert "岩の上の一群は飛び立った。" not in ask("鯨").out


def test_exact_takes_every_operand_as_quoted(ask: Callable[..., Said]) -> None:
    assert ask("摘んだ", "--json").json["total"] == 1
    assert ask("摘んだ", "--exact").status == 1
    assert ask("船 砂糖", "--exact", "--json").json["total"] == 5


def test_all_passages_of_one_document(tmp_path: Path, elsewhere: Callable[..., Said]) -> None:
    text = "\n\n".join(f"第{i}の灯台は岬の先に立つ。" + "海鳥が岩に集まり、漁師が網を引く。" * 12 for i in range(1, 7))
    build([Document("lights", "沿岸の記録", text)], tmp_path / "i")
    shown = elsewhere("灯台", "--index-dir", str(tmp_path / "i"))
    assert shown.out.count("\n\n") == 3
    assert "3 more passages of this document" in shown.out
    whole = elsewhere("灯台", "--all-passages", "--json", "--index-dir", str(tmp_path / "i")).json
    assert len(whole["hits"]) == whole["total"] == 6


@pytest.fixture
def shelf(tmp_path: Path, elsewhere: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """Runs the command on documents that bring fields with them."""
    dated = [("青い皿", 1998, ["皿", "青"]), ("白い皿", 2004, ["皿"]), ("青い壺", 2011, ["壺", "青"])]
    build(
        [Document(title, title, "窯で焼いた。", None, {"年": n, "札": tags}) for title, n, tags in dated],
        tmp_path / "i",
    )
    monkeypatch.setenv("SAKUIN_INDEX", str(tmp_path / "i"))
    return elsewhere


def shown(said: Said) -> list[str]:
    return [hit["document"] for hit in said.json["hits"]]


def test_filters_narrow_and_an_order_takes_the_place_of_the_score(shelf: Callable[..., Said]) -> None:
    assert shown(shelf("窯", "--json", "--sort", "年")) == ["青い皿", "白い皿", "青い壺"]
    assert shown(shelf("窯", "--json", "--sort", "-年")) == ["青い壺", "白い皿", "青い皿"]
    assert shown(shelf("--sort=-年", "--json", "窯", "--limit", "1", "--offset", "1")) == ["白い皿"]
    assert shown(shelf("窯", "--json", "--filter", "年=2000..", "--filter", "札=皿")) == ["白い皿"]
    assert shown(shelf("窯", "--json", "--filter", "札=青", "--filter", "札=皿", "--sort", "title")) == [
        "白い皿", "青い壺", "青い皿"
    ]  # fmt: skip


def test_counts_of_a_field_stand_above_the_hits(shelf: Callable[..., Said]) -> None:
    said = shelf("窯", "--facet", "札", "--facet", "年", "--limit", "1")
    assert said.out.splitlines()[1:4] == ["    札: 皿 2 · 青 2 · 壺 1", "    年: 1998 1 · 2004 1 · 2011 1", ""]
    told = shelf("窯", "--facet", "札", "--json").json
    assert told["facets"] == {
        "札": [{"value": "皿", "count": 2}, {"value": "青", "count": 2}, {"value": "壺", "count": 1}]
    }
    assert shelf("窯", "--json").json["facets"] == {}


def test_a_filter_that_leaves_nothing_says_so(shelf: Callable[..., Said]) -> None:
    said = shelf("窯", "--filter", "年=1066", "--facet", "札")
    assert (said.status, said.out.splitlines()[1:]) == (1, ["    札: no values"])
    assert said.err == "sakuin: nothing that was found meets the filters: without them the query finds 3\n"
    said = shelf("窯", "--filter", "色=青")
    assert (said.status, said.err.count("\n")) == (1, 2)
    assert "no document has a field '色' with a value to compare: fields are document, title, 年, 札" in said.err


@pytest.mark.parametrize(
    "arguments",
    [("--filter", "年"), ("--filter", "=1"), ("--filter", "年="), ("--filter",), ("--sort",), ("--sort", "-")],
)  # fmt: skip
def test_what_is_no_filter_or_order_is_one_line(shelf: Callable[..., Said], arguments: tuple[str, ...]) -> None:
    assert shelf("窯", *arguments).is_error("")


def test_values_and_names_of_fields_do_not_steer_the_terminal(tmp_path: Path, elsewhere: Callable[..., Said]) -> None:
    fields = {"a\x1b[31m": "b\x1b]0;x\x07\nc", "真": True}
    build([Document("a", "", "窯で焼いた。", None, fields)], tmp_path / "i")
    said = elsewhere("窯", "--index-dir", str(tmp_path / "i"), "--facet", "a\x1b[31m", "--facet", "真")
    assert said.out.splitlines()[1:3] == ["    a␛[31m: b␛]0;x␇ c 1", "    真: true 1"]
    said = elsewhere("窯", "--index-dir", str(tmp_path / "i"), "--filter", "無=1")
    assert "\x1b" not in said.err


def test_index_dir_wins_over_the_environment(ask: Callable[..., Said], tmp_path: Path) -> None:
    build([Document("one", "一つ", "飛行船が空を行く。")], tmp_path / "other")
    assert ask("飛行船").status == 1
    assert ask("飛行船", "--index-dir", str(tmp_path / "other")).status == 0


@pytest.mark.parametrize("by_environment", [False, True])
def test_a_named_folder_is_never_built(
    elsewhere: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by_environment: bool
) -> None:
    missing = tmp_path / "missing"
    arguments = [] if by_environment else ["--index-dir", str(missing)]
    if by_environment:
        monkeypatch.setenv("SAKUIN_INDEX", str(missing))
    assert elsewhere("望遠鏡", *arguments).is_error(str(missing), "python -m index build")
    assert not missing.exists()


def test_the_first_search_in_the_default_place_builds(
    elsewhere: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "灯台.txt").write_text("岬の灯台が光る。", encoding="utf-8")
    monkeypatch.setattr("index.places.default_index", lambda: tmp_path / "index")
    monkeypatch.setattr("index.places.seeds", lambda: seeds)
    first, second = elsewhere("灯台", "--json"), elsewhere("灯台", "--json")
    assert first.json["total"] == second.json["total"] == 1
    assert "No index yet" in first.err
    assert second.err == ""


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--json",),
        ("--bad", "望遠鏡"),
        ("--jso", "望遠鏡"),
        ("望遠鏡", "--limit", "x"),
        ("望遠鏡", "--limit", "9" * 5000),
        ("望遠鏡", "--limit"),
        ("望遠鏡", "--limit", "-五"),
        ("望遠鏡", "--color", "\x1b[31m"),
        ("--\x1b]0;x\x07", "望遠鏡"),
    ],
)
def test_wrong_arguments_are_one_line(ask: Callable[..., Said], arguments: tuple[str, ...]) -> None:
    said = ask(*arguments)
    assert said.is_error("sakuin --help")
    assert len(said.err) < 500
    assert said.err.strip().isprintable()


def test_help_is_no_error(ask: Callable[..., Said]) -> None:
    said = ask("--help")
    assert (said.status, said.err) == (0, "")
    for option in ("--limit", "--offset", "--json", "--explain", "--context", "--exact", "--index-dir", "--color"):
        assert option in said.out


def test_as_a_process(folder: Path, tmp_path: Path) -> None:
    hit, none, error = (process(query, folder=folder, cwd=tmp_path) for query in ("望遠鏡", "飛行船", "、。！"))
    assert (hit.returncode, none.returncode, error.returncode) == (0, 1, 2)
    assert "望遠鏡" in hit.stdout.decode()
    assert (hit.stderr, none.stderr, error.stdout) == (b"", b"", b"")
    assert error.stderr.count(b"\n") == 1


@pytest.mark.parametrize("option", ["--json", "--color=never", "--color=always"])
def test_a_reader_that_goes_away_makes_no_traceback(folder: Path, tmp_path: Path, option: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "search", "港", option, "--index-dir", str(folder)],
        env={**os.environ, "PYTHONPATH": str(PACKAGES)},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "cp932"},
    ],
)
def test_poor_encodings(folder: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    for option in ("--color=always", "--explain"):
        shown = process("望遠鏡", option, folder=folder, cwd=tmp_path, **environment)
        assert (shown.returncode, shown.stderr) == (0, b"")
        assert shown.stdout.count(b"\n") >= 6
    as_json = process("望遠鏡", "--json", folder=folder, cwd=tmp_path, **environment)
    assert json.loads(as_json.stdout)["hits"][0]["text"][:3] in TELESCOPE.text + ROOF.text


def test_help_in_ascii(folder: Path, tmp_path: Path) -> None:
    helped = process("--help", folder=folder, cwd=tmp_path, PYTHONIOENCODING="ascii")
    assert (helped.returncode, helped.stderr) == (0, b"")


def test_an_argument_that_the_locale_cannot_read(folder: Path, tmp_path: Path) -> None:
    environment = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    said = process("望遠鏡", folder=folder, cwd=tmp_path, **environment)
    assert said.returncode in (0, 1, 2)
    assert b"Traceback" not in said.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_told(folder: Path, tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        said = subprocess.run(
            [sys.executable, "-m", "search", "港", "--index-dir", str(folder)],
            env={**os.environ, "PYTHONPATH": str(PACKAGES)},
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (said.returncode, said.stderr.count(b"\n")) == (2, 1)


@pytest.mark.parametrize(
    ("query", "switch"),
    [("しゅうり", "--no-readings"), ("bouenkyou", "--no-romaji"), ("修繕", "--no-synonyms")],
)
def test_other_notations_can_be_switched_off(ask: Callable[..., Said], query: str, switch: str) -> None:
    assert ask(query, "--json").json["total"]
    assert not ask(query, "--json", switch).json["total"]
    assert ask(query, "--json", "--no-variants", "--no-glosses").json["total"]
