"""The one door to Whoosh: what is used of it, imported without the SyntaxWarnings that its source raises."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from whoosh.columns import NumericColumn, VarBytesColumn
    from whoosh.fields import COLUMN, ID, STORED, FieldType, Schema
    from whoosh.filedb.filestore import FileStorage
    from whoosh.formats import Positions
    from whoosh.reading import IndexReader

__all__ = [
    "COLUMN",
    "ID",
    "STORED",
    "FieldType",
    "FileStorage",
    "IndexReader",
    "NumericColumn",
    "Positions",
    "Schema",
    "VarBytesColumn",
]
