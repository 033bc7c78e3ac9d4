"""Writers: one protocol; where analysed passages go, many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from index.model import Document, Passage, Slot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FIELDS = ("title", "headings", "body")
"""What of a passage is searched, each with lengths of its own."""
GIVEN = 1
"""The bit of a digest that tells of a document which a program gave; the others come from sources."""


@dataclass(frozen=True, slots=True)
class Record:
    """A passage with its document and, for each of ``FIELDS``, its text.

    The text of ``headings`` joins the headings above the passage, those inside it left out. ``digest`` is the
    document's as ``index.records`` makes it; but for ``GIVEN`` it is 0 where it is not known.
    """

    document: Document
    passage: Passage
    texts: Mapping[str, str]
    _: KW_ONLY
    digest: int = GIVEN


@dataclass(frozen=True, slots=True)
class Entry(Record):
    """A record with the slots of each of ``FIELDS``, their spans in its text."""

    slots: Mapping[str, Sequence[Slot]]


class Word(NamedTuple):
    """What slots that say the same have in common: their terms, and the terms of long units that end there."""

    terms: tuple[str, ...]
    unit_ends: tuple[str, ...]


class Columns(NamedTuple):
    """The slots of one field, passage after passage.

    ``counts`` (u32, one a passage) are slots; the rest has one value a slot: ``words`` (u32) its place in
    ``Batch.words``, ``marks`` (u8), ``starts`` and ``ends`` (u32) its span in the passage's text of that field.
    """

    counts: NDArray[np.uint32]
    words: NDArray[np.uint32]
    marks: NDArray[np.uint8]
    starts: NDArray[np.uint32]
    ends: NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive passages, their slots as arrays.

    ``words`` are distinct; they may be more than the batch has, and the same list may come again, grown, with the next.
    A document may go on in the next batch: a new one begins where ``passage.ordinal`` is 0.
    """

    records: Sequence[Record]
    words: Sequence[Word]
    fields: Mapping[str, Columns]


class Writer(Protocol):
    """Takes passages in the order in which documents and passages are to stand."""

    def add(self, batch: Batch) -> None:
        """Takes passages."""

    def commit(self) -> None:
        """Finishes; nothing can be added after."""

    def cancel(self) -> None:
        """Gives up what was added."""


def batch_of(entries: Iterable[Entry]) -> Batch:
    """Entries as a batch, slot by slot: the plain way."""
    import numpy as np

    entries = list(entries)
    words: dict[Word, int] = {}
    fields = {}
    for field in FIELDS:
        each = [entry.slots[field] for entry in entries]
        slots = [slot for of_one in each for slot in of_one]
        places = [words.setdefault(Word(slot.terms, slot.unit_ends), len(words)) for slot in slots]
        fields[field] = Columns(
            np.array([len(of_one) for of_one in each], np.uint32),
            np.array(places, np.uint32),
            np.array([slot.marks for slot in slots], np.uint8),
            np.array([slot.start for slot in slots], np.uint32),
            np.array([slot.end for slot in slots], np.uint32),
        )
    return Batch(entries, list(words), fields)
