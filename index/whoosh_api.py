"""The one door to Whoosh: what is used of it, imported without the SyntaxWarnings that its source raises.

Only ``index.as_whoosh`` passes it; building and searching need none of Whoosh. Its parser, highlighter and sorting are
imported for who opens an index as Whoosh's and asks with them.
"""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from whoosh import (
        analysis,
        collectors,
        columns,
        fields,
        formats,
        highlight,
        matching,
        qparser,
        query,
        scoring,
        sorting,
    )
    from whoosh.codec import base
    from whoosh.filedb.filestore import RamStorage
    from whoosh.index import Index, LockError
    from whoosh.query import spans
    from whoosh.reading import EmptyReader, MultiReader, SegmentReader, TermInfo, TermNotFound
    from whoosh.searching import SearchContext, Searcher
    from whoosh.util.numeric import to_sortable
    from whoosh.writing import AsyncWriter, BufferedWriter, SegmentWriter

__all__ = [
    "AsyncWriter",
    "BufferedWriter",
    "EmptyReader",
    "Index",
    "LockError",
    "MultiReader",
    "RamStorage",
    "SearchContext",
    "Searcher",
    "SegmentReader",
    "SegmentWriter",
    "TermInfo",
    "TermNotFound",
    "analysis",
    "base",
    "collectors",
    "columns",
    "fields",
    "formats",
    "highlight",
    "matching",
    "qparser",
    "query",
    "scoring",
    "sorting",
    "spans",
    "to_sortable",
]
