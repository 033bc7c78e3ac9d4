"""Byte strings by number, compressed in blocks that open by themselves.

NAME.blocks   u1  the blocks one after the other, each a Zstandard frame (RFC 8878) of whole byte strings
NAME.ends     u8  where each block ends
NAME.firsts   u4  the number of each block's first byte string; at last how many there are
NAME.sizes    u4  the size of each byte string
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import zstandard
from numpy.typing import NDArray

from index.codec.container import Container, ContainerWriter

_LEVEL = 3
_KEPT = 8
"""Opened blocks that a reader keeps."""


class BlobsWriter:
    """Adds byte strings to one structure of a file that nothing else is added to meanwhile."""

    def __init__(self, block: int) -> None:
        self._block = block
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=False)
        self._waiting: list[bytes] = []
        self._size = 0
        self._blocks: list[bytes] = []
        self._firsts: list[int] = [0]
        self._sizes: list[int] = []

    def append(self, blob: bytes) -> None:
        """Takes the next byte string."""
        self._waiting.append(blob)
        self._sizes.append(len(blob))
        self._size += len(blob)
        if self._size >= self._block:
            self._close()

    @property
    def held(self) -> int:
        """Bytes in memory."""
        return self._size + sum(map(len, self._blocks)) + 40 * len(self._sizes)

    def _close(self) -> None:
        if self._waiting:
            self._blocks.append(self._compressor.compress(b"".join(self._waiting)))
            self._firsts.append(len(self._sizes))
            self._waiting, self._size = [], 0

    def write(self, container: ContainerWriter, name: str) -> None:
        """Adds the structure to a file."""
        self._close()
        container.begin(f"{name}.blocks", np.uint8)
        for block in self._blocks:
            container.extend(np.frombuffer(block, np.uint8))
        container.add(f"{name}.ends", np.cumsum([len(block) for block in self._blocks], dtype=np.uint64))
        container.add(f"{name}.firsts", np.array(self._firsts, np.uint32))
        container.add(f"{name}.sizes", np.array(self._sizes, np.uint32))


class Blobs:
    """The byte strings of a structure; safe from many threads, since a lost race only opens a block twice."""

    def __init__(self, container: Container, name: str) -> None:
        self._container = container
        self._name = name
        self._blocks = container[f"{name}.blocks"]
        self._ends = container[f"{name}.ends"]
        self._firsts = container[f"{name}.firsts"]
        self._sizes = container[f"{name}.sizes"]
        self._opened: dict[int, tuple[bytes, list[int]]] = {}
        if len(self._firsts) != len(self._ends) + 1:
            container.fail(f"its {name} have no order")

    def __len__(self) -> int:
        return len(self._sizes)

    def __getitem__(self, number: int) -> bytes:
        """The byte string of a number from 0 to ``len(self) - 1``."""
        if not 0 <= number < len(self):
            raise IndexError(number)
        firsts = self._firsts.all()
        block = int(firsts.searchsorted(number, side="right")) - 1
        if not 0 <= block < len(self._ends) or number >= firsts[block + 1]:
            self._container.fail(f"its {self._name} have no order")
        content, ends = self._opened.get(block) or self._open(block)
        i = number - int(firsts[block])
        return content[ends[i] : ends[i + 1]]

    def some(self, numbers: NDArray[np.intp]) -> Iterator[bytes]:
        """The byte strings of ascending numbers, each block opened once."""
        firsts = self._firsts.all().astype(np.int64)
        if firsts[0] != 0 or firsts[-1] != len(self) or (np.diff(firsts) < 0).any():
            self._container.fail(f"its {self._name} have no order")
        bounds = numbers.searchsorted(firsts)
        for block in np.flatnonzero(np.diff(bounds)).tolist():
            content, ends = self._open(block)
            for i in (numbers[bounds[block] : bounds[block + 1]] - firsts[block]).tolist():
                yield content[ends[i] : ends[i + 1]]

    def __iter__(self) -> Iterator[bytes]:
        """All byte strings in order."""
        return self.some(np.arange(len(self)))

    def _open(self, block: int) -> tuple[bytes, list[int]]:
        start = int(self._ends.at(block - 1)) if block else 0
        frame = self._blocks.part(start, int(self._ends.at(block))).tobytes()
        firsts = self._firsts.all()
        sizes = self._sizes.part(int(firsts[block]), int(firsts[block + 1]))
        ends = [0, *np.cumsum(sizes, dtype=np.int64).tolist()]
        try:
            # The size that the frame itself tells would be reserved unasked.
            if zstandard.frame_content_size(frame) not in (-1, ends[-1]):
                raise ValueError("it tells another size")
            content = zstandard.ZstdDecompressor().decompress(frame, max_output_size=ends[-1])
        except (zstandard.ZstdError, ValueError, MemoryError) as error:
            self._container.fail(f"a block of its {self._name} cannot be opened", error)
        if len(content) != ends[-1]:
            self._container.fail(f"a block of its {self._name} has another size")
        if len(self._opened) >= _KEPT:
            self._opened = {}
        self._opened[block] = content, ends
        return content, ends
