"""Dates as exact terms: ``d:2025``, ``d:2025-01``, ``d:2025-01-20``, and ``e:令和7`` for eras.

A date is the terms of its year, of its month and of its day, each over as much of it as says that. A year of the
Christian era has the ``e:`` of each era that the mention can fall in: 2019年 those of 平成31 and 令和1, and
2019年5月1日 only the latter. A fiscal year is a term of its own (``d:2025年度``).

A month or a day that there is not (2025年13月) is left out; a date before its era began (令和元年4月) says
nothing. What an era's years go on to after its end (平成35年) are years all the same. Until 明治5年 months were
lunar, so that only the year of such a date is told. A day without a year, 昭和30年代 and 2000年前 are no dates.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from index.analysis.amounts import DIGITS, amount
from index.analysis.mentions import DATE, ERA, Mention

FISCAL: Final = "年度"

_DATA = Path(__file__).parent / "data" / "eras.tsv"
_FIRST_YEAR, _LAST_LUNAR = "元", 1872
_CHRISTIAN = range(1000, 3000)
"""Years that four digits say; those before would be taken for what is counted in years."""
_DIGITS_OF_A_YEAR = 4
"""千年 and 二千年 are counts."""
_OF_ERA = range(1, 100)

_KANJI = "〇零一二三四五六七八九十百千"
_BLANKS = " \u3000\u00a0"
_B = f"[{_BLANKS}]?"
_NUMBER = f"[{DIGITS}]{{1,2}}|[{_KANJI}]{{1,3}}"
_OTHERWISE = f"[^（）()\\s]{{0,8}}[{DIGITS}{_KANJI}元]"
"""The year in another count, as brackets have it: 令和7, 2025, 慶長五."""
_YEAR = re.compile(
    f"([{DIGITS}{_KANJI}元](?:(?<!元)[{DIGITS}{_KANJI}]{{1,9}})?){_B}(?:[（(]{_OTHERWISE}[）)]{_B})?"
    "年(?!代|間|以上|前(?![半期後]))"
)
_IN_BRACKETS = re.compile(f"{_B}[（(]{_OTHERWISE}{_B}年[）)]")
_REST = re.compile(f"(?P<fiscal>度)|{_B}(?P<month>{_NUMBER}){_B}(?P<moon>月)(?:{_B}(?P<day>{_NUMBER}){_B}日)?")
_WAVES = "~～〜\\-－‐–—−"
_FROM = re.compile(f"([{DIGITS}]{{4}}){_B}[{_WAVES}]{_B}\\Z")
_WIDER = 0xFEE0
"""From a half-width letter to its full-width one."""
_LAST_OF_RANGES = frozenset("~～〜-－‐–—−" + _BLANKS)
_PARTING = ".．・/／\\-－‐"
_PARTED = re.compile(
    f"([{DIGITS}元](?:(?<!元)[{DIGITS}]{{1,3}})?)([{_PARTING}])([{DIGITS}]{{1,2}})(?:\\2([{DIGITS}]{{1,2}}))?"
    f"(?![{DIGITS}]|[{_PARTING}][{DIGITS}]|シーズン)"
)
_SLASHES = "/／"
"""What may part a year from a month where no day follows; a point makes a fraction of it, a hyphen a range."""
_NO_YEAR_AFTER = re.compile(
    f"(?:[{DIGITS}{_KANJI}万億兆.．,，{_SLASHES}\\-－A-Za-zＡ-Ｚａ-ｚ]|(?:前|皇紀|仏暦|紀元){_B})\\Z"
)
"""A longer number, another calendar, a time before Christ."""
_HARMLESS = frozenset("、。（(「『はがのにをでともやら年月日\n")
"""What most often stands before a year, and is nothing of that."""
_REMEMBERED = 16_384
"""Dates whose terms are kept."""
_BACK = 10
"""So many characters before a year are looked at."""


class Era(NamedTuple):
    """An era with its first day and its last; today's goes on to the end of the calendar."""

    name: str
    first: date
    last: date

    def year(self, year: int) -> str:
        """The term of a year of the Christian era."""
        return f"{ERA}{self.name}{year - self.first.year + 1}"


@cache
def eras() -> dict[str, Era]:
    """Eras by their names, letters and one-kanji signs, in the order of time."""
    lines = _DATA.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    firsts = [date.fromisoformat(row[-1]) for row in rows]
    lasts = [date.fromordinal(first.toordinal() - 1) for first in firsts[1:]] + [date.max]
    found = {}
    for (name, *signs, _), first, last in zip(rows, firsts, lasts, strict=True):
        found.update(dict.fromkeys((name, *signs), Era(name, first, last)))
    return found


@cache
def _era_before() -> re.Pattern[str]:
    names = [sign for sign in eras() if len(sign) > 1]
    signs = "".join(sign for sign in eras() if len(sign) == 1)
    wide = "".join(chr(ord(sign) + _WIDER) for sign in signs if sign.isascii())
    return re.compile(f"(?:(?P<name>{'|'.join(names)}){_B}|(?<![A-Za-zＡ-Ｚａ-ｚ])(?P<sign>[{signs}{wide}]))\\Z")


@cache
def _last_of_eras() -> frozenset[str]:
    """What may stand right before a year of an era."""
    signs = {sign[-1] for sign in eras()}
    return frozenset(signs | {chr(ord(sign) + _WIDER) for sign in signs if sign.isascii()} | {*_BLANKS})


