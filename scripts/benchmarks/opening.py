"""A large index: how long a process takes to open it, and how much memory that adds."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from dataclasses import replace
from itertools import count
from pathlib import Path

from benchmarks.corpus import documents, records
from index import directory as on_disk
from index.analysis import Analyzer
from index.manifest import Manifest
from index.pipeline import batches
from index.settings import fingerprint
from index.writers import FIELDS, Batch, Record
from index.writers.embedded import EmbeddedWriter

_OPEN = """
import resource, sys, time
import search, search.engines.embedded
def used():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 2**20
before, begun = used(), time.perf_counter()
with search.open_index(sys.argv[1], fast=False) as opened:
    print((time.perf_counter() - begun) * 1000, used() - before)
"""


def run(arguments: argparse.Namespace) -> None:
    """Builds the index and opens it in fresh processes."""
    premade = list(batches(records(list(documents(arguments.corpus, 0))), Analyzer()))
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder) / "index"
        passages = _build(premade, directory, arguments.passages)
        opened = [_open(directory) for _ in range(arguments.runs)]
    times, sizes = zip(*opened, strict=True)
    print(f"{passages:,} passages opened in {statistics.median(times):.1f} ms (median of {len(times)}), ", end="")
    print(f"{statistics.median(sizes):.1f} MB")


def _build(premade: list[Batch], directory: Path, passages: int) -> int:
    """An index of the batches again and again; what the analysis would do once more is left out."""
    rows = 0
    with on_disk.locked(directory), on_disk.new_generation(directory) as (generation, folder):
        writer = EmbeddedWriter(folder)
        for turn in count():
            for batch in premade:
                if rows < passages:
                    writer.add(replace(batch, records=[_renamed(record, turn) for record in batch.records]))
                    rows += len(batch.records)
            if rows >= passages:
                break
        writer.commit()
        files = on_disk.facts_of(folder)
        slots = dict.fromkeys(FIELDS, (rows, rows))
        made = Manifest(generation, fingerprint(hashed=False), files, rows, rows, slots, (), (), True, "")
        on_disk.switch(directory, made)
    return rows


def _renamed(record: Record, turn: int) -> Record:
    return replace(record, document=replace(record.document, id=f"{turn}/{record.document.id}"))


def _open(directory: Path) -> tuple[float, float]:
    done = subprocess.run([sys.executable, "-c", _OPEN, str(directory)], check=True, capture_output=True, text=True)
    milliseconds, megabytes = map(float, done.stdout.split())
    return milliseconds, megabytes
