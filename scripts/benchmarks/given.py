"""What engines are given to search: corpora cut into passages, one term a slot, kept in a folder between runs.

The term of a slot is the key of the short unit's normalized form where that differs from its surface, else of the
surface; blanks in it become ``_``, so that lines of terms can be split at blanks. All engines have the same postings
then. The whole analysis is kept beside, for an index of ours that has all terms.

Where more passages are wanted than there are, the passages come again with their long units shuffled: other
neighbours, the same words and lengths.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, count, pairwise
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.corpus import documents, records
from index.analysis import Analyzer
from index.codec.stretches import bounds, numbers
from index.model import Mark
from index.pipeline import batches
from index.writers import Columns, Word

GROUPS = 10
"""Values of the column that filters ask for; documents have them in turn."""
_PORTION = 20_000
_ARRAYS = ("counts", "words", "marks", "starts", "ends", "documents", "sizes", "term_of", "frequencies")


class Row(NamedTuple):
    """A passage for an engine: its terms and their numbers, slot by slot, its text, and its value for filters."""

    numbers: list[int]
    terms: list[str]
    text: str
    group: int


@dataclass(frozen=True)
class Given:
    """Passages as arrays; the first ``base`` of them are as the corpora have them, the others shuffled.

    For each passage: ``counts`` (slots), ``documents`` (number of its document), ``sizes`` (bytes of its text). For
    each slot: ``words`` (its place in ``vocabulary``), ``marks``, ``starts`` and ``ends`` (its span in the text).
    ``term_of`` (u32, one a word) is the place of a word's term in ``terms``, ``frequencies`` the number of passages
    with a term.
    """

    folder: Path
    base: int
    vocabulary: list[Word]
    terms: list[str]
    counts: NDArray[np.uint32]
    words: NDArray[np.uint32]
    marks: NDArray[np.uint8]
    starts: NDArray[np.uint32]
    ends: NDArray[np.uint32]
    documents: NDArray[np.uint32]
    sizes: NDArray[np.uint32]
    term_of: NDArray[np.uint32]
    frequencies: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.counts)

    @cached_property
    def bounds(self) -> NDArray[np.int64]:
        """Where the slots of each passage begin; at last how many there are."""
        return bounds(self.counts)

    @cached_property
    def tokens(self) -> NDArray[np.uint32]:
        """The number of each slot's term."""
        tokens: NDArray[np.uint32] = self.term_of[self.words]
        return tokens

    @cached_property
    def _text_bounds(self) -> NDArray[np.int64]:
        return bounds(self.sizes)

    def text(self, passage: int) -> str:
        """The text of a passage: read, not mapped, or it would be counted as memory of the engine that asks for it."""
        start, end = self._text_bounds[passage : passage + 2].tolist()
        with (self.folder / "texts").open("rb", buffering=0) as texts:
            texts.seek(start)
            return texts.read(end - start).decode()

    @cached_property
    def ordinals(self) -> NDArray[np.int64]:
        """The place of each passage in its document."""
        return np.arange(len(self)) - np.searchsorted(self.documents, self.documents)

    def group(self, passage: int) -> int:
        """The value that a passage has for filters."""
        return int(self.documents[passage]) % GROUPS

    def rows(self) -> Iterator[Row]:
        """The passages, in order."""
        for passage, (start, end) in enumerate(zip(self.bounds[:-1].tolist(), self.bounds[1:].tolist(), strict=True)):
            tokens = self.term_of[self.words[start:end]].tolist()
            yield Row(tokens, [self.terms[token] for token in tokens], self.text(passage), self.group(passage))

    def columns(self, first: int, last: int) -> Columns:
        """The slots of some passages."""
        part = slice(int(self.bounds[first]), int(self.bounds[last]))
        words, marks = np.array(self.words[part]), np.array(self.marks[part])
        return Columns(np.array(self.counts[first:last]), words, marks, self.starts[part], self.ends[part])


