"""A second look at what the first analysis could not read: dashes typed for 長音, old forms, 々 across words.

Old forms are not folded outright, since the dictionary has words that are written with them alone (條 as a name), and
with 々 (人々). Only where the first analysis leaves an unknown token, or a sign, on such a character is it
folded there (民主々義), and the fold is kept if a known word of more than that character comes out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from index.analysis.iteration import KANJI_MARK, spelt_out
from index.analysis.old_forms import OLD_KANA, old_forms

if TYPE_CHECKING:
    from sudachipy import Morpheme

_DASHES = "-‐‑‒–—―−─－ｰ〜～"
# Two in a row are a dash (だって――): nobody types 長音 so.
_TYPED_FOR_LONG_VOWEL = re.compile(f"(?<=[ァ-ヺぁ-ゖ])[{_DASHES}](?![{_DASHES}])")
_HYPHEN = re.compile("(?<=[A-Za-zＡ-Ｚａ-ｚ])[‐‑–−](?=[A-Za-zＡ-Ｚａ-ｚ])")
LONG_VOWEL = "ー"
NUMERAL = "数詞"
UNREADABLE = "補助記号"
"""The part of speech of signs, and of what has no other."""


@cache
def _foldable() -> re.Pattern[str]:
    return re.compile(f"{_TYPED_FOR_LONG_VOWEL.pattern}|{_HYPHEN.pattern}|{KANJI_MARK}|[{''.join(old_forms())}]")


@cache
def _foldable_characters() -> re.Pattern[str]:
    return re.compile(f"[{_DASHES}々{''.join(old_forms())}]")


def has_foldable_character(text: str) -> bool:
    """Whether the text has a character that ``repair`` folds in some text or other."""
    return _foldable_characters().search(text) is not None


def repairable(text: str) -> set[int]:
    """The offsets that ``repair`` folds if they are unread."""
    if not has_foldable_character(text):
        return set()
    return {match.start() for match in _foldable().finditer(text)}


def is_unread(morpheme: Morpheme) -> bool:
    """Whether the analysis made no word of it: an unknown token, a sign, or what ``is_scrap``.

    A number is one, though the dictionary lacks those that are joined of several.
    """
    pos = morpheme.part_of_speech()
    unknown = morpheme.is_oov() and pos[1] != NUMERAL
    return unknown or pos[0] == UNREADABLE or is_scrap(morpheme.surface())


def is_scrap(surface: str) -> bool:
    """Whether a word is more likely a piece of one: a 長音 alone, a kanji alone in its old form (辯 of 辯護士)."""
    return surface == LONG_VOWEL or (surface in old_forms() and surface not in OLD_KANA)


def unread(morphemes: Iterable[tuple[int, Morpheme]]) -> Iterator[tuple[int, int]]:
    """The spans of those that are, from morphemes with their offsets."""
    return ((at, at + len(morpheme.surface())) for at, morpheme in morphemes if is_unread(morpheme))


def repair(text: str, analyse: Callable[[str], Iterable[tuple[int, int]]]) -> str:
    """The text with its unread foldable characters folded, of the same length.

    ``analyse`` gives the spans of a text that an analysis makes no word of.
    """
    places = repairable(text)
    if not places:
        return text
    foldable = places & _offsets(analyse(text))
    if not foldable:
        return text
    foldable |= {at for at in places if at - 1 in foldable or at + 1 in foldable}
    folded = _folded(text, foldable)
    kept = foldable - _offsets(analyse(folded))
    return _folded(text, kept) if kept else text


def _folded(text: str, places: set[int]) -> str:
    forms = old_forms()
    respelt = _TYPED_FOR_LONG_VOWEL.sub(LONG_VOWEL, _HYPHEN.sub("-", spelt_out(text)))
    characters = list(text)
    for at in places:
        characters[at] = forms.get(respelt[at], respelt[at])
    return "".join(characters)


def _offsets(spans: Iterable[tuple[int, int]]) -> set[int]:
    return {at for start, end in spans for at in range(start, end)}
