"""Which words a reading may stand for: a query in kana or romaji → words of the dictionary.

A reading stands for words in their plain form, the likeliest first. Function words and numerals are never meant. Of
one kanji, and of a name, the dictionary lists readings that no reader thinks of (空 for カラ): they must be read so
where they stand alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from index.analysis import Analyzer
from index.analysis.katakana import katakana
from index.analysis.keys import key
from index.analysis.numerals import is_numeral
from search.query.forms import Forms
from search.query.romaji import morae

if TYPE_CHECKING:
    from index.lexicon import Entry, Lexicon

MOST = 32
"""Words of a reading."""
LONGEST = 24
"""Morae of a reading that is looked up."""
_ASKED = 32
"""Names and words of one kanji whose reading is asked for."""
_PEOPLE = 8
"""Names of people among the words of a reading that has others too: parents write one name in dozens of ways."""
_REMEMBERED = 4096
_HIRAGANA = re.compile("[ぁ-ゖー]*[ぁ-ゖ][ぁ-ゖー]*")
_KATAKANA = re.compile("[ァ-ヺー]*[ァ-ヺ][ァ-ヺー]*")
_KANJI = re.compile("[々〆㐀-䶿一-鿿豈-龎\U00020000-\U0003ffff]")
_FOREIGN = re.compile("[ァ-ヺー・]{4,}|[ -~]+")
"""What the chain often cuts in a way of its own, though the dictionary has it whole."""
_PRONOUN = "代名詞"
_MISREAD = 2
"""Characters of a place's name that may be read in many ways."""
_ADDRESS = 2


class Words(NamedTuple):
    """What a reading stands for: terms, the likeliest first; whether there were more, whether all are names."""

    terms: tuple[str, ...] = ()
    cut: bool = False
    names: bool = True
    """Of places or people."""
    people: bool = True
    nouns: bool = False
    """Whether one of them is written in kanji, and takes no endings."""
    proper: bool = True
    """Whether all are names, of whatever."""


def is_hiragana(text: str) -> bool:
    """Whether a folded text is hiragana alone."""
    return _HIRAGANA.fullmatch(text) is not None


def is_katakana(text: str) -> bool:
    """Whether a folded text is katakana alone."""
    return _KATAKANA.fullmatch(text) is not None


