"""Other engines, each writing an index with positions; one that is not installed raises ``ImportError``."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def _whoosh(lines: Sequence[str], folder: Path) -> None:
    """Whoosh with its own codec and writer."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from whoosh.analysis import SpaceSeparatedTokenizer
        from whoosh.fields import TEXT, Schema
        from whoosh.index import create_in

        writer = create_in(folder, Schema(body=TEXT(analyzer=SpaceSeparatedTokenizer()))).writer(limitmb=256)
        for line in lines:
            writer.add_document(body=line)
        writer.commit()


def _tantivy(lines: Sequence[str], folder: Path) -> None:
    """tantivy through its Python package (``pip install tantivy``)."""
    from tantivy import Document, Index, SchemaBuilder

    builder = SchemaBuilder()
    builder.add_text_field("body", tokenizer_name="whitespace", index_option="position")
    writer = Index(builder.build(), path=str(folder)).writer(heap_size=256 << 20, num_threads=1)
    for line in lines:
        writer.add_document(Document(body=line))
    writer.commit()
    writer.wait_merging_threads()


WRITERS: Mapping[str, Callable[[Sequence[str], Path], None]] = {"Whoosh's own": _whoosh, "tantivy": _tantivy}
