"""A segment, mapped: its fields, its grams, what is stored of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from index.codec.container import Container
from index.codec.contents import SegmentFacts
from index.codec.field import Field
from index.codec.grams import Grams


def field_file(folder: Path, segment: str, number: int) -> Path:
    """The file of a segment's field."""
    return folder / f"{segment}-{number}.field"


def grams_file(folder: Path, segment: str) -> Path:
    """The file of a segment's grams."""
    return folder / f"{segment}.grams"


def stored_file(folder: Path, segment: str) -> Path:
    """The file of what is stored of a segment's rows."""
    return folder / f"{segment}.stored"


class Segment:
    """The files of one segment, opened together, so that a rebuild may remove them; see ``Container`` for errors.

    Each keeps a descriptor (none from Python 3.13 on). What is in a file is looked at when it is first asked for.
    """

    def __init__(self, folder: Path, facts: SegmentFacts, fields: Sequence[str], mend: str) -> None:
        self.rows = facts.rows
        self.fields: Mapping[str, Field] = {
            name: Field(field_file(folder, facts.name, number), facts.rows, mend) for number, name in enumerate(fields)
        }
        self._grams = Container(grams_file(folder, facts.name), mend)
        self.stored = Container(stored_file(folder, facts.name), mend)

    @cached_property
    def grams(self) -> Grams:
        """The characters and pairs of characters of its rows."""
        return Grams(self._grams, self.rows)
