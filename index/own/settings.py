"""``sakuin.toml``: what an index is made with, in a file beside its sources.

    dictionary = ["words.csv"]       # Sudachi's user dictionaries; paths are relative to this file
    synonyms = ["synonyms.txt"]      # in Sudachi's synonym format
    off = ["romaji"]                 # what the words of queries are not expanded by

Each may be left out. It is read where it lies at the top of a source folder, or where it is named.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from index.errors import SourceError
from index.own.recorded import CLASSES, Given

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

NAME = "sakuin.toml"


class Settings(NamedTuple):
    """What a file says; paths are absolute."""

    dictionary: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    off: tuple[str, ...] = ()


def settings_files(given: Given, sources: Sequence[Path]) -> list[str]:
    """The absolute paths of the files that are to be read."""
    if given.settings is not None:
        return [given.settings]
    return [str(file) for source in sources if (file := source.absolute() / NAME).is_file()]


def parsed(path: str, content: bytes) -> Settings:
    """The settings in a file; ``SourceError`` says what in it is none."""
    try:
        values = tomllib.loads(content.decode("utf-8-sig"))
    except ValueError as error:  # both of a wrong sign and of wrong TOML
        raise SourceError(f"{path} cannot be used ({error}): it is to be TOML in UTF-8") from error
    for name, value in values.items():
        if name not in Settings._fields:
            raise SourceError(f"{path} has {name[:40]!r}, which is no setting: they are {', '.join(Settings._fields)}")
        if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
            raise SourceError(f'{path}: {name} is no list of strings: write {name} = ["…"]')
    unknown = next((each for each in values.get("off", ()) if each not in CLASSES), None)
    if unknown is not None:
        raise SourceError(f"{path}: nothing called {unknown[:40]!r} can be off: only {', '.join(CLASSES)}")
    folder = Path(path).parent
    dictionary, synonyms = (
        tuple(str(folder / each) for each in values.get(name, ())) for name in ("dictionary", "synonyms")
    )
    return Settings(dictionary, synonyms, tuple(values.get("off", ())))
