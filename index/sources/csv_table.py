"""``.csv``: with a ``text`` column a record a row, else one document a file with a line a row.

The first row is the header; the delimiter is a comma. Cells of any size are read, see ``_Rows``.
"""

from __future__ import annotations

import csv
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from index.model import BlockKind, Document
from index.sources.decoding import NO_TEXT, normalise, open_text
from index.sources.files import Skipped
from index.sources.layout import Layout, one_line
from index.sources.records import record

_SPECIAL = ("id", "_id", "title", "text")
_limit_lock = threading.Lock()


class _MalformedError(Exception):
    """A row that is not CSV; ``line`` is where it starts."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = f"not CSV: {reason}"


def read(path: Path, name: str) -> Iterator[Document | Skipped]:
    """A document for each row if there is a text column, else one for the file."""
    return (outcome for _, outcome in numbered(path, name))


def numbered(path: Path, name: str) -> Iterator[tuple[int, Document | Skipped]]:
    """What ``read`` gives, each with its line; 0 for the file as a whole."""
    file = open_text(path, name, newline="")
    if isinstance(file, Skipped):
        yield 0, file
        return
    with file:
        rows = _Rows(file)
        try:
            header = next(rows, None)
        except _MalformedError as error:
            yield error.line, Skipped(f"{name}:{error.line}", error.reason)
            return
        if header is None:
            yield 0, Skipped(name, NO_TEXT)
        elif any(cell.strip().lower() == "text" for cell in header[1]):
            yield from _records(name, _keys(header[1]), rows)
        else:
            yield 0, _table(path, name, header[1], rows)


class _Rows:
    """The rows that are not blank, each with the line it starts at; raises ``_MalformedError`` and can go on after it.

    The csv module refuses cells above a limit that the whole process shares. Where the file is larger than it, the
    limit is raised for the reading of each single row and put back, so nobody else finds it changed.
    """

    def __init__(self, file: TextIO) -> None:
        self._reader = csv.reader(file, strict=True)
        self._size = os.fstat(file.fileno()).st_size

    def __iter__(self) -> _Rows:
        return self

    def __next__(self) -> tuple[int, list[str]]:
        while True:
            line = self._reader.line_num + 1
            try:
                cells = self._row()
            except csv.Error as error:
                raise _MalformedError(line, str(error)) from None
            if any(cell.strip() for cell in cells):
                return line, [normalise(cell) for cell in cells]

    def _row(self) -> list[str]:
        if self._size < csv.field_size_limit():
            return next(self._reader)
        with _limit_lock:
            limit = csv.field_size_limit(self._size + 1)
            try:
                return next(self._reader)
            finally:
                csv.field_size_limit(limit)


def _keys(header: list[str]) -> list[str]:
    """A key for each column: no two alike, none empty, those with a meaning in lower case."""
    keys: list[str] = []
    for number, cell in enumerate(header, 1):
        key = one_line(cell) or f"column {number}"
        key = key.lower() if key.lower() in _SPECIAL else key
        keys.append(key if key not in keys else f"{key} {number}")
    return keys


def _records(name: str, keys: list[str], rows: _Rows) -> Iterator[tuple[int, Document | Skipped]]:
    number = 0
    while True:
        try:
            line, cells = next(rows)
        except StopIteration:
            break
        except _MalformedError as error:
            number += 1
            yield error.line, Skipped(f"{name}:{error.line}", error.reason)
            continue
        number += 1
        if len(cells) > len(keys):
            reason = f"not CSV as its header says: {len(cells)} cells where the header has {len(keys)}"
            yield line, Skipped(f"{name}:{line}", reason)
        else:
            values = dict(zip(keys, cells, strict=False))  # a short row lacks its last
            yield line, record(name, line, number, values)
    if not number:
        yield 0, Skipped(name, NO_TEXT)


def _table(path: Path, name: str, header: list[str], rows: _Rows) -> Document | Skipped:
    """The file as one document; not half of it if a row is malformed."""
    layout = Layout()
    group = layout.new_group()
    try:
        for cells in (header, *(cells for _, cells in rows)):
            layout.add(" | ".join(one_line(cell) for cell in cells), BlockKind.WHOLE, group=group)
    except _MalformedError as error:
        return Skipped(f"{name}:{error.line}", error.reason)
    return Document(name, path.stem, layout.text, name, blocks=tuple(layout.blocks))
