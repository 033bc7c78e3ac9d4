"""What an index directory is: a manifest, one generation of files, a lock.

    DIR/manifest.json       format, fingerprint, counts, sources, and every file of the generation with size and CRC-32
    DIR/generation-N/       the files of generation N: contents.json, those of its segments, and sources.json
    DIR/sakuin.lock         held by the process that builds

A generation is written beside the one in use, synced, and switched to by renaming a new manifest over the old: a
reader sees the one or the other, and a build that dies leaves the old one in use. Nothing in a generation is opened
before the manifest's own checksum holds and the folder has exactly the files it names, in their sizes; what is in them
is checked as it is read, and all of it by ``verify``.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import stat
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn, TypeVar

from index.errors import DamagedIndex, DirectoryError, ForeignFolder, LockedIndex, MissingIndex
from index.manifest import NOT_A_MANIFEST, OPENING, Manifest, parsed

__all__ = [
    "LOCK",
    "MANIFEST",
    "Manifest",
    "build_command",
    "cannot_write",
    "check_generation",
    "check_ours",
    "facts_of",
    "generation_folder",
    "in_use",
    "locked",
    "mend",
    "new_generation",
    "opened",
    "read_file",
    "read_manifest",
    "renew",
    "switch",
    "update_command",
]

T = TypeVar("T")
MANIFEST = "manifest.json"
LOCK = "sakuin.lock"
_NEW = f"{MANIFEST}.new"
_ATTEMPTS = 10
_GENERATION = re.compile(r"generation-([1-9][0-9]{0,15})")


def generation_folder(directory: Path, generation: int) -> Path:
    """The folder of a generation."""
    return directory / f"generation-{generation}"


def mend(directory: Path) -> str:
    """The way out of an index that is of no use."""
    return f"rebuild it with `{build_command(directory)}`"


def renew(directory: Path) -> str:
    """The way out of an index that is older than its sources."""
    return f"bring it up to date with `{update_command(directory)}`"


def update_command(directory: Path) -> str:
    """What brings an index up to date, on a command line."""
    return f"python -m index update --index-dir {shlex.quote(str(directory))}"


def build_command(directory: Path, sources: str = "") -> str:
    """What builds an index, on a command line."""
    return f"python -m index build {sources}--index-dir {shlex.quote(str(directory))}"


def read_manifest(directory: Path) -> Manifest:
    """The manifest in use.

    Raises ``MissingIndex`` where there is none, ``ForeignFolder`` where the folder holds something else, and
    ``DamagedIndex`` where it is not as we wrote it.
    """
    try:
        if not stat.S_ISREG((directory / MANIFEST).lstat().st_mode):
            raise DamagedIndex(f"{directory / MANIFEST} is no file: choose another folder with --index-dir")
        raw = (directory / MANIFEST).read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        _explain_missing(directory)
        raise MissingIndex(
            f"no index in {directory}: build one with `{build_command(directory, 'SOURCE ')}`"
        ) from error
    except OSError as error:
        _cannot_read(directory / MANIFEST, error)
    try:
        return parsed(raw)
    except NOT_A_MANIFEST as error:
        check_ours(directory)
        why = f"it lacks {error}" if isinstance(error, KeyError) else str(error)[:80]
        raise DamagedIndex(
            f"{directory / MANIFEST} cannot be used ({why}): rebuild it with `{build_command(directory, 'SOURCE ')}`"
        ) from error


def _explain_missing(directory: Path) -> None:
    if directory.is_symlink() and not directory.exists():
        raise MissingIndex(f"{directory} is a link to nothing: give --index-dir a folder")
    if directory.exists() and not directory.is_dir():
        raise ForeignFolder(f"{directory} is not a folder: give --index-dir a folder")
    check_ours(directory)


def _cannot_read(path: Path, error: OSError) -> NoReturn:
    raise DirectoryError(f"{path} cannot be read ({error.strerror}): see its permissions") from error


def check_ours(directory: Path) -> None:
    """Raises ``ForeignFolder`` if an existing folder is neither empty nor an index, be it damaged or half built.

    What the folder holds beside a manifest of ours is nobody's concern. Where that is damaged, or not there yet, the
    lock tells that a build was here.
    """
    names = _names(directory) if directory.exists() else []
    if not names or (MANIFEST in names and _opens_as_ours(directory / MANIFEST)):
        return
    ours = (MANIFEST, _NEW, LOCK) if LOCK in names else ()
    foreign = [name for name in names if name not in ours and not (ours and _GENERATION.fullmatch(name))]
    if foreign:
        raise ForeignFolder(
            f"{directory} is not an index (it holds {foreign[0]!r}): choose an empty or new folder with --index-dir"
        )


def _names(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir())
    except OSError as error:
        if isinstance(error, (FileNotFoundError, NotADirectoryError)):
            raise
        _cannot_read(folder, error)


def _opens_as_ours(manifest: Path) -> bool:
    try:
        if not stat.S_ISREG(manifest.lstat().st_mode):
            return False
        with manifest.open("rb") as stream:
            return stream.read(len(OPENING)) == OPENING
    except OSError:
        return False


def in_use(directory: Path, *, whole: bool = False) -> tuple[Manifest, Path]:
    """The manifest in use and its generation's folder; raises what the two functions it joins do."""
    while True:
        manifest = read_manifest(directory)
        with suppress(FileNotFoundError):
            return manifest, check_generation(directory, manifest, whole=whole)


def opened(directory: Path, opening: Callable[[Manifest, Path], T]) -> T:
    """What ``opening`` makes of the manifest in use and its folder; again if it was replaced meanwhile."""
    for _ in range(_ATTEMPTS):
        manifest, folder = in_use(directory)
        try:
            return opening(manifest, folder)
        except (DamagedIndex, FileNotFoundError) as error:
            if read_manifest(directory) != manifest:
                continue
            if isinstance(error, DamagedIndex):
                raise
            raise DamagedIndex(f"{error.filename} is missing: {mend(directory)}") from error
    raise DamagedIndex(f"{directory} changes faster than it can be opened: {mend(directory)}")


