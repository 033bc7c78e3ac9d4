"""Sets of judged queries, what is measured on them, and the settings that answer them."""

from __future__ import annotations

import json
import lzma
import math
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import search
from index import Document
from index.analysis import Analyzer
from index.errors import FailedMeasure, SourceError, UsageError
from search.evaluation import MEASURES, interval, measured, named_set, read_run, read_set, setting, write_run
from search.evaluation.plain import Bm25
from search.evaluation.sets import JudgedSet, judged_set
from search.evaluation.stand_ins import lengths, snippets, titles
from search.evaluation.table import Row, drawn
from search.evaluation.terms import Terms, pairs, read_terms, short_units, write_terms

CORPUS = {
    "d1": ("輸出規制", "半導体の輸出規制が強化された。"),
    "d2": ("", "政府は規制を見直した。\n輸出は増えた。"),
    "d3": ("天気", "東京都の天気は晴れだった。"),
}
QUERIES = {"a": "輸出規制の強化は?", "b": "東京都の天気は?", "c": "誰も判定していない問い"}
QRELS = "query-id\tcorpus-id\tscore\na\td1\t2\na\td2\t1\nb\td3\t1\n"


def as_lines(records: Iterable[Mapping[str, object]]) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def write(path: Path, text: str, *, packed: bool = False) -> None:
    if packed:
        path = path.with_name(f"{path.name}.xz")
        path.write_bytes(lzma.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")


def make(folder: Path, *, packed: bool = False, qrels: str = QRELS, name: str = "qrels.tsv") -> Path:
    folder.mkdir()
    corpus = ({"_id": each, "title": title, "text": text} for each, (title, text) in CORPUS.items())
    write(folder / "corpus.jsonl", as_lines(corpus), packed=packed)
    queries = as_lines({"_id": each, "text": text} for each, text in QUERIES.items())
    write(folder / "queries.jsonl", queries, packed=packed)
    (folder / name).parent.mkdir(exist_ok=True)
    write(folder / name, qrels, packed=packed)
    return folder


@pytest.fixture
def judged(tmp_path: Path) -> JudgedSet:
    return read_set(make(tmp_path / "mine"))


def graded(judgments: Mapping[str, Mapping[str, int]]) -> JudgedSet:
    documents = [
        Document(each, "", "文") for each in sorted({each for grades in judgments.values() for each in grades})
    ]
    return judged_set("graded", documents, dict.fromkeys(judgments, "問い"), judgments)


@pytest.mark.parametrize("packed", [False, True])
def test_a_folder_is_read_as_it_is_or_compressed(tmp_path: Path, packed: bool) -> None:
    found = read_set(make(tmp_path / "mine", packed=packed))
    assert [(document.id, document.title, document.text) for document in found.documents] == [
        (each, title, text) for each, (title, text) in CORPUS.items()
    ]
    assert dict(found.queries) == {"a": QUERIES["a"], "b": QUERIES["b"]}
    assert found.judgments == {"a": {"d1": 2, "d2": 1}, "b": {"d3": 1}}
    assert found.notes == ("qrels.tsv{}: 1 query without a judgment: c".format(".xz" if packed else ""),)


@pytest.mark.parametrize("name", ["qrels.dev.tsv", "qrels/dev.tsv"])
def test_judgments_are_chosen_by_their_name(tmp_path: Path, name: str) -> None:
    make(tmp_path / "mine", name=name, qrels="c\td2\t1\n")
    found = named_set(f"{tmp_path / 'mine'}:dev")
    assert (found.name, list(found.queries)) == ("mine:dev", ["c"])
    with pytest.raises(SourceError, match=r"has no qrels\.tsv"):
        read_set(tmp_path / "mine")


def test_what_cannot_be_met_or_asked_is_told(tmp_path: Path) -> None:
    found = read_set(make(tmp_path / "mine", qrels="a\td1\t1\na\tgone\t1\nb\td3\t0\nnobody\td1\t1\n"))
    assert list(found.queries) == ["a"]
    assert found.judgments == {"a": {"d1": 1, "gone": 1}}
    assert found.notes == (
        "qrels.tsv: 1 query without a judgment: c",
        "qrels.tsv: 1 query without a document that answers: b",
        "qrels.tsv: 1 query judged that is not asked: nobody",
        "qrels.tsv: 1 document judged that is not in the corpus, so that nothing finds it: gone",
    )
    empty = judged_set("made", [Document("d1", "", "文"), Document("d2", "題", " ")], {"a": "文"}, {"a": {"d1": 1}})
    assert empty.notes == ("the judgments: 1 document without text, which the search leaves out: d2",)
    assert measured(found, {"a": ["d1"]})["recall@10"].tolist() == [0.5]


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("corpus.jsonl", '{"_id": "d1", "text": "一"}\n\n{"_id": "d2"\n', r"corpus\.jsonl:3: not JSON"),
        ("corpus.jsonl", "[1]\n", r"corpus\.jsonl:1: not a JSON object"),
        ("corpus.jsonl", '{"_id": "d1"}\n', r"corpus\.jsonl:1: no string 'text'"),
        ("corpus.jsonl", '{"_id": 1, "text": "一"}\n', r"corpus\.jsonl:1: no string '_id'"),
        ("corpus.jsonl", '{"_id": "d1", "text": "一"}\n{"_id": "d1", "text": "二"}\n', "two documents 'd1'"),
        ("queries.jsonl", '{"_id": "a", "text": "一"}\n{"_id": "a", "text": "二"}\n', r"jsonl:2: a second query 'a'"),
        (
            "qrels.tsv",
            "query\tdocument\tgrade\na\td1\n",
            r"qrels\.tsv:2: not a query, a document and a whole number from 0",
        ),
        ("qrels.tsv", "a\td1\t1\na\td2\t-1\n", r"qrels\.tsv:2: not"),
        ("qrels.tsv", "a\td1\t1\na\td2\t0.5\n", r"qrels\.tsv:2: not"),
        ("qrels.tsv", "a\td1\t1\na\td1\t2\n", r"qrels\.tsv:2: a and d1 were judged 1 before"),
        ("qrels.tsv", "c\td1\t0\n", "mine has no query with a judged answer"),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, file: str, text: str, told: str) -> None:
    make(tmp_path / "mine")
    write(tmp_path / "mine" / file, text)
    with pytest.raises(SourceError, match=told):
        read_set(tmp_path / "mine")


