"""What the benchmarks index: documents of a JSON-lines corpus (``_id``, ``title``, ``text``), also compressed by xz."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from pathlib import Path

from index import Document
from index.records import records_of
from index.writers import Record


def documents(corpus: Path, characters: int) -> Iterator[Document]:
    """Documents until they have so many characters; 0 for all."""
    taken = 0
    with lzma.open(corpus) if corpus.suffix == ".xz" else corpus.open("rb") as lines:
        for line in lines:
            record = json.loads(line)
            yield Document(str(record["_id"]), record.get("title", ""), record["text"])
            taken += len(record["text"])
            if characters and taken >= characters:
                return


def records(all_documents: list[Document]) -> Iterator[Record]:
    """The passages of documents."""
    for document in all_documents:
        yield from records_of(document)
