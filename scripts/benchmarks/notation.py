"""What it costs that every notation finds every other: the dictionary's tables, questions, the chain, terms.

Questions go to two opened indexes of the same folder in turn, one with every class of expansions on and one with all
off, so that neither has read anything for the other. The first time a question is asked nothing of it is remembered
but what questions before it had too; after that all of it is. Times are the processor's, which a busy machine does not
change.

The chain is timed in one process beside bare SudachiPy on the same texts, portion by portion in turn: mode C with
surface, normalized form and part-of-speech id read. ``--before CLONE`` does the same with another clone's code, and
compares the terms.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import median, quantiles

import index
import search
from benchmarks.corpus import documents, records
from index.analysis import Analyzer
from index.model import KIND, Mark, Slot
from index.places import CACHE_VARIABLE
from search.query import romaji
from search.query.plan import CLASSES

_CLONE = Path(__file__).resolve().parents[2]
_RUNS = 3
"""Of so many later runs of a question the best counts."""
_QUESTIONS = "questions"
_READING = re.compile("[ァ-ヺー]{3,}")
"""Of a word that is asked for by it."""

_TABLES = """
import json, sys, time
from index.lexicon import open_lexicon
begun = time.perf_counter(), time.process_time()
open_lexicon()
print(json.dumps([time.perf_counter() - begun[0], time.process_time() - begun[1]]))
"""

_CHAIN = """
import json, sys, time
from pathlib import Path
from benchmarks.corpus import documents, records
from index.analysis import Analyzer
from sudachipy import Dictionary, SplitMode

corpus = list(documents(Path(sys.argv[1]), int(sys.argv[2])))
texts = [record.passage.text for record in records(corpus)]
analyzer, tokenizer = Analyzer(), Dictionary().tokenizer(SplitMode.C)

def bare(some):
    for text in some:
        for morpheme in tokenizer.tokenize(text):
            morpheme.surface(), morpheme.normalized_form(), morpheme.part_of_speech_id()

def clocked(run, some):
    begun = time.process_time()
    result = run(some)
    return time.process_time() - begun, result

portions = [texts[i : i + 500] for i in range(0, len(texts), 500)]
bare(portions[0]), analyzer.columns(portions[0])
taken = [0.0, 0.0]
slots = terms = postings = 0
for some in portions:
    taken[0] += clocked(bare, some)[0]
    seconds, (columns, words) = clocked(analyzer.columns, some)
    taken[1] += seconds
    at = 0
    for count in columns.counts.tolist():
        of_text = [words[word].terms for word in columns.words[at : at + count].tolist()]
        at += count
        terms += sum(map(len, of_text))
        postings += len({term for of_slot in of_text for term in of_slot})
    slots += at