@pytest.mark.parametrize("content", [lzma.compress(b"a\td1\t1\n")[:-9], b"no xz at all", lzma.compress(b"\xff\n")])
def test_a_file_that_is_broken_is_told(tmp_path: Path, content: bytes) -> None:
    make(tmp_path / "mine", packed=True)
    (tmp_path / "mine" / "qrels.tsv.xz").write_bytes(content)
    with pytest.raises(SourceError, match=r"qrels\.tsv\.xz cannot be read"):
        read_set(tmp_path / "mine")


def test_measures_are_what_a_hand_works_out() -> None:
    many = graded({"a": {"d1": 2, "d2": 1}, "b": {"d3": 1}, "c": {"d4": 1}})
    found = measured(many, {"a": ["d9", "d2", "d1"], "c": [*(f"x{i}" for i in range(10)), "d4"], "stranger": ["d1"]})
    # The best order of a has grade 2 at rank 1 and grade 1 at rank 2; here these are ranks 3 and 2.
    ideal = 2 / math.log2(2) + 1 / math.log2(3)
    assert found["MRR@10"].tolist() == [1 / 2, 0, 0]
    assert found["nDCG@10"].tolist() == pytest.approx([(1 / math.log2(3) + 2 / math.log2(4)) / ideal, 0, 0])
    assert found["success@1"].tolist() == [0, 0, 0]
    assert found["recall@10"].tolist() == [1, 0, 0]
    assert found["recall@100"].tolist() == [1, 0, 1]
    assert list(found) == list(MEASURES)


def test_an_empty_answer_is_a_query_that_found_nothing() -> None:
    judged = graded({"a": {"d1": 1}, "b": {"d2": 1}})
    assert measured(judged, {"a": [], "b": ["d2"]})["success@1"].tolist() == [0, 1]
    assert measured(judged, {})["recall@100"].tolist() == [0, 0]


@pytest.mark.parametrize("value", [math.nan, 1.5, None])
def test_a_measure_without_a_value_raises_and_is_never_nothing(
    monkeypatch: pytest.MonkeyPatch, value: float | None
) -> None:
    import ir_measures

    def broken(measures: list[Any], judgments: object, run: object) -> list[object]:
        values = {} if value is None else {"a": value}
        return [ir_measures.Metric(query, measure, values[query]) for query in values for measure in measures]

    monkeypatch.setattr(ir_measures, "iter_calc", broken)
    with pytest.raises(FailedMeasure, match=r"MRR@10 of the query a"):
        measured(graded({"a": {"d1": 1}}), {"a": ["d1"]})


