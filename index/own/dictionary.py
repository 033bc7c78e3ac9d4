"""A user's dictionary: CSV as Sudachi has it, its lines checked.

A line has 18 or 19 cells: the word as Sudachi looks it up, its left and right connection (-1: only as a part of
others), its cost, the word as it is written, six levels of its part of speech, its reading, its normalized form, its
dictionary form, its kind of unit, its A and B units, a cell that nothing reads, and the numbers of synonym groups.
Sudachi's own builder reads them (``index.own.compiling``); what it would take in silence though no text can have it, or
would fail on without saying where, is refused here.

In a generation several CSVs are one, byte for byte one after the other.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from index.analysis.fold import fold
from index.errors import SourceError

if TYPE_CHECKING:
    from sudachipy import TextNormalizer

CELLS = (18, 19)
_HIGHEST = 1 << 15
_MARK = b"\xef\xbb\xbf"


class Row(NamedTuple):
    """A line of a CSV, which may go on over several lines of the file."""

    file: str
    line: int
    cells: Sequence[str] = ()

    def fail(self, why: str) -> NoReturn:
        """Raises ``SourceError``."""
        raise SourceError(f"{self.file}, line {self.line}: {why}")


def rows(file: str, content: bytes) -> list[Row]:
    """The lines of a CSV in UTF-8 that are not empty; ``SourceError`` names what is none."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SourceError(f"{file}, line {line}: it is not UTF-8: save the file in that encoding") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: list[Row] = []
    line = 1
    try:
        for cells in reader:
            if cells:
                found.append(Row(file, line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        Row(file, line).fail(f"it is no CSV ({error})")
    return found


class Words:
    """The words of some CSVs, given by names and contents, of which nothing is read before it is asked for."""

    def __init__(self, files: Sequence[tuple[str, bytes]]) -> None:
        contents = [content.removeprefix(_MARK) for _, content in files]
        self._whole = [content if content.endswith(b"\n") else content + b"\n" for content in contents]
        self._files = [file for file, _ in files]
        self.content = b"".join(self._whole)

    @cached_property
    def rows(self) -> list[Row]:
        """All lines; ``SourceError`` names the one that is none."""
        return [row for file, content in zip(self._files, self._whole, strict=True) for row in rows(file, content)]

    def check(self, normalizer: TextNormalizer) -> None:
        """Looks at each line by itself; ``SourceError`` names the one that is wrong."""
        for row in self.rows:
            _check(row, normalizer)
        if not any(int(row.cells[1]) >= 0 for row in self.rows):
            raise SourceError(f"{self._files[0]} has no word that could be found: see docs/own-words.md for its format")

    def fail_at(self, line: int, why: str) -> NoReturn:
        """Raises ``SourceError`` for a line of ``content``."""
        for file, content in zip(self._files, self._whole, strict=True):
            count = content.count(b"\n")
            if line <= count:
                Row(file, line).fail(why)
            line -= count
        self.fail(why)

    def fail(self, why: str) -> NoReturn:
        """Raises ``SourceError`` for all of it."""
        raise SourceError(f"{', '.join(self._files)}: Sudachi makes no dictionary of it ({why})")


def _check(row: Row, normalizer: TextNormalizer) -> None:
    if len(row.cells) not in CELLS:
        row.fail(f"it has {len(row.cells)} cells, not {CELLS[0]} or {CELLS[1]}: see docs/own-words.md for the format")
    word = row.cells[0]
    if not word:
        row.fail("its first cell is empty: write the word there")
    for cell, what in zip(row.cells[1:4], ("left connection", "right connection", "cost"), strict=True):
        if not re.fullmatch("-?[0-9]{1,5}", cell) or not -_HIGHEST < int(cell) < _HIGHEST:
            row.fail(f"its {what} {cell[:40]!r} is no number from {1 - _HIGHEST} to {_HIGHEST - 1}")
    found_as = normalizer.normalize(fold(word).text)
    if found_as != word:
        row.fail(f"no text has {word[:40]!r} once it is folded: write {found_as[:40]!r} in the first cell")
