"""The oracle: every passage as a list of slots, looked at one by one. Slow and plain on purpose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from index.analysis.glosses import BETWEEN
from index.analysis.mentions import GLOSS, is_word
from index.codec.lengths import rounded
from index.model import Document, Mark, Slot
from index.scalars import scalars
from index.writers import FIELDS, Entry
from search.engines import MOST_COUNTED, Request, Retrieved, ranked
from search.fields import Counted, Sort, Values, counted, passes, ranks
from search.matching import Span
from search.pairs import pairs_of
from search.query.plan import SEQUENCE, Plan, operands, terms
from search.ranking import Statistics, pairs_asked


class MemoryView:
    """A passage of the oracle."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self._found: dict[tuple[str, str], Sequence[Span]] = {}

    def has(self, term: str) -> bool:
        """Whether a term stands in any field."""
        return any(self.frequency(field, term) for field in FIELDS)

    def frequency(self, field: str, term: str) -> int:
        """How often a term stands."""
        return len(self.occurrences(field, term))

    def occurrences(self, field: str, term: str) -> Sequence[Span]:
        """Where a term stands: a slot, all of those of the long unit that it is, or the slots of a sequence."""
        found = self._found.get((field, term))
        if found is None:
            found = self._found[field, term] = _occurrences(self._entry.slots[field], term)
        return found

    def length(self, field: str) -> int:
        """The field's length in slots, as scores take it."""
        return rounded(len(self._entry.slots[field]))

    def marks(self, field: str) -> bytes:
        """A byte of marks for each slot."""
        return bytes(slot.marks for slot in self._entry.slots[field])

    def text(self, field: str) -> str:
        """The field's text."""
        return self._entry.texts[field]

    def spans(self, field: str) -> Sequence[tuple[int, int]]:
        """Each slot's span."""
        return [(slot.start, slot.end) for slot in self._entry.slots[field]]

    def values(self) -> Values:
        """The values of the document's fields."""
        return scalars(self._entry.document)

    @property
    def document(self) -> str:
        """The document's id."""
        return self._entry.document.id

    @property
    def title(self) -> str:
        """The document's title."""
        return self._entry.document.title

    @property
    def path(self) -> str | None:
        """The file it came from."""
        return self._entry.document.path

    @property
    def fields(self) -> dict[str, object]:
        """What else the record has."""
        return dict(self._entry.document.fields)

    @property
    def place(self) -> tuple[int, int, int]:
        """Ordinal, start and end in the document."""
        passage = self._entry.passage
        return passage.ordinal, passage.start, passage.end

    @property
    def headings(self) -> tuple[str, ...]:
        """The path of headings above the passage."""
        return tuple(heading.text for heading in self._entry.passage.headings)


def _occurrences(slots: Sequence[Slot], term: str) -> Sequence[Span]:
    if SEQUENCE in term:
        return _sequences(slots, term.split(SEQUENCE))
    starts = [i for i, slot in enumerate(slots) if term in slot.terms]
    if not starts:
        return ()
    ends = {i: i for i in starts}
    for i, slot in enumerate(slots):
        before = [start for start in starts if start < i] if term in slot.unit_ends else []
        if before:
            ends[before[-1]] = i
    return [Span(start, end + 1) for start, end in ends.items()]


def _sequences(slots: Sequence[Slot], terms: Sequence[str]) -> Sequence[Span]:
    places = []
    for start in range(len(slots) - len(terms) + 1):
        here = slots[start : start + len(terms)]
        if all(term in slot.terms for term, slot in zip(terms, here, strict=True)):
            apart = any(slot.marks & (Mark.COMMA | Mark.STOP) for slot in here[1:])
            places += [] if apart else [Span(start, start + len(terms))]
    return places


class MemoryEngine:
    """All entries in memory; no index at all."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = list(entries)
        self._views = [MemoryView(entry) for entry in self._entries]
        self._values = [scalars(entry.document) for entry in self._entries]
        ids = dict.fromkeys(entry.document.id for entry in self._entries)
        self._numbers = {name: number for number, name in enumerate(ids)}

    def retrieve(self, request: Request) -> Retrieved:
        """Judges every passage that passes the filters."""
        everything = [each for each in enumerate(self._views) if passes(self._values[each[0]], request.filters)]
        statistics = self._statistics(request.plan)
        return ranked(request, everything, lambda: everything, statistics, self._document_of, self)

    def ranks(self, field: str, descending: bool) -> Sequence[int]:
        """Each passage's place in the order of a field."""
        return ranks(self._values, Sort(field, descending))

    def counts(self, field: str, passages: Sequence[int]) -> Sequence[Counted]:
        """How many of some passages have which value."""
        return counted((self._values[passage] for passage in passages), field, MOST_COUNTED)

    def fields(self) -> Sequence[str]:
        """The names of the fields that documents have values of."""
        return sorted({name for values in self._values for name in values})

    def has_field(self, name: str) -> bool:
        """Whether a document has a value of a field."""
        return name in self.fields()

    def _document_of(self, passage: int) -> int:
        return self._numbers[self._entries[passage].document.id]

    def _statistics(self, plan: Plan) -> Statistics:
        averages = {}
        for field in FIELDS:
            lengths = [len(entry.slots[field]) for entry in self._entries if entry.slots[field]]
            averages[field] = sum(lengths) / len(lengths) if lengths else 0.0
        pairs = dict.fromkeys(pair for operand in operands(plan) for pair in pairs_asked(operand))
        having = [{pair for text in entry.texts.values() for pair in pairs_of(text)} for entry in self._entries]
        standing = {pair: sum(pair in of_one for of_one in having) for pair in pairs}
        of_a_document = len(self._entries) / max(1, len(self._numbers))
        frequencies = self.frequencies(terms(plan))
        return Statistics(len(self._entries), averages, frequencies, standing, of_a_document)

    def frequencies(self, asked: Sequence[str]) -> dict[str, int]:
        """In how many passages each term stands, in that field which has it most."""
        if not self._entries:
            return {}
        return {term: max(self._frequency(field, term) for field in FIELDS) for term in asked}

    def _frequency(self, field: str, term: str) -> int:
        return sum(view.frequency(field, term) > 0 for view in self._views)

    def document(self, document_id: str) -> Document | None:
        """A whole document."""
        return next((entry.document for entry in self._entries if entry.document.id == document_id), None)

    def words(self) -> Iterator[str]:
        """The vocabulary of the bodies."""
        yield from sorted({term for entry in self._entries for slot in entry.slots["body"] for term in slot.terms})

    def beginning(self, prefix: str, most: int) -> tuple[list[str], int]:
        """The most frequent words that begin so, and how many do."""
        found = [term for term in self._beginning(prefix) if is_word(term)]
        return found[:most], len(found)

    def glosses(self, said: str) -> list[str]:
        """The forms that documents give what is looked up as ``said``, those of the most passages first."""
        beginning = f"{GLOSS}{said}{BETWEEN}"
        return [term[len(beginning) :] for term in self._beginning(beginning)]

    def _beginning(self, prefix: str) -> list[str]:
        slots = (slot for entry in self._entries for field in FIELDS for slot in entry.slots[field])
        found = {term for slot in slots for term in slot.terms if term.startswith(prefix)}
        counts = {term: max(self._frequency(field, term) for field in FIELDS) for term in found}
        return sorted(found, key=lambda term: (-counts[term], term))

    def contradiction(self) -> str | None:
        """There is no index."""
        return None

    def close(self) -> None:
        """Nothing is open."""
