"""Units by number: what is known of a long unit wherever it stands, as columns that numpy can take from.

A unit gets its number when its word is first met. Number 0 is no unit: it stands for the end of a text. The slots of
all units lie one after another; a unit knows its first and how many it has.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from index.analysis.repair import has_foldable_character, is_unread
from index.analysis.units import GOING_ON, Trait, Unit, Units
from index.writers import Word

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sudachipy import Morpheme

_UNKNOWN = 0xF000_0000
"""From here on a word's number says only its part of speech: the dictionary lacks it."""
_LAST_CHARACTERS = {"て": 1, "で": 2, "く": 4}


class Table(NamedTuple):
    """Columns by unit (``traits`` to ``first``), then by slot of a unit (``words`` to ``marks``).

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
    words: NDArray[np.uint32]
    starts: NDArray[np.uint32]
    ends: NDArray[np.uint32]
    marks: NDArray[np.uint8]


_Types = tuple[type["np.unsignedinteger[Any]"], ...]
_OF_UNIT: _Types = np.uint16, np.uint8, np.uint32, np.uint32, np.uint8, np.uint8, np.uint32, np.uint32
_OF_SLOT: _Types = np.uint32, np.uint32, np.uint32, np.uint8


class Vocabulary:
    """Numbers units and words; safe from many threads."""

    def __init__(self, units: Units) -> None:
        self._units = units
        self._lock = threading.Lock()
        self._unknown: dict[tuple[str, int, str], int] = {}
        self._word_numbers: dict[Word, int] = {}
        # Row after row, since one call adds a row: most words of a text that is read once come once.
        self._of_unit: array[int] = array("I")
        self._of_slot: array[int] = array("I")
        self.words: list[Word] = []
        self.numbers: dict[tuple[str, int], int] = {}
        """Surface and word number → unit, for words of the dictionary."""
        self.norms: list[str] = []
        """Normalized forms by unit; empty where no rule names them."""
        self.unread: set[int] = set()
        """Units that the analysis could not read, with a character that ``repair`` may fold."""
        # The end of a text counts as a word, so that nothing carries over to the next text.
        self._add("", Unit((), "", Trait.WORD))

    def __len__(self) -> int:
        return len(self.norms)

    def number(self, surface: str, morpheme: Morpheme) -> int:
        """The number of a morpheme's unit, for a word that is not among ``numbers``."""
        word = morpheme.word_id()
        if word < _UNKNOWN:
            number = self.numbers[surface, word] = self._new(surface, morpheme)
            return number
        known = surface, word, morpheme.normalized_form()
        unknown = self._unknown.get(known)
        if unknown is None:
            unknown = self._unknown[known] = self._new(surface, morpheme)
        return unknown

    def word(self, word: Word) -> int:
        """The place of a word among ``words``."""
        with self._lock:
            return self._word(word)

    def table(self) -> Table:
        """The columns as they are now: all units that the caller has got the numbers of are in it."""
        return Table(*_columns(self._of_unit, _OF_UNIT), *_columns(self._of_slot, _OF_SLOT))

    def _new(self, surface: str, morpheme: Morpheme) -> int:
        unit = self._units.work_out(morpheme)
        with self._lock:
            number = self._add(surface, unit)
        if has_foldable_character(surface) and is_unread(morpheme):
            self.unread.add(number)
        return number

    def _add(self, surface: str, unit: Unit) -> int:
        last = _LAST_CHARACTERS.get(surface[-1:], 0)
        goes_on = _goes_on(unit) if unit.traits & Trait.GOES_ON else 0
        first = len(self._of_slot) // len(_OF_SLOT)
        row = (unit.traits, unit.flag, unit.newlines, len(surface), last, goes_on, len(unit.parts), first)
        self._of_unit.extend(row)
        for start, end, terms, unit_ends, marks in unit.parts:
            self._of_slot.extend((self._word(Word(terms, unit_ends)), start, end, marks))
        self.norms.append(unit.norm if unit.norm in self._units.named else "")
        return len(self.norms) - 1

    def _word(self, word: Word) -> int:
        number = self._word_numbers.setdefault(word, len(self.words))
        if number == len(self.words):
            self.words.append(word)
        return number


def _columns(rows: array[int], types: _Types) -> Iterator[NDArray[Any]]:
    columns = np.frombuffer(rows.tobytes(), rows.typecode).reshape(-1, len(types)).T
    return (column.astype(of) for column, of in zip(columns, types, strict=True))


def _goes_on(unit: Unit) -> int:
    return sum(bit for last, bit in _LAST_CHARACTERS.items() if (unit.norm, last) in GOING_ON)
