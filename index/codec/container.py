"""A file of arrays: header, arrays, checksums, table, footer.

    header      16 bytes: magic ``SAKUIN\\r\\n``, u32 version, u32 zero
    arrays      each little-endian, C-contiguous, at a multiple of 64 bytes; zeros between them
    checksums   u32 CRC-32 of each block of 64 KiB of what stands before this array, header included
    table       ASCII JSON: {"arrays": {name: [dtype, items, offset]}, "facts": {…}, "blocks": [count, offset, CRC-32]}
    footer      32 bytes: u64 offset of the table, u64 its length, u32 its CRC-32, u32 zero, magic

The table is at the end so that arrays are written as they come. A reader maps the file (``mapped``), checks header,
footer and table, and that every array lies inside the file; an array's dtype when it is asked for; the blocks that an
access touches at its first touch. Nothing read from a file is taken for a size or an offset before that.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, NoReturn

import numpy as np

from index.codec.mapped import BLOCK, AnyArray, Array, Mapped

VERSION = 1
_MAGIC = b"SAKUIN\r\n"
_HEADER = struct.Struct("<8sII")
_FOOTER = struct.Struct("<QQII8s")
_ALIGNMENT = 64
_DTYPES = {name: np.dtype(f"<{name}") for name in ("u1", "u2", "u4", "u8", "i8", "f4", "f8")}
_WIDTHS = {name: dtype.itemsize for name, dtype in _DTYPES.items()}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}


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


class Container:
    """A mapped file of arrays by their names. Raises ``DamagedIndex`` for what is no such file; see also ``Mapped``.

    Header, footer and the table's checksum are checked when it is opened, what the table says when it is first asked.

    ``mend`` is the way out that its errors name. The mapping lives as long as an array of it does.
    """

    def __init__(self, file: Path, mend: str = "rebuild the index") -> None:
        self.file = file
        self._mapped = Mapped(file, mend)
        self.size = self._mapped.size
        self._arrays: dict[str, Array] = {}
        try:
            self._raw = self._checked()
        except ValueError as error:
            self.fail(str(error), error)

    def _checked(self) -> bytes:
        """The table as it is written, once header, footer and its checksum hold."""
        begin, end = self._mapped.ends()
        if self.size < _HEADER.size + _FOOTER.size:
            raise ValueError("it is cut off")
        magic, version, _ = _HEADER.unpack_from(begin)
        if magic != _MAGIC:
            raise ValueError("it does not begin as one of Sakuin")
        if version != VERSION:
            raise ValueError(f"it has version {version}, this program reads {VERSION}")
        start, length, checksum, _, magic = _FOOTER.unpack(end[-_FOOTER.size :])
        if magic != _MAGIC or start + length + _FOOTER.size != self.size:
            raise ValueError("its end is not as it was written")
        if length + _FOOTER.size > len(end):
            end = self._mapped.part(start, self.size)
        raw = end[-_FOOTER.size - length : -_FOOTER.size]
        if zlib.crc32(raw) != checksum:
            raise ValueError("the checksum of its table does not match")
        return raw

    @cached_property
    def _table(self) -> tuple[dict[str, list[Any]], dict[str, Any]]:
        """Arrays and facts, once every array lies inside the file and the checksums are whole."""
        try:
            table = json.loads(self._raw)
            count, start, checksum = (_number(value) for value in table["blocks"])
            end = self.size - _FOOTER.size - len(self._raw)
            if count != -(-start // BLOCK) or start + 4 * count != end:
                raise ValueError("its checksums do not match")
            checksums = self._mapped.part(start, end)
            if zlib.crc32(checksums) != checksum:
                raise ValueError("its checksums do not match")
            for dtype, items, offset in table["arrays"].values():
                if not _number(items) * _WIDTHS[dtype] <= start - _number(offset):
                    raise ValueError("an array lies outside of it")
                if offset % _ALIGNMENT or offset < _HEADER.size:
                    raise ValueError("an array lies where none can")
            self._mapped.know(np.frombuffer(checksums, "<u4"), start)
            return table["arrays"], dict(table["facts"])
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
            self.fail(str(error)[:80] or "its table is wrong", error)

    @property
    def facts(self) -> Mapping[str, Any]:
        """What its writer noted beside the arrays."""
        return self._table[1]

    def array(self, name: str, dtype: str) -> Array:
        """An array of a type (``"u1"``, …); ``DamagedIndex`` where there is none, or one of another type."""
        array = self.get(name, dtype)
        if array is None:
            self.fail(f"it lacks {name!r}")
        return array

    def get(self, name: str, dtype: str) -> Array | None:
        """An array that not every file has; likewise."""
        place = self._table[0].get(name)
        if place is None:
            return None
        found, items, offset = place
        if found != dtype:
            self.fail(f"its {name} has {found}, not {dtype}")
        array = self._arrays.get(name)
        if array is None:
            array = self._arrays[name] = Array(self._mapped, _DTYPES[dtype], items, offset)
        return array

    def __contains__(self, name: str) -> bool:
        return name in self._table[0]

    def sizes(self) -> Iterator[tuple[str, int]]:
        """Each array's name and size in bytes."""
        for name, (dtype, items, _) in self._table[0].items():
            yield name, items * _WIDTHS[dtype]

    def fail(self, why: str, cause: BaseException | None = None) -> NoReturn:
        """Raises ``DamagedIndex``."""
        self._mapped.fail(why, cause)


def _number(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("a number of its table is wrong")
    return value
