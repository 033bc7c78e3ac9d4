"""SQLite's FTS5, through the standard library. Its k1 and b are 1.2 and 0.75, and fixed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

from benchmarks.given import Given, Row
from benchmarks.peers import GROUP, Found, Peer

_JOINED = {"term": " ", "or": " OR ", "and": " AND ", "phrase": " + "}


class Fts5(Peer):
    """Terms go in as w and their numbers, which its tokenizer leaves alone; texts stand in a table beside."""

    name = "SQLite FTS5"
    slow = True

    def index(self, given: Given) -> None:
        """One segment of postings without a copy of the terms."""
        database = sqlite3.connect(self.folder / "index.db")
        database.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144;"
            "CREATE TABLE texts (id INTEGER PRIMARY KEY, text TEXT);"
            "CREATE VIRTUAL TABLE words USING fts5 (body, category, content = '', tokenize = 'ascii');"
            "INSERT INTO words (words, rank) VALUES ('rank', 'bm25(1.0, 0.0)');"
        )
        database.executemany("INSERT INTO words (rowid, body, category) VALUES (?, ?, ?)", _lines(given.rows()))
        database.executemany("INSERT INTO texts VALUES (?, ?)", ((i, row.text) for i, row in enumerate(given.rows())))
        database.execute("INSERT INTO words (words) VALUES ('optimize')")
        database.commit()
        database.close()

    def open(self, given: Given) -> None:
        """Mapped, with a cache."""
        self._numbers = {term: f"w{number}" for number, term in enumerate(given.terms)}
        self._database = sqlite3.connect(self.folder / "index.db")
        self._database.executescript("PRAGMA mmap_size = 17179869184; PRAGMA cache_size = -262144;")

    def retrieve(self, kind: str, terms: Sequence[str], k: int = 10, *, filtered: bool = False) -> Found:
        """A query in its language; a filter is a word of the other column, which weighs nothing."""
        words = [self._numbers[term] for term in terms if term in self._numbers]
        if not words or (len(words) < len(terms) and kind != "or"):
            return []
        query = _JOINED[kind].join(words)
        query = f"body : ({query}) AND category : g{GROUP}" if filtered else f"body : ({query})"
        asked = "SELECT rowid, -rank FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?"
        return self._database.execute(asked, (query, k)).fetchall()

    def stored(self, ids: Sequence[int]) -> list[str]:
        """By their keys."""
        asked = "SELECT text FROM texts WHERE id = ?"
        return [self._database.execute(asked, (number,)).fetchone()[0] for number in ids]

    def close(self) -> None:
        """Closes the database."""
        self._database.close()


def _lines(rows: Iterator[Row]) -> Iterator[tuple[int, str, str]]:
    for i, row in enumerate(rows):
        yield i, " ".join([f"w{number}" for number in row.numbers]), f"g{row.group}"
