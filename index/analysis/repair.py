"""A second look at what the first analysis could not read: dashes typed for 長音, old forms of kanji.

Old forms are not folded outright, since the dictionary has words that are written with them alone (條 as a name). Only
where the first analysis leaves an unknown token, or a sign, on such a character is it folded there, and the fold is
kept if a known word of more than that character comes out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sudachipy import Morpheme

_DATA = Path(__file__).parent / "data" / "old_forms.tsv"
_DASHES = "-‐‑‒–—―−─－ｰ"
# Two in a row are a dash (だって――): nobody types 長音 so.
_TYPED_FOR_LONG_VOWEL = re.compile(f"(?<=[ァ-ヺぁ-ゖ])[{_DASHES}](?![{_DASHES}])")
_LONG_VOWEL = "ー"

Analyse = Callable[[str], Iterable[tuple[int, "Morpheme"]]]


@cache
def old_forms() -> dict[str, str]:
    """Old form → the form of today, both one character: the 常用漢字 list's own pairs."""
    rows = (line.split("\t") for line in _DATA.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {row[0]: row[1] for row in rows}


@cache
def _foldable() -> re.Pattern[str]:
    return re.compile(f"{_TYPED_FOR_LONG_VOWEL.pattern}|[{''.join(old_forms())}]")


@cache
def _foldable_characters() -> re.Pattern[str]:
    return re.compile(f"[{_DASHES}{''.join(old_forms())}]")


def has_foldable_character(text: str) -> bool:
    """Whether the text has a character that ``repair`` folds in some text or other."""
    return _foldable_characters().search(text) is not None


def repairable(text: str) -> set[int]:
    """The offsets that ``repair`` folds if they are unread."""
    if not has_foldable_character(text):
        return set()
    return {match.start() for match in _foldable().finditer(text)}


def is_unread(morpheme: Morpheme) -> bool:
    """Whether the analysis could make nothing of it: an unknown token or a sign."""
    return morpheme.is_oov() or morpheme.part_of_speech()[0] == "補助記号"


def repair(text: str, analyse: Analyse, first: Iterable[tuple[int, Morpheme]] | None = None) -> str:
    """The text with its unread foldable characters folded, of the same length; ``first`` is its analysis, if known."""
    places = repairable(text)
    if not places:
        return text
    unread = places & _unread(analyse(text) if first is None else first)
    if not unread:
        return text
    unread |= {at for at in places if at - 1 in unread or at + 1 in unread}
    folded = _folded(text, unread)
    kept = unread - _unread(analyse(folded), alone=True)
    return _folded(text, kept) if kept else text


def _folded(text: str, places: set[int]) -> str:
    forms = old_forms()
    characters = list(text)
    for at in places:
        characters[at] = forms.get(characters[at], _LONG_VOWEL)
    return "".join(characters)


def _unread(morphemes: Iterable[tuple[int, Morpheme]], *, alone: bool = False) -> set[int]:
    """The offsets inside unknown tokens and signs; with ``alone``, inside words of one character too."""
    offsets: set[int] = set()
    for at, morpheme in morphemes:
        surface = morpheme.surface()
        if is_unread(morpheme) or (alone and len(surface) == 1 and surface == _LONG_VOWEL):
            offsets.update(range(at, at + len(surface)))
    return offsets
