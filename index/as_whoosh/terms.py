"""The terms of a segment as Whoosh reads them: looked up, walked through, with what is known of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.as_whoosh.postings import Posted, PostingsMatcher
from index.as_whoosh.store import Rows
from index.codec.field import Field
from index.whoosh_api import TermInfo, TermNotFound, base


class TermsReader(base.TermsReader):
    """The terms of a segment, field after field in the order of their names."""

    def __init__(self, rows: Rows) -> None:
        self._fields = rows.fields

    def close(self) -> None:
        """Lets go of the arrays."""
        self._fields = {}

    def _find(self, name: str, term: bytes) -> tuple[Field, int]:
        field = self._fields.get(name)
        ordinal = field.terms.find(term) if field is not None else -1
        if field is None or ordinal < 0:
            raise KeyError((name, term))
        return field, ordinal

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        field = self._fields.get(term[0])
        return field is not None and field.terms.find(term[1]) >= 0

    def indexed_field_names(self) -> list[str]:
        """The fields that have terms."""
        return sorted(self._fields)

    def terms(self) -> Iterator[tuple[str, bytes]]:
        """Field and term of all terms."""
        for name in self.indexed_field_names():
            for term in self._fields[name].terms:
                yield name, term

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        """Field and term from a term on."""
        return ((name, self._fields[name].terms.term(ordinal)) for name, ordinal in self._from(fieldname, prefix))

    def _from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, int]]:
        """Field and ordinal from a term on."""
        for name in self.indexed_field_names():
            if name >= fieldname:
                terms = self._fields[name].terms
                start = terms.at_least(prefix) if name == fieldname else 0
                yield from ((name, ordinal) for ordinal in range(start, len(terms)))

    def items(self) -> Iterator[tuple[tuple[str, bytes], Any]]:
        """All terms with what is known of them."""
        return self.items_from("", b"")

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], Any]]:
        """Terms from one on, with what is known of them."""
        for name, ordinal in self._from(fieldname, prefix):
            field = self._fields[name]
            yield (name, field.terms.term(ordinal)), _info(field, ordinal)

    def term_info(self, fieldname: str, text: bytes) -> Any:
        """What is known of a term; ``TermNotFound`` if it is none."""
        try:
            field, ordinal = self._find(fieldname, text)
        except KeyError as error:
            raise TermNotFound(f"no term {fieldname}:{text!r}") from error
        return _info(field, ordinal)

    def frequency(self, fieldname: str, text: bytes) -> float:
        """A term's weight over all rows; ``KeyError`` if it is none."""
        field, ordinal = self._find(fieldname, text)
        return float(field.weights(ordinal).sum(dtype=np.float64))

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """How many rows a term stands in; ``KeyError`` if it is none."""
        field, ordinal = self._find(fieldname, text)
        return field.count(ordinal)

    def matcher(
        self, fieldname: str, text: bytes, format_: Any, scorer: Any = None, live: NDArray[np.bool_] | None = None
    ) -> PostingsMatcher:
        """A term's postings, of the rows that are ``live``; ``TermNotFound`` if it is none."""
        try:
            field, ordinal = self._find(fieldname, text)
        except KeyError as error:
            raise TermNotFound(f"no term {fieldname}:{text!r}") from error
        return PostingsMatcher(Posted(field, ordinal, live), format_, (fieldname, text), scorer)

    def cursor(self, fieldname: str, fieldobj: Any) -> Any:
        """A cursor over a field's terms."""
        field = self._fields.get(fieldname)
        return base.EmptyCursor() if field is None else Cursor(field, fieldobj)


def _info(field: Field, ordinal: int) -> Any:
    rows, _ = field.postings(ordinal)
    weights, lengths = field.weights(ordinal), field.lengths()[rows]
    return TermInfo(
        weight=float(weights.sum(dtype=np.float64)),
        df=len(rows),
        minlength=int(lengths.min()),
        maxlength=int(lengths.max()),
        maxweight=float(weights.max()),
        minid=int(rows[0]),
        maxid=int(rows[-1]),
    )


class Cursor(base.FieldCursor):
    """Stands on a term of a field, as text; on none past the last."""

    def __init__(self, field: Field, fieldobj: Any) -> None:
        self._field = field
        self._terms = field.terms
        self._to_bytes = fieldobj.to_bytes
        self._from_bytes = fieldobj.from_bytes
        self._at = 0

    def first(self) -> Any:
        """To the first term."""
        self._at = 0
        return self.text()

    def find(self, string: Any) -> Any:
        """To the first term not before another."""
        self._at = self._terms.at_least(self._to_bytes(string))
        return self.text()

    def next(self) -> Any:
        """To the next term."""
        self._at = min(self._at + 1, len(self._terms))
        return self.text()

    def is_valid(self) -> bool:
        """Whether it stands on a term."""
        return self._at < len(self._terms)

    def text(self) -> Any:
        """The term."""
        return self._from_bytes(self._terms.term(self._at)) if self.is_valid() else None

    term = text

    def term_info(self) -> Any:
        """What is known of the term."""
        return _info(self._field, self._at) if self.is_valid() else None
