"""Kana without blanks → the words of a name or a title: かんせいのかいかく is かんせい|の|かいかく.

The analysis guesses at kana with what is written in kana, and finds scraps where the words are written in kanji
(か|いかく). Here nothing but nouns and names that the dictionary has under a reading follow each other, with particles
that join nouns between them; fewer and longer words are likelier, and all of the kana is covered or nothing is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from index.analysis.katakana import katakana
from search.query.readings import LONGEST, Readings, is_hiragana
from search.query.romaji import morae

JOINING = ("の", "と", "や")
"""Particles between nouns."""
_HONORIFIC = ("お", "ご")
_SUFFIXED = 2
"""Morae of a word that takes no suffix."""
_LONGEST_WORD = 12
"""Characters of a word."""
_SMALL = frozenset("ぁぃぅぇぉっゃゅょゎーん")
"""What begins no word."""
_SHORT_NAME = 3
_WORD, _NAME, _CHANCE, _SHORT, _SCRAP, _PARTICLE, _JOIN, _ENDING = 10, 3, 8, 5, 24, 16, 6, 14
"""Costs: of a word, more of a name of people alone, and of a short one, of two morae, of one, of a name with what is
rather a particle; of a particle between words, and of other function words."""


class Word(NamedTuple):
    """A word as written, and whether it only joins others."""

    text: str
    joins: bool = False


class Cut(NamedTuple):
    """Kana cut into words, and what that costs."""

    words: tuple[Word, ...]
    cost: int


def cost_of(text: str, *, content: bool) -> int:
    """What a piece costs that the analysis found."""
    if not content:
        return _JOIN if text in JOINING else _ENDING
    return _WORD + _of_length(morae(text))


def _of_length(count: int) -> int:
    return _SCRAP if count == 1 else _SHORT if count == 2 else 0


def cut(kana: str, readings: Readings) -> Cut | None:
    """The likeliest words that hiragana is, two at least; None where it is none."""
    if not is_hiragana(kana) or morae(kana) > LONGEST:
        return None
    best: list[dict[_Last, Cut]] = [{} for _ in range(len(kana) + 1)]
    best[0][_Last(word=False, long=False)] = Cut((), 0)
    for at in range(len(kana)):
        for last, before in best[at].items():
            for word, cost in _next(kana, at, last, readings):
                _keep(best[at + len(word.text)], before, word, cost)
    found = min((cut for last, cut in best[-1].items() if last.word), key=_by_cost, default=None)
    if found is None or len(found.words) < 2 or _is_by_chance(found.words, readings):
        return None
    return found


class _Last(NamedTuple):
    """What the words so far end with: a word or what joins it to the next one, and if so, one that takes a suffix."""

    word: bool
    long: bool


def _next(kana: str, at: int, last: _Last, readings: Readings) -> Iterator[tuple[Word, int]]:
    """What may follow at a character, and its cost."""
    if kana[at] in _SMALL:
        return
    if at and kana[at] in (JOINING if last.word else _HONORIFIC):
        yield Word(kana[at], joins=True), _JOIN
    for end in range(at + 1, min(at + _LONGEST_WORD, len(kana)) + 1):
        if end < len(kana) and kana[end] in _SMALL:
            continue
        cost = _cost(kana[at:end], readings, behind=last.long)
        if cost is not None:
            yield Word(kana[at:end]), cost


def _keep(standing: dict[_Last, Cut], before: Cut, word: Word, cost: int) -> None:
    last = _Last(not word.joins, not word.joins and morae(word.text) > _SUFFIXED)
    new = Cut((*before.words, word), before.cost + cost)
    if last not in standing or new.cost < standing[last].cost:
        standing[last] = new


def _by_cost(found: Cut) -> int:
    return found.cost


def _cost(word: str, readings: Readings, *, behind: bool) -> int | None:
    """What a noun costs; None if it is none, or one mora that is no suffix of a word before it."""
    count, reading = morae(word), katakana(word)
    if count == 1:
        return _WORD + 2 if behind and readings.is_suffix(reading) else None
    if not readings.nouns(reading, behind):
        return None
    words = readings.words(reading, suffixes=behind)
    cost = _WORD + _of_length(count)
    if words.people or not words.nouns:
        cost += _CHANCE if count <= _SHORT_NAME else _NAME
    particle = words.proper and (word[-1] in JOINING or (word[0] in JOINING and count <= _SHORT_NAME))
    return cost + _PARTICLE if particle else cost


def _is_by_chance(words: tuple[Word, ...], readings: Readings) -> bool:
    """Whether a short name of people stands among words that are none: hardly any kana is not somebody's name."""
    known = [(morae(word.text), readings.words(katakana(word.text))) for word in words if not word.joins]
    short = any(each.people and each.terms and count <= _SHORT_NAME for count, each in known)
    return short and not all(each.names for _, each in known)
