"""How fast a question is answered, beside other engines: the same passages, terms and questions for all of them.

One process, one thread, warm, in turn: each question goes through every engine before the next one does. Retrieval
alone is from terms to ten passages with their scores. A whole question is from what is typed to ten texts with their
spans: the other engines pay for SudachiPy's analysis of the question and, to find the spans, of the ten texts.
"""

from __future__ import annotations

import argparse
import gc
import resource
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter_ns
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from benchmarks.given import Given, prepare
from benchmarks.peers import PEERS, Peer, peer
from benchmarks.peers.sakuin import Sakuin
from benchmarks.plain import Plain, difference
from benchmarks.queries import CLASSES, Drawing, Query, concepts
from index.analysis.keys import key

if TYPE_CHECKING:
    from sudachipy import Morpheme

_PERCENTILES = (50, 95, 99)
_NOT_INSTALLED = 3
_SIGNS = ("補助記号", "空白")

Times = Mapping[str, Sequence[int]]
"""Nanoseconds of each question, by engine; ours first."""


class Opened(NamedTuple):
    """An engine with the bytes of memory that opening it and asking it everything once took."""

    engine: Peer
    memory: int


def run(arguments: argparse.Namespace) -> None:
    """Prepares, indexes, asks and prints."""
    work = arguments.work or Path(tempfile.gettempdir()) / "sakuin-benchmark"
    given = prepare(arguments.corpora, arguments.characters, arguments.passages, arguments.seed, work)
    print(f"{len(given):,} passages, {len(given.words):,} slots, {len(given.terms):,} terms, ", end="")
    print(f"{arguments.queries} questions a class, seed {arguments.seed}", flush=True)
    drawing = Drawing(given)
    if arguments.differential:
        _differ(given, drawing, arguments)
        return
    names = [name for name in PEERS if name == "sakuin" or name in arguments.engines]
    folder = given.folder / "engines"
    ready = [name for name in names if _indexed(name, folder, given, anew=name in arguments.anew)]
    classes = [name for name in CLASSES if arguments.only in name]
    questions = {name: drawing.draw(name, arguments.queries, arguments.seed) for name in classes}
    few = arguments.queries_slow or arguments.queries
    opened = [_open(peer(name, folder / name), given, questions, few) for name in ready]
    gc.freeze()
    engines = [each.engine for each in opened]
    _tables(engines, questions, few)
    _concepts(engines[0], drawing, arguments)
    _memory(opened)
    for engine in engines:
        engine.close()


def _indexed(name: str, folder: Path, given: Given, *, anew: bool) -> bool:
    """Whether an engine has its index, made by a process of its own so that none of it stays in our memory."""
    own = folder / name
    if (own / "done").exists() and not anew:
        return True
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir(parents=True)
    begun = perf_counter_ns()
    process = get_context("fork").Process(target=_index, args=(name, own, given))
    process.start()
    process.join()
    if process.exitcode == _NOT_INSTALLED:
        return False
    if process.exitcode:
        raise SystemExit(f"{name} could not index")
    (own / "done").touch()
    print(f"{name}: indexed in {(perf_counter_ns() - begun) / 1e9:.0f} s", file=sys.stderr)
    return True


def _index(name: str, folder: Path, given: Given) -> None:
    try:
        peer(name, folder).index(given)
    except ImportError as error:
        print(f"{name}: left out, not installed ({error.name})", flush=True)
        sys.exit(_NOT_INSTALLED)


