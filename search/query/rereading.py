"""Kana that is a word, where the analysis of it alone found others: いる|か is いるか, と|くしま is とくしま.

Kana without kanji around it is often cut wrongly. A stretch of it that as a whole is a word, or the reading of one, is
taken for that word, and so are two words in a row where the analysis found scraps (もう|しこみ|しょ); what it found
counts for the partial tier alone, unless that is words only. A word with the endings of its inflection (きい|た), and
names where a sentence is as likely (さくら|が|さく), are left as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from index.analysis.fold import compare
from index.model import KIND, Mark, Slot
from search.query.plan import SEQUENCE
from search.query.readings import LONGEST, Readings, Words, is_hiragana, katakana
from search.query.romaji import morae

_REMEMBERED = 2048
_SHORTEST = 2
"""Morae of a word."""
_FRONT = 3
"""Morae of the first of two words."""
_LONG = 5
"""Morae of a reading that no inflected word has by chance."""
_PART = 4
"""Morae of each of two words that are not there by chance though particles are read in them."""
_SMALL = frozenset("ぁぃぅぇぉっゃゅょゎー")
"""What begins no word."""


class Reread(NamedTuple):
    """Kana that is a word, or two, which the analysis cut otherwise: the slots ``first`` to ``last`` (exclusive).

    ``words`` are the characters that each word takes, and its terms; ``pieces`` what the analysis made of it.
    """

    first: int
    last: int
    words: tuple[tuple[int, tuple[str, ...]], ...]
    pieces: tuple[str, ...]
    are_words: bool = False
    """Whether the pieces are all words of their own, and mean the same."""


class Rereader:
    """Rereads, and remembers; safe from many threads. ``glosses`` gives the words that documents say a reading is."""

    def __init__(self, readings: Readings, glosses: Callable[[str], Sequence[str]]) -> None:
        self._readings = readings
        self._glosses = glosses
        self._reread = lru_cache(_REMEMBERED)(self._read_again)

    def reread(self, text: str, slots: Sequence[Slot], *, alone: bool) -> list[Reread]:
        """Where an operand in hiragana is a word as a whole, or two (いる|か → いるか); likewise where it begins so.

        Function words are taken for another word only with ``alone``: where the query has nothing else (なら → 奈良).
        """
        found = []
        for first, last in _stretches(text, slots):
            part = slots[first:last]
            pieces = tuple((compare(text[slot.start : slot.end]), slot.terms, slot.marks & KIND) for slot in part)
            whole = len(part) == len(slots)
            if (
                len(part) > 1
                and not part[0].marks & Mark.UNIT_END
                and not any(slot.marks & Mark.UNIT_START for slot in part[1:])
            ):
                continue  # one long unit
            if not alone and all(kind & Mark.PARTICLE for _, _, kind in pieces):
                continue
            kana = "".join(written for written, _, _ in pieces)
            inflected = not pieces[0][2] and all(slot.marks & Mark.TAIL for slot in part[1:])
            if len(part) > 1 and inflected and morae(kana) < _LONG:
                continue  # a word with the endings of its inflection
            if (whole or len(part) > 1) and (first == 0 or pieces[0][2] == 0):
                again = self._reread(pieces, whole and not inflected and len(kana) == part[-1].end - part[0].start)
                if again is not None:
                    found.append(again._replace(first=first, last=last))
        return found

    def _read_again(self, pieces: tuple[_Piece, ...], splits: bool) -> Reread | None:
        kana = "".join(text for text, _, _ in pieces)
        if morae(kana) < _SHORTEST or morae(kana) > LONGEST:
            return None
        own = self._own(kana)
        words = self._readings.words(katakana(kana))
        if len(pieces) == 1:
            return self._one(kana, pieces[0], own, words)
        sentence = pieces[0][2] == 0
        chance = (words.people and pieces[-1][2] & Mark.PARTICLE) or (words.names and _has_particle_inside(pieces))
        if own or (words.terms and not (sentence and chance)) or self._glosses(kana):
            are_words = not any(kind for _, _, kind in pieces)
            return Reread(0, 0, ((len(kana), (kana, *own)),), (_spelt(pieces),), are_words)
        return self._two_words(kana, pieces) if splits else None

    def _one(self, kana: str, piece: _Piece, own: Sequence[str], words: Words) -> Reread | None:
        """A single slot: what its own analysis says and the dictionary does not have as a word is a mere piece."""
        _, terms, kind = piece
        if kind == Mark.LIGHT or not (own or words.terms):
            return None
        if kind:
            meant = tuple(own) or (() if words.names else words.terms)
            return Reread(0, 0, ((len(kana), meant),), ()) if meant else None
        kept = tuple(dict.fromkeys((terms[0], *own)))
        left = [term for term in terms if term not in kept]
        pieces = tuple(dict.fromkeys([*left, *(term for piece in left for term in self._readings.inflected(piece))]))
        return Reread(0, 0, ((len(kana), kept),), pieces) if pieces or kept != terms else None

    def _two_words(self, kana: str, pieces: tuple[_Piece, ...]) -> Reread | None:
        if not any(kind or morae(text) == 1 for text, _, kind in pieces):
            return None
        least_front, least_back = (_PART, _PART) if _has_particle_inside(pieces) else (_FRONT, 1)
        for at in range(len(kana) - 1, 0, -1):
            front, back = kana[:at], kana[at:]
            if morae(front) < least_front:
                break
            if back[0] in _SMALL or morae(back) < least_back:
                continue
            if self._is_noun(front, suffixes=False) and self._is_noun(back, suffixes=True):
                words = tuple((len(part), (part, *self._own(part))) for part in (front, back))
                return Reread(0, 0, words, (_spelt(pieces),))
        return None

    def _own(self, kana: str) -> list[str]:
        """The words that the dictionary writes so, by their normalized forms."""
        return [term for term in self._readings.spelt(kana) if term != kana]

    def _is_noun(self, kana: str, *, suffixes: bool) -> bool:
        words = self._readings.words(katakana(kana), suffixes=suffixes)
        return bool(words.terms) and (not words.names or morae(kana) >= _PART)


_Piece = tuple[str, tuple[str, ...], int]
"""A slot as written and folded, its terms and its kind."""


def _spelt(pieces: Sequence[_Piece]) -> str:
    return SEQUENCE.join(terms[0] for _, terms, _ in pieces)


def _has_particle_inside(pieces: Sequence[_Piece]) -> bool:
    return any(kind & Mark.PARTICLE for _, _, kind in pieces[1:-1])


def _stretches(text: str, slots: Sequence[Slot]) -> Iterator[tuple[int, int]]:
    """The longest stretches of hiragana and nothing else, of whole long units: the first slot, and the one behind."""
    first = 0
    while first < len(slots):
        last = first
        while last < len(slots) and is_hiragana(compare(text[slots[last].start : slots[last].end])):
            if last > first and slots[last].start != slots[last - 1].end:
                break
            last += 1
        if last > first and slots[first].marks & Mark.UNIT_START and slots[last - 1].marks & Mark.UNIT_END:
            yield first, last
        first = max(last, first + 1)
