"""The table of contents of a generation, ``contents.json``: which segments it has, and what their fields are.

    {"contents": 1, "fields": [NAME, …], "segments": [{"name": NAME, "rows": N, "deleted": [ROW, …]}, …]}

ASCII JSON. Field number N of a segment is the Nth of ``fields``. Rows count from 0 in each segment; deleted ones are
ascending.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

CONTENTS = "contents.json"
SCHEMA = "schema.json"
"""Beside it where the index has a schema of its own (``index.as_whoosh.schema``)."""
VERSION = 1
_NAME = re.compile(r"[a-z0-9]{1,32}")
_MOST = 1 << 31


@dataclass(frozen=True, slots=True)
class SegmentFacts:
    """A segment: the name that its files begin with, its rows, and those of them that are deleted."""

    name: str
    rows: int
    deleted: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Contents:
    """The fields by their numbers, and the segments in the order of their rows."""

    fields: tuple[str, ...]
    segments: tuple[SegmentFacts, ...]

    def to_bytes(self) -> bytes:
        """The table as it is written."""
        segments = [{"name": s.name, "rows": s.rows, "deleted": list(s.deleted)} for s in self.segments]
        content = {"contents": VERSION, "fields": list(self.fields), "segments": segments}
        return json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def parsed(raw: bytes) -> Contents:
    """The table that the bytes are; ``ValueError`` with the reason if they are none."""
    try:
        content = json.loads(raw)
        if content["contents"] != VERSION:
            raise ValueError(f"it has version {content['contents']}, this program reads {VERSION}")
        fields = tuple(_text(field) for field in content["fields"])
        segments = tuple(_segment(**segment) for segment in content["segments"])
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"it is no table of contents ({str(error)[:40]})") from error
    if len({segment.name for segment in segments}) < len(segments) or len(set(fields)) < len(fields):
        raise ValueError("it names something twice")
    return Contents(fields, segments)


def _segment(name: str, rows: int, deleted: Sequence[int]) -> SegmentFacts:
    if not _NAME.fullmatch(_text(name)):
        raise ValueError(f"no name for a segment: {name[:40]!r}")
    gone = tuple(_number(row) for row in deleted)
    if any(b <= a for a, b in pairwise(gone)) or (gone and gone[-1] >= rows):
        raise ValueError(f"segment {name} has deleted rows that are not its own")
    return SegmentFacts(name, _number(rows), gone)


def _text(value: Any) -> str:
    if type(value) is not str:
        raise ValueError(f"{str(value)[:40]!r} is no text")
    return value


def _number(value: Any) -> int:
    if type(value) is not int or not 0 <= value < _MOST:
        raise ValueError(f"{str(value)[:40]!r} is no number of rows")
    return value
