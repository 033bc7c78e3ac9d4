"""Kana that is a word, where the analysis of it alone found others: いる|か is いるか, と|くしま is とくしま.

Kana without kanji around it is often cut wrongly. A stretch of it that as a whole is a word, or the reading of one, is
taken for that word, and so are words in a row where the analysis found scraps (もう|しこみ|しょ, か|いかく; see
``search.query.lattice``); what it found counts for the partial tier alone, unless that is words with no particle. A
word with the endings of its inflection (きい|た), and names where a sentence is as likely (さくら|が|さく), are left as
they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from index.analysis.fold import compare
from index.analysis.katakana import hiragana, katakana
from index.analysis.keys import key
from index.model import KIND, Mark, Slot
from search.query.lattice import JOINING, cost_of, cut
from search.query.plan import SEQUENCE
from search.query.readings import LONGEST, Readings, Words, is_hiragana, is_katakana
from search.query.romaji import morae, plain, readings

_REMEMBERED = 2048
_SHORTEST = 2
"""Morae of a word."""
_FRONT = 3
"""Morae of the first of two words."""
_LONG = 5
"""Morae of a reading that no inflected word has by chance."""
_FULL_NAME = 6
"""Morae of a name that is there by no chance."""
_PART = 4
"""Morae of each of two words that are not there by chance though particles are read in them."""
_OF_VERBS = frozenset("がに")
_OF_SENTENCES = frozenset(("は", "を", "です", "ます", "まし", "でし", "ませ"))
_ENDINGS = frozenset(("ない", "たい"))
_DRAWN_OUT = 4
"""What a vowel without a mark costs that is taken for a long one, as words do in ``search.query.lattice``."""
_TERMS = 64
"""Terms of a word in a row of others, which tell which one is meant."""
_SMALL = frozenset("ぁぃぅぇぉっゃゅょゎー")
"""What begins no word."""


class Meant(NamedTuple):
    """A word that kana is: how many characters it takes, its terms, and what it is but content (``Mark``).

    ``also`` are terms that stand for it by the rule ``why``.
    """

    length: int
    terms: tuple[str, ...]
    kind: int = 0
    also: tuple[str, ...] = ()
    why: str = ""


class Reread(NamedTuple):
    """Kana that is a word, or two, which the analysis cut otherwise: the slots ``first`` to ``last`` (exclusive).

    ``pieces`` is what the analysis made of it.
    """

    first: int
    last: int
    words: tuple[Meant, ...]
    pieces: tuple[str, ...]
    are_words: bool = False
    """Whether the pieces are words with no particle, and mean the same."""


class Rereader:
    """Rereads, and remembers; safe from many threads. ``glosses`` gives the words that documents say a reading is."""

    def __init__(self, readings: Readings, glosses: Callable[[str], Sequence[str]]) -> None:
        self._readings = readings
        self._glosses = glosses
        self.spelt_out = lru_cache(_REMEMBERED)(self._spelt_out)
        self._reread = lru_cache(_REMEMBERED)(self._read_again)

    def reread(self, text: str, slots: Sequence[Slot], *, alone: bool) -> list[Reread]:
        """Where an operand in hiragana is a word as a whole, or two (いる|か → いるか); likewise where it begins so.

        Function words shorter than three morae are taken for another word only with ``alone``: where the query has
        nothing else (なら → 奈良).
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
            kana = "".join(written for written, _, _ in pieces)
            function = all(kind & Mark.PARTICLE for _, _, kind in pieces)
            may_be_word = whole and len(part) == 1 and (morae(kana) >= _FRONT or self._is_misread(kana, pieces[0]))
            if function and not alone and not may_be_word:
                continue
            inflected = not pieces[0][2] and all(slot.marks & Mark.TAIL for slot in part[1:])
            if len(part) > 1 and inflected and morae(kana) < _LONG:
                continue  # a word with the endings of its inflection
            if (whole or len(part) > 1) and (first == 0 or pieces[0][2] == 0):
                again = self._reread(pieces, whole and not inflected and len(kana) == part[-1].end - part[0].start)
                if again is not None:
                    found.append(again._replace(first=first, last=last))
        return found

    def _is_misread(self, kana: str, piece: _Piece) -> bool:
        """Whether the analysis takes kana for a pronoun that nobody reads so (かん for 彼)."""
        norm = piece[1][-1]
        known = self._readings.written(norm) if self._readings.is_pronoun(norm) else ()
        return bool(known) and all(entry.reading != katakana(kana) for entry in known)

    def _spelt_out(self, typed: str, terms: tuple[str, ...]) -> Reread | None:
        """An operand in katakana or romaji that is words in a row, of which the dictionary has not the whole."""
        folded = compare(typed)
        possible = (folded,) if is_katakana(folded) else readings(folded)
        if not possible or self._readings.written(plain(folded)) or self._glosses(folded):
            return None
        if any(self._readings.words(each).terms for each in possible):
            return None
        cuts = ((each, found) for each in possible if (found := cut(hiragana(each), self._readings)) is not None)
        best = min(cuts, key=lambda each: each[1].cost + _DRAWN_OUT * len(each[0]), default=None)
        if best is None or sum(morae(word.text) == 2 for word in best[1].words) > 1:
            return None
        meant = best[1].words
        why = "reading" if is_katakana(folded) else "romaji"
        lengths = _lengths(folded, [katakana(word.text) for word in meant])
        words = tuple(
            Meant(length, (text,), Mark.PARTICLE) if joins else Meant(length, (text,), 0, self._terms(text, i > 0), why)
            for i, (length, (text, joins)) in enumerate(zip(lengths, meant, strict=True))
        )
        return Reread(0, 0, words, terms, are_words=True)

    def _unlikely(self, kana: str, behind: bool) -> tuple[str, ...]:
        """What is read so only within a name, where nothing is else (清水 of きよみずでら)."""
        known = self._readings.words(katakana(kana), suffixes=behind).terms
        return () if known else self._terms(kana, behind)

    def _terms(self, kana: str, behind: bool) -> tuple[str, ...]:
        """What a word that is written in kanji is found by: surely, or only within a name."""
        reading = katakana(kana)
        listed = map(key, self._readings.nouns(reading, behind))
        return tuple(dict.fromkeys((reading, *self._readings.words(reading, suffixes=behind).terms, *listed)))[:_TERMS]

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
        chance = chance and (morae(kana) < _FULL_NAME or self._is_sentence(pieces))
        if own or (words.terms and not (sentence and chance)) or self._glosses(kana):
            kinds = [kind for _, _, kind in pieces]
            are_words = not all(kinds) and not any(kind & Mark.PARTICLE for kind in kinds)
            return Reread(0, 0, (Meant(len(kana), (kana, *own)),), (_spelt(pieces),), are_words)
        return (self._two_words(kana, pieces) or self._several(kana, pieces)) if splits else None

    def _one(self, kana: str, piece: _Piece, own: Sequence[str], words: Words) -> Reread | None:
        """A single slot: what its own analysis says and the dictionary does not have as a word is a mere piece."""
        _, terms, kind = piece
        if kind == Mark.LIGHT or not (own or words.terms):
            return None
        if kind:
            meant = tuple(own) or (() if words.names else words.terms)
            return Reread(0, 0, (Meant(len(kana), meant),), ()) if meant else None
        kept = tuple(dict.fromkeys((terms[0], *own)))
        left = [term for term in terms if term not in kept and not self._readings.is_pronoun(term)]
        pieces = tuple(dict.fromkeys([*left, *(term for piece in left for term in self._readings.inflected(piece))]))
        return Reread(0, 0, (Meant(len(kana), kept),), pieces) if pieces or kept != terms else None

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
                words = tuple(Meant(len(part), (part, *self._own(part))) for part in (front, back))
                return Reread(0, 0, words, (_spelt(pieces),))
        return None

    def _several(self, kana: str, pieces: tuple[_Piece, ...]) -> Reread | None:
        """Nouns in a row, where they are likelier than the scraps that the analysis found."""
        if self._is_sentence(pieces) or _is_clean(pieces):
            return None
        found = cut(kana, self._readings)
        if found is None or found.cost >= sum(cost_of(text, content=not kind) for text, _, kind in pieces):
            return None
        words = tuple(
            Meant(len(text), (text,), Mark.PARTICLE)
            if joins
            else Meant(len(text), (text, *self._own(text)), 0, self._unlikely(text, i > 0), "reading")
            for i, (text, joins) in enumerate(found.words)
        )
        return Reread(0, 0, words, (_spelt(pieces),))

    def _is_sentence(self, pieces: tuple[_Piece, ...]) -> bool:
        """Whether something is said of something: a verb or an adjective with its particle or polite ending."""
        return pieces[-1][0] in _ENDINGS or any(
            (kind & Mark.PARTICLE and text in _OF_VERBS and (after[2] == Mark.LIGHT or self._inflects(after)))
            or (after[2] & Mark.PARTICLE and after[0] in _OF_SENTENCES)
            for (text, _, kind), after in pairwise(pieces)
        )

    def _inflects(self, piece: _Piece) -> bool:
        return self._readings.may_inflect(piece[1][-1])

    def _own(self, kana: str) -> list[str]:
        """The words that the dictionary writes so, by their normalized forms."""
        return [term for term in self._readings.spelt(kana) if term != kana]

    def _is_noun(self, kana: str, *, suffixes: bool) -> bool:
        words = self._readings.words(katakana(kana), suffixes=suffixes)
        return bool(words.terms) and (not words.names or morae(kana) >= _PART)


_Piece = tuple[str, tuple[str, ...], int]
"""A slot as written and folded, its terms and its kind."""


def _is_clean(pieces: Sequence[_Piece]) -> bool:
    """Whether the pieces are words with a particle between each two that joins them."""
    return len(pieces) % 2 == 1 and all(
        (text in JOINING and bool(kind & Mark.PARTICLE)) if i % 2 else not kind
        for i, (text, _, kind) in enumerate(pieces)
    )


def _lengths(typed: str, words: Sequence[str]) -> list[int]:
    """How much of what was typed each word takes, as near as its letters tell; at least one character."""
    found: list[int] = []
    at = 0
    for i, word in enumerate(words):
        left = len(words) - 1 - i
        ends = range(at + 1, len(typed) - left + 1)
        fits = (end for end in ends if typed[at:end] == word or word in readings(typed[at:end]))
        end = next(fits, at + 1) if left else len(typed)
        found.append(end - at)
        at = end
    return found


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
