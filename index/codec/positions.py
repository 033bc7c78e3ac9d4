"""Positions: at which slots of its rows a term stands, and how many slots it takes there.

    positions.1, .2, .4     u1, u2, u4  positions of one posting after the other, for terms whose highest fits
    positions.pairs.1, .2   u1, u2  the same as pairs of a position and an extent, for terms that take several slots
    stream.symbols          u1  for each slot of each row a symbol: which of the 96 most frequent terms stand there
    stream.sets             u1  32 bytes for each such term, a bit for each of the 256 symbols (the first the lowest)

A record's third number is where a term's positions start in its array, or the number of its set. Its flags: 2 for the
stream, else 8 × the width in bytes, and 4 for pairs; none of them where a field has no positions. Whoever looks for a
term of the stream goes through slots: hot pairs (``pairs``), of the same terms, tell the rows where that pays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.codec.container import Container, ContainerWriter
from index.codec.fields import U32, FieldData, Layout
from index.codec.pairs import MOST, following, write_pairs
from index.codec.postings import HOT, Record, check_order
from index.codec.slots import Slots
from index.codec.stretches import bounds, numbers

STREAM = 2
PAIRS = 4
_WIDTH = 8
_SYMBOLS = 256
_TRIED = 512
"""So many terms are tried for the stream, the most frequent ones."""
_WIDTHS: tuple[tuple[int, type[np.unsignedinteger[Any]]], ...] = (
    (1, np.uint8),
    (2, np.uint16),
    (4, np.uint32),
)
_PAIR_WIDTHS = 2
"""So many of them are those of pairs."""


def write_positions(container: ContainerWriter, data: FieldData, records: U32, layout: Layout) -> None:
    """Adds the structure and enters it in the records."""
    if data.positions is None:
        return
    ends = np.concatenate([[0], np.cumsum(data.frequencies, dtype=np.int64)])[data.offsets]
    counts = np.diff(ends)
    several = _several(data, ends)
    if data.dense and len(data.lengths) >= layout.hot_rows:
        _write_stream(container, data, ends, several, records)
    highest = np.maximum.reduceat(data.positions, ends[:-1]) if len(counts) else counts
    listed = (records[:, 3] & STREAM) == 0
    _write_pairs(container, data, ends, several & listed, records)
    least = 0
    for width, kind in _WIDTHS:
        most = (1 << 8 * width) - 1
        chosen = listed & ~several & (highest >= least) & (highest <= most)
        _enter(records, chosen, counts, 1)
        records[chosen, 3] |= _WIDTH * width
        container.add(f"positions.{width}", data.positions[np.repeat(chosen, counts)].astype(kind))
        least = most + 1


def _several(data: FieldData, ends: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which terms take more than one slot anywhere."""
    if data.extents is None or not len(data.extents):
        return np.zeros(len(ends) - 1, bool)
    return np.asarray(np.maximum.reduceat(data.extents, ends[:-1]) > 1)


def _enter(records: U32, chosen: NDArray[np.bool_], counts: NDArray[np.int64], each: int) -> None:
    sizes = counts[chosen] * each
    records[chosen, 2] = np.cumsum(sizes) - sizes


def _write_pairs(
    container: ContainerWriter, data: FieldData, ends: NDArray[np.int64], chosen: NDArray[np.bool_], records: U32
) -> None:
    if data.positions is None or data.extents is None or not chosen.any():
        return
    counts = np.diff(ends)
    highest = np.maximum.reduceat(np.maximum(data.positions, data.extents), ends[:-1])
    if highest[chosen].max() >> 16:
        raise OverflowError("a row with units of several slots has more than 65,535 slots")
    for width, kind in _WIDTHS[:_PAIR_WIDTHS]:
        fits = chosen & (highest >> 8 * width == 0)
        chosen = chosen & ~fits
        _enter(records, fits, counts, 2)
        records[fits, 3] |= PAIRS | _WIDTH * width
        of_fits = np.repeat(fits, counts)
        pairs = np.stack([data.positions[of_fits], data.extents[of_fits]], axis=1).reshape(-1)
        container.add(f"positions.pairs.{width}", pairs.astype(kind))


