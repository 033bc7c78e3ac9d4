"""Judgments: a folder in the layout of BEIR, read whole; each file may be compressed by xz (``corpus.jsonl.xz``).

    corpus.jsonl     a document a line: {"_id": str, "title": str, "text": str}, the title may be missing
    queries.jsonl    a query a line: {"_id": str, "text": str}
    qrels.tsv        a judgment a line: query, document, grade, parted by tabs; above them a line of names
    qrels.NAME.tsv   others, asked for by name; qrels/NAME.tsv, as BEIR itself has them, is read too

A grade is a whole number: 0 is no answer, 1 is one, more is a better one. Documents without a judgment count as 0.
"""

from __future__ import annotations

import json
import lzma
import random
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from index.errors import SourceError, UsageError
from index.model import Document

_SHOWN = 3
"""Ids that a note shows."""
_ID = "_id"
_FIELDS = 3


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """Documents, queries by their ids, and for each of these the grades of documents by their ids.

    Every query has a judgment, and a document that answers it. ``notes`` tell what was left out and what cannot be met.
    ``answers`` are the words of the answers, where a set brings them (``metadata.answers`` of a query).
    """

    name: str
    documents: tuple[Document, ...]
    queries: Mapping[str, str]
    judgments: Mapping[str, Mapping[str, int]]
    notes: tuple[str, ...] = ()
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def sampled(self, count: int, seed: int) -> JudgedSet:
        """The set with so many of its queries, drawn by a seed; itself where it has no more. The documents stay."""
        if count >= len(self.queries):
            return self
        drawn = random.Random(seed).sample(sorted(self.queries), count)
        return self._of(drawn, f"{count} of seed {seed}")

    def matching(self, pattern: str) -> JudgedSet:
        """The set with the queries that have a regular expression in them; ``UsageError`` where none has."""
        try:
            found = [query for query, text in self.queries.items() if re.search(pattern, text)]
        except re.error as error:
            raise UsageError(f"{pattern!r} is no regular expression: {error}") from error
        if not found:
            raise UsageError(f"{self.name} has no query with {pattern!r} in it")
        return self._of(found, pattern)

    def _of(self, kept: Collection[str], how: str) -> JudgedSet:
        wanted = set(kept)
        queries = {query: text for query, text in self.queries.items() if query in wanted}
        judgments = {query: self.judgments[query] for query in queries}
        return replace(self, name=f"{self.name} ({how})", queries=queries, judgments=judgments)


def read_set(folder: Path, qrels: str = "") -> JudgedSet:
    """The set in a folder, by the judgments of ``qrels.tsv``, or of ``qrels.NAME.tsv`` for a name.

    Raises ``SourceError`` for a file that is not there, two records of one id, and a line that is not as it should be,
    with its number.
    """
    documents = [_document(record, where) for where, record in _records(_file(folder, "corpus.jsonl"))]
    _unique([document.id for document in documents], "corpus.jsonl")
    asked: dict[str, str] = {}
    answers: dict[str, tuple[str, ...]] = {}
    for where, record in _records(_file(folder, "queries.jsonl")):
        query = _string(record, _ID, where)
        if query in asked:
            raise SourceError(f"{where}: a second query {query!r}: give each an id of its own")
        asked[query] = _string(record, "text", where)
        answers[query] = _answers(record)
    file = _qrels(folder, qrels)
    judgments = _judgments(file)
    name = folder.resolve().name + (f":{qrels}" if qrels else "")
    return judged_set(name, documents, asked, judgments, answers=answers, qrels=file.name)


