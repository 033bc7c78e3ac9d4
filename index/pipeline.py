"""Records → batches: analysed on all cores, given back in order, with little in memory at any time.

Processes do it, one a core, since what Python does of an analysis keeps all threads of a process waiting. A build of a
few batches starts none.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from pathlib import Path
from queue import SimpleQueue
from typing import Protocol

import numpy as np

from index.analysis import Analyzer
from index.analysis.columns import taken
from index.workers import Worker
from index.writers import FIELDS, Batch, Columns, Record, Word

CHARACTERS = 300_000
"""A batch is full when its texts have so many; a document may go on in the next."""
_A_RECORD = 50
"""What a record of no text at all counts for."""
FEW = 4
"""So many batches are made sooner than processes are started."""
WAITING = 14
"""Batches that wait for the writer while it writes a segment, beside one for each process."""


class Analysing(Protocol):
    """What makes columns of texts: an ``Analyzer``, here or in a process of its own."""

    def columns(self, texts: Sequence[str]) -> tuple[Columns, list[Word]]:
        """The slots of many texts, and the words that they name."""


def batches(
    records: Iterable[Record], analyzer: Analyzer, processes: int | None = None
) -> Generator[Batch, None, None]:
    """The records in order, many at a time, with their slots; ``processes`` is the number of cores if not given.

    ``analyzer`` makes a few batches; where there are more, processes make all of them, each with one like it. What an
    analysis raises is raised here, and ``LostWorker`` where a process dies. ``close`` ends the processes.
    """
    portions = _portions(records)
    ahead = list(islice(portions, FEW + 1))
    processes = processes or cores()
    if len(ahead) <= FEW or processes == 1:
        yield from (batch(portion, analyzer) for portion in chain(ahead, portions))
    else:
        yield from _by_workers(chain(ahead, portions), processes, analyzer.own)


def _by_workers(portions: Iterable[list[Record]], processes: int, own: Path | None) -> Generator[Batch, None, None]:
    workers: list[Worker] = []
    free: SimpleQueue[Worker] = SimpleQueue()

    def analysed(portion: list[Record]) -> Batch:
        worker = free.get()
        try:
            return batch(portion, worker)
        finally:
            free.put(worker)

    pool = ThreadPoolExecutor(processes, thread_name_prefix="analysis")
    try:
        waiting: deque[Future[Batch]] = deque()
        for portion in portions:
            if len(workers) < processes:
                workers.append(Worker(own))
                free.put(workers[-1])
            waiting.append(pool.submit(analysed, portion))
            while waiting and (waiting[0].done() or len(waiting) > processes + WAITING):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for worker in workers:
            worker.end()
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


def batch(records: Sequence[Record], analyzer: Analysing) -> Batch:
    """Records with their slots; titles and headings, which come again and again, are analysed once."""
    others = tuple(name for name in FIELDS if name != "body")
    bodies = [record.texts["body"] for record in records]
    short = dict.fromkeys(record.texts[name] for record in records for name in others)
    places = {text: place for place, text in enumerate(short, start=len(bodies))}
    found, words = analyzer.columns([*bodies, *short])
    fields = {name: taken(found, np.array([places[r.texts[name]] for r in records], np.intp)) for name in others}
    return Batch(records, words, {**fields, "body": _first(found, len(bodies))})


def _first(columns: Columns, count: int) -> Columns:
    """The columns of the first texts."""
    counts, words, marks, starts, ends = columns
    slots = int(counts[:count].sum(dtype=np.int64))
    return Columns(counts[:count], words[:slots], marks[:slots], starts[:slots], ends[:slots])
