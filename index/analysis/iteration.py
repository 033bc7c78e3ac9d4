"""Iteration marks spelt out: what 々 ゝ ゞ ヽ ヾ 〳〵 〴〵 repeat, character for character, so that offsets stay.

〳〵 repeats the two characters before it, which is what it nearly always stands for (いろ〳〵, しみ〴〵).
"""

from __future__ import annotations

import re
import unicodedata

_KANJI = "一-鿿㐀-䶿"
_OF_KANA = f"[ゝゞヽヾ〳〴](?:(?<=[ぁ-ゖ][ゝゞ])|(?<=[ァ-ヺ][ヽヾ])|(?<=[ぁ-ゖァ-ヺ{_KANJI}]{{2}}[〳〴])〵)"
KANJI_MARK = f"(?<=[{_KANJI}])々"
"""A regular expression for a mark that repeats the kanji before it."""
_MARK = re.compile(f"{KANJI_MARK}|{_OF_KANA}")
_MARK_OF_KANA = re.compile(_OF_KANA)
_ANY_OF_KANA = re.compile("[ゝゞヽヾ〳〴]")
_ANY = re.compile("[々ゝゞヽヾ〳〴]")
_LONGEST = 2
"""Characters of a mark, and of what it repeats."""


def has_mark_of_kana(text: str) -> bool:
    """Whether there is anything to spell out but 々."""
    return _ANY_OF_KANA.search(text) is not None


def spelt_out(text: str, *, kanji: bool = True) -> str:
    """The text with its marks, 々 only with ``kanji``, replaced by what they repeat; of the same length."""
    pattern = _MARK if kanji else _MARK_OF_KANA
    characters = list(text)
    for place in _ANY.finditer(text):
        at = place.start()
        before = "".join(characters[max(0, at - _LONGEST) : at])  # a mark may repeat what another stood for
        mark = pattern.match(before + text[at : at + _LONGEST], len(before))
        if mark is not None:
            characters[at : at + len(mark[0])] = _repeated(mark)
    return "".join(characters)


def _repeated(mark: re.Match[str]) -> str:
    repeated = mark.string[mark.start() - len(mark[0]) : mark.start()]
    return _voiced(repeated[0]) + repeated[1:] if mark[0][0] in "ゞヾ〴" else repeated


def _voiced(kana: str) -> str:
    voiced = unicodedata.normalize("NFC", kana + "\u3099")
    return voiced if len(voiced) == 1 else kana
