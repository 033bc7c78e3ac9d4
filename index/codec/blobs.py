"""Byte strings by number, compressed in blocks that open by themselves.

NAME.blocks   u1  the blocks one after the other, each a Zstandard frame (RFC 8878) of whole byte strings
NAME.ends     u8  where each block ends
NAME.firsts   u4  the number of each block's first byte string; at last how many there are
NAME.sizes    u4  the size of each byte string

Nothing bounds a byte string, and a frame of a few kilobytes may rightly hold gigabytes of blanks. So a reader refuses a
frame only where it does not hold what its byte strings' sizes say, and takes no more memory than what it does hold.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import zstandard
from numpy.typing import NDArray

from index.codec.container import Container, ContainerWriter
from index.codec.offsets import Offsets

_LEVEL = 3
_KEPT = 8
"""Opened blocks that a reader keeps."""
_AT_ONCE = 1 << 20
"""Bytes that are reserved for a frame because its byte strings say so; a larger one is opened piece by piece."""
_WINDOW = 1 << 23
"""What a frame may ask for to be opened piece by piece; as RFC 8878 recommends, and more than our level takes."""


class BlobsWriter:
    """Adds byte strings to one structure of a file that nothing else is added to meanwhile."""

    def __init__(self, block: int) -> None:
        self._block = block
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=False)
        self._waiting: list[bytes] = []
        self._size = 0
        self._blocks: list[bytes] = []
        self._compressed = 0
        self._firsts: list[int] = [0]
        self._sizes: list[int] = []

    def append(self, blob: bytes) -> None:
        """Takes the next byte string."""
        self._waiting.append(blob)
        self._sizes.append(len(blob))
        self._size += len(blob)
        if self._size >= self._block:
            self._close()

    def extend(self, blobs: bytes, sizes: NDArray[np.int64]) -> None:
        """Takes byte strings that stand one after the other, by their sizes: the same as one by one, but faster."""
        ends = np.cumsum(sizes)
        done = taken = 0
        while taken < len(sizes):
            # The block is full with the byte string that brings it there.
            full = int(ends.searchsorted(done + self._block - self._size)) + 1
            stop = min(full, len(sizes))
            end = int(ends[stop - 1])
            self._waiting.append(blobs[done:end])
            self._sizes += sizes[taken:stop].tolist()
            self._size += end - done
            done, taken = end, stop
            if self._size >= self._block:
                self._close()

    @property
    def held(self) -> int:
        """Bytes in memory."""
        return self._size + self._compressed + 40 * len(self._sizes)

    def _close(self) -> None:
        if self._waiting:
            block = self._compressor.compress(b"".join(self._waiting))
            self._blocks.append(block)
            self._compressed += len(block)
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
        self._blocks = container.array(f"{name}.blocks", "u1")
        self._ends = Offsets(container.array(f"{name}.ends", "u8"), len(self._blocks))
        self._sizes = container.array(f"{name}.sizes", "u4")
        self._firsts = Offsets(container.array(f"{name}.firsts", "u4"), len(self._sizes), starts=True)
        self._opened: dict[int, tuple[bytes, list[int]]] = {}
        if len(self._firsts) != len(self._ends):
            container.fail(f"its {name} have no order")

    def __len__(self) -> int:
        return len(self._sizes)

    def __getitem__(self, number: int) -> bytes:
        """The byte string of a number from 0 to ``len(self) - 1``."""
        if not 0 <= number < len(self):
            raise IndexError(number)
        block = int(self._firsts.all().searchsorted(number, side="right")) - 1
        content, ends = self._opened.get(block) or self._open(block)
        i = number - self._firsts.of(block)[0]
        return content[ends[i] : ends[i + 1]]

    def some(self, numbers: NDArray[np.intp]) -> Iterator[bytes]:
        """The byte strings of ascending numbers, each block opened once."""
        firsts = self._firsts.all().astype(np.int64)
        bounds = numbers.searchsorted(firsts)
        for block in np.flatnonzero(np.diff(bounds)).tolist():
            content, ends = self._open(block)
            for i in (numbers[bounds[block] : bounds[block + 1]] - firsts[block]).tolist():
                yield content[ends[i] : ends[i + 1]]

    def __iter__(self) -> Iterator[bytes]:
        """All byte strings in order."""
        return self.some(np.arange(len(self)))

    def _open(self, block: int) -> tuple[bytes, list[int]]:
        frame = self._blocks.part(*self._ends.of(block)).tobytes()
        sizes = self._sizes.part(*self._firsts.of(block))
        ends = [0, *np.cumsum(sizes, dtype=np.int64).tolist()]
        try:
            content = _content(frame, ends[-1])
        except (zstandard.ZstdError, ValueError, MemoryError) as error:
            self._container.fail(f"a block of its {self._name} cannot be opened", error)
        if len(self._opened) >= _KEPT:
            self._opened = {}
        self._opened[block] = content, ends
        return content, ends


def _content(frame: bytes, size: int) -> bytes:
    """What a frame holds, if it has that size; else ``ZstdError`` or ``ValueError``."""
    # The size that the frame itself tells would be reserved unasked.
    if zstandard.frame_content_size(frame) not in (-1, size):
        raise ValueError("it tells another size")
    if size <= _AT_ONCE:
        content = zstandard.ZstdDecompressor().decompress(frame, max_output_size=size)
    else:
        content = b"".join(_pieces(frame, size))
    if len(content) != size:
        raise ValueError("it has another size")
    return content


def _pieces(frame: bytes, size: int) -> Iterator[bytes]:
    """What a frame holds, up to one piece more than ``size``."""
    left = size
    with zstandard.ZstdDecompressor(max_window_size=_WINDOW).stream_reader(frame) as reader:
        while left >= 0 and (piece := reader.read(_AT_ONCE)):
            yield piece
            left -= len(piece)
