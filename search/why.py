"""The name of the rule that joined a word of the query to the words of a text."""

from __future__ import annotations

import re
import unicodedata

from index.analysis.fold import compare, fold
from index.analysis.repair import old_forms

_HIRAGANA = re.compile("[ぁ-ゖー]+")
_KANJI = re.compile("[々〆一-鿿㐀-䶿]")
_DIGITS = re.compile("[0-9〇一二三四五六七八九十百千万億兆京零壱弐参拾廿,.]+")
_LONG = re.compile("[ー\\-‐‑‒–—―−─]")
_SIGNS = re.compile("[^\\w\u0300-\u036f\u3099\u309a\ufe00-\ufe0f\U000e0100-\U000e01ef]+|_+")
_DICTIONARY_FORM = re.compile("[うくぐすつぬぶむるい]$")


def why(typed: str, found: str, term: str) -> str:
    """The rule by which ``typed`` stands for ``found``, both as written; ``term`` is what they share in the index."""
    if _SIGNS.sub("", typed) == _SIGNS.sub("", found):
        return "surface"
    if unicodedata.normalize("NFC", typed) == unicodedata.normalize("NFC", found):
        return "composition"
    a, b = fold(typed).text, fold(found).text
    if unicodedata.normalize("NFKC", a) == unicodedata.normalize("NFKC", b):
        return "width"
    a, b = compare(a), compare(b)
    return "case" if a == b else _by_notation(a, b, term)


def _by_notation(a: str, b: str, term: str) -> str:
    if _LONG.sub("", a) == _LONG.sub("", b):
        return "long-vowel"
    if _modern(a) == _modern(b):
        return "kanji-variant"
    if _DIGITS.fullmatch(a) and _DIGITS.fullmatch(b):
        return "number"
    if _is_inflection(a, b, term):
        return "inflection"
    bare_a, bare_b = _HIRAGANA.sub("", a), _HIRAGANA.sub("", b)
    if bare_a and bare_a == bare_b:
        return "okurigana"
    if bool(_KANJI.search(bare_a)) != bool(_KANJI.search(bare_b)) or len(bare_a) != len(bare_b):
        return "kana"
    return "normalized"


def _is_inflection(a: str, b: str, term: str) -> bool:
    """The same stem with other endings, of a word whose dictionary form ends as verbs and adjectives do."""
    if not _DICTIONARY_FORM.search(term):
        return False
    stem = 0
    while stem < min(len(a), len(b)) and a[stem] == b[stem]:
        stem += 1
    return stem > 0 and all(not rest or _HIRAGANA.fullmatch(rest) is not None for rest in (a[stem:], b[stem:]))


def _modern(text: str) -> str:
    forms = old_forms()
    return "".join(forms.get(character, character) for character in text)
