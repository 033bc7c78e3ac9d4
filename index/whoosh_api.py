"""The one door to Whoosh: what is used of it, imported without the SyntaxWarnings that its source raises."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


class _Later(ModuleType):
    """Stands for a module until something of it is used."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)  # the import system looks for some that only packages have
        sys.modules.pop(self.__name__, None)
        __import__(self.__name__)
        return getattr(sys.modules[self.__name__], name)

    @staticmethod
    def urlretrieve(*arguments: object) -> object:
        """What Whoosh asks of it by name and never calls."""
        from urllib.request import urlretrieve

        return urlretrieve(*arguments)  # type: ignore[arg-type]  # handed on as it came


@contextmanager
def _without_a_web_client() -> Iterator[None]:
    """Keeps Whoosh from importing urllib.request with its TLS and mail parsers, which no search needs at its start.

    Whoever else imports that module meanwhile gets a stand-in that becomes the real one.
    """
    name = "urllib.request"
    if name in sys.modules:
        yield
        return
    later = sys.modules[name] = _Later(name)
    try:
        yield
    finally:
        if sys.modules.get(name) is later:
            del sys.modules[name]


with warnings.catch_warnings(), _without_a_web_client():
    warnings.simplefilter("ignore")
    import whoosh.compat  # all of Whoosh takes urlretrieve from here

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import whoosh.codec.whoosh3  # noqa: F401  # Whoosh would import it when it opens an index
    from whoosh.columns import NumericColumn, VarBytesColumn
    from whoosh.fields import COLUMN, ID, STORED, FieldType, Schema
    from whoosh.filedb.filestore import FileStorage
    from whoosh.formats import Positions
    from whoosh.index import EmptyIndexError
    from whoosh.reading import IndexReader

__all__ = [
    "COLUMN",
    "ID",
    "STORED",
    "EmptyIndexError",
    "FieldType",
    "FileStorage",
    "IndexReader",
    "NumericColumn",
    "Positions",
    "Schema",
    "VarBytesColumn",
]
