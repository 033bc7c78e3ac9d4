"""Byte strings by number, compressed in blocks that open by themselves.

NAME.blocks      u1  the blocks one after the other, each a Zstandard frame (RFC 8878) of whole byte strings
NAME.ends        u8  where each block ends
NAME.firsts      u4  the number of each block's first byte string; at last how many there are
NAME.sizes       u4  the size of each byte string
NAME.dictionary  u1  a Zstandard dictionary (RFC 8878), which every frame needs; only where there are blocks enough

A reader opens a whole block for one byte string, so that blocks are small; what a small block knows too little of, the
dictionary has. It is trained on the first blocks, which wait for it.

Nothing bounds a byte string, and a frame of a few kilobytes may rightly hold gigabytes of blanks. So a reader refuses a
frame only where it does not hold what its byte strings' sizes say, and takes no more memory than what it does hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate

import numpy as np
import zstandard
from numpy.typing import NDArray

from index.codec.container import Container, ContainerWriter
from index.codec.offsets import Offsets

_LEVEL = 6
_MOST = 128
"""Byte strings of a block."""
_KEPT = 32
"""Opened blocks that a reader keeps."""
_LESSONS = 20
"""A dictionary is trained on so many times its own size."""
_SEGMENT = 200
"""Bytes of the stretches that a dictionary is put together from (``k`` in Zstandard)."""
_HASHED = 8
"""Bytes that must recur for a stretch to be worth it (``d`` in Zstandard)."""
_AT_ONCE = 1 << 20
"""Bytes that are reserved for a frame because its byte strings say so; a larger one is opened piece by piece."""
_WINDOW = 1 << 23
"""What a frame may ask for to be opened piece by piece; as RFC 8878 recommends, and more than our level takes."""


class BlobsWriter:
    """Adds byte strings to one structure of a file that nothing else is added to meanwhile.

    A block is full with ``block`` bytes, or with ``_MOST`` byte strings; ``dictionary`` is the size in bytes of a
    dictionary for them, 0 for none.
    """

    def __init__(self, block: int, dictionary: int = 0) -> None:
        self._block = block
        self._wanted = dictionary
        self._dictionary: zstandard.ZstdCompressionDict | None = None
        self._compressor = None if dictionary else _compressor()
        self._waiting: list[bytes] = []
        self._size = 0
        self._full: list[bytes] = []
        """Blocks that wait for the dictionary."""
        self._blocks: list[bytes] = []
        self._held = 0
        """Bytes of full blocks, compressed or not."""
        self._firsts: list[int] = [0]
        self._sizes: list[int] = []

    def append(self, blob: bytes) -> None:
        """Takes the next byte string."""
        self._waiting.append(blob)
        self._sizes.append(len(blob))
        self._size += len(blob)
        if self._size >= self._block or len(self._sizes) - self._firsts[-1] == _MOST:
            self._close()

    def extend(self, blobs: bytes, sizes: NDArray[np.int64]) -> None:
        """Takes byte strings that stand one after the other, by their sizes: the same as one by one, but faster."""
        ends = np.cumsum(sizes)
        done = taken = 0
        while taken < len(sizes):
            # The block is full with the byte string that brings it there.
            full = int(ends.searchsorted(done + self._block - self._size)) + 1
            most = taken + _MOST - (len(self._sizes) - self._firsts[-1])
            stop = min(full, most, len(sizes))
            end = int(ends[stop - 1])
            self._waiting.append(blobs[done:end])
            self._sizes += sizes[taken:stop].tolist()
            self._size += end - done
            done, taken = end, stop
            if stop in (full, most):
                self._close()

    @property
    def held(self) -> int:
        """Bytes in memory."""
        return self._size + self._held + 40 * len(self._sizes)

    def _close(self) -> None:
        block = b"".join(self._waiting)
        self._waiting, self._size = [], 0
        self._firsts.append(len(self._sizes))
        if self._compressor is not None:
            self._add(self._compressor, block)
            return
        self._full.append(block)
        self._held += len(block)
        if len(self._full) * self._block >= _LESSONS * self._wanted:
            self._compress(_trained([full[: self._block] for full in self._full], self._wanted))

    def _compress(self, dictionary: zstandard.ZstdCompressionDict | None) -> None:
        """The blocks that waited, and from now on all others."""
        self._dictionary = dictionary
        self._compressor = _compressor(dictionary)
        full, self._full, self._held = self._full, [], 0
        for block in full:
            self._add(self._compressor, block)

    def _add(self, compressor: zstandard.ZstdCompressor, block: bytes) -> None:
        self._blocks.append(compressor.compress(block))
        self._held += len(self._blocks[-1])

    def write(self, container: ContainerWriter, name: str) -> None:
        """Adds the structure to a file."""
        if self._waiting:
            self._close()
        if self._compressor is None:
            self._compress(None)
        container.begin(f"{name}.blocks", np.uint8)
        for block in self._blocks:
            container.extend(np.frombuffer(block, np.uint8))
        container.add(f"{name}.ends", np.cumsum([len(block) for block in self._blocks], dtype=np.uint64))
        container.add(f"{name}.firsts", np.array(self._firsts, np.uint32))
        container.add(f"{name}.sizes", np.array(self._sizes, np.uint32))
        if self._dictionary is not None:
            container.add(f"{name}.dictionary", np.frombuffer(self._dictionary.as_bytes(), np.uint8))


def _compressor(dictionary: zstandard.ZstdCompressionDict | None = None) -> zstandard.ZstdCompressor:
    return zstandard.ZstdCompressor(_LEVEL, dict_data=dictionary, write_checksum=False, write_dict_id=False)


def _trained(lessons: list[bytes | bytearray | memoryview], size: int) -> zstandard.ZstdCompressionDict | None:
    """A dictionary; None where Zstandard finds that too little recurs."""
    try:
        return zstandard.train_dictionary(size, lessons, k=_SEGMENT, d=_HASHED, level=_LEVEL)
    except zstandard.ZstdError:
        return None


class Blobs:
    """The byte strings of a structure; safe from many threads, since a lost race only opens a block twice."""

    def __init__(self, container: Container, name: str) -> None:
        self._container = container
        self._name = name
        self._blocks = container.array(f"{name}.blocks", "u1")
        self._ends = Offsets(container.array(f"{name}.ends", "u8"), len(self._blocks))
        self._sizes = container.array(f"{name}.sizes", "u4")
        self._firsts = Offsets(container.array(f"{name}.firsts", "u4"), len(self._sizes), starts=True)
        self._dictionary = container.get(f"{name}.dictionary", "u1")
        self._opened: dict[int, tuple[int, bytes, list[int]]] = {}
        if len(self._firsts) != len(self._ends):
            container.fail(f"its {name} have no order")

    def __len__(self) -> int:
        return len(self._sizes)

    def __getitem__(self, number: int) -> bytes:
        """The byte string of a number from 0 to ``len(self) - 1``."""
        if not 0 <= number < len(self):
            raise IndexError(number)
        # A number of the array's own type, else numpy makes another array to search in.
        block = int(self._firsts.all().searchsorted(np.uint32(number), side="right")) - 1
        first, content, ends = self._opened.get(block) or self._open(block)
        i = number - first
        return content[ends[i] : ends[i + 1]]

    def some(self, numbers: NDArray[np.intp]) -> Iterator[bytes]:
        """The byte strings of ascending numbers, each block opened once."""
        firsts = self._firsts.all().astype(np.int64)
        bounds = numbers.searchsorted(firsts)
        for block in np.flatnonzero(np.diff(bounds)).tolist():
            first, content, ends = self._open(block)
            for i in (numbers[bounds[block] : bounds[block + 1]] - first).tolist():
                yield content[ends[i] : ends[i + 1]]

    def __iter__(self) -> Iterator[bytes]:
        """All byte strings in order."""
        return self.some(np.arange(len(self)))

    def _open(self, block: int) -> tuple[int, bytes, list[int]]:
        """The number of its first byte string, what it holds, and where each byte string in it ends, after a 0."""
        first, last = self._firsts.of(block)
        frame = self._blocks.part(*self._ends.of(block)).tobytes()
        ends = [0, *accumulate(self._sizes.part(first, last).tolist())]
        try:
            content = self._opener.opened(frame, ends[-1])
        except (zstandard.ZstdError, ValueError, MemoryError) as error:
            self._container.fail(f"a block of its {self._name} cannot be opened", error)
        if len(self._opened) >= _KEPT:
            self._opened = {}
        opened = self._opened[block] = first, content, ends
        return opened

    @cached_property
    def _opener(self) -> _Opener:
        if self._dictionary is None:
            return _WITHOUT
        content = self._dictionary.all().tobytes()
        return _Opener(zstandard.ZstdCompressionDict(content, dict_type=zstandard.DICT_TYPE_FULLDICT))


class _Opener:
    """Opens frames with a dictionary, or without. Any number of threads may, each with a decompressor of its own.

    To make a decompressor takes longer than to open a small frame: so they are kept, as many as were needed at once.
    """

    def __init__(self, dictionary: zstandard.ZstdCompressionDict | None = None) -> None:
        self._dictionary = dictionary
        self._idle: list[zstandard.ZstdDecompressor] = []

    def opened(self, frame: bytes, size: int) -> bytes:
        """What a frame holds, if it has that size; else ``ZstdError`` or ``ValueError``."""
        # The size that the frame itself tells would be reserved unasked.
        if zstandard.frame_content_size(frame) not in (-1, size):
            raise ValueError("it tells another size")
        content = self._at_once(frame, size) if size <= _AT_ONCE else b"".join(self._pieces(frame, size))
        if len(content) != size:
            raise ValueError("it has another size")
        return content

    def _at_once(self, frame: bytes, size: int) -> bytes:
        try:
            decompressor = self._idle.pop()
        except IndexError:
            decompressor = zstandard.ZstdDecompressor(self._dictionary)
        content = decompressor.decompress(frame, max_output_size=size)
        self._idle.append(decompressor)
        return content

    def _pieces(self, frame: bytes, size: int) -> Iterator[bytes]:
        """What a frame holds, up to one piece more than ``size``."""
        left = size
        with zstandard.ZstdDecompressor(self._dictionary, max_window_size=_WINDOW).stream_reader(frame) as reader:
            while left >= 0 and (piece := reader.read(_AT_ONCE)):
                yield piece
                left -= len(piece)


_WITHOUT = _Opener()
