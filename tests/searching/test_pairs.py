"""Pairs of query and text: whether they belong together, in which tier, and what of the text is highlighted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import index
import search
from index.analysis import Analyzer
from index.records import entries_of
from search.engines.memory import MemoryEngine

PAIRS = Path(__file__).parents[1] / "data" / "pairs"


class Pair(NamedTuple):
    file: str
    query: str
    text: str
    tier: str
    highlighted: str
    why: str


def _pairs() -> list[Pair]:
    return [
        Pair(file.stem, *line.replace("\\n", "\n").replace("\\r", "\r").split("\t"))
        for file in sorted(PAIRS.glob("*.tsv"))
        for line in file.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]


ALL = _pairs()


@pytest.fixture(scope="module", params=["memory", "embedded"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[search.Index]:
    """Every pair's text is a document; its id is the pair's number."""
    documents = [index.Document(str(i), "", pair.text) for i, pair in enumerate(ALL)]
    if request.param == "memory":
        analyzer = Analyzer()
        entries = [entry for document in documents for entry in entries_of(document, analyzer)]
        yield search.Index(MemoryEngine(entries), analyzer=analyzer)
        return
    directory = tmp_path_factory.mktemp("pairs") / "index"
    index.build(documents, directory)
    with search.open_index(directory) as idx:
        yield idx


@pytest.mark.parametrize("number", range(len(ALL)), ids=lambda i: f"{ALL[i].file}-{ALL[i].query}-{ALL[i].text}")
def test_pair(opened: search.Index, number: int) -> None:
    pair = ALL[number]
    hits = {hit.document: hit for hit in opened.search(pair.query, limit=10_000)}
    hit = hits.get(str(number))
    assert (hit.tier if hit else "none") == pair.tier
    if hit is None:
        return
    assert " / ".join(hit.text[h.start : h.end] for h in hit.highlights) == pair.highlighted
    assert pair.why in {rule for h in hit.highlights for rule in h.why}
