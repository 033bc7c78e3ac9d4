"""Units by number: what is known of a long unit wherever it stands, as columns that numpy can take from.

A unit gets its number when its word is first met. Number 0 is no unit: it stands for the end of a text. The slots of
all units lie one after another; a unit knows its first and how many it has.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from index.analysis.growing import Growing
from index.analysis.mentions import added
from index.analysis.numerals import Run
from index.analysis.units import GOING_ON, Trait, Unit, Units
from index.writers import Word

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sudachipy import Morpheme

    from index.analysis.growing import Types

_OWN = 0x1000_0000
"""From here on the words of a user's dictionary are numbered, anew from 0; the system's stay below."""
_UNKNOWN = 0xF000_0000
"""From here on a word's number says only its part of speech: the dictionary lacks it."""
_LAST_CHARACTERS = {"て": 1, "で": 2, "く": 4}


class Table(NamedTuple):
    """Columns by unit (``traits`` to ``letters``), then by slot of a unit (``words`` to ``marks``), then all letters.

    ``first`` and ``letters`` tell where a unit's slots and the letters of its surface begin among those of all.

    ``ends_like`` are bits for a unit's last character, ``goes_on`` those after which the unit carries on an inflection.
    """

    traits: NDArray[np.uint16]
    flags: NDArray[np.uint8]
    newlines: NDArray[np.uint32]
    lengths: NDArray[np.uint32]
    ends_like: NDArray[np.uint8]
    goes_on: NDArray[np.uint8]
    counts: NDArray[np.uint32]
    first: NDArray[np.uint32]
    letters: NDArray[np.uint32]
    words: NDArray[np.uint32]
    starts: NDArray[np.uint32]
    ends: NDArray[np.uint32]
    marks: NDArray[np.uint8]
    points: NDArray[np.uint32]

    def letters_of(self, units: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """The code points of the surfaces of units, one after the other."""
        lengths = self.lengths[units].astype(np.intp)
        starts = self.letters[units] - (np.cumsum(lengths) - lengths)
        letters: NDArray[np.uint32] = self.points[np.arange(int(lengths.sum())) + np.repeat(starts, lengths)]
        return letters


_OF_UNIT: Types = np.uint16, np.uint8, np.uint32, np.uint32, np.uint8, np.uint8, np.uint32, np.uint32, np.uint32
_OF_SLOT: Types = np.uint32, np.uint32, np.uint32, np.uint8
_LETTERS: Types = (np.uint32,)


class Vocabulary:
    """Numbers units and words; safe from many threads."""

    def __init__(self, units: Units) -> None:
        self._units = units
        self._lock = threading.Lock()
        self._known: dict[tuple[str, int], int] = {}
        self._unknown: dict[tuple[str, int, str], int] = {}
        self._word_numbers: dict[Word, int] = {}
        self._of_unit, self._of_slot, self._letters = Growing(_OF_UNIT), Growing(_OF_SLOT), Growing(_LETTERS)
        self._mentioning: dict[tuple[int, tuple[str, ...], tuple[str, ...]], int] = {}
        self._by_word = np.zeros(1 << 16, np.uint32)
        self._by_own_word = np.zeros(0, np.uint32)
        self._met: dict[int, int] = {}
        """Words and their units that are not yet in that."""
        self.words: list[Word] = []
        self.surfaces: list[str] = []
        self.traits: list[int] = []
        """Both by unit."""
        self.norms: list[str] = []
        """Normalized forms by unit; empty where no rule names them."""
        self.joined: dict[Run, Sequence[int] | None] = {}
        """Runs of numerals (see ``numerals``), and what Sudachi makes of them."""
        # The end of a text counts as a word, so that nothing carries over to the next text.
        self._add("", Unit((), "", Trait.WORD))

    def __len__(self) -> int:
        return len(self.norms) + len(self.joined) + len(self._mentioning)

    def number(self, morpheme: Morpheme) -> int:
        """The number of a morpheme's unit."""
        surface, word = morpheme.surface(), morpheme.word_id()
        if word >= _UNKNOWN:
            unknown = surface, word, morpheme.normalized_form()
            number = self._unknown.get(unknown)
            if number is None:
                number = self._unknown[unknown] = self._new(surface, morpheme)
            return number
        number = self._known.get((surface, word))
        if number is None:
            number = self._known[surface, word] = self._new(surface, morpheme)
            if surface:
                with self._lock:
                    self._met.setdefault(word, number)
        return number

    def by_word(self, words: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """The units that words of the dictionary were first met as, by their numbers; 0 for those not met in letters.

        One word may be written in several ways, which its number does not tell: see ``Table.letters_of``.
        """
        with self._lock:
            self._enter_met()
        units = np.zeros(len(words), np.uint32)
        within = words < len(self._by_word)
        units[within] = self._by_word[words[within]]
        if len(self._by_own_word):
            own = words - np.uint32(_OWN)  # what is below wraps around, and is far beyond all own words
            within = own < len(self._by_own_word)
            units[within] = self._by_own_word[own[within]]
        return units

    def _enter_met(self) -> None:
        """Makes ``by_word`` know the words that were met since."""
        met, self._met = self._met, {}
        if not met:
            return
        words, units = (np.fromiter(each, np.uint32, len(met)) for each in (met.keys(), met.values()))
        own = words >= _OWN
        self._by_word = _entered(self._by_word, words[~own], units[~own])
        self._by_own_word = _entered(self._by_own_word, words[own] - np.uint32(_OWN), units[own])

    def word(self, word: Word) -> int:
        """The place of a word among ``words``."""
        with self._lock:
            return self._word(word)

    def mentioning(self, number: int, terms: tuple[str, ...], unit_ends: tuple[str, ...]) -> int:
        """The place of a word with the terms of a mention that begins there, or ends."""
        known = self._mentioning.get((number, terms, unit_ends))
        if known is None:
            word = self.words[number]
            more = Word(added(word.terms, terms), added(word.unit_ends, unit_ends))
            known = self._mentioning[number, terms, unit_ends] = self.word(more)
        return known

    def table(self) -> Table:
        """The columns as they are now: all units that the caller has got the numbers of are in it."""
        with self._lock:
            return Table(*self._of_unit.columns(), *self._of_slot.columns(), *self._letters.columns())

    def _new(self, surface: str, morpheme: Morpheme) -> int:
        unit = self._units.work_out(morpheme)
        with self._lock:
            return self._add(surface, unit)

    def _add(self, surface: str, unit: Unit) -> int:
        last = _LAST_CHARACTERS.get(surface[-1:], 0)
        goes_on = _goes_on(unit) if unit.traits & Trait.GOES_ON else 0
        starts = len(self._of_slot), len(self._letters)
        row = (unit.traits, unit.flag, unit.newlines, len(surface), last, goes_on, len(unit.parts), *starts)
        self._of_unit.extend(row)
        self._letters.extend([*map(ord, surface)])
        for start, end, terms, unit_ends, marks in unit.parts:
            self._of_slot.extend((self._word(Word(terms, unit_ends)), start, end, marks))
        self.surfaces.append(surface)
        self.traits.append(unit.traits)
        self.norms.append(unit.norm if unit.norm in self._units.named else "")
        return len(self.norms) - 1

    def _word(self, word: Word) -> int:
        number = self._word_numbers.setdefault(word, len(self.words))
        if number == len(self.words):
            self.words.append(word)
        return number


def _entered(by_word: NDArray[np.uint32], words: NDArray[np.uint32], units: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The units by word, with those of more words, which keep what they have; larger if need be."""
    highest = int(words.max(initial=0))
    if len(words) and highest >= len(by_word):
        by_word = np.concatenate([by_word, np.zeros(2 * highest + 1 - len(by_word), np.uint32)])
    new = by_word[words] == 0
    by_word[words[new]] = units[new]
    return by_word


def _goes_on(unit: Unit) -> int:
    return sum(bit for last, bit in _LAST_CHARACTERS.items() if (unit.norm, last) in GOING_ON)
