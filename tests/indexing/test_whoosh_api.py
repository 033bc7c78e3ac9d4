"""Importing Whoosh is silent, and only who opens an index as Whoosh's does it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CLONE = Path(__file__).resolve().parents[2]

MAKE = "import index\nindex.build([index.Document('a', '題', '政府は輸出規制を強めた。')], sys.argv[1])\n"


def run(program: str, folder: Path) -> str:
    """What a program prints, and nothing to stderr, where nothing is compiled yet."""
    program = f"import sys; sys.path.insert(0, {str(CLONE)!r})\n{MAKE}{program}"
    command = [sys.executable, "-c", program, str(folder / "index")]
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, check=True)
    assert done.stderr == ""
    return done.stdout.strip()


def test_no_warning_is_shown_where_nothing_is_compiled_yet(tmp_path: Path) -> None:
    program = (
        "with index.open_whoosh(sys.argv[1]).searcher() as searcher:\n"
        "    from whoosh import highlight, qparser, sorting, spelling\n"
        "    print(searcher.find('body', '規制').scored_length())"
    )
    assert run(program, tmp_path) == "1"


def test_building_and_searching_import_nothing_of_whoosh(tmp_path: Path) -> None:
    program = (
        "import search\n"
        "with search.open_index(sys.argv[1]) as opened: opened.search('規制')\n"
        "print([name for name in sys.modules if name.startswith('whoosh')])"
    )
    assert run(program, tmp_path) == "[]"
