"""What a query says of a field of documents → filters as ``search.fields`` has them.

    経済  2020  true           a value; a day, month or year also stands for the days in it
    2025-01..2025-03  令和6年〜  ..100     from and to, either of which may be left out: .. … 〜 ～ ~
    >=100  <=100  ≧100  ≦100    the same
    >100  <100                without the end itself
    経*  *                    what begins so; any value

Width does not matter. Dates may be written 2025年1月20日, 2025/1/20, 2025-01-20 or 2025.1.20, and years by their era
(令和6年), which stands for the whole calendar year: in a field of numbers it is the number of the year, in one of
strings its days as YYYY-MM-DD.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from search.fields import Filter, number

_DOTS = re.compile(r"\.{2,}|[〜~∼]")
_COMPARED = re.compile(r"(>=|<=|=>|=<|≧|≦|≥|≤|>|<|=)\s*(?=\S)")
_LEAST, _MOST = (">=", "=>", "≧", "≥", ">"), ("<=", "=<", "≦", "≤", "<")
_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
"""The year before the first one of each era."""
_DATE = re.compile(r"(?:(明治|大正|昭和|平成|令和)(元|\d{1,2})年?|(\d{4})年)度?(?:(\d{1,2})月(?:(\d{1,2})日)?)?")
_DIGITS = re.compile(r"(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2}))?|\.(\d{1,2})\.(\d{1,2}))")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")


_A_DATE = re.compile(r"\d{4}(?:-\d\d){1,2}")


class Asked(NamedTuple):
    """The filters of which one must be met, and those of which none may be."""

    filters: tuple[Filter, ...]
    without: tuple[Filter, ...] = ()


def asked(field: str, typed: str, *, quoted: bool = False, beginning: bool = False) -> Asked:
    """What is typed behind a field's name; what stood in quotes is a value, whatever it looks like."""
    folded = unicodedata.normalize("NFKC", typed).strip()
    if quoted:
        return Asked(_filters(field, typed, folded))
    if typed in ("*", "＊"):
        return Asked((Filter(field, ".."),))
    if beginning:
        return Asked(_filters(field, f"{typed}..{typed}", f"{folded}..{folded}"))
    compared = _COMPARED.match(folded)
    if compared is not None:
        return _compared(field, compared[1], folded[compared.end() :])
    dots = _DOTS.search(folded)
    if dots is None:
        return Asked(_filters(field, typed, folded, *_value(folded)))
    low, high = _end(folded[: dots.start()]), _end(folded[dots.end() :])
    return Asked(_filters(field, f"{low}..{high}", typed))


def doubts(typed: str) -> Iterator[str]:
    """What is odd about a value that is not quoted, to be told behind it: days that never were, a range backwards."""
    folded = unicodedata.normalize("NFKC", typed).strip()
    compared = _COMPARED.match(folded)
    ends = folded[compared.end() :] if compared else folded
    low, dots, high = map(_end, _DOTS.sub("..", ends).partition(".."))
    for end in (low, high):
        if _A_DATE.fullmatch(end) and not _is_date(end):
            yield f"is no range of dates: there is no {end}" if dots else "is no date"
    if dots and low and high and _is_behind(low, high):
        yield f"can meet nothing: {low} comes after {high}"


def _is_date(text: str) -> bool:
    year, month, *day = map(int, text.split("-"))
    try:
        date(year, month, *day or [1])
    except ValueError:
        return False
    return True


def _is_behind(low: str, high: str) -> bool:
    ends = number(low), number(high)
    if ends[0] is not None and ends[1] is not None:
        return ends[0] > ends[1]
    return low[: len(high)] > high


def _compared(field: str, sign: str, end: str) -> Asked:
    end = _end(end)
    if sign == "=":
        return Asked(_filters(field, end, *_value(end)))
    asked_for = _filters(field, f"{end}.." if sign in _LEAST else f"..{end}")
    return Asked(asked_for, _filters(field, f"{end}..{end}") if sign in "<>" else ())


def _filters(field: str, *typed: str) -> tuple[Filter, ...]:
    return tuple([Filter(field, each) for each in dict.fromkeys(typed) if each])


def _value(folded: str) -> tuple[str, ...]:
    """What a single value may also be: a number without grouping, a date and all that lie in it."""
    end = _end(folded)
    if not re.fullmatch(r"\d{4}(?:-\d\d){0,2}", end):
        return (end,)
    inside = end if len(end) == len("2025-01-20") else f"{end}-"
    return end, f"{inside}..{inside}"


def _end(text: str) -> str:
    """One end as filters take it: a date as YYYY, YYYY-MM or YYYY-MM-DD, a number without grouping."""
    text = text.strip()
    if _GROUPED.fullmatch(text):
        return text.replace(",", "")
    digits = _DIGITS.fullmatch(text)
    if digits is not None:
        return _date(digits[1], digits[2] or digits[4], digits[3] or digits[5])
    spelt = _DATE.fullmatch(text)
    if spelt is None:
        return text
    era, of_era, year, month, day = spelt.groups()
    if era:
        year = str(_ERAS[era] + (1 if of_era == "元" else int(of_era)))
    return _date(year, month, day)


def _date(year: str, month: str | None, day: str | None) -> str:
    return "-".join([year, *(f"{int(part):02}" for part in (month, day) if part)])
