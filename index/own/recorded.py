"""What a manifest says of the words of one's own that an index was made with.

The files that were read are recorded with their size, time and SHA-256: of a dictionary's words text was cut, so that
an index and its dictionary belong together as an index and the chain do.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

WORDS = "own.csv"
"""In a generation: the lines of all dictionaries."""
SYNONYMS = "own-synonyms.json"
"""In a generation: the groups of synonyms."""
FILES = (WORDS, SYNONYMS)

CLASSES = ("readings", "romaji", "synonyms", "variants", "glosses", "numbers")
"""What words of a query are expanded by (``search.query.expansion``), by the names of its switches."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a build was given, as absolute paths: a rebuild without arguments is given the same.

    Without ``settings`` the ``sakuin.toml`` of each source folder is read. Named files take the place of those that
    settings name.
    """

    dictionary: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    settings: str | None = None


NONE_GIVEN = Given()


class ListFile(NamedTuple):
    """A file that was read; ``mtime`` is in nanoseconds."""

    path: str
    size: int
    mtime: int
    sha256: str

    def is_changed(self) -> bool:
        """Whether there is another content now; a file that is gone says nothing."""
        try:
            facts = Path(self.path).stat()
            touched = (facts.st_size, facts.st_mtime_ns) != (self.size, self.mtime)
            return touched and read(self.path)[0].sha256 != self.sha256
        except OSError:
            return False


def read(path: str) -> tuple[ListFile, bytes]:
    """A file's facts and its content; raises ``OSError``."""
    import hashlib

    with Path(path).open("rb") as stream:
        facts = os.fstat(stream.fileno())
        content = stream.read()
    return ListFile(path, len(content), facts.st_mtime_ns, hashlib.sha256(content).hexdigest()), content


@dataclass(frozen=True, slots=True)
class Own:
    """All that there is of one's own in an index; false if nothing is."""

    given: Given = NONE_GIVEN
    dictionary: tuple[ListFile, ...] = ()
    synonyms: tuple[ListFile, ...] = ()
    settings: tuple[ListFile, ...] = ()
    off: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self != NOTHING

    def dictionaries(self) -> list[str]:
        """The paths of the dictionaries, of which another content makes another index."""
        return [each.path for each in self.dictionary]

    def changed(self) -> Iterator[str]:
        """The paths of files with another content than was read."""
        return (each.path for each in (*self.dictionary, *self.synonyms, *self.settings) if each.is_changed())

    def to_dict(self) -> dict[str, object]:
        """As the manifest has it."""
        given = self.given
        files = {name: [list(each) for each in getattr(self, name)] for name in ("dictionary", "synonyms", "settings")}
        return {
            "given": {
                "dictionary": list(given.dictionary),
                "synonyms": list(given.synonyms),
                "settings": given.settings,
            },
            **files,
            "off": list(self.off),
        }


NOTHING = Own()
