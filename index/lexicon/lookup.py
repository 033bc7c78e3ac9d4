"""A lexicon: what the dictionary, and a user's own beside it, say about a word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from index.analysis.keys import key
from index.errors import DamagedIndex
from index.lexicon.tables import Entry, Tables

if TYPE_CHECKING:
    from index.own.synonyms import Synonym, Synonyms

_REMEMBERED = 1 << 12
"""Answers that are kept, before all are forgotten: a question asks some of them again and again."""


class Lexicon:
    """Tables of entries, asked together; from any number of threads.

    A lookup gives the entries of each table, those of the first before those of the others. ``mend`` gives new tables
    in place of damaged ones; without it the damage is ``DamagedIndex``. ``warnings`` are for whoever asks. ``own`` are
    tables of a user's own entries, and ``synonyms`` a user's groups.
    """

    def __init__(
        self,
        tables: Sequence[Tables],
        mend: Callable[[], Sequence[Tables]] | None = None,
        warnings: tuple[str, ...] = (),
        *,
        own: Tables | None = None,
        synonyms: Synonyms | None = None,
    ) -> None:
        self._answers = _Answers(tables, mend, own)
        self._synonyms = synonyms
        self.warnings = warnings
        self._remembered = lru_cache(_REMEMBERED)(self._answers.ask)

    def with_own(self, own: Tables | None, synonyms: Synonyms | None) -> Lexicon:
        """The same lexicon with a user's entries and synonyms beside it."""
        answers = self._answers
        return Lexicon(answers.tables, answers.mend, self.warnings, own=own, synonyms=synonyms)

    def own_synonyms(self, form: str) -> list[Synonym]:
        """What the user's groups say of a written form, be it in a dictionary or not."""
        return self._synonyms.of(form) if self._synonyms else []

    def written(self, surface: str) -> tuple[Entry, ...]:
        """The entries with this written form, whatever its width and case."""
        return self._remembered(Tables.written, key(surface))

    def read(self, reading: str) -> tuple[Entry, ...]:
        """The entries with this reading, in katakana as the dictionary has it."""
        return self._remembered(Tables.read, reading)

    def normed(self, norm: str) -> tuple[Entry, ...]:
        """The entries with this normalized form, whatever its width and case: all its written forms."""
        return self._remembered(Tables.normed, key(norm))

    def group(self, number: int) -> tuple[Entry, ...]:
        """The members of a synonym group."""
        return self._remembered(Tables.group, number)

    def pos_of(self, pos: int) -> tuple[str, ...]:
        """The six levels of a part of speech, ``*`` where there is none; empty for a number that no entry has."""
        for tables in (*self._answers.tables, *self._answers.own):
            levels = tables.pos_of(pos)
            if levels is not None:
                return levels
        return ()


class _Answers:
    """Asks the tables. Apart from what remembers it, so that the files are closed with the last that refers to them."""

    def __init__(
        self, tables: Sequence[Tables], mend: Callable[[], Sequence[Tables]] | None, own: Tables | None
    ) -> None:
        self.tables = tuple(tables)
        self.mend = mend
        self.own: tuple[Tables, ...] = (own,) if own else ()

    def ask(self, lookup: Callable[[Tables, Any], list[Entry]], what: str | int) -> tuple[Entry, ...]:
        """What a lookup gives in all tables, each entry once."""
        try:
            found = [entry for tables in self.tables for entry in lookup(tables, what)]
        except DamagedIndex:
            if self.mend is None:
                raise
            self.tables = tuple(self.mend())
            found = [entry for tables in self.tables for entry in lookup(tables, what)]
        found += [entry for tables in self.own for entry in lookup(tables, what)]
        return tuple(found if len(self.tables) + len(self.own) == 1 else dict.fromkeys(found))
