"""Lucene, by a small Java program that times itself; its jar comes through Maven, into the cache, at the first use."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from benchmarks.given import Given
from benchmarks.peers import GROUP, Found, Peer

VERSION = "9.12.3"
"""The newest that Java 17 runs."""
_PROGRAM = Path(__file__).resolve().parents[1] / "lucene" / "Search.java"
_JAVA = ("java", "-Xmx4g", "-XX:+UseSerialGC")
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


class Lucene(Peer):
    """One segment; no cache of queries; hits not counted. Its times are those inside its own process."""

    name = "Lucene"
    rounds = 5

    def index(self, given: Given) -> None:
        """Passages go through a file."""
        table = str.maketrans(_ESCAPES)
        rows = self.folder / "rows.tsv"
        with rows.open("w", encoding="utf-8", newline="\n") as lines:
            for row in given.rows():
                lines.write(f"{row.group}\t{row.text.translate(table)}\t{' '.join(row.terms)}\n")
        command = [*self._program(), "index", str(rows), str(self.folder / "index")]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        rows.unlink()

    def _program(self) -> list[str]:
        if not all(map(shutil.which, ("java", "javac", "mvn"))):
            raise ImportError("no JDK or no Maven", name="Lucene")
        jars = self.folder.parent / "jars"
        jar = jars / f"lucene-core-{VERSION}.jar"
        if not jar.exists():
            artifact = f"-Dartifact=org.apache.lucene:lucene-core:{VERSION}"
            fetch = ["mvn", "-q", "-B", "dependency:copy", artifact, f"-DoutputDirectory={jars}"]
            subprocess.run(fetch, check=True, stdout=subprocess.DEVNULL)
        return [*_JAVA, "-cp", str(jar), str(_PROGRAM)]

    def open(self, given: Given) -> None:
        """Starts the program."""
        command = [*self._program(), "search", str(self.folder / "index")]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, encoding="utf-8")

    def _asked(self, *parts: str) -> tuple[int, list[str]]:
        questions, answers = self._streams()
        questions.write("\t".join(parts) + "\n")
        questions.flush()
        took, *rest = answers.readline().rstrip("\n").split("\t")
        return int(took), rest

    def _streams(self) -> tuple[IO[str], IO[str]]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return self._process.stdin, self._process.stdout

    def timed(self, kind: str, terms: Sequence[str], *, filtered: bool, k: int = 10) -> tuple[Found, int]:
        """From the terms to the ten best, without the way there and back."""
        took, found = self._asked("find", kind, str(GROUP) if filtered else "", str(k), *terms)
        pairs = (each.split(":") for each in found)
        return [(int(passage), float(score)) for passage, score in pairs], took

    def timed_texts(self, ids: Sequence[int]) -> tuple[list[str], int]:
        """Stored fields, without the way there and back."""
        took, texts = self._asked("text", *map(str, ids))
        return [_unescaped(text) for text in texts], took

    def retrieve(self, kind: str, terms: Sequence[str], k: int = 10, *, filtered: bool = False) -> Found:
        """What ``timed`` finds."""
        return self.timed(kind, terms, filtered=filtered, k=k)[0]

    def stored(self, ids: Sequence[int]) -> list[str]:
        """What ``timed_texts`` reads."""
        return self.timed_texts(ids)[0]

    def memory(self) -> int:
        """What of its process is in memory, heap and mapped files together."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) << 10

    def close(self) -> None:
        """Ends the process."""
        self._streams()[0].close()
        self._process.wait()


def _unescaped(text: str) -> str:
    parts = text.split("\\\\")
    for sign in "\t\n\r":
        parts = [part.replace(_ESCAPES[sign], sign) for part in parts]
    return "\\".join(parts)