def test_without_ir_measures_the_way_to_it_is_told(monkeypatch: pytest.MonkeyPatch, judged: JudgedSet) -> None:
    monkeypatch.setitem(sys.modules, "ir_measures", None)
    with pytest.raises(UsageError, match=r"pip install 'sakuin\[evaluation\]'"):
        measured(judged, {})


def test_a_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    run = {"a": ["d2", "d1"], "b": ["d3"]}
    write_run(tmp_path / "my.run", run, "mine")
    assert read_run(tmp_path / "my.run") == run
    lines = (tmp_path / "my.run").read_text(encoding="utf-8").splitlines()
    assert lines == ["a Q0 d2 1 1.0 mine", "a Q0 d1 2 0.5 mine", "b Q0 d3 1 1.0 mine"]


def test_a_run_goes_by_scores_then_by_ranks(tmp_path: Path) -> None:
    (tmp_path / "other.run").write_text("a Q0 low 1 -3.5 x\na Q0 second 3 7 x\na\tQ0\tfirst\t2\t7.0\tx\n", "utf-8")
    assert read_run(tmp_path / "other.run") == {"a": ["first", "second", "low"]}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a Q0 d1 1 2.0 x\na Q0 d2 2 x\n", r"my\.run:2: not `query Q0 document rank score name`"),
        ("a Q0 d1 1 high x\n", r"my\.run:1: not"),
        ("a Q0 d1 1 nan x\n", r"my\.run:1: not"),
        ("a Q0 d1 1 2.0 x\na Q0 d1 2 1.0 x\n", "a document stands twice for the query a"),
    ],
)
def test_a_malformed_run_is_told(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "my.run").write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=told):
        read_run(tmp_path / "my.run")


def test_ids_that_a_run_has_no_place_for_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'my file' is empty or has blanks"):
        write_run(tmp_path / "my.run", {"a": ["my file"]}, "mine")


def test_an_interval_is_that_of_means_drawn_one_by_one() -> None:
    values = np.arange(20.0) / 20
    random = np.random.default_rng(3)
    means = sorted(float(np.mean([values[i] for i in random.integers(20, size=20)])) for _ in range(200))
    found = interval(values, seed=3, rounds=200)
    assert found.mean == pytest.approx(0.475)
    assert means[3] < found.low < means[7]
    assert means[192] < found.high < means[196]
    assert found == interval(values, seed=3, rounds=200) != interval(values, seed=4, rounds=200)


def test_a_difference_is_told_from_chance_by_its_queries() -> None:
    hard = np.tile([0.0, 1.0], 50)
    better = np.minimum(1, hard + np.tile([0, 0, 0, 0, 1], 20))
    assert interval(better).low < interval(hard).high
    assert interval(better - hard).is_apart
    assert not interval(np.tile([0.1, -0.1], 50)).is_apart
    assert interval(np.ones(7)) == (1.0, 1.0, 1.0)


TEXTS = st.lists(st.lists(st.sampled_from("abcd"), max_size=6), min_size=1, max_size=8)


@given(TEXTS, st.lists(st.sampled_from("abcdx"), max_size=4))
def test_plain_points_are_the_formula_term_by_term(texts: list[list[str]], words: list[str]) -> None:
    names = sorted({term for text in texts for term in text})
    counts = np.array([len(text) for text in texts], np.int64)
    tokens = np.array([names.index(term) for text in texts for term in text], np.int64)
    bm25 = Bm25(Terms(names, counts, tokens))
    average = max(1.0, sum(map(len, texts)) / len(texts))
    expected = []
    for text in texts:
        points = 0.0
        for word in set(words) & set(text):
            df = sum(word in other for other in texts)
            idf = math.log(1 + (len(texts) - df + 0.5) / (df + 0.5))
            points += idf * text.count(word) * 2.2 / (text.count(word) + 1.2 * (0.25 + 0.75 * len(text) / average))
        expected.append(points)
    assert bm25.scores(words).tolist() == pytest.approx(expected)
    best = bm25.best(words, 3)
    assert len(best) == min(3, sum(points > 0 for points in expected))
    assert [expected[place] for place in best] == pytest.approx(sorted(expected, reverse=True)[: len(best)])


def test_a_short_unit_has_one_term() -> None:
    texts = ["申込みをした。", "", "東京都議会、サーバー", "三ヶ月"]
    found = short_units(texts, Analyzer())
    assert found.texts()[:3] == [["申し込み", "を", "為る", "た"], [], ["東京", "都", "議会", "サーバー"]]
    assert found.counts.tolist() == [len(Analyzer().slots(text)) for text in texts]


