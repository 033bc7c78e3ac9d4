"""The embedded engine: Whoosh's postings give the candidates, the shared judge decides.

The postings of the plan's terms are read once a query; from their sets of passages follow the candidates. Only what the
judge cannot see in them (marks, texts) is fetched from the stored values, a passage at a time.
"""

from __future__ import annotations

import threading
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from index.analysis.fold import compare
from index.directory import Manifest, in_use, mend
from index.errors import DamagedIndex
from index.model import Document
from index.whoosh_api import EmptyIndexError, FileStorage, IndexReader
from index.writers import FIELDS
from index.writers.embedded import DOCUMENT_NUMBER, FOLDED, UNIT_END, Stored, length_column
from search.engines import PassageView, Request, Retrieved, ranked
from search.matching import Span
from search.query.plan import Either, Match, Operand, Plan, terms
from search.ranking import Statistics

_Postings = dict[int, dict[tuple[str, str], list[int]]]
"""Passage → (field, term) → positions."""
_Having = dict[str, tuple[set[int], int]]
"""Term → the passages that have it in any field, and the largest of the fields' counts."""
_Strings = Callable[[str, "set[int] | None"], "set[int]"]
"""Gives the passages, of some or of all, that have a string."""
_ATTEMPTS = 5
_KEPT = 512
"""Stored values that are kept in memory."""


class EmbeddedView:
    """A passage: its occurrences from the postings read for a query, the rest from its stored value when needed."""

    def __init__(self, number: int, engine: EmbeddedEngine, postings: _Postings) -> None:
        self._number = number
        self._engine = engine
        self._positions = postings.get(number, {})

    @property
    def _stored(self) -> Stored:
        return self._engine.stored(self._number)

    def has(self, term: str) -> bool:
        """Whether a term stands in any field."""
        return any((field, term) in self._positions for field in FIELDS)

    def frequency(self, field: str, term: str) -> int:
        """How often a term stands."""
        return len(self._positions.get((field, term), ()))

    def occurrences(self, field: str, term: str) -> Sequence[Span]:
        """Where a term stands: each marked end belongs to the nearest start before it."""
        starts = self._positions.get((field, term), [])
        ends = self._positions.get((field, UNIT_END + term))
        if ends is None:
            return [Span(start, start + 1) for start in starts]
        spans = []
        for start, following in zip(starts, [*starts[1:], None], strict=True):
            own = [end for end in ends if end > start and (following is None or end <= following)]
            spans.append(Span(start, (own[-1] if own else start) + 1))
        return spans

    def length(self, field: str) -> int:
        """The field's length in slots."""
        return self._engine.length(self._number, field)

    def marks(self, field: str) -> bytes:
        """A byte of marks for each slot."""
        return self._stored.marks[field]

    def text(self, field: str) -> str:
        """The field's text."""
        return self._stored.texts[field]

    def spans(self, field: str) -> Sequence[tuple[int, int]]:
        """Each slot's span."""
        flat = array("I", self._stored.spans[field])
        return list(zip(flat[::2], flat[1::2], strict=True))

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
    """An opened generation; any number of threads may ask, one at a time is answered.

    Raises the errors of ``index.directory`` where the directory holds no index that is as it was written.
    """

    def __init__(self, directory: Path) -> None:
        self._lock = threading.RLock()
        self.manifest, self._storage, self._reader = _open(directory)
        self._lengths = {field: self._reader.column_reader(length_column(field)) for field in FIELDS}
        self._documents = self._reader.column_reader(DOCUMENT_NUMBER)
        self._folded = self._reader.column_reader(FOLDED)
        self._recent: dict[int, Stored] = {}

    def retrieve(self, request: Request) -> Retrieved:
        """Candidates by the sets of passages that have the plan's terms; for the partial tier also by their strings."""
        with self._lock:
            asked = terms(request.plan)
            postings, having = self._read(asked)

            def views(numbers: set[int]) -> Iterator[tuple[int, PassageView]]:
                return ((number, EmbeddedView(number, self, postings)) for number in sorted(numbers))

            return ranked(
                request,
                views(_candidates(request.plan, having, None)),
                lambda: views(_candidates(request.plan, having, self._having_string)),
                self._statistics(having),
                self._documents.__getitem__,
            )

    def _having_string(self, text: str, within: set[int] | None) -> set[int]:
        """Every passage (of ``within``) that has a string, folded for width and case."""
        wanted = compare(text).encode("utf-8")
        numbers = range(self.manifest.passages) if within is None else within
        return {number for number in numbers if wanted in self._folded[number]}

    def _read(self, asked: Sequence[str]) -> tuple[_Postings, _Having]:
        """The postings of terms, and of the marked ends of those that are long units."""
        postings: _Postings = {}
        having: _Having = {}
        for term in asked:
            sets = [self._read_term(field, term, postings) for field in FIELDS]
            having[term] = set().union(*sets), max(map(len, sets))
            for field in FIELDS:
                self._read_term(field, UNIT_END + term, postings)
        return postings, having

    def _read_term(self, field: str, term: str, postings: _Postings) -> set[int]:
        key = term.encode("utf-8")
        numbers: set[int] = set()
        if (field, key) in self._reader:
            matcher = self._reader.postings(field, key)
            while matcher.is_active():
                number = matcher.id()
                numbers.add(number)
                postings.setdefault(number, {})[field, term] = matcher.value_as("positions")
                matcher.next()
        return numbers

    def _statistics(self, having: _Having) -> Statistics:
        averages = {
            field: slots / passages if passages else 0.0 for field, (slots, passages) in self.manifest.slots.items()
        }
        return Statistics(self.manifest.passages, averages, {term: df for term, (_, df) in having.items()})

    def length(self, number: int, field: str) -> int:
        """The length of a passage's field in slots."""
        with self._lock:
            return int(self._lengths[field][number])

    def stored(self, number: int) -> Stored:
        """What is kept of a passage."""
        with self._lock:
            stored = self._recent.get(number)
            if stored is None:
                if len(self._recent) >= _KEPT:
                    self._recent.clear()
                stored = self._recent[number] = Stored(*self._reader.stored_fields(number)["stored"])
            return stored

    def document(self, document_id: str) -> Document | None:
        """A whole document, its passages joined."""
        with self._lock:
            key = document_id.encode("utf-8", "surrogatepass")
            if ("document", key) not in self._reader:
                return None
            numbers = list(self._reader.postings("document", key).all_ids())
        passages = sorted((self.stored(number) for number in numbers), key=lambda stored: stored.ordinal)
        first = passages[0]
        text = "".join(stored.texts["body"] for stored in passages)
        return Document(first.document, first.title, text, first.path, dict(first.fields))

    def words(self) -> Iterator[str]:
        """The vocabulary of the bodies."""
        with self._lock:
            words = [term.decode("utf-8") for term in self._reader.lexicon("body")]
        yield from (word for word in words if not word.startswith(UNIT_END))

    def close(self) -> None:
        """Closes Whoosh's files; a second time does nothing."""
        with self._lock:
            if not self._reader.is_closed:
                self._reader.close()
                self._storage.close()


