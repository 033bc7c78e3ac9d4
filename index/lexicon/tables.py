"""One file of the dictionary's entries, found by written form, reading, normalized form and synonym group.

A file of arrays (``index.codec.container``). A hash is CRC-32 of the text's UTF-8, or a group's number; the bucket of a
hash is what its lowest bits say, and there is a power of two of buckets:

entries         u1  the entries, one a line: written form, reading, normalized form (empty where it is the written
                    form), number of the part of speech, numbers of the groups with commas; between them a tab, behind
                    them a line feed. They are UTF-8 but for the reading, which has one byte a character, katakana from
                    U+30A0 on at 0xA0; where other characters than these and ASCII are in it, 0x80 and UTF-8. Lines
                    are in the order of their readings' buckets, since words of one reading are asked for together.
read.starts     u4  where the lines of each bucket begin, and the end of the last; by the reading
written.starts  u4  where the offsets of each bucket begin in written.lines, and the end of the last; by the key of the
                    written form
written.lines   u4  offsets of lines in ``entries``
normed.starts   u4  likewise by the key of the normalized form, for entries whose written form has another key
normed.lines    u4
group.starts    u4  likewise by the number of each group
group.lines     u4
pos             u1  JSON: the six levels of each part of speech by its number

Facts: ``longest``, bytes of the longest line; and what the maker adds. A lookup reads a bucket and leaves out what only
shares its hash.
"""

from __future__ import annotations

import codecs
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.analysis.keys import key
from index.codec.container import Container, ContainerWriter
from index.codec.offsets import Offsets

_KATAKANA = "".join(map(chr, range(0x30A0, 0x3100)))
_BYTES = "".join(map(chr, range(0x80))) + "\ufffe" * 0x20 + _KATAKANA
"""The character of each byte of a reading."""
_PACKING = codecs.charmap_build(_BYTES)
_OTHER = b"\x80"
"""Before a reading of other characters."""
_PARTING = "\t\n"


class Entry(NamedTuple):
    """A word of the dictionary; the reading in katakana, the part of speech by its number there."""

    surface: str
    reading: str
    norm: str
    pos: int
    groups: tuple[int, ...] = ()


def write_tables(
    file: Path, entries: Iterable[Entry], pos: Mapping[int, Sequence[str]], facts: Mapping[str, object]
) -> None:
    """Writes the entries, each once, into a new file.

    ``pos`` are the levels of the parts of speech, and may be filled while ``entries`` are made. An entry with a tab or
    a line feed in it is left out: neither is part of a word.
    """
    collected = _Collected(entries)
    with ContainerWriter(file) as container:
        collected.write(container)
        container.add("pos", np.frombuffer(json.dumps({str(k): list(v) for k, v in pos.items()}).encode(), np.uint8))
        container.facts = {**facts, "longest": collected.longest}


class _Collected:
    """The lines of all entries with the hashes that they are found by."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._lines: list[bytes] = []
        self._written: list[int] = []
        self._read: list[int] = []
        self._normed: list[int] = []
        """-1 where the written form's hash finds it."""
        self._grouped: list[tuple[int, int]] = []
        for entry in entries:
            self._add(entry)
        self.longest = max(map(len, self._lines), default=1)

    def _add(self, entry: Entry) -> None:
        surface, reading, norm, pos, groups = entry
        same = surface == norm
        line = b"%b\t%b\t%b\t%d\t%b\n" % (
            surface.encode(),
            _packed(reading),
            b"" if same else norm.encode(),
            pos,
            ",".join(map(str, groups)).encode() if groups else b"",
        )
        if line.count(b"\t") != 4 or line.count(b"\n") != 1:
            return
        folded = key(surface)
        hashed = _hash(folded)
        folded_norm = folded if same else key(norm)
        for group in groups:
            self._grouped.append((len(self._lines), group))
        self._lines.append(line)
        self._written.append(hashed)
        self._read.append(_hash(reading))
        self._normed.append(-1 if folded_norm == folded else _hash(folded_norm))

    def write(self, container: ContainerWriter) -> None:
        """Adds the arrays; equal lines are written once."""
        hashes = np.array(self._read, np.int64)
        buckets = _buckets(len(hashes))
        homes = hashes & (buckets - 1)
        order = self._distinct(np.argsort(homes, kind="stable"), homes)
        sizes = np.fromiter((len(self._lines[i]) for i in order.tolist()), np.uint64, len(order))
        ends = np.cumsum(sizes, dtype=np.uint64)
        if len(ends) and ends[-1] >= 1 << 32:
            raise OverflowError("the entries of a dictionary take more than 4 GB")
        container.begin("entries", np.uint8)
        for at in range(0, len(order), 1 << 14):
            content = b"".join(self._lines[i] for i in order[at : at + (1 << 14)].tolist())
            container.extend(np.frombuffer(content, np.uint8))
        borders = np.concatenate([np.zeros(1, np.uint64), ends]).astype(np.uint32)
        firsts = np.searchsorted(homes[order], np.arange(buckets + 1))
        container.add("read.starts", borders[firsts])
        places = np.full(len(hashes), -1, np.int64)
        places[order] = borders[:-1]
        _write_buckets(container, "written", np.array(self._written, np.int64), places)
        _write_buckets(container, "normed", np.array(self._normed, np.int64), places)
        grouped = np.array(self._grouped, np.int64).reshape(-1, 2)
        _write_buckets(container, "group", grouped[:, 1], places[grouped[:, 0]])

    def _distinct(self, order: NDArray[np.int64], homes: NDArray[np.int64]) -> NDArray[np.int64]:
        """The order without all but the first of equal lines, which share a bucket."""
        kept: list[int] = []
        seen: set[bytes] = set()
        bucket = -1
        for i, home in zip(order.tolist(), homes[order].tolist(), strict=True):
            if home != bucket:
                bucket = home
                seen.clear()
            if self._lines[i] not in seen:
                seen.add(self._lines[i])
                kept.append(i)
        return np.array(kept, np.int64)


