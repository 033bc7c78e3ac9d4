"""A file of arrays: header, arrays, checksums, table, footer.

    header      16 bytes: magic ``SAKUIN\\r\\n``, u32 version, u32 zero
    arrays      each little-endian, C-contiguous, at a multiple of 64 bytes; zeros between them
    checksums   u32 CRC-32 of each block of 64 KiB of what stands before this array, header included
    table       ASCII JSON: {"arrays": {name: [dtype, items, offset]}, "facts": {…}, "blocks": [count, offset, CRC-32]}
    footer      32 bytes: u64 offset of the table, u64 its length, u32 its CRC-32, u32 zero, magic

The table is at the end so that arrays are written as they come. A reader maps the file, checks header, footer and
table, and that every array lies inside the file; the blocks that an access touches are checked at its first touch.
Nothing read from a file is taken for a size or an offset before that.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from index.errors import DamagedIndex

VERSION = 1
BLOCK = 1 << 16
"""Bytes under one checksum."""
_MAGIC = b"SAKUIN\r\n"
_HEADER = struct.Struct("<8sII")
_FOOTER = struct.Struct("<QQII8s")
_ALIGNMENT = 64
_DTYPES = {name: np.dtype(f"<{name}") for name in ("u1", "u2", "u4", "u8", "i8", "f4", "f8")}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}

AnyArray = NDArray[Any]


class _Place(NamedTuple):
    dtype: str
    items: int
    offset: int


class ContainerWriter:
    """Writes a file of arrays; a context manager that finishes the file, or leaves it without a footer on an error."""

    def __init__(self, file: Path) -> None:
        self._stream = file.open("xb")
        self._offset = 0
        self._checksums: list[int] = []
        self._open_block = 0
        self._arrays: dict[str, _Place] = {}
        self._growing: str | None = None
        self.facts: dict[str, Any] = {}
        """JSON values that a reader is given with the arrays."""
        self._write(_HEADER.pack(_MAGIC, VERSION, 0))

    def __enter__(self) -> ContainerWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._stream.close()

    def add(self, name: str, array: AnyArray) -> None:
        """Adds a whole array of one dimension."""
        self.begin(name, array.dtype)
        self.extend(array)

    def begin(self, name: str, dtype: np.dtype[Any] | type[np.generic]) -> None:
        """Begins an array that ``extend`` is going to fill."""
        if name in self._arrays:
            raise ValueError(f"there is an array {name} already")
        self._pad()
        self._arrays[name] = _Place(_NAMES[np.dtype(dtype)], 0, self._offset)
        self._growing = name

    def extend(self, values: AnyArray) -> None:
        """Adds values to the array begun last."""
        assert self._growing is not None, "no array was begun"
        place = self._arrays[self._growing]
        if _NAMES[values.dtype] != place.dtype:
            raise TypeError(f"{self._growing} has {place.dtype}, not {values.dtype}")
        self._arrays[self._growing] = place._replace(items=place.items + len(values))
        self._write(np.ascontiguousarray(values).view(np.uint8).data)

    def _pad(self) -> None:
        self._write(bytes(-self._offset % _ALIGNMENT))

    def _write(self, data: bytes | memoryview) -> None:
        self._stream.write(data)
        at = 0
        while at < len(data):
            step = min(len(data) - at, BLOCK - self._offset % BLOCK)
            self._open_block = zlib.crc32(data[at : at + step], self._open_block)
            at += step
            self._offset += step
            if self._offset % BLOCK == 0:
                self._checksums.append(self._open_block)
                self._open_block = 0

    def _finish(self) -> None:
        self._pad()
        checksums = np.array([*self._checksums, self._open_block] if self._offset % BLOCK else self._checksums, "<u4")
        blocks = [len(checksums), self._offset, zlib.crc32(checksums.tobytes())]
        table = {
            "arrays": {name: list(place) for name, place in self._arrays.items()},
            "facts": self.facts,
            "blocks": blocks,
        }
        raw = json.dumps(table, ensure_ascii=True, separators=(",", ":")).encode("ascii")
        start = self._offset + checksums.nbytes
        self._stream.write(checksums.tobytes() + raw + _FOOTER.pack(start, len(raw), zlib.crc32(raw), 0, _MAGIC))


class _Blocks:
    """The bytes of a mapped file, with the checksums of its blocks: each is checked once."""

    def __init__(self, file: Path, mend: str) -> None:
        self.file = file
        self._mend = mend
        with file.open("rb") as stream:
            if os.fstat(stream.fileno()).st_size < _HEADER.size + _FOOTER.size:
                self.fail("it is cut off")
            self.content = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        self._checksums: NDArray[np.uint32] = np.empty(0, np.uint32)
        self._checked = bytearray()
        self._end = 0

    def know(self, checksums: NDArray[np.uint32], end: int) -> None:
        """Takes the checksums of what stands before ``end``."""
        self._checksums = checksums
        self._checked = bytearray(len(checksums))
        self._end = end

    def check(self, start: int, end: int) -> None:
        """Checks the blocks of the bytes ``start`` to ``end`` that were not checked before."""
        for block in range(start // BLOCK, min(-(-end // BLOCK), len(self._checked))):
            if not self._checked[block]:
                self._check(block)

    def _check(self, block: int) -> None:
        with memoryview(self.content) as view, view[block * BLOCK : min((block + 1) * BLOCK, self._end)] as part:
            if zlib.crc32(part) != self._checksums[block]:
                self.fail(f"the checksum of its block {block} does not match")
        self._checked[block] = 1

    def fail(self, why: str, cause: BaseException | None = None) -> NoReturn:
        raise DamagedIndex(f"{self.file} is damaged ({why}): {self._mend}") from cause


class Array:
    """One array of a mapped file; each way to read it checks the blocks that it touches for the first time.

    What lies outside the array is asked for only because something else in the file lies: that is ``DamagedIndex`` too.
    """

    __slots__ = ("_blocks", "_offset", "_whole", "_width", "values")

    def __init__(self, blocks: _Blocks, values: AnyArray, offset: int) -> None:
        self._blocks = blocks
        self._offset = offset
        self._width = values.itemsize
        self._whole = len(values) == 0
        self.values = values
        """The mapped array, unchecked."""

    def __len__(self) -> int:
        return len(self.values)

    def all(self) -> AnyArray:
        """The whole array."""
        if not self._whole:
            self._blocks.check(self._offset, self._offset + self.values.nbytes)
            self._whole = True
        return self.values

    def part(self, start: int, end: int) -> AnyArray:
        """``array[start:end]``, all of it."""
        if not 0 <= start <= end <= len(self.values):
            self._outside(start)
        if not self._whole:
            self._blocks.check(self._offset + start * self._width, self._offset + end * self._width)
        return self.values[start:end]

    def at(self, i: int) -> Any:
        """``array[i]``, negative ones not counted from the end."""
        if not 0 <= i < len(self.values):
            self._outside(i)
        if not self._whole:
            self._blocks.check(self._offset + i * self._width, self._offset + (i + 1) * self._width)
        return self.values[i]

    def _outside(self, place: int) -> NoReturn:
        self._blocks.fail(f"it leads to place {place} of {len(self.values)}")


class Container:
    """A mapped file of arrays: ``container[name]`` is an ``Array``. Raises ``DamagedIndex`` for what is no such file.

    ``mend`` is the way out that its errors name. The mapping lives as long as an array of it does.
    """

    def __init__(self, file: Path, mend: str = "rebuild the index") -> None:
        self.file = file
        self._blocks = _Blocks(file, mend)
        try:
            self._read(*self._table(self._blocks.content))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
            self.fail(str(error)[:80] or "its table is wrong", error)

    def _table(self, content: mmap.mmap) -> tuple[dict[str, Any], int]:
        magic, version, _ = _HEADER.unpack_from(content, 0)
        if magic != _MAGIC:
            raise ValueError("it does not begin as one of Sakuin")
        if version != VERSION:
            raise ValueError(f"it has version {version}, this program reads {VERSION}")
        start, length, checksum, _, magic = _FOOTER.unpack_from(content, len(content) - _FOOTER.size)
        if magic != _MAGIC or start + length + _FOOTER.size != len(content):
            raise ValueError("its end is not as it was written")
        raw = content[start : start + length]
        if zlib.crc32(raw) != checksum:
            raise ValueError("the checksum of its table does not match")
        return json.loads(raw), start

    def _read(self, table: dict[str, Any], end: int) -> None:
        content = self._blocks.content
        count, start, checksum = (_number(value) for value in table["blocks"])
        if count != -(-start // BLOCK) or start + 4 * count != end or zlib.crc32(content[start:end]) != checksum:
            raise ValueError("its checksums do not match")
        self._blocks.know(np.frombuffer(content, "<u4", count, start), start)
        self._arrays = {name: self._array(start, *place) for name, place in table["arrays"].items()}
        self.facts: Mapping[str, Any] = dict(table["facts"])

    def _array(self, end: int, dtype: str, items: int, offset: int) -> Array:
        kind = _DTYPES[dtype]
        if _number(offset) % _ALIGNMENT or offset < _HEADER.size or offset + _number(items) * kind.itemsize > end:
            raise ValueError("an array lies outside of it")
        return Array(self._blocks, np.frombuffer(self._blocks.content, kind, items, offset), offset)

    def __getitem__(self, name: str) -> Array:
        array = self._arrays.get(name)
        if array is None:
            self.fail(f"it lacks {name!r}")
        return array

    def __contains__(self, name: str) -> bool:
        return name in self._arrays

    def get(self, name: str) -> Array | None:
        """An array that not every file has."""
        return self._arrays.get(name)

    def sizes(self) -> Iterator[tuple[str, int]]:
        """Each array's name and size in bytes."""
        for name, array in self._arrays.items():
            yield name, array.values.nbytes

    def fail(self, why: str, cause: BaseException | None = None) -> NoReturn:
        """Raises ``DamagedIndex``."""
        self._blocks.fail(why, cause)


def _number(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("a number of its table is wrong")
    return value
