"""Records → batches: analysed on all cores, given back in order, with little in memory at any time.

Threads do it: SudachiPy lets go of the interpreter's lock while it analyses, and a program that builds an index needs
no guard for processes that import it once more. A build of one batch starts none.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice

import numpy as np

from index.analysis import Analyzer
from index.analysis.columns import taken
from index.writers import FIELDS, Batch, Record

CHARACTERS = 300_000
"""A batch is full when its texts have so many; a document may go on in the next."""
_A_RECORD = 50
"""What a record of no text at all counts for."""
_WAITING = 2
"""Batches that wait for a thread or for the writer, for each thread."""


def batches(records: Iterable[Record], analyzer: Analyzer, threads: int | None = None) -> Generator[Batch, None, None]:
    """The records in order, many at a time, with their slots; ``threads`` is the number of cores if not given.

    What an analysis raises is raised here. ``close`` ends the threads.
    """
    portions = _portions(records)
    ahead = list(islice(portions, 2))
    if len(ahead) < 2:
        yield from (batch(portion, analyzer) for portion in ahead)
        return
    threads = threads or cores()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="analysis")
    try:
        waiting: deque[Future[Batch]] = deque()
        for portion in chain(ahead, portions):
            waiting.append(pool.submit(batch, portion, analyzer))
            while waiting and (waiting[0].done() or len(waiting) > threads * _WAITING):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _portions(records: Iterable[Record]) -> Iterator[list[Record]]:
    portion: list[Record] = []
    size = 0
    for record in records:
        portion.append(record)
        size += sum(map(len, record.texts.values())) + _A_RECORD
        if size >= CHARACTERS:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def batch(records: Sequence[Record], analyzer: Analyzer) -> Batch:
    """Records with their slots; titles and headings, which come again and again, are analysed once."""
    texts = {text: place for place, text in enumerate(dict.fromkeys(r.texts[f] for r in records for f in FIELDS))}
    found, words = analyzer.columns(list(texts))
    used = np.zeros(len(words), np.bool_)
    used[found.words] = True
    places = np.cumsum(used, dtype=np.uint32) - np.uint32(1)
    found = found._replace(words=places[found.words])
    fields = {f: taken(found, np.array([texts[r.texts[f]] for r in records], np.intp)) for f in FIELDS}
    return Batch(records, [words[i] for i in np.flatnonzero(used).tolist()], fields)
