"""``search.Index``: an opened index that answers questions."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from index.analysis import Analyzer
from index.directory import mend
from index.errors import UsageError
from index.freshness import changed
from index.model import Document
from index.places import chosen_index
from index.settings import fingerprint
from search.engines import Engine, PassageView, Request, Scored
from search.engines.embedded import EmbeddedEngine
from search.highlight import breaks, highlights
from search.model import Context, ExplainedPart, Hit, Results
from search.query.compiler import compile_query
from search.query.plan import Plan
from search.ranking import Part
from search.why import why

DEEPEST_PAGE = 1_000_000
"""Offset and limit go no further."""


def open_index(index_dir: str | os.PathLike[str] | None = None) -> Index:
    """Opens the index in ``index_dir``, else in ``SAKUIN_INDEX``, else in the default place. Never builds one.

    Raises ``MissingIndex``, ``ForeignFolder`` or ``DamagedIndex``, each with what to do.
    """
    directory, _ = chosen_index(index_dir)
    engine = EmbeddedEngine(directory)
    manifest = engine.manifest
    warnings = []
    difference = manifest.fingerprint.difference(fingerprint(hashed=False))
    if difference is not None:
        warnings.append(f"the index was made with {difference}: words may be missed; {mend(directory)}")
    stale = changed(manifest.watched, moved=True)
    if stale:
        warnings.append(f"the index is older than its sources ({Path(stale[0]).name} changed): {mend(directory)}")
    return Index(engine, warnings=warnings)


class Index:
    """An index to ask, from any number of threads; a context manager that closes what it opened.

    It answers from the generation that it opened, whatever is built meanwhile. ``warnings`` are said with every result.
    """

    def __init__(self, engine: Engine, *, analyzer: Analyzer | None = None, warnings: Sequence[str] = ()) -> None:
        self._engine = engine
        self._analyzer = analyzer or Analyzer()
        self._closed = False
        self.warnings = tuple(warnings)

    def __enter__(self) -> Index:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the index; to ask it afterwards is a ``UsageError``, to close it again nothing."""
        self._closed = True
        self._engine.close()

    def _check_open(self) -> None:
        if self._closed:
            raise UsageError("the index is closed: open it again with search.open_index")

    def search(
        self,
        query: str,
        *,
        limit: int = 10,
        offset: int = 0,
        explain: bool = False,
        context: int = 0,
        exact: bool = False,
        all_passages: bool = False,
    ) -> Results:
        """The passages that answer ``query``, best first.

        ``limit`` hits from ``offset`` on; ``explain`` gives each hit the parts of its score, ``context`` so many
        sentences before and after it; ``exact`` takes every operand as quoted; ``all_passages`` shows more than three
        passages of one document. Raises ``UsageError`` for a query that asks for nothing and for negative numbers.
        """
        begun = time.perf_counter()
        self._check_open()
        _check_page(limit, offset, context)
        plan, warnings = compile_query(query, self._analyzer, exact=exact)
        found = self._engine.retrieve(Request(plan, offset, limit, all_passages))
        hits = tuple(
            self._hit(scored, offset + i + 1, explain=explain, context=context) for i, scored in enumerate(found.page)
        )
        diagnosis, suggestion = None, None
        if not found.word and not found.partial:
            from search.diagnosis import diagnose

            def plan_of(other: str) -> Plan:
                return compile_query(other, self._analyzer, exact=exact)[0]

            diagnosis, suggestion = diagnose(query, plan, self._engine, plan_of)
        return Results(
            query,
            offset,
            limit,
            hits,
            found.word,
            found.partial,
            round((time.perf_counter() - begun) * 1000, 3),
            (*self.warnings, *warnings),
            suggestion,
            diagnosis,
        )

    def document(self, document_id: str) -> Document:
        """The whole document with this id; ``UsageError`` if there is none."""
        self._check_open()
        document = self._engine.document(document_id)
        if document is None:
            raise UsageError(f"no document {document_id!r} in the index: give an id as a hit shows it below its title")
        return document

    def _hit(self, scored: Scored, rank: int, *, explain: bool, context: int) -> Hit:
        view = scored.view
        judgement = scored.judgement
        ordinal, start, end = view.place
        return Hit(
            rank=rank,
            score=scored.score,
            tier=judgement.level.name.lower(),
            document=view.document,
            title=view.title,
            path=view.path,
            headings=view.headings,
            ordinal=ordinal,
            start=start,
            end=end,
            text=view.text("body"),
            highlights=highlights(judgement, view, "body"),
            title_highlights=highlights(judgement, view, "title"),
            fields=view.fields,
            similar=scored.similar,
            explanation=_explained(scored) if explain else None,
            context=self._context(view.document, start, end, context) if context else None,
            breaks=breaks(view),
        )

    def _context(self, document: str, start: int, end: int, count: int) -> Context:
        from index.sentences import sentences

        text = self.document(document).text
        before = [text[s:e] for s, e in sentences(text, 0, start, True)]
        after = [text[s:e] for s, e in sentences(text, end, len(text), True)]
        return Context("".join(before[-count:]), "".join(after[:count]))


def _check_page(limit: int, offset: int, context: int) -> None:
    for name, value, least in (("limit", limit, 1), ("offset", offset, 0), ("context", context, 0)):
        if not least <= value <= DEEPEST_PAGE:
            raise UsageError(f"{name} is {value}: give a number from {least} to {DEEPEST_PAGE:,}")


def _explained(scored: Scored) -> tuple[ExplainedPart, ...]:
    return tuple(
        ExplainedPart(part.concept, part.term, _rule(part, scored.view), part.field, part.weight, part.score)
        for part in scored.parts
    )


def _rule(part: Part, view: PassageView) -> str:
    """A concept's part is named by what joined the words; the others by what they are."""
    if part.kind != "concept":
        return part.kind
    first = view.occurrences(part.field, part.term)[0]
    spans = view.spans(part.field)
    found = view.text(part.field)[spans[first.start][0] : spans[first.end - 1][1]]
    return why(part.concept, found, part.term)
