"""A schema for readers: what of a file is no value of its field is damage, whoever asks for it.

Whoosh decodes terms and columns in many places, each through its field; a field raises whatever its decoder does.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, NoReturn

_DECODERS = ("from_bytes", "from_column_value")
_NO_VALUE = (ValueError, TypeError, OverflowError, IndexError, ArithmeticError, struct.error)


def guarded(schema: Any, fail: Callable[[str, Exception], NoReturn]) -> Any:
    """The schema itself, once its fields call ``fail`` for what is no value of theirs."""
    for name, field in schema.items():
        for decoder in _DECODERS:
            setattr(field, decoder, _guarded(getattr(field, decoder), name, fail))
    return schema


def _guarded(
    decode: Callable[[Any], Any], name: str, fail: Callable[[str, Exception], NoReturn]
) -> Callable[[Any], Any]:
    def decoded(value: Any) -> Any:
        try:
            return decode(value)
        except _NO_VALUE as error:
            fail(f"{str(value)[:40]} is no value of {name}", error)

    return decoded
