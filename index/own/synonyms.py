"""A user's synonyms: Sudachi's format → groups of words, and what is asked of them.

A line of the source is CSV: number of the group, (1) noun or verb, (2) expansion, (3) lexeme, (4) kind of form,
(5) abbreviation, (6) kind of spelling, (7) field, (8) the word, and two that nothing reads; what is not needed may be
left empty. Empty lines, and those that begin with ``#``, are passed over.

Two members of a group are the *same* word if their lexemes are told and are one, else near each other (*loose*). A
member with expansion 1 is found for others, and finds none itself; one with 2 is related to none. So a group decides
for all pairs of its members, whatever Sudachi's own groups say of them.

In a generation they are JSON, ``{"format": 1, "groups": [[[word, expansion, lexeme, abbreviated], …], …]}``, with
lexeme 0 where none is told, and ``abbreviated`` true or false.
"""

from __future__ import annotations

import csv
import json
import re
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple, NoReturn

from index.analysis.keys import key
from index.errors import SourceError

FORMAT = 1
_CELLS = (9, 11)
_FLAGS = re.compile("[012]?")
_NUMBER = re.compile("[0-9]{1,9}")
_NEVER, _TARGET = 2, 1

Member = tuple[str, int, int, bool]
"""A word, its expansion, its lexeme (0: not told), and whether it is an abbreviation."""


class Synonym(NamedTuple):
    """What a group says of a word and another one, ``surface``; "never": whatever others say, they are not related."""

    surface: str
    kind: Literal["same", "loose", "never"]
    rule: Literal["abbreviation", "synonym"] = "synonym"


def members(file: str, content: bytes) -> list[list[Member]]:
    """The groups of a source in UTF-8; ``SourceError`` names the line that is none."""
    groups: dict[str, list[Member]] = {}
    for number, line in enumerate(content.splitlines(), start=1):
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
            if not text or text.startswith("#"):
                continue
            (cells,) = csv.reader([text], strict=True)
        except UnicodeDecodeError as error:
            raise SourceError(f"{file}, line {number}: it is not UTF-8: save the file in that encoding") from error
        except csv.Error as error:
            raise SourceError(f"{file}, line {number}: it is no CSV ({error})") from error
        why = _wrong(cells)
        if why is not None:
            raise SourceError(f"{file}, line {number}: {why}: see docs/own-words.md for the format")
        group = groups.setdefault(cells[0].strip().lstrip("0"), [])
        group.append((cells[8].strip(), int(cells[2] or 0), int(cells[3] or 0), cells[5] in ("1", "2")))
    return list(groups.values())


def _wrong(cells: Sequence[str]) -> str | None:
    if not _CELLS[0] <= len(cells) <= _CELLS[1]:
        return f"it has {len(cells)} cells, not {_CELLS[0]} to {_CELLS[1]}"
    if not _NUMBER.fullmatch(cells[0].strip()):
        return f"{cells[0][:40]!r} is no number of a group"
    if not _FLAGS.fullmatch(cells[2]):
        return f"its expansion {cells[2][:40]!r} is none of 0, 1 and 2"
    if cells[3] and not _NUMBER.fullmatch(cells[3]):
        return f"its lexeme {cells[3][:40]!r} is no number"
    if not cells[8].strip():
        return "its ninth cell, the word, is empty"
    return None


def to_bytes(groups: Iterable[Sequence[Member]]) -> bytes:
    """Groups as a generation keeps them."""
    return json.dumps({"format": FORMAT, "groups": list(groups)}, ensure_ascii=False, indent=0).encode()


class Synonyms:
    """The groups of a generation, from their bytes, which are parsed when they are first asked for; safe from threads.

    ``fail`` is called with what is wrong where they are not as they are written, and raises.
    """

    def __init__(self, content: bytes, fail: Callable[[str], NoReturn]) -> None:
        self._content = content
        self._fail = fail
        self._lock = threading.Lock()
        self._groups: dict[str, list[list[Member]]] | None = None

    def of(self, form: str) -> list[Synonym]:
        """What the groups say of a written form, whatever its width and case: of each other word once.

        Of several groups one that forbids decides, then one by which it is the same.
        """
        folded = key(form)
        found: dict[str, Synonym] = {}
        for group in self._parsed().get(folded, ()):
            asked = next(member for member in group if key(member[0]) == folded)
            for member in group:
                other = key(member[0])
                if other == folded:
                    continue
                said = _related(asked, member)
                before = found.get(other)
                if before is None or _ORDER.index(said.kind) < _ORDER.index(before.kind):
                    found[other] = said
        return list(found.values())

    def _parsed(self) -> dict[str, list[list[Member]]]:
        with self._lock:
            if self._groups is None:
                try:
                    self._groups = _by_word(self._content)
                except (ValueError, TypeError, KeyError, RecursionError) as error:
                    self._fail(str(error)[:80])
                self._content = b""
            return self._groups


_ORDER = ("never", "same", "loose")


def _related(asked: Member, member: Member) -> Synonym:
    if _NEVER in (asked[1], member[1]) or asked[1] == _TARGET:
        return Synonym(member[0], "never")
    if asked[2] and asked[2] == member[2]:
        return Synonym(member[0], "same", "abbreviation" if asked[3] != member[3] else "synonym")
    return Synonym(member[0], "loose")


def _by_word(content: bytes) -> dict[str, list[list[Member]]]:
    kept = json.loads(content)
    if kept["format"] != FORMAT:
        raise ValueError(f"it has format {str(kept['format'])[:40]}, not {FORMAT}")
    groups: dict[str, list[list[Member]]] = {}
    for members in kept["groups"]:
        group = [_member(*each) for each in members]
        for word in dict.fromkeys(key(member[0]) for member in group):
            groups.setdefault(word, []).append(group)
    return groups


def _member(word: object, expansion: object, lexeme: object, abbreviated: object) -> Member:
    if (
        type(word) is str
        and word.encode().strip()
        and type(expansion) is int
        and type(lexeme) is int
        and type(abbreviated) is bool
    ):
        return word, expansion, lexeme, abbreviated
    raise TypeError("a member of a group is not as it is written")
