"""``search.Index``: an opened index that answers questions."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from index.analysis import Analyzer
from index.directory import mend, read_manifest, renew
from index.errors import DamagedIndex, SakuinError, UsageError
from index.freshness import changed
from index.manifest import Manifest
from index.model import Document
from index.own.opening import OwnWords, open_own
from index.places import chosen_index
from index.settings import fingerprint
from search.clock import Deadline
from search.engines import Engine, PassageView, Request, Scored
from search.fields import Filter, Sort, filters_of, sort_of
from search.highlight import highlights
from search.model import Context, Counted, ExplainedPart, Hit, Results
from search.query.compiler import compile_query
from search.query.plan import CLASSES, Plan, readable, terms
from search.ranking import CONCEPT, Part
from search.why import why

if TYPE_CHECKING:
    from index.lexicon import Lexicon
    from search.analyzing import Analysis
    from search.checking import CheckReport, Pair
    from search.query.expansion import Expander

DEEPEST_PAGE = 1_000_000
"""Offset and limit go no further."""
_SHOWN = 80
"""Characters of a field's name that a warning shows."""
_TOLD = 20
"""Names of fields that a warning tells."""


def open_index(
    index_dir: str | os.PathLike[str] | None = None,
    *,
    fast: bool | None = None,
    tables_progress: Callable[[int, int], None] | None = None,
) -> Index:
    """Opens the index in ``index_dir``, else in ``SAKUIN_INDEX``, else in the default place. Never builds one.

    ``fast`` has the inner loops compiled by numba, in the first queries that need them; the results are the same. None
    does so where numba is installed (the extra ``fast``), True insists on it. ``tables_progress`` is called with how
    far it is, and how far it goes, while the dictionary's tables are made by a first question that needs them, or a
    dictionary of one's own is compiled for the first time on a machine.

    Raises ``MissingIndex``, ``ForeignFolder`` or ``DamagedIndex``, each with what to do, and ``UsageError`` where
    ``fast`` cannot be.
    """
    directory, _ = chosen_index(index_dir)
    opened = _open(directory, fast, tables_progress)
    index = Index(
        opened.engine,
        analyzer=opened.own.analyzer,
        warnings=opened.warnings,
        tables_progress=tables_progress,
    )
    index._opened = opened
    return index


class _Opened(NamedTuple):
    """What an index answers from, and what is said with every result; None for the two others if not from the disk."""

    engine: Engine
    warnings: tuple[str, ...]
    own: OwnWords
    off: tuple[str, ...] = ()
    directory: Path | None = None
    manifest: Manifest | None = None
    fast: bool | None = None


def _open(directory: Path, fast: bool | None, tables_progress: Callable[[int, int], None] | None) -> _Opened:
    """A directory's newest generation."""
    # Both import numpy: `import search` alone is light.
    from search.arrays.kernels import kernels
    from search.engines.embedded import EmbeddedEngine

    while True:
        engine = EmbeddedEngine(directory, kernels(fast))
        manifest = engine.manifest
        try:
            own = open_own(directory, manifest, tables_progress)
            break
        except DamagedIndex:
            engine.close()
            if read_manifest(directory) == manifest:
                raise
    warnings = []
    difference = manifest.fingerprint.difference(fingerprint(hashed=False))
    if difference is not None:
        warnings.append(f"the index was made with {difference}: words may be missed; {mend(directory)}")
    stale = changed(manifest.watched, moved=True)
    if stale:
        way_out = renew(directory) if difference is None else mend(directory)
        warnings.append(f"the index is older than its sources ({Path(stale[0]).name} changed): {way_out}")
    for path in manifest.own.changed():
        way_out = mend(directory) if path in manifest.own.dictionaries() else renew(directory)
        warnings.append(f"{path}, which the index was made with, changed since: words may be missed; {way_out}")
    return _Opened(engine, tuple(warnings), own, manifest.own.off, directory, manifest, fast)


