"""Numbers by value, where the terms of their words do not say it.

A numeral that the dictionary cannot read (壱百万, 三萬; 1 200 000 with narrow spaces) has its value as a term, as the
numerals have that it can. An article is one term with or without 第 (``n:10条の3``: 第十条の三, 10条の3, 第10条ノ3); so
is a count that is a word where it is written in kanji (``n:20歳``: 二十歳, 20才): ``data/counted.tsv`` has those. Other
words with a numeral in them (一番, 三菱) are words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from index.analysis.amounts import DIGITS, FORMAL, KANJI, amount
from index.analysis.mentions import VALUE, Mention

_DATA = Path(__file__).parent / "data" / "counted.tsv"
_NUMERAL = f"{DIGITS}{KANJI}"
_FORMAL = re.compile(f"[{FORMAL}]")
_NUMERALS = re.compile(f"[{_NUMERAL}{FORMAL}億兆]+")
_ALONE = "壱壹弐貳貮"
"""大字 that are nothing else where they stand alone; 参 is a visit, 拾 may be a name."""
_SPACES = "\u00a0\u2009\u202f"
"""Those that are set between groups of digits; a plain one may as well part two numbers of a row."""
_SPACED = re.compile(f"(?<![{DIGITS}])[{DIGITS}]{{1,3}}(?:[{_SPACES}][{DIGITS}]{{3}})+(?![{DIGITS}])")
_RARE = re.compile(f"[{FORMAL}{_SPACES}]")
_ARTICLES = f"(?P<article>[条條項号號章節款])(?P<parts>(?:[のノ之](?:[{DIGITS}]+|[{KANJI}]+)(?![つ人個点年月日]))*)"
_SUBNUMBER = re.compile("[のノ之]")
_ORDINAL = "第"
_ARABIC = re.compile(f"[{DIGITS}]+")
_OLD = str.maketrans("條號", "条号")


def find_values(text: str) -> Iterator[Mention]:
    """The values of a folded text that its words do not say."""
    if _RARE.search(text):
        yield from _numbers(text)
    counts = _counts()
    for match in counts.pattern.finditer(text):
        if match["article"]:
            yield from _article(text, match)
        elif (number := amount(match["number"])) in counts.numbers[match["counter"]]:
            yield Mention(*match.span(), (f"{VALUE}{number}{counts.counters[match['counter']]}",))


def _numbers(text: str) -> Iterator[Mention]:
    """Numerals that the dictionary does not read as such."""
    for match in _NUMERALS.finditer(text):
        if _FORMAL.search(match[0]) and (len(match[0]) > 1 or match[0] in _ALONE):
            yield from _number(match, match[0])
    for match in _SPACED.finditer(text):
        yield from _number(match, "".join(filter(str.isdecimal, match[0])))


def _number(match: re.Match[str], numeral: str) -> Iterator[Mention]:
    number = amount(numeral)
    if number is not None:
        yield Mention(*match.span(), (str(number),))


def _article(text: str, match: re.Match[str]) -> Iterator[Mention]:
    """An article; in kanji, without 第 or a number behind it, it may be a name (二条)."""
    article, *parts = [amount(part) for part in (match["number"], *_SUBNUMBER.split(match["parts"])[1:])]
    ordinal = text[: match.start()].endswith(_ORDINAL)
    if article is None or None in parts or not (ordinal or parts or _ARABIC.fullmatch(match["number"])):
        return
    said = "".join([f"{VALUE}{article}{match['article'].translate(_OLD)}", *(f"の{part}" for part in parts)])
    yield Mention(match.start() - ordinal, match.end(), (said,))


class _Counts(NamedTuple):
    """Articles and what is counted with, in one pattern; by counter the numbers, and the counter that it stands for."""

    pattern: re.Pattern[str]
    numbers: dict[str, frozenset[int]]
    counters: dict[str, str]


@cache
def _counts() -> _Counts:
    lines = _DATA.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    longest_first = sorted((row[0] for row in rows), key=len, reverse=True)
    return _Counts(
        re.compile(f"(?<![{_NUMERAL}])(?P<number>[{_NUMERAL}]+)(?:{_ARTICLES}|(?P<counter>{'|'.join(longest_first)}))"),
        {row[0]: frozenset(map(int, row[1].split())) for row in rows},
        {row[0]: row[-1] if len(row) > 2 else row[0] for row in rows},
    )
