"""The name of the rule that joined a word of the query to the words of a text."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from index.analysis.amounts import FORMAL, KANJI
from index.analysis.fold import compare, fold
from index.analysis.katakana import is_katakana, skeleton
from index.analysis.keys import key
from index.analysis.mentions import is_mention
from index.analysis.old_forms import old_forms

_LONG_VOWELS = dict.fromkeys(map(ord, "ー-‐‑‒–—―−─"))
_DIGITS = frozenset(f"0123456789{KANJI}億兆京{FORMAL},.")
_PERCENT = frozenset({"%", "percent", "パーセント"})
_COUNTING = dict.fromkeys(map(ord, "ヶケヵカか箇"), "ヶ")
_KANJI = re.compile("[一-鿿㐀-䶿\uf900-\ufaff\U00020000-\U0003ffff]")
_MARK = re.compile("[々ゝゞヽヾ〳〴]")
_BLANKS = re.compile("(?<=[^\x00-\x7f])\\s+(?=[^\x00-\x7f])")
"""What the analysis may have dropped between Japanese characters."""
_REMEMBERED = 4096
"""Answers; the hits of a page have the same few words again and again."""
_ENDINGS = tuple("うくぐすつぬぶむるい")
"""The last character of a verb's or an adjective's dictionary form."""


@lru_cache(_REMEMBERED)
def why(typed: str, found: str, term: str) -> str:
    """The rule by which ``typed`` stands for ``found``, both as written; ``term`` is what they share in the index.

    What was typed as the beginning of words, with an asterisk behind it, stands for longer ones by ``prefix``.
    """
    if typed[-1:] in ("*", "＊"):
        beginning = typed.rstrip("*＊")
        return why(beginning, found, term) if len(compare(found)) <= len(compare(beginning)) else "prefix"
    typed, found = _BLANKS.sub("", typed), _BLANKS.sub("", found)
    if typed == found or _without_signs(typed) == _without_signs(found):
        return "surface"
    if unicodedata.normalize("NFC", typed) == unicodedata.normalize("NFC", found):
        return "composition"
    a, b = fold(typed).text, fold(found).text
    if unicodedata.normalize("NFKC", a) == unicodedata.normalize("NFKC", b):
        return "width"
    a, b = compare(a), compare(b)
    if a == b:
        return "case"
    return _by_value(a, b) if is_mention(term) else _by_notation(a, b, term)


def _by_value(a: str, b: str) -> str:
    """A date is told by the era of one side alone; all else is a number."""
    return "number" if _names_era(a) == _names_era(b) else "era"


def _names_era(text: str) -> bool:
    from index.analysis.dates import eras  # not before a date is found: a search starts sooner without

    return any(text.startswith(sign.casefold()) for sign in eras())


def _by_notation(a: str, b: str, term: str) -> str:
    if a.translate(_LONG_VOWELS) == b.translate(_LONG_VOWELS):
        return "long-vowel"
    if _modern(a) == _modern(b):
        return "kana" if _without_kanji(a) != _without_kanji(b) else "kanji-variant"
    if _is_kana(a, b):
        return "kana"
    if _DIGITS.issuperset(a + b) or ("%" in (a, b) and _PERCENT.issuperset((a, b))):
        return "number"
    if _is_inflection(a, b, term):
        return "inflection"
    if a.isascii() != b.isascii() and not any(map(_is_kanji, a + b)):
        return "foreign"
    bare_a, bare_b = _without_hiragana(a), _without_hiragana(b)
    if bare_a and bare_a == bare_b:
        return "okurigana"
    if any(map(_is_kanji, bare_a)) != any(map(_is_kanji, bare_b)) or len(bare_a) != len(bare_b):
        return "kana"
    return "normalized"


def _is_kana(a: str, b: str) -> bool:
    """The same but for marks of repetition, ヶ and its kin, small kana or ヴ."""
    if _MARK.search(a + b) or key(a) == key(b) or a.translate(_COUNTING) == b.translate(_COUNTING):
        return True
    return is_katakana(a) and is_katakana(b) and skeleton(a) == skeleton(b) != ""


def _is_inflection(a: str, b: str, term: str) -> bool:
    """The same stem with other endings, of a word whose dictionary form ends as verbs and adjectives do."""
    stem = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return term.endswith(_ENDINGS) and stem > 0 and not _without_hiragana(a[stem:] + b[stem:])


def _without_kanji(text: str) -> str:
    return "".join(c for c in text if not _is_kanji(c))


def _without_signs(text: str) -> str:
    return "".join(c for c in text if c.isalnum() or unicodedata.category(c).startswith("M"))


def _without_hiragana(text: str) -> str:
    return "".join(c for c in text if not ("ぁ" <= c <= "ゖ" or c == "ー"))


def _is_kanji(character: str) -> bool:
    return character in "々〆" or _KANJI.match(character) is not None


def _modern(text: str) -> str:
    forms = old_forms()
    return "".join(forms.get(character, character) for character in text)
