"""A text → its long units by number; of each Python does no more than look that up.

The analysis runs without joining numerals (see ``index.analysis.numerals``), which are joined here by what became of
the same run before; and what it could not read is repaired.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from index.analysis.numerals import AROUND, Run, join
from index.analysis.repair import has_foldable_character, repair
from index.analysis.tokenizer import PIECE, Sudachi
from index.analysis.units import NAMED_BY_SIGNS
from index.analysis.vocabulary import Vocabulary

if TYPE_CHECKING:
    from sudachipy import Morpheme

_NAMING_SIGN = re.compile("[+#＋＃.．]")


class Reader:
    """Reads texts that are folded already."""

    def __init__(self, vocabulary: Vocabulary, sudachi: Sudachi) -> None:
        self._vocabulary = vocabulary
        self._sudachi = sudachi

    def units(self, text: str) -> list[int] | None:
        """The units of a text.

        None for one that takes the plain way: with a name in signs, or too long, or if the units are not all of it.
        """
        if len(text) > PIECE or (_NAMING_SIGN.search(text) and NAMED_BY_SIGNS.search(text)):
            return None
        units = self._units(text)
        if units is None or self._vocabulary.unread.isdisjoint(units) or not has_foldable_character(text):
            return units
        analysed: dict[str, list[int] | None] = {text: units}

        def unread(text: str) -> Iterable[tuple[int, int]]:
            if text not in analysed:
                analysed[text] = self._units(text)
            return self._unread(analysed[text] or ())

        readable = repair(text, unread)
        return analysed[readable] if readable in analysed else self._units(readable)

    def _units(self, text: str) -> list[int] | None:
        """The units of a text that is not to be repaired."""
        units = self._separate(text)
        if units is None or self._vocabulary.numerals.isdisjoint(units):
            return units

        def joined(start: int, end: int) -> Sequence[int]:
            run = Run(tuple(units[start:end]), end == len(units))
            known = self._vocabulary.joined.get(run)
            if known is None:
                known = self._vocabulary.joined[run] = self._joined(units, start, end)
            return known

        return join(units, self._vocabulary.numerals, joined)

    def _separate(self, text: str) -> list[int] | None:
        """The units before numerals are joined."""
        from sudachipy import Morpheme

        vocabulary = self._vocabulary
        morphemes: list[Morpheme] = list(self._sudachi.separate(text))
        known = list(map(vocabulary.by_word.get, map(Morpheme.word_id, morphemes)))
        units = [vocabulary.number(morphemes[i]) if number is None else number for i, number in enumerate(known)]
        if self._text(units) == text:
            return units
        # One word may be written in several ways, which its number alone does not tell.
        units = list(map(vocabulary.number, morphemes))
        return units if self._text(units) == text else None

    def _joined(self, units: list[int], start: int, end: int) -> Sequence[int]:
        """What Sudachi makes of the run of numerals that the units ``start`` to ``end`` (exclusive) of a text are."""
        for width in AROUND:
            part = slice(max(0, start - width), end + width)
            if self._separate(self._text(units[part])) == units[part]:
                break
        else:
            part = slice(0, len(units))
        text = self._text(units[part])
        begin = len(self._text(units[part.start : start]))
        stop = begin + len(self._text(units[start:end]))
        together = [self._vocabulary.number(morpheme) for _, morpheme in self._sudachi.morphemes(text)]
        spans = zip(together, self._spans(together), strict=True)
        return [unit for unit, (first, last) in spans if begin <= first and last <= stop]

    def _unread(self, units: Sequence[int]) -> Iterable[tuple[int, int]]:
        """The spans that the analysis made no word of."""
        unread = self._vocabulary.unread
        return (span for unit, span in zip(units, self._spans(units), strict=True) if unit in unread)

    def _spans(self, units: Sequence[int]) -> Iterable[tuple[int, int]]:
        """The units' spans in their text."""
        ends = list(accumulate(len(self._vocabulary.surfaces[unit]) for unit in units))
        return zip([0, *ends], ends, strict=False)

    def _text(self, units: Sequence[int]) -> str:
        return "".join(map(self._vocabulary.surfaces.__getitem__, units))
