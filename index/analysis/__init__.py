"""The one chain from text to slots, for documents and queries alike.

fold            what no dictionary word contains, with a map back
joins           line breaks inside words, rows of single characters
repair          what the first analysis could not read is folded and analysed once more
Sudachi         long units (C)
units           A units with the keys of their surfaces and normalized forms, long units over them, marks
mentions        dates, values and glosses as terms over the slots that say them, found as they stand before the repair
spans           back through the map into the text as it was given
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from index.analysis.amounts import DIGITS, FORMAL, KANJI
from index.analysis.fold import Folded
from index.analysis.joins import prepared
from index.analysis.mentions import Finder, Mention, with_mentions
from index.analysis.repair import repair, unread
from index.analysis.tokenizer import Sudachi
from index.analysis.units import Units
from index.analysis.words import Kind, Words
from index.model import Slot

if TYPE_CHECKING:
    from index.analysis.vocabulary import Vocabulary
    from index.writers import Columns, Word

__all__ = ["CHAIN", "Analyzer"]

CHAIN = 5
"""The chain's version: raised whenever a document gives other passages or slots, so that an old index is known."""

_REMEMBERED = 260_000
"""Units kept before all are forgotten, between two calls: 550 bytes each, so that they stay below 150 MB."""

_NUMERAL = re.compile(f"[{DIGITS}{KANJI}{FORMAL}元]")
"""Without one of these there is no date and no value."""
_GLOSS = re.compile("[（(《]")
"""Without one of these there is no gloss."""


@cache
def _finders() -> tuple[Finder, ...]:
    # Most queries have neither, and start sooner without these.
    from index.analysis.dates import find_dates
    from index.analysis.values import find_values

    return find_dates, find_values


@cache
def _gloss_finder() -> Finder:
    from index.analysis.glosses import find_glosses

    return find_glosses


def mentions(folded: str) -> list[Mention]:
    """The mentions in a folded text."""
    finders = list(_finders()) if _NUMERAL.search(folded) else []
    if _GLOSS.search(folded):
        finders.append(_gloss_finder())
    return [mention for find in finders for mention in find(folded)]


class Analyzer:
    """The chain with its dictionary; one serves any number of threads. The dictionary is opened at the first text.

    ``own`` is a compiled dictionary of a user's own words, which are read beside those of the system dictionary.
    """

    def __init__(self, own: Path | None = None) -> None:
        self.own = own
        self._sudachi = Sudachi(own)
        self._words = Words()
        self._units = Units(self._sudachi, self._words)
        self._vocabulary: Vocabulary | None = None

    def open(self) -> None:
        """Opens the dictionary now: at the first text a rebuild may have removed ``own``."""
        self._sudachi.open()

    def folded(self, text: str, *, typed: bool = False) -> Folded:
        """``text`` as Sudachi reads it, with the way back; see ``slots``."""
        folded = prepared(text, self._sudachi, typed=typed)
        return folded._replace(text=self._repaired(folded.text))

    def slots(self, text: str, *, typed: bool = False) -> list[Slot]:
        """The slots of ``text`` in order, their spans in ``text`` itself; none for blanks and signs alone.

        ``typed`` tells that it is a query, where a blank between two characters parts two words.
        """
        folded = prepared(text, self._sudachi, typed=typed)
        repaired = self._repaired(folded.text)
        slots = self._units.slots(repaired, self._sudachi.morphemes(repaired))
        slots = with_mentions(slots, mentions(folded.text))
        if folded.starts is None:
            return slots
        return [
            slot._replace(start=start, end=end) for slot in slots for start, end in [folded.span(slot.start, slot.end)]
        ]

    def _repaired(self, text: str) -> str:
        return repair(text, lambda text: unread(self._sudachi.morphemes(text)))

    def columns(self, texts: Sequence[str]) -> tuple[Columns, list[Word]]:
        """The slots of many texts, the same as one by one but far faster, and the words that they name."""
        # Only building needs numpy, which takes as long to import as a search has to answer.
        from index.analysis.columns import columns
        from index.analysis.vocabulary import Vocabulary

        vocabulary = self._vocabulary
        if vocabulary is None or len(vocabulary) >= _REMEMBERED:
            vocabulary = self._vocabulary = Vocabulary(self._units)
        found = columns(texts, vocabulary, self._sudachi, self._words, self.slots, mentions)
        return found, vocabulary.words

    def reading(self, text: str) -> str:
        """How a text is read where it stands alone, in katakana."""
        return self._sudachi.reading(text)

    def is_content(self, pos: Sequence[str], norm: str) -> bool:
        """Whether a word with these levels of a part of speech decides a match; ``*`` and what follows it is none."""
        levels = tuple(level for level in pos[:4] if level != "*")
        return self._words.kind(levels, norm) is Kind.CONTENT

    def stands_alone(self, slot: Slot) -> bool:
        """Whether a function word is a word to search for where a query has nothing else (彼)."""
        return not self._words.alone.isdisjoint(slot.terms)
