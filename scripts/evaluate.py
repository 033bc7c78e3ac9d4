#!/usr/bin/env python3
"""How good is the ranking, on sets of queries whose right documents are known? Settings against sets, as one table.

    scripts/evaluate.py SET ... [--settings NAME ...] [--against NAME] [--sample N] [--depth N] [--json]
    scripts/evaluate.py SET --read NAME=RUN ... [--write FOLDER]

A SET is a folder of judgments (corpus.jsonl, queries.jsonl and qrels.tsv as in BEIR, each also as .xz), FOLDER:NAME by
qrels.NAME.tsv of it; lengths=SET and snippets=SET are stand-ins made of one, titles=FILE of a file of documents. The
settings: default (the search as a user gets it, a document by its best passage), bm25 and bigrams (plain BM25 over
whole documents). Behind each mean is what 95 % of samples of such queries would give; differences are paired, and those
that may be by chance are in brackets.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

CLONE = Path(__file__).resolve().parent.parent

if TYPE_CHECKING:
    from search.evaluation import JudgedSet, Run
    from search.evaluation.table import Row


def main() -> int:
    """Evaluates."""
    from index.console import run

    return run(_evaluate)


def _parsed() -> argparse.Namespace:
    from index.console import Parser
    from search.evaluation import SETTINGS

    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "sets", nargs="+", metavar="SET", help="FOLDER, FOLDER:NAME, lengths=…, snippets=…, titles=FILE"
    )
    parser.add_argument("--settings", nargs="+", default=list(SETTINGS), choices=list(SETTINGS), help="default: all")
    parser.add_argument("--against", default="bm25", metavar="NAME", help="compare with this one (default: bm25)")
    parser.add_argument("--depth", type=int, default=100, help="documents a query (default: 100); 10 is faster")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="so many queries of each set; 0 for all")
    parser.add_argument("--only", default="", metavar="PATTERN", help="queries with this regular expression in them")
    parser.add_argument("--seed", type=int, default=1, help="of samples, stand-ins and intervals (default: 1)")
    parser.add_argument("--work", type=Path, help="where indexes of sets are kept (default: the user's cache)")
    parser.add_argument("--read", nargs="+", default=[], metavar="NAME=RUN", help="runs of TREC, for one set")
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="keep the runs here, for TREC's programs")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


def _evaluate() -> int:
    from index.console import to_json
    from index.errors import UsageError
    from search.evaluation import named_set
    from search.evaluation.table import drawn

    arguments = _parsed()
    for name, least in (("depth", 1), ("sample", 0)):
        if getattr(arguments, name) < least:
            raise UsageError(f"{name} is {getattr(arguments, name)}: give a number from {least}")
    if arguments.read and len(arguments.sets) > 1:
        raise UsageError("runs are read for one set: name one")
    rows: list[Row] = []
    for name in arguments.sets:
        judged = named_set(name, arguments.seed)
        if arguments.only:
            judged = judged.matching(arguments.only)
        if arguments.sample:
            judged = judged.sampled(arguments.sample, arguments.seed)
        rows += _rows(judged, arguments)
    if arguments.json:
        print(
            to_json({"against": arguments.against, "depth": arguments.depth, "rows": [row.to_dict() for row in rows]})
        )
    else:
        print(drawn(rows, arguments.against))
    return 0


def _rows(judged: JudgedSet, arguments: argparse.Namespace) -> list[Row]:
    """Each setting on a set, by the measures that look no deeper than its answers go."""
    from search.evaluation import MEASURES, interval, measured, write_run
    from search.evaluation.table import Row

    names = [name for name in MEASURES if int(name.partition("@")[2]) <= arguments.depth]
    answered = list(_runs(judged, arguments))
    values = {name: measured(judged, run) for name, run, _, _ in answered}
    base = values.get(arguments.against)
    rows = []
    for name, run, speed, notes in answered:
        if arguments.write:
            arguments.write.mkdir(parents=True, exist_ok=True)
            write_run(arguments.write / f"{_as_file(judged.name)}.{name}.run", run, name)
        means = {each: interval(values[name][each], seed=arguments.seed) for each in names}
        above = {}
        if base is not None and name != arguments.against:
            differences = {each: values[name][each] - base[each] for each in names}
            above = {each: interval(differences[each], seed=arguments.seed) for each in names}
        rows.append(Row(judged.name, len(judged.queries), name, means, above, speed, (*judged.notes, *notes)))
    return rows


def _runs(judged: JudgedSet, arguments: argparse.Namespace) -> Iterator[tuple[str, Run, float | None, tuple[str, ...]]]:
    """What each setting, and each run that is read, answers; its name, its queries a second, and what is to be told."""
    from index.console import tell
    from index.errors import UsageError
    from search.evaluation import read_run, setting

    for name in arguments.settings:
        tell(f"{judged.name}: {name} …")
        with setting(name, judged, arguments.work or _cache()) as ready:
            begun = time.perf_counter()
            run = ready.run(judged.queries, arguments.depth)
            speed = len(judged.queries) / (time.perf_counter() - begun)
            tell(f"{judged.name}: {name}: {speed:,.0f} queries a second")
            yield name, run, speed, ready.notes
    for given in arguments.read:
        name, sign, file = given.partition("=")
        if not name or not sign or name in arguments.settings:
            raise UsageError(f"{given!r} names no run: give NAME=FILE, with a name that is not a setting's")
        read = read_run(Path(file))
        strange = len(read.keys() - judged.queries.keys())
        notes = (f"{name}: {strange:,} queries of the run have no judgment here",) if strange else ()
        yield name, {query: found[: arguments.depth] for query, found in read.items()}, None, notes


def _cache() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("sakuin", appauthor=False) / "evaluation"


def _as_file(name: str) -> str:
    return "".join(character if character.isalnum() or character in "-_." else "-" for character in name)


if __name__ == "__main__":
    if __package__ is None:
        # Started as a file: where not all is installed that it takes, it starts over as a module of the clone's .venv.
        sys.path.insert(0, str(CLONE / "scripts"))
        import _bootstrap

        if not _bootstrap.is_installed_here() or find_spec("ir_measures") is None:
            _bootstrap.run_module("scripts.evaluate", sys.argv[1:], extras=("evaluation",))
        sys.path[0] = str(CLONE)
    sys.exit(main())