def check_generation(directory: Path, manifest: Manifest, *, whole: bool = False) -> Path:
    """The generation's folder, once it has exactly the files of the manifest in their sizes; else ``DamagedIndex``.

    ``whole`` reads them too, for their checksums. Raises ``FileNotFoundError`` where a rebuild has switched to another
    generation since the manifest was read.
    """
    folder = generation_folder(directory, manifest.generation)
    damage = _damage(folder, manifest.files, whole=whole)
    if damage is None:
        return folder
    if read_manifest(directory).generation != manifest.generation:
        raise FileNotFoundError(f"{folder} was replaced by a rebuild")
    raise DamagedIndex(f"{damage}: {mend(directory)}")


def read_file(directory: Path, manifest: Manifest, name: str) -> bytes:
    """The content of one file of the generation, once it is as the manifest says; else ``DamagedIndex``."""
    file = generation_folder(directory, manifest.generation) / name
    try:
        content = file.read_bytes()
    except OSError as error:
        raise DamagedIndex(f"{file} cannot be read ({error.strerror}): {mend(directory)}") from error
    if (len(content), zlib.crc32(content)) != manifest.files[name]:
        raise DamagedIndex(f"{file} is damaged: {mend(directory)}")
    return content


def _damage(folder: Path, files: Mapping[str, tuple[int, int]], *, whole: bool) -> str | None:
    try:
        if not stat.S_ISDIR(folder.lstat().st_mode):
            return f"{folder} is no folder"
        with os.scandir(folder) as entries:
            found = {entry.name: entry.stat(follow_symlinks=False) for entry in entries}
        for odd in sorted(found.keys() ^ files.keys()):
            return f"{folder / odd} {'is missing' if odd in files else 'is not of this index'}"
        for name, facts in files.items():
            # A link, or a pipe, would lead out of the folder.
            wrong = not stat.S_ISREG(found[name].st_mode) or found[name].st_size != facts[0]
            if wrong or (whole and _facts(folder / name) != facts):
                return f"{folder / name} is damaged"
    except (FileNotFoundError, NotADirectoryError) as error:
        return f"{error.filename} is missing"
    except OSError as error:
        _cannot_read(folder, error)
    return None


def _facts(file: Path) -> tuple[int, int]:
    size = checksum = 0
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            size += len(block)
            checksum = zlib.crc32(block, checksum)
    return size, checksum


@contextmanager
def locked(directory: Path, *, wait: float = 0) -> Iterator[None]:
    """Holds the directory's lock; a killed process leaves none behind. ``wait`` is in seconds; then ``LockedIndex``."""
    from filelock import FileLock, Timeout

    lock = FileLock(directory / LOCK, timeout=wait)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        check_ours(directory)
        lock.acquire()
    except Timeout as error:
        raise LockedIndex(
            f"another process is building in {directory}: wait for it, or choose another --index-dir"
        ) from error
    except (FileExistsError, NotADirectoryError) as error:
        raise ForeignFolder(f"{directory} is not a folder: give --index-dir a folder") from error
    except OSError as error:
        cannot_write(directory, error)
    try:
        yield
    finally:
        lock.release()


def cannot_write(directory: Path, error: OSError) -> NoReturn:
    """Raises ``DirectoryError`` for what the system said."""
    raise DirectoryError(
        f"cannot write the index in {directory} ({error.strerror or error}), so nothing was changed: "
        "see the permissions and the disk's space, or choose another --index-dir"
    ) from error


@contextmanager
def new_generation(directory: Path) -> Iterator[tuple[int, Path]]:
    """The number and the empty folder of the next generation. Call with the lock held.

    On the way in what dead builds left is removed, on the way out every generation but the one in use by then.
    """
    _remove_unused(directory)
    generation = max(_generations(directory).values(), default=0) + 1
    folder = generation_folder(directory, generation)
    try:
        folder.mkdir()
        yield generation, folder
    finally:
        _remove_unused(directory)


def _generations(directory: Path) -> dict[str, int]:
    found = (_GENERATION.fullmatch(name) for name in _names(directory))
    return {match[0]: int(match[1]) for match in found if match}


def _remove_unused(directory: Path) -> None:
    try:
        used = read_manifest(directory).generation
    except (MissingIndex, DamagedIndex):
        used = 0
    (directory / _NEW).unlink(missing_ok=True)
    for name, generation in _generations(directory).items():
        if generation != used:
            # Where a reader keeps files from being removed, the next build does it.
            shutil.rmtree(directory / name, ignore_errors=True)


def facts_of(folder: Path, known: Mapping[str, tuple[int, int]] | None = None) -> dict[str, tuple[int, int]]:
    """Each file of a finished generation with its size and checksum, after it was forced to the disk.

    Those of ``known`` files, which an earlier generation has too, are not read again.
    """
    facts = dict(known or {})
    names = _names(folder)
    for name in names:
        if name not in facts:
            _sync(folder / name)
    _sync_folder(folder)
    return {name: facts.get(name) or _facts(folder / name) for name in names}


def switch(directory: Path, manifest: Manifest) -> None:
    """Puts a finished generation in use."""
    new = directory / _NEW
    new.write_bytes(manifest.to_bytes())
    _sync(new)
    _sync_folder(directory)
    new.replace(directory / MANIFEST)
    _sync_folder(directory)


def _sync(file: Path) -> None:
    with file.open("rb+") as stream:
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    # Not every system and file system can; the files themselves are on the disk already.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
