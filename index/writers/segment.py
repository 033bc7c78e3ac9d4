"""One segment of an index of passages: collected in memory, inverted and written at once.

Its fields are ``index.writers.FIELDS`` and ``document``, which has the id of a row's document as its one term.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.analysis.folded import FoldTable
from index.codec.container import ContainerWriter
from index.codec.field import write_field
from index.codec.fields import Layout
from index.codec.grams import GramsWriter
from index.codec.inverter import Vocabulary, invert
from index.codec.segment import field_file, grams_file, stored_file
from index.codec.slots import SlotsWriter
from index.codec.stretches import bounds
from index.writers import FIELDS, Batch
from index.writers.literal import Heads, notes
from index.writers.stored import StoredWriter

DOCUMENT = "document"
SEGMENT_FIELDS = (*FIELDS, DOCUMENT)
_A_SLOT = 72
_A_WORD = 400
"""Bytes that inverting takes for a slot, and that a word with its terms takes in the vocabulary."""


class SegmentWriter:
    """Collects passages and writes their segment. ``number_of`` gives a document's number by its id."""

    def __init__(
        self, folder: Path, name: str, number_of: Callable[[str], int], folds: FoldTable, layout: Layout
    ) -> None:
        self._folder = folder
        self._name = name
        self._layout = layout
        self._folds = folds
        self._vocabulary = Vocabulary()
        self._heads = Heads()
        self._words: dict[str, list[NDArray[np.uint32]]] = {field: [] for field in FIELDS}
        self._counts: dict[str, list[NDArray[np.uint32]]] = {field: [] for field in FIELDS}
        self._slots = {field: SlotsWriter() for field in FIELDS}
        self._grams = GramsWriter()
        self._stored = StoredWriter(number_of)
        self._filled = 0
        self.rows = 0

    @property
    def held(self) -> int:
        """Bytes that the segment takes in memory until it is written, with what writing takes."""
        slots = sum(writer.held for writer in self._slots.values())
        words = _A_SLOT * self._filled + _A_WORD * len(self._vocabulary)
        return slots + max(words, self._grams.held) + self._stored.held

    def add(self, batch: Batch) -> None:
        """Takes passages."""
        texts = ["\0".join(record.texts[field] for field in FIELDS) for record in batch.records]
        characters = self._folds.characters(texts)
        begins = bounds(_sizes(texts))[:-1]
        for field in FIELDS:
            columns = batch.fields[field]
            words = self._vocabulary.numbers(batch.words, columns.words)
            self._heads.extend(self._vocabulary.words)
            noted = notes(characters, begins, words, columns, self._heads)
            begins += _sizes([record.texts[field] for record in batch.records])
            self._words[field].append(words)
            self._counts[field].append(columns.counts)
            self._slots[field].add(columns.counts, columns.marks, columns.starts, columns.ends, noted)
            self._filled += len(columns.words)
        points, of = self._folds.apart(texts, characters)
        self._grams.add(points, of + np.uint32(self.rows))
        for record in batch.records:
            self._stored.add(record)
        self.rows += len(batch.records)

    def write(self) -> None:
        """Writes the segment's files."""
        with ContainerWriter(grams_file(self._folder, self._name)) as container:
            self._grams.write(container)
        with ContainerWriter(stored_file(self._folder, self._name)) as container:
            self._stored.write(container)
        for number, field in enumerate(FIELDS):
            words, counts = _joined(self._words.pop(field)), _joined(self._counts.pop(field))
            data = invert(words, counts, self._vocabulary)
            write_field(field_file(self._folder, self._name, number), data, self._layout, self._slots.pop(field))
        write_field(field_file(self._folder, self._name, len(FIELDS)), self._stored.ids(), self._layout)


def _sizes(texts: Sequence[str]) -> NDArray[np.int64]:
    """How many characters texts take, each with what parts it from the next."""
    return np.array([len(text) + 1 for text in texts], np.int64)


def _joined(arrays: Sequence[NDArray[np.uint32]]) -> NDArray[np.uint32]:
    return np.concatenate([*arrays, np.empty(0, np.uint32)])
