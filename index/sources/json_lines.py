"""``.jsonl``: one JSON object a line, each a record; a line that is not one is skipped and named, the others go on."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from index.model import Document
from index.sources.decoding import NO_TEXT, open_text
from index.sources.files import Skipped
from index.sources.records import record

_DEEPEST = 64
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a pair, which is a character
    r"|(?P<bad>\\u(?:[dD][89a-fA-F][0-9a-fA-F]{2}|0000))"
    r"|\\."
)


def read(path: Path, name: str) -> Iterator[Document | Skipped]:
    """A document for each line that holds a record."""
    return (outcome for _, outcome in numbered(path, name))


def numbered(path: Path, name: str) -> Iterator[tuple[int, Document | Skipped]]:
    """What ``read`` gives, each with its line; 0 for the file as a whole."""
    file = open_text(path, name)
    if isinstance(file, Skipped):
        yield 0, file
        return
    number = 0
    with file:
        for at, line in enumerate(file, 1):
            if not line.isspace():
                number += 1
                yield at, _outcome(name, at, number, line.rstrip())
    if not number:
        yield 0, Skipped(name, NO_TEXT)


def _outcome(name: str, at: int, number: int, line: str) -> Document | Skipped:
    try:
        value = _parse(line)
    except json.JSONDecodeError as error:
        return Skipped(f"{name}:{at}", f"not JSON: {error.msg} at column {error.colno}")
    except ValueError as error:
        return Skipped(f"{name}:{at}", f"not JSON that can be kept: {error}")
    if not isinstance(value, dict):
        return Skipped(f"{name}:{at}", "not a JSON object; a line must hold one, with a text in it")
    return record(name, at, number, value)


def _parse(line: str) -> object:
    if "\\u" in line:
        # In the JSON itself, so that keys and nested values need no walk of their own.
        line = _ESCAPE.sub(lambda match: "\\ufffd" if match.group("bad") else match.group(), line)
    too_deep = f"nested more than {_DEEPEST} levels deep"
    try:
        value: object = json.loads(line, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise ValueError(too_deep) from None
    if line.count("[") + line.count("{") > _DEEPEST and _depth_exceeds(value, _DEEPEST):
        raise ValueError(too_deep)
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"the number {digits[:20]} is too large")
    return number


def _depth_exceeds(value: object, limit: int) -> bool:
    """Whether arrays and objects are nested deeper; level by level, as recursion is what must not happen."""
    level: list[object] = [value]
    for _ in range(limit + 1):
        deeper: list[object] = []
        for item in level:
            if isinstance(item, dict):
                deeper.extend(item.values())
            elif isinstance(item, list):
                deeper.extend(item)
        if not deeper:
            return False
        level = deeper
    return True
