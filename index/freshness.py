"""Whether an index is older than its sources: what was read is recorded, and looked at again."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from index.directory import Manifest, read_file

SOURCES = "sources.json"
"""In a generation: every folder and file that was read, as [path, bytes, mtime in ns]."""
WATCHED = 200
"""So many of them are in the manifest, where a search looks."""

State = tuple[str, int, int]


def state(paths: Sequence[Path]) -> list[State]:
    """Every folder and file of the sources with its size and time of change.

    The sources themselves and their folders, which tell of new files, come first; a folder's size counts as 0.
    """
    from index.sources import find, folders

    everything = [folder for path in paths for folder in folders(path)]
    everything += [found.path for path in paths for found in find(path)]
    return [(str(path.absolute()), *facts) for path in everything if (facts := _facts(path)) is not None]


def _facts(path: Path) -> tuple[int, int] | None:
    try:
        facts = path.stat()
    except OSError:
        return None
    return (0 if stat.S_ISDIR(facts.st_mode) else facts.st_size), facts.st_mtime_ns


def write_state(folder: Path, seen: Sequence[State]) -> None:
    """Writes the state of all sources into the folder of a new generation."""
    (folder / SOURCES).write_text(json.dumps(seen), encoding="ascii")


def changed(recorded: Iterable[State], *, moved: bool = False) -> list[str]:
    """The recorded paths that are not as they were; with ``moved`` none if all are gone: the index may have moved."""
    recorded = list(recorded)
    now = {path: _facts(Path(path)) for path, _, _ in recorded}
    if moved and not any(now.values()):
        return []
    return [path for path, size, mtime in recorded if now[path] != (size, mtime)]


def all_recorded(directory: Path, manifest: Manifest) -> list[State]:
    """What was read for a generation, also beyond what a search looks at."""
    return [(path, size, mtime) for path, size, mtime in json.loads(read_file(directory, manifest, SOURCES))]
