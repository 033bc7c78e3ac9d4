"""A lexicon: what the dictionary, and a user's own beside it, say about a word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from index.analysis.keys import key
from index.errors import DamagedIndex
from index.lexicon.tables import Entry, Tables

_REMEMBERED = 1 << 12
"""Answers that are kept, before all are forgotten: a question asks some of them again and again."""


class Lexicon:
    """Tables of entries, asked together; from any number of threads.

    A lookup gives the entries of each table, those of the first before those of the others. ``mend`` gives new tables
    in place of damaged ones; without it the damage is ``DamagedIndex``. ``warnings`` are for whoever asks.
    """

    def __init__(
        self,
        tables: Sequence[Tables],
        mend: Callable[[], Sequence[Tables]] | None = None,
        warnings: tuple[str, ...] = (),
    ) -> None:
        self._tables = tuple(tables)
        self._mend = mend
        self.warnings = warnings
        # A cache that knew this object would keep its files open until the collector of cycles comes.
        self._known: dict[tuple[object, str | int], tuple[Entry, ...]] = {}

    def written(self, surface: str) -> tuple[Entry, ...]:
        """The entries with this written form, whatever its width and case."""
        return self._answer(Tables.written, key(surface))

    def read(self, reading: str) -> tuple[Entry, ...]:
        """The entries with this reading, in katakana as the dictionary has it."""
        return self._answer(Tables.read, reading)

    def normed(self, norm: str) -> tuple[Entry, ...]:
        """The entries with this normalized form, whatever its width and case: all its written forms."""
        return self._answer(Tables.normed, key(norm))

    def group(self, number: int) -> tuple[Entry, ...]:
        """The members of a synonym group."""
        return self._answer(Tables.group, number)

    def pos_of(self, pos: int) -> tuple[str, ...]:
        """The six levels of a part of speech, ``*`` where there is none; empty for a number that no entry has."""
        for tables in self._tables:
            levels = tables.pos_of(pos)
            if levels is not None:
                return levels
        return ()

    def _answer(self, lookup: Callable[[Tables, Any], list[Entry]], what: str | int) -> tuple[Entry, ...]:
        found = self._known.get((lookup, what))
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known = {}
            found = self._known[lookup, what] = self._ask(lookup, what)
        return found

    def _ask(self, lookup: Callable[[Tables, Any], list[Entry]], what: str | int) -> tuple[Entry, ...]:
        try:
            return self._answers(lookup, what)
        except DamagedIndex:
            if self._mend is None:
                raise
        self._tables = tuple(self._mend())
        return self._answers(lookup, what)

    def _answers(self, lookup: Callable[[Tables, Any], list[Entry]], what: str | int) -> tuple[Entry, ...]:
        if len(self._tables) == 1:
            return tuple(lookup(self._tables[0], what))
        return tuple(dict.fromkeys(entry for tables in self._tables for entry in lookup(tables, what)))
