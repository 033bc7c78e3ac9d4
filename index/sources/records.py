"""A record, which a JSONL line or a CSV row holds, → Document."""

from __future__ import annotations

from collections.abc import Mapping

from index.model import Document
from index.sources.decoding import NO_TEXT, normalise
from index.sources.files import Skipped
from index.sources.layout import one_line
from index.sources.plain_text import blocks

_ID_KEYS = ("id", "_id")
_KINDS = {
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "an array",
    dict: "an object",
}


def record(name: str, line: int, number: int, values: Mapping[str, object]) -> Document | Skipped:
    """The document of the record that starts at a line of the file ``name`` and is the file's ``number``th, from 1.

    Its id is ``id``, else ``_id``, else ``name#number``; its title ``title``, else the id. A key that is used for
    neither, nor for the text, goes into the fields.
    """
    place = f"{name}:{line}"
    text = values.get("text")
    if not isinstance(text, str):
        return Skipped(place, f'no "text" that is a string: {_kind(text)}' if "text" in values else 'no "text"')
    text = normalise(text)
    if not text.strip():
        return Skipped(place, NO_TEXT)
    fields = {key: value for key, value in values.items() if key != "text"}
    identity = f"{name}#{number}"
    for key in _ID_KEYS:
        value = fields.get(key)
        if value is None or value == "":
            fields.pop(key, None)
            continue
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            return Skipped(place, f'its "{key}" is {_kind(value)}, not a string or an integer')
        identity = normalise(str(fields.pop(key)))
        break
    return Document(identity, _title(fields) or identity, text, name, fields, blocks(text))


def _title(fields: dict[str, object]) -> str:
    """The title, taken out of the fields; one that is no string stays there."""
    title = fields.get("title")
    if title is not None and not isinstance(title, str):
        return ""
    fields.pop("title", None)
    return one_line(normalise(title or ""))


def _kind(value: object) -> str:
    """What JSON calls a value's type."""
    if value is None:
        return "null"
    return _KINDS[type(value)]
