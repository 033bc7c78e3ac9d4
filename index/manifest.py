"""The manifest of an index directory: what it says, how it is written, and what is taken for one.

ASCII JSON, an object that begins with ``"sakuin"``, its format. ``checksum`` is the CRC-32 of the rest of it as compact
JSON with sorted keys.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from index.own.recorded import CLASSES, NOTHING, Given, ListFile, Own
from index.settings import FORMAT, Fingerprint
from index.writers import FIELDS

OPENING = b'{\n "sakuin": '
"""What every manifest of ours begins with."""
_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_HIGHEST = 2**63
"""Beyond any number that a manifest of ours has."""

NOT_A_MANIFEST = (ValueError, TypeError, KeyError, AttributeError, RecursionError)

_T = TypeVar("_T", int, str, bool, list[Any])


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the manifest says, checked for shape.

    ``files`` maps a name to (bytes, CRC-32); ``slots`` a field to (slots, passages that have any); ``sources`` are
    absolute paths; ``watched`` are (path, bytes, mtime in ns) of source roots and of at most 200 of their files;
    ``from_documents`` tells that a program gave documents, so that the sources alone do not make this index again;
    ``own`` what words of one's own it was made with, and is written only where there are any.
    """

    generation: int
    fingerprint: Fingerprint
    files: Mapping[str, tuple[int, int]]
    documents: int
    passages: int
    slots: Mapping[str, tuple[int, int]]
    sources: tuple[str, ...]
    watched: tuple[tuple[str, int, int], ...]
    from_documents: bool
    built: str
    own: Own = NOTHING

    def to_dict(self) -> dict[str, object]:
        """The manifest as it is written, without its checksum."""
        return {
            "sakuin": FORMAT,
            "generation": self.generation,
            "fingerprint": self.fingerprint.to_dict(),
            "files": {name: list(facts) for name, facts in self.files.items()},
            "documents": self.documents,
            "passages": self.passages,
            "slots": {field: list(counts) for field, counts in self.slots.items()},
            "sources": list(self.sources),
            "watched": [list(facts) for facts in self.watched],
            "from_documents": self.from_documents,
            "built": self.built,
            **({"own": self.own.to_dict()} if self.own else {}),
        }

    def to_bytes(self) -> bytes:
        """The manifest as it is written, with its checksum."""
        content = self.to_dict()
        content["checksum"] = _checksum(content)
        return json.dumps(content, ensure_ascii=True, indent=1).encode("ascii")


class OtherFormat(ValueError):
    """A manifest of ours, of another format."""


def parsed(raw: bytes) -> Manifest:
    """The manifest that the bytes are; if none, one of the exceptions of ``NOT_A_MANIFEST``, which says why."""
    content = json.loads(raw)
    if not isinstance(content, dict) or "sakuin" not in content:
        raise ValueError("it is not a manifest of Sakuin")
    if _as(int, content["sakuin"]) != FORMAT:
        raise OtherFormat(f"it has format {content['sakuin']}, this version reads {FORMAT}")
    if content.pop("checksum", None) != _checksum(content):
        raise ValueError("its checksum does not match")
    return _manifest_of(content)


def _manifest_of(content: dict[str, Any]) -> Manifest:
    for name in ("sources", "watched"):
        if not isinstance(content[name], list):
            raise TypeError(f"its {name} are no list")
    for name in content["files"]:
        if not _FILE_NAME.fullmatch(name):
            raise ValueError(f"no name for a file: {name[:40]!r}")
    return Manifest(
        generation=_number(content["generation"], least=1),
        fingerprint=_fingerprint(content["fingerprint"]),
        files={name: (_number(size), _number(checksum)) for name, (size, checksum) in content["files"].items()},
        documents=_number(content["documents"]),
        passages=_number(content["passages"]),
        slots={field: _pair(content["slots"][field]) for field in FIELDS},
        sources=tuple(_as(str, path) for path in content["sources"]),
        watched=tuple(
            (_as(str, path), _number(size), _number(mtime, least=-_HIGHEST)) for path, size, mtime in content["watched"]
        ),
        from_documents=_as(bool, content["from_documents"]),
        built=_as(str, content["built"]),
        own=_own(content["own"]) if "own" in content else NOTHING,
    )


def _own(content: dict[str, Any]) -> Own:
    given = content["given"]
    settings = given["settings"]
    dictionary, synonyms, files = (
        tuple(
            ListFile(_as(str, path), _number(size), _number(mtime, least=-_HIGHEST), _as(str, sha256))
            for path, size, mtime, sha256 in _as(list, content[name])
        )
        for name in ("dictionary", "synonyms", "settings")
    )
    return Own(
        Given(
            _strings(given["dictionary"]), _strings(given["synonyms"]), None if settings is None else _as(str, settings)
        ),
        dictionary,
        synonyms,
        files,
        tuple(each for each in _strings(content["off"]) if each in CLASSES),
    )


def _strings(values: object) -> tuple[str, ...]:
    return tuple(_as(str, value) for value in _as(list, values))


def _fingerprint(content: dict[str, Any]) -> Fingerprint:
    return Fingerprint(
        chain=_number(content["chain"]),
        dictionary=_as(str, content["dictionary"]),
        dictionary_version=_as(str, content["dictionary_version"]),
        dictionary_bytes=_number(content["dictionary_bytes"]),
        dictionary_sha256=_as(str, content["dictionary_sha256"]),
    )


def _as(kind: type[_T], value: object) -> _T:
    if not isinstance(value, kind) or type(value) is not kind:
        raise TypeError(f"{str(value)[:40]!r} is no {kind.__name__}")
    return value


def _number(value: object, *, least: int = 0) -> int:
    number = _as(int, value)
    if not least <= number < _HIGHEST:
        raise ValueError(f"a number is out of range: {str(number)[:40]}")
    return number


def _pair(values: Any) -> tuple[int, int]:
    first, second = values
    return _number(first), _number(second)


def _checksum(content: Mapping[str, object]) -> int:
    return zlib.crc32(json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii"))
