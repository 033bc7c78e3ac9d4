"""What indexing costs: the tokenizer alone, the analysis, the writer, a whole build; what the index weighs; and others.

Bare SudachiPy is mode C with surface, normalized form and part-of-speech id read, over the same passages on as many
cores, by threads and by processes. The writer gets its batches ready made, on one core. The others get the first term
of each slot, ready made.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import index
from benchmarks.corpus import documents, records
from benchmarks.timing import in_turn, show, taken
from index.analysis import Analyzer
from index.codec.container import Container
from index.pipeline import batches, cores
from index.writers import Batch
from index.writers.embedded import EmbeddedWriter

if TYPE_CHECKING:
    from sudachipy import Dictionary

_SCRIPTS = Path(__file__).resolve().parents[1]
_PORTION = 300
_PREMADE = 20_000_000
"""Characters of batches that are held ready made; more would fill the memory."""

STRUCTURES = {
    "terms": ("terms.",),
    "postings": ("postings.packed", "codes.", "hot.", "rows.lengths"),
    "champions": ("champions.",),
    "hot pairs": ("pairs.",),
    "records of terms": ("postings.records",),
    "positions": ("positions.", "slots.starts"),
    "stream of frequent terms": ("stream.",),
    "marks": ("slots.marks",),
    "spans": ("spans.",),
    "how slots are written": ("leading.", "slots.unlike", "slots.breaks"),
    "grams": ("grams.", "characters"),
    "texts and headings": ("texts.",),
    "columns of values": ("columns.",),
    "documents": ("documents.", "rows.documents", "rows.starts", "rows.ends", "rows.ordinals"),
}
"""What the arrays of ``docs/index-format.md`` are told as, by how their names begin."""


def run(arguments: argparse.Namespace) -> None:
    """Times, weighs, and compares."""
    corpus = list(documents(arguments.corpus, arguments.characters))
    every = list(records(corpus))
    texts = [record.passage.text for record in every]
    used = arguments.cores or cores()
    raw = sum(len(text.encode("utf-8")) for text in texts)
    part = _first(every, _PREMADE)
    premade = list(batches(part, Analyzer()))
    slots, of_part = _slots(every, part, premade)
    print(
        f"{arguments.corpus.name}: {len(corpus):,} documents, {len(texts):,} passages, {slots:,} slots, "
        f"{raw:,} bytes of text, {used} cores"
    )
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "kept"
        runs: dict[str, Callable[[], object]] = {
            "bare SudachiPy": partial(_bare, texts, used),
            "bare, by processes": partial(_bare_by_processes, texts, used),
            "analysis": lambda: [None for _ in batches(every, Analyzer(), used)],
            "writer alone": partial(_write, premade, arguments.memory),
            "whole build": partial(index.build, corpus, kept, memory=arguments.memory),
        }
        timed = in_turn({name: partial(taken, each) for name, each in runs.items()}, arguments.rounds)
        done = dict.fromkeys(runs, slots) | {"writer alone": of_part}
        show(timed, "bare SudachiPy", done)
        _weigh(kept, raw)
    _peaks(arguments)
    if arguments.others:
        _others(premade, arguments.others)


def _first(every: Sequence[Any], characters: int) -> list[Any]:
    part, size = [], 0
    for record in every:
        part.append(record)
        size += len(record.passage.text)
        if size >= characters:
            break
    return part


def _slots(every: Sequence[Any], part: Sequence[Any], premade: Sequence[Batch]) -> tuple[int, int]:
    """Slots of the bodies of all, and of the part that was analysed already."""
    of_part = sum(len(batch.fields["body"].words) for batch in premade)
    rest = batches(every[len(part) :], Analyzer())
    return of_part + sum(len(batch.fields["body"].words) for batch in rest), of_part


def _bare(texts: Sequence[str], used: int) -> None:
    """What any use of SudachiPy costs at the least."""
    from sudachipy import Dictionary

    dictionary = Dictionary()
    with ThreadPoolExecutor(used, initializer=partial(_open, dictionary)) as pool:
        list(pool.map(_read, _portions(texts)))


def _bare_by_processes(texts: Sequence[str], used: int) -> None:
    with ProcessPoolExecutor(used, get_context("spawn"), _open) as pool:
        list(pool.map(_read, _portions(texts)))


def _portions(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    return (texts[i : i + _PORTION] for i in range(0, len(texts), _PORTION))


_LOCAL = threading.local()


def _open(dictionary: Dictionary | None = None) -> None:
    """Opens a tokenizer for this thread, or for this process."""
    from sudachipy import Dictionary, SplitMode

    _LOCAL.tokenizer = (dictionary or Dictionary()).tokenizer(SplitMode.C)


def _read(portion: Sequence[str]) -> None:
    for text in portion:
        for morpheme in _LOCAL.tokenizer.tokenize(text):
            morpheme.surface(), morpheme.normalized_form(), morpheme.part_of_speech_id()


def _write(premade: Sequence[Batch], memory: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        writer = EmbeddedWriter(Path(folder), memory)
        for batch in premade:
            writer.add(batch)
        writer.commit()


def weights(generation: Path) -> dict[str, int]:
    """Bytes of each structure of a generation, its fields told apart; what no structure takes is ``the rest``."""
    found: dict[str, int] = {}
    total = 0
    fields = json.loads((generation / "contents.json").read_text(encoding="ascii"))["fields"]
    for file in sorted(generation.iterdir()):
        total += file.stat().st_size
        if file.suffix not in (".field", ".grams", ".stored"):
            continue
        field = fields[int(file.stem.rpartition("-")[2])] if file.suffix == ".field" else ""
        for name, size in Container(file).sizes():
            structure = next(s for s, starts in STRUCTURES.items() if name.startswith(starts))
            label = f"{field}: {structure}" if field else structure
            found[label] = found.get(label, 0) + size
    return {**found, "the rest": total - sum(found.values())}


def _weigh(directory: Path, raw: int) -> None:
    (generation,) = directory.glob("generation-*")
    manifest = json.loads((directory / "manifest.json").read_text(encoding="ascii"))
    slots = manifest["slots"]["body"][0]
    print(f"\n{'':34}{'bytes':>14}{'a slot':>9}{'of the text':>13}")
    found = weights(generation)
    for name, size in [*found.items(), ("all of it", sum(found.values()))]:
        print(f"{name:34}{size:14,}{size / slots:9.3f}{size / raw:13.3f}")


_PEAK = """
import os, sys
from pathlib import Path
from benchmarks.corpus import documents, records
from index.workers import Worker

