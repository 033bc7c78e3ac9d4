"""Analyses in processes of their own: texts go in, columns come out, over pipes.

A worker is started from its own command, not as a copy of the program that builds: that needs no guard against being
imported once more, and a worker ends with its pipe, however the program ended. What goes over the pipes is pickled:
both ends are this program, and nothing of it is kept.
"""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from index.analysis import Analyzer
from index.errors import LostWorker
from index.writers import Columns, Word

# Before anything else: the whole program gets an interrupt, and its end will end the process.
_COMMAND = """
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.path[:] = {path!r}
from index.workers import serve
serve({own!r})
"""


class Worker:
    """A process that analyses as ``Analyzer(own)`` does; for one thread at a time. ``LostWorker`` where it cannot."""

    def __init__(self, own: Path | None = None) -> None:
        command = _COMMAND.format(path=list(map(str, sys.path)), own=own and str(own.absolute()))
        flags = ["-I"] if sys.flags.isolated else []
        try:
            self._process = subprocess.Popen(
                [sys.executable, *flags, "-c", command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL if sys.stderr is None else None,
            )
        except OSError as error:
            why = error.strerror
            raise LostWorker(f"no process can be started to analyse texts ({why}): see the system's limits") from error
        self._words: list[Word] = []

    def columns(self, texts: Sequence[str]) -> tuple[Columns, list[Word]]:
        """What ``Analyzer.columns`` gives, and raises what that raises."""
        try:
            _send(self._pipe(self._process.stdin), texts)
            found, first, words = pickle.load(self._pipe(self._process.stdout))
        except (EOFError, OSError, ValueError, pickle.UnpicklingError) as error:
            self._process.kill()
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


def serve(own: str | None = None) -> None:
    """Answers until the pipe ends: for a list of texts their columns, and the words not sent before."""
    gc.disable()  # nothing here makes cycles, and looking for them among all that is remembered takes time
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with suppress(EOFError, BrokenPipeError, pickle.UnpicklingError):
        _answer(asked, answers, Analyzer(Path(own) if own else None))
    os._exit(0)  # what could not be sent is nobody's concern any more


def _answer(asked: IO[bytes], answers: IO[bytes], analyzer: Analyzer) -> None:
    known: list[Word] | None = None
    sent = 0
    while True:
        texts = pickle.load(asked)
        try:
            found, words = analyzer.columns(texts)
        except Exception as error:  # noqa: BLE001 - it is raised where the texts came from
            _send(answers, (_sendable(error), sent, ()))
            continue
        if words is not known:
            known, sent = words, 0
        _send(answers, (found, sent, words[sent:]))
        sent = len(words)


def _sendable(error: Exception) -> Exception:
    """The error, or what it says where it cannot be pickled."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 - whatever its class does on the way
        return RuntimeError(repr(error))
    return error
