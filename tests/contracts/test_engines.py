"""What every engine must do alike: the same passages, tiers, scores, order and counts as the brute-force one."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import index
from index import builder
from index import directory as on_disk
from index.analysis import Analyzer
from index.codec.contents import CONTENTS, parsed
from index.codec.fields import Layout
from index.errors import UsageError
from index.records import entries_of
from index.successor import counted
from index.verify import verify
from index.writers import Batch, Entry, Record, batch_of
from index.writers.embedded import EmbeddedWriter
from search import engines
from search.arrays import quotations, retrieval, top
from search.arrays.kernels import PLAIN, Kernels
from search.clock import Deadline
from search.engines import Engine, Request, question
from search.engines.embedded import EmbeddedEngine
from search.engines.memory import MemoryEngine
from search.highlight import highlights
from search.query.compiler import compile_query
from search.query.plan import SEQUENCE, Match, Operand, Plan, Run, Unit, Where

ANALYZER = Analyzer()

WORDS = [
    "輸出",
    "規制",
    "輸出規制",
    "半導体",
    "教育委員会",
    "委員会",
    "国際",
    "國際",
    "データ",
    "ﾃﾞｰﾀ",
    "センター",
    "AI",
    "ＡＩ",
]
WORDS += [
    "米国",
    "日本",
    "東京都",
    "京都",
    "申込",
    "申し込み",
    "走る",
    "走った",
    "食べない",
    "こと",
    "する",
    "5000億",
    "五千億",
]
TERMS = [*dict.fromkeys(slot.terms[-1] for word in WORDS for slot in ANALYZER.slots(word)), "の", "輸出規制"]
"""What words are indexed by."""
SIGNS = ["の", "を", "は", "に", "。", "、", "・", " ", "　", "\n", "\n\n", "「", "」", "（", "）", "ー", "と", "した"]
texts = st.lists(st.sampled_from(WORDS + SIGNS), max_size=40).map("".join)
titles = st.lists(st.sampled_from(WORDS), max_size=2).map("".join)
documents = st.lists(st.tuples(titles, texts), min_size=1, max_size=6)
SIGNS_OF_QUERIES = ["の", "を", " ", " ", " OR ", " -", '"', "(", ")", "「", "」"]
OPERATORS = ["｜", "* ", "^2 ", ")^0.5", '"~1 ', "」〜４ ", " title:", " 本文："]
OPERATORS += [" year:2019.. ", " tag:b ", " -年：令和2年 "]
asked = st.lists(
    st.sampled_from([*WORDS, *WORDS, *SIGNS_OF_QUERIES, *OPERATORS]),
    min_size=1,
    max_size=8,
).map("".join)


def corpus(given: Sequence[tuple[str, str]]) -> list[index.Document]:
    return [
        index.Document(str(i), title, text or "空", None, {"year": 2018 + i % 3, "tag": ["a", "b"][i % 2 :]})
        for i, (title, text) in enumerate(given)
    ]


LAYOUTS = [Layout(), Layout(hot_rows=1), Layout(hot_rows=1, hot_share=1)]


def built(
    entries: Sequence[Entry],
    directory: Path,
    layout: Layout,
    segments: Sequence[int] = (),
    kernels: Kernels = PLAIN,
) -> EmbeddedEngine:
    """The embedded engine over entries; a segment ends, be it within a document, before each of the given places."""
    bounds = [0, *segments, len(entries)]
    parts = [part for a, b in pairwise(bounds) for part in (entries[a : (a + b) // 2], entries[(a + b) // 2 : b])]

    class Writer(EmbeddedWriter):
        """Ends its segments where it is told to."""

        def add(self, batch: Batch) -> None:
            """Takes a part; every second one ends a segment."""
            super().add(batch)
            if any(batch.records[-1] is part[-1] for part in parts[1::2] if part):
                self._flush()

    def batches(records: Iterator[Record], _: Analyzer) -> Iterator[Batch]:
        assert list(records)  # which counts the documents
        yield from (batch_of(part) for part in parts if part)

    documents = {entry.document.id: entry.document for entry in entries}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builder, "EmbeddedWriter", partial(Writer, layout=layout))
        patch.setattr(builder, "batches", batches)
        index.build(documents.values(), directory)
    return EmbeddedEngine(directory, kernels)


def without(directory: Path, deleted: Collection[int], kernels: Kernels) -> EmbeddedEngine:
    """The engine over the same index, some of whose rows are marked as deleted."""
    manifest = on_disk.read_manifest(directory)
    folder = on_disk.generation_folder(directory, manifest.generation)
    contents = parsed((folder / CONTENTS).read_bytes())
    segments, first = [], 0
    for facts in contents.segments:
        rows = sorted(row - first for row in deleted if first <= row < first + facts.rows)
        segments.append(replace(facts, deleted=tuple(rows)))
        first += facts.rows
    contents = replace(contents, segments=tuple(segments))
    (folder / CONTENTS).write_bytes(contents.to_bytes())
    manifest = replace(manifest, files=on_disk.facts_of(folder))
    on_disk.switch(directory, counted(manifest, folder, contents, "build it again"))
    return EmbeddedEngine(directory, kernels)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    documents,
    st.lists(asked, min_size=4, max_size=12),
    st.integers(0, 3),
    st.integers(1, 12),
    st.booleans(),
    st.sampled_from(LAYOUTS),
    st.lists(st.floats(0, 1), max_size=3),
)
def test_embedded_answers_as_the_oracle_does(
    kernels: Kernels,
    tmp_path_factory: pytest.TempPathFactory,
    given: list[tuple[str, str]],
    queries: list[str],
    offset: int,
    limit: int,
    all_passages: bool,
    layout: Layout,
    cuts: list[float],
) -> None:
    made = corpus(given)
    entries = [entry for document in made for entry in entries_of(document, ANALYZER)]
    if not entries:
        return
    segments = {int(cut * len(entries)) for cut in cuts} - {0}
    oracle = MemoryEngine(entries)
    engine = built(entries, tmp_path_factory.mktemp("contract") / "index", layout, sorted(segments), kernels)
    try:
        for query in queries:
            assert_same(oracle, engine, query, offset, limit, all_passages)
    finally:
        engine.close()


ODD = [
    "この",
    "事",
    "行った",
    "行く",
    "ある",
    "有る",
    "，",
    ",",
    "､",
    "。\n",
    "㍿",
    "株式会社",
    "か\u3099",
    "が",
    "葛\U000e0100",
]
ODD += [
    "C++",
    "C",
    "Foo+",
    "Foo",
    "1,000",
    "1000",
    "２．５",
    "①",
    "\u200b",
    "é",
    "e\u0301",
    "国際機関",
    "・",
    "…",
    "あ" * 70,
]
odd_texts = st.lists(st.sampled_from([*WORDS, *SIGNS, *ODD, *ODD]), max_size=30).map("".join)
pieces = st.lists(st.tuples(st.floats(0, 1), st.integers(1, 14)), min_size=4, max_size=12)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(odd_texts, min_size=1, max_size=5), odd_texts, pieces, st.sampled_from(LAYOUTS), st.integers(0, 6))
def test_quotations_are_found_where_they_can_be_read(
    tmp_path_factory: pytest.TempPathFactory,
    given: list[str],
    others: str,
    pieces: list[tuple[float, int]],
    layout: Layout,
    cut: int,
) -> None:
    """Quoted is what stands in the texts, cut out anywhere, or something like it."""
    entries = [entry for document in corpus([("", text) for text in given]) for entry in entries_of(document, ANALYZER)]
    oracle = MemoryEngine(entries)
    engine = built(entries, tmp_path_factory.mktemp("contract") / "index", layout, [cut] if cut < len(entries) else [])
    try:
        assert engine.contradiction() is None
        for text in (" ".join(given), " ".join(given).replace("\n", "").replace("、", ""), others):
            for start, size in pieces:
                at = int(start * len(text))
                assert_same(oracle, engine, f'"{text[at : at + size]}"', 0, 10, True)
    finally:
        engine.close()


def test_ordinary_quotations_are_told_without_their_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [
        "政府は、輸出の規制を強めている。\n京都へ行く事に、した。ＡＩが走った。",
        "京都へ行ったこと。京都へ、行くこと。C++が走る。",
    ]
    entries = [entry for document in corpus([("", text) for text in texts]) for entry in entries_of(document, ANALYZER)]
    oracle, engine = MemoryEngine(entries), built(entries, tmp_path / "index", LAYOUTS[1], [1])
    standing = [
        "は、輸出の",
        "の規制",
        "ている",
        "京都へ行く",
        "ている。京都",
        "行く事に",
        "行ったこと",
        "へ、行くこと",
        "ＡＩが",
        "aiが",
    ]
    elsewhere = ["は輸出", "の、規制", "ている京都", "ている、京都", "行った事", "ことに", "を走っ", "走るた"]
    with monkeypatch.context() as patch:
        patch.delattr(quotations, "reads")
        for quoted in [*standing, *elsewhere]:
            plan, _ = compile_query(f'"{quoted}"', ANALYZER)
            assert engine.retrieve(Request(plan, limit=0)).word == (quoted in standing), quoted
    for quoted in [*standing, *elsewhere, "C++が", "Cが", "國際"]:
        assert_same(oracle, engine, f'"{quoted}"', 0, 10, False)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    documents,
    st.lists(asked, min_size=4, max_size=12),
    st.integers(1, 12),
    st.booleans(),
    st.sampled_from(LAYOUTS),
    st.lists(st.floats(0, 1), max_size=3),
    st.lists(st.booleans(), min_size=1, max_size=7),
)
def test_deleted_rows_are_as_if_they_had_never_been(
    kernels: Kernels,
    tmp_path_factory: pytest.TempPathFactory,
    given: list[tuple[str, str]],
    queries: list[str],
    limit: int,
    all_passages: bool,
    layout: Layout,
    cuts: list[float],
    pattern: list[bool],
) -> None:
    entries = [entry for document in corpus(given) for entry in entries_of(document, ANALYZER)]
    if not entries:
        return
    segments = {int(cut * len(entries)) for cut in cuts} - {0}
    deleted = [row for row in range(len(entries)) if pattern[row % len(pattern)]]
    live = [row for row in range(len(entries)) if row not in deleted]
    directory = tmp_path_factory.mktemp("contract") / "index"
    built(entries, directory, layout, sorted(segments)).close()
    oracle, engine = MemoryEngine(entries[row] for row in live), without(directory, deleted, kernels)
    assert engine.contradiction() is None
    assert set(oracle.words()) <= set(engine.words())
    for entry in entries:
        assert (engine.document(entry.document.id) is None) == (oracle.document(entry.document.id) is None)
    for query in queries:
        assert_same(oracle, engine, query, 0, limit, all_passages, live)


@pytest.mark.parametrize("layout", LAYOUTS[:2])
def test_half_of_many_rows_deleted(kernels: Kernels, layout: Layout, many: list[Entry], tmp_path: Path) -> None:
    chance = random.Random(2)
    built(many, tmp_path / "index", layout, [64, 200]).close()
    for share in (0.1, 0.5, 1):
        deleted = chance.sample(range(len(many)), int(len(many) * share))
        live = [row for row in range(len(many)) if row not in set(deleted)]
        oracle, engine = MemoryEngine(many[row] for row in live), without(tmp_path / "index", deleted, kernels)
        for query in ("輸出規制", "京都 センター", '"データ"', "米国 -日本", "こと", "・", "京", "東京都 OR 申込"):
            assert_same(oracle, engine, query, 0, 20, True, live)
        assert verify(tmp_path / "index", deep=True) == []


@pytest.fixture(scope="module")
def many() -> list[Entry]:
    """Passages of documents that have one or several."""
    chance = random.Random(1)
    entries: list[Entry] = []
    while len(entries) < 257:
        text = "".join(chance.choices([*WORDS, *SIGNS, "。", "の"], k=chance.choice([5, 20, 20, 600])))
        title = "".join(chance.choices(WORDS, k=2))
        document = index.Document(str(len(entries)), title, text or "空", None, {"year": 2018 + len(entries) % 3})
        entries += entries_of(document, ANALYZER)
    return entries


@pytest.mark.parametrize("deleted", [0, 3])
@pytest.mark.parametrize("segments", [[], [100, 180]])
@pytest.mark.parametrize("layout", [*LAYOUTS, Layout(hot_rows=1, hot_share=3, champion_rows=16)])
def test_the_best_of_many_are_the_same_without_looking_at_all(
    kernels: Kernels,
    layout: Layout,
    segments: list[int],
    deleted: int,
    many: list[Entry],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chance = random.Random(5)
    gone = [row for row in range(len(many)) if deleted and row % deleted == 0]
    live = [row for row in range(len(many)) if row not in gone]
    built(many, tmp_path / "index", layout, segments).close()
    oracle, engine = MemoryEngine(many[row] for row in live), without(tmp_path / "index", gone, kernels)
    monkeypatch.setattr(question, "COUNTED", 0)
    incomplete = 0
    for _ in range(40):
        words = chance.sample(WORDS, chance.randint(1, 6))
        joined = chance.choice(["の", " OR ", " OR "])
        if joined != "の":
            words = [
                chance.choice(["{}", "{}", "title:{}", "{}^3", "本文:{}^0.5", "{}*"]).format(word) for word in words
            ]
        query = joined.join(words)
        rescored = chance.choice([1, 3, 20])
        monkeypatch.setattr(engines, "RESCORED", rescored)
        monkeypatch.setattr(retrieval, "RESCORED", rescored)
        offset, limit, all_passages = chance.choice([0, 0, 2, 30]), chance.randint(1, 8), chance.random() < 0.5
        assert_same(oracle, engine, query, offset, limit, all_passages, live, counted=False)
        plan, _ = compile_query(query, ANALYZER, oracle)
        incomplete += not engine.retrieve(Request(plan, offset, limit, all_passages)).exact
    assert incomplete > 10


def _paragraph(times: int) -> str:
    start = "輸出、" * times + "規制。"
    return start + "水と海と山と川と空を見た。" * ((330 - len(start)) // 13)


def _filler(times: int) -> str:
    return "大学、会議、歴史、" * times


UNLIKE_SEGMENTS = {
    "the first has what the second cannot reach": (
        [["輸出。輸出。輸出"]] * 5,
        [["規制、大学、会議"]] * 400,
        Layout(hot_rows=1),
        ("輸出 OR 規制 OR 大学", 3, 3),
    ),
    "the second is so much shorter that short passages beat the best ones of the first": (
        [[f"{'、'.join(['輸出'] * 6)}、{_filler(40)}"]] * 40
        + [["輸出"], *[["規制、大学、会議、歴史"]] * 41, *[[_filler(40)]] * 60],
        [["水"]] * 3000,
        Layout(hot_rows=1, hot_share=4, champion_rows=1),
        ("輸出 OR 規制", 1, 1),
    ),
    "the best are of few documents, and the second cuts what the first still lists": (
        [[_paragraph(12)] * 7, [_paragraph(3)]],
        [[_paragraph(8)] * 8, [_paragraph(5)]],
        Layout(),
        ("輸出 OR 規制", 7, 8),
    ),
}


@pytest.mark.parametrize("case", UNLIKE_SEGMENTS.values(), ids=UNLIKE_SEGMENTS)
def test_the_best_of_segments_that_are_unlike(case: tuple, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, layout, (query, limit, rescored) = case
    made = [index.Document(str(i), "", "\n\n".join(texts)) for i, texts in enumerate([*first, *second])]
    each = [list(entries_of(document, ANALYZER)) for document in made]
    entries = [entry for of_one in each for entry in of_one]
    monkeypatch.setattr(question, "COUNTED", 0)
    monkeypatch.setattr(top, "_FEW", 0)
    monkeypatch.setattr(engines, "RESCORED", rescored)
    monkeypatch.setattr(retrieval, "RESCORED", rescored)
    engine = built(entries, tmp_path / "index", layout, [sum(map(len, each[: len(first)]))])
    for all_passages in (False, True):
        assert_same(MemoryEngine(entries), engine, query, 0, limit, all_passages, counted=False)


class _Steps(Deadline):
    """Is over after so many looks at it."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self._steps = steps

    def over(self) -> bool:
        self._steps -= 1
        self.missed = self.missed or self._steps < 0
        return self.missed


