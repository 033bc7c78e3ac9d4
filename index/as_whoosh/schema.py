"""A schema as JSON and back: a closed table of fields, analyzers and columns, where Whoosh pickles.

``schema.json`` of a generation, ASCII:

    {"schema": 1, "fields": [{"name": NAME, "kind": KIND, OPTION: VALUE, …}, …]}

``KINDS`` says which kinds there are and what options each has; nothing else is taken. A column is ``"bytes"``,
``"references"``, ``"bits"`` or ``["number", TYPECODE, DEFAULT]``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from index.as_whoosh.formats import Existence, Frequency, Positions
from index.as_whoosh.japanese import JapaneseAnalyzer
from index.errors import UsageError
from index.whoosh_api import analysis, columns, fields, formats, to_sortable

VERSION = 1
_NAME = re.compile(r"[^\W_][\w.-]{0,199}")
_MOST_FIELDS = 1_000
_TYPECODES = "bBhHiIqQfd"

ANALYZERS: Mapping[str, Callable[[], Any]] = {
    "japanese": JapaneseAnalyzer,
    "standard": analysis.StandardAnalyzer,
    "simple": analysis.SimpleAnalyzer,
    "stemming": analysis.StemmingAnalyzer,
    "spaces": analysis.SpaceSeparatedTokenizer,
    "commas": analysis.CommaSeparatedTokenizer,
    "whole": analysis.IDAnalyzer,
}


class _Kind(NamedTuple):
    """How a kind of field is told, what options it has, and how it is made of them."""

    original: Any
    options: Mapping[str, Callable[[Any], bool]]
    make: Callable[[Mapping[str, Any]], Any]


def _is_a(*kinds: type) -> Callable[[Any], bool]:
    return lambda value: type(value) in kinds


def _one_of(*values: Any) -> Callable[[Any], bool]:
    return lambda value: any(type(value) is type(each) and value == each for each in values)


def _is_column(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) == 3 and value[0] == "number" and value[1] in tuple(_TYPECODES) and _is_number(value[2])
    return value in (None, "bytes", "references", "bits")


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) < 1 << 64


def _is_boost(value: Any) -> bool:
    return _is_number(value) and math.isfinite(value) and value > 0


_FLAG = _is_a(bool)
_ANALYZED = {"stored": _FLAG, "boost": _is_boost, "column": _is_column}


def _text(given: Mapping[str, Any]) -> Any:
    made = fields.TEXT(analyzer=ANALYZERS[given["analyzer"]](), stored=given["stored"])
    made.format = (Positions if given["phrase"] else Frequency)(field_boost=float(given["boost"]))
    made.multitoken_query = given["several"]
    return made


def _id(given: Mapping[str, Any]) -> Any:
    made = fields.ID(stored=given["stored"], unique=given["unique"], analyzer=ANALYZERS[given["analyzer"]]())
    made.format = Existence(field_boost=float(given["boost"]))
    return made


def _keyword(given: Mapping[str, Any]) -> Any:
    options = {name: given[name] for name in ("stored", "lowercase", "commas", "scorable", "unique")}
    return fields.KEYWORD(field_boost=float(given["boost"]), **options)


def _numeric(given: Mapping[str, Any]) -> Any:
    options = {name: given[name] for name in ("bits", "stored", "unique", "decimal_places", "shift_step", "signed")}
    return fields.NUMERIC(float if given["floats"] else int, field_boost=float(given["boost"]), **options)


def _datetime(given: Mapping[str, Any]) -> Any:
    return fields.DATETIME(stored=given["stored"], unique=given["unique"])


def _boolean(given: Mapping[str, Any]) -> Any:
    return fields.BOOLEAN(stored=given["stored"], field_boost=float(given["boost"]))


KINDS: Mapping[str, _Kind] = {
    "text": _Kind(
        fields.TEXT,
        {
            **_ANALYZED,
            "analyzer": _one_of(*ANALYZERS),
            "phrase": _FLAG,
            "several": _one_of("default", "first", "and", "or", "phrase"),
        },
        _text,
    ),
    "id": _Kind(fields.ID, {**_ANALYZED, "unique": _FLAG, "analyzer": _one_of(*ANALYZERS)}, _id),
    "keyword": _Kind(
        fields.KEYWORD, {**_ANALYZED, **dict.fromkeys(("unique", "lowercase", "commas", "scorable"), _FLAG)}, _keyword
    ),
    "numeric": _Kind(
        fields.NUMERIC,
        {
            **_ANALYZED,
            **dict.fromkeys(("unique", "floats", "signed"), _FLAG),
            "bits": _one_of(8, 16, 32, 64),
            "decimal_places": _one_of(*range(19)),
            "shift_step": _one_of(*range(65)),
        },
        _numeric,
    ),
    "datetime": _Kind(fields.DATETIME, {"stored": _FLAG, "unique": _FLAG, "column": _is_column}, _datetime),
    "boolean": _Kind(fields.BOOLEAN, {"stored": _FLAG, "boost": _is_boost}, _boolean),
    "stored": _Kind(fields.STORED, {}, lambda _: fields.STORED()),
    "column": _Kind(fields.COLUMN, {"column": _is_column}, lambda _: fields.COLUMN()),
}


def to_bytes(schema: Any) -> bytes:
    """A schema as it is written; ``UsageError`` for one that has what is not in the table."""
    described = [{"name": name, **_described(name, field)} for name, field in schema.items()]
    if schema._dyn_fields:
        raise UsageError("fields by a pattern of names cannot be kept: add each by its name")
    return json.dumps({"schema": VERSION, "fields": described}, ensure_ascii=True, indent=1).encode("ascii")


def parsed(raw: bytes) -> Any:
    """The schema that the bytes are; ``ValueError`` with the reason if they are none."""
    try:
        content = json.loads(raw)
        if content["schema"] != VERSION:
            raise ValueError(f"it has version {content['schema']}, this program reads {VERSION}")
        described = [dict(field) for field in content["fields"]]
        names = [field.pop("name") for field in described]
        if len(names) > _MOST_FIELDS or not all(type(name) is str and _NAME.fullmatch(name) for name in names):
            raise ValueError("it has names that no field has")
        if len(set(names)) < len(names):
            raise ValueError("it names a field twice")
        return fields.Schema(**{name: _made(field) for name, field in zip(names, described, strict=True)})
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"it is no schema ({str(error)[:40]})") from error


def ours(schema: Any) -> Any:
    """A schema with the fields that we keep, made anew; ``UsageError`` for what we do not."""
    try:
        return parsed(to_bytes(schema))
    except ValueError as error:
        raise UsageError(f"the schema cannot be kept: {error}") from error


def _made(described: dict[str, Any]) -> Any:
    kind = KINDS[described.pop("kind")]
    if described.keys() != kind.options.keys():
        raise ValueError(f"a field has other options than its kind: {sorted(described)}"[:200])
    for name, is_right in kind.options.items():
        if not is_right(described[name]):
            raise ValueError(f"an option has no such value: {name} {str(described[name])[:40]!r}")
    made = kind.make(described)
    made.column_type = _column(described.get("column"))
    return made


def _column(described: Any) -> Any:
    if isinstance(described, list):
        return columns.NumericColumn(described[1], default=described[2])
    return {None: lambda: None, "bytes": columns.VarBytesColumn, "references": columns.RefBytesColumn}.get(
        described, columns.BitColumn
    )()


def _described(name: str, field: Any) -> dict[str, Any]:
    kind = next((kind for kind, entry in KINDS.items() if type(field) is entry.original), None)
    if kind is None or not _NAME.fullmatch(name):
        raise UsageError(f"the field {name!r} ({type(field).__name__}) cannot be kept: use {', '.join(KINDS)}")
    try:
        return {"kind": kind, **{option: _TOLD[option](field) for option in KINDS[kind].options}}
    except LookupError as error:
        raise UsageError(f"the field {name!r} cannot be kept: {error.args[0]}") from error


def _analyzer(field: Any) -> str:
    for name, make in ANALYZERS.items():
        if field.analyzer == make():
            return name
    raise LookupError(f"its analyzer is none of {', '.join(ANALYZERS)}, as they are by default")


def _is_comma_separated(field: Any) -> bool:
    return any(field.analyzer == analysis.KeywordAnalyzer(lowercase=lower, commas=True) for lower in (False, True))


def _is_lowercase(field: Any) -> bool:
    commas = _is_comma_separated(field)
    for lowercase in (False, True):
        if field.analyzer == analysis.KeywordAnalyzer(lowercase=lowercase, commas=commas):
            return lowercase
    raise LookupError("its analyzer is not that of a keyword field")


def _has_positions(field: Any) -> bool:
    not_kept = {
        "chars": isinstance(field.format, formats.Characters),
        "vector": bool(field.vector),
        "spelling": field.spelling,
    }
    for option, is_asked in not_kept.items():
        if is_asked:
            raise LookupError(f"leave out {option}, which is not kept")
    return isinstance(field.format, formats.Positions)


def _described_column(field: Any) -> Any:
    column = field.column_type
    if column is None:
        return None
    if type(column) is columns.NumericColumn:
        return ["number", column._typecode, _default(field, column)]
    kinds = {columns.VarBytesColumn: "bytes", columns.RefBytesColumn: "references", columns.BitColumn: "bits"}
    if type(column) not in kinds:
        raise LookupError(f"its column is a {type(column).__name__}")
    return kinds[type(column)]


def _default(field: Any, column: Any) -> Any:
    """The value of documents without one, as the column keeps numbers; Whoosh mixes that with the number itself."""
    default = column._default
    if not isinstance(field, fields.NUMERIC) or isinstance(field, fields.DATETIME):
        return default
    highest = (1 << field.bits) - 1
    if default == highest or default != default:  # Whoosh's own: after all others
        return highest
    if type(default) is int and not field.min_value <= default <= field.max_value:
        return default
    return to_sortable(field.numtype, field.bits, field.signed, field.prepare_number(default))


_TOLD: Mapping[str, Callable[[Any], Any]] = {
    "stored": lambda field: bool(field.stored),
    "unique": lambda field: bool(field.unique),
    "scorable": lambda field: bool(field.scorable),
    "boost": lambda field: float(field.format.field_boost),
    "column": _described_column,
    "analyzer": _analyzer,
    "phrase": _has_positions,
    "several": lambda field: field.multitoken_query,
    "lowercase": _is_lowercase,
    "commas": _is_comma_separated,
    "floats": lambda field: field.numtype is float,
    "bits": lambda field: field.bits,
    "signed": lambda field: bool(field.signed),
    "decimal_places": lambda field: field.decimal_places,
    "shift_step": lambda field: field.shift_step,
}
