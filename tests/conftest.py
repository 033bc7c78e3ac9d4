"""What every test may ask for."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# The same examples every time: what a run finds, the next one finds too.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

CLONE = Path(__file__).resolve().parent.parent


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
