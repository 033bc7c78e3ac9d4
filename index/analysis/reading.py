"""Texts → their long units by number, many texts at once.

Python does no more for each word than to ask for its number in the dictionary; its unit, and whether that is spelt as
the text is, are looked up for all words together. The analysis runs without joining numerals (see
``index.analysis.numerals``), which are joined here by what became of the same run before. Texts that are not all of
their units, or that have something to repair, are read one by one.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from index.analysis.numerals import AROUND, Run
from index.analysis.repair import repair, repairable
from index.analysis.tokenizer import PIECE, Sudachi
from index.analysis.units import NAMED_BY_SIGNS, Trait
from index.analysis.vocabulary import Table, Vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sudachipy import Morpheme

    Numbers = NDArray[np.uint32]

_NAMING_SIGN = re.compile("[+#＋＃.．]")
_TOGETHER = 32
"""Texts whose morphemes are held at a time: with more of them, Sudachi works in memory that is new to the processor."""
_END = 0xFFFF_FFFF
"""Stands for the end of a text among the numbers of words."""


class _Words(NamedTuple):
    """The words of texts, each text ended by ``_END``; none of those in ``plain``, which take the plain way."""

    morphemes: Sequence[Morpheme | None]
    numbers: Numbers
    plain: Sequence[int]


class _Read(NamedTuple):
    """The units of texts, each text ended by a 0, and the morphemes that they are."""

    units: Numbers
    morphemes: Sequence[Morpheme | None]
    table: Table

    def bounds(self) -> NDArray[np.intp]:
        """Where each text begins among the units; at last how many there are."""
        return np.concatenate([[0], np.flatnonzero(self.units == 0) + 1])


class Reader:
    """Reads texts that are folded already."""

    def __init__(self, vocabulary: Vocabulary, sudachi: Sudachi) -> None:
        self._vocabulary = vocabulary
        self._sudachi = sudachi

    def many(self, texts: Sequence[str]) -> tuple[Numbers, list[int]]:
        """The units of texts one after the other, a 0 at the end of each; and the places of those it cannot read.

        Those take the plain way, and have no units: with a name in signs, or too long, or not all of their units.
        """
        few = [texts[start : start + _TOGETHER] for start in range(0, len(texts), _TOGETHER)]
        parts: list[Numbers] = []
        unreadable: list[int] = []
        for number, some in enumerate(few):
            units, odd = self._units(some, self._words(some))
            parts.append(units)
            unreadable += (number * _TOGETHER + i for i in odd)
        return np.concatenate([np.empty(0, np.uint32), *parts]), unreadable

    def _words(self, texts: Sequence[str]) -> _Words:
        from sudachipy import Morpheme

        morphemes: list[Morpheme | None] = []
        words = array("I")
        plain: list[int] = []
        for i, text in enumerate(texts):
            if len(text) > PIECE or _has_named_by_signs(text):
                plain.append(i)
            else:
                found: list[Morpheme] = list(self._sudachi.separate(text))
                morphemes += found
                words.extend(map(Morpheme.word_id, found))
            morphemes.append(None)
            words.append(_END)
        return _Words(morphemes, np.frombuffer(words.tobytes(), np.uint32), plain)

    def _units(self, texts: Sequence[str], words: _Words) -> tuple[Numbers, list[int]]:
        """What ``many`` gives for a few texts, from their words."""
        read = self._read(words)
        alone: dict[int, list[int] | None] = dict.fromkeys(words.plain)
        bounds = read.bounds()
        for i in self._odd(texts, read, words.plain):
            alone[i] = self._one(texts[i], read.units[bounds[i] : bounds[i + 1] - 1].tolist())
        parts: list[Numbers] = []
        done = 0
        for i in sorted(alone):
            parts += [read.units[done : bounds[i]], np.array(alone[i] or (), np.uint32)]
            done = int(bounds[i + 1]) - 1
        units = self._joined(np.concatenate([*parts, read.units[done:]]))
        return units, sorted(i for i, found in alone.items() if found is None)

    def _read(self, words: _Words) -> _Read:
        """The units of words, each taken to be spelt as it was when it was first met."""
        units = self._vocabulary.by_word(words.numbers)
        for place in np.flatnonzero(units == 0).tolist():
            morpheme = words.morphemes[place]
            if morpheme is not None:
                units[place] = self._vocabulary.number(morpheme)
        return _Read(units, words.morphemes, self._vocabulary.table())

    def _odd(self, texts: Sequence[str], read: _Read, known: Iterable[int]) -> list[int]:
        """The texts to read one by one; words that are spelt otherwise, in the same length, are put right."""
        units, morphemes, table = read
        lengths = table.lengths[units]
        bounds = read.bounds()
        of = np.repeat(np.arange(len(texts)), np.diff(bounds))
        odd = np.bincount(of, lengths, len(texts)) != np.fromiter(map(len, texts), np.intp, len(texts))
        odd[list(known)] = True
        places = np.flatnonzero(~odd[of])
        actual = "".join(text for text, is_odd in zip(texts, odd.tolist(), strict=True) if not is_odd)
        differs = table.letters_of(units[places]) != np.frombuffer(actual.encode("utf-32-le"), np.uint32)
        wrong = np.unique(np.repeat(places, lengths[places])[differs])
        for place in wrong.tolist():
            morpheme = morphemes[place]
            assert morpheme is not None, "the end of a text has no letters"
            units[place] = self._vocabulary.number(morpheme)
        for i in np.unique(of[wrong]).tolist():
            odd[i] = self._text(units[bounds[i] : bounds[i + 1]].tolist()) != texts[i]
        doubtful = (self._vocabulary.table().traits[units] & Trait.DOUBTFUL) > 0
        for i in np.unique(of[doubtful & ~odd[of]]).tolist():
            foldable = repairable(texts[i])
            unread = self._unread(units[bounds[i] : bounds[i + 1]].tolist())
            odd[i] = any(not foldable.isdisjoint(range(*span)) for span in unread)
        return sorted(set(np.flatnonzero(odd).tolist()).difference(known))

    def _one(self, text: str, read: list[int]) -> list[int] | None:
        """The units of one text, repaired if need be; None where they are not all of it. ``read`` may be they."""
        analysed: dict[str, list[int] | None] = {text: read} if self._text(read) == text else {}

        def unread(text: str) -> Iterable[tuple[int, int]]:
            if text not in analysed:
                analysed[text] = self._separate(text)
            return self._unread(analysed[text] or ())

        readable = repair(text, unread)
        return analysed[readable] if readable in analysed else self._separate(readable)

    def _separate(self, text: str) -> list[int] | None:
        """The units of a text before numerals are joined; None where they are not all of it."""
        units = list(map(self._vocabulary.number, self._sudachi.separate(text)))
        return units if self._text(units) == text else None

    def _joined(self, units: Numbers) -> Numbers:
        """The units with their runs of numerals joined."""
        joins = (self._vocabulary.table().traits[units] & Trait.JOINS) > 0
        edges = np.diff(joins, prepend=False, append=False)
        result: Numbers = units.copy()
        keep = np.ones(len(units), bool)
        # The last unit is the end of a text, which ends every run too.
        for start, end in np.flatnonzero(edges).reshape(-1, 2).tolist():
            run = Run(tuple(units[start:end].tolist()), bool(units[end] == 0))
            known = self._vocabulary.joined.get(run)
            if known is None:
                known = self._vocabulary.joined[run] = self._together(*_text_around(units, start, end))
            result[start : start + len(known)] = known
            keep[start + len(known) : end] = False
        left: Numbers = result[keep]
        return left

    def _together(self, units: list[int], start: int, end: int) -> Sequence[int]:
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
        """The spans of what the analysis made no word of."""
        spans = zip(units, self._spans(units), strict=True)
        return (span for unit, span in spans if self._vocabulary.traits[unit] & Trait.UNREAD)

    def _spans(self, units: Sequence[int]) -> Iterable[tuple[int, int]]:
        """The units' spans in their text."""
        ends = list(accumulate(len(self._vocabulary.surfaces[unit]) for unit in units))
        return zip([0, *ends], ends, strict=False)

    def _text(self, units: Sequence[int]) -> str:
        return "".join(map(self._vocabulary.surfaces.__getitem__, units))


def _has_named_by_signs(text: str) -> bool:
    return _NAMING_SIGN.search(text) is not None and NAMED_BY_SIGNS.search(text) is not None


def _text_around(units: Numbers, start: int, end: int) -> tuple[list[int], int, int]:
    """The units of the text that a run is in, and the places of the run among them."""
    before, behind = np.flatnonzero(units[:start] == 0), np.flatnonzero(units[end:] == 0)
    first = int(before[-1]) + 1 if len(before) else 0
    return units[first : end + int(behind[0])].tolist(), start - first, end - first
