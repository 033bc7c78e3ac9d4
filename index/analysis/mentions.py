"""Mentions: stretches of a text that say a date, a value or what a word is, as terms beside its words.

A mention of one slot is a term there; one of several is stored as long units are, a term at its first slot and, marked,
at its last. Finders look at the folded text; what begins inside a long unit, or ends inside a short one, is no mention
(5年 in 15年).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from index.model import Mark, Slot

DATE: Final = "d:"
"""Begins the term of a date."""
ERA: Final = "e:"
"""Begins the term of an era's year."""
VALUE: Final = "n:"
"""Begins the term of an article or a count."""
GLOSS: Final = "g:"
"""Begins the term of a gloss (see ``glosses``)."""
_PREFIXES = (DATE, ERA, VALUE, GLOSS)
_MARKED = len(DATE)
_TOLD = {DATE: "date", ERA: "year of an era:", VALUE: "value", GLOSS: "gloss:", "k:": "by sound:"}


class Mention(NamedTuple):
    """The stretch ``[start, end)`` of a text and the terms for all of it."""

    start: int
    end: int
    terms: tuple[str, ...]


Finder = Callable[[str], Iterable[Mention]]
"""The mentions in a folded text, in an order that depends on nothing else."""


def with_mentions(slots: list[Slot], mentions: Iterable[Mention]) -> list[Slot]:
    """The slots of a text, their spans in it, with the terms of its mentions."""
    mentions = list(mentions)
    if not mentions:
        return slots
    # Of two slots that start, or end, together one is empty: a sign of several letters leaves such.
    firsts = {slot.start: i for i, slot in enumerate(slots)}
    lasts = {slot.end: i for i, slot in reversed(list(enumerate(slots)))}
    for start, end, terms in mentions:
        first, last = firsts.get(start), lasts.get(end)
        if first is None or last is None or first > last or not slots[first].marks & Mark.UNIT_START:
            continue
        slots[first] = slots[first]._replace(terms=added(slots[first].terms, terms))
        if first < last:
            slots[last] = slots[last]._replace(unit_ends=added(slots[last].unit_ends, terms))
    return slots


def is_mention(term: str) -> bool:
    """Whether a term is no word, but what a mention says."""
    return term.startswith(_PREFIXES)


def is_word(term: str) -> bool:
    """Whether a term is a word as it is written: all others begin with a letter and a colon."""
    return term[1:2] != ":" or not "a" <= term[0] <= "z"


def told(term: str) -> str:
    """A term as people are told of it: a word as it is, any other with what it stands for."""
    if is_word(term):
        return term
    kind, said = term[:_MARKED], term[_MARKED:]
    return f"{_TOLD[kind]} {said.replace('=', ' = ', 1)}" if kind in _TOLD else said


def without_mentions(slot: Slot) -> Slot:
    """A slot with the terms of its words alone."""
    terms, unit_ends = (tuple(term for term in each if not is_mention(term)) for each in (slot.terms, slot.unit_ends))
    return slot._replace(terms=terms, unit_ends=unit_ends)


def added(terms: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    """Terms with more of them behind, each once; what is written stays the first."""
    return tuple(dict.fromkeys((*terms, *more)))