def test_past_the_deadline_nothing_is_shown_that_is_no_answer(open_engine) -> None:  # type: ignore[no-untyped-def]
    engine = open_engine(*(index.Document(str(i), "", "輸出の話と㍿の話。") for i in range(6)))
    for query in ('輸出 -"㍿"', '輸出 OR "㍿の話"', "輸出の話 -話と"):
        plan, _ = compile_query(query, ANALYZER)
        answers = {hit.passage for hit in engine.retrieve(Request(plan, limit=100)).page}
        for steps in range(12):
            found = engine.retrieve(Request(plan, limit=100, deadline=_Steps(steps)))
            assert {hit.passage for hit in found.page} <= answers
            assert found.exact or found.word <= len(answers)


@pytest.mark.parametrize("layout", LAYOUTS[:2])
@pytest.mark.parametrize("passages", [127, 128, 129, 255, 256, 257])
def test_as_many_passages_as_a_byte_holds(passages: int, layout: Layout, many: list[Entry], tmp_path: Path) -> None:
    """Two segments, the first of which ends within a document of several passages."""
    entries = many[:passages]
    cut = next(i for i, entry in enumerate(entries) if entry.passage.ordinal == 1)
    oracle, engine = MemoryEngine(entries), built(entries, tmp_path / "index", layout, [cut])
    assert [segment.rows for segment in engine.generation.segments] == [cut, passages - cut]
    plain = ("輸出規制", "京都 センター", '"データ"', "米国 -日本", "こと")
    for query in (*plain, '"米国 輸出"~9', "title:データ^2", "国*", "year:2019 輸出"):
        assert_same(oracle, engine, query, 0, 20, passages % 2 == 0)
    assert engine.beginning("輸", 9) == oracle.beginning("輸", 9)
    assert engine.beginning("", 5) == oracle.beginning("", 5)
    whole = entries[cut].document
    assert engine.document(whole.id) == whole
    assert list(engine.words()) == list(oracle.words())


