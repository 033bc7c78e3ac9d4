"""What the commands share: arguments, errors as one line and an exit status, text that is safe on a terminal, JSON."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from index.errors import SakuinError, UsageError

FAILED = 2
_INTERRUPTED = 130

_CONTROLS = {code: 0x2400 + code for code in range(0x20)} | {0x7F: 0x2421}
_UNSAFE = [*range(0x80, 0xA0), 0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)]
_HARMLESS = _CONTROLS | dict.fromkeys([*_UNSAFE, *range(0xD800, 0xE000)], 0xFFFD)
_ESCAPED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class Parser(argparse.ArgumentParser):
    """Arguments of a command. What is wrong with them is a ``UsageError``: one line that ends with ``way_out``."""

    def __init__(self, *, way_out: str = "", **settings: Any) -> None:
        super().__init__(allow_abbrev=False, **settings)
        self._way_out = way_out or f"see `{self.prog} --help`"

    def error(self, message: str) -> NoReturn:
        """Raises instead of printing the usage of several lines."""
        raise UsageError(f"{message[:300]}: {self._way_out}")


def harmless(text: str) -> str:
    """The text, of the same length, with signs in place of what steers a terminal: controls, bidi marks, surrogates."""
    return text.translate(_HARMLESS)


def tell(message: str) -> None:
    """One line on standard error, if there is one."""
    if sys.stderr is not None:
        sys.stderr.write(f"{harmless(message)}\n")
        sys.stderr.flush()


def told_once(line: str) -> Callable[[int, int], None]:
    """A progress that tells a line when it is called first, and nothing of what is refused: its error stands alone."""
    waiting = [line]

    def progress(done: int, total: int) -> None:
        if waiting:
            tell(waiting.pop())

    return progress


def to_json(value: object) -> str:
    """JSON on one line whose strings hold nothing that steers a terminal."""
    encoding = getattr(sys.stdout, "encoding", None) or ""
    text = json.dumps(value, ensure_ascii=encoding.lower().replace("-", "") != "utf8")
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def run(command: Callable[[], int]) -> int:
    """Runs a command; what goes wrong on purpose, or with the terminal, is one line on stderr and status 2."""
    sys.stdout = sys.stdout or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # None where it was closed
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    # Nothing here uses numpy's linear algebra, which would start a thread on each core as it is imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        return _flushed(command)
    except SakuinError as error:
        return _failed(str(error))
    except BrokenPipeError:
        # The reader of the pipe went away (| head).
        _drop_output()
        return 0
    except KeyboardInterrupt:
        tell("sakuin: interrupted")
        return _INTERRUPTED
    except OSError as error:
        _drop_output()
        where = f" {error.filename}" if error.filename else ""
        return _failed(f"the system refused to read or write{where}: {error.strerror or error}")


def _flushed(command: Callable[[], int]) -> int:
    try:
        status = command()
    except SystemExit as leave:  # argparse, after --help
        status = int(leave.code or 0)
    sys.stdout.flush()
    return status


def _failed(message: str) -> int:
    tell(f"sakuin: {message}")
    return FAILED


def _drop_output() -> None:
    """What Python flushes at its end goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
