"""What shapes an index, with its fingerprint: the format, the chain and the dictionary.

Two indexes with the same fingerprint hold the same slots for the same text. A search compares the dictionary by version
and size; only building and verifying read its 200 MB for the hash.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path

from index.analysis import CHAIN

FORMAT = 5
"""Version of the manifest and of everything in a generation."""

DICTIONARY = "sudachidict_core"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """``dictionary_sha256`` is empty where it was not worth reading the whole file."""

    chain: int
    dictionary: str
    dictionary_version: str
    dictionary_bytes: int
    dictionary_sha256: str = ""

    def to_dict(self) -> dict[str, object]:
        """The fields by name, for the manifest."""
        return asdict(self)

    def difference(self, other: Fingerprint) -> str | None:
        """What tells the two apart, for a reader; None where they go together."""
        if self.chain != other.chain:
            return f"analysis chain {self.chain}, not {other.chain}"
        mine = (self.dictionary, self.dictionary_version, self.dictionary_bytes)
        theirs = (other.dictionary, other.dictionary_version, other.dictionary_bytes)
        if mine != theirs:
            return f"{mine[0]} {mine[1]} ({mine[2]:,} bytes), not {theirs[0]} {theirs[1]} ({theirs[2]:,} bytes)"
        hashes = self.dictionary_sha256, other.dictionary_sha256
        if all(hashes) and hashes[0] != hashes[1]:
            return f"{mine[0]} {mine[1]} with another content"
        return None


def fingerprint(*, hashed: bool) -> Fingerprint:
    """The fingerprint of what is installed; ``hashed`` reads the whole dictionary."""
    folder = _package_folder(DICTIONARY)
    file = system_dictionary()
    facts = file.stat()
    digest = _sha256(file, facts.st_size, facts.st_mtime_ns) if hashed else ""
    return Fingerprint(CHAIN, DICTIONARY, _version(folder), facts.st_size, digest)


def system_dictionary() -> Path:
    """The file of the installed dictionary."""
    return _package_folder(DICTIONARY) / "resources" / "system.dic"


def _package_folder(name: str) -> Path:
    file = import_module(name).__file__
    assert file is not None, f"{name} is a package with a file"
    return Path(file).parent


def _version(folder: Path) -> str:
    # The metadata folder's name says it; importlib.metadata is slow to import.
    for metadata in folder.parent.glob(f"{folder.name}-*.dist-info"):
        return metadata.name[len(folder.name) + 1 : -len(".dist-info")]
    from importlib.metadata import version

    return version(folder.name)


@lru_cache(maxsize=1)
def _sha256(file: Path, size: int, mtime_ns: int) -> str:
    """The hash of a file, read once for as long as it has this size and time of change."""
    import hashlib

    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
