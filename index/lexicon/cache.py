"""Where the dictionary's tables lie, and when they are made anew.

They are one file in the user's cache folder (``index.places.cache_folder``), shared by all indexes, whose name tells
the format, the chain and the dictionary that it was made with. It is written under another name and renamed when it is
whole, so that several makers and a killed one do no harm. A file that is damaged, or whose facts are not what its name
tells, is made anew. Where the folder cannot be written, a process makes the tables for itself, in a temporary folder.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from index.errors import DirectoryError
from index.lexicon.lookup import Lexicon
from index.lexicon.source import SudachiEntries
from index.lexicon.tables import Entry, Tables, write_tables
from index.places import CACHE_VARIABLE, cache_folder
from index.settings import Fingerprint, fingerprint

FORMAT = 2
"""Version of the tables, and of what is left out of them."""

Progress = Callable[[int, int], None]
"""Called with (bytes of the dictionary read, about, and all of them)."""

_BYTES_OF_ENTRY = 127
"""Of the dictionary, about: how far the reading is, for a progress."""
_ABANDONED = 3600.0
"""Seconds after which a file that was not finished is one of a killed process."""
_STEP = 10_000

_lock = threading.Lock()
_own: dict[str, Path] = {}
"""Tables that this process made for itself alone, by the name of their file."""


def open_lexicon(progress: Progress | None = None) -> Lexicon:
    """The tables of the installed dictionary, which are made first where there are none.

    ``progress`` is called only if they are made. The lexicon's ``warnings`` tell where they could not be kept.
    """
    wanted = fingerprint(hashed=False)
    with _lock:
        tables = _kept(wanted) or _made(wanted, progress)

    def mend() -> list[Tables]:
        with _lock:
            return [_made(wanted, progress)]

    return Lexicon([tables], mend, warnings=_warnings(wanted))


def ensure(progress: Progress | None = None) -> float:
    """Makes the tables unless they are there; the seconds that it took, 0.0 if they were.

    Unlike ``open_lexicon`` it compares the dictionary's hash. Where the folder cannot be written it does nothing.
    """
    begun = time.perf_counter()
    wanted = fingerprint(hashed=True)
    with _lock:
        if _kept(wanted) is not None:
            return 0.0
        try:
            _make(cache_folder(), wanted, progress)
        except OSError:
            return 0.0
    return time.perf_counter() - begun


def _name(wanted: Fingerprint) -> str:
    parts = (FORMAT, wanted.chain, wanted.dictionary, wanted.dictionary_version, wanted.dictionary_bytes)
    return f"lexicon-{'-'.join(map(str, parts))}.tables"


def _warnings(wanted: Fingerprint) -> tuple[str, ...]:
    if _name(wanted) not in _own:
        return ()
    return (
        f"the dictionary's tables could not be kept in {cache_folder()}, and each start makes them anew: "
        f"name a folder that can be written in {CACHE_VARIABLE}",
    )


def _kept(wanted: Fingerprint) -> Tables | None:
    """The tables that were made before; None if there are none that can be used."""
    name = _name(wanted)
    for file in (_own.get(name), cache_folder() / name):
        with suppress(FileNotFoundError, DirectoryError):
            tables = Tables(file) if file else None
            if tables is not None and _fits(tables, wanted):
                return tables
    return None


def _fits(tables: Tables, wanted: Fingerprint) -> bool:
    facts = dict(tables.facts)
    sha256 = facts.pop("dictionary_sha256", None)
    expected = _facts(wanted)
    hashed = expected.pop("dictionary_sha256")
    return {name: facts.get(name) for name in expected} == expected and (not hashed or hashed == sha256)


def _facts(wanted: Fingerprint) -> dict[str, object]:
    return {"lexicon": FORMAT, **wanted.to_dict()}


def _made(wanted: Fingerprint, progress: Progress | None) -> Tables:
    """Makes the tables in the cache folder, or else for this process alone."""
    hashed = fingerprint(hashed=True)
    try:
        return Tables(_make(cache_folder(), hashed, progress))
    except OSError:
        import atexit
        import shutil
        import tempfile

        folder = Path(tempfile.mkdtemp(prefix="sakuin-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        _own[_name(wanted)] = file = _make(folder, hashed, progress)
        return Tables(file)


def _make(folder: Path, wanted: Fingerprint, progress: Progress | None) -> Path:
    """Makes the file in a folder; ``OSError`` where that cannot be."""
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    file = folder / _name(wanted)
    unfinished = file.with_name(f"{file.name}.{os.getpid()}-{time.time_ns()}.new")
    source = SudachiEntries()
    try:
        entries = _told(source, wanted.dictionary_bytes, progress)
        write_tables(unfinished, entries, source.pos, _facts(wanted))
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    if progress:
        progress(wanted.dictionary_bytes, wanted.dictionary_bytes)
    return file


def _told(source: SudachiEntries, size: int, progress: Progress | None) -> Iterator[Entry]:
    """The entries, and while they are made how far that is."""
    due = 0
    for entry in source:
        if source.count >= due:
            due = source.count + _STEP
            if progress:
                progress(min(source.count * _BYTES_OF_ENTRY, size), size)
        yield entry


def _sweep(folder: Path) -> None:
    """Removes what killed makers left."""
    for left in folder.glob("lexicon-*.new"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _ABANDONED:
                left.unlink()