def assert_same(
    oracle: Engine,
    engine: Engine,
    query: str,
    offset: int,
    limit: int,
    all_passages: bool,
    live: Sequence[int] | None = None,
    *,
    counted: bool = True,
) -> None:
    """Of a query's plan, or of the same plan with more that stands for its words.

    ``live`` has, for each passage of the oracle, its row; without ``counted`` there may be more than is said.
    """
    try:
        plan, _ = compile_query(query, ANALYZER, oracle)
    except UsageError:
        return
    chance = random.Random(query)
    asked = widened(plan, chance) if chance.random() < 0.5 else plan
    assert_same_answers(oracle, engine, Request(asked, offset, limit, all_passages), live, counted=counted)


def assert_same_answers(
    oracle: Engine, engine: Engine, request: Request, live: Sequence[int] | None = None, *, counted: bool = True
) -> None:
    expected, found = oracle.retrieve(request), engine.retrieve(request)
    if counted or found.exact:
        assert (found.word, found.partial, found.exact) == (expected.word, expected.partial, True)
        assert engine.retrieve(replace(request, exact_total=True)).word == expected.word
        assert expected.exact
    else:
        assert len(found.page) <= found.word <= expected.word
    rows = [hit.passage if live is None else live[hit.passage] for hit in expected.page]
    assert [hit.passage for hit in found.page] == rows
    for mine, theirs in zip(found.page, expected.page, strict=True):
        assert (mine.judgement, mine.similar) == (theirs.judgement, theirs.similar)
        assert mine.score == theirs.score
        assert sum(part.score for part in mine.parts) == pytest.approx(mine.score, abs=1e-9)
        assert [part[:5] for part in mine.parts] == [part[:5] for part in theirs.parts]
        for field in ("title", "headings", "body"):
            assert mine.view.text(field) == theirs.view.text(field)
            assert list(mine.view.spans(field)) == list(theirs.view.spans(field))
            assert mine.view.marks(field) == theirs.view.marks(field)
            marked = highlights(mine.judgement, mine.view, field)
            assert marked == highlights(theirs.judgement, theirs.view, field)
            assert marked or field != "body" or not mine.parts or any(p.field != "body" for p in mine.parts)


