"""Stored values as JSON, where Whoosh pickles.

``null``, true, false, numbers and strings are themselves. Every other value is an array that begins with its kind:

    ["list", …]  ["tuple", …]  ["dict", KEY, VALUE, …]
    ["bytes", BASE64]  ["decimal", TEXT]  ["float", "nan" | "inf" | "-inf"]
    ["datetime", ISO 8601]  ["date", ISO 8601]  ["time", ISO 8601]
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from index.errors import UsageError

_PLAIN = (type(None), bool, int, str)
_TEXTUAL: Mapping[type, tuple[str, Callable[[Any], str]]] = {
    bytes: ("bytes", lambda value: base64.b64encode(value).decode("ascii")),
    Decimal: ("decimal", str),
    datetime: ("datetime", datetime.isoformat),
    date: ("date", date.isoformat),
    time: ("time", time.isoformat),
}
_FROM_TEXT: Mapping[str, Callable[[str], Any]] = {
    "bytes": lambda text: base64.b64decode(text, validate=True),
    "decimal": Decimal,
    "float": float,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
}


def encode(values: Mapping[str, Any]) -> bytes:
    """The stored values of a document. Raises ``UsageError`` for a value of a kind that has no place here."""
    try:
        return json.dumps(_encoded(dict(values)), ensure_ascii=True, separators=(",", ":")).encode("ascii")
    except RecursionError as error:
        raise UsageError("a stored value is nested too deeply: store it flat") from error


def _encoded(value: Any) -> Any:
    kind = type(value)
    if kind in _PLAIN or (kind is float and math.isfinite(value)):
        return value
    if kind is float:
        return ["float", repr(value)]
    if kind in _TEXTUAL:
        name, text = _TEXTUAL[kind]
        return [name, text(value)]
    if kind in (list, tuple):
        return [kind.__name__, *map(_encoded, value)]
    if kind is dict:
        return ["dict", *(_encoded(part) for item in value.items() for part in item)]
    raise UsageError(f"a value of type {kind.__name__} cannot be stored: store text, numbers, dates, lists or mappings")


def decode(raw: bytes) -> dict[str, Any]:
    """The values that the bytes are; ``ValueError`` if they are none."""
    try:
        values = _decoded(json.loads(raw))
        return {_name(name): value for name, value in values.items()}
    except (TypeError, AttributeError, InvalidOperation, RecursionError) as error:
        raise ValueError(f"no stored values ({str(error)[:40]})") from error


def _name(name: Any) -> str:
    if type(name) is not str:
        raise TypeError(f"{str(name)[:20]!r} names no field")
    return name


def _decoded(value: Any) -> Any:
    if type(value) in (*_PLAIN, float):
        return value
    if type(value) is not list or not value:
        raise TypeError("a stored value of no kind")
    kind, *parts = value
    if kind in ("list", "tuple"):
        return (list if kind == "list" else tuple)(map(_decoded, parts))
    if kind == "dict":
        items = list(map(_decoded, parts))
        return dict(zip(items[::2], items[1::2], strict=True))
    if kind not in _FROM_TEXT or len(parts) != 1:
        raise ValueError(f"a stored value of an unknown kind: {str(kind)[:40]!r}")
    return _FROM_TEXT[kind](parts[0])
