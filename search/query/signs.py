"""The query string → its signs and the words between them, in order.

Only the width of the signs themselves is folded (－ （ ） “ ” ｜ ＯＲ ＊ ＾ ：); all else stays as it was typed.

    quoted   "…", with the distance behind it (~5) if it has one
    word     what stands between blanks and signs, with a boost behind it (^2), or as a beginning of words (輸出*);
             parentheses around one or two kanji, glued to a word, are part of it: (株)山田商店, 山田商店（株）
    field    a name that is known as one, up to its colon (title:, 年：)
    open close   parentheses, the closing one with the boost behind it
    bar      ｜ between two words without a blank
    or and not   OR and ｜ standing alone, AND, NOT and a leading minus, or a dash that is typed for one (− ― – ‐ ー)

Behind a field's name [A TO B] is the word A..B.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import NamedTuple

LEAST_BOOST, MOST_BOOST = 0.1, 10.0
MOST_SLACK = 100
"""Slots that may lie between words that are to be near each other."""

_QUOTES = {'"': '"', "＂": '"', "“": "”", "”": "”", "„": "”", "「": "」", "『": "』"}
_CLOSING = {'"': '"＂', "”": '”“"＂', "」": "」", "』": "』"}
OPERATORS = {"OR": "or", "ＯＲ": "or", "AND": "and", "ＡＮＤ": "and", "NOT": "not", "ＮＯＴ": "not"}
_BARS = "|｜"
_END = r"(?=[\s()（）|｜]|$)"
_NO_OPERATOR = "".join(rf"(?<!\b{operator})" for operator in OPERATORS)
_IN_BRACKETS = r"[(（][々〇\u3400-\u9fff\uf900-\ufaff]{1,2}[)）]"
_PART = rf"(?:(?<=\w){_NO_OPERATOR}{_IN_BRACKETS}(?![\^＾])|{_IN_BRACKETS}(?=\w)(?!(?:{'|'.join(OPERATORS)})\b))"
"""Brackets that belong to the word they are glued to: neither NOT(中国) nor (中国)OR is such, nor what has a boost."""
_WORD = re.compile(rf"(?:[^\s()（）\"＂“”„「」『』{_BARS}]|{_PART})+")
_MINUS = "-－"
_DASHES = "−―–‐‑‒—"
"""What an input method gives for a minus. Two in a row are a dash."""
_DIGIT_BEFORE = re.compile(r"\d\s*$")
_LONG_VOWELS = "ーｰ"
_NOT_AFTER_LONG_VOWEL = re.compile(r"[^\W\d_ぁ-ゖーｰ]")
_BETWEEN = re.compile(r"[\[［]\s*([^\s\[\]［］]+)\s+(?:TO|ＴＯ)\s+([^\s\[\]［］]+)\s*[\]］]")
_BAR = re.compile(rf"[{_BARS}]+")
_FIELD = re.compile(r"([^\s:：]{1,64})[:：]")
_BOOST = re.compile(rf"[\^＾](\d{{1,9}}(?:[.．]\d{{1,9}})?|[.．]\d{{1,9}}){_END}")
_SLACK = re.compile(r"[~～〜∼](\d{1,9})(?=[\s()（）|｜\^＾]|$)")
_NO_SLACK = re.compile(r"[~～〜∼][A-Za-z0-9]*(?=[\s()（）|｜\^＾]|$)")
_STARS = "*＊"
_BEGINNING = re.compile(r"(.+?)[*＊]+")
_UNREAD = (
    (re.compile(r"[^\W_].*[*＊]|[*＊].*[^\W_]"), "* is read behind the beginning of a word only"),
    (re.compile(r"[^\W\d_][\^＾]|[\^＾]$"), "^ is read before a number only"),
    (re.compile(r"[^\W\d_][~～]\d*$"), "~ is read behind a quotation only"),
)
_NAMED = re.compile(r"([A-Za-z_]\w*)[:：](?!//)\S", re.ASCII)


class Sign(NamedTuple):
    """A sign or a word; ``glued`` tells that something stands right before it."""

    kind: str
    text: str
    glued: bool = False
    boost: float | None = None
    slack: int | None = None
    beginning: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is a word that may be read together with those beside it."""
        return self.kind == "word" and self.boost is None and not self.beginning


def signs(query: str, is_field: Callable[[str], bool], warnings: list[str]) -> list[Sign]:
    """All of a query; what is wrong with a sign is added to the warnings."""
    return list(_Lexer(query, is_field, warnings).signs())


def unread(word: str, is_alias: Callable[[str], bool]) -> Iterator[str]:
    """What of a word looks like an operator and is none; ``is_alias`` knows names that fields of other indexes have."""
    for pattern, told in _UNREAD:
        if pattern.search(word):
            yield f"{word} is searched as words: {told}"
    named = _FIELD.match(word)
    if named is not None and named.end() < len(word) and (_NAMED.match(word) or is_alias(named[1])):
        yield f"{word} is searched as words: there is no field {named[1]}"


