"""Which pairs of neighbouring characters does a text have, however it is cut into words?

Width, case and composition are folded as where strings are compared, and old forms of characters beside. Pairs of
hiragana are left out: they are endings and particles, and stand nearly everywhere.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise, product

from index.analysis.fold import compare
from index.analysis.old_forms import old_forms


def pairs_of(text: str) -> tuple[str, ...]:
    """The pairs of a text, each once, in the order of the text."""
    folded = compare(text).translate(_of_today())
    return tuple(dict.fromkeys(a + b for a, b in pairwise(folded) if _counts(a, b)))


def _counts(a: str, b: str) -> bool:
    return a.isalnum() and b.isalnum() and not ("ぁ" <= a <= "ゖ" and "ぁ" <= b <= "ゖ")


def spellings(pair: str) -> list[tuple[int, int]]:
    """The pairs of code points that a pair stands for, as a text may have them where old forms are not folded."""
    first, second = (_written().get(character, (character,)) for character in pair)
    return [(ord(a), ord(b)) for a, b in product(first, second)]


@cache
def _of_today() -> dict[int, str]:
    return {ord(old): new for old, new in old_forms().items()}


@cache
def _written() -> dict[str, tuple[str, ...]]:
    """By a character of today itself and its old forms."""
    written: dict[str, tuple[str, ...]] = {}
    for old, new in old_forms().items():
        written[new] = (*written.get(new, () if new in old_forms() else (new,)), old)
    return written
