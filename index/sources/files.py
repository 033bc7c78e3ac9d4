"""Which files a source holds, in an order that does not depend on the file system.

A source is a file or a folder. Of a folder every file below it counts, but for hidden ones (a leading dot), what a
link to a folder leads to, an index of ours, and what ``.sakuinignore`` at its root (patterns as in .gitignore) leaves
out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from index.directory import LOCK
from index.errors import SourceError

IGNORE_FILE = ".sakuinignore"

_Test = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file, or a record of one (``path`` then ends in ``:LINE``), that gave no document, and why."""

    path: str
    reason: str


class Found(NamedTuple):
    """A file, and its POSIX path relative to its source (its file name if the source is the file itself)."""

    path: Path
    name: str


def find(source: Path) -> Iterator[Found]:
    """All files of a source, sorted by ``name``.

    A folder that cannot be listed is found as if it were a file: reading it then says what is wrong.
    """
    if not is_folder(source):
        _require(source)
        yield Found(source, printable(source.name))
        return
    for relative, folder in _walk(source):
        if not folder:
            yield Found(source / relative, printable(relative))


def folders(source: Path) -> Iterator[Path]:
    """The source folder and every folder below it that ``find`` looks into; nothing for a file."""
    if not is_folder(source):
        _require(source)
        return
    for relative, folder in _walk(source):
        if folder:
            yield source / relative


def printable(name: str) -> str:
    """The name as text: bytes of it that are not UTF-8 (lone surrogates in Python) become U+FFFD."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def is_folder(path: Path | os.DirEntry[str]) -> bool:
    """Whether it is a folder; what cannot be asked is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _require(source: Path) -> None:
    try:
        source.stat()
    except (OSError, ValueError) as error:
        what = "no such file or folder" if isinstance(error, FileNotFoundError) else str(error)
        what = "the link leads nowhere" if os.path.islink(source) else what  # noqa: PTH114  # which raises for no name
        message = f"source {printable(str(source))}: {what}; give the path of a file or folder that exists"
        raise SourceError(message) from None


def _walk(source: Path) -> Iterator[tuple[str, bool]]:
    """Relative paths, each with whether it is a folder that could be listed; the source itself comes first, as ''."""
    ignored = _ignored(source)
    stack = [("", True)]
    while stack:
        relative, folder = stack.pop()
        if folder:
            try:
                inside = _entries(source, relative, ignored)
            except OSError as error:
                if not relative:
                    raise SourceError(f"source {source}: {error.strerror}; the folder must be listable") from error
                folder = False
            else:
                stack.extend(reversed(inside))
        yield relative, folder


def _entries(source: Path, relative: str, ignored: _Test) -> list[tuple[str, bool]]:
    """What a folder holds, sorted so that a depth-first walk meets the paths in order.

    'a/b' sorts by its slash, so a folder's place among its siblings is that of its name with one.
    """
    inside: list[tuple[str, bool]] = []
    prefix = f"{relative}/" if relative else ""
    with os.scandir(source / relative) as entries:
        for entry in entries:
            folder = is_folder(entry)
            if entry.name.startswith(".") or (folder and entry.is_symlink()):
                continue
            path = prefix + entry.name
            if folder and (source / path / LOCK).exists():
                continue
            if not ignored(f"{path}/" if folder else path):
                inside.append((path, folder))
    return sorted(inside, key=lambda item: item[0] + "/" if item[1] else item[0])


def _ignored(source: Path) -> _Test:
    """The test that ``.sakuinignore`` stands for."""
    file = source / IGNORE_FILE
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return lambda path: False
    except (OSError, ValueError) as error:
        raise SourceError(f"{file} cannot be read ({error}); make it a UTF-8 text file or remove it") from error
    return _matcher(file, lines)


def _matcher(file: Path, lines: list[str]) -> _Test:
    import re  # both only where there are patterns: most sources have none

    from pathspec import GitIgnoreSpec

    for number, line in enumerate(lines, 1):
        try:
            GitIgnoreSpec.from_lines([line])
        except (ValueError, re.error) as error:
            raise SourceError(
                f"{file}:{number}: {line!r} is not a pattern of the kind .gitignore has ({error}); correct or remove it"
            ) from error
    return GitIgnoreSpec.from_lines(lines).match_file
