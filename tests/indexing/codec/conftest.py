"""What the tests of the codec's structures share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from index.codec.container import Container, ContainerWriter


@pytest.fixture
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Callable[[ContainerWriter], object]], Container]:
    """Writes a file of arrays by a function, and maps it."""

    def written(write: Callable[[ContainerWriter], object]) -> Container:
        file = tmp_path_factory.mktemp("codec") / "file"
        with ContainerWriter(file) as container:
            write(container)
        return Container(file)

    return written


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Makes an empty folder."""
    return lambda: tmp_path_factory.mktemp("codec")