def widened(plan: Plan, chance: random.Random) -> Plan:
    """A plan some of whose stretches other words stand for, and sequences of them, for some of them loosely."""
    if isinstance(plan, Where):
        return plan
    if not isinstance(plan, Operand):
        return replace(plan, parts=tuple(widened(part, chance) for part in plan.parts))
    if plan.match not in (Match.COMPOUND, Match.SOFT):
        return plan
    return replace(plan, runs=tuple(_widened(run, chance) for run in plan.runs))


def _widened(run: Run, chance: random.Random) -> Run:
    units = []
    for _ in range(chance.randint(0, 3)):
        first = chance.randrange(len(run.concepts))
        last = chance.randrange(first, len(run.concepts))
        terms = tuple(SEQUENCE.join(chance.choices(TERMS, k=chance.choice([1, 1, 2, 3]))) for _ in range(2))
        units.append(Unit(first, last, terms, chance.choice([1.0, 0.8, 0.4]), "synonym", chance.random() < 0.4))
    return replace(run, units=(*run.units, *units))


@pytest.fixture(params=["memory", "embedded", "embedded in several segments"])
def open_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[type]:
    """Opens an engine of each kind over documents."""
    opened: list[Engine] = []

    def opening(*made: index.Document) -> Engine:
        if request.param == "memory":
            opened.append(MemoryEngine(entry for document in made for entry in entries_of(document, ANALYZER)))
        elif request.param == "embedded":
            index.build(made, tmp_path / "index")
            opened.append(EmbeddedEngine(tmp_path / "index"))
        else:
            entries = [entry for document in made for entry in entries_of(document, ANALYZER)]
            opened.append(built(entries, tmp_path / "index", LAYOUTS[1], range(1, len(entries), 2)))
        return opened[-1]

    yield opening  # type: ignore[misc]  # a function that opens, typed at its calls
    for engine in opened:
        engine.close()


