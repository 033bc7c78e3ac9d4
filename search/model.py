"""What a search gives: results, hits, highlights; ``Results.to_dict()`` is the JSON that every door of Sakuin shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from search.wrapping import breaks

if TYPE_CHECKING:
    from search.explaining import ExplainedPlan


@dataclass(frozen=True, slots=True)
class Highlight:
    """``text[start:end]`` of a passage (or of a title), in code points, and the rules that joined it to the query."""

    start: int
    end: int
    why: tuple[str, ...]

    def to_dict(self) -> dict[str, object]:
        """The highlight as JSON values."""
        return {"start": self.start, "end": self.end, "why": list(self.why)}


@dataclass(frozen=True, slots=True)
class ExplainedPart:
    """One part of a score: the query's words, the term and rule that joined them, the field, its weight, its points.

    The terms of a sequence are joined by ``|``.
    """

    concept: str
    term: str
    why: str
    field: str
    weight: float
    score: float

    def to_dict(self) -> dict[str, object]:
        """The part as JSON values."""
        return {
            "concept": self.concept,
            "term": self.term,
            "why": self.why,
            "field": self.field,
            "weight": self.weight,
            "score": self.score,
        }


@dataclass(frozen=True, slots=True)
class Context:
    """The text before and after a passage, in whole sentences of its document."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A scored passage. ``start`` and ``end`` count in the document; ``similar`` is how many more its document has."""

    rank: int
    score: float
    tier: str
    document: str
    title: str
    path: str | None
    headings: tuple[str, ...]
    ordinal: int
    start: int
    end: int
    text: str
    highlights: tuple[Highlight, ...]
    title_highlights: tuple[Highlight, ...]
    fields: Mapping[str, object]
    similar: int
    explanation: tuple[ExplainedPart, ...] | None = None
    context: Context | None = None
    slots: tuple[Sequence[tuple[int, int]], bytes] = field(default=((), b""), repr=False, compare=False)
    """The span in ``text`` and the marks of each slot. Not part of the JSON."""

    @property
    def breaks(self) -> tuple[int, ...]:
        """Offsets in ``text`` where a line may be broken: before a word that starts a phrase. Not part of the JSON."""
        return breaks(self.text, *self.slots)

    def to_dict(self) -> dict[str, object]:
        """The hit as JSON values; ``context`` only where it was asked for."""
        parts = None if self.explanation is None else {"parts": [part.to_dict() for part in self.explanation]}
        shown: dict[str, object] = {
            "rank": self.rank,
            "score": self.score,
            "tier": self.tier,
            "document": self.document,
            "title": self.title,
            "path": self.path,
            "headings": list(self.headings),
            "title_highlights": [highlight.to_dict() for highlight in self.title_highlights],
            "passage": {"ordinal": self.ordinal, "start": self.start, "end": self.end},
            "text": self.text,
            "highlights": [highlight.to_dict() for highlight in self.highlights],
            "fields": dict(self.fields),
            "similar": self.similar,
            "explanation": parts,
        }
        if self.context is not None:
            shown["context"] = {"before": self.context.before, "after": self.context.after}
        return shown


@dataclass(frozen=True, slots=True)
class OperandDiagnosis:
    """Why nothing was found: what one operand finds by itself, what the query finds without it, words like it.

    ``kind`` is how it is met (compound, soft, exact, near, string), or ``condition`` or ``exclusion``; ``absent`` are
    its words of which nothing stands in the index, as they were typed; ``fields`` those that it is looked for in.
    """

    text: str
    total: int
    total_without: int
    nearest: tuple[str, ...] = ()
    kind: str = "compound"
    absent: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """The diagnosis as JSON values."""
        return {
            "text": self.text,
            "total": self.total,
            "total_without": self.total_without,
            "nearest": list(self.nearest),
            "kind": self.kind,
            "absent": list(self.absent),
            "fields": list(self.fields),
        }


@dataclass(frozen=True, slots=True)
class Counted:
    """How many passages of the word tier have a value in a field."""

    value: str | int | float | bool
    count: int

    def to_dict(self) -> dict[str, object]:
        """The count as JSON values."""
        return {"value": self.value, "count": self.count}


@dataclass(frozen=True, slots=True)
class Results:
    """A page of hits and what is known about all of them. Iterating gives the hits.

    ``total`` counts passages of the word tier, and of the partial tier once that was looked at, before which
    ``partial`` is None. ``took_ms`` is the time of the whole question. Without ``total_is_exact`` there may be more;
    ``timed_out`` tells that the search stopped at its time limit. ``facets`` has for each field that was to be counted
    its most frequent values among the passages of the word tier. ``plan`` is what each word of the query was taken for,
    where the search was to explain.
    """

    query: str
    offset: int
    limit: int
    hits: tuple[Hit, ...]
    word: int
    partial: int | None
    took_ms: float
    warnings: tuple[str, ...] = ()
    suggestion: str | None = None
    diagnosis: tuple[OperandDiagnosis, ...] | None = None
    facets: Mapping[str, tuple[Counted, ...]] = field(default_factory=dict)
    total_is_exact: bool = True
    timed_out: bool = False
    plan: ExplainedPlan | None = None

    @property
    def total(self) -> int:
        """Passages found."""
        return self.word + (self.partial or 0)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)

    def to_dict(self) -> dict[str, object]:
        """The one JSON shape: what ``--json`` prints; ``plan`` only where the search was to explain."""
        operands = None
        if self.diagnosis is not None:
            operands = {"operands": [operand.to_dict() for operand in self.diagnosis]}
        shown: dict[str, object] = {
            "query": self.query,
            "offset": self.offset,
            "limit": self.limit,
            "total": self.total,
            "total_is_exact": self.total_is_exact,
            "took_ms": self.took_ms,
            "tier_counts": {"word": self.word, "partial": self.partial},
            "warnings": list(self.warnings),
            "suggestion": self.suggestion,
            "diagnosis": operands,
            "timed_out": self.timed_out,
            "facets": {name: [counted.to_dict() for counted in values] for name, values in self.facets.items()},
            "hits": [hit.to_dict() for hit in self.hits],
        }
        if self.plan is not None:
            shown["plan"] = self.plan.to_dict()
        return shown
