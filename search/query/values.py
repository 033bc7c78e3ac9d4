"""What a query's dates and numbers ask for: of the terms of its mentions those that a passage must have.

A passage with a date has terms for its year, its month and its day; a query asks for its finest one, so that
2025年 is in 2025年1月20日 and not the reverse. A query that names an era and no month asks for the era's year:
平成31年 is not all of 2019.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from index.analysis.amounts import is_numeral
from index.analysis.mentions import DATE, ERA, GLOSS, VALUE
from index.model import Slot, long_units

_YEAR = len(f"{DATE}2025")


def unasked(written: str, terms: Sequence[str]) -> frozenset[str]:
    """Of the terms of a slot those that a query does not ask for; ``written`` is the slot as it was typed."""
    return _of_dates(written, terms) | {term for term in terms if term.startswith(GLOSS)}


def _of_dates(written: str, terms: Iterable[str]) -> frozenset[str]:
    mentioned = frozenset(term for term in terms if term.startswith((DATE, ERA)))
    if not mentioned:
        return mentioned
    finest = max((term for term in mentioned if term.startswith(DATE)), key=len)
    if len(finest) > _YEAR or is_numeral(written[:1]):
        return mentioned - {finest}
    return mentioned - {term for term in mentioned if term.startswith(ERA)}


def valued(slots: Sequence[Slot]) -> list[tuple[int, int]]:
    """The first and the last slot of each value of several words, which are content as a whole (第十条の三)."""
    return [(first, last) for first, last, term in long_units(slots) if term.startswith(VALUE)]
