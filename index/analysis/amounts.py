"""What a numeral says: kanji, 大字, full width, grouped; and which characters numerals are written with."""

from __future__ import annotations

import unicodedata
from typing import Final

DIGITS: Final = "0-9０-９"
KANJI: Final = "〇零一二三四五六七八九十百千万"
"""What dates and counts are written with."""
FORMAL: Final = "壱壹弌弐貳貮弍参參拾佰陌仟阡萬廿卅"
"""大字, which deeds and cheques are written with, and the old signs for twenty and thirty."""

_DIGITS = {"〇": 0, "零": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_DIGITS |= dict.fromkeys("壱壹弌", 1) | dict.fromkeys("弐貳貮弍", 2) | dict.fromkeys("参參", 3)
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "陌": 100, "千": 1000, "仟": 1000, "阡": 1000}
_SCORES = {"廿": 20, "卅": 30}
_MYRIADS = {"万": 10**4, "萬": 10**4, "億": 10**8, "兆": 10**12}
_LONGEST = 40


def is_numeral(character: str) -> bool:
    """Whether numerals are written with a character."""
    return character in _DIGITS or character in _TENS or character in _SCORES or character.isdecimal()


def amount(numeral: str) -> int | None:
    """The value of a whole number as it is written; None for what is none (二十三十, 十百)."""
    if len(numeral) > _LONGEST:
        return None
    if numeral.isdecimal():
        return int(numeral)
    text = unicodedata.normalize("NFKC", numeral)
    if not text or text.isascii():
        return None
    digits = [str(_DIGITS[c]) if c in _DIGITS else c for c in text]
    if all(c.isdigit() for c in digits):
        return int("".join(digits))
    return _myriads(text)


def _myriads(text: str) -> int | None:
    """Parts below ten thousand, each with its myriad, from the largest down."""
    total, rest, above = 0, "", 10**16
    for character in text:
        unit = _MYRIADS.get(character)
        if unit is None:
            rest += character
            continue
        value = _below(rest) if rest else None
        if value is None or unit >= above:
            return None
        total, rest, above = total + value * unit, "", unit
    if not rest:
        return total
    value = _below(rest)
    return None if value is None or value >= above else total + value


def _below(text: str) -> int | None:
    """A part below ten thousand: Arabic digits, or kanji from the thousands down."""
    if text.isascii():
        return int(text) if text.isdigit() else None
    total, above = 0, 10**4
    digit: int | None = None
    for character in text:
        if character in _DIGITS and digit is None:
            digit = _DIGITS[character]
            continue
        unit = _TENS.get(character) or _SCORES.get(character)
        if unit is None or (character in _SCORES and digit is not None) or above <= 10 ** (len(str(unit)) - 1):
            return None
        total += unit if digit is None else digit * unit
        above, digit = 10 ** (len(str(unit)) - 1), None
    return total if digit is None else total + digit if digit and above > 1 else None
