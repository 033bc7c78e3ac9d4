"""The embedded engine: the codec's arrays give the candidates, the shared judge decides.

The postings of the plan's terms are read once a query; from their rows follow the candidates, as sorted arrays. Deleted
rows are left out where rows are read, so that nothing behind that knows of them.
Positions are read for the candidates alone, what else the judge looks at (marks, spans, texts) when it does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.analysis.fold import compare
from index.codec.contents import CONTENTS, SCHEMA
from index.directory import Manifest, mend, opened, read_file
from index.errors import DamagedIndex, UsageError
from index.model import Document
from index.writers import FIELDS
from index.writers.embedded import Generation, Passages
from index.writers.segment import DOCUMENT
from index.writers.stored import Stored
from search.engines import PassageView, Request, Retrieved, ranked
from search.matching import Span
from search.query.plan import Either, Match, Operand, Plan, terms
from search.ranking import Statistics

Rows = NDArray[np.int64]
"""Numbers of passages, ascending."""
_Strings = Callable[[str, "Rows | None"], Rows]
"""Gives the passages, of some or of all, that may have a string."""
_KEPT = 512
"""Stored values that are kept in memory."""


class _Occurrences:
    """Where a term stands in one field, over all segments; positions only of the passages that were asked for."""

    def __init__(self, generation: Generation, field: str, term: str) -> None:
        self._field = field
        self._found: list[tuple[Passages, int, int, Rows]] = []
        key = term.encode("utf-8", "surrogatepass")
        for segment, first in zip(generation.segments, generation.firsts, strict=False):
            ordinal = segment.fields[field].terms.find(key)
            if ordinal >= 0:
                rows = segment.fields[field].postings(ordinal)[0].astype(np.int64)
                self._found.append((segment, ordinal, first, rows + first))
        self.rows = generation.live(np.concatenate([NONE, *(rows for *_, rows in self._found)]))
        self._spans: dict[int, tuple[Rows, Rows]] = {}

    def load(self, candidates: Rows) -> None:
        """Reads the positions in some passages."""
        for segment, ordinal, _, rows in self._found:
            chosen = np.flatnonzero(np.isin(rows, candidates, assume_unique=True))
            if not len(chosen):
                continue
            field = segment.fields[self._field]
            frequencies = field.postings(ordinal)[1][chosen]
            positions, extents = field.positions(ordinal, chosen)
            starts = positions.astype(np.int64)
            ends = starts + (1 if extents is None else extents)
            cuts = np.cumsum(frequencies, dtype=np.int64)[:-1]
            each = zip(np.split(starts, cuts), np.split(ends, cuts), strict=True)
            self._spans.update(zip(rows[chosen].tolist(), each, strict=True))

    def count(self, passage: int) -> int:
        """How often the term stands in a passage."""
        found = self._spans.get(passage)
        return len(found[0]) if found else 0

    def spans(self, passage: int) -> list[Span]:
        """Where it stands in a passage."""
        starts, ends = self._spans.get(passage, (NONE, NONE))
        return [Span(int(start), int(end)) for start, end in zip(starts, ends, strict=True)]


NONE: Rows = np.empty(0, np.int64)
_Found = Mapping[tuple[str, str], _Occurrences]
"""By field and term."""


class EmbeddedView:
    """A passage: its occurrences as read for a query, the rest from the segment when needed."""

    def __init__(self, number: int, engine: EmbeddedEngine, found: _Found) -> None:
        self._number = number
        self._engine = engine
        self._found = found
        self._segment, self._row = engine.generation.place(number)

    @property
    def _stored(self) -> Stored:
        return self._engine.stored(self._number)

    def has(self, term: str) -> bool:
        """Whether a term stands in any field."""
        return any(self.frequency(field, term) for field in FIELDS)

    def frequency(self, field: str, term: str) -> int:
        """How often a term stands."""
        found = self._found.get((field, term))
        return found.count(self._number) if found else 0

    def occurrences(self, field: str, term: str) -> Sequence[Span]:
        """Where a term stands."""
        found = self._found.get((field, term))
        return found.spans(self._number) if found else ()

    def length(self, field: str) -> int:
        """The field's length in slots, as scores take it."""
        return int(self._segment.fields[field].length(self._row))

    def marks(self, field: str) -> bytes:
        """A byte of marks for each slot."""
        return self._segment.slots(field).marks(self._row)

    def text(self, field: str) -> str:
        """The field's text."""
        return self._stored.texts[field]

    def spans(self, field: str) -> Sequence[tuple[int, int]]:
        """Each slot's span."""
        starts, ends = self._segment.slots(field).spans(self._row)
        return list(zip(starts.tolist(), ends.tolist(), strict=True))

    @property
    def document(self) -> str:
        """The document's id."""
        return self._stored.document

    @property
    def title(self) -> str:
        """The document's title."""
        return self._stored.title

    @property
    def path(self) -> str | None:
        """The file it came from."""
        return self._stored.path

    @property
    def fields(self) -> dict[str, object]:
        """What else the record has."""
        return dict(self._stored.fields)

    @property
    def place(self) -> tuple[int, int, int]:
        """Ordinal, start and end in the document."""
        return self._stored.ordinal, self._stored.start, self._stored.end

    @property
    def headings(self) -> tuple[str, ...]:
        """The path of headings above the passage."""
        return self._stored.headings


