"""Which words are one word in another spelling, and which are only near each other.

A synonym group joins what is one lexeme (日銀 and 日本銀行) with what is merely near (規制 and ルール), so that a group
alone tells little. Two members of a group, nouns that belong to the same groups, are the *same* if

- they are written in katakana or Latin letters, and their readings agree but for ヴ, long vowels and the like, or their
  consonants do (``sounds``: ビッグデータ and big data), or
- neither is written as another word too (as あめ and 飴 are), and their readings agree, or
- likewise, and one is an abbreviation of the other: its characters stand in the other in order, beginning with the
  first (東証 and 東京証券取引所), or are the initials of words in Latin letters. A common noun that only leaves whole
  words away is none (学童 and 学童保育).

What a user's own groups (``index.own.synonyms``) say of two words comes first: ``Lexicon.own_synonyms`` tells it, also
of words in no dictionary, and here nothing is said of the two.

Latin words of two letters are never the same as anything. Every other member is *loose*, unless one of the two is also
the name of a company that the group does not mean (りんご and Apple), or is but the beginning of the other and means
more (インター and インターナショナル): then they are not related.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from index.analysis.keys import bare, key
from index.lexicon.lookup import Lexicon
from index.lexicon.sounds import reads_as, sound
from index.lexicon.tables import Entry

Kind = Literal["same", "loose"]
Rule = Literal["reading", "abbreviation", "synonym"]

_KATAKANA = re.compile("[゠-ヿ]+")
_LATIN = re.compile(r"(?=.*[a-z])[ -~\u00c0-\u024f]+")
_HIRAGANA = re.compile("[ぁ-ゖー]+")
_NOUN, _PROPER, _COMPANY = "名詞", "固有名詞", ("固有名詞", "一般")
_SHORTEST = 3
"""Letters of a Latin word, and kana of a katakana word, that says enough."""
_MOST_FORMS = 3
"""Words in Latin letters that one katakana word may be; with more of them it says too little."""


class Related(NamedTuple):
    """A word that is related to another; ``rule`` is "reading", "abbreviation", or "synonym" for a loose one."""

    entry: Entry
    kind: Kind
    rule: Rule


def related(lexicon: Lexicon, entry: Entry) -> list[Related]:
    """The other members of an entry's groups, one of each normalized form, those that are the same first.

    A member with the entry's own normalized form is left out, since it is the same term already, and so is one of
    which the user's own groups say what it is.
    """
    forms = dict.fromkeys((entry.surface, entry.norm))
    decided = {key(each.surface) for form in forms for each in lexicon.own_synonyms(form)}
    found: dict[str, Related] = {}
    own = key(entry.norm)
    company = _company(lexicon, entry)
    for number in entry.groups:
        # Of those with one normalized form the one that is written so stands for all.
        for member in sorted(lexicon.group(number), key=lambda each: each.surface != each.norm):
            norm = key(member.norm)
            if decided and not decided.isdisjoint((norm, key(member.surface))):
                continue
            if norm == own or (norm in found and found[norm].kind == "same"):
                continue
            rule = same(lexicon, entry, member)
            if rule:
                found[norm] = Related(member, "same", rule)
            elif norm not in found and not company and not _company(lexicon, member) and not _clipped(entry, member):
                found[norm] = Related(member, "loose", "synonym")
    return sorted(found.values(), key=lambda each: each.kind == "loose")


def same(lexicon: Lexicon, one: Entry, other: Entry) -> Rule | None:
    """The rule by which two members of a group are one lexeme; None if they are not."""
    forms = key(one.surface), key(other.surface)
    if set(one.groups) != set(other.groups) or any(_is_latin(form) and len(bare(form)) < _SHORTEST for form in forms):
        return None
    levels = lexicon.pos_of(one.pos), lexicon.pos_of(other.pos)
    if any(_NOUN not in each for each in levels):
        return None
    alike = sound(one.reading) == sound(other.reading) or _reads_alike(one, other) or _reads_alike(other, one)
    if alike and all(_is_latin(form) or _is_katakana(form) for form in forms):
        return "reading"
    short, long = sorted(forms, key=len)
    if not (alike or _abbreviates(bare(short), long)) or _ambiguous(lexicon, one) or _ambiguous(lexicon, other):
        return None
    if alike:
        return "reading"
    names = all(_PROPER in each for each in levels)
    return "abbreviation" if names or not _leaves_words_away(lexicon, short, long) else None


def _ambiguous(lexicon: Lexicon, entry: Entry) -> bool:
    """Whether an entry of other groups, or of none, is written alike."""
    return any(set(other.groups) != set(entry.groups) for other in lexicon.written(entry.surface))


def _company(lexicon: Lexicon, entry: Entry) -> bool:
    """Whether a common noun is also written as a company's name, in groups of its own."""
    if _PROPER in lexicon.pos_of(entry.pos):
        return False
    return any(
        other.groups and not set(other.groups) & set(entry.groups) and lexicon.pos_of(other.pos)[1:3] == _COMPANY
        for form in {entry.surface, entry.norm}
        for other in lexicon.written(form)
    )