class Readings:
    """Looks readings up, and remembers them; safe from many threads."""

    def __init__(self, lexicon: Callable[[], Lexicon], forms: Forms, analyzer: Analyzer) -> None:
        self._lexicon = lexicon
        self._forms = forms
        self._analyzer = analyzer
        self._kinds: dict[int, _Kind | None] = {}
        self.written = lru_cache(_REMEMBERED)(lambda surface: self._lexicon().written(surface))
        self.is_suffix = lru_cache(_REMEMBERED)(self._is_suffix)
        self.nouns = lru_cache(_REMEMBERED)(self._nouns)
        self._read = lru_cache(_REMEMBERED)(self._of)

    def words(self, reading: str, *, suffixes: bool = False, pos: int | None = None) -> Words:
        """The words with a reading in katakana, of one part of speech or of all.

        With ``suffixes`` also what only follows other words (書, 県).
        """
        return self._read(reading, suffixes, pos)

    def inflected(self, norm: str) -> tuple[str, ...]:
        """The verbs and adjectives that a normalized form in hiragana leaves open: 聞く and 利く for きく."""
        if not is_hiragana(norm) or not self.may_inflect(norm):
            return ()
        entries = self._lexicon().read(katakana(norm))
        fitting = (e for e in entries if (kind := self._kind(e.pos)) and kind.plain and kind.inflects)
        terms = dict.fromkeys(key(entry.norm) for entry in fitting)
        return tuple(terms)[:MOST]

    def is_pronoun(self, norm: str) -> bool:
        """Whether a normalized form is a pronoun, be it another word too; kana never stands for one (かん for 彼)."""
        return any(self._lexicon().pos_of(entry.pos)[0] == _PRONOUN for entry in self.written(norm))

    def may_inflect(self, norm: str) -> bool:
        """Whether a normalized form is one of a verb or an adjective."""
        return any((kind := self._kind(entry.pos)) and kind.inflects for entry in self.written(norm))

    def spelt(self, form: str) -> tuple[str, ...]:
        """The normalized forms of the content words that the dictionary writes so.

        Not of verbs with kanji: 立つ may, in old texts, be one of 立てる's forms, and only the text tells which it is.
        """
        entries = [entry for entry in self.written(form) if not self.is_pronoun(entry.norm)]
        stems = is_hiragana(form)
        return tuple(
            dict.fromkeys(
                key(e.norm)
                for e in entries
                if (k := self._kind(e.pos)) and not k.suffix and (stems or (k.plain and not k.inflects))
            )
        )

    def _of(self, reading: str, suffixes: bool, pos: int | None) -> Words:
        if not 0 < morae(reading) <= LONGEST:
            return Words()
        entries = [entry for entry in self._lexicon().read(reading) if pos in (None, entry.pos)]
        ranked = sorted(((rank, e) for e in entries if (rank := self._rank(e, suffixes))), key=_first)
        words: dict[str, None] = {}
        people: dict[str, None] = {}
        names = True
        nouns = False
        proper = True
        asked = 0
        for rank, entry in ranked:
            found = people if rank.kind >= _FAMILY else words
            if len(found) > MOST or (words and len(people) >= _PEOPLE):
                break
            if rank.alone:
                asked += 1
                if asked > _ASKED:
                    break
                if self._forms.alone(entry.surface) != reading:
                    continue
            names = names and rank.kind >= _PLACE
            proper = proper and rank.kind > _COMMON
            nouns = nouns or (not rank.inflects and _KANJI.search(entry.norm) is not None)
            found.update(dict.fromkeys(self.terms(entry)))
        terms = tuple(dict.fromkeys((*words, *people)))
        return Words(terms[:MOST], len(terms) > MOST or asked > _ASKED, names, not words, nouns, proper)

    def _nouns(self, reading: str, suffixes: bool) -> tuple[str, ...]:
        """The nouns in kanji that the dictionary lists under a reading, likely or not, common ones first."""
        found: dict[str, bool] = {}
        for entry in self._lexicon().read(reading):
            kind = self._kind(entry.pos)
            if kind and not kind.inflects and (suffixes or not kind.suffix) and _KANJI.search(entry.surface):
                found[entry.surface] = found.get(entry.surface, True) and kind.kind != _COMMON
        return tuple(sorted(found, key=lambda surface: found[surface]))

    def _is_suffix(self, reading: str) -> bool:
        """Whether a reading is one of a suffix in kanji that makes nouns (寺 for ジ)."""
        entries = self._lexicon().read(reading)
        return any((kind := self._kind(e.pos)) and kind.suffix and _KANJI.search(e.surface) for e in entries)

    def terms(self, entry: Entry) -> list[str]:
        """What finds an entry of the dictionary in documents, told without an analysis as far as that goes."""
        surface, norm = key(entry.surface), key(entry.norm)
        if len(norm) >= len(surface) + _ADDRESS and surface in norm:
            return [surface]
        as_written = self._forms.term_of(entry.surface) if _FOREIGN.fullmatch(surface) else None
        return [norm, as_written] if as_written else [norm]

    def is_name(self, entry: Entry) -> bool:
        """Whether an entry is a name, of whatever."""
        return (kind := self._kind(entry.pos)) is not None and kind.kind != _COMMON

    def is_brand(self, entry: Entry) -> bool:
        """Whether an entry is a name that is neither a place's nor a person's."""
        return (kind := self._kind(entry.pos)) is not None and kind.kind == _OTHER

    def _rank(self, entry: Entry, suffixes: bool) -> _Rank | None:
        kind = self._kind(entry.pos)
        if kind is None or (kind.suffix and not suffixes) or not kind.plain:
            return None
        if is_numeral(entry.surface, entry.norm) or self.is_pronoun(entry.norm):
            return None
        if is_hiragana(entry.surface) and entry.norm == entry.surface:
            return None
        short = kind.kind == _PLACE and len(entry.surface) <= _MISREAD
        alone = short or kind.kind >= _FAMILY or (len(entry.surface) == 1 and not kind.suffix)
        return _Rank(kind.kind, not entry.groups, entry.surface != entry.norm, alone, kind.inflects)

    def _kind(self, pos: int) -> _Kind | None:
        if pos not in self._kinds:
            self._kinds[pos] = self._kind_of(self._lexicon().pos_of(pos))
        return self._kinds[pos]

    def _kind_of(self, levels: tuple[str, ...]) -> _Kind | None:
        if levels[0] in ("記号", "接頭辞") or "数詞" in levels:
            return None
        if not self._analyzer.is_content(levels, ""):
            return None
        suffix = levels[0] == "接尾辞"
        kind = next((kind for level, kind in _NAMES if level in levels), _COMMON)
        inflects = levels[0] in ("動詞", "形容詞")
        return _Kind(kind, suffix, levels[5] == "*" or levels[5].startswith("終止形"), inflects)


_COMMON, _OTHER, _PLACE, _FAMILY, _GIVEN = range(5)


_NAMES = (("姓", _FAMILY), ("人名", _GIVEN), ("地名", _PLACE), ("固有名詞", _OTHER))


class _Kind(NamedTuple):
    kind: int
    suffix: bool
    plain: bool
    inflects: bool


class _Rank(NamedTuple):
    """How likely a word is meant, the lowest first; ``alone`` tells whether it must be read so standing alone."""

    kind: int
    without_group: bool
    other_norm: bool
    alone: bool
    inflects: bool


def _first(ranked: tuple[_Rank, Entry]) -> _Rank:
    return ranked[0]
