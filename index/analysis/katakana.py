"""Katakana words that the dictionary may have in another spelling: small kana written large, ヴ, the last 長音.

Known words are led together by their normalized forms. Here are those that the dictionary lacks, or has as names of
their own (キユーピー).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_WORD = re.compile("[ァ-ヺー]{3,}")
_LARGE = re.compile(
    "(?<=[キシチニヒミリギジビピ])[ヤユヨ]"
    "|(?<=[ァ-ヺー])ツ(?=[カ-ヂテ-ドパ-ポバブベボ])"
    "|(?<=[フヴ])[アイエオ](?=[ァ-ヺー]{2})|(?<=[テデ])イ(?=[ァ-ヺー]{2})|(?<=[シジチ])エ(?=[ァ-ヺー]{2})"
)
_SMALL = str.maketrans("アイエオツヤユヨ", "ァィェォッャュョ")
_SMALL_TO_LARGE = str.maketrans("ァィゥェォッャュョヮ", "アイウエオツヤユヨワ")
_V = re.compile("ヴ([ァィェォ]?)")
_B = {"": "ブ", "ァ": "バ", "ィ": "ビ", "ェ": "ベ", "ォ": "ボ"}
_SHORTEST = 3
SKELETON = "k:"
"""What the term of a skeleton begins with, so that it is no word's."""
_TO_KATAKANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}
_TO_HIRAGANA = {kana: code for code, kana in _TO_KATAKANA.items()}


def katakana(text: str) -> str:
    """A text with its hiragana as katakana."""
    return text.translate(_TO_KATAKANA)


def hiragana(text: str) -> str:
    """A text with its katakana as hiragana."""
    return text.translate(_TO_HIRAGANA)


def is_katakana(word: str) -> bool:
    """Whether a word of three letters or more is all katakana."""
    return _WORD.fullmatch(word) is not None


def respelt(word: str, *, known: bool) -> Iterator[str]:
    """Other spellings under which the dictionary may have a katakana word; few if it is ``known`` as it is."""
    if known and len(word) <= _SHORTEST:
        return  # リヨン is not リョン
    small = _LARGE.sub(lambda match: match[0].translate(_SMALL), word)
    if small != word:
        yield small
    if not known:
        without_v = _without_v(small)
        if without_v != small:
            yield without_v
        yield without_v[:-1] if without_v.endswith("ー") else without_v + "ー"


def skeleton(word: str) -> str:
    """The term that spellings of one unknown katakana word share: without 長音, ヴ as バ, small kana large.

    Empty where too little is left to tell words apart.
    """
    letters = _without_v(word).translate(_SMALL_TO_LARGE).replace("ー", "")
    return SKELETON + letters if len(letters) >= _SHORTEST else ""


def _without_v(word: str) -> str:
    return _V.sub(lambda match: _B[match[1]], word)
