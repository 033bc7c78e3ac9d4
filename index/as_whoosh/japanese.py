"""An analyzer of Whoosh's around the chain, so that its parser, writer and highlighter work with Japanese text.

A document's slot gives a token for each of its terms, all at the slot's position, and long units' terms at the slot
where they begin. A query's slot gives one token, the word's normalized form, which all its spellings have.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from index.analysis import Analyzer
from index.analysis.keys import key
from index.analysis.mentions import is_mention
from index.model import Mark, Slot
from index.whoosh_api import analysis


@lru_cache(maxsize=1)
def _chain() -> Analyzer:
    return Analyzer()


class JapaneseAnalyzer(analysis.Analyzer):
    """The chain as Whoosh calls an analyzer; ``mode="query"`` gives one term a slot.

    ``chain`` is that of an index with words of its own.
    """

    def __init__(self, chain: Analyzer | None = None) -> None:
        self._own_chain = chain

    def __call__(
        self,
        value: str,
        positions: bool = False,
        chars: bool = False,
        keeporiginal: bool = False,
        removestops: bool = True,
        start_pos: int = 0,
        start_char: int = 0,
        tokenize: bool = True,
        mode: str = "",
        **options: Any,
    ) -> Iterator[Any]:
        """Yields one token, over and over, as Whoosh's analyzers do; without ``tokenize`` all of the value once.

        So the query parser asks for the patterns of wildcards and regular expressions, which are folded as terms are.
        """
        token = analysis.Token(positions, chars, removestops=removestops, mode=mode, **options)
        if not tokenize:
            token.text, token.boost, token.stopped = key(value), 1.0, False
            token.original, token.pos = value, start_pos
            token.startchar, token.endchar = start_char, start_char + len(value)
            yield token
            return
        slots = (self._own_chain or _chain()).slots(value)
        of_units = {term for slot in slots for term in slot.unit_ends}
        for number, slot in enumerate(slots):
            for term in _asked(slot, of_units) if mode == "query" else slot.terms:
                token.text = term
                token.boost = 1.0
                token.stopped = False
                if keeporiginal:
                    token.original = value[slot.start : slot.end]
                if positions:
                    token.pos = start_pos + number
                if chars:
                    token.startchar, token.endchar = start_char + slot.start, start_char + _end(slots, number, term)
                yield token

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    __hash__ = None  # type: ignore[assignment]  # as Whoosh's analyzers


def _asked(slot: Slot, of_units: set[str]) -> list[str]:
    """The last of the slot's own terms: the normalized form, if it differs from the surface; no date, no count."""
    own = [term for term in slot.terms if term not in of_units and not is_mention(term)]
    return (own or list(slot.terms))[-1:]


def _end(slots: list[Slot], number: int, term: str) -> int:
    """Where a term of a slot ends: a long unit's at its last slot."""
    slot = slots[number]
    if not slot.marks & Mark.UNIT_START or slot.marks & Mark.UNIT_END:
        return slot.end
    for last in slots[number:]:
        if last.marks & Mark.UNIT_END:
            return last.end if term in last.unit_ends else slot.end
    return slot.end
