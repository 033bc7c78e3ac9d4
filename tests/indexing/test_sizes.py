"""What an index takes on the disk, structure by structure, in bytes a slot."""

from __future__ import annotations

import json
import lzma
from collections import Counter
from pathlib import Path

import pytest

import index
from index import Document
from index import directory as on_disk
from index.codec.container import Container

TEXT = 350_000
"""Characters, about 1 MB."""

MOST = {
    "terms": 2.05,
    "postings": 3.4,
    "champions": 0.1,
    "records": 1.85,
    "positions": 0.75,
    "leading": 0.15,
    "stream": 1.08,
    "pairs": 0.35,
    "marks": 1.07,
    "spans": 0.40,
    "grams": 4.9,
    "texts": 2.62,
    "documents": 0.28,
    "title and headings": 0.37,
}
"""Bytes a slot of the bodies. In 1 MB the words and pairs that occur once weigh more than in a corpus of any size:
there terms, postings, records and pairs take half of this, and the terms of dates and glosses, most of which occur
once, less still. Texts get no dictionary from so little; with one they take 2.1."""


def structure(file: str, array: str) -> str:
    """Which of the structures an array of a file belongs to."""
    if file.endswith(".grams"):
        return "grams"
    if file.endswith("-3.field") or (file.endswith(".stored") and not array.startswith("texts")):
        return "documents"
    if not file.endswith(("-2.field", ".stored")):
        return "title and headings"
    if array == "postings.records":
        return "records"
    first = array.partition(".")[0]
    return {"codes": "postings", "hot": "postings", "rows": "postings", "slots": "marks"}.get(first, first)


def test_each_structure_takes_as_much_as_it_was_designed_for(shared: Path, tmp_path: Path) -> None:
    corpus = shared / "data" / "kyoto_wiki.jsonl.xz"
    if not corpus.is_file():
        pytest.skip(f"there is no {corpus.name}")
    with lzma.open(corpus, "rt", encoding="utf-8") as lines:
        documents, seen = [], 0
        for record in map(json.loads, lines):
            documents.append(Document(record["_id"], record["title"], record["text"]))
            seen += len(record["text"])
            if seen >= TEXT:
                break
    index.build(documents, tmp_path / "i")
    manifest = on_disk.read_manifest(tmp_path / "i")
    slots = manifest.slots["body"][0]
    sizes: Counter[str] = Counter()
    for file in on_disk.generation_folder(tmp_path / "i", 1).iterdir():
        if file.suffix != ".json":
            for array, size in Container(file).sizes():
                sizes[structure(file.name, array)] += size
    each = {name: round(size / slots, 2) for name, size in sizes.items()}
    table = "\n".join(f"{name:<20}{value:6.2f}" for name, value in sorted(each.items()))
    assert not {name: value for name, value in each.items() if value > MOST[name]}, f"{slots} slots\n{table}"
    whole = sum(size for size, _ in manifest.files.values())
    assert whole < 1.02 * sum(sizes.values()) + 20_000, f"beside the arrays: {whole - sum(sizes.values())}\n{table}"