class Index:
    """An index to ask, from any number of threads; a context manager that closes what it opened.

    It answers from the generation that it opened, whatever is built meanwhile, until it is told to ``refresh``. Beside
    another index it takes the dictionary's tables and glosses from that one, too.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        analyzer: Analyzer | None = None,
        warnings: Sequence[str] = (),
        tables_progress: Callable[[int, int], None] | None = None,
        beside: Index | None = None,
    ) -> None:
        self._opened: _Opened | None = _Opened(engine, tuple(warnings), OwnWords(analyzer or Analyzer()))
        self._tables_progress = tables_progress
        self._beside = beside
        self._lexicon: Lexicon | None = None
        self._opening = threading.Lock()
        self._expander: tuple[_Opened, Expander] | None = None
        """What expands words, and the words of one's own that it goes by."""

    def __enter__(self) -> Index:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the index; to ask it afterwards is a ``UsageError``, to close it again nothing."""
        opened, self._opened = self._opened, None
        # The dictionary's file would stay open until the garbage collector finds what refers to itself.
        self._lexicon = self._expander = None
        if opened is not None:
            opened.engine.close()

    def refresh(self) -> bool:
        """Goes on to the newest generation; False if that is the one it has.

        What other threads are asking meanwhile is answered from the old one. Raises what ``open_index`` does, and then
        goes on with the old one.
        """
        opened = self._now()
        if opened.directory is None or read_manifest(opened.directory) == opened.manifest:
            return False
        newest = _open(opened.directory, opened.fast, self._tables_progress)
        with self._opening:
            self._opened, self._lexicon = newest, None
        return True

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is said with every result."""
        return self._now().warnings + (self._lexicon.warnings if self._lexicon else ())

    @property
    def lexicon(self) -> Lexicon:
        """What the dictionary says of words, opened when it is first asked for; see ``index.lexicon``."""
        if self._beside is not None:
            return self._beside.lexicon
        with self._opening:
            if self._lexicon is None:
                from index.lexicon import open_lexicon

                opened, lexicon = self._opened, open_lexicon(self._tables_progress)
                if opened is None:  # closed while a question that it took is answered
                    return lexicon
                self._lexicon = lexicon.with_own(opened.own.tables, opened.own.synonyms)
            return self._lexicon

    @property
    def off(self) -> tuple[str, ...]:
        """What the words of queries are not expanded by in this index (``sakuin.toml``)."""
        return self._now().off

    def _now(self) -> _Opened:
        """What to answer from; whoever took it goes on with it, whatever is refreshed or closed meanwhile."""
        opened = self._opened
        if opened is None:
            raise UsageError("the index is closed: open it again with search.open_index")
        return opened

    def search(
        self,
        query: str,
        *,
        limit: int = 10,
        offset: int = 0,
        explain: bool = False,
        context: int = 0,
        exact: bool = False,
        off: Collection[str] | None = None,
        all_passages: bool = False,
        filters: Sequence[str] | Mapping[str, object] = (),
        sort: str | None = None,
        facets: Sequence[str] = (),
        exact_total: bool = False,
        timeout: float | None = None,
        highlight: bool = True,
    ) -> Results:
        """The passages that answer ``query``, best first.

        ``limit`` hits from ``offset`` on; ``explain`` gives the results their ``plan``, what each word of the query was
        taken for, and each hit the parts of its score; ``context`` gives so many sentences before and after a hit;
        ``exact`` takes every operand as quoted; ``off`` names what words are not expanded by (readings, romaji,
        synonyms, variants, glosses, numbers; if not given, what the index has off); ``all_passages`` shows more than
        three passages of one document; ``exact_total`` counts every passage, where the count is else a lower bound
        (more than 50,000 postings of words of which any may stand). After ``timeout`` seconds the search stops, and
        gives what it has found: then ``timed_out`` is set. Without ``highlight`` hits have no highlights, which are
        most of the work of a long page.

        ``filters`` are ``"F=V"`` or ``"F=A..B"``, or values (or lists of them) by field: of those on one field a
        document meets any, and it meets those on all fields. ``sort`` is a field to sort each tier by, with a minus
        the largest first; documents without a value come last, equal ones in the order of documents. ``facets`` are
        fields whose values are counted. ``search.fields`` says what a value is and meets.

        Raises ``UsageError`` for a query that asks for nothing, for negative numbers, and for what is no filter or
        cannot be off.
        """
        begun = time.perf_counter()
        opened = self._now()
        engine = opened.engine
        _check_page(limit, offset, context)
        if timeout is not None and not timeout > 0:
            raise UsageError(f"timeout is {timeout}: give a number of seconds greater than 0")
        deadline = Deadline(timeout)
        by = _By(filters_of(filters), sort_of(sort), _names(facets))
        compiled = self._compiling(opened, off, exact=exact)
        asks = None
        with _reading(engine):
            plan, warnings = compiled(query)
            if explain:
                from search.explaining import explained

                asks = explained(plan, engine.frequencies(terms(plan)))
            found = engine.retrieve(
                Request(plan, offset, limit, all_passages, *by, exact_total=exact_total, deadline=deadline)
            )
            about_fields = _unknown(engine, by)
            hits = tuple(
                _hit(scored, offset + i + 1, engine, explain=explain, context=context, highlight=highlight)
                for i, scored in enumerate(found.page)
            )
            diagnosis, suggestion = None, None
            nothing = not found.word and not found.partial and not deadline.missed
            if nothing and by.filters and (total := _unfiltered(engine, plan)):
                about_fields.append(f"nothing that was found meets the filters: without them the query finds {total:,}")
            elif nothing:
                from search.diagnosis import diagnose

                def plan_of(other: str) -> Plan:
                    return compiled(other)[0]

                diagnosis, suggestion = diagnose(query, plan, engine, plan_of, deadline)
                asked = Request(plan, 0, 1, filters=by.filters, deadline=deadline)
                about_fields += self._switched_off(query, opened, asked, off, exact=exact)
        return Results(
            query,
            offset,
            limit,
            hits,
            found.word,
            found.partial,
            round((time.perf_counter() - begun) * 1000, 3),
            (*opened.warnings, *(self._lexicon.warnings if self._lexicon else ()), *warnings, *about_fields),
            suggestion,
            diagnosis,
            {field: tuple(Counted(*each) for each in values) for field, values in found.facets.items()},
            total_is_exact=found.exact,
            timed_out=deadline.missed,
            plan=asks,
        )

    def _switched_off(
        self, query: str, opened: _Opened, asked: Request, off: Collection[str] | None, *, exact: bool
    ) -> Iterator[str]:
        """What a query that finds nothing would find if one of what is switched off were not."""

        def total(off: Collection[str] | None) -> int:
            plan, _ = self._compiling(opened, off, exact=False)(query)
            found = opened.engine.retrieve(replace(asked, plan=plan))
            return found.word + (found.partial or 0)

        if exact:
            if count := total(off):
                yield f"every word was taken as quoted: otherwise the query finds {count:,}"
            return
        off = opened.off if off is None else off
        switched = {off} if isinstance(off, str) else set(off)
        for name in filter(switched.__contains__, CLASSES):
            if count := total(switched - {name}):
                yield f"{name} are switched off: with them the query finds {count:,}"

    def _compiling(
        self, opened: _Opened, off: Collection[str] | None, *, exact: bool
    ) -> Callable[[str], tuple[Plan, list[str]]]:
        """What makes the plan of a query, and its warnings."""
        analyzer, engine = opened.own.analyzer, opened.engine
        expander, switched = self._expanding(opened, opened.off if off is None else off, exact=exact)
        return lambda query: compile_query(query, analyzer, engine, exact=exact, expander=expander, off=switched)

    def _expanding(
        self, opened: _Opened, off: Collection[str], *, exact: bool
    ) -> tuple[Expander | None, frozenset[str]]:
        """What expands words, where anything does, and the classes that it leaves out."""
        switched = frozenset([off] if isinstance(off, str) else off)
        unknown = sorted(switched.difference(CLASSES))
        if unknown:
            raise UsageError(f"no class of expansions is called {unknown[0]!r}: they are {', '.join(CLASSES)}")
        if exact or switched.issuperset(CLASSES):
            return None, switched
        known = self._expander
        if known is None or known[0] is not opened:
            # It imports numpy.
            from search.query.expansion import Expander

            known = self._expander = opened, Expander(opened.own.analyzer, lambda: self.lexicon, self._glosses)
        return known[1], switched

    def _glosses(self, said: str) -> Sequence[str]:
        # An expander refers to itself: what it held would stay open until the collector of cycles comes.
        glosses = self._now().engine.glosses(said)
        return glosses if self._beside is None else tuple(dict.fromkeys([*glosses, *self._beside._glosses(said)]))

    def search_many(self, queries: Sequence[str], *, threads: int | None = None, **options: Any) -> list[Results]:
        """The results of ``search`` for each query, with the same options for all, asked by as many threads as cores.

        Threads run side by side where SudachiPy analyses and numpy computes. The first error of a query is raised;
        ``UsageError`` also for one string, and for a number of threads below 1.
        """
        if isinstance(queries, str):
            raise UsageError("the queries are one string: give a list of them")
        if threads is not None and threads < 1:
            raise UsageError(f"threads is {threads}: give a number from 1")
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
            return list(pool.map(lambda query: self.search(query, **options), queries))

    def document(self, document_id: str) -> Document:
        """The whole document with this id; ``UsageError`` if there is none."""
        document = _document(self._now().engine, document_id)
        if document is None:
            raise UsageError(f"no document {document_id!r} in the index: give an id as a hit shows it below its title")
        return document

    def analyze(self, text: str, *, exact: bool = False, off: Collection[str] | None = None) -> Analysis:
        """What the index makes of a text, and of the same text as a query; ``exact`` and ``off`` as in ``search``.

        Terms are told with the number of passages they stand in, if the index has any passages.
        """
        from search.analyzing import analyze

        opened = self._now()
        compiled = self._compiling(opened, off, exact=exact)
        return analyze(text, opened.own.analyzer, compiled, opened.engine.frequencies)

    def check(
        self, pairs: str | os.PathLike[str] | Iterable[Pair], *, exact: bool = False, off: Collection[str] | None = None
    ) -> CheckReport:
        """Whether pairs of query and text, or those in a file, come out as they say, and why not.

        Each text is searched alone, as if it were all that the index holds, but with what the documents of the index
        say of words, too (see ``index.analysis.glosses``); ``exact`` and ``off`` as in ``search``. Raises
        ``UsageError`` for a file with a line that is no pair, and for one without pairs: ``search.checking`` says what
        a pair is.
        """
        from search.checking import check, read_pairs

        if isinstance(pairs, str | os.PathLike):
            pairs = read_pairs(pairs)
        opened = self._now()

        def over(engine: Engine) -> Index:
            index = Index(engine, beside=self)
            index._opened = _Opened(engine, (), opened.own, opened.off)
            return index

        return check(pairs, opened.own.analyzer, over, exact=exact, off=off)