def _write_stream(
    container: ContainerWriter, data: FieldData, ends: NDArray[np.int64], several: NDArray[np.bool_], records: U32
) -> None:
    """Takes the most frequent terms as long as the sets of those that meet in a slot are no more than symbols."""
    assert data.positions is not None
    firsts = np.concatenate([[0], np.cumsum(data.lengths, dtype=np.int64)])
    symbols = np.zeros(firsts[-1], np.uint8)
    sets: list[list[int]] = [[]]
    taken: list[int] = []
    counts = np.where(several, 0, np.diff(ends))
    for term in np.argsort(-counts, kind="stable")[:_TRIED].tolist():
        postings = slice(data.offsets[term], data.offsets[term + 1])
        bases = np.repeat(firsts[data.rows[postings]], data.frequencies[postings])
        slots = bases + data.positions[ends[term] : ends[term + 1]]
        if len(sets) == _SYMBOLS or len(taken) == MOST:
            break
        if counts[term] and _add(symbols, slots, sets, len(taken)):
            taken.append(term)
    records[taken, 2] = np.arange(len(taken))
    records[taken, 3] |= STREAM
    bits = np.zeros((len(taken), _SYMBOLS), bool)
    for symbol, members in enumerate(sets):
        bits[members, symbol] = True
    container.add("stream.symbols", symbols)
    container.add("stream.sets", np.packbits(bits, axis=1, bitorder="little").reshape(-1))
    write_pairs(container, taken, symbols, bits, data.lengths)


def _add(symbols: NDArray[np.uint8], slots: NDArray[Any], sets: list[list[int]], member: int) -> bool:
    """Adds a term to the symbols of its slots, unless that takes more symbols than there are."""
    here = symbols[slots]
    found = np.flatnonzero(np.bincount(here, minlength=_SYMBOLS))
    if len(sets) + len(found) > _SYMBOLS:
        return False
    becomes = np.zeros(_SYMBOLS, np.uint8)
    for symbol in found.tolist():
        becomes[symbol] = len(sets)
        sets.append([*sets[symbol], member])
    symbols[slots] = becomes[here]
    return True