def _write_buckets(container: ContainerWriter, name: str, hashes: NDArray[np.int64], places: NDArray[np.int64]) -> None:
    """Where the lines of each bucket are; none for a hash or a place of -1."""
    chosen = np.flatnonzero((hashes >= 0) & (places >= 0))
    buckets = _buckets(len(chosen))
    homes = hashes[chosen] & (buckets - 1)
    order = np.lexsort((places[chosen], homes))
    container.add(f"{name}.starts", np.searchsorted(homes[order], np.arange(buckets + 1)).astype(np.uint32))
    container.add(f"{name}.lines", places[chosen][order].astype(np.uint32))


def _buckets(count: int) -> int:
    """A power of two of them, at most one for each hash."""
    return 1 << max(0, count.bit_length() - 1)


def _hash(text: str) -> int:
    return zlib.crc32(text.encode())


def _packed(reading: str) -> bytes:
    try:
        return codecs.charmap_encode(reading, "strict", _PACKING)[0]
    except UnicodeEncodeError:
        return _OTHER + reading.encode()


def _entry(line: bytes) -> Entry:
    surface, reading, norm, pos, groups = line.split(b"\t")
    written = surface.decode()
    return Entry(
        written,
        reading[1:].decode() if reading[:1] == _OTHER else codecs.charmap_decode(reading, "strict", _BYTES)[0],
        norm.decode() if norm else written,
        int(pos),
        tuple(map(int, groups.split(b","))) if groups else (),
    )


class Tables:
    """The entries in a file that ``write_tables`` made; from any number of threads.

    Each lookup gives what it finds in the order of the dictionary for one written form, else in none. A file that is
    none, or damaged, is ``DamagedIndex``, when it is opened or when the damage is read.
    """

    def __init__(self, file: Path) -> None:
        container = Container(file, "make it anew")
        self.facts: Mapping[str, object] = container.facts
        longest = self.facts.get("longest")
        if type(longest) is not int or longest < 1:
            container.fail("it does not tell its longest line")
        self._longest: int = longest
        self._container = container
        self._entries = container.array("entries", "u1")
        self._read = Offsets(container.array("read.starts", "u4"), len(self._entries), starts=True)
        self._lines = {name: _Lines(container, name) for name in ("written", "normed", "group")}
        self._pos: dict[int, tuple[str, ...]] | None = None

    def written(self, folded: str) -> list[Entry]:
        """The entries whose written form has this key."""
        entries = self._listed("written", _hash(folded))
        return [entry for entry in entries if entry.surface == folded or key(entry.surface) == folded]

    def read(self, reading: str) -> list[Entry]:
        """The entries with this reading."""
        start, end = self._read.of(_hash(reading) & (len(self._read) - 1))
        wanted = b"\t%b\t" % _packed(reading)
        entries = (_entry(line) for line in self._entries.bytes(start, end).split(b"\n") if wanted in line)
        return [entry for entry in entries if entry.reading == reading]

    def normed(self, folded: str) -> list[Entry]:
        """The entries whose normalized form has this key."""
        found = [entry for entry in self.written(folded) if entry.norm == entry.surface or key(entry.norm) == folded]
        others = (entry for entry in self._listed("normed", _hash(folded)) if key(entry.norm) == folded)
        return found + [entry for entry in others if key(entry.surface) != folded]

    def group(self, number: int) -> list[Entry]:
        """The entries of a synonym group."""
        return [entry for entry in self._listed("group", number) if number in entry.groups]

    def pos_of(self, pos: int) -> tuple[str, ...] | None:
        """The levels of a part of speech; None if the file has none of this number."""
        if self._pos is None:
            raw = json.loads(self._container.array("pos", "u1").all().tobytes())
            self._pos = {int(number): tuple(levels) for number, levels in raw.items()}
        return self._pos.get(pos)

    def __iter__(self) -> Iterator[Entry]:
        """All entries."""
        return map(_entry, self._entries.all().tobytes().split(b"\n")[:-1])

    def _listed(self, name: str, hashed: int) -> Iterator[Entry]:
        size = len(self._entries)
        for place in self._lines[name].of(hashed):
            line = self._entries.bytes(place, min(place + self._longest, size))
            yield _entry(line.partition(b"\n")[0])


class _Lines:
    """The offsets of lines by the bucket of a hash."""

    def __init__(self, container: Container, name: str) -> None:
        self._lines = container.array(f"{name}.lines", "u4")
        self._starts = Offsets(container.array(f"{name}.starts", "u4"), len(self._lines), starts=True)
        self._buckets = len(self._starts)

    def of(self, hashed: int) -> list[int]:
        start, end = self._starts.of(hashed & (self._buckets - 1))
        return list(map(int, self._lines.part(start, end).tolist())) if start != end else []