def find_dates(text: str) -> Iterator[Mention]:
    """The dates of a folded text."""
    for match in _YEAR.finditer(text):
        year = _year(text, match.start(1), match[1])
        if year is None:
            continue
        rest = _rest(text, match.end())
        if rest is not None and rest["fiscal"]:
            yield Mention(year.start, rest.end(), (f"{DATE}{year.number}{FISCAL}",))
            continue
        yield from _from(text, match.start(1), year)
        if rest is None:
            yield from _date(year, [match.end()], [])
        else:
            numbers = [amount(part) or 0 for part in rest.group("month", "day") if part]
            yield from _date(year, [match.end(), rest.end("moon"), rest.end()], numbers)
    for match in _PARTED.finditer(text):
        if match[4] is None and (match[2] not in _SLASHES or len(match[1]) < _DIGITS_OF_A_YEAR):
            continue
        year = _year(text, match.start(1), match[1])
        numbers = [int(part) for part in match.group(3, 4) if part]
        if year is not None and 1 <= numbers[0] <= 12:
            yield from _date(year, [match.end(1), match.end(3), match.end()], numbers)


def _rest(text: str, at: int) -> re.Match[str] | None:
    """What follows a year that ends at ``at``, past the same year in brackets (2025年（令和7年）1月20日)."""
    other = _IN_BRACKETS.match(text, at)
    if other is None:
        return _REST.match(text, at)
    rest = _REST.match(text, other.end())
    return rest if rest is not None and rest["month"] else None


class _Year(NamedTuple):
    """A year as it is mentioned, from where, and of which era, if its name is there."""

    start: int
    number: int
    era: Era | None


def _year(text: str, start: int, written: str) -> _Year | None:
    """What the numeral at ``start`` says as a year; None where it is none."""
    before = text[max(0, start - _BACK) : start]
    number = 1 if written == _FIRST_YEAR else amount(written)
    if number is None:
        return None
    if before[-1:] in _last_of_eras() and (found := _era_before().search(before)):
        if number not in _OF_ERA or (found["sign"] and not (written == _FIRST_YEAR or written.isdecimal())):
            return None
        era = eras()[unicodedata.normalize("NFKC", found["name"] or found["sign"])]
        return _Year(start - len(before) + found.start(), era.first.year + number - 1, era)
    if number not in _CHRISTIAN or len(written) < _DIGITS_OF_A_YEAR:
        return None
    if before[-1:] not in _HARMLESS and _NO_YEAR_AFTER.search(before) and not _FROM.search(before):
        return None
    return _Year(start, number, None)


def _from(text: str, start: int, to: _Year) -> Iterator[Mention]:
    """The year that a range of years begins with (2019～2021年)."""
    if to.era or text[max(0, start - 1) : start] not in _LAST_OF_RANGES:
        return
    before = text[max(0, start - _BACK) : start]
    found = _FROM.search(before)
    if found is None:
        return
    at = start - len(before) + found.start()
    year = _year(text, at, found[1])
    if year is not None and year.era is None and year.number < to.number:
        yield from _date(year, [at + len(found[1])], [])


def _date(year: _Year, ends: list[int], numbers: list[int]) -> Iterator[Mention]:
    """The mentions of a date: of its year, which ends at ``ends[0]``, of its month, of its day, as far as there are."""
    for end, terms in zip(ends, _terms(year.number, year.era, *numbers), strict=False):
        yield Mention(year.start, end, terms)


@lru_cache(_REMEMBERED)
def _terms(year: int, era: Era | None, *numbers: int) -> list[tuple[str, ...]]:
    """The terms of a year, of its month and of its day; none of a date before its era."""
    numbers = _valid(year, () if era is not None and year <= _LAST_LUNAR else numbers)
    first, last = _span(year, numbers)
    if era is not None and last < era.first:
        return []
    said = f"{DATE}{year}"
    terms: list[tuple[str, ...]] = [(said, *_eras(year, era, first, last))]
    for number in numbers:
        said = f"{said}-{number:02}"
        terms.append((said,))
    return terms


def _valid(year: int, numbers: tuple[int, ...]) -> tuple[int, ...]:
    """Of a month and a day those that there are."""
    if not numbers or not 1 <= numbers[0] <= 12:
        return ()
    there = len(numbers) == 1 or 1 <= numbers[1] <= _last_day(year, numbers[0]).day
    return numbers if there else numbers[:1]


def _span(year: int, numbers: tuple[int, ...]) -> tuple[date, date]:
    """The first and the last day that a date can be."""
    if len(numbers) == 2:
        day = date(year, numbers[0], numbers[1])
        return day, day
    first, last = (numbers[0], numbers[0]) if numbers else (1, 12)
    return date(year, first, 1), _last_day(year, last)


def _last_day(year: int, month: int) -> date:
    return date.fromordinal(date(year + month // 12, month % 12 + 1, 1).toordinal() - 1)


def _eras(year: int, own: Era | None, first: date, last: date) -> list[str]:
    """The years of eras that a date from ``first`` to ``last`` can be of: of its own one, as long as that lasted."""
    if own is not None and first <= own.last:
        return [own.year(year)]
    others = [era for era in dict.fromkeys(eras().values()) if era.first <= last and first <= era.last]
    return [era.year(year) for era in ([] if own is None else [own]) + others]
