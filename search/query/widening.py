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
READ = 0.8
"""The weight of a word that kana or romaji is read as among others."""


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

    def without_joins(self, text: str, groups: list[list[Slot]]) -> list[list[Slot]]:
        """The operands but those that only join romaji (``no``)."""
        if "romaji" in self._off or len(groups) <= 2:
            return groups
        typed = [text[group[0].start : group[-1].end] for group in groups]
        joins = [0 < i < len(typed) - 1 and self._expander.joins(*typed[i - 1 : i + 2]) for i in range(len(typed))]
        return [group for group, join in zip(groups, joins, strict=True) if not join]

    def reread(self, text: str, slots: Sequence[Slot]) -> tuple[Sequence[Slot], list[Unit]]:
        """The slots with kana as the words that it is, and over these, as loose units, what the analysis made of it."""
        if "readings" in self._off:
            return slots, []
        made: list[Slot] = []
        pieces: list[Unit] = []
        at = 0
        whole = self._expander.spelt_out(text[slots[0].start : slots[-1].end], slots, self._off)
        rereads = [whole] if whole else self._expander.rereader.reread(text, slots, alone=self._alone)
        for first, last, words, instead, are_words in rereads:
            made += slots[at:first]
            begin, start = len(made), slots[first].start
            for i, (length, terms, kind, also, why) in enumerate(words):
                end = slots[last - 1].end if i == len(words) - 1 else start + length
                before = slots[first].marks & ~KIND if i == 0 else 0
                made.append(Slot(start, end, terms, (), before | kind | Mark.UNIT_START | Mark.UNIT_END))
                start = end
                if also:
                    pieces.append(Unit(len(made) - 1, len(made) - 1, also, READ, why))
            weight = 1.0 if are_words else PIECES
            if any(word.kind for word in words):  # several runs, which no unit is over
                pieces += [Unit(i, i, ()) for i in range(begin, len(made))]
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
