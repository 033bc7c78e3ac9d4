"""Whether readings are the same word's: kana against kana, and kana against Latin letters.

Kana tell apart what spellings of one foreign word do not (ヴ and バ, ィ and イ, with ー or without). Between kana and
Latin letters only consonants are compared, each kana with the letters that it is known to stand for, since vowels are
heard and spelt too differently (ビッグデータ, big data; トロント, Toronto). That proves little of two words alone, and
enough of two that a synonym group has joined.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SOUNDS = str.maketrans("ァィゥェォヵヶッャュョヮヂヅヲ", "アイウエオカケツヤユヨワジズオ", "ー・゠ ")
_V = str.maketrans({"ヴ": "ブ"})
_V_AND_VOWEL = (("ヴァ", "バ"), ("ヴィ", "ビ"), ("ヴェ", "ベ"), ("ヴォ", "ボ"))

_ROWS = {
    "アイウエオァィゥェォャュョヮヤユヨワヲッー・゠": "",
    "カキクケコ": "[ckq]+|g",
    "ガギグゲゴ": "g+",
    "サシスセソ": "s?c|[sz]+|t|j",
    "ザズゼゾヅ": "[sz]+|d?s",
    "ジヂ": "d?g+|d?j|[sz]+|d",
    "タテト": "t+|d",
    "チ": "t?c|t+|c+",
    "ツ": "t?[sz]+|t",
    "ダデド": "d+|t",
    "ナニヌネノ": "k?n+|gn",
    "ハヒヘホ": "",
    "フ": "f+|p|v|",
    "バビブベボ": "b+|v",
    "ヴ": "v|b|f|",
    "パピプペポ": "p+|b",
    "マミムメモ": "m+|n",
    "ラリルレロ": "[rl]+",
    "ン": "n+[td]?|m|",
}
_CONSONANTS = {kana: letters for row, letters in _ROWS.items() for kana in row}
_BETWEEN = "[aeiouyhwjr]*"
"""Letters that may be no consonant of the kana: vowels, and r after one."""
_FEWEST = 2
"""Consonants that have to agree."""


def sound(reading: str) -> str:
    """A reading without what spellings of one word differ in: long vowels, small kana, ヴ, signs."""
    for v, b in _V_AND_VOWEL:
        reading = reading.replace(v, b)
    return reading.translate(_V).translate(_SOUNDS)


@lru_cache(1 << 12)
def reads_as(latin: str, katakana: str) -> bool:
    """Whether the consonants of a word in Latin letters are those of the katakana, in order and none besides."""
    if any(kana not in _CONSONANTS for kana in katakana):
        return False
    consonants = [letters for letters in map(_CONSONANTS.__getitem__, katakana) if letters]
    letters = _letters(latin)
    # One pattern for all would try every way to share out letters that may be of one kana or of another.
    reached = _ends(_BETWEEN, letters, {0})
    for consonant in consonants:
        reached = _ends(_BETWEEN, letters, _ends(consonant, letters, reached))
    return len(consonants) >= _FEWEST and len(letters) in reached


def _ends(pattern: str, letters: str, starts: set[int]) -> set[int]:
    """Where a pattern can end that begins at one of ``starts``."""
    match = re.compile(pattern).fullmatch
    return {end for start in starts for end in range(start, len(letters) + 1) if match(letters, start, end)}


def _letters(latin: str) -> str:
    """Letters alone, without accents; x as it is heard."""
    plain = unicodedata.normalize("NFKD", latin.casefold())
    return "".join(letter for letter in plain if "a" <= letter <= "z").replace("x", "ks")
