"""Filters, sorting and counts by what documents bring with them: what each says of one document.

An engine may do the same with columns; these functions are what it must agree with. The values of a document are those
that ``index.scalars`` gives, which also says what is not compared.

A filter ``F=V`` is met by a document that has a value V in its field F: a string that is exactly V, a number of that
value (``2020``, ``2020.0``), a boolean (``true``, ``false``). ``F=A..B`` is met by the numbers from A to B where both
ends are numbers, and by the strings from A to B by their code points; either end may be left out, and ``F=..`` is met
by any value. Both ends belong to it, with all strings that begin with B: ``date=2025-04..2025-06`` has 2025-06-30.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from index.errors import UsageError
from index.scalars import Scalar, order, scalar

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)
_WHOLE = re.compile(r"[-+]?\d{1,4000}", re.ASCII)
_SHOWN = 80
Values = Mapping[str, Sequence[Scalar]]
"""The values of a document by the names of its fields, each in their order."""
Counted = tuple[Scalar, int]
"""A value, and how many passages have it."""


class Filter(NamedTuple):
    """What a field must have, as it was typed."""

    field: str
    value: str


class Sort(NamedTuple):
    """By which field to sort, and whether the largest comes first."""

    field: str
    descending: bool = False


def filters_of(given: Sequence[str] | Mapping[str, object]) -> tuple[Filter, ...]:
    """Filters from strings ``F=V``, or from values, or lists of them, by field. Else raises ``UsageError``."""
    if isinstance(given, str):
        raise UsageError("the filters are one string: give a list of strings FIELD=VALUE")
    if isinstance(given, Mapping):
        pairs = [(field, value) for field, values in given.items() for value in _listed(values)]
        return tuple(_checked(Filter(str(field), _typed(field, value))) for field, value in pairs)
    return tuple(_checked(Filter(*_cut(text))) for text in given)


def _cut(text: str) -> tuple[str, str]:
    field, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"the filter {text[:_SHOWN]!r} has no =: give FIELD=VALUE, or FIELD=FROM..TO")
    return field, value


def _listed(values: object) -> Sequence[object]:
    return values if isinstance(values, (list, tuple)) else [values]


def _typed(field: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise UsageError(
        f"the filter of {str(field)[:_SHOWN]!r} is {type(value).__name__}: give a string, a number or a boolean"
    )


def _checked(filter_: Filter) -> Filter:
    if not filter_.field or not filter_.value:
        lacking = "value" if filter_.field else "field"
        raise UsageError(
            f"the filter '{'='.join(filter_)[:_SHOWN]}' has no {lacking}: give FIELD=VALUE; FIELD=.. is any"
        )
    return filter_


def sort_of(given: str | None) -> Sort | None:
    """By what to sort: a field, with ``-`` before it the largest first."""
    if given is None:
        return None
    field = given.removeprefix("-")
    if not field:
        raise UsageError("there is no field to sort by: give FIELD, or -FIELD for the largest first")
    return Sort(field, descending=field != given)


def number(text: str) -> int | float | None:
    """The finite number that a text is, as ``index.scalars`` has it."""
    if _WHOLE.fullmatch(text):
        return int(text)
    found = scalar(float(text)) if _NUMBER.fullmatch(text) else None
    return found if isinstance(found, (int, float)) else None


class Range(NamedTuple):
    """``A..B``: the ends as they were typed, empty where left out, and as numbers, None where they are none."""

    low: str
    high: str
    least: int | float | None
    most: int | float | None

    @property
    def of_numbers(self) -> bool:
        """Whether numbers can lie in it: each end that was given is one."""
        return (not self.low or self.least is not None) and (not self.high or self.most is not None)


def range_of(typed: str) -> Range | None:
    """The range that a filter's value is; None where it is none."""
    low, dots, high = typed.partition("..")
    return Range(low, high, number(low), number(high)) if dots else None


def meets(value: Scalar, typed: str) -> bool:
    """Whether a value is what a filter asks for."""
    return _equals(value, typed) or _lies_in(value, typed)


def _equals(value: Scalar, typed: str) -> bool:
    if isinstance(value, bool):
        return typed == ("true" if value else "false")
    return typed == value if isinstance(value, str) else number(typed) == value


def _lies_in(value: Scalar, typed: str) -> bool:
    asked = range_of(typed)
    if asked is None:
        return False
    if isinstance(value, bool):
        return not asked.low and not asked.high
    if isinstance(value, str):
        return asked.low <= value and (not asked.high or value[: len(asked.high)] <= asked.high)
    least = asked.least is None or asked.least <= value
    return asked.of_numbers and least and (asked.most is None or value <= asked.most)


def passes(values: Values, filters: Iterable[Filter]) -> bool:
    """Whether a document meets, of each field that is asked for, at least one filter."""
    met: dict[str, bool] = {}
    for field, typed in filters:
        met[field] = met.get(field, False) or any(meets(value, typed) for value in values.get(field, ()))
    return all(met.values())


def ranks(documents: Sequence[Values], sort: Sort) -> list[int]:
    """Each document's place in the order, equal where its values are; of several values the first in that order counts.

    Documents without a value come last.
    """
    ends = [each[sort.field][-1 if sort.descending else 0] if sort.field in each else None for each in documents]
    places = sorted({order(end) for end in ends if end is not None}, reverse=sort.descending)
    rank = {place: i for i, place in enumerate(places)}
    return [len(rank) if end is None else rank[order(end)] for end in ends]


def counted(passages: Iterable[Values], field: str, most: int) -> list[Counted]:
    """How many passages have each value of a field, ``most`` of them: the most frequent first, equal ones in order."""
    counts = Counter(order(value) for values in passages for value in values.get(field, ()))
    kept = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]
    return [(value, count) for (_, value), count in kept]
