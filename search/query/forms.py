"""Written forms → what finds them in documents, by the chain that documents were read with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from index.analysis import Analyzer
from index.analysis.keys import key
from index.model import Slot
from search.query.plan import SEQUENCE

_REMEMBERED = 8192


class Forms:
    """Remembers what it has worked out; safe from many threads."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self.term_of = lru_cache(_REMEMBERED)(self._term_of)
        self.spelling = lru_cache(_REMEMBERED)(self._spelling)
        """The term of a form as it is spelt."""
        self.alone = lru_cache(_REMEMBERED)(analyzer.reading)

    def _term_of(self, form: str) -> str | None:
        """The term of a written form: its one slot's or long unit's, else the terms of its slots as a sequence.

        Of the terms that a word has, the last, which all its spellings share. None for signs alone.
        """
        slots = self._analyzer.slots(form)
        if not slots:
            return None
        if len(slots) == 1:
            return slots[0].terms[-1]
        whole = [term for term in slots[-1].unit_ends if term in slots[0].terms]
        spelt = key(form)
        if spelt in whole:
            return whole[-1] if whole[0] == spelt else spelt
        return SEQUENCE.join(_own(slots))

    def _spelling(self, form: str) -> str:
        slots = self._analyzer.slots(form)
        spelt = key(form)
        whole = len(slots) < 2 or spelt in slots[-1].unit_ends
        return spelt if whole else SEQUENCE.join(slot.terms[0] for slot in slots)


def _own(slots: Sequence[Slot]) -> list[str]:
    """Each slot's last term that is not a long unit's."""
    units = {term for slot in slots for term in slot.unit_ends}
    return [next((term for term in reversed(slot.terms) if term not in units), slot.terms[0]) for slot in slots]
