"""Importing Whoosh leaves the rest of the process as it was."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CLONE = Path(__file__).resolve().parents[2]


def run(program: str, compiled: Path | None = None) -> str:
    """What a program prints, and nothing to stderr; ``compiled`` is the folder where Python keeps compiled files."""
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(CLONE)!r})\n{program}"]
    environment = dict(os.environ) if compiled is None else {**os.environ, "PYTHONPYCACHEPREFIX": str(compiled)}
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, check=True)
    assert done.stderr == ""
    return done.stdout.strip()


def test_no_web_client_is_imported_for_whoosh() -> None:
    assert run("import index.whoosh_api\nprint('urllib.request' in sys.modules)") == "False"


def test_the_web_client_can_be_imported_after_it() -> None:
    assert run("import index.whoosh_api, urllib.request\nprint(urllib.request.Request('file:///x').type)") == "file"


def test_a_web_client_that_was_imported_before_stays() -> None:
    program = "import urllib.request as a, index.whoosh_api, urllib.request as b\nprint(a is b, a.urlopen.__module__)"
    assert run(program) == "True urllib.request"


def test_whoever_got_the_stand_in_has_the_real_one() -> None:
    program = (
        "from index.whoosh_api import _Later\n"
        "sys.modules['urllib.request'] = held = _Later('urllib.request')\n"
        "print(held.Request('file:///x').type)\n"
        "import urllib.request\n"
        "print(held.urlopen is urllib.request.urlopen)"
    )
    assert run(program).split() == ["file", "True"]


def test_no_warning_is_shown_where_nothing_is_compiled_yet(tmp_path: Path) -> None:
    program = (
        "import index, search\n"
        f"index.build([index.Document('a', '題', '政府は輸出規制を強めた。')], {str(tmp_path / 'index')!r})\n"
        f"with search.open_index({str(tmp_path / 'index')!r}) as opened: print(opened.search('輸出規制').total)"
    )
    assert run(program, compiled=tmp_path / "compiled") == "1"
