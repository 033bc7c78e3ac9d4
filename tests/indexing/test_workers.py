"""Processes that analyse: they answer as the analysis does, and none outlives its work."""

from __future__ import annotations

import io
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from index import Document, LostWorker, pipeline, workers
from index.analysis import Analyzer
from index.pipeline import batches
from index.records import records_of
from index.workers import Worker
from index.writers import Record

MANY = ["政府は輸出規制を強化した。", "", "電力が足りない。", "政府は電力を輸出した。"]


@pytest.fixture
def worker() -> Iterator[Worker]:
    started = Worker()
    yield started
    started.end()


def test_it_answers_as_the_analysis_does_again_and_again(worker: Worker) -> None:
    analyzer = Analyzer()
    for texts in (MANY, MANY[:1], [], MANY[::-1], ["東京都", *MANY]):
        (found, words), (expected, known) = worker.columns(texts), analyzer.columns(texts)
        assert [column.tolist() for column in found] == [column.tolist() for column in expected]
        assert words == known


def test_words_go_on_in_the_same_list(worker: Worker) -> None:
    _, words = worker.columns(MANY[:1])
    first = list(words)
    _, again = worker.columns(MANY)
    assert again is words
    assert words[: len(first)] == first


def test_what_an_analysis_raises_is_raised_here_and_the_next_is_answered(worker: Worker) -> None:
    with pytest.raises(TypeError):
        worker.columns([None])  # type: ignore[list-item]
    assert worker.columns(MANY)[0].counts.tolist()[1] == 0


def test_a_killed_one_is_told(worker: Worker) -> None:
    worker.columns(MANY)
    os.kill(worker.number, signal.SIGKILL)
    with pytest.raises(LostWorker, match="signal 9"):
        worker.columns(MANY)


def test_one_killed_while_it_answers_is_told(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker._process, "stdout", io.BytesIO(pickle.dumps(list(range(1_000)))[:-10]))
    with pytest.raises(LostWorker, match="enough memory"):
        worker.columns(MANY)


class Unsendable(Exception):
    def __init__(self, one: str, two: str) -> None:
        super().__init__(one)


def test_an_error_that_cannot_be_sent_is_told_in_words() -> None:
    assert str(workers._sendable(Unsendable("a", "b"))) == "Unsendable('a')"
    assert type(workers._sendable(OSError(5, "x"))) is OSError


def test_one_that_cannot_be_started_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(LostWorker, match="No such file"):
        Worker()
    monkeypatch.setattr(pipeline, "CHARACTERS", 1)
    with pytest.raises(LostWorker, match="No such file"):
        list(batches(records(), Analyzer(), processes=2))


def test_errors_of_a_program_without_stderr_go_nowhere(tmp_path: Path) -> None:
    program = "import sys; from index.workers import Worker; w = Worker(); print(len(w.columns(['輸出'])[1])); w.end()"
    done = subprocess.run(
        ["sh", "-c", 'exec "$0" -c "$1" 2>&-', sys.executable, program], stdout=subprocess.PIPE, check=False
    )
    assert done.stdout == b"1\n"


def records() -> Iterator[Record]:
    for number in range(20):
        yield from records_of(Document(str(number), "", MANY[0] * 10))


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Worker]:
    """The workers that batches of next to nothing start."""
    workers: list[Worker] = []

    class Noted(Worker):
        def __init__(self, own: Path | None = None) -> None:
            super().__init__(own)
            workers.append(self)

    monkeypatch.setattr(pipeline, "CHARACTERS", 1)
    monkeypatch.setattr(pipeline, "FEW", 0)
    monkeypatch.setattr(pipeline, "Worker", Noted)
    return workers


def test_all_end_with_the_batches(started: list[Worker]) -> None:
    made = batches(records(), Analyzer(), processes=2)
    next(made)
    made.close()
    assert [worker._process.poll() is None for worker in started] == [False, False]


def test_all_end_where_the_source_fails_at_once(started: list[Worker]) -> None:
    def failing() -> Iterator[Record]:
        yield from islice(records(), 3)
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        list(batches(failing(), Analyzer(), processes=2))
    assert [worker._process.poll() is None for worker in started] == [False, False]


_PROGRAM = """
import sys, time
from index.workers import Worker
worker = Worker()
worker.columns(["輸出"])
print(worker.number, flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for a process in /proc")
def test_one_ends_when_its_program_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", _PROGRAM], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        number = int(program.stdout.readline())
        program.kill()
    while Path(f"/proc/{number}").exists() and "Z" not in Path(f"/proc/{number}/stat").read_text().split()[2]:
        time.sleep(0.01)


def test_a_folder_with_modules_of_the_same_names_is_no_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "index.py").write_text("raise SystemExit('not mine')")
    (tmp_path / "pickle.py").write_text("raise SystemExit('not mine')")
    monkeypatch.chdir(tmp_path)
    started = workers.Worker()
    try:
        assert started.columns(MANY)[0].counts.tolist()[1] == 0
    finally:
        started.end()
