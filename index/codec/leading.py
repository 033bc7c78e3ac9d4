"""Which slots a term leads: those that it is the first term of, the key of what is written there.

At the other slots where it stands it is a normalized form, or a long unit that begins there. Most terms lead all their
slots, and many none; only for the rest are slots listed: those that a term leads or those that it does not, whichever
are fewer.

leading.never  u1  a bit for each term, the first the lowest: 1 for a term that leads no slot
leading.terms  u4  the terms that lead some of their slots, ascending: ordinal << 1 | 1 where those that it leads are
                   listed, 0 where the others are
leading.ends   u4  where the slots of each of these end in
leading.slots  u1  the slots listed of a term, numbered over all rows: each as its distance from the one before it (the
                   first from 0) in LEB128
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from index.codec import varints
from index.codec.container import Container, ContainerWriter
from index.codec.fields import FieldData
from index.codec.offsets import Offsets
from index.codec.stretches import bounds, numbers

Bools = NDArray[np.bool_]
_ORDINAL = np.uint64(32)
"""Bits of a key for the slot; those above are the term's."""


def write_leading(container: ContainerWriter, data: FieldData) -> None:
    """Adds the structure, where the field's data say who leads."""
    if data.leading is None or data.positions is None:
        return
    occurrences = bounds(data.frequencies)
    ends = occurrences[data.offsets]
    counts = np.diff(ends)
    led = np.diff(bounds(data.leading)[ends])
    listed = np.flatnonzero((led > 0) & (led < counts))
    fewer = 2 * led[listed] <= counts[listed]
    container.add("leading.never", np.packbits(led == 0, bitorder="little"))
    container.add("leading.terms", (listed << 1 | fewer).astype(np.uint32))
    each = numbers(ends[listed], counts[listed])
    chosen = each[data.leading[each] == np.repeat(fewer, counts[listed])]
    postings = occurrences.searchsorted(chosen, side="right") - 1
    slots = bounds(data.lengths)[data.rows[postings]] + data.positions[chosen]
    firsts = chosen.searchsorted(ends[listed])
    distances = np.diff(slots, prepend=0)
    distances[firsts] = slots[firsts]
    encoded, starts = varints.encode(distances.astype(np.uint32))
    container.add("leading.ends", starts[np.append(firsts[1:], len(chosen))[: len(firsts)]].astype(np.uint32))
    container.add("leading.slots", encoded)


class Leading:
    """Who leads which slots in a mapped file, of so many terms and slots."""

    def __init__(self, container: Container, terms: int, slots: int) -> None:
        self._container = container
        self._count = slots
        self._never = container.array("leading.never", "u1")
        self._terms = container.array("leading.terms", "u4")
        self._slots = container.array("leading.slots", "u1")
        self._ends = Offsets(container.array("leading.ends", "u4"), len(self._slots))
        if len(self._never) != -(-terms // 8) or len(self._terms) != len(self._ends):
            container.fail("it does not say of its terms which slots they lead")
        self._known: dict[int, tuple[bool, NDArray[np.int64]]] = {}

    def of(self, ordinal: int, slots: NDArray[np.int64]) -> Bools:
        """Whether a term leads each of some slots, at all of which it stands."""
        if self._never.at(ordinal >> 3) >> (ordinal & 7) & 1:
            return np.zeros(len(slots), np.bool_)
        known = self._known.get(ordinal)
        if known is None:
            known = self._known[ordinal] = self._listed(ordinal)
        leads, listed = known
        if not len(listed):
            return np.full(len(slots), not leads)
        found: Bools = (listed.take(listed.searchsorted(slots), mode="clip") == slots) == leads
        return found

    def _listed(self, ordinal: int) -> tuple[bool, NDArray[np.int64]]:
        """Whether those are listed that a term leads, and the slots that are."""
        terms = self._terms.all()
        place = int(terms.searchsorted(np.uint32(ordinal << 1)))
        if place == len(terms) or int(terms[place]) >> 1 != ordinal:
            return False, np.empty(0, np.int64)
        listed = varints.decode(self._slots.part(*self._ends.of(place))).cumsum(dtype=np.int64)
        if not len(listed) or listed[-1] >= self._count:
            self._container.fail("it lists slots that it does not have")
        return bool(terms[place] & 1), listed

    def all(self, counts: NDArray[np.int64], slots: NDArray[np.int64]) -> Bools:
        """The same of every slot of every term, as many as its count, those of one after those of the other.

        Raises ``ValueError`` or ``IndexError`` where the arrays contradict each other.
        """
        never = np.unpackbits(self._never.all(), count=len(counts), bitorder="little").view(np.bool_)
        leads: Bools = ~np.repeat(never, counts)
        terms, encoded, ends = self._terms.all(), self._slots.all(), self._ends.all().astype(np.int64)
        if not len(terms):
            return leads
        of, listed = (terms >> 1).astype(np.int64), terms & 1 > 0
        if (np.diff(of) <= 0).any() or of[-1] >= len(counts) or never[of].any():
            raise ValueError("the terms whose slots it lists are not in order")
        sizes = np.diff(bounds(encoded < 0x80)[ends], prepend=0)
        values = varints.decode(encoded).cumsum(dtype=np.int64)
        firsts = bounds(sizes)[:-1]
        if not sizes.all() or sizes.sum() != len(values):
            raise ValueError("of some terms it lists no slots")
        values -= np.repeat(values[firsts] - varints.decode(encoded)[firsts], sizes)
        keys = np.repeat(of, sizes).astype(np.uint64) << _ORDINAL | values.astype(np.uint64)
        each = numbers(bounds(counts)[of], counts[of])
        here = np.repeat(of, counts[of]).astype(np.uint64) << _ORDINAL | slots[each].astype(np.uint64)
        found = keys.take(keys.searchsorted(here), mode="clip") == here
        if np.count_nonzero(found) != len(keys):
            raise ValueError("it lists slots where a term does not stand")
        leads[each] = found == np.repeat(listed, counts[of])
        return leads

    def problems(self, counts: NDArray[np.int64], slots: NDArray[np.int64]) -> Iterator[str]:
        """What of the structure contradicts the field: the arguments are those of ``all``."""
        try:
            leads = self.all(counts, slots)
        except (ValueError, IndexError) as error:
            yield str(error)
            return
        first, any_ = np.bincount(slots[leads], minlength=self._count), np.bincount(slots, minlength=self._count)
        if (first != (any_ > 0)).any():
            yield "some of its slots have terms and no first one, or several"
