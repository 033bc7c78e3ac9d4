"""The documents cannot drift: the paths they name exist, and what the READMEs and docs/ tell a reader to run, runs.

A block after the line ``<!-- installs -->`` is not run here; ``.ci/run`` does that on a machine made fresh, and this
only sees to it that it does. An ``sh`` or ``console`` block with the line ``# no hit`` may end with exit status 1.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import index

CLONE = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.ja.md")
RUN = (*READMES, *sorted(path.relative_to(CLONE).as_posix() for path in (CLONE / "docs").glob("*.md")))
DOCUMENTS = ("ARCHITECTURE.md", *RUN, "CONTRIBUTING.md")

INSTALLS = "<!-- installs -->"
NO_HIT = "# no hit"
# What makes a span in backticks a path of the repository: one of its folders in front, or a file at its top.
FOLDER = re.compile(r"(?:\.ci|docs|index|scripts|search|seeds|tests)/[^\s`…*{}<>]*")
FILE_AT_THE_TOP = re.compile(r"[A-Za-z.][\w.-]*\.(?:md|toml|lock|cfg|ini)|LICENSE")
# Made by running, or by a reader, so a document may name it though the repository has no such file.
MADE = ("var/", "sakuin.lock", "sakuin.toml")
SECONDS = 600


class Block(NamedTuple):
    """A fenced block of a document: its language, its text, its first line, and whether it is marked as installing."""

    document: str
    line: int
    language: str
    text: str
    installs: bool

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"


def read(document: str) -> str:
    path = CLONE / document
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def blocks(document: str, text: str) -> Iterator[Block]:
    fence = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
    for found in fence.finditer(text):
        indent, language, body = found.groups()
        before = text[: found.start()].rstrip().rpartition("\n")[2].strip()
        line = text.count("\n", 0, found.start()) + 2
        yield Block(document, line, language, re.sub(rf"^{indent}", "", body, flags=re.MULTILINE), before == INSTALLS)


def named_paths(text: str) -> list[str]:
    """What stands in backticks outside fenced blocks and looks like a path of the repository."""
    prose = re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", prose)
    paths = (span.split()[0] for span in spans if span.strip())
    return sorted({path for path in paths if FOLDER.fullmatch(path) or FILE_AT_THE_TOP.fullmatch(path)})


def commands(block: Block) -> str:
    """A block as a shell script: of a console block the lines after ``$``, with those that carry them on."""
    if block.language != "console":
        return block.text
    script = []
    carried_on = False
    for line in block.text.splitlines():
        if line.startswith("$ ") or carried_on:
            script.append(line.removeprefix("$ "))
            carried_on = line.endswith("\\")
    return "\n".join(script)


BLOCKS = [block for document in RUN for block in blocks(document, read(document))]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Path:
    """A reader's machine: ``home``, an ``index`` of the seeds, and ``clone``, whose entries lead to the real one's."""
    machine = tmp_path_factory.mktemp("reader")
    (machine / "home").mkdir()
    (machine / "clone").mkdir()
    for entry in CLONE.iterdir():
        if entry.name not in {".git", "var"}:
            (machine / "clone" / entry.name).symlink_to(entry)
    index.build([seeds], machine / "index")
    return machine


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_a_document_names_exists(document: str) -> None:
    if not (CLONE / document).is_file():
        pytest.skip(f"{document} is not written yet")
    missing = [
        path for path in named_paths(read(document)) if not path.startswith(MADE) and not (CLONE / path).exists()
    ]
    assert missing == []


def run_as_shell(block: Block, reader: Path) -> None:
    environment = {
        **os.environ,
        "HOME": str(reader / "home"),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "SAKUIN_INDEX": str(reader / "index"),
    }
    for place in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        environment.pop(place, None)
    ran = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", commands(block)],
        cwd=reader / "clone",
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    expected = {0, 1} if NO_HIT in block.text else {0}
    assert ran.returncode in expected, f"{block}\n{ran.stdout}\n{ran.stderr}"


@pytest.mark.parametrize(
    "block", [block for block in BLOCKS if block.language in {"sh", "console"} and not block.installs], ids=str
)
def test_what_a_readme_tells_the_shell_runs(block: Block, reader: Path) -> None:
    run_as_shell(block, reader)


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.language == "python"], ids=str)
def test_the_python_of_a_readme_runs(block: Block, reader: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(reader / "clone")
    monkeypatch.setenv("SAKUIN_INDEX", str(reader / "index"))
    code = compile("\n" * (block.line - 1) + block.text, str(CLONE / block.document), "exec")
    exec(code, {"__name__": "__main__"})


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.installs], ids=str)
def test_what_installs_is_run_by_ci(block: Block) -> None:
    ci = (CLONE / ".ci" / "run").read_text(encoding="utf-8")
    told = [line.strip().removeprefix("$ ") for line in commands(block).splitlines()]
    proved = [line for line in told if re.search(r"pip install|scripts/|-m search|^sakuin ", line)]
    assert proved, f"{block} installs nothing"
    assert [line for line in proved if line.partition("  #")[0].strip() not in ci] == []


SAMPLE = """
# Title with `index/model.py` and `search.Index`, `missing/x.py`, `docs/gone.md` and `pyproject.toml`.

<!-- installs -->
```sh
pip install .
```

```console
$ python -m search \\
    "語"  # no hit
output
```

  ```python
  print("`tests/in-a-block.py`")
  ```
"""


def test_the_reader_of_documents() -> None:
    found = list(blocks("SAMPLE.md", SAMPLE))
    assert [(block.line, block.language, block.installs) for block in found] == [
        (6, "sh", True),
        (10, "console", False),
        (16, "python", False),
    ]
    assert commands(found[1]) == 'python -m search \\\n    "語"  # no hit'
    assert found[2].text == 'print("`tests/in-a-block.py`")\n'
    assert named_paths(SAMPLE) == ["docs/gone.md", "index/model.py", "pyproject.toml"]


def test_a_failing_block_is_told(reader: Path) -> None:
    block = Block("SAMPLE.md", 1, "sh", "false\n", installs=False)
    with pytest.raises(AssertionError, match="SAMPLE"):
        run_as_shell(block, reader)