def _resident() -> int:
    """Bytes of this process that are in memory, mapped files with them."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def _open(engine: Peer, given: Given, questions: Mapping[str, Sequence[Query]], few: int) -> Opened:
    gc.collect()
    before = _resident()
    engine.open(given)
    for _ in range(engine.rounds):
        for queries in questions.values():
            for query in _asked(engine, queries, few):
                engine.timed(query.kind, query.terms, filtered=query.filtered)
    gc.collect()
    print(f"{engine.name}: opened and warm", file=sys.stderr)
    return Opened(engine, engine.memory() or _resident() - before)


def _asked(engine: Peer, queries: Sequence[Query], few: int) -> Sequence[Query]:
    """The questions of a class that an engine gets."""
    if queries[0].kind not in engine.kinds:
        return ()
    return queries[:few] if engine.slow else queries


def _tables(engines: Sequence[Peer], questions: Mapping[str, Sequence[Query]], few: int) -> None:
    asker = Asker()
    head = [engine.name for engine in engines[1:]]
    retrieval, whole, spans = ([_header(head)] for _ in range(3))
    for name, queries in questions.items():
        alone = _in_turn(engines, queries, few, lambda engine, query: (_retrieval(engine, query),))[0]
        retrieval.append(_row(name, alone, head))
        _in_turn(engines, queries, few, asker.question)  # to be warm
        with_texts, without_analysis = _in_turn(engines, queries, few, asker.question, 2)
        whole.append(_row(name, with_texts, head))
        spans.append(_row(name, without_analysis, head))
        print(f"{name}: done", file=sys.stderr)
    captions = (
        "Retrieval alone, from terms to ten passages",
        "The whole question, from what is typed to ten texts with spans",
        "The same, the others' spans free of charge",
    )
    for caption, lines in zip(captions, (retrieval, whole, spans), strict=True):
        print(f"\n{caption}: p50 / p95 / p99 of the others over ours\n", *lines, sep="\n")


def _retrieval(engine: Peer, query: Query) -> int:
    return engine.timed(query.kind, query.terms, filtered=query.filtered)[1]


def _in_turn(
    engines: Sequence[Peer],
    queries: Sequence[Query],
    few: int,
    timed: Callable[[Peer, Query], Sequence[int] | None],
    kinds: int = 1,
) -> list[dict[str, list[int]]]:
    """Each question through every engine that can answer it; ``timed`` gives times of some kinds, or None for none."""
    times: list[dict[str, list[int]]] = [{} for _ in range(kinds)]
    for i, query in enumerate(queries):
        for engine in engines:
            if query.kind not in engine.kinds or (engine.slow and i >= few):
                continue
            for of_kind, took in zip(times, timed(engine, query) or (), strict=False):
                of_kind.setdefault(engine.name, []).append(took)
    return times


class Asker:
    """Asks whole questions, of the other engines as one who uses them with SudachiPy has to."""

    def __init__(self) -> None:
        from sudachipy import Dictionary, SplitMode

        self._tokenizer = Dictionary().tokenizer(SplitMode.A)

    def question(self, engine: Peer, query: Query) -> Sequence[int] | None:
        """Nanoseconds with the analysis of the ten texts, and without; None where an engine cannot be asked so."""
        if isinstance(engine, Sakuin):
            begun = perf_counter_ns()
            engine.question(query.typed, filtered=query.filtered)
            took = perf_counter_ns() - begun
            return took, took
        begun = perf_counter_ns()
        norms = [m.normalized_form() for m in self._tokenizer.tokenize(query.text) if _is_word(m)]
        terms = [key(norm) for norm in norms]
        analysis = perf_counter_ns() - begun
        if not terms:
            return None
        found, retrieval = engine.timed(query.kind, terms, filtered=query.filtered)
        texts, reading = engine.timed_texts([passage for passage, _ in found])
        begun = perf_counter_ns()
        wanted = frozenset(norms)
        for text in texts:
            self._spans(text, wanted)
        highlighting = perf_counter_ns() - begun
        return analysis + retrieval + reading + highlighting, analysis + retrieval + reading

    def _spans(self, text: str, wanted: frozenset[str]) -> list[tuple[int, int]]:
        return [(m.begin(), m.end()) for m in self._tokenizer.tokenize(text) if m.normalized_form() in wanted]


def _is_word(morpheme: Morpheme) -> bool:
    return morpheme.part_of_speech()[0] not in _SIGNS


def percentiles(times: Sequence[int]) -> list[float]:
    """The percentiles that are told, of nanoseconds, in milliseconds."""
    return [float(value) / 1e6 for value in np.percentile(np.asarray(times), _PERCENTILES)]


def ratio(theirs: float, ours: float) -> str:
    """Two digits are enough to tell by what factor."""
    value = theirs / ours
    return f"{value:.2g}" if value < 1 else f"{value:.1f}" if value < 10 else f"{value:,.0f}"


def compared(theirs: Sequence[int] | None, ours: Sequence[int] | None) -> str:
    """Ratios of the percentiles, over as many of our questions as the other engine got; a dash where there are none."""
    if not theirs or not ours:
        return "–"
    pairs = zip(percentiles(theirs), percentiles(ours[: len(theirs)]), strict=True)
    return " / ".join(ratio(*pair) for pair in pairs)


def _header(head: Sequence[str]) -> str:
    return f"| | Sakuin, ms | {' | '.join(head)} |\n|---|---|{'---|' * len(head)}"


def _row(name: str, times: Times, head: Sequence[str]) -> str:
    ours = times.get(Sakuin.name)
    own = " / ".join(f"{value:.3f}" for value in percentiles(ours)) if ours else "–"
    return f"| {name} | {own} | {' | '.join(compared(times.get(engine), ours) for engine in head)} |"


def _concepts(ours: Peer, drawing: Drawing, arguments: argparse.Namespace) -> None:
    """Concepts of four alternatives beside a plain OR of all their words."""
    assert isinstance(ours, Sakuin)
    drawn = list(concepts(drawing, arguments.queries, arguments.seed))
    words = [[word for alternatives in each for word in alternatives] for each in drawn]
    times: tuple[list[int], list[int]] = ([], [])
    for _ in range(2):
        for taken in times:
            taken.clear()
        for of_concepts, of_words in zip(drawn, words, strict=True):
            begun = perf_counter_ns()
            ours.of_concepts(of_concepts)
            between = perf_counter_ns()
            ours.retrieve("or", of_words)
            times[0].append(between - begun)
            times[1].append(perf_counter_ns() - between)
    print(f"\nconcepts of four alternatives over a plain OR of all their words: {compared(*times)}")


def _memory(opened: Sequence[Opened]) -> None:
    ours = opened[0].memory
    print("\nMemory of retrieval, after every question was asked once, mapped files with it\n")
    print("| engine | MB | over ours |\n|---|---|---|")
    for engine, memory in opened:
        print(f"| {engine.name} | {memory / 2**20:,.0f} | {ratio(memory, ours)} |")


def _differ(given: Given, drawing: Drawing, arguments: argparse.Namespace) -> None:
    """Compares our answers with the plain ones; the process fails at the first difference."""
    folder = given.folder / "engines"
    _indexed("sakuin", folder, given, anew="sakuin" in arguments.anew)
    ours = peer("sakuin", folder / "sakuin")
    ours.open(given)
    plain = Plain(given)
    classes = [name for name in CLASSES if arguments.only in name]
    each = -(-arguments.differential // max(1, len(classes)))
    for name in classes:
        for query in drawing.draw(name, each, arguments.seed):
            found = ours.retrieve(query.kind, query.terms, filtered=query.filtered)
            wrong = difference(plain.scores(query.kind, query.terms, filtered=query.filtered), found)
            if wrong is not None:
                raise SystemExit(f"{name}: {query.terms}: {wrong}")
        print(f"{name}: {each:,} questions, every answer as the plain one", flush=True)
    ours.close()