print(json.dumps({"bare": taken[0], "chain": taken[1], "slots": slots, "terms": terms, "postings": postings}))
"""


def run(arguments: argparse.Namespace) -> None:
    """Each part that is asked for, or all of them."""
    parts: dict[str, Callable[[argparse.Namespace], None]] = {"tables": _tables, "questions": _ask, "chain": _chain}
    for part in arguments.only or parts:
        parts[part](arguments)


def _tables(_: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, CACHE_VARIABLE: folder}
        made, *opened = [json.loads(_python(_TABLES, _CLONE, environment=environment)) for _ in range(1 + 3 * _RUNS)]
        (file,) = Path(folder).iterdir()
        size = file.stat().st_size / 1e6
    wall, cpu = (median(each) * 1000 for each in zip(*opened, strict=True))
    print(f"tables: made in {made[0]:.1f} s ({made[1]:.1f} s of the processor), {size:.1f} MB")
    print(f"opened in a fresh process in {wall:.2f} ms ({cpu:.2f} ms; medians of {len(opened)})")


def _python(program: str, clone: Path, *given: str, environment: Mapping[str, str] = os.environ) -> str:
    """What a program prints that imports from a clone."""
    paths = os.pathsep.join(map(str, (clone, clone / "scripts")))
    return subprocess.run(
        [sys.executable, "-P", "-c", program, *given],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**environment, "PYTHONPATH": paths},
    ).stdout


def _chain(arguments: argparse.Namespace) -> None:
    print(f"\n{'':12}{'bare, s':>9}{'chain, s':>10}{'speed':>8}{'slots':>12}{'terms':>12}{'a slot':>8}{'postings':>12}")
    told = []
    for clone in [_CLONE, *([arguments.before] if arguments.before else [])]:
        of = json.loads(_python(_CHAIN, clone.resolve(), str(arguments.corpus.resolve()), str(arguments.chain)))
        told.append(of)
        print(
            f"{'now' if clone == _CLONE else 'before':12}{of['bare']:9.2f}{of['chain']:10.2f}"
            f"{of['bare'] / of['chain']:8.2f}{of['slots']:12,}{of['terms']:12,}{of['terms'] / of['slots']:8.3f}"
            f"{of['postings']:12,}"
        )
    if len(told) > 1:
        now, before = told
        print(f"postings (term, passage): {now['postings'] / before['postings']:.3f} times those before")


def _ask(arguments: argparse.Namespace) -> None:
    corpus = list(documents(arguments.corpus, arguments.characters))
    texts = [record.passage.text for record in records(corpus)]
    asked = _drawn(texts, arguments.questions, arguments.queries, random.Random(arguments.seed))
    with tempfile.TemporaryDirectory() as folder:
        directory = arguments.index_dir
        if directory is None:
            directory = Path(folder)
            index.build(corpus, directory)
        with search.open_index(directory, fast=False) as on, search.open_index(directory, fast=False) as off:
            every = {"all classes": partial(on.search), "none": partial(off.search, off=CLASSES)}
            for ask in every.values():
                ask("京都 きょうと kyouto")
            first = {kind: [_in_turn(query, every, i) for i, query in enumerate(asked[kind])] for kind in asked}
            later = {kind: [_best(query, every) for query in asked[kind]] for kind in asked}
    _show("asked for the first time", first)
    _show("asked again", later)


def _in_turn(query: str, every: Mapping[str, Callable[[str], object]], turn: int) -> dict[str, float]:
    """Seconds of the processor for a question, by who is asked; every other time in the other order."""
    taken = {}
    for name in sorted(every, reverse=turn % 2 > 0):
        begun = time.process_time()
        every[name](query)
        taken[name] = time.process_time() - begun
    return taken


def _best(query: str, every: Mapping[str, Callable[[str], object]]) -> dict[str, float]:
    runs = [_in_turn(query, every, turn) for turn in range(_RUNS)]
    return {name: min(run[name] for run in runs) for name in every}


def _show(when: str, taken: Mapping[str, list[dict[str, float]]]) -> None:
    print(f"\n{when:28}{'':9}{'all classes, ms':>18}{'none, ms':>18}{'ratio':>16}")
    print(f"{'':28}{'queries':>9}" + f"{'p50':>9}{'p95':>9}" * 2 + f"{'p50':>8}{'p95':>8}")
    for kind, each in {**taken, "all of them": [one for of in taken.values() for one in of]}.items():
        on, off = ([one[name] * 1000 for one in each] for name in ("all classes", "none"))
        (p50, p95), (plain50, plain95) = (_quantiles(of) for of in (on, off))
        print(
            f"{kind:28}{len(each):9}{p50:9.2f}{p95:9.2f}{plain50:9.2f}{plain95:9.2f}{p50 / plain50:8.2f}"
            f"{p95 / plain95:8.2f}"
        )


def _quantiles(taken: Sequence[float]) -> tuple[float, float]:
    cuts = quantiles(taken, n=20)
    return cuts[9], cuts[18]


def _drawn(texts: Sequence[str], questions: Path, count: int, chance: random.Random) -> dict[str, list[str]]:
    """So many queries of each kind, all different, cut out of texts with a seed; questions are taken from a file."""
    analyzer = Analyzer()
    draw: dict[str, Callable[[str, Sequence[Slot]], str]] = {
        "single words": lambda text, slots: _word(text, slots, chance, 1),
        "compounds": lambda text, slots: _word(text, slots, chance, 2),
        "kana": lambda text, slots: _read(_word(text, slots, chance, 1), analyzer),
        "romaji": lambda text, slots: _latin(_katakana(_word(text, slots, chance, 1), analyzer)),
    }
    found: dict[str, list[str]] = {}
    for kind, query in draw.items():
        chosen: dict[str, None] = {}
        while len(chosen) < count:
            text = chance.choice(texts)
            slots = analyzer.slots(text)
            if slots and (made := query(text, slots)):
                chosen[made] = None
        found[kind] = list(chosen)
    if questions.is_file():
        found[_QUESTIONS] = chance.sample(list(_texts_of(questions)), count)
    return found


def _texts_of(file: Path) -> Iterator[str]:
    with lzma.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["text"]


def _word(text: str, slots: Sequence[Slot], chance: random.Random, least: int) -> str:
    """A long unit of content with so many short ones or more; with one, a short unit. Empty where chance met none."""
    at = chance.randrange(len(slots))
    if slots[at].marks & KIND:
        return ""
    if least == 1:
        return text[slots[at].start : slots[at].end]
    first = next(i for i in range(at, -1, -1) if slots[i].marks & Mark.UNIT_START)
    last = next(i for i in range(at, len(slots)) if slots[i].marks & Mark.UNIT_END)
    return text[slots[first].start : slots[last].end] if last - first + 1 >= least else ""


def _katakana(word: str, analyzer: Analyzer) -> str:
    reading = analyzer.reading(word) if word else ""
    return reading if _READING.fullmatch(reading) else ""


def _read(word: str, analyzer: Analyzer) -> str:
    """A word in hiragana as it is read."""
    return "".join(chr(ord(kana) - 0x60) if kana <= "ヶ" else kana for kana in _katakana(word, analyzer))


_LATIN = {kana: letters for letters, kana in reversed(romaji._SYLLABLES.items())}


def _latin(katakana: str) -> str:
    """A reading in Latin letters, without a mark for long vowels, as names are typed; empty where there is none."""
    letters, at = "", 0
    while at < len(katakana):
        length = 2 if katakana[at : at + 2] in _LATIN else 1
        kana = katakana[at : at + length]
        at += length
        if kana == "ッ":
            letters += _LATIN.get(katakana[at : at + 2], _LATIN.get(katakana[at : at + 1], ""))[:1]
        elif kana != "ー":
            latin = "n" if kana == "ン" else _LATIN.get(kana)
            if latin is None:
                return ""
            letters += latin
    return letters
