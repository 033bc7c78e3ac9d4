"""One search as a whole process, against one that opens Sudachi's dictionary and analyses one word."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks.timing import Taken, in_turn, show

CLONE = Path(__file__).resolve().parents[2]
FLOOR = "import sudachipy; sudachipy.Dictionary().tokenizer().tokenize('輸出規制')"


def run(arguments: argparse.Namespace) -> None:
    """Times the command into a pipe and with colours."""
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
            "floor and numpy": [sys.executable, "-c", f"import numpy, zstandard; {FLOOR}"],
            "search | cat": search,
            "search --color=always": [*search, "--color=always"],
        }
        runs = {name: partial(_process, command, environment) for name, command in commands.items()}
        show(in_turn(runs, arguments.runs), "floor")


def _process(command: Sequence[str], environment: dict[str, str]) -> Taken:
    before, begun = os.times(), time.perf_counter()
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Taken(time.perf_counter() - begun, cpu)
