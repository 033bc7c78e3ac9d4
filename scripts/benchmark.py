#!/usr/bin/env python3
"""Benchmarks, printed as ratios of what was run in turn in one go: quote a ratio, never a time.

    scripts/benchmark.py startup [--runs N]
    scripts/benchmark.py indexing [--characters N] [--memory MB] [--others PASSAGES] [CORPUS.jsonl[.xz]]
    scripts/benchmark.py opening [--passages N]
    scripts/benchmark.py page [--characters N] [--index-dir DIR] [CORPUS.jsonl[.xz]]
    scripts/benchmark.py notation [--characters N] [--index-dir DIR] [--before CLONE] [CORPUS.jsonl[.xz]]
    scripts/benchmark.py search [--passages N] [--queries N] [--differential N] [CORPUS.jsonl[.xz] ...]

``startup``: the whole process of one search of the seeds, into a pipe and with colours, against a process that opens
Sudachi's dictionary and analyses one word. ``indexing``: bare SudachiPy, the analysis, the writer and a whole build on
the same text; bytes by structure; peak memory; other engines with the same terms. ``opening``: a large index opened.
``page``: ten passages that were found, read, highlighted and explained, part by part.
``notation``: the dictionary's tables; questions with every class of expansions and with none; the chain beside bare
SudachiPy, and its terms.
``search``: questions of several classes through this engine and others in turn, for speed and memory; or through this
one and a plain scorer, for their answers.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path

CLONE = Path(__file__).resolve().parent.parent
ENGINES = ("tantivy", "bm25s", "fts5", "whoosh", "lucene")
CORPUS = CLONE.parent / "shared" / "data" / "kyoto_wiki.jsonl.xz"
QUESTIONS = CORPUS.parent / "jaquad" / "queries.jsonl.xz"


def main() -> int:
    """Runs one benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = parser.add_subparsers(required=True, metavar="BENCHMARK", dest="benchmark")
    startup = which.add_parser("startup", help="one search as a process")
    startup.add_argument("--runs", type=int, default=15)
    indexing = which.add_parser("indexing", help="slots a second, bytes a slot")
    indexing.add_argument("corpus", nargs="?", type=Path, default=CORPUS)
    indexing.add_argument("--characters", type=int, default=1_000_000, help="so much of the corpus; 0 for all")
    indexing.add_argument("--rounds", type=int, default=3)
    indexing.add_argument("--cores", type=int, default=0, help="for SudachiPy and the analysis (default: all)")
    indexing.add_argument("--memory", type=int, default=512, help="MB for the writer")
    indexing.add_argument("--others", type=int, default=0, metavar="PASSAGES", help="give other engines so many")
    opening = which.add_parser("opening", help="a large index opened")
    opening.add_argument("corpus", nargs="?", type=Path, default=CORPUS)
    opening.add_argument("--passages", type=int, default=1_000_000, help="the corpus again and again up to so many")
    opening.add_argument("--runs", type=int, default=9)
    page = which.add_parser("page", help="ten passages that were found, with their highlights")
    page.add_argument("corpus", nargs="?", type=Path, default=CORPUS)
    page.add_argument("--characters", type=int, default=0, help="so much of the corpus; 0 for all")
    page.add_argument("--queries", type=int, default=50, help="so many of each kind")
    page.add_argument("--seed", type=int, default=1)
    page.add_argument("--index-dir", type=Path, help="an index of the corpus (default: one is built)")
    notation = which.add_parser("notation", help="what every notation costs that finds every other")
    notation.add_argument("corpus", nargs="?", type=Path, default=CORPUS)
    notation.add_argument("--only", nargs="*", default=[], choices=("tables", "questions", "chain"))
    notation.add_argument("--characters", type=int, default=20_000_000, help="so much of the corpus for the index")
    notation.add_argument("--chain", type=int, default=2_000_000, metavar="N", help="of it for the chain")
    notation.add_argument("--index-dir", type=Path, help="an index of the corpus (default: one is built)")
    notation.add_argument("--questions", type=Path, default=QUESTIONS, help="queries of a set in BEIR's layout")
    notation.add_argument("--queries", type=int, default=200, help="so many of each kind")
    notation.add_argument("--seed", type=int, default=1)
    notation.add_argument("--before", type=Path, metavar="CLONE", help="another clone, whose chain is compared")
    search = which.add_parser("search", help="how fast questions are answered, beside other engines")
    search.add_argument("corpora", nargs="*", type=Path, default=[CORPUS])
    search.add_argument("--characters", type=int, default=0, help="so much of each corpus; 0 for all")
    search.add_argument("--passages", type=int, default=0, help="shuffled ones after the corpora's, up to so many")
    search.add_argument("--queries", type=int, default=500, help="questions a class")
    search.add_argument("--queries-slow", type=int, default=0, help="as many for slow engines (default: all)")
    search.add_argument("--only", default="", metavar="TEXT", help="the classes whose names have this in them")
    search.add_argument("--seed", type=int, default=1)
    search.add_argument("--engines", nargs="*", default=ENGINES, choices=ENGINES, help="the others (default: all)")
    search.add_argument("--anew", nargs="*", default=[], metavar="ENGINE", help="make these engines' indexes again")
    search.add_argument("--work", type=Path, help="where prepared passages and indexes are kept (default: a temporary)")
    search.add_argument("--differential", type=int, default=0, metavar="N", help="compare so many answers instead")
    arguments = parser.parse_args()
    sys.path.insert(1, str(CLONE / "scripts"))
    import_module(f"benchmarks.{arguments.benchmark}").run(arguments)
    return 0


if __name__ == "__main__":
    if __package__ is None:
        # Started as a file: where Sakuin is not installed it starts over as a module of the clone's .venv.
        sys.path.insert(0, str(CLONE / "scripts"))
        import _bootstrap

        if not _bootstrap.is_installed_here():
            _bootstrap.run_module("scripts.benchmark", sys.argv[1:])
        sys.path[0] = str(CLONE)
    sys.exit(main())