def prepare(corpora: Sequence[Path], characters: int, passages: int, seed: int, work: Path) -> Given:
    """Passages of corpora (so many characters of each; 0 for all), shuffled ones after them up to a number of passages.

    They are read from ``work`` where an earlier call left them.
    """
    name = "+".join(corpus.name.partition(".")[0] for corpus in corpora) + (f"-{characters}" if characters else "")
    base = work / name
    if not (base / "done").exists():
        _analyse(corpora, characters, base)
    given = _read(base)
    if passages <= len(given):
        return given
    folder = work / f"{name}-{passages}-seed{seed}"
    if not (folder / "done").exists():
        _extend(given, passages, seed, folder)
    return _read(folder)


def _read(folder: Path) -> Given:
    arrays: dict[str, Any] = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in _ARRAYS}
    lists = json.loads((folder / "lists.json").read_bytes())
    vocabulary = [Word(tuple(terms), tuple(ends)) for terms, ends in lists["vocabulary"]]
    return Given(folder, lists["base"], vocabulary, lists["terms"], **arrays)


def _write(folder: Path, base: int, vocabulary: Sequence[Word], terms: Sequence[str], **arrays: NDArray[Any]) -> None:
    lists = {"base": base, "vocabulary": vocabulary, "terms": terms}
    (folder / "lists.json").write_text(json.dumps(lists, ensure_ascii=False), encoding="utf-8")
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    (folder / "done").touch()


