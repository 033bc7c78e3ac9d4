"""Writers: one protocol; where analysed passages go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from index.model import Document, Passage, Slot

FIELDS = ("title", "headings", "body")
"""What of a passage is searched, each with lengths of its own."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage with its document and, for each of ``FIELDS``, the text and its slots with their spans in it.

    The text of ``headings`` joins the headings above the passage, those inside it left out.
    """

    document: Document
    passage: Passage
    texts: Mapping[str, str]
    slots: Mapping[str, Sequence[Slot]]


class Writer(Protocol):
    """Takes passages in the order in which documents and passages are to stand."""

    def add(self, entry: Entry) -> None:
        """Takes one passage."""

    def commit(self) -> None:
        """Finishes; nothing can be added after."""

    def cancel(self) -> None:
        """Gives up what was added."""
