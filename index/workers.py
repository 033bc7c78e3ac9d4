"""Analyses in processes of their own: texts go in, columns come out, over pipes.

A worker is started from its own command, not as a copy of the program that builds: that needs no guard against being
imported once more, and a worker ends with its pipe, however the program ended. What goes over the pipes is pickled:
both ends are this program, and nothing of it is kept.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import IO, Any

from index.analysis import Analyzer
from index.errors import LostWorker
from index.writers import Columns, Word

_COMMAND = "import sys; sys.path[:] = {path!r}; from index.workers import serve; serve()"


class Worker:
    """A process that analyses as ``Analyzer`` does; for one thread at a time. ``LostWorker`` where it cannot."""

    def __init__(self) -> None:
        command = [sys.executable, "-c", _COMMAND.format(path=sys.path)]
        try:
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        except OSError as error:
            raise LostWorker(
                f"no process can be started to analyse texts ({error.strerror}): see the limits"
            ) from error
        self._words: list[Word] = []

    def columns(self, texts: Sequence[str]) -> tuple[Columns, list[Word]]:
        """What ``Analyzer.columns`` gives, and raises what that raises."""
        try:
            _send(self._pipe(self._process.stdin), texts)
            found, first, words = pickle.load(self._pipe(self._process.stdout))
        except (EOFError, OSError, ValueError) as error:
            how = self._process.wait()
            raise LostWorker(
                f"a process that analysed texts ended ({_told(how)}): is there enough memory? Try again"
            ) from error
        if isinstance(found, BaseException):
            raise found
        # A list goes on in the next answer, unless the worker began to count its words anew.
        if not first:
            self._words = []
        self._words += words
        return found, self._words

    @property
    def number(self) -> int:
        """The process's number."""
        return self._process.pid

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None, "it was asked for"
        return pipe

    def end(self) -> None:
        """Ends the process, whatever it is doing."""
        self._process.kill()
        self._process.communicate()


def _told(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"status {status}"


def _send(pipe: IO[bytes], message: Any) -> None:
    pickle.dump(message, pipe, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.flush()


def serve() -> None:
    """Answers until the pipe ends: for a list of texts their columns, and the words not sent before."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # which the whole program gets; its end will end this process
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    analyzer = Analyzer()
    known: list[Word] | None = None
    sent = 0
    while True:
        try:
            texts = pickle.load(asked)
        except EOFError:
            return
        try:
            found, words = analyzer.columns(texts)
        except Exception as error:  # noqa: BLE001 - it is raised where the texts came from
            _send(answers, (error, sent, ()))
            continue
        if words is not known:
            known, sent = words, 0
        _send(answers, (found, sent, words[sent:]))
        sent = len(words)
