"""The terms of texts for the plain baselines: one for each short unit, or pairs of characters."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.analysis import Analyzer
from index.analysis.fold import compare
from index.model import Document, Mark, Passage
from index.pipeline import batches
from index.writers import Record, Word


class Terms(NamedTuple):
    """Texts as numbers: ``counts`` (i64, one a text) terms each, ``tokens`` (i64) their places in ``names``."""

    names: Sequence[str]
    counts: NDArray[np.int64]
    tokens: NDArray[np.int64]

    def texts(self) -> list[list[str]]:
        """The terms of each text."""
        ends = np.cumsum(self.counts)
        return [[self.names[token] for token in part.tolist()] for part in np.split(self.tokens, ends[:-1])]


def short_units(texts: Sequence[str], analyzer: Analyzer) -> Terms:
    """The key of each short unit's normalized form, or of its surface where that says the same."""
    records = (
        Record(Document(str(i), "", text), Passage(str(i), 0, 0, len(text), text), _fields(text))
        for i, text in enumerate(texts)
    )
    known: dict[str, int] = {}
    counts, tokens = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for batch in batches(records, analyzer):
        found = batch.fields["body"]
        used, firsts = np.unique(found.words, return_index=True)
        term_of = np.zeros(len(batch.words), np.int64)
        for word, at in zip(used.tolist(), firsts.tolist(), strict=True):
            term = _own(batch.words, found.words, found.marks, at)
            term_of[word] = known.setdefault(term, len(known))
        counts.append(found.counts.astype(np.int64))
        tokens.append(term_of[found.words])
    return Terms(list(known), np.concatenate(counts), np.concatenate(tokens))


def _own(vocabulary: Sequence[Word], words: NDArray[np.uint32], marks: NDArray[np.uint8], at: int) -> str:
    """The one term of a slot. Behind its own a slot has those of the long units it begins, which end with the unit."""
    own, *others = vocabulary[int(words[at])].terms
    closing: set[str] = set()
    while others and not marks[at] & Mark.UNIT_END:
        at += 1
        closing.update(vocabulary[int(words[at])].unit_ends)
    return others[0] if others and others[0] not in closing else own


def _fields(body: str) -> dict[str, str]:
    return {"title": "", "headings": "", "body": body}


def pairs(texts: Iterable[str]) -> Terms:
    """Each two characters with no sign or blank between, a lone one as it is; width and case are folded."""
    known: dict[str, int] = {}
    counts, tokens = [], []
    for text in texts:
        found: list[int] = []
        for is_word, characters in groupby(compare(text), str.isalnum):
            if is_word:
                run = "".join(characters)
                found += [known.setdefault(run[i : i + 2], len(known)) for i in range(max(1, len(run) - 1))]
        counts.append(len(found))
        tokens.append(np.array(found, np.int64))
    return Terms(list(known), np.array(counts, np.int64), np.concatenate([np.empty(0, np.int64), *tokens]))


def write_terms(path: Path, terms: Terms) -> None:
    """Writes terms to a file, which is there only when it is whole."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        np.savez(file, names=np.array("\n".join(terms.names)), counts=terms.counts, tokens=terms.tokens)
    Path(file.name).replace(path)


def read_terms(path: Path) -> Terms:
    """The terms that ``write_terms`` wrote."""
    with np.load(path) as arrays:
        return Terms(str(arrays["names"]).split("\n"), arrays["counts"], arrays["tokens"])