def found(engine: Engine, query: str, offset: int = 0, limit: int = 10) -> list[str]:
    plan, _ = compile_query(query, ANALYZER)
    return [hit.view.document for hit in engine.retrieve(Request(plan, offset, limit)).page]


def test_passages_of_a_term_are_counted_as_scores_take_them(open_engine) -> None:  # type: ignore[no-untyped-def]
    texts = [("輸出規制", "政府は輸出を規制した。"), ("", "輸出規制と規制。"), ("輸出", "京都へ走る。")]
    engine = open_engine(*corpus(texts))
    asked = {"輸出": 2, "規制": 2, f"輸出{SEQUENCE}規制": 1, "走る": 1, "東京": 0, f"東京{SEQUENCE}規制": 0}
    assert engine.frequencies(list(asked)) == asked


def test_a_whole_unit_ranks_above_a_part_of_one(open_engine) -> None:  # type: ignore[no-untyped-def]
    engine = open_engine(
        index.Document("inside", "", "教育委員会の会議が昨日あった。"),
        index.Document("whole", "", "委員会の会議が昨日あった。"),
    )
    assert found(engine, "委員会") == ["whole", "inside"]


def test_adjacent_ranks_above_linked(open_engine) -> None:  # type: ignore[no-untyped-def]
    engine = open_engine(
        index.Document("linked", "", "輸出の規制が強まった。"), index.Document("adjacent", "", "輸出規制が強まったよ。")
    )
    assert found(engine, "輸出規制") == ["adjacent", "linked"]