def test_pairs_of_characters_end_at_signs_and_blanks() -> None:
    assert pairs(["ＡＩの力。力 半導体", "…"]).texts() == [["ai", "iの", "の力", "力", "半導", "導体"], []]


def test_terms_are_read_as_they_were_written(tmp_path: Path) -> None:
    terms = pairs(["半導体", "輸出"])
    write_terms(tmp_path / "terms.npz", terms)
    assert read_terms(tmp_path / "terms.npz").texts() == terms.texts()
    assert [path.name for path in tmp_path.iterdir()] == ["terms.npz"]


@pytest.mark.parametrize("name", ["default", "bm25", "bigrams"])
def test_a_setting_answers_with_documents(judged: JudgedSet, tmp_path: Path, name: str) -> None:
    with setting(name, judged, tmp_path / "work") as made:
        run = made.run(judged.queries, 100)
    assert [run[query][0] for query in ("a", "b")] == ["d1", "d3"]
    assert all(len(set(documents)) == len(documents) for documents in run.values())


def test_the_default_is_the_search_with_each_document_once(tmp_path: Path) -> None:
    long = "".join(f"輸出規制の第{i}回の会合が開かれた。議論は長く続いたという。" for i in range(40))
    documents = [Document("long", "", long), Document("short", "", "規制の話。"), Document("other", "", "輸出の話。")]
    judged = judged_set("made", documents, {"a": "輸出規制", "b": "…"}, {"a": {"short": 1}, "b": {"short": 1}})
    with setting("default", judged, tmp_path / "work") as made:
        assert made.run(judged.queries, 100) == {"a": ["long"], "b": []}
        assert made.notes == ("1 query asks for nothing: b",)
        assert made.run({"a": "輸出 OR 規制"}, 2) == {"a": ["long", "short"]}
    (directory,) = (tmp_path / "work").iterdir()
    with search.open_index(directory) as opened:
        assert {hit.document for hit in opened.search("輸出規制", limit=100)} == {"long"}


def test_what_was_prepared_is_kept(judged: JudgedSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("default", "bm25"):
        setting(name, judged, tmp_path).close()
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}

    def refused(*arguments: object) -> None:
        raise AssertionError("it was to be kept")

    monkeypatch.setattr("search.evaluation.answering.build", refused)
    for name in ("default", "bm25"):
        setting(name, judged, tmp_path).close()
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == kept


def test_an_unknown_setting_is_told(judged: JudgedSet, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="settings are default, bm25, bigrams"):
        setting("best", judged, tmp_path)


def test_a_set_is_named_by_its_folder_whatever_that_is_called(tmp_path: Path) -> None:
    make(tmp_path / "a=b", name="qrels.c.tsv")
    assert named_set(f"{tmp_path / 'a=b'}:c").name == "a=b:c"
    assert named_set(f"lengths={tmp_path / 'a=b'}:c").name == "lengths=a=b:c"
    with pytest.raises(SourceError, match=r"wider=.* has no corpus\.jsonl"):
        named_set(f"wider={tmp_path / 'a=b'}:c")


PARTS = [Document(f"d{i}", "甲" if i < 8 else "乙", f"第{i}の文がある。\n次の文もある。最後の文。") for i in range(12)]
ASKED = {f"q{i}": f"第{i}とは?" for i in range(12)}
OF_PARTS = judged_set(
    "parts",
    PARTS,
    ASKED,
    {f"q{i}": {f"d{i}": 1} for i in range(12)},
    answers={f"q{i}": (f"第{i}の",) for i in range(11)},
)


def test_joined_documents_keep_their_texts_and_their_questions() -> None:
    found = lengths(OF_PARTS, seed=5)
    assert "\n\n".join(d.text for d in found.documents) == "\n\n".join(part.text for part in PARTS)
    texts = {document.id: document.text for document in found.documents}
    assert {document.title for document in found.documents} == {"甲", "乙"}
    assert len({len(text) for text in texts.values()}) > 1
    for i, grades in enumerate(found.judgments.values()):
        assert [PARTS[i].text in texts[document] for document in grades] == [True]
    assert lengths(OF_PARTS, seed=5) == found


def test_snippets_are_right_where_they_hold_the_answer() -> None:
    found = snippets(OF_PARTS, seed=5)
    texts = {document.id: document.text for document in found.documents}
    joined = "".join(texts.values())
    assert joined.replace("\n", "") == "".join(part.text for part in PARTS).replace("\n", "")
    assert len(texts) > len(PARTS)
    assert list(found.queries) == [f"q{i}" for i in range(11)]
    for query, grades in found.judgments.items():
        assert [OF_PARTS.answers[query][0] in texts[document] for document in grades] == [True]


