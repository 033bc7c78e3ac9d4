#!/usr/bin/env python3
"""Benchmarks, printed as ratios of what was run in turn in one go: quote a ratio, never a time.

    scripts/benchmark.py startup [--runs N]
    scripts/benchmark.py indexing [--characters N] [CORPUS.jsonl[.xz]]

``startup``: the whole process of one search of the seeds, into a pipe and with colours, against a process that opens
Sudachi's dictionary and analyses one word. ``indexing``: slots a second of the analysis chain and of a whole build,
against bare SudachiPy (mode C; surface, normalized form and part-of-speech id read) on the same text, one thread each.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index import Document

CLONE = Path(__file__).resolve().parent.parent
FLOOR = "import sudachipy; sudachipy.Dictionary().tokenizer().tokenize('輸出規制')"
CORPUS = CLONE.parent / "shared" / "data" / "kyoto_wiki.jsonl.xz"


def main() -> int:
    """Runs one benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = parser.add_subparsers(required=True, metavar="BENCHMARK")
    startup = which.add_parser("startup", help="one search as a process")
    startup.add_argument("--runs", type=int, default=15)
    startup.set_defaults(run=_startup)
    indexing = which.add_parser("indexing", help="slots a second")
    indexing.add_argument("corpus", nargs="?", type=Path, default=CORPUS)
    indexing.add_argument("--characters", type=int, default=1_000_000, help="so much of the corpus")
    indexing.add_argument("--rounds", type=int, default=3)
    indexing.set_defaults(run=_indexing)
    arguments = parser.parse_args()
    arguments.run(arguments)
    return 0


def _startup(arguments: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        directory = str(Path(folder) / "index")
        # Compiled modules are kept as they are where Python may write them.
        environment = {**os.environ, "PYTHONPATH": str(CLONE), "PYTHONPYCACHEPREFIX": str(Path(folder) / "compiled")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        build = [sys.executable, "-m", "index", "build", str(CLONE / "seeds"), "--index-dir", directory]
        subprocess.run(build, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        search = [sys.executable, "-m", "search", "輸出規制", "--index-dir", directory]
        commands = {
            "floor": [sys.executable, "-c", FLOOR],
            "search | cat": search,
            "search --color=always": [*search, "--color=always"],
        }
        seconds = _in_turn(
            {name: partial(_process, command, environment) for name, command in commands.items()}, arguments.runs
        )
        _print(seconds, "floor", "CPU seconds of the process")


def _process(command: Sequence[str], environment: dict[str, str]) -> float:
    """CPU seconds of a whole process."""
    before = os.times()
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def _in_turn(runs: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Each in turn, so that a change of the machine's speed meets all of them; one round to warm up is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for i in range(rounds + 1):
        for name, run in runs.items():
            taken = run()
            if i:
                seconds[name].append(taken)
    return seconds


def _print(seconds: dict[str, list[float]], floor: str, unit: str) -> None:
    print(f"{'':24}{'median':>10}{'ratio':>8}{'lowest':>8}{'highest':>8}   ({unit}; ratio to {floor}, round by round)")
    for name, taken in seconds.items():
        ratios = [mine / base for mine, base in zip(taken, seconds[floor], strict=True)]
        middle = statistics.median(ratios)
        print(f"{name:24}{statistics.median(taken):10.3f}{middle:8.2f}{min(ratios):8.2f}{max(ratios):8.2f}")


def _indexing(arguments: argparse.Namespace) -> None:
    import index
    from index.analysis import Analyzer
    from index.passages import split

    documents = list(_documents(arguments.corpus, arguments.characters))
    texts = [passage.text for document in documents for passage in split(document)]
    analyzer = Analyzer()
    slots = sum(len(analyzer.slots(text)) for text in texts)

    def chain() -> None:
        fresh = Analyzer()
        for text in texts:
            fresh.slots(text)

    def build() -> None:
        with tempfile.TemporaryDirectory() as folder:
            index.build(documents, Path(folder) / "index")

    runs = {"bare SudachiPy": lambda: _bare(texts), "analysis chain": chain, "whole build": build}
    seconds = _in_turn({name: partial(_cpu, run) for name, run in runs.items()}, arguments.rounds)
    print(f"{len(documents):,} documents, {len(texts):,} passages, {slots:,} slots")
    _print(seconds, "bare SudachiPy", "CPU seconds")
    for name, taken in seconds.items():
        print(f"{name:24}{slots / statistics.median(taken):10,.0f} slots a second")


def _documents(corpus: Path, characters: int) -> Iterator[Document]:
    import index

    taken = 0
    with (
        lzma.open(corpus, "rt", encoding="utf-8") if corpus.suffix == ".xz" else corpus.open(encoding="utf-8") as lines
    ):
        for line in lines:
            record = json.loads(line)
            yield index.Document(str(record["_id"]), record.get("title", ""), record["text"])
            taken += len(record["text"])
            if taken >= characters:
                return


def _bare(texts: Sequence[str]) -> None:
    """What any use of SudachiPy costs at the least."""
    from sudachipy import Dictionary, SplitMode

    tokenizer = Dictionary().tokenizer(SplitMode.C)
    for text in texts:
        for morpheme in tokenizer.tokenize(text):
            morpheme.surface(), morpheme.normalized_form(), morpheme.part_of_speech_id()


def _cpu(run: Callable[[], None]) -> float:
    before = time.process_time()
    run()
    return time.process_time() - before


if __name__ == "__main__":
    if __package__ is None:
        # Started as a file: where Sakuin is not installed it starts over as a module of the clone's .venv.
        sys.path.insert(0, str(CLONE / "scripts"))
        import _bootstrap

        if not _bootstrap.is_installed_here():
            _bootstrap.run_module("scripts.benchmark", sys.argv[1:])
        sys.path[0] = str(CLONE)
    sys.exit(main())