class EmbeddedEngine:
    """An opened generation; any number of threads may ask at once.

    Raises the errors of ``index.directory`` where the directory holds no index that is as it was written.
    """

    def __init__(self, directory: Path) -> None:
        self.manifest, self.generation = _open(directory)
        self._recent: dict[int, Stored] = {}

    def retrieve(self, request: Request) -> Retrieved:
        """Candidates by the passages that have the plan's terms; for the partial tier also by their strings."""
        asked = terms(request.plan)
        found = {(field, term): _Occurrences(self.generation, field, term) for term in asked for field in FIELDS}
        having = {term: union(found[field, term].rows for field in FIELDS) for term in asked}

        def views(rows: Rows) -> Iterator[tuple[int, PassageView]]:
            for occurrences in found.values():
                occurrences.load(rows)
            return ((number, EmbeddedView(number, self, found)) for number in rows.tolist())

        frequencies = {term: max(len(found[field, term].rows) for field in FIELDS) for term in asked}
        return ranked(
            request,
            views(_candidates(request.plan, having, None)),
            lambda: views(_candidates(request.plan, having, self._having_string)),
            Statistics(self.manifest.passages, self._averages(), frequencies),
            self._document_of,
        )

    def _averages(self) -> dict[str, float]:
        return {
            field: slots / passages if passages else 0.0 for field, (slots, passages) in self.manifest.slots.items()
        }

    def _document_of(self, passage: int) -> int:
        segment, row = self.generation.place(passage)
        return segment.kept.document_number(row)

    def _having_string(self, text: str, within: Rows | None) -> Rows:
        """At least every passage (of ``within``) that has a string, folded for width and case."""
        pairs = _grams(compare(text))
        if not pairs:
            return self.generation.live(np.arange(len(self.generation))) if within is None else within
        each = zip(self.generation.segments, self.generation.firsts, strict=False)
        found = np.concatenate(
            [NONE, *(segment.grams.having(pairs).astype(np.int64) + first for segment, first in each)]
        )
        return self.generation.live(found) if within is None else common(found, within)

    def stored(self, number: int) -> Stored:
        """What is kept of a passage."""
        stored = self._recent.get(number)
        if stored is None:
            if len(self._recent) >= _KEPT:
                self._recent = {}
            segment, row = self.generation.place(number)
            stored = self._recent[number] = segment.kept.read(row)
        return stored

    def document(self, document_id: str) -> Document | None:
        """A whole document, its passages joined."""
        rows = _Occurrences(self.generation, DOCUMENT, document_id).rows.tolist()
        if not rows:
            return None
        passages = sorted(map(self.stored, rows), key=lambda stored: stored.ordinal)
        first = passages[0]
        text = "".join(stored.texts["body"] for stored in passages)
        return Document(first.document, first.title, text, first.path, dict(first.fields))

    def words(self) -> Iterator[str]:
        """The vocabulary of the bodies."""
        known: set[bytes] = set()
        for segment in self.generation.segments:
            field, alive = segment.fields["body"], segment.alive()
            known.update(field.terms if alive.all() else field.terms_of(alive))
        # A term of a file that lies may be no text; it is then like no word of a query.
        yield from (term.decode("utf-8", "replace") for term in sorted(known))

    def contradiction(self) -> str | None:
        """What of the generation contradicts itself though its checksums are right."""
        from index.verify import contradictions

        found = contradictions(self.generation, self.manifest)
        return f"{self.generation.folder} is damaged ({found[0]}): {self.generation.mend}" if found else None

    def close(self) -> None:
        """The files are unmapped when no array of theirs is held any more, here or by a search that goes on."""
        self._recent = {}


