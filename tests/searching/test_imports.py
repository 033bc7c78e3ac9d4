"""What one search imports: start-up time is mostly that."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import index

CLONE = Path(__file__).resolve().parents[2]

# Building, and the parsers of documents; Whoosh; numba, even where it is installed;
# what is heavy for what little it would do here.
NEVER = """index.builder index.sources index.passages index.sentences index.progress filelock selectolax markdown_it
pathspec whoosh numba pkg_resources importlib.metadata asyncio
index.as_whoosh search.engines.memory search.diagnosis search.analyzing search.checking search.tables
platformdirs urllib.request ssl email""".split()
ONLY_FOR_COLOURS = ["rich"]


def imported(arguments: list[str], directory: Path) -> set[str]:
    program = (
        "import sys, search.cli; status = search.cli.main(sys.argv[1:]); "
        "print('modules:', *sys.modules, file=sys.stderr); sys.exit(status)"
    )
    command = [sys.executable, "-c", program, "--index-dir", str(directory), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(CLONE), "PYTHONUTF8": "1"}
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, check=True)
    return set(done.stderr.rpartition("modules:")[2].split())


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("imports") / "index"
    index.build([index.Document("a", "題", "政府は輸出規制を強めた。")], made)
    return made


def test_a_search_into_a_pipe_imports_little(directory: Path) -> None:
    modules = imported(["輸出規制"], directory)
    assert not modules & {*NEVER, *ONLY_FOR_COLOURS}


def test_a_search_with_colours_adds_rich_alone(directory: Path) -> None:
    modules = imported(["輸出規制", "--color=always"], directory)
    assert not modules & set(NEVER)
    assert "rich" in modules
