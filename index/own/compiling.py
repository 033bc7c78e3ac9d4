"""Words of one's own → a dictionary that Sudachi reads, with tables of its entries.

Sudachi follows whatever a compiled dictionary says, into memory that is not there. An index may come from anywhere, so
that it has the words as text, and what they are compiled to lies in the user's cache folder: made once for the same
words and the same edition of Sudachi and its dictionary, which takes seconds however few the words are. The file of the
dictionary, ``own-KEY-CRC.dic``, tells its own checksum; ``own-KEY.tables`` has the entries.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from index.analysis.tokenizer import open_dictionary
from index.errors import DirectoryError
from index.lexicon.source import SudachiEntries
from index.lexicon.tables import Tables, write_tables
from index.own.dictionary import Words
from index.places import cache_folder
from index.settings import fingerprint, system_dictionary

FORMAT = 1
"""Version of what is made of the words."""
_ABANDONED = 3600.0
"""Seconds after which a file that was not finished is one of a killed process."""
_AT_LINE = re.compile(r".*:(\d+)\t([^\t]*)", re.DOTALL)
_AT_ENTRY = re.compile(r"<entries>:(\d+)\t(.*)", re.DOTALL)

Progress = Callable[[int, int], None]

_lock = threading.Lock()
_aside: list[Path] = []
"""A folder for this process alone, where the cache folder cannot be written."""


class Compiled(NamedTuple):
    """What words were compiled to."""

    dictionary: Path
    tables: Tables


def compiled(words: Words, progress: Progress | None = None) -> Compiled:
    """What was made of the words before, or is made now, which ``progress`` is told; ``SourceError`` names a line."""
    key = _key(words)
    with _lock:
        for folder in (cache_folder(), *_aside):
            found = _kept(folder, key)
            if found is not None:
                return found
        if progress:
            progress(0, 1)
        words.check(open_dictionary().text_normalizer())
        try:
            return _make(cache_folder(), key, words)
        except OSError:
            return _make(_own_folder(), key, words)


def _own_folder() -> Path:
    import atexit
    import shutil
    import tempfile

    if not _aside:
        _aside.append(Path(tempfile.mkdtemp(prefix="sakuin-")))
        atexit.register(shutil.rmtree, _aside[0], ignore_errors=True)
    return _aside[0]


def _key(words: Words) -> str:
    import sudachipy

    facts = fingerprint(hashed=False)
    edition = (FORMAT, sudachipy.__version__, facts.dictionary, facts.dictionary_version, facts.dictionary_bytes)
    return hashlib.sha256(repr(edition).encode() + b"\n" + words.content).hexdigest()[:32]


def _kept(folder: Path, key: str) -> Compiled | None:
    """What lies in a folder and is whole; None if there is nothing."""
    for file in sorted(folder.glob(f"own-{key}-????????.dic")):
        with suppress(OSError, DirectoryError):
            if f"{zlib.crc32(file.read_bytes()):08x}" == file.stem[-8:]:
                return Compiled(file, Tables(folder / f"own-{key}.tables"))
    return None


def _make(folder: Path, key: str, words: Words) -> Compiled:
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    unfinished = folder / f"own-{key}.{os.getpid()}-{time.time_ns()}.new"
    of_tables = unfinished.with_name(f"{unfinished.stem}-t.new")
    try:
        _build(words, unfinished)
        dictionary = open_dictionary(unfinished)
        entries = SudachiEntries(dictionary, dict.fromkeys(row.cells[0] for row in words.rows))
        write_tables(of_tables, entries, entries.pos, {"own": FORMAT})
        dictionary.close()
        of_tables.replace(folder / f"own-{key}.tables")
        file = folder / f"own-{key}-{zlib.crc32(unfinished.read_bytes()):08x}.dic"
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
        of_tables.unlink(missing_ok=True)
    return Compiled(file, Tables(folder / f"own-{key}.tables"))


def _build(words: Words, file: Path) -> None:
    from sudachipy import sudachipy

    build = sudachipy.build_user_dic  # type: ignore[attr-defined]  # its stubs leave it out
    try:
        build(system=system_dictionary(), lex=[words.content], output=file, description="sakuin")
    except OSError:
        raise
    except BaseException as error:
        if not is_refusal(error):
            raise
        message = str(error)
        at_entry, at_line = _AT_ENTRY.fullmatch(message), _AT_LINE.fullmatch(message)
        if at_entry and int(at_entry[1]) < len(words.rows):
            words.rows[int(at_entry[1])].fail(at_entry[2])
        if at_line:
            words.fail_at(int(at_line[1]), at_line[2])
        words.fail(message[-200:])


def is_refusal(error: BaseException) -> bool:
    """Whether it is Sudachi that raised it: what it does not expect ends in an exception beside all others."""
    return isinstance(error, Exception) or type(error).__module__ == "pyo3_runtime"


def _sweep(folder: Path) -> None:
    """Removes what killed makers left."""
    for left in folder.glob("own-*.new"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _ABANDONED:
                left.unlink()
