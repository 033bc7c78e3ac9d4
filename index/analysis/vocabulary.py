"""Units by number: what is known of a long unit wherever it stands, as columns that numpy can take from.

A unit gets its number when its word is first met. Number 0 is no unit: it stands for the end of a text. The slots of
all units lie one after another; a unit knows its first and how many it has.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from index.analysis.numerals import Run, is_numeral
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
        self._known: dict[tuple[str, int], int] = {}
        self._unknown: dict[tuple[str, int, str], int] = {}
        self._word_numbers: dict[Word, int] = {}
        # Row after row, since one call adds a row: most words of a text that is read once come once.
        self._of_unit: array[int] = array("I")
        self._of_slot: array[int] = array("I")
        self.words: list[Word] = []
        self.by_word: dict[int, int | None] = {}
        """A word's number in the dictionary → its unit; None for one that was met in several ways to write it."""
        self.surfaces: list[str] = []
        """By unit."""
        self.norms: list[str] = []
        """Normalized forms by unit; empty where no rule names them."""
        self.unread: set[int] = set()
        """Units that the analysis could not read (see ``repair``)."""
        self.numerals: set[int] = set()
        """Units that are part of a run (see ``numerals``)."""
        self.joined: dict[Run, Sequence[int] | None] = {}
        """Runs of those, and what Sudachi makes of them; None where it needs to see the text."""
        # The end of a text counts as a word, so that nothing carries over to the next text.
        self._add("", Unit((), "", Trait.WORD))

    def __len__(self) -> int:
        return len(self.norms)

    def number(self, morpheme: Morpheme) -> int:
        """The number of a morpheme's unit, by its surface too; what ``by_word`` has is the same, and faster."""
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
        if self.by_word.setdefault(word, number) != number:
            self.by_word[word] = None
        return number

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
        if unit.traits & Trait.UNREAD:
            self.unread.add(number)
        if is_numeral(surface, unit.norm):
            self.numerals.add(number)
        return number

    def _add(self, surface: str, unit: Unit) -> int:
        last = _LAST_CHARACTERS.get(surface[-1:], 0)
        goes_on = _goes_on(unit) if unit.traits & Trait.GOES_ON else 0
        first = len(self._of_slot) // len(_OF_SLOT)
        row = (unit.traits, unit.flag, unit.newlines, len(surface), last, goes_on, len(unit.parts), first)
        self._of_unit.extend(row)
        for start, end, terms, unit_ends, marks in unit.parts:
            self._of_slot.extend((self._word(Word(terms, unit_ends)), start, end, marks))
        self.surfaces.append(surface)
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
