"""The page of ten passages: what the hits cost once they are found, texts, highlights and rules included.

Queries are cut out of the corpus with a seed. Before a page is made, all that the program itself remembers of the index
is forgotten; the system's own cache of the files is warm. Of two runs over the queries the first times whole pages, the
second each part without the parts within it.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial, wraps
from pathlib import Path
from statistics import quantiles
from typing import Any

import index
from benchmarks.corpus import documents, records
from index.analysis import Analyzer
from index.model import KIND, Mark, Slot
from index.writers import FIELDS
from search import highlight, library
from search.engines import Request, Scored
from search.engines.embedded import EmbeddedEngine
from search.engines.views import EmbeddedView
from search.query.compiler import compile_query
from search.why import why

PARTS = {
    "stored text": (EmbeddedEngine, "stored"),
    "spans": (EmbeddedView, "spans"),
    "marks": (EmbeddedView, "marks"),
    "occurrences": (EmbeddedView, "occurrences"),
    "runs": (highlight, "find_run"),
    "quotations": (highlight, "find_exact"),
    "words alone": (highlight, "segments"),
    "rules": (highlight, "why"),
    "the rest of highlights": (library, "highlights"),
}
"""What is told apart, and the function that does it."""
_RUNS = 5
"""Of so many runs the best counts: what else the machine does is not the page's."""


def run(arguments: argparse.Namespace) -> None:
    """Builds the index, asks, and tells."""
    texts = [record.passage.text for record in records(list(documents(arguments.corpus, arguments.characters)))]
    asked = queries(texts, arguments.queries, random.Random(arguments.seed))
    with tempfile.TemporaryDirectory() as folder:
        directory = arguments.index_dir
        if directory is None:
            directory = Path(folder)
            index.build(documents(arguments.corpus, arguments.characters), directory)
        engine = EmbeddedEngine(directory)
        pages = {kind: [page for query in asked[kind] if (page := _found(query, engine))] for kind in asked}
        show({kind: [min(_timed(page, engine) for _ in range(_RUNS)) for page in pages[kind]] for kind in pages})
        every = [page for of_kind in pages.values() for page in of_kind]
        show(_by_part(every, engine))


def _by_part(pages: Sequence[Sequence[Scored]], engine: EmbeddedEngine) -> dict[str, list[float]]:
    by_part: dict[str, list[float]] = {part: [] for part in (*PARTS, "all else")}
    with _Parts() as parts:
        for page in pages:
            runs = []
            for _ in range(_RUNS):
                whole = _timed(page, engine)
                taken = parts.taken()
                runs.append({**dict.fromkeys(PARTS, 0.0), **taken, "all else": whole - sum(taken.values())})
            for part, seconds in by_part.items():
                seconds.append(min(run[part] for run in runs))
    return by_part


def queries(texts: Sequence[str], count: int, chance: random.Random) -> dict[str, list[str]]:
    """So many queries of each kind, cut out of texts: words, compounds, what a question has, quotations."""
    analyzer = Analyzer()
    cut: dict[str, Callable[[str, Sequence[Slot], random.Random], str]] = {
        "words": partial(_stretch, 1, False),
        "compounds": partial(_stretch, 2, False),
        "questions": partial(_stretch, 4, True),
        "quotations": lambda *of: f'"{_stretch(2, True, *of)}"',
    }
    found: dict[str, list[str]] = {kind: [] for kind in cut}
    for kind, stretch in cut.items():
        while len(found[kind]) < count:
            text = chance.choice(texts)
            query = stretch(text, analyzer.slots(text), chance)
            if len(query) > 2 or query.isalpha():
                found[kind].append(query)
    return found


def _stretch(words: int, particles: bool, text: str, slots: Sequence[Slot], chance: random.Random) -> str:
    """A stretch of a text with so many content words, or with half as many more; empty if there is none."""
    first = chance.randrange(len(slots)) if slots else 0
    wanted = chance.randint(words, words * 3 // 2)
    for i in range(first, len(slots)):
        kind = slots[i].marks & KIND
        if (i == first and kind) or (i > first and slots[i].marks & (Mark.STOP | Mark.COMMA | Mark.BLANK)):
            break
        if kind and not particles:
            break
        wanted -= not kind
        if not wanted:
            return text[slots[first].start : slots[i].end]
    return ""


def _found(query: str, engine: EmbeddedEngine) -> Sequence[Scored]:
    plan, _ = compile_query(query, _ANALYZER)
    return engine.retrieve(Request(plan)).page


_ANALYZER = Analyzer()


def _timed(page: Sequence[Scored], engine: EmbeddedEngine) -> float:
    """Seconds of making the hits of a page of which nothing was read yet."""
    _forget(engine)
    page = [scored._replace(view=_unread(scored, engine)) for scored in page]
    begun = time.perf_counter()
    for rank, scored in enumerate(page, start=1):
        library._hit(scored, rank, engine, explain=False, context=0)
    return time.perf_counter() - begun


def _unread(scored: Scored, engine: EmbeddedEngine) -> EmbeddedView:
    assert isinstance(scored.view, EmbeddedView)
    return EmbeddedView(scored.passage, engine.generation, engine.stored, scored.view._found)


def _forget(engine: EmbeddedEngine) -> None:
    engine._recent = {}
    for segment in engine.generation.segments:
        kept = segment.kept
        for blobs in (kept.texts, kept._documents, *(segment.slots(field)._spans for field in FIELDS)):
            blobs._opened = {}
    why.cache_clear()


class _Parts:
    """Puts a clock around every part while it is entered."""

    def __init__(self) -> None:
        self._taken: dict[str, float] = defaultdict(float)
        self._within = [0.0]
        self._plain = [(owner, name, getattr(owner, name)) for owner, name in PARTS.values()]

    def __enter__(self) -> _Parts:
        for part, (owner, name, plain) in zip(PARTS, self._plain, strict=True):
            setattr(owner, name, self._clocked(part, plain))
        return self

    def __exit__(self, *_: object) -> None:
        for owner, name, plain in self._plain:
            setattr(owner, name, plain)

    def _clocked(self, part: str, plain: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(plain)
        def clocked(*arguments: Any, **named: Any) -> Any:
            self._within.append(0.0)
            begun = time.perf_counter()
            result = plain(*arguments, **named)
            result = list(result) if isinstance(result, Iterator) else result
            taken = time.perf_counter() - begun
            self._taken[part] += taken - self._within.pop()
            self._within[-1] += taken
            return result

        return clocked

    def taken(self) -> dict[str, float]:
        """Seconds of each part since it was last asked."""
        taken, self._taken = dict(self._taken), defaultdict(float)
        return taken


def show(taken: dict[str, list[float]]) -> None:
    """Medians and the 95th of a hundred, in microseconds."""
    print(f"{'':28}{'pages':>7}{'p50 µs':>9}{'p95 µs':>9}")
    for name, seconds in taken.items():
        cuts = quantiles(seconds, n=20)
        print(f"{name:28}{len(seconds):7}{cuts[9] * 1e6:9.0f}{cuts[18] * 1e6:9.0f}")
