"""Romaji → katakana: every reading that a word in Latin letters can be meant as.

Hepburn, Kunrei and Nihon-shiki mixed as people mix them: shi and si, n' and nn, m before b and p, tch and cch, macrons
and circumflexes, vowels doubled or followed by h, and long vowels with no mark at all, which is how names are mostly
written (Tokyo, Ono). The last gives several readings, those with the fewest vowels drawn out first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations, islice, product

from index.analysis.fold import compare

MOST = 48
"""Readings of a word."""
_LONGEST = 30
"""Letters of a word; the longest readings that are looked up are shorter."""
_DRAWN_OUT = 3
"""Vowels without a mark that are drawn out at once."""
_REMEMBERED = 4096
_LETTERS = re.compile("[a-z][a-z'’ʼ\u0302\u0304-]*")
_MARKED = re.compile("[aiueo][\u0302\u0304]|ou|oo|uu|aa|ee|oh(?![aiueoy])")
_VOWELS = "aiueo"
_LONG_MARKS = "\u0302\u0304"
_MARKS_OF_LENGTH = {"a": "ーア", "i": "ーイ", "u": "ウー", "e": "ーイエ", "o": "ウオー"}
"""How katakana goes on after a vowel that is marked as long."""
_UNMARKED = {"a": "ー", "i": "ー", "u": "ウー", "e": "ー", "o": "ウオー"}
"""How it may go on after one that is not: ā, ī and ē come in loanwords alone."""
_DOUBLED = {"a": "アー", "i": "イー", "u": "ウー", "e": "エー", "o": "オーウ"}
_ALSO = {"ジ": ("ヂ",), "ズ": ("ヅ",), "ヲ": ("オ",)}
"""Sounds that are written in two ways; ンイ and the like are often typed as ニ (Kenichi)."""
_ALSO |= {kana: ("ン" + after,) for kana, after in zip("ナニヌネノ", "アイウエオ", strict=True)}
_ALSO |= {kana: ("ン" + after,) for kana, after in zip(("ニャ", "ニュ", "ニョ"), "ヤユヨ", strict=True)}


_ROWS = (
    "k:カキクケコ s:サシスセソ t:タチツテト n:ナニヌネノ h:ハヒフヘホ m:マミムメモ r:ラリルレロ "
    "g:ガギグゲゴ z:ザジズゼゾ d:ダヂヅデド b:バビブベボ p:パピプペポ"
)
_OTHERS = (
    "a:ア i:イ u:ウ e:エ o:オ ya:ヤ yu:ユ yo:ヨ wa:ワ wi:ウィ we:ウェ wo:ヲ shi:シ chi:チ tsu:ツ fu:フ ji:ジ vu:ヴ"
)
_GLIDES = "ky:キ sy:シ sh:シ ty:チ ch:チ ny:ニ hy:ヒ my:ミ ry:リ gy:ギ zy:ジ j:ジ jy:ジ dy:ヂ by:ビ py:ピ"
_FOREIGN = "f:フ v:ヴ ts:ツ"


def _syllables() -> dict[str, str]:
    found = _pairs(_OTHERS)
    for consonant, row in _pairs(_ROWS).items():
        found |= {consonant + vowel: kana for vowel, kana in zip(_VOWELS, row, strict=True)}
    for glide, kana in _pairs(_GLIDES).items():
        found |= {glide + vowel: kana + small for vowel, small in zip("aueo", "ャュェョ", strict=True)}
    for consonant, kana in _pairs(_FOREIGN).items():
        found |= {consonant + vowel: kana + small for vowel, small in zip("aieo", "ァィェォ", strict=True)}
    return found


def _pairs(table: str) -> dict[str, str]:
    return dict(pair.split(":") for pair in table.split())


_SYLLABLES = _syllables()
_LONGEST_SYLLABLE = max(map(len, _SYLLABLES))
_SMALL = frozenset("ァィゥェォャュョヮ")


@lru_cache(_REMEMBERED)
def readings(word: str) -> tuple[str, ...]:
    """The katakana that a word may stand for, the likeliest first, at most ``MOST``; none where it is no romaji.

    A word of one mora is none: too many words are.
    """
    letters = unicodedata.normalize("NFD", compare(word))
    if len(letters) > _LONGEST or _LETTERS.fullmatch(letters) is None:
        return ()
    parsed = _parsed(re.sub("(?<!n)-|-$", "", re.sub("['’ʼ]|(?<=n)-", "'", letters)))
    if parsed is None or morae("".join(options[0] for options in parsed)) < 2:
        return ()
    marked = _MARKED.search(letters) is not None
    return tuple(dict.fromkeys(islice(_enumerated(parsed, marked=marked), MOST)))


def plain(word: str) -> str:
    """A word without the marks of long vowels, folded (Tōkyō → tokyo)."""
    letters = unicodedata.normalize("NFD", compare(word))
    return "".join(c for c in letters if c not in _LONG_MARKS)


def morae(kana: str) -> int:
    """How many morae a reading has: small kana but ッ go with the one before them."""
    return sum(character not in _SMALL for character in kana)


def _parsed(letters: str) -> list[tuple[str, ...]] | None:
    """What may be written for each sound, the likeliest first; None where the letters are no romaji."""
    found: list[tuple[str, ...]] = []
    at = 0
    while at < len(letters):
        sound = _sound(letters, at)
        if sound is None:
            return None
        kana, at = sound
        found.append((kana, *_ALSO.get(kana, ())))
        vowel = letters[at - 1]
        if vowel not in _VOWELS:
            continue
        following = letters[at : at + 1]
        if following and following in _LONG_MARKS:
            found.append(tuple(_MARKS_OF_LENGTH[vowel]))
            at += 1
        elif following == vowel:
            found.append(tuple(_DOUBLED[vowel]))
            at += 1
        elif vowel == "o" and following == "h" and letters[at + 1 : at + 2] not in (*_VOWELS, "y"):
            found.append(("オ", "ウ"))
            at += 1
        elif vowel == "o" and following == "u" and letters[at + 1 : at + 2] not in _LONG_MARKS:
            found.append(("ウ", "ー"))
            at += 1
    return found


def _sound(letters: str, at: int) -> tuple[str, int] | None:
    """The sound that begins at a letter, and where the next one begins."""
    for length in range(_LONGEST_SYLLABLE, 0, -1):
        kana = _SYLLABLES.get(letters[at : at + length])
        if kana is not None and at + length <= len(letters):
            return kana, at + length
    letter, following = letters[at], letters[at + 1 : at + 2]
    if letter == "n":
        if following == "'":
            return "ン", at + 2
        if following == "n" and letters[at + 2 : at + 3] not in tuple(_VOWELS + "y"):
            return "ン", at + 2
        return "ン", at + 1
    if letter == "m" and following and following in "bpm":
        return "ン", at + 1
    doubled = following == letter or (letter == "t" and letters[at + 1 : at + 3] == "ch")
    return ("ッ", at + 1) if doubled and letter.isalpha() else None


def _enumerated(parsed: Sequence[tuple[str, ...]], *, marked: bool) -> Iterator[str]:
    """The readings, those nearest to what was typed first."""
    if marked:
        yield from map("".join, product(*parsed))
        return
    ends = [i for i, options in enumerate(parsed) if _vowel(options[0])]
    for count in range(_DRAWN_OUT + 1):
        for drawn in combinations(ends, count):
            yield from map("".join, product(*(_longer(o) if i in drawn else o for i, o in enumerate(parsed))))


def _longer(options: tuple[str, ...]) -> list[str]:
    """A sound with its vowel drawn out, in all ways."""
    return [options[0] + mark for mark in _UNMARKED[_vowel(options[0])]]


_VOWEL_OF = {kana[-1]: letters[-1] for letters, kana in _SYLLABLES.items()}


def _vowel(kana: str) -> str:
    """The vowel that a sound ends with; empty for ン and ッ."""
    return _VOWEL_OF.get(kana[-1], "")