class _Lexer:
    def __init__(self, query: str, is_field: Callable[[str], bool], warnings: list[str]) -> None:
        self._query = query
        self._is_field = is_field
        self._warnings = warnings
        self._at = 0

    def signs(self) -> Iterator[Sign]:
        """One after the other."""
        query = self._query
        while self._at < len(query):
            at, character = self._at, query[self._at]
            glued = at > 0 and not query[at - 1].isspace() and query[at - 1] not in "(（"
            if character.isspace():
                self._at += 1
            elif character in "(（" and _WORD.match(query, at) is None:
                self._at += 1
                yield Sign("open", character, glued)
            elif character in ")）":
                self._at += 1
                yield Sign("close", character, glued, boost=self._boost())
            elif character in _BARS:
                yield self._bar(glued)
            elif character in _QUOTES:
                yield from self._quotation(glued)
            elif character in "」』":
                self._warnings.append(f"{character} closes nothing and is left out")
                self._at += 1
            elif not glued and self._excludes(at):
                self._at += 1
                yield Sign("not", character, glued)
            else:
                yield self._word(glued)

    def _excludes(self, at: int) -> bool:
        """Whether what stands at a place behind a blank, a parenthesis or nothing is a minus before a word."""
        sign, after = self._query[at], self._query[at + 1 : at + 2]
        if not after.strip():
            return False
        if sign in _DASHES:
            between_digits = after.isdigit() and _DIGIT_BEFORE.search(self._query, 0, at)
            return after not in _DASHES and not between_digits
        if sign in _LONG_VOWELS and at and _NOT_AFTER_LONG_VOWEL.match(after):
            word = _WORD.match(self._query, at)
            assert word is not None, "the sign and a letter are a word"
            self._warnings.append(f"{word[0]} is read as -{word[0][1:]}: no word begins with {sign}")
            return True
        return sign in _MINUS

    def _bar(self, glued: bool) -> Sign:
        match = _BAR.match(self._query, self._at)
        assert match is not None, "it begins with one"
        self._at = match.end()
        after = self._query[self._at : self._at + 1]
        between = glued and after and not after.isspace() and after not in ")）"
        return Sign("bar" if between else "or", match[0][0], glued)

    def _quotation(self, glued: bool) -> Iterator[Sign]:
        at = self._at
        closing = _CLOSING[_QUOTES[self._query[at]]]
        end = min((end for end in (self._query.find(sign, at + 1) for sign in closing) if end >= 0), default=None)
        if end is None:
            self._warnings.append(f"{self._query[at]} is not closed: what follows is searched as words")
            self._at += 1
            return
        self._at = end + 1
        slack = self._slack()
        yield Sign("quoted", self._query[at + 1 : end], glued, self._boost(), slack)

    def _slack(self) -> int | None:
        match = _SLACK.match(self._query, self._at)
        if match is None:
            if lacking := _NO_SLACK.match(self._query, self._at):
                self._warnings.append(f"{lacking[0]} behind a quotation is no distance: give a number (~5)")
            return None
        self._at = match.end()
        if int(match[1]) > MOST_SLACK:
            self._warnings.append(f"{match[0]} is read as {match[0][0]}{MOST_SLACK}, the largest distance")
        return min(int(match[1]), MOST_SLACK)

    def _boost(self) -> float | None:
        match = _BOOST.match(self._query, self._at)
        if match is None:
            return None
        self._at = match.end()
        return self._bounded(match)

    def _bounded(self, match: re.Match[str]) -> float:
        number = float(unicodedata.normalize("NFKC", match[1]))
        bounded = min(max(number, LEAST_BOOST), MOST_BOOST)
        if bounded != number:
            self._warnings.append(
                f"{match[0]} is read as ^{bounded:g}: boosts go from {LEAST_BOOST:g} to {MOST_BOOST:g}"
            )
        return bounded

    def _word(self, glued: bool) -> Sign:
        match = _WORD.match(self._query, self._at)
        assert match is not None, "no other sign begins here"
        word = match[0]
        is_value = glued and self._query[match.start() - 1] in ":："
        between = _BETWEEN.match(self._query, match.start()) if is_value else None
        if between is not None:
            self._at = between.end()
            return Sign("word", "..".join("" if end in _STARS else end for end in between.groups()), glued)
        named = _FIELD.match(word)
        if named is not None and self._is_field(named[1]):
            self._at += named.end()
            return Sign("field", named[1], glued)
        self._at = match.end()
        if word in OPERATORS:
            return Sign(OPERATORS[word], word, glued)
        boost = None
        boosted = _BOOST.search(word)
        if boosted is not None and (is_value or any(map(str.isalpha, word[: boosted.start()]))):
            word, boost = word[: boosted.start()], self._bounded(boosted)
        beginning = _BEGINNING.fullmatch(word)
        if beginning is None or any(star in beginning[1] for star in _STARS) or not _has_word(beginning[1]):
            return Sign("word", word, glued, boost)
        return Sign("word", beginning[1], glued, boost, beginning=True)


def _has_word(text: str) -> bool:
    return any(map(str.isalnum, text))