def _open(directory: Path) -> tuple[Manifest, Generation]:
    """The generation in use."""

    def opening(manifest: Manifest, folder: Path) -> tuple[Manifest, Generation]:
        if SCHEMA in manifest.files:
            raise UsageError(f"{directory} is an index of a schema of its own: open it with index.open_whoosh")
        generation = Generation(folder, read_file(directory, manifest, CONTENTS), mend(directory))
        if generation.passages != manifest.passages:
            raise DamagedIndex(f"{folder} has not as many passages as its manifest says: {mend(directory)}")
        return manifest, generation

    return opened(directory, opening)


def union(sets: Iterable[Rows]) -> Rows:
    """The numbers that are in any of the sets."""
    filled = [rows for rows in sets if len(rows)]
    return filled[0] if len(filled) == 1 else np.unique(np.concatenate([NONE, *filled]))


def common(a: Rows, b: Rows) -> Rows:
    """The numbers that are in both sets."""
    return np.intersect1d(a, b, assume_unique=True)


def _grams(text: str) -> list[tuple[int, int]]:
    """What a passage with this string must have: its pairs of neighbouring letters, or the letters that stand alone."""
    points = [ord(character) if character.isalnum() else 0 for character in text]
    around = zip([0, *points], points, [*points[1:], 0], strict=False)
    alone = [(point, 0) for before, point, after in around if point and not before and not after]
    return alone + [pair for pair in pairwise(points) if all(pair)]


def _candidates(plan: Plan, having: Mapping[str, Rows], strings: _Strings | None, within: Rows | None = None) -> Rows:
    """At least every passage (of ``within``) that can meet the plan on word boundaries; with ``strings``, at all."""
    if isinstance(plan, Operand):
        return _of_operand(plan, having, strings, within)
    if isinstance(plan, Either):
        return union(_candidates(part, having, strings, within) for part in plan.parts)
    for part in plan.parts:
        # Each part looks for its strings only where those before it were found.
        within = _candidates(part, having, strings, within)
    return NONE if within is None else within


def _of_operand(operand: Operand, having: Mapping[str, Rows], strings: _Strings | None, within: Rows | None) -> Rows:
    if operand.match is Match.EXACT:
        rows = reduce(common, (having[key] for key in operand.keys))
        return rows if within is None else common(rows, within)
    each = [union(having[alternative.term] for alternative in distinct.alternatives) for distinct in operand.distinct]
    found, counts = np.unique(np.concatenate([NONE, *each]), return_counts=True)
    needed = 1 if strings and operand.match is Match.SOFT else operand.needed()
    rows = found[counts >= needed]
    rows = rows if within is None else common(rows, within)
    return union([rows, strings(operand.text, within)]) if strings else rows
