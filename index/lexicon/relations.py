"""Which words are another spelling of one word, and which are only near it.

A synonym group joins what is one lexeme (日銀 and 日本銀行) with what is merely near (規制 and ルール), so that a group
alone tells little. Two of its members are the *same* if they belong to the same groups and

- their readings agree, long vowels and ヴ aside (髙島屋 and 高島屋), or
- kana and Latin read alike, by their consonants (ビッグデータ and big data), or
- one is an abbreviation of the other: its characters in order, from the first one on (東証 and 東京証券取引所), or the
  initials of words in Latin letters.

Latin words of two letters are never the same as anything. All other members are *loose*; a proper noun and a common one
are no relation at all.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from index.analysis.keys import bare, key
from index.lexicon.lookup import Lexicon
from index.lexicon.tables import Entry

Kind = Literal["same", "loose"]

_KATAKANA = re.compile("[゠-ヿ]+")
_LATIN = re.compile(r"(?=.*[a-z])[ -~\u00c0-\u024f]+")
_SHORTEST_LATIN = 3
_SHORTEST_KATAKANA = 3
_MOST_FORMS = 3
"""Words in Latin letters that one katakana word may be; with more of them it says too little."""


class Related(NamedTuple):
    """A word that is related to another; ``rule`` is "reading", "abbreviation", or "synonym" for a loose one."""

    entry: Entry
    kind: Kind
    rule: str


def related(lexicon: Lexicon, entry: Entry) -> list[Related]:
    """The other members of an entry's groups, one of each normalized form, those that are the same first.

    A member with the entry's own normalized form is left out: it is the same term already.
    """
    found: dict[str, Related] = {}
    own = key(entry.norm)
    for number in entry.groups:
        for member in lexicon.group(number):
            norm = key(member.norm)
            if norm == own or not alike(lexicon.pos_of(entry.pos), lexicon.pos_of(member.pos)):
                continue
            rule = same(entry, member)
            if norm not in found or (rule and found[norm].kind == "loose"):
                found[norm] = Related(member, "same" if rule else "loose", rule or "synonym")
    return sorted(found.values(), key=lambda each: each.kind == "loose")


def alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether parts of speech let words be related: both proper nouns, or neither."""
    return ("固有名詞" in one) == ("固有名詞" in other)


def same(one: Entry, other: Entry) -> str | None:
    """The rule by which two members of a group are one lexeme; None if they are not."""
    forms = key(one.surface), key(other.surface)
    if set(one.groups) != set(other.groups) or any(_is_latin(form) and len(bare(form)) < 3 for form in forms):
        return None
    if _sound(one.reading) == _sound(other.reading) or _reads_alike(one, other):
        return "reading"
    short, long = sorted(forms, key=len)
    return "abbreviation" if _abbreviates(bare(short), long) else None


def foreign(lexicon: Lexicon, text: str) -> tuple[str, ...]:
    """The written forms in Latin letters of a katakana word, or the other way round, that have its normalized form.

    Empty for what is too short, and for a katakana word that is more than three words in Latin letters.
    """
    folded = key(text)
    if _is_latin(folded) and len(bare(folded)) >= _SHORTEST_LATIN:
        wanted = _is_katakana
    elif _is_katakana(folded) and len(folded) >= _SHORTEST_KATAKANA:
        wanted = _is_latin
    else:
        return ()
    norms = dict.fromkeys([folded, *(key(entry.norm) for entry in lexicon.written(folded))])
    forms: dict[str, str] = {}
    for norm in norms:
        for entry in lexicon.normed(norm):
            form = key(entry.surface)
            if wanted(form) and len(bare(form)) >= _SHORTEST_LATIN:
                forms.setdefault(form, entry.surface)
    return tuple(forms.values()) if wanted is _is_katakana or len(forms) <= _MOST_FORMS else ()


def _is_latin(folded: str) -> bool:
    return _LATIN.fullmatch(folded) is not None


def _is_katakana(folded: str) -> bool:
    return _KATAKANA.fullmatch(folded) is not None


_SOUNDS = str.maketrans("ァィゥェォヵヶッャュョヮヂヅヲ", "アイウエオカケツヤユヨワジズオ", "ー・゠ ")
_V = (("ヴァ", "バ"), ("ヴィ", "ビ"), ("ヴェ", "ベ"), ("ヴォ", "ボ"), ("ヴ", "ブ"))


def _sound(reading: str) -> str:
    """A reading without what spellings of one word differ in: long vowels, small kana, ヴ, signs."""
    for v, b in _V:
        reading = reading.replace(v, b)
    return reading.translate(_SOUNDS)


def _reads_alike(one: Entry, other: Entry) -> bool:
    return False


def _abbreviates(short: str, long: str) -> bool:
    """Whether the characters of ``short`` stand in ``long`` in order, from the first on; of Latin words, initials."""
    if len(short) < 2 or len(short) >= len(long) or short[0] != long[0]:
        return False
    if _is_latin(short):
        return short == "".join(word[0] for word in re.findall(r"\w+", long))
    rest = iter(long)
    return all(character in rest for character in short)