def test_ties_stand_in_the_order_of_documents(open_engine) -> None:  # type: ignore[no-untyped-def]
    engine = open_engine(*(index.Document(name, "", "輸出規制が続く。") for name in "cabd"))
    assert found(engine, "輸出規制") == ["c", "a", "b", "d"]
    assert found(engine, "輸出規制", offset=1, limit=2) == ["a", "b"]


def test_partial_hits_come_after_all_word_hits_and_only_where_those_do_not_fill_the_page(open_engine) -> None:  # type: ignore[no-untyped-def]
    engine = open_engine(
        index.Document("partial", "", "東京都" * 5),
        index.Document("word", "", "寺の多い京都へ行き、長い一日を過ごした。"),
    )
    plan, _ = compile_query("京都", ANALYZER)
    assert found(engine, "京都") == ["word", "partial"]
    full = engine.retrieve(Request(plan, limit=1))
    assert (full.word, full.partial) == (1, None)
    wide = engine.retrieve(Request(plan, limit=2))
    assert (wide.word, wide.partial) == (1, 1)


def test_three_passages_of_a_document_and_the_number_of_the_rest(open_engine) -> None:  # type: ignore[no-untyped-def]
    sentence = "政府は輸出規制を強めるという方針を示し、各国の企業に対応を求めた。"
    engine = open_engine(index.Document("long", "", sentence * 60), index.Document("short", "", sentence))
    plan, _ = compile_query("輸出規制", ANALYZER)
    few = engine.retrieve(Request(plan, limit=100))
    every = engine.retrieve(Request(plan, limit=100, all_passages=True))
    of_long = [hit for hit in few.page if hit.view.document == "long"]
    assert len(of_long) == 3
    assert sum(hit.similar for hit in of_long) == len(every.page) - 4
    assert few.word == len(every.page) == every.word


