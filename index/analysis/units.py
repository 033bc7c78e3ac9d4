"""Morphemes → slots: A units with their terms, the long units over them, and what stands between.

A long unit (C, or B inside it) that has several A units is a term at its first slot and, marked, at its last. What
depends only on a morpheme's surface, part of speech and normalized form is worked out once and remembered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from index.analysis.fold import compare
from index.analysis.katakana import is_katakana, respelt, skeleton
from index.analysis.keys import key
from index.analysis.numerals import is_numeral
from index.analysis.repair import UNREADABLE, has_foldable_character, is_scrap
from index.analysis.words import Kind, Words
from index.model import KIND, Mark, Slot

if TYPE_CHECKING:
    from sudachipy import Morpheme, MorphemeList

    from index.analysis.tokenizer import Sudachi

_REMEMBERED = 200_000
"""Units kept before all are forgotten; a library's vocabulary fits, endless numerals do not pile up."""
_STOPS = ("。", "！", "？", "!", "?", "…")
_POINTS = (".", "．")
_IN_ADDRESSES = "?"
_OPENING = "括弧開"
_INFLECTED = frozenset({"動詞", "形容詞", "接尾辞-動詞的", "接尾辞-形容詞的"})
_ENDING_PARTICLES = ("て", "で", "ば")
GOING_ON = frozenset({("居る", "て"), ("居る", "で"), ("無い", "く")})
"""Words that belong to the inflection after these characters: 走っている, 高くない."""
GOES_ON = frozenset(norm for norm, _ in GOING_ON)
_ADDRESS = 2
"""A place's normalized form that is longer than the name by this much or more is a full address, not the place."""
NAMED_BY_SIGNS = re.compile(
    "(?<![A-Za-z0-9Ａ-Ｚａ-ｚ０-９.．+#＋＃])"
    "(?:(?P<point>[.．])(?=[A-ZＡ-Ｚ]))?"
    "(?P<name>[A-Za-zＡ-Ｚａ-ｚ]+)"
    "(?(point)|[+#＋＃]+)"
    "(?![A-Za-z0-9Ａ-Ｚａ-ｚ０-９])"
)
_SHORT_NAME = 1
_CIRCLED = re.compile("[①-⑳⓪㉑-㉟㊱-㊿]")
_ONE_CIRCLED = re.compile(f"{_CIRCLED.pattern}|[^{_CIRCLED.pattern[1:-1]}]+")
_NUMBERED = re.compile(
    "([A-Za-zＡ-Ｚａ-ｚ][A-Za-zＡ-Ｚａ-ｚ0-9０-９]*(?:[-－‐][A-Za-zＡ-Ｚａ-ｚ]+)*)[-－‐]([0-9０-９]+)"
)
"""A name with a number behind it (COVID-19), of which the analysis makes one word or two as its neighbours have it."""
_WITH_NOUGHTS = re.compile("[0-9,]+[.]0+")
_MYRIADS = re.compile("[万億兆]")
_SPELT_OUT = {"%": "パーセント"}
"""What the dictionary spells out as a word, but not as a sign."""


class Part(NamedTuple):
    """A slot of a unit: its span from the unit's own start, and all that does not depend on what stands before it."""

    start: int
    end: int
    terms: tuple[str, ...]
    unit_ends: tuple[str, ...]
    marks: int


class Trait:
    """What the rules for neighbours ask of a unit; bits, plain integers as those of ``Mark`` are."""

    WORD: Final = 1
    """It has slots."""
    SIGN: Final = 2
    """A sign that does not open brackets."""
    POINT: Final = 4
    """A sign that may stand inside a name."""
    NUMERAL: Final = 8
    INFLECTED: Final = 16
    AUXILIARY: Final = 32
    LIGHT: Final = 64
    PARTICLE: Final = 128
    AFTER_PARTICLE: Final = 256
    ASKS: Final = 512
    """A polite request may begin with it."""
    ASKED: Final = 1024
    """It may be the second word of a polite request."""
    GOES_ON: Final = 2048
    """It is one of the words in ``GOING_ON``."""
    UNREAD: Final = 4096
    """The analysis could make nothing of it (see ``repair``)."""
    JOINS: Final = 8192
    """It may be part of a run of numerals (see ``numerals``)."""
    DOUBTFUL: Final = 16384
    """It is unread, and has a character that ``repair`` may fold."""
    SENSITIVE: Final = AUXILIARY | LIGHT | AFTER_PARTICLE | GOES_ON
    """One of those whose marks the word before them can change."""