class _By(NamedTuple):
    """What of documents' values a search asks for."""

    filters: tuple[Filter, ...]
    sort: Sort | None
    facets: tuple[str, ...]

    def fields(self) -> list[str]:
        """The fields that it names."""
        sort = [self.sort.field] if self.sort else []
        return list(dict.fromkeys([*(each.field for each in self.filters), *sort, *self.facets]))


def _names(facets: Sequence[str]) -> tuple[str, ...]:
    if isinstance(facets, str):
        raise UsageError(f"the facets are one string: give a list of fields, [{facets[:_SHOWN]!r}]")
    return tuple(dict.fromkeys(facets))


def _unknown(engine: Engine, by: _By) -> list[str]:
    """A warning for each field that no document has values of."""
    unknown = [name for name in by.fields() if not engine.has_field(name)]
    if not unknown:
        return []
    names = engine.fields()
    told = ", ".join(name[:_SHOWN] for name in names[:_TOLD]) + (", …" if len(names) > _TOLD else "")
    return [f"no document has a field {name[:_SHOWN]!r} with a value to compare: fields are {told}" for name in unknown]


def _unfiltered(engine: Engine, plan: Plan) -> int:
    """How many passages a plan finds that no filter narrows."""
    found = engine.retrieve(Request(plan, limit=1))
    return found.word + (found.partial or 0)


