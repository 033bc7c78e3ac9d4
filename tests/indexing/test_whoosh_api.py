"""Importing Whoosh leaves the rest of the process as it was."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CLONE = Path(__file__).resolve().parents[2]


def run(program: str) -> str:
    command = [sys.executable, "-W", "error", "-c", f"import sys; sys.path.insert(0, {str(CLONE)!r})\n{program}"]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True).stdout.strip()


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
