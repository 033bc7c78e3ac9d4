"""The slots of a word field row by row: how many, what marks they have, where they stand in the text.

slots.starts  u4  where each row's slots begin among all; at last their number
slots.marks   u1  a byte of marks for each slot
slots.unlike  u1  the slots that are noted as ``UNLIKE``, numbered over all rows: each as its distance from the one
                  before it (the first from 0) in LEB128
slots.breaks  u1  likewise those that are noted as ``BREAK``
spans.*           byte strings (see ``blobs``), one a row: a byte for each slot, its gap << 4 | its length, where
                  the gap is the distance from the end of the slot before it (the first: from 0), as zigzag (0, -1,
                  1, -2, ...). 15 stands for 15 and more: what it is beyond follows behind the bytes in LEB128,
                  first all such gaps, then all such lengths.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from index.codec import varints
from index.codec.blobs import Blobs, BlobsWriter
from index.codec.container import Container, ContainerWriter
from index.codec.fields import U32
from index.codec.offsets import Offsets

UNLIKE = 1
"""Noted of a slot that its text may not read as its first term, or that letters stand between it and the one before."""
BREAK = 2
"""Noted of a slot that its mark ``COMMA`` tells of something other than a comma, or that a comma is not told of."""
_NOTES = ("unlike", UNLIKE), ("breaks", BREAK)
_ESCAPE = 15
_BLOCK = 2_048
_DICTIONARY = 16_384
_CODES = np.arange(256, dtype=np.int64)
_LENGTHS = _CODES & 15
_ADVANCES = (_CODES >> 5 ^ -(_CODES >> 4 & 1)) + _LENGTHS
"""How much further a slot with a code ends than the one before it, where nothing of it is beyond."""
_ESCAPES = bytes(code for code in range(256) if _ESCAPE in (code >> 4, code & 15))


class SlotsWriter:
    """Collects the slots of rows."""

    def __init__(self) -> None:
        self._counts: list[U32] = []
        self._marks: list[NDArray[np.uint8]] = []
        self._noted: dict[int, list[U32]] = {note: [] for _, note in _NOTES}
        self._filled = 0
        self._spans = BlobsWriter(_BLOCK, _DICTIONARY)

    @property
    def held(self) -> int:
        """Bytes in memory."""
        noted = sum(slots.nbytes for each in self._noted.values() for slots in each)
        return sum(marks.nbytes for marks in self._marks) + noted + self._spans.held

    def add(self, counts: U32, marks: NDArray[np.uint8], starts: U32, ends: U32, notes: NDArray[np.uint8]) -> None:
        """Takes the slots of rows, ``counts`` a row; ``notes`` are ``UNLIKE`` and ``BREAK`` of each slot."""
        self._take(counts, marks, notes)
        bounds = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
        before = np.concatenate([[0], ends[:-1]]).astype(np.int64)
        before[bounds[:-1][counts > 0]] = 0
        gaps = starts.astype(np.int64) - before
        gaps = (gaps << 1) ^ (gaps >> 63)
        lengths = ends.astype(np.int64) - starts
        codes = (np.minimum(gaps, _ESCAPE) << 4 | np.minimum(lengths, _ESCAPE)).astype(np.uint8).tobytes()
        beyond = np.flatnonzero((gaps >= _ESCAPE) | (lengths >= _ESCAPE))
        sizes = counts.astype(np.int64)
        parts, done = [], 0
        for row in np.unique(bounds[1:].searchsorted(beyond, side="right")).tolist():
            start, end = bounds[row : row + 2].tolist()
            more = _beyond(gaps[start:end], lengths[start:end])
            parts += [codes[done:end], more]
            sizes[row] += len(more)
            done = end
        self._spans.extend(b"".join([*parts, codes[done:]]), sizes)

    def _take(self, counts: U32, marks: NDArray[np.uint8], notes: NDArray[np.uint8]) -> None:
        self._counts.append(counts)
        self._marks.append(marks)
        for note, noted in self._noted.items():
            noted.append((np.flatnonzero(notes & note) + self._filled).astype(np.uint32))
        self._filled += len(notes)

    def copy(self, slots: Slots, rows: NDArray[np.intp]) -> None:
        """Takes ascending rows of a mapped file."""
        counts, marks, notes, spans = slots.of_rows(rows)
        self._take(counts, marks, notes)
        for span in spans:
            self._spans.append(span)

    def write(self, container: ContainerWriter) -> None:
        """Adds the structure to a file."""
        counts = np.concatenate([*self._counts, np.empty(0, np.uint32)])
        container.add("slots.starts", np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.uint32))
        container.begin("slots.marks", np.uint8)
        for marks in self._marks:
            container.extend(marks)
        for name, note in _NOTES:
            noted = np.concatenate([*self._noted[note], np.empty(0, np.uint32)])
            container.add(f"slots.{name}", varints.encode(np.diff(noted, prepend=np.uint32(0)))[0])
        self._spans.write(container, "spans")


def _beyond(gaps: NDArray[np.int64], lengths: NDArray[np.int64]) -> bytes:
    more = np.concatenate([gaps[gaps >= _ESCAPE], lengths[lengths >= _ESCAPE]]) - _ESCAPE
    return varints.encode(more.astype(np.uint32))[0].tobytes()


class Slots:
    """The slots of a word field in a mapped file."""

    def __init__(self, container: Container, rows: int) -> None:
        self._container = container
        self._marks = container.array("slots.marks", "u1")
        self._starts = Offsets(container.array("slots.starts", "u4"), len(self._marks), starts=True)
        self._spans = Blobs(container, "spans")
        self._known: NDArray[np.int64] | None = None
        self._of_notes: dict[int, NDArray[np.int64]] = {}
        if not len(self._starts) == len(self._spans) == rows:
            container.fail("its slots contradict its rows")

    def __len__(self) -> int:
        return len(self._marks)

    def starts(self) -> NDArray[np.int64]:
        """Where the slots of each row begin; at last how many there are."""
        if self._known is None:
            self._known = self._starts.all().astype(np.int64)
            self._known.flags.writeable = False
        return self._known

    def bounds(self) -> U32:
        """The same as they lie in the file."""
        return self._starts.all()

    def counts(self) -> NDArray[np.int64]:
        """How many slots each row has."""
        return np.diff(self.starts())

    def all_marks(self) -> NDArray[np.uint8]:
        """A byte of marks for each slot of all rows."""
        return self._marks.all()

    def marks(self, row: int) -> bytes:
        """A byte of marks for each slot of a row."""
        return self._marks.part(*self._starts.of(row)).tobytes()

    def unlike(self) -> NDArray[np.int64]:
        """The slots noted as ``UNLIKE``, ascending, numbered over all rows."""
        return self._noted(UNLIKE)

    def breaks(self) -> NDArray[np.int64]:
        """The slots noted as ``BREAK``, likewise."""
        return self._noted(BREAK)

    def notes(self) -> NDArray[np.uint8]:
        """The notes of each slot of all rows."""
        notes = np.zeros(len(self), np.uint8)
        for _, note in _NOTES:
            notes[self._noted(note)] |= note
        return notes

    def _noted(self, note: int) -> NDArray[np.int64]:
        slots = self._of_notes.get(note)
        if slots is None:
            (name,) = (name for name, of in _NOTES if of == note)
            slots = varints.decode(self._container.array(f"slots.{name}", "u1").all()).cumsum(dtype=np.int64)
            if len(slots) and slots[-1] >= len(self):
                self._container.fail("it notes slots that it does not have")
            self._of_notes[note] = slots
        return slots

    def of_rows(self, rows: NDArray[np.intp]) -> tuple[U32, NDArray[np.uint8], NDArray[np.uint8], Iterator[bytes]]:
        """Of ascending rows: how many slots each has, the marks and notes of all, each row's spans as they are kept."""
        counts, marks, notes = self.counts(), self._marks.all(), self.notes()
        if len(rows) < len(counts):
            stays = np.zeros(len(counts), bool)
            stays[rows] = True
            of_stays = np.repeat(stays, counts)
            marks, notes = marks[of_stays], notes[of_stays]
        return counts[rows].astype(np.uint32), marks, notes, self._spans.some(rows)

    def spans(self, row: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where each slot of a row starts and ends in the row's text."""
        start, end = self._starts.of(row)
        count = end - start
        kept = self._spans[row]
        raw = np.frombuffer(kept, np.uint8)
        if len(raw) == count and len(kept.translate(None, _ESCAPES)) == count:
            ends = _ADVANCES[raw].cumsum()
            return ends - _LENGTHS[raw], ends
        gaps, lengths = (raw[:count] >> 4).astype(np.int64), (raw[:count] & 15).astype(np.int64)
        more = varints.decode(raw[count:]).astype(np.int64)
        escaped = np.flatnonzero(gaps == _ESCAPE), np.flatnonzero(lengths == _ESCAPE)
        if len(raw) < count or len(more) != len(escaped[0]) + len(escaped[1]):
            self._container.fail("its spans contradict its slots")
        gaps[escaped[0]] += more[: len(escaped[0])]
        lengths[escaped[1]] += more[len(escaped[0]) :]
        ends = np.cumsum((gaps >> 1 ^ -(gaps & 1)) + lengths)
        return ends - lengths, ends
