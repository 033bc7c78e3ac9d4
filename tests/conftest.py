"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples every time: what a run finds, the next one finds too.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

CLONE = Path(__file__).resolve().parent.parent
# The dictionary's tables are made once for all runs, and nothing is written into the user's own cache.
os.environ.setdefault("SAKUIN_CACHE", str(CLONE / "var" / "cache"))


@pytest.fixture(scope="session", autouse=True)
def _tables() -> None:
    """What a command tells while it makes the tables is not what a test of it expects."""
    from index.lexicon import ensure

    ensure()


@pytest.fixture(scope="session")
def clone() -> Path:
    """The folder that holds pyproject.toml."""
    return CLONE


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The corpus that comes with the project."""
    return CLONE / "seeds"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Material too large for the repository, in a folder ``shared`` beside the clone."""
    folder = CLONE.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"there is no {folder.name}/ beside the clone")
    return folder