def test_titles_are_asked_and_stand_nowhere() -> None:
    found = titles("wiki", [*PARTS[:2], Document("alone", "丙", "丙である。"), Document("none", " ", "題がない。")])
    assert sorted(found.queries.values()) == ["丙", "甲"]
    assert {document.title for document in found.documents} == {""}
    assert [found.judgments[query] for query in found.queries] == [{"d0": 1, "d1": 1}, {"alone": 1}]


def test_a_sample_is_the_same_for_a_seed() -> None:
    drawn_once, again, other = (OF_PARTS.sampled(5, seed) for seed in (1, 1, 2))
    assert drawn_once == again != other
    assert list(drawn_once.judgments) == list(drawn_once.queries)
    assert (len(drawn_once.queries), drawn_once.documents) == (5, OF_PARTS.documents)
    assert OF_PARTS.sampled(12, 1) is OF_PARTS


def test_queries_are_kept_to_those_with_a_pattern() -> None:
    kept = OF_PARTS.matching("第[13]と")
    assert (kept.name, list(kept.queries), list(kept.judgments)) == ("parts (第[13]と)", ["q1", "q3"], ["q1", "q3"])
    with pytest.raises(UsageError, match="no query with '第99'"):
        OF_PARTS.matching("第99")
    with pytest.raises(UsageError, match="no regular expression"):
        OF_PARTS.matching("[")


def test_a_difference_that_may_be_by_chance_is_in_brackets() -> None:
    means = {name: interval(np.array([0.5])) for name in MEASURES}
    surely, hardly = interval(np.array([-0.25])), interval(np.array([0.1, -0.1]))
    rows = [
        Row("mine", 1, "bm25", means),
        Row("mine", 1, "default", means, {"MRR@10": surely, "nDCG@10": hardly}, notes=("told once",)),
        Row("mine", 1, "other", means, notes=("told once",)),
    ]
    lines = drawn(rows, "bm25").splitlines()
    assert lines[0].endswith("| recall@100 | MRR@10 above bm25 | nDCG@10 above bm25 |")
    assert lines[2] == "| mine: 1 query | bm25" + " | 0.500 (0.500–0.500)" * 5 + " |  |  |"
    assert lines[3].endswith("| −0.250 (−0.250 to −0.250) | [+0.000 (−0.100 to +0.100)] |")
    assert lines[5:] == ["", "- mine: told once"]
    short = drawn([Row("mine", 2, "bm25", {"success@1": means["success@1"]})], "bm25").splitlines()
    assert short[0] == "| set | setting | success@1 |"


def command(clone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, str(clone / "scripts" / "evaluate.py"), *arguments]
    return subprocess.run(line, capture_output=True, encoding="utf-8", check=False)


def test_the_command_tells_all_settings_and_runs(clone: Path, tmp_path: Path) -> None:
    make(tmp_path / "mine")
    write_run(tmp_path / "worst.run", {"a": ["d3"]}, "worst")
    work = str(tmp_path / "work")
    ran = command(
        clone,
        str(tmp_path / "mine"),
        "--work",
        work,
        "--json",
        "--write",
        work,
        "--read",
        f"worst={tmp_path}/worst.run",
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    rows = {row["setting"]: row for row in told["rows"]}
    assert list(rows) == ["default", "bm25", "bigrams", "worst"]
    assert (rows["default"]["set"], rows["default"]["queries"]) == ("mine", 2)
    assert [rows[name]["measures"]["success@1"]["mean"] for name in rows] == [1, 1, 1, 0]
    assert rows["worst"]["above"]["MRR@10"] == {"mean": -1, "low": -1, "high": -1}
    assert rows["bm25"]["above"] == {}
    assert read_run(tmp_path / "work" / "mine.bm25.run")["b"] == ["d3", "d2", "d1"]


def test_the_command_tells_what_is_wrong_in_one_line(clone: Path, tmp_path: Path) -> None:
    ran = command(clone, str(tmp_path))
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith(f"sakuin: {tmp_path} has no corpus.jsonl")
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "documents", "queries"), [("jaquad:dev", 11_144, 3_935), ("aozora_variants:short", 5_511, 608)]
)
def test_the_sets_of_the_experiments_are_read_whole(shared: Path, name: str, documents: int, queries: int) -> None:
    folder = shared / "data" / name.partition(":")[0]
    if not folder.is_dir():
        pytest.skip(f"there is no {folder.name} in shared/data")
    found = named_set(str(shared / "data" / name))
    assert (len(found.documents), len(found.queries)) == (documents, queries)
