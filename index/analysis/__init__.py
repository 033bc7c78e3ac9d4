"""The one chain from text to slots, for documents and queries alike.

fold            what no dictionary word contains, with a map back
repair          what the first analysis could not read is folded and analysed once more
Sudachi         long units (C)
units           A units with the keys of their surfaces and normalized forms, long units over them, marks
spans           back through the map into the text as it was given
"""

from __future__ import annotations

from index.analysis.fold import fold
from index.analysis.repair import repair
from index.analysis.tokenizer import Sudachi
from index.analysis.units import Units
from index.analysis.words import Words
from index.model import Slot

__all__ = ["CHAIN", "Analyzer"]

CHAIN = 1
"""The chain's version: raised whenever the same text gives other slots, so that an old index is known as old."""


class Analyzer:
    """The chain with its dictionary; one serves any number of threads. The dictionary is opened at the first text."""

    def __init__(self) -> None:
        self._sudachi = Sudachi()
        self._words = Words()
        self._units = Units(self._sudachi, self._words)

    def slots(self, text: str) -> list[Slot]:
        """The slots of ``text`` in order, their spans in ``text`` itself; none for blanks and signs alone."""
        folded = fold(text)
        readable = repair(folded.text, self._sudachi.morphemes)
        slots = self._units.slots(readable, self._sudachi.morphemes(readable))
        if folded.starts is None:
            return slots
        return [
            slot._replace(start=start, end=end) for slot in slots for start, end in [folded.span(slot.start, slot.end)]
        ]

    def stands_alone(self, slot: Slot) -> bool:
        """Whether a function word is a word to search for where a query has nothing else (彼)."""
        return not self._words.alone.isdisjoint(slot.terms)