def test_words_of_the_title_and_the_headings_count(open_engine) -> None:  # type: ignore[no-untyped-def]
    engine = open_engine(
        index.Document("titled", "半導体の輸出規制", "政府は新しい措置を決めた。"),
        index.Document("other", "題", "半導体の措置を決めた。"),
    )
    assert found(engine, "輸出規制 措置") == ["titled"]


def test_a_document_comes_back_whole(open_engine) -> None:  # type: ignore[no-untyped-def]
    text = "  一つ目。\n\n二つ目の文。" * 200
    engine = open_engine(
        index.Document("a", "題", text, None, {"n": [1, {"x": "y"}]}), index.Document("b", "", "別の文。")
    )
    document = engine.document("a")
    assert document is not None
    assert (document.text, document.title, document.fields) == (text, "題", {"n": [1, {"x": "y"}]})
    assert engine.document("c") is None


def test_words_that_two_alternatives_share_count_for_whichever_is_met(open_engine) -> None:  # type: ignore[no-untyped-def]
    engine = open_engine(index.Document("a", "", "輸出管理の話。"), index.Document("b", "", "別の話。"))

    def score(query: str) -> float:
        plan, _ = compile_query(query, ANALYZER)
        parts = engine.retrieve(Request(plan, limit=1)).page[0].parts
        return float(sum(part.score for part in parts if part.kind != "document"))  # which all words tell, met or not

    assert score("輸出規制 OR 輸出管理") == pytest.approx(score("輸出管理"))
    assert score("輸出管理 OR 輸出管理") == pytest.approx(score("輸出管理"))
    assert score("輸出管理 輸出") > score("輸出管理")
