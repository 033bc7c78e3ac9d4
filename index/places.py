"""Where things are when nobody says: the default index, the seeds, and what is kept for all indexes."""

from __future__ import annotations

import os
from pathlib import Path

from index.errors import UsageError

_PACKAGE = Path(__file__).resolve().parent
_CLONE = _PACKAGE.parent
VARIABLE = "SAKUIN_INDEX"
CACHE_VARIABLE = "SAKUIN_CACHE"


def _in_clone() -> bool:
    return (_CLONE / "pyproject.toml").is_file() and (_CLONE / "seeds").is_dir()


def seeds() -> Path:
    """The corpus that comes with the project: ``seeds`` of the clone, or of the installed package."""
    return _CLONE / "seeds" if _in_clone() else _PACKAGE / "seeds"


def default_index() -> Path:
    """``var/index`` of the clone, or ``index`` in the user's data directory where the package is installed."""
    if _in_clone():
        return _CLONE / "var" / "index"
    from platformdirs import user_data_path

    return user_data_path("sakuin", appauthor=False) / "index"


def cache_folder() -> Path:
    """Where lies what can be made again: ``SAKUIN_CACHE`` of the environment, else the user's cache folder."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("sakuin", appauthor=False)


def chosen_index(index_dir: str | os.PathLike[str] | None) -> tuple[Path, bool]:
    """The index directory to use, and whether it is the default place.

    ``index_dir`` first, then the environment's ``SAKUIN_INDEX``, then the default. An empty string is no directory:
    ``UsageError``.
    """
    if index_dir is None:
        index_dir = os.environ.get(VARIABLE) or None
    if index_dir is None:
        return default_index(), True
    if not os.fspath(index_dir) or "\0" in os.fspath(index_dir):
        raise UsageError("the index directory has no usable name: give --index-dir a folder")
    return Path(index_dir), False