class Positions:
    """The positions of a field in a mapped file."""

    def __init__(self, container: Container, slots: Slots | None) -> None:
        self._container = container
        self._slots = slots
        self._symbols: NDArray[np.uint8] | None = None
        self._sets: NDArray[np.bool_] | None = None

    def read(
        self, record: Record, rows: U32, frequencies: U32, chosen: NDArray[np.intp] | None = None
    ) -> tuple[U32, U32 | None]:
        """Positions, and extents where some are not 1, of a term's postings or of those at the places ``chosen``.

        ``rows`` and ``frequencies`` are the term's; the result has the positions of one posting after the other.
        """
        if record.flags & STREAM:
            if chosen is not None:
                rows, frequencies = rows[chosen], frequencies[chosen]
            return self._from_stream(record, rows, int(frequencies.sum(dtype=np.int64))), None
        pairs = bool(record.flags & PAIRS)
        each = 2 if pairs else 1
        width = record.flags // _WIDTH
        array = self._container.array(f"positions.{'pairs.' if pairs else ''}{width}", f"u{width}")
        total = int(frequencies.sum(dtype=np.int64))
        values = array.part(record.positions, record.positions + each * total)
        found = values.reshape(-1, each)
        if chosen is not None:
            found = found[numbers(bounds(frequencies)[chosen], frequencies[chosen])]
        return found[:, 0].astype(np.uint32), found[:, 1].astype(np.uint32) if pairs else None

    def all(self, records: U32, frequencies: U32) -> tuple[U32 | None, U32 | None]:
        """Positions, and extents where some are not 1, of one term after the other; None without positions.

        ``frequencies`` are those of all terms. Raises ``ValueError`` or ``IndexError`` where the arrays contradict
        each other.
        """
        if "positions.1" not in self._container:
            return None, None
        offsets = np.concatenate([[0], np.cumsum(records[:, 1], dtype=np.int64)])
        counts = np.diff(np.concatenate([[0], np.cumsum(frequencies, dtype=np.int64)])[offsets])
        kinds = records[:, 3] & ~np.uint32(HOT)
        found = [self._whole_array(records, kinds == _WIDTH * width, counts, width) for width, _ in _WIDTHS]
        if (kinds == STREAM).any():
            of_stream = kinds == STREAM
            found.append((of_stream, self._whole_stream(records[of_stream, 2], counts[of_stream])))
        paired = [self._whole_pairs(records, kinds == PAIRS | _WIDTH * w, counts, w) for w, _ in _WIDTHS[:_PAIR_WIDTHS]]
        found += [(chosen, pairs[:, 0]) for chosen, pairs in paired]
        # Memory is taken for what lies in the file, whatever its counts say.
        positions = np.empty(sum(len(values) for _, values in found), np.uint32)
        for chosen, values in found:
            positions[np.repeat(chosen, counts)] = values
        if not any(len(pairs) for _, pairs in paired):
            return positions, None
        extents = np.ones(len(positions), np.uint32)
        for chosen, pairs in paired:
            extents[np.repeat(chosen, counts)] = pairs[:, 1]
        return positions, extents

    def _whole_array(
        self, records: U32, chosen: NDArray[np.bool_], counts: NDArray[np.int64], width: int
    ) -> tuple[NDArray[np.bool_], NDArray[Any]]:
        values = self._container.array(f"positions.{width}", f"u{width}").all()
        check_order(records[chosen, 2], counts[chosen], len(values))
        return chosen, values

    def _whole_pairs(
        self, records: U32, chosen: NDArray[np.bool_], counts: NDArray[np.int64], width: int
    ) -> tuple[NDArray[np.bool_], NDArray[Any]]:
        if not chosen.any():
            return chosen, np.empty((0, 2), np.uint16)
        pairs = self._container.array(f"positions.pairs.{width}", f"u{width}").all().reshape(-1, 2)
        check_order(records[chosen, 2], 2 * counts[chosen], 2 * len(pairs))
        return chosen, pairs

    def _whole_stream(self, sets: U32, counts: NDArray[np.int64]) -> U32:
        """The positions of the terms of the stream, given by the numbers of their sets, one term after the other."""
        packed = self._container.array("stream.sets", "u1").all().reshape(-1, _SYMBOLS // 8)
        bits = np.unpackbits(packed, axis=1, bitorder="little")[sets]
        members = np.nonzero(bits.T)[1].astype(np.uint8)  # of one symbol after the other
        sizes = bits.sum(axis=0, dtype=np.int64)
        symbols = self._container.array("stream.symbols", "u1").all()
        each = sizes[symbols]
        standing = members[numbers(bounds(sizes)[symbols], each)]
        if np.bincount(standing, minlength=len(sets)).tolist() != counts.tolist():
            raise ValueError("its stream contradicts its postings")
        if self._slots is None or len(symbols) != len(self._slots):
            raise ValueError("its stream contradicts its slots")
        starts = self._slots.starts()
        within = np.arange(len(symbols), dtype=np.uint32) - np.repeat(starts[:-1], np.diff(starts))
        # Bytes are sorted in one pass, and equal ones keep their order, which is that of the slots.
        found: U32 = np.repeat(within, each)[np.argsort(standing, kind="stable")]
        return found

    def stream(self) -> NDArray[np.uint8] | None:
        """The symbol of each slot; None in a field without a stream."""
        if self._symbols is None and "stream.symbols" in self._container:
            symbols = self._container.array("stream.symbols", "u1").all()
            if self._slots is None or len(symbols) != len(self._slots):
                self._container.fail("its stream contradicts its slots")
            self._symbols = symbols
        return self._symbols

    def stream_set(self, record: Record) -> NDArray[np.bool_]:
        """Which of the 256 symbols a term of the stream has."""
        if self._sets is None:
            self._sets = self._unpacked_sets()
        if record.positions >= len(self._sets):
            self._container.fail(f"it leads to set {record.positions} of {len(self._sets)}")
        found: NDArray[np.bool_] = self._sets[record.positions]
        return found

    def _unpacked_sets(self) -> NDArray[np.bool_]:
        packed = self._container.array("stream.sets", "u1").all()
        if len(packed) % (_SYMBOLS // 8):
            self._container.fail("its sets are cut off")
        bits = np.unpackbits(packed.reshape(-1, _SYMBOLS // 8), axis=1, bitorder="little")
        return bits.view(np.bool_)

    def following(self, records: Sequence[Record]) -> tuple[NDArray[np.int64], U32] | None:
        """What ``pairs.following`` says of terms of the stream; None where not all of them are, or there is none."""
        symbols = self.stream()
        if symbols is None or self._slots is None or not all(record.flags & STREAM for record in records):
            return None
        sets = np.array([self.stream_set(record) for record in records], bool).reshape(-1, _SYMBOLS)
        return following(symbols, sets, self._slots.counts().astype(np.uint32))

    def _from_stream(self, record: Record, rows: U32, total: int) -> U32:
        symbols = self.stream()
        if symbols is None or self._slots is None:
            self._container.fail("it lacks its stream")
        firsts = self._slots.starts()
        starts, sizes = firsts[rows], firsts[rows.astype(np.intp) + 1] - firsts[rows]
        slots = numbers(starts, sizes)
        hits = np.flatnonzero(self.stream_set(record)[symbols[slots]])
        if len(hits) != total:
            self._container.fail("its stream contradicts its postings")
        return (slots[hits] - np.repeat(starts, sizes)[hits]).astype(np.uint32)
