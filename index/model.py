"""The nouns of building: document, block, passage, token, slot; and the rules for offsets.

Offsets count Unicode code points of a document's ``text`` (of the passage's own text inside an analysis), never bytes
and never characters of a folded copy. ``passage.text == document.text[passage.start:passage.end]``, and the passages
of a document, joined, are its text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, NamedTuple


class BlockKind(Enum):
    """What a stretch of a document is in its layout."""

    HEADING = "heading"
    """A heading; it goes with the passages beneath it."""
    WHOLE = "whole"
    """A list item or a table row: never cut between its sentences."""
    PARAGRAPH = "paragraph"
    """Running text; its line breaks, if any, do not end a sentence."""


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch ``text[start:end]`` of a document that its source knows the layout of.

    ``level`` is a heading's depth, 1 to 6; 0 for the other kinds.
    """

    start: int
    end: int
    kind: BlockKind
    level: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """One file or record, as its source extracts it for a reader.

    ``id`` is the record's own id or the path relative to its source, ``path`` the file it came from (relative likewise;
    None for a document that a program made). ``fields`` keeps what else the record has, as JSON values. ``blocks`` are
    in the order of the text and do not overlap; text between them is split at the ends of its lines and sentences.
    """

    id: str
    title: str
    text: str
    path: str | None = None
    fields: Mapping[str, object] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()


class Heading(NamedTuple):
    """A heading's text, trimmed, and its span in the document."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """What is indexed and returned: a run of whole sentences of one document.

    ``headings`` is the path of headings above it, outermost first, among them any that lies inside the passage.
    """

    document: str
    ordinal: int
    start: int
    end: int
    text: str
    headings: tuple[Heading, ...] = ()


class Mark:
    """What a slot is, and what stands before it; one byte.

    The two lowest bits are the kind: content (none of them), ``LIGHT``, ``PARTICLE`` or ``FUNCTION`` (both). They are
    plain integers: the operators of an enumeration are slow, and each slot needs several.
    """

    LIGHT: Final = 1
    """A light word (する, こと): decides a match only where nothing else is there to decide it."""
    PARTICLE: Final = 2
    """A 助詞 or 助動詞."""
    FUNCTION: Final = 3
    """Any other function word (a conjunction, a pronoun, a question word)."""
    COMMA: Final = 4
    """A 、 stands before the slot."""
    STOP: Final = 8
    """A 。 or another end of a sentence stands before the slot."""
    UNIT_START: Final = 16
    """A C unit (long unit) starts here."""
    UNIT_END: Final = 32
    """A C unit (long unit) ends here."""
    TAIL: Final = 64
    """The slot carries on the inflection of the one before it (行っ|た)."""
    BLANK: Final = 128
    """Blanks stand before the slot."""


KIND = 3
"""Mask of the two bits that hold a slot's kind; 0 is content."""


COMMAS = "、，,"
"""Signs that part what stands before them in a quotation from what stands behind."""


class Token(NamedTuple):
    """A Sudachi morpheme: its span in the analysed text, folded surface, normalized form and part-of-speech id."""

    start: int
    end: int
    surface: str
    norm: str
    pos: int


class Slot(NamedTuple):
    """The position of one A unit (short unit): span, terms, the terms of long units that end here, marks."""

    start: int
    end: int
    terms: tuple[str, ...]
    unit_ends: tuple[str, ...]
    marks: int


def long_units(slots: Sequence[Slot]) -> Iterator[tuple[int, int, str]]:
    """The first and the last slot of each long unit of several slots, with its term; what begins before them is none.

    In the order of their ends. Mentions are stored as long units are.
    """
    for last, slot in enumerate(slots):
        for term in slot.unit_ends:
            first = next((i for i in range(last - 1, -1, -1) if term in slots[i].terms), None)
            if first is not None:
                yield first, last, term
