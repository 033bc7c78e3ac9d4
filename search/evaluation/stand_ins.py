"""Sets of other kinds, made of those at hand by a seed: nobody judged them, so compare settings on them and no more.

lengths    neighbouring documents of one title joined, one to six at a time: documents of very mixed length
snippets   documents cut into one to three sentences each; right is what has the words of an answer in it
titles     known documents by their titles, of a file of documents: the title is asked, and no document has one
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from index.model import Document
from index.sentences import sentences
from search.evaluation.sets import JudgedSet, judged_set, read_documents, read_set

_JOINED = 6
_SENTENCES = 3


def named_set(name: str, seed: int = 1) -> JudgedSet:
    """A set as the command names it: ``FOLDER``, ``FOLDER:QRELS``, ``lengths=`` or ``snippets=`` before either,
    ``titles=FILE``.

    Raises ``SourceError`` for what cannot be read.
    """
    kind, _, place = name.partition("=")
    if kind == "titles":
        return titles(Path(place).name.partition(".")[0], read_documents(Path(place)))
    if kind not in STAND_INS:
        place = name
    folder, _, qrels = place.rpartition(":") if ":" in Path(place).name else (place, "", "")
    judged = read_set(Path(folder), qrels)
    return STAND_INS[kind](judged, seed) if kind in STAND_INS else judged


def lengths(judged: JudgedSet, seed: int) -> JudgedSet:
    """A set's documents joined; a query's right documents are those that its own went into."""
    drawn = random.Random(seed)
    joined: list[Document] = []
    went: dict[str, str] = {}
    for title, group in groupby(judged.documents, key=lambda document: document.title):
        waiting = list(group)
        while waiting:
            count = drawn.randint(1, _JOINED)
            parts, waiting = waiting[:count], waiting[count:]
            went.update((part.id, parts[0].id) for part in parts)
            joined.append(Document(parts[0].id, title, "\n\n".join(part.text for part in parts)))
    judgments: dict[str, dict[str, int]] = {}
    for query, grades in judged.judgments.items():
        for document, grade in grades.items():
            into = judgments.setdefault(query, {})
            place = went.get(document, document)
            into[place] = max(grade, into.get(place, 0))
    return judged_set(f"lengths={judged.name}", joined, judged.queries, judgments)


def snippets(judged: JudgedSet, seed: int) -> JudgedSet:
    """A set's documents cut; a query whose answer stands in no one cut has no judgment, and falls out."""
    drawn = random.Random(seed)
    cut: dict[str, list[Document]] = {}
    for whole in judged.documents:
        texts = _cuts(whole.text, drawn)
        cut[whole.id] = [replace(whole, id=f"{whole.id}#{i}", text=text) for i, text in enumerate(texts)]
    judgments: dict[str, dict[str, int]] = {}
    for query, grades in judged.judgments.items():
        words = judged.answers.get(query, ())
        for document, grade in grades.items():
            for part in cut.get(document, []):
                if grade and any(word in part.text for word in words):
                    judgments.setdefault(query, {})[part.id] = grade
    parts = [part for of_one in cut.values() for part in of_one]
    return judged_set(f"snippets={judged.name}", parts, judged.queries, judgments, qrels="the answers")


def _cuts(text: str, drawn: random.Random) -> Iterator[str]:
    """A text without its blanks at the ends, some sentences at a time."""
    waiting = list(sentences(text, 0, len(text), True))
    while waiting:
        count = drawn.randint(1, _SENTENCES)
        (start, _), (_, end) = waiting[0], waiting[:count][-1]
        waiting = waiting[count:]
        if part := text[start:end].strip():
            yield part


def titles(name: str, documents: Sequence[Document]) -> JudgedSet:
    """A query for each title; right are all documents of it."""
    judgments: dict[str, dict[str, int]] = {}
    for document in documents:
        if document.title.strip():
            judgments.setdefault(document.title, {})[document.id] = 1
    asked = {next(iter(grades)): title for title, grades in judgments.items()}
    of_queries = {query: judgments[title] for query, title in asked.items()}
    return judged_set(f"titles={name}", [replace(each, title="") for each in documents], asked, of_queries)


STAND_INS: Mapping[str, Callable[[JudgedSet, int], JudgedSet]] = {"lengths": lengths, "snippets": snippets}
"""Made of a judged set."""