def _document(engine: Engine, document_id: str) -> Document | None:
    with _reading(engine):
        return engine.document(document_id)


def _hit(scored: Scored, rank: int, engine: Engine, *, explain: bool, context: int, highlight: bool = True) -> Hit:
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
        highlights=highlights(judgement, view, "body") if highlight else (),
        title_highlights=highlights(judgement, view, "title") if highlight else (),
        fields=view.fields,
        similar=scored.similar,
        explanation=_explained(scored) if explain else None,
        context=_context(engine, view, context) if context else None,
        slots=(view.spans("body"), view.marks("body")),
    )


def _context(engine: Engine, view: PassageView, count: int) -> Context:
    from index.sentences import sentences

    _, start, end = view.place
    document = _document(engine, view.document)
    text = document.text if document else ""
    # Of an index that lies nothing else tells where a passage is.
    start, end = min(start, len(text)), min(end, len(text))
    before = [text[s:e] for s, e in sentences(text, 0, start, True)]
    after = [text[s:e] for s, e in sentences(text, end, len(text), True)]
    return Context("".join(before[-count:]), "".join(after[:count]))


@contextmanager
def _reading(engine: Engine) -> Iterator[None]:
    """Makes of whatever an index raises that contradicts itself, under right checksums, a ``DamagedIndex``."""
    try:
        yield
    except SakuinError:
        raise
    except Exception as error:
        contradiction = engine.contradiction()
        if contradiction is None:
            raise
        raise DamagedIndex(contradiction) from error


def _check_page(limit: int, offset: int, context: int) -> None:
    for name, value, least in (("limit", limit, 1), ("offset", offset, 0), ("context", context, 0)):
        if not least <= value <= DEEPEST_PAGE:
            raise UsageError(f"{name} is {value}: give a number from {least} to {DEEPEST_PAGE:,}")


def _explained(scored: Scored) -> tuple[ExplainedPart, ...]:
    return tuple(
        ExplainedPart(part.concept, readable(part.term), _rule(part, scored.view), part.field, part.weight, part.score)
        for part in scored.parts
    )


def _rule(part: Part, view: PassageView) -> str:
    """A concept's part is named by what joined the words; the others by what they are."""
    if part.kind != CONCEPT:
        return part.kind
    first = view.occurrences(part.field, part.term)[0]
    spans = view.spans(part.field)
    found = view.text(part.field)[spans[first.start][0] : spans[first.end - 1][1]]
    return why(part.concept, found, part.term)
