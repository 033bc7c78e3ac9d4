"""An operand's words with all that else stands for them: kana reread as words, runs with what expands them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from index.model import KIND, Mark, Slot
from search.query.plan import Run, Unit

if TYPE_CHECKING:
    from search.query.expansion import Expander

EXPANDED = 100
"""Words of a query that are expanded."""
PIECES = 0.4
"""The weight of what the analysis made of a word that kana is as a whole."""


class Widening:
    """Widens the operands of one query, ``off`` classes left out; where a bound is hit, it adds to ``warnings``.

    ``alone`` tells that the query has function words alone, which may then be other words.
    """

    def __init__(self, expander: Expander, off: frozenset[str], warnings: list[str], *, alone: bool) -> None:
        self._expander = expander
        self._off = off
        self._warnings = warnings
        self._alone = alone
        self._words = 0

    def reread(self, text: str, slots: Sequence[Slot]) -> tuple[Sequence[Slot], list[Unit]]:
        """The slots with kana as the words that it is, and over these, as loose units, what the analysis made of it."""
        if "readings" in self._off:
            return slots, []
        made: list[Slot] = []
        pieces: list[Unit] = []
        at = 0
        for first, last, words, instead, are_words in self._expander.rereader.reread(text, slots, alone=self._alone):
            made += slots[at:first]
            begin, start = len(made), slots[first].start
            for i, (length, terms) in enumerate(words):
                end = slots[last - 1].end if i == len(words) - 1 else start + length
                before = slots[first].marks & ~KIND if i == 0 else 0
                made.append(Slot(start, end, terms, (), before | Mark.UNIT_START | Mark.UNIT_END))
                start = end
            weight = 1.0 if are_words else PIECES
            pieces.append(Unit(begin, len(made) - 1, instead, weight, "" if are_words else "partial", not are_words))
            at = last
        return [*made, *slots[at:]], pieces

    def expanded(self, run: Run, first: int, pieces: Sequence[Unit], typed: str) -> Run:
        """A run that begins with slot ``first``, with all that else stands for its words."""
        if self._words > EXPANDED:
            return run
        self._words += len(run.concepts)
        if self._words > EXPANDED:
            self._warnings.append(f"the query has many words: those behind the first {EXPANDED} are taken as they are")
            return run
        last = first + len(run.concepts) - 1
        here = [unit for unit in pieces if first <= unit.first and unit.last <= last]
        added = self._expander.units(run, self._off, typed=typed, again=bool(here))
        for word in added.cut:
            self._warnings.append(f"{word} has more readings than can be searched: only the likeliest are")
        own = [replace(unit, first=unit.first - first, last=unit.last - first) for unit in here if unit.terms]
        return Run(run.concepts, (*run.units, *added.units, *own))