def _analyse(corpora: Sequence[Path], characters: int, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    numbered: dict[Word, int] = {}
    known: dict[str, int] = {}
    collected: list[Columns] = []
    of_rows: list[int] = []
    sizes: list[int] = []
    every = chain.from_iterable(documents(corpus, characters) for corpus in corpora)
    untitled = (record for document in every for record in records([replace(document, title="")]))
    with (folder / "texts").open("wb") as texts:
        for batch in batches(untitled, Analyzer()):
            columns = batch.fields["body"]
            used = np.unique(columns.words)
            table = np.zeros(int(used[-1]) + 1, np.uint32)
            table[used] = [numbered.setdefault(batch.words[word], len(numbered)) for word in used.tolist()]
            collected.append(columns._replace(words=table[columns.words]))
            of_rows += [known.setdefault(record.document.id, len(known)) for record in batch.records]
            sizes += [texts.write(record.passage.text.encode()) for record in batch.records]
    counts, words, marks, starts, ends = (np.concatenate(each) for each in zip(*collected, strict=True))
    vocabulary = list(numbered)
    term_of, terms = _terms(vocabulary, words, marks)
    _write(
        folder,
        len(counts),
        vocabulary,
        terms,
        counts=counts,
        words=words,
        marks=marks,
        starts=starts,
        ends=ends,
        documents=np.array(of_rows, np.uint32),
        sizes=np.array(sizes, np.uint32),
        term_of=term_of,
        frequencies=_frequencies(counts, words, term_of, len(terms)),
    )


def _terms(
    vocabulary: Sequence[Word], words: NDArray[np.uint32], marks: NDArray[np.uint8]
) -> tuple[NDArray[np.uint32], list[str]]:
    """The term of each word, as a number, and the terms.

    A word that begins a long unit has that unit's terms behind its own: they are the ones that end with the unit.
    """
    numbered: dict[str, int] = {}
    term_of = np.zeros(len(vocabulary), np.uint32)
    used, firsts = np.unique(words, return_index=True)
    for word, at in zip(used.tolist(), firsts.tolist(), strict=True):
        own, *others = vocabulary[word].terms
        closing: set[str] = set()
        while others and not marks[at] & Mark.UNIT_END:
            at += 1
            closing.update(vocabulary[words[at]].unit_ends)
        term = next((term for term in others[:1] if term not in closing), own)
        term_of[word] = numbered.setdefault("_".join(term.split()) or "_", len(numbered))
    return term_of, list(numbered)


def _frequencies(
    counts: NDArray[np.uint32], words: NDArray[np.uint32], term_of: NDArray[np.uint32], terms: int
) -> NDArray[np.uint32]:
    """How many passages have each term."""
    of_slots = bounds(counts)
    found = np.zeros(terms, np.int64)
    for first in range(0, len(counts), _PORTION):
        own = counts[first : first + _PORTION]
        begin = int(of_slots[first])
        tokens = term_of[words[begin : begin + int(own.sum())]]
        keys = np.repeat(np.arange(len(own), dtype=np.int64), own) * terms + tokens
        found += np.bincount(np.unique(keys) % terms, minlength=terms)
    return found.astype(np.uint32)


def _extend(given: Given, passages: int, seed: int, folder: Path) -> None:
    """The passages again and again, shuffled, up to a number of them."""
    folder.mkdir(parents=True, exist_ok=True)
    chooser = np.random.default_rng(seed)
    parts: list[tuple[NDArray[Any], ...]] = [
        (given.counts, given.words, given.marks, given.starts, given.ends, given.documents, given.sizes)
    ]
    done = len(given)
    every = int(given.documents[-1]) + 1
    with (folder / "texts").open("wb") as texts:
        texts.write((given.folder / "texts").read_bytes())
        for turn in count(1):
            for first in range(0, min(len(given), passages - done), _PORTION):
                last = min(first + _PORTION, len(given), first + passages - done)
                columns, sizes = _shuffled(given, first, last, chooser, texts)
                parts.append((*columns, given.documents[first:last] + np.uint32(turn * every), sizes))
                done += last - first
            if done >= passages:
                break
    names = ("counts", "words", "marks", "starts", "ends", "documents", "sizes")
    arrays = {name: np.concatenate(each) for name, each in zip(names, zip(*parts, strict=True), strict=True)}
    frequencies = _frequencies(arrays["counts"], arrays["words"], given.term_of, len(given.terms))
    arrays |= {"term_of": given.term_of, "frequencies": frequencies}
    _write(folder, len(given), given.vocabulary, given.terms, **arrays)


def _shuffled(
    given: Given, first: int, last: int, chooser: np.random.Generator, texts: BinaryIO
) -> tuple[Columns, NDArray[np.uint32]]:
    """Passages with their long units in another order, and the bytes of their texts, which are written.

    What stands between a unit and the next goes with it, what stands before the first unit with that.
    """
    counts, words, marks, starts, ends = given.columns(first, last)
    characters = [np.frombuffer(given.text(passage).encode("utf-32-le"), "<u4") for passage in range(first, last)]
    text_bounds = bounds(np.array(list(map(len, characters))))
    row_of_slot = np.repeat(np.arange(last - first), counts)
    heads = np.flatnonzero(marks & Mark.UNIT_START)
    rows = row_of_slot[heads]
    opening = np.diff(rows, prepend=-1) > 0
    begins = text_bounds[rows] + np.where(opening, 0, starts[heads])
    following = np.append(begins[1:], text_bounds[-1])
    sizes = np.where(np.append(opening[1:], True), text_bounds[rows + 1], following) - begins
    order = np.lexsort((chooser.random(len(heads)), rows))
    slots = numbers(heads[order], np.diff(heads, append=len(marks))[order])
    moved = np.zeros(len(heads), np.int64)
    moved[order] = bounds(sizes[order])[:-1]
    # A passage without a word is left without a text.
    lengths = np.bincount(rows, sizes, last - first).astype(np.int64)
    shift = (moved - bounds(lengths)[:-1][rows]) - (begins - text_bounds[rows])
    of_slots = np.repeat(shift, np.diff(heads, append=len(marks)))[slots]
    places = numbers(begins[order], sizes[order])
    joined = np.concatenate([*characters, np.empty(0, "<u4")])[places]
    at = bounds(lengths).tolist()
    written = [texts.write(joined[start:end].tobytes().decode("utf-32-le").encode()) for start, end in pairwise(at)]
    spans = ((each[slots].astype(np.int64) + of_slots).astype(np.uint32) for each in (starts, ends))
    return Columns(counts, words[slots], marks[slots], *spans), np.array(written, np.uint32)