workers = [0]
end = Worker.end

def peak(number):  # not what getrusage tells, which counts what the parent had before it started this program
    lines = Path(f"/proc/{number}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024

def noted(worker):
    workers.append(peak(worker.number))
    end(worker)

Worker.end = noted
corpus = documents(Path(sys.argv[1]), int(sys.argv[2]))
if sys.argv[3] == "analysis":
    from index.analysis import Analyzer
    from index.pipeline import batches
    for _ in batches((record for document in corpus for record in records([document])), Analyzer()): pass
else:
    import index, tempfile
    with tempfile.TemporaryDirectory() as folder:
        index.build(corpus, Path(folder) / "index", memory=int(sys.argv[3]))
print(peak(os.getpid()), max(workers))
"""


def _peaks(arguments: argparse.Namespace) -> None:
    """The most memory that a build takes, for several budgets of the writer, with what is mapped of the dictionary."""
    print(f"\n{'peak memory, MB':34}{'itself':>14}{'a worker':>14}")
    for what in ("analysis", "128", str(arguments.memory)):
        command = [sys.executable, "-c", _PEAK, str(arguments.corpus), str(arguments.characters), what]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (_SCRIPTS.parent, _SCRIPTS)))}
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
        label = "the analysis alone" if what == "analysis" else f"a build with --memory {what}"
        itself, worker = map(int, done.stdout.split())
        print(f"{label:34}{itself:14,}{worker:14,}")


def _others(premade: Sequence[Batch], passages: int) -> None:
    from benchmarks import others

    lines = [line for batch in premade for line in _lines(batch)][:passages]
    slots = sum(line.count(" ") + 1 for line in lines)
    print(f"\nfirst terms of {len(lines):,} passages, {slots:,} slots, ready made, one thread")
    for name, write in others.WRITERS.items():
        with tempfile.TemporaryDirectory() as folder:
            try:
                seconds = taken(partial(write, lines, Path(folder)))
            except ImportError as error:
                print(f"{name:28}not installed ({error.name})")
                continue
            size = sum(file.stat().st_size for file in Path(folder).iterdir())
        print(f"{name:28}{slots / seconds.cpu:14,.0f} slots/s of CPU{size / slots:9.2f} bytes a slot, no text kept")


def _lines(batch: Batch) -> Iterator[str]:
    """Each passage's body as the first terms of its slots, with a blank between them."""
    columns = batch.fields["body"]
    firsts = [batch.words[word].terms[0].replace(" ", "_") for word in columns.words.tolist()]
    at = 0
    for count in columns.counts.tolist():
        yield " ".join(firsts[at : at + count])
        at += count
