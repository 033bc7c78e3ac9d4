"""Morphemes → slots: A units with their terms, the long units over them, and what stands between.

A long unit (C, or B inside it) that has several A units is a term at its first slot and, marked, at its last. What
depends only on a morpheme's surface, part of speech and normalized form is worked out once and remembered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from index.analysis.fold import compare
from index.analysis.keys import key
from index.analysis.words import Kind, Words
from index.model import KIND, Mark, Slot

if TYPE_CHECKING:
    from sudachipy import Morpheme

    from index.analysis.tokenizer import Sudachi

_REMEMBERED = 200_000
"""Units kept before all are forgotten; a library's vocabulary fits, endless numerals do not pile up."""
_STOPS = ("。", "！", "？", "!", "?", "…")
_POINTS = (".", "．")
_OPENING = "括弧開"
_INFLECTED = frozenset({"動詞", "形容詞", "接尾辞-動詞的", "接尾辞-形容詞的"})
_ENDING_PARTICLES = ("て", "で", "ば")
_GOING_ON = frozenset({("居る", "て"), ("居る", "で"), ("無い", "く")})
"""Words that belong to the inflection after these characters: 走っている, 高くない."""
_GOES_ON = frozenset(norm for norm, _ in _GOING_ON)
_ADDRESS = 2
"""A place's normalized form that is longer than the name by this much or more is a full address, not the place."""
_NAMED_BY_SIGNS = re.compile(
    "(?<![A-Za-z0-9Ａ-Ｚａ-ｚ０-９.．+#＋＃])"
    "(?:(?P<point>[.．])(?=[A-ZＡ-Ｚ]))?"
    "(?P<name>[A-Za-zＡ-Ｚａ-ｚ]+)"
    "(?(point)|[+#＋＃]+)"
    "(?![A-Za-z0-9Ａ-Ｚａ-ｚ０-９])"
)
_SHORT_NAME = 1


class _Part(NamedTuple):
    start: int
    end: int
    terms: tuple[str, ...]
    unit_ends: tuple[str, ...]
    marks: int


class _Unit(NamedTuple):
    """What is known of a C unit wherever it stands: its slots, or the flag that a sign leaves."""

    parts: tuple[_Part, ...]
    norm: str
    kind: Kind
    flag: int = 0
    newlines: int = 0
    opening: bool = False
    point: bool = False
    numeral: bool = False
    inflected: bool = False
    auxiliary: bool = False
    sensitive: bool = False
    """Whether the word before it can change its marks."""
    asks: bool = False
    """Whether a polite request may begin with it."""