def _open(directory: Path) -> tuple[Manifest, FileStorage, IndexReader]:
    """The generation in use; once more if a rebuild switched generations in between."""
    for _ in range(_ATTEMPTS):
        manifest, folder = in_use(directory)
        with suppress(OSError, EmptyIndexError):
            storage = FileStorage(str(folder))
            return manifest, storage, storage.open_index().reader()
    raise DamagedIndex(f"{directory} changes faster than it can be opened: {mend(directory)}")


def _candidates(plan: Plan, having: _Having, strings: _Strings | None, within: set[int] | None = None) -> set[int]:
    """At least every passage (of ``within``) that can meet the plan on word boundaries; with ``strings``, at all."""
    if isinstance(plan, Operand):
        return _of_operand(plan, having, strings, within)
    if isinstance(plan, Either):
        return set().union(*(_candidates(part, having, strings, within) for part in plan.parts))
    for part in plan.parts:
        # Each part looks for its strings only where those before it were found.
        within = _candidates(part, having, strings, within)
    return within or set()


def _of_operand(operand: Operand, having: _Having, strings: _Strings | None, within: set[int] | None) -> set[int]:
    if operand.match is Match.EXACT:
        numbers = set.intersection(*(having[key][0] for key in operand.keys))
        return numbers if within is None else numbers & within
    counts: Counter[int] = Counter()
    for distinct in operand.distinct:
        counts.update(set().union(*(having[alternative.term][0] for alternative in distinct.alternatives)))
    needed = 1 if strings and operand.match is Match.SOFT else operand.needed()
    numbers = {number for number, count in counts.items() if count >= needed}
    numbers = numbers if within is None else numbers & within
    return numbers | strings(operand.text, within) if strings else numbers
