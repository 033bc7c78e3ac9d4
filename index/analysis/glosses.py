"""What a document says that a word is: ディープシーク（DeepSeek）, 小鳥遊（たかなし）, ruby, as terms over the word.

A gloss is a term ``g:`` key ``=`` form at the slots of the word that is glossed, so that the terms of an index that
begin with ``g:`` and a key are all other forms that its documents give it, and go with the documents that gave them.
Kana and Latin letters gloss each other; kana gloss kanji, and are not found by them, since kanji are no way to find all
that sounds like them. Which of them are the same word is decided where they are looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from index.analysis.katakana import katakana
from index.analysis.keys import bare, key
from index.analysis.mentions import GLOSS, Mention

BETWEEN: Final = "="
"""Stands between what is looked up and the form that it is given."""
LONGEST: Final = 40
"""Characters of either form."""

_KATAKANA = "ァ-ヺー・＝"
_LATIN = "A-Za-z0-9Ａ-Ｚａ-ｚ０-９À-ɏ"
_NAME = rf"[A-Za-zＡ-Ｚａ-ｚÀ-ɏ](?:[{_LATIN} .&'’+-]{{0,{LONGEST - 2}}}[{_LATIN}+])"
_KANJI = "一-鿿㐀-䶿々〆ヶ"
_ANY_KANJI = re.compile("[一-鿿㐀-䶿々〆]")
_FOREIGN = re.compile(
    rf"(?<![{_KATAKANA}])(?P<kana>[ァ-ヺ][{_KATAKANA}]{{1,{LONGEST}}})[（(](?P<latin>{_NAME})[）)]"
    rf"|(?<![{_LATIN}])(?P<name>{_NAME})[（(](?P<spoken>[ァ-ヺ][{_KATAKANA}]{{1,{LONGEST}}})[）)]"
)
_READ = re.compile(
    rf"(?:[|｜](?P<marked>[^|｜《》\s]{{1,{LONGEST}}})|(?P<plain>[{_KANJI}]{{1,{LONGEST}}}))"
    rf"(?:《(?P<ruby>[ぁ-ゖァ-ヺー]{{1,{LONGEST}}})》|[（(](?P<said>[ぁ-ゖ][ぁ-ゖー・ 　]{{0,{LONGEST}}})[）)])"
)


def find_glosses(text: str) -> Iterator[Mention]:
    """The glosses in a folded text, at the words that they are of."""
    for match in _FOREIGN.finditer(text):
        kana, latin = ("kana", "latin") if match["kana"] else ("spoken", "name")
        terms = _gloss(match[kana], match[latin]), _gloss(match[latin], match[kana])
        yield Mention(*match.span("kana" if match["kana"] else "name"), terms)
    for match in _READ.finditer(text):
        word = "marked" if match["marked"] else "plain"
        if _is_spelt_out(match[word], match["ruby"] or match["said"]):
            yield Mention(*match.span(word), (_gloss(match["ruby"] or match["said"], match[word]),))


def _gloss(said: str, word: str) -> str:
    return f"{GLOSS}{looked_up(said)}{BETWEEN}{key(word)}"


def looked_up(form: str) -> str:
    """What glosses of a form begin with, behind ``GLOSS``: its key without signs and blanks, kana as katakana."""
    return katakana(bare(key(form)))


def may_be_glossed(said: str) -> bool:
    """Whether there can be glosses of what ``looked_up`` gave: kanji are looked up by none."""
    return _ANY_KANJI.search(said) is None


def _is_spelt_out(word: str, said: str) -> bool:
    """Whether kana can be all of a word's reading: a kanji has at least one, and rarely more than four."""
    return len(word) <= len(bare(said)) <= 4 * len(word) + 1