_WHOLE = Mark.UNIT_START | Mark.UNIT_END
_TRAITS = {Kind.LIGHT: Trait.LIGHT, Kind.PARTICLE: Trait.PARTICLE}


_Terms = dict[int, tuple[str, ...]]


class Unit(NamedTuple):
    """What is known of a C unit wherever it stands: its slots, or the flag that a sign leaves."""

    parts: Sequence[Part]
    norm: str
    traits: int
    flag: int = 0
    newlines: int = 0


class Units:
    """Makes slots; safe from many threads, since a lost race only works something out twice."""

    def __init__(self, sudachi: Sudachi, words: Words) -> None:
        self._sudachi = sudachi
        self._words = words
        self._known: dict[tuple[str, int, str], Unit] = {}
        requests = (norm for requests in words.requests.values() for norms in requests for norm in norms)
        self.named = GOES_ON.union(_ENDING_PARTICLES, words.after_particle, words.norms, requests)
        """The normalized forms that rules name."""
        self._natures: dict[tuple[int, str], tuple[Kind, int, int]] = {}

    def slots(self, text: str, morphemes: Iterable[tuple[int, Morpheme]]) -> list[Slot]:
        """The slots of a text, with spans in it, from its long units in order."""
        slots: list[Slot] = []
        units: list[tuple[Unit, int]] = []
        flags = newlines = 0
        asks = False
        previous: Unit | None = None
        for at, morpheme in morphemes:
            unit = self._unit(morpheme)
            if not unit.parts:
                flags |= 0 if unit.traits & Trait.POINT and inside_a_name(text, at) else unit.flag
                newlines += unit.newlines
                if newlines and unit.traits & Trait.SIGN:
                    newlines += 1
                previous = None
                continue
            if newlines:
                flags |= Mark.STOP if newlines > 1 else Mark.COMMA
            units.append((unit, len(slots)))
            start, end, terms, unit_ends, marks = unit.parts[0]
            if previous is not None and unit.traits & Trait.SENSITIVE:
                marks = self._in_context(unit, previous, slots[-1], text[at - 1])
            slots.append(Slot(at + start, at + end, terms, unit_ends, marks | flags))
            for start, end, terms, unit_ends, marks in unit.parts[1:]:
                slots.append(Slot(at + start, at + end, terms, unit_ends, marks))
            asks = asks or unit.traits & Trait.ASKS > 0
            previous, flags, newlines = unit, 0, 0
        if asks:
            self._mark_requests(slots, units)
        return _named_by_signs(text, slots)

    def _in_context(self, unit: Unit, previous: Unit, before: Slot, character: str) -> int:
        """The marks of a unit's first slot: the word right before it may change its kind or make it an ending."""
        marks = unit.parts[0].marks
        inflecting = previous.traits & Trait.INFLECTED or before.marks & Mark.TAIL
        if inflecting and (unit.traits & Trait.AUXILIARY or (unit.norm, character) in GOING_ON):
            return marks | Mark.TAIL
        if unit.traits & Trait.LIGHT and previous.traits & Trait.NUMERAL:
            return marks & ~KIND
        if previous.traits & Trait.PARTICLE and unit.traits & Trait.AFTER_PARTICLE:
            return marks & ~KIND | Mark.FUNCTION
        return marks

    def _mark_requests(self, slots: list[Slot], units: list[tuple[Unit, int]]) -> None:
        norms = [unit.norm for unit, _ in units]
        for i, (unit, _) in enumerate(units):
            count = self._words.request_at(norms, i) if unit.traits & Trait.ASKS else 0
            for _, slot in units[i : i + count]:
                slots[slot] = slots[slot]._replace(marks=slots[slot].marks | Mark.FUNCTION)

    def _unit(self, morpheme: Morpheme) -> Unit:
        # Two words that look alike may have other short units; a word the dictionary lacks has no number of its own.
        known = (morpheme.surface(), morpheme.word_id(), morpheme.normalized_form())
        unit = self._known.get(known)
        if unit is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            unit = self._known[known] = self.work_out(morpheme)
        return unit

    def work_out(self, morpheme: Morpheme) -> Unit:
        """The unit of a morpheme, made anew."""
        surface, norm, number = morpheme.surface(), morpheme.normalized_form(), morpheme.part_of_speech_id()
        kind, bits, traits = self._nature(number, norm)
        if is_scrap(surface) or (morpheme.is_oov() and not traits & Trait.NUMERAL):
            traits |= Trait.UNREAD
        if traits & Trait.UNREAD and has_foldable_character(surface):
            traits |= Trait.DOUBTFUL
        if traits & Trait.NUMERAL or is_numeral(surface, norm):
            traits |= Trait.JOINS
        if kind is Kind.SIGN and any(map(str.isalnum, surface)):
            bits, traits = 0, traits | Trait.WORD  # a character that the dictionary lacks comes out as a sign
        if traits & Trait.WORD:
            return Unit(self._parts(morpheme, surface, norm, number, bits), norm, traits)
        if kind is Kind.BLANK:
            return Unit((), norm, traits, Mark.BLANK, surface.count("\n"))
        pos = self._sudachi.pos_of(number)
        traits |= 0 if _OPENING in pos else Trait.SIGN
        return Unit(
            (), norm, traits | (Trait.POINT if surface in (*_POINTS, _IN_ADDRESSES) else 0), _flag_of(surface, pos)
        )

    def _nature(self, number: int, norm: str) -> tuple[Kind, int, int]:
        """The kind of a word, the bits of it in a slot's marks, and its traits.

        The part of speech decides them, save where a rule names the norm.
        """
        named = norm if norm in self.named else ""
        nature = self._natures.get((number, named))
        if nature is None:
            pos = self._sudachi.pos_of(number)
            kind = self._words.kind(pos, norm)
            traits = 0 if kind in (Kind.SIGN, Kind.BLANK) else Trait.WORD
            nature = self._natures[number, named] = kind, kind.value & KIND, traits | self._traits(pos, norm, kind)
        return nature

    def _traits(self, pos: tuple[str, ...], norm: str, kind: Kind) -> int:
        levels = "-".join(pos[:2])
        traits = _TRAITS.get(kind, 0)
        traits |= Trait.UNREAD if pos[0] == UNREADABLE else 0
        traits |= Trait.NUMERAL if levels == "名詞-数詞" else 0
        traits |= Trait.INFLECTED if pos[0] in _INFLECTED or levels in _INFLECTED else 0
        ending = levels == "助詞-接続助詞" and norm in _ENDING_PARTICLES
        traits |= Trait.AUXILIARY if pos[0] == "助動詞" or ending else 0
        traits |= Trait.AFTER_PARTICLE if norm in self._words.after_particle else 0
        traits |= Trait.ASKS if norm in self._words.requests else 0
        traits |= Trait.ASKED if norm in self._words.second_in_request else 0
        return traits | (Trait.GOES_ON if norm in GOES_ON else 0)

    def _parts(self, morpheme: Morpheme, surface: str, norm: str, number: int, kind: int) -> Sequence[Part]:
        if len(surface) > 1 and _CIRCLED.search(surface):
            return self._circled(surface, kind)
        numbered = _NUMBERED.fullmatch(surface)
        if numbered:
            return self._numbered(numbered, self._terms(surface, norm, number), kind)
        split = self._sudachi.split(morpheme, "A")
        parts = self._short_units(split, morpheme.begin(), kind) if len(split) > 1 else []
        if len(parts) < 2:
            terms = self._terms(surface, norm, number, known=not morpheme.is_oov())
            return (Part(0, len(surface), terms, (), kind | _WHOLE),)
        opening, closing = self._long_units(parts, morpheme)
        return [
            Part(part.start, part.end, _joined(part.terms, opening.get(i, ())), closing.get(i, ()), part.marks | edge)
            for i, (part, edge) in enumerate(zip(parts, _edges(len(parts)), strict=True))
        ]

    def _circled(self, surface: str, kind: int) -> list[Part]:
        """A numeral with circled ones, of which each stands for itself: ①② is not twelve."""
        pieces = _ONE_CIRCLED.finditer(surface)
        return [Part(*piece.span(), (key(piece[0]),), (), kind | _WHOLE) for piece in pieces]

    def _numbered(self, match: re.Match[str], terms: tuple[str, ...], kind: int) -> list[Part]:
        """The name and its number, and the whole as a long unit over them."""
        name, number = match.span(1), match.span(2)
        return [
            Part(*name, _joined((key(match[1]),), terms), (), kind | Mark.UNIT_START),
            Part(*number, (key(match[2]),), terms, kind | Mark.UNIT_END),
        ]

    def _short_units(self, split: MorphemeList, begin: int, kind: int) -> list[Part]:
        parts = []
        for short in split:
            surface, norm = short.surface(), short.normalized_form()
            if not surface.isalnum() and not any(map(str.isalnum, surface)):
                continue  # the ・ of a name takes no slot inside a unit either
            number = short.part_of_speech_id()
            start = short.begin() - begin
            particle = not kind and self._nature(number, norm)[1] == Mark.PARTICLE
            marks = Mark.PARTICLE if particle else kind
            parts.append(Part(start, start + len(surface), self._terms(surface, norm, number), (), marks))
        return parts

    def _long_units(self, parts: list[Part], morpheme: Morpheme) -> tuple[_Terms, _Terms]:
        """The terms of the long units over short ones, by the place of their first and of their last."""
        begin = morpheme.begin()
        firsts = {part.start: i for i, part in enumerate(parts)}
        lasts = {part.end: i for i, part in enumerate(parts)}
        opening: _Terms = {}
        closing: _Terms = {}
        # Two short units right after each other have nothing between them and the whole.
        two = len(parts) == 2 and parts[-1].end == len(morpheme.surface()) and not parts[0].start
        middle = () if two and parts[0].end == parts[1].start else self._sudachi.split(morpheme, "B")
        for m in (morpheme, *middle):
            start, surface = m.begin() - begin, m.surface()
            first, last = firsts.get(start), lasts.get(start + len(surface))
            if first is None or last is None or first >= last:
                continue
            terms = self._terms(surface, m.normalized_form(), m.part_of_speech_id())
            opening[first] = _joined(opening.get(first, ()), terms)
            closing[last] = _joined(closing.get(last, ()), terms)
        return opening, closing

    def _terms(self, surface: str, norm: str, number: int, *, known: bool = True) -> tuple[str, ...]:
        """The keys of the surface, of the normalized form unless it says something else, and of other spellings."""
        terms = self._own_terms(surface, norm, number)
        return _joined(terms, self._respelt(surface, known=known)) if is_katakana(surface) else terms

    def _respelt(self, surface: str, *, known: bool) -> tuple[str, ...]:
        """The terms of a katakana word under the spellings that the dictionary has, or else of its skeleton."""
        for other in respelt(surface, known=known):
            norms = self._sudachi.nouns(other)
            if norms:
                return (key(other), *map(key, norms))
        bones = "" if known else skeleton(surface)
        return (bones,) if bones else ()

    def _own_terms(self, surface: str, norm: str, number: int) -> tuple[str, ...]:
        own = key(surface)
        if norm == surface and norm not in _SPELT_OUT:
            return (own,)
        pos = self._sudachi.pos_of(number)
        if "地名" in pos and len(norm) >= len(surface) + _ADDRESS and surface in norm:
            return (own,)
        if "数詞" in pos and _WITH_NOUGHTS.fullmatch(own):
            return (own,)  # version 2.0 is not 2
        if "数詞" in pos and _MYRIADS.search(own):
            norm = norm.lstrip("0") or "0"  # which 0.5兆 has before its value
        other = _SPELT_OUT.get(norm) or key(norm)
        return (own,) if other == own else (own, other)


