"""A mapped file and its arrays: a block of the file is checked when something in it is first read.

What opening looks at is read, not touched through the mapping, where a page brings its neighbours into memory.
"""

from __future__ import annotations

import mmap
import os
import sys
import zlib
from pathlib import Path
from struct import Struct
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from index.errors import DamagedIndex, DirectoryError

BLOCK = 1 << 16
"""Bytes under one checksum."""
AnyArray = NDArray[Any]
_BEGIN = 64
_END = 1 << 12
"""Bytes that are read of a file's two ends."""


class Mapped:
    """The bytes of a mapped file, with the checksums of its blocks: each is checked once.

    ``mend`` is the way out that its errors name. The mapping lives as long as an array of it does. A file that is not
    there is ``FileNotFoundError``, since a rebuild may have removed it; any other that cannot be opened
    ``DirectoryError``.
    """

    def __init__(self, file: Path, mend: str) -> None:
        self.file = file
        self._mend = mend
        self._checksums: NDArray[np.uint32] = np.empty(0, np.uint32)
        self.checked = bytearray()
        self._covered = 0
        try:
            with file.open("rb", buffering=0) as stream:
                self.size = os.fstat(stream.fileno()).st_size
                if not self.size:
                    self.fail("it is empty")
                first = stream.read(_BEGIN)
                stream.seek(max(0, self.size - _END))
                self._ends = first, stream.read(_END)
                # Last, since it fails where the file has become shorter meanwhile.
                self.content = _map(stream.fileno(), self.size)
        except FileNotFoundError:
            raise
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            raise DirectoryError(
                f"{file} cannot be opened ({why}): see its permissions, and the system's limits"
            ) from error

    def ends(self) -> tuple[bytes, bytes]:
        """The first and the last bytes of the file, unchecked; once."""
        ends, self._ends = self._ends, (b"", b"")
        return ends

    def part(self, start: int, end: int) -> bytes:
        """Bytes of the file, unchecked."""
        return self.content[start:end]

    def array(self, dtype: np.dtype[Any], items: int, offset: int) -> AnyArray:
        """An array that lies in the file, unchecked."""
        return np.frombuffer(self.content, dtype, items, offset)

    def know(self, checksums: NDArray[np.uint32], end: int) -> None:
        """Takes the checksums of what stands before ``end``."""
        self._checksums = checksums
        self.checked = bytearray(len(checksums))
        self._covered = end

    def check(self, start: int, end: int) -> None:
        """Checks the blocks of the bytes ``start`` to ``end`` that were not checked before."""
        first, last = start // BLOCK, -(-end // BLOCK)
        if 0 in self.checked[first:last]:
            for block in range(first, min(last, len(self.checked))):
                if not self.checked[block]:
                    self._check(block)

    def _check(self, block: int) -> None:
        with memoryview(self.content) as view, view[block * BLOCK : min((block + 1) * BLOCK, self._covered)] as part:
            if zlib.crc32(part) != self._checksums[block]:
                self.fail(f"the checksum of its block {block} does not match")
        self.checked[block] = 1

    def fail(self, why: str, cause: BaseException | None = None) -> NoReturn:
        """Raises ``DamagedIndex``."""
        raise DamagedIndex(f"{self.file} is damaged ({why}): {self._mend}") from cause


def _map(descriptor: int, size: int) -> mmap.mmap:
    """Maps a file; the mapping keeps a descriptor of its own before Python 3.13, and on Windows."""
    if sys.version_info >= (3, 13) and sys.platform != "win32":
        return mmap.mmap(descriptor, size, access=mmap.ACCESS_READ, trackfd=False)
    return mmap.mmap(descriptor, size, access=mmap.ACCESS_READ)


class Array:
    """One array of a mapped file; each way to read it checks the blocks that it touches for the first time.

    What lies outside the array is asked for only because something else in the file lies: that is ``DamagedIndex`` too.
    """

    __slots__ = ("_checked", "_dtype", "_items", "_mapped", "_offset", "_values", "_whole", "_width")

    def __init__(self, mapped: Mapped, dtype: np.dtype[Any], items: int, offset: int) -> None:
        self._mapped = mapped
        self._checked = mapped.checked
        self._dtype = dtype
        self._width = dtype.itemsize
        self._items = items
        self._offset = offset
        self._whole = items == 0
        self._values: AnyArray | None = None

    def __len__(self) -> int:
        return self._items

    @property
    def values(self) -> AnyArray:
        """The mapped array, unchecked."""
        # Most arrays of an index are not read by a search: what each of them costs, opening a large one costs.
        if self._values is None:
            self._values = self._mapped.array(self._dtype, self._items, self._offset)
        return self._values

    def all(self) -> AnyArray:
        """The whole array."""
        if not self._whole:
            self._check(0, self._items)
            self._whole = True
        return self.values

    # Of the next three a query calls some for each of its words: what each of them costs, it costs.

    def part(self, start: int, end: int) -> AnyArray:
        """``array[start:end]``, all of it."""
        if not 0 <= start <= end <= self._items:
            self._outside(start)
        if not self._whole:
            first, last = self._offset + start * self._width, self._offset + end * self._width
            if 0 in self._checked[first // BLOCK : -(-last // BLOCK)]:
                self._mapped.check(first, last)
        values = self._values
        return (self.values if values is None else values)[start:end]

    def bytes(self, start: int, end: int) -> bytes:
        """The bytes of ``part``, for an array of bytes: cheaper where they are few."""
        if not 0 <= start <= end <= self._items:
            self._outside(start)
        first, last = self._offset + start, self._offset + end
        if not self._whole and 0 in self._checked[first // BLOCK : -(-last // BLOCK)]:
            self._mapped.check(first, last)
        return self._mapped.content[first:last]

    def unpacked(self, layout: Struct, number: int) -> tuple[Any, ...]:
        """The items from ``number`` times those of a layout on, as the layout tells them: likewise."""
        size = layout.size
        if not 0 <= number * size <= self._items * self._width - size:
            self._outside(number)
        first = self._offset + number * size
        if not self._whole and 0 in self._checked[first // BLOCK : -(-(first + size) // BLOCK)]:
            self._mapped.check(first, first + size)
        return layout.unpack_from(self._mapped.content, first)

    def at(self, i: int) -> Any:
        """``array[i]``, negative ones not counted from the end."""
        if not 0 <= i < self._items:
            self._outside(i)
        if not self._whole:
            self._check(i, i + 1)
        return self.values[i]

    def _check(self, start: int, end: int) -> None:
        self._mapped.check(self._offset + start * self._width, self._offset + end * self._width)

    def fail(self, why: str) -> NoReturn:
        """Raises ``DamagedIndex``."""
        self._mapped.fail(why)

    def _outside(self, place: int) -> NoReturn:
        self.fail(f"it leads to place {place} of {self._items}")