def _clipped(one: Entry, other: Entry) -> bool:
    """Whether one loanword is but the beginning of the other, and means other things too (インター)."""
    short, long = sorted((one.reading, other.reading), key=len)
    loans = all(_is_latin(key(each.surface)) or _is_katakana(key(each.surface)) for each in (one, other))
    return loans and short != long and long.startswith(short) and set(one.groups) != set(other.groups)


def _leaves_words_away(lexicon: Lexicon, short: str, long: str) -> bool:
    """Whether the longest word that ``long`` ends with stands wholly behind ``short``."""
    if not long.startswith(short):
        return False
    ends = (at for at in range(1, len(long)) if lexicon.written(long[at:]))
    return next(ends, 0) >= len(short)


def foreign(lexicon: Lexicon, text: str) -> tuple[str, ...]:
    """The written forms in Latin letters of a katakana word, or the other way round, that have its normalized form.

    Empty for what is too short, and for a katakana word that is more than three words in Latin letters.
    """
    folded = key(text)
    if _is_latin(folded) and len(bare(folded)) >= _SHORTEST:
        wanted = _is_katakana
    elif _is_katakana(folded) and len(folded) >= _SHORTEST:
        wanted = _is_latin
    else:
        return ()
    norms = dict.fromkeys([folded, *(key(entry.norm) for entry in lexicon.written(folded))])
    forms: dict[str, str] = {}
    for norm in norms:
        for entry in lexicon.normed(norm):
            form = key(entry.surface)
            if wanted(form) and len(bare(form)) >= _SHORTEST:
                forms.setdefault(form, entry.surface)
    return tuple(forms.values()) if wanted is _is_katakana or len(forms) <= _MOST_FORMS else ()


def _is_latin(folded: str) -> bool:
    return _LATIN.fullmatch(folded) is not None


def _is_katakana(folded: str) -> bool:
    return _KATAKANA.fullmatch(folded) is not None


def _reads_alike(one: Entry, other: Entry) -> bool:
    """Whether one is Latin and reads as the katakana of the other."""
    latin, kana = key(one.surface), key(other.reading)
    return _is_latin(latin) and _is_katakana(kana) and reads_as(latin, kana)


def _abbreviates(short: str, long: str) -> bool:
    """Whether the characters of ``short`` stand in ``long`` in order, from the first on; of Latin words, initials."""
    if len(short) < 2 or len(short) >= len(long) or short[0] != long[0] or _HIRAGANA.fullmatch(short):
        return False
    if _is_latin(short):
        return short == "".join(word[0] for word in re.findall(r"\w+", long))
    rest = iter(long)
    return all(character in rest for character in short)