def _edges(count: int) -> Sequence[int]:
    return (Mark.UNIT_START, *[0] * (count - 2), Mark.UNIT_END)


def _joined(terms: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(terms + more)) if terms and more else terms or more


def inside_a_name(text: str, at: int) -> bool:
    """Whether the sign at ``at`` belongs to a name or a number (GPT-4.5, node.js) and ends no sentence.

    A question mark belongs to an address (meeting?id=1, /?id=1) if it has ASCII on both sides, and a letter behind it.
    """
    before, after = text[max(0, at - 1) : at], text[at + 1 : at + 2]
    if text[at] == _IN_ADDRESSES:
        return before.isascii() and bool(before.strip()) and after.isascii() and after.isalnum()
    return compare(before).isascii() and before.isalnum() and bool(after.strip())


def _flag_of(surface: str, pos: tuple[str, ...]) -> int:
    if "読点" in pos:
        return Mark.COMMA
    return Mark.STOP if surface[:1] in _STOPS or surface in _POINTS else 0


def _named_by_signs(text: str, slots: list[Slot]) -> list[Slot]:
    """A name in ASCII letters keeps the + and # after it (C++) and the point before it (.NET).

    A longer name with signs after it (Disney+) is a term without them too.
    """
    if not any(sign in text for sign in "+#＋＃.．"):
        return slots
    at_start = {slot.start: i for i, slot in enumerate(slots)}
    for match in NAMED_BY_SIGNS.finditer(text):
        i = at_start.get(match.start("name"))
        if i is None or slots[i].end != match.end("name"):
            continue
        named = key(match[0])
        short = match["point"] or len(match["name"]) <= _SHORT_NAME
        terms = (named,) if short else _joined((named,), slots[i].terms)
        marks = slots[i].marks
        if match["point"] and not text[: match.start()].endswith(_STOPS):
            marks &= ~Mark.STOP  # which its own point had left
        slots[i] = slots[i]._replace(start=match.start(), end=match.end(), terms=terms, marks=marks)
    return slots
