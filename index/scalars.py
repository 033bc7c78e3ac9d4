"""What of a document's fields can be compared: its scalars, by the names of its fields.

A scalar is a number, a string or a boolean; of a list each counts. An object, a null, a list inside a list and an empty
string are none, nor is a string of more than ``LONGEST`` characters. Numbers are equal by value.
"""

from __future__ import annotations

import math

from index.model import Document

Scalar = int | float | str | bool
LONGEST = 256
"""Characters that a string, or the name of a field, may have to be compared."""


def scalars(document: Document) -> dict[str, tuple[Scalar, ...]]:
    """The distinct scalars of each field that has any, in their ``order``; also the document's own id, path and title.

    Those are called ``document``, ``path`` and ``title``, unless the document has a field of that name.
    """
    own = {"document": document.id, "path": document.path, "title": document.title}
    found = {}
    for name, value in {**own, **document.fields}.items():
        each = _of(value)
        if each and len(name) <= LONGEST:
            found[name] = each
    return found


def _of(value: object) -> tuple[Scalar, ...]:
    if isinstance(value, (list, tuple)):
        kept = (scalar(item) for item in value)
        distinct = {order(item): item for item in kept if item is not None}
        return tuple(distinct[place] for place in sorted(distinct))
    one = scalar(value)
    return () if one is None else (one,)


def scalar(value: object) -> Scalar | None:
    """The value as it is compared, a whole number as an integer; None if it is no scalar."""
    if isinstance(value, str):
        return value if 0 < len(value) <= LONGEST else None
    if isinstance(value, float):
        return None if not math.isfinite(value) else int(value) if value.is_integer() else value
    return value if isinstance(value, (bool, int)) else None


def order(value: Scalar) -> tuple[int, Scalar]:
    """By what scalars are in order: numbers by value, strings by code points, then false and true.

    Equal only where the scalars are the same, as ``1`` and ``true`` are not.
    """
    return (2 if isinstance(value, bool) else 1 if isinstance(value, str) else 0), value