def judged_set(
    name: str,
    documents: Collection[Document],
    asked: Mapping[str, str],
    judgments: Mapping[str, Mapping[str, int]],
    *,
    answers: Mapping[str, tuple[str, ...]] | None = None,
    qrels: str = "the judgments",
) -> JudgedSet:
    """A set of the queries that can be judged, in the order in which they are asked; the notes tell of the others.

    What is judged of documents that there are not stays judged: nothing finds those.
    """
    known = {document.id for document in documents}
    answered = {query for query, grades in judgments.items() if max(grades.values(), default=0) > 0}
    queries = {query: text for query, text in asked.items() if query in answered}
    unknown = dict.fromkeys(document for grades in judgments.values() for document in grades if document not in known)
    told = (
        ("without a judgment", "query", "queries", [query for query in asked if query not in judgments]),
        (
            "without a document that answers",
            "query",
            "queries",
            [query for query in judgments if query not in answered],
        ),
        ("judged that is not asked", "query", "queries", [query for query in judgments if query not in asked]),
        ("judged that is not in the corpus, so that nothing finds it", "document", "documents", list(unknown)),
        (
            "without text, which the search leaves out",
            "document",
            "documents",
            [d.id for d in documents if not d.text.strip()],
        ),
    )
    notes = tuple(
        f"{qrels}: {len(ids):,} {one if len(ids) == 1 else many} {what}: {', '.join(ids[:_SHOWN])}"
        + (", …" if len(ids) > _SHOWN else "")
        for what, one, many, ids in told
        if ids
    )
    if not queries:
        raise SourceError(f"{name} has no query with a judged answer: {'; '.join(notes) or 'there are no queries'}")
    of_queries = {query: dict(judgments[query]) for query in queries}
    words = {query: answers[query] for query in queries if answers.get(query)} if answers else {}
    return JudgedSet(name, tuple(documents), queries, of_queries, notes, words)


def read_documents(path: Path) -> list[Document]:
    """The documents of one file in the form of ``corpus.jsonl``; ``SourceError`` as ``read_set`` has it."""
    if not path.is_file():
        raise SourceError(f"{path} is not there: name a file of documents")
    documents = [_document(record, where) for where, record in _records(path)]
    _unique([document.id for document in documents], path.name)
    return documents


def lines(path: Path) -> Iterator[tuple[str, str]]:
    """Each line of a file that is not blank, with its place (file and number) in front."""
    with lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8") as file:
        try:
            for number, line in enumerate(file, start=1):
                if not line.isspace():
                    yield f"{path}:{number}", line.rstrip("\r\n")
        except (UnicodeDecodeError, lzma.LZMAError, EOFError) as error:
            raise SourceError(
                f"{path} cannot be read: {error}; give text in UTF-8, or such text packed by xz"
            ) from error


def _file(folder: Path, *names: str) -> Path:
    """The first of the files that is there, as it is or compressed."""
    for name in names:
        for path in (folder / name, folder / f"{name}.xz"):
            if path.is_file():
                return path
    raise SourceError(f"{folder} has no {' nor '.join(names)}, nor one with .xz: see search/evaluation/sets.py")


def _qrels(folder: Path, name: str) -> Path:
    if not name:
        return _file(folder, "qrels.tsv")
    return _file(folder, f"qrels.{name}.tsv", f"qrels/{name}.tsv")


def _records(path: Path) -> Iterator[tuple[str, Mapping[str, object]]]:
    for where, line in lines(path):
        try:
            record = json.loads(line)
        except ValueError as error:
            raise SourceError(f"{where}: not JSON: {error}") from error
        if not isinstance(record, dict):
            raise SourceError(f"{where}: not a JSON object")
        yield where, record


def _string(record: Mapping[str, object], name: str, where: str) -> str:
    value = record.get(name)
    if not isinstance(value, str):
        raise SourceError(f"{where}: no string {name!r}")
    return value


def _document(record: Mapping[str, object], where: str) -> Document:
    title = _string(record, "title", where) if record.get("title") is not None else ""
    return Document(_string(record, _ID, where), title, _string(record, "text", where))


def _answers(record: Mapping[str, object]) -> tuple[str, ...]:
    metadata = record.get("metadata")
    answers = metadata.get("answers") if isinstance(metadata, dict) else None
    return tuple(answer for answer in answers if isinstance(answer, str)) if isinstance(answers, list) else ()


def _unique(ids: list[str], name: str) -> None:
    seen: set[str] = set()
    for each in ids:
        if each in seen:
            raise SourceError(f"{name} has two documents {each!r}: give each an id of its own")
        seen.add(each)


def _judgments(path: Path) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for number, (where, line) in enumerate(lines(path)):
        cells = line.split("\t")
        grade = _grade(cells[-1])
        if number == 0 and grade is None and len(cells) == _FIELDS:
            continue  # the names of the columns
        if len(cells) != _FIELDS or grade is None:
            raise SourceError(
                f"{where}: not a query, a document and a whole number from 0, parted by tabs: {line[:80]}"
            )
        query, document, _ = cells
        if found.setdefault(query, {}).setdefault(document, grade) != grade:
            raise SourceError(f"{where}: {query} and {document} were judged {found[query][document]} before")
    return found


def _grade(cell: str) -> int | None:
    return int(cell) if cell.strip().isascii() and cell.strip().isdigit() else None