class Units:
    """Makes slots; safe from many threads, since a lost race only works something out twice."""

    def __init__(self, sudachi: Sudachi, words: Words) -> None:
        self._sudachi = sudachi
        self._words = words
        self._known: dict[tuple[str, int, str], _Unit] = {}

    def slots(self, text: str, morphemes: Iterable[tuple[int, Morpheme]]) -> list[Slot]:
        """The slots of a text, with spans in it, from its long units in order."""
        slots: list[Slot] = []
        units: list[tuple[_Unit, int]] = []
        flags = newlines = 0
        asks = False
        previous: _Unit | None = None
        for at, morpheme in morphemes:
            unit = self._unit(morpheme)
            if not unit.parts:
                flags |= 0 if unit.point and _inside_a_name(text, at) else unit.flag
                newlines += unit.newlines
                if newlines and unit.kind is Kind.SIGN and not unit.opening:
                    newlines += 1
                previous = None
                continue
            if newlines:
                flags |= Mark.STOP if newlines > 1 else Mark.COMMA
            units.append((unit, len(slots)))
            start, end, terms, unit_ends, marks = unit.parts[0]
            if previous is not None and unit.sensitive:
                marks = self._in_context(unit, previous, slots[-1], text[at - 1])
            slots.append(Slot(at + start, at + end, terms, unit_ends, marks | flags))
            for start, end, terms, unit_ends, marks in unit.parts[1:]:
                slots.append(Slot(at + start, at + end, terms, unit_ends, marks))
            asks = asks or unit.asks
            previous, flags, newlines = unit, 0, 0
        if asks:
            self._mark_requests(slots, units)
        return _named_by_signs(text, slots)

    def _in_context(self, unit: _Unit, previous: _Unit, before: Slot, character: str) -> int:
        """The marks of a unit's first slot: the word right before it may change its kind or make it an ending."""
        marks = unit.parts[0].marks
        inflecting = previous.inflected or before.marks & Mark.TAIL
        if inflecting and (unit.auxiliary or (unit.norm, character) in _GOING_ON):
            return marks | Mark.TAIL
        if unit.kind is Kind.LIGHT and previous.numeral:
            return marks & ~KIND
        if previous.kind is Kind.PARTICLE and unit.norm in self._words.after_particle:
            return marks & ~KIND | Mark.FUNCTION
        return marks

    def _mark_requests(self, slots: list[Slot], units: list[tuple[_Unit, int]]) -> None:
        norms = [unit.norm for unit, _ in units]
        for i, (unit, _) in enumerate(units):
            count = self._words.request_at(norms, i) if unit.asks else 0
            for _, slot in units[i : i + count]:
                slots[slot] = slots[slot]._replace(marks=slots[slot].marks | Mark.FUNCTION)

    def _unit(self, morpheme: Morpheme) -> _Unit:
        known = (morpheme.surface(), morpheme.part_of_speech_id(), morpheme.normalized_form())
        unit = self._known.get(known)
        if unit is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            unit = self._known[known] = self._work_out(morpheme)
        return unit

    def _work_out(self, morpheme: Morpheme) -> _Unit:
        surface, norm = morpheme.surface(), morpheme.normalized_form()
        pos = self._sudachi.pos_of(morpheme.part_of_speech_id())
        kind = self._words.kind(pos, norm)
        if kind is Kind.SIGN and any(character.isalnum() for character in surface):
            kind = Kind.CONTENT  # a character that the dictionary lacks comes out as a sign
        if kind is Kind.BLANK:
            return _Unit((), norm, kind, Mark.BLANK, newlines=surface.count("\n"))
        if kind is Kind.SIGN:
            return _Unit((), norm, kind, _flag_of(surface, pos), opening=_OPENING in pos, point=surface in _POINTS)
        levels = "-".join(pos[:2])
        auxiliary = pos[0] == "助動詞" or (levels == "助詞-接続助詞" and norm in _ENDING_PARTICLES)
        return _Unit(
            tuple(self._parts(morpheme, pos, kind)),
            norm,
            kind,
            numeral=levels == "名詞-数詞",
            inflected=pos[0] in _INFLECTED or levels in _INFLECTED,
            auxiliary=auxiliary,
            sensitive=auxiliary or kind is Kind.LIGHT or norm in _GOES_ON or norm in self._words.after_particle,
            asks=norm in self._words.requests,
        )

    def _parts(self, morpheme: Morpheme, pos: tuple[str, ...], kind: Kind) -> list[_Part]:
        begin = morpheme.begin()
        parts = []
        for short in self._sudachi.split(morpheme, "A"):
            own = self._sudachi.pos_of(short.part_of_speech_id())
            own_kind = self._words.kind(own, short.normalized_form())
            if not any(character.isalnum() for character in short.surface()):
                continue  # the ・ of a name takes no slot inside a unit either
            start = short.begin() - begin
            marks = Kind.PARTICLE if kind is Kind.CONTENT and own_kind is Kind.PARTICLE else kind
            parts.append(_Part(start, start + len(short.surface()), _terms(short, own), (), marks.value))
        if len(parts) < 2:
            parts = [_Part(0, len(morpheme.surface()), _terms(morpheme, pos), (), kind.value)]
        else:
            self._add_long_units(parts, morpheme, pos)
        parts[0] = parts[0]._replace(marks=parts[0].marks | Mark.UNIT_START)
        parts[-1] = parts[-1]._replace(marks=parts[-1].marks | Mark.UNIT_END)
        return parts

    def _add_long_units(self, parts: list[_Part], morpheme: Morpheme, pos: tuple[str, ...]) -> None:
        begin = morpheme.begin()
        firsts = {part.start: i for i, part in enumerate(parts)}
        lasts = {part.end: i for i, part in enumerate(parts)}
        long: list[tuple[Morpheme, tuple[str, ...]]] = [(morpheme, pos)]
        for middle in self._sudachi.split(morpheme, "B"):
            long.append((middle, self._sudachi.pos_of(middle.part_of_speech_id())))
        for m, own in long:
            start = m.begin() - begin
            first, last = firsts.get(start), lasts.get(start + len(m.surface()))
            if first is None or last is None or first >= last:
                continue
            terms = _terms(m, own)
            parts[first] = parts[first]._replace(terms=_joined(parts[first].terms, terms))
            parts[last] = parts[last]._replace(unit_ends=_joined(parts[last].unit_ends, terms))


def _joined(terms: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(terms + more))


def _inside_a_name(text: str, at: int) -> bool:
    """Whether the point at ``at`` belongs to a name or a number (GPT-4.5, node.js) and ends no sentence."""
    before, after = text[max(0, at - 1) : at], text[at + 1 : at + 2]
    return compare(before).isascii() and before.isalnum() and bool(after.strip())


def _flag_of(surface: str, pos: tuple[str, ...]) -> int:
    if "読点" in pos:
        return Mark.COMMA
    return Mark.STOP if surface[:1] in _STOPS or surface in _POINTS else 0


def _terms(morpheme: Morpheme, pos: tuple[str, ...]) -> tuple[str, ...]:
    """The keys of the surface and, unless it says something else, of the normalized form."""
    surface, norm = morpheme.surface(), morpheme.normalized_form()
    own = key(surface)
    if "地名" in pos and len(norm) >= len(surface) + _ADDRESS and surface in norm:
        return (own,)
    if "数詞" in pos and len(surface) > 1 and any("①" <= character <= "⓿" for character in surface):
        return (own,)  # ①② is not twelve
    other = key(norm)
    return (own,) if other == own else (own, other)


def _named_by_signs(text: str, slots: list[Slot]) -> list[Slot]:
    """A name in ASCII letters keeps the + and # after it (C++) and the point before it (.NET).

    A longer name with signs after it (Disney+) is a term without them too.
    """
    if not any(sign in text for sign in "+#＋＃.．"):
        return slots
    at_start = {slot.start: i for i, slot in enumerate(slots)}
    for match in _NAMED_BY_SIGNS.finditer(text):
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
