"""Columns: the scalars of documents by the names of their fields, for filters, sorting and counting.

Part of ``SEGMENT.stored``. A column is a field that some document of the segment has scalars of (``index.scalars``);
columns are in the order of their names. A code is the place of a scalar among the distinct ones of its column.

columns.names.*    blobs     each column's name, UTF-8
columns.values.*   blobs     each column's distinct scalars, a JSON list, in their order
columns.distinct   u4        how many those are
columns.pairs      u4        how many pairs of document and code a column has; 0 where it has a code for each document
columns.documents  u4        the documents of the pairs, column after column, in the order of documents, then of codes
columns.1 .2 .4    u1 u2 u4  the codes, column after column: those of its pairs, or one for each document, where the
                             number of distinct scalars stands for none

The number of distinct scalars decides which of the three arrays has a column's codes: the narrowest that can hold it. A
column has a code for each document if none has two and that takes no more bytes than pairs. So a field that few
documents have costs what it holds, however many such fields there are.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from operator import ge
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.codec.blobs import Blobs, BlobsWriter
from index.codec.container import Container, ContainerWriter
from index.codec.stretches import bounds
from index.scalars import Scalar, order, scalar

_BLOCK = 8_192
_WIDTHS = (1, 2, 4)
_A_SCALAR = 300
_A_PAIR = 8
"""Bytes that a distinct scalar, at the most, and a pair take in memory."""
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _width(distinct: int) -> int:
    return 1 if distinct < 1 << 8 else 2 if distinct < 1 << 16 else 4


class _Growing:
    """A column while documents come: its codes count scalars as they came."""

    def __init__(self) -> None:
        self.scalars: dict[tuple[int, Scalar], int] = {}
        self.documents = array("I")
        self.codes = array("I")


class ColumnsWriter:
    """Collects the scalars of documents, in their order."""

    def __init__(self) -> None:
        self._columns: dict[str, _Growing] = {}
        self._documents = 0
        self.held = 0
        """Bytes in memory, at the most."""

    def add(self, scalars: Mapping[str, Sequence[Scalar]]) -> None:
        """Takes the next document's, as ``index.scalars.scalars`` gives them."""
        for name, values in scalars.items():
            column = self._columns.get(name)
            if column is None:
                column = self._columns[name] = _Growing()
            known = len(column.scalars)
            for value in values:
                column.codes.append(column.scalars.setdefault(order(value), len(column.scalars)))
                column.documents.append(self._documents)
            self.held += _A_SCALAR * (len(column.scalars) - known) + _A_PAIR * len(values)
        self._documents += 1

    def write(self, container: ContainerWriter) -> None:
        """Adds the structure to a file."""
        names, values = BlobsWriter(_BLOCK), BlobsWriter(_BLOCK)
        distinct: list[int] = []
        pairs: list[int] = []
        documents: list[NDArray[np.uint32]] = []
        codes: dict[int, list[NDArray[Any]]] = {width: [] for width in _WIDTHS}
        for name in sorted(self._columns):
            column = self._columns[name]
            places = sorted(column.scalars)
            rank = np.empty(len(places), np.uint32)
            rank[[column.scalars[place] for place in places]] = np.arange(len(places), dtype=np.uint32)
            own, of = rank[np.array(column.codes, np.uint32)], np.array(column.documents, np.uint32)
            ordered = [value for _, value in places]
            names.append(name.encode("utf-8"))
            values.append(_ENCODER.encode(ordered).encode("utf-8"))
            distinct.append(len(ordered))
            width = _width(len(ordered))
            if len(np.unique(of)) == len(of) and self._documents * width <= len(of) * (4 + width):
                every = np.full(self._documents, len(ordered), np.uint32)
                every[of] = own
                own, of = every, of[:0]
            pairs.append(len(of))
            documents.append(of)
            codes[width].append(own.astype(f"<u{width}"))
        names.write(container, "columns.names")
        values.write(container, "columns.values")
        container.add("columns.distinct", np.array(distinct, np.uint32))
        container.add("columns.pairs", np.array(pairs, np.uint32))
        container.add("columns.documents", np.concatenate([np.empty(0, np.uint32), *documents]))
        for width, each in codes.items():
            container.add(f"columns.{width}", np.concatenate([np.empty(0, f"<u{width}"), *each]))


class Column(NamedTuple):
    """A column: its distinct ``values`` in their order, and for each document where its ``codes`` start.

    ``starts`` (i8) has one number more than there are documents; ``codes`` are ascending in each document.
    """

    values: list[Scalar]
    starts: NDArray[np.int64]
    codes: NDArray[np.int64]


class StoredColumns:
    """The columns of a segment of so many documents."""

    def __init__(self, container: Container, documents: int) -> None:
        self._container = container
        self._documents = documents
        self._names = Blobs(container, "columns.names")
        self._values = Blobs(container, "columns.values")
        self._distinct = container.array("columns.distinct", "u4")
        self._pairs = container.array("columns.pairs", "u4")
        self._of = container.array("columns.documents", "u4")
        self._codes = {width: container.array(f"columns.{width}", f"u{width}") for width in _WIDTHS}
        if len({len(self._names), len(self._values), len(self._distinct), len(self._pairs)}) > 1:
            container.fail("its columns contradict each other")

    @cached_property
    def names(self) -> Sequence[str]:
        """The names of the columns, in their order."""
        try:
            names = [name.decode("utf-8") for name in self._names]
        except ValueError as error:
            self._container.fail("the names of its columns cannot be read", error)
        if any(a >= b for a, b in pairwise(names)):
            self._container.fail("the names of its columns are not in order")
        return names

    @cached_property
    def _places(self) -> tuple[Mapping[str, int], NDArray[np.int64], NDArray[np.int64]]:
        """Each column's number by its name, where its pairs begin, and where its codes do among those of its width."""
        distinct, pairs = self._distinct.all(), self._pairs.all()
        lengths = np.where(pairs > 0, pairs, self._documents).astype(np.int64)
        widths = np.array([_width(count) for count in distinct.tolist()], np.int64)
        begins = np.zeros(len(lengths), np.int64)
        for width in _WIDTHS:
            each = widths == width
            begins[each] = bounds(lengths[each])[:-1]
            if lengths[each].sum() != len(self._codes[width]):
                self._container.fail("the codes of its columns contradict each other")
        if pairs.sum(dtype=np.int64) != len(self._of):
            self._container.fail("the pairs of its columns contradict each other")
        return {name: i for i, name in enumerate(self.names)}, bounds(pairs), begins

    def column(self, name: str) -> Column | None:
        """A column, read; None where no document of the segment has a scalar of that field."""
        i = self._places[0].get(name)
        if i is None:
            return None
        starts, codes = self._read(i)
        return Column(self._scalars(i), starts, codes)

    def starts(self, name: str) -> NDArray[np.int64] | None:
        """Where the codes of each document start, without what they stand for; None where there is no such column."""
        i = self._places[0].get(name)
        return None if i is None else self._read(i)[0]

    def _read(self, i: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where the codes of each document start, and the codes."""
        _, begins, places = self._places
        distinct = int(self._distinct.at(i))
        pairs = int(self._pairs.at(i))
        place = int(places[i])
        codes = self._codes[_width(distinct)].part(place, place + (pairs or self._documents)).astype(np.int64)
        if not pairs:
            counts = (codes != distinct).astype(np.int64)
            codes = codes[codes != distinct]
        else:
            of = self._of.part(int(begins[i]), int(begins[i]) + pairs).astype(np.int64)
            later = (of[1:] > of[:-1]) | ((of[1:] == of[:-1]) & (codes[1:] > codes[:-1]))
            if not later.all() or of[-1] >= self._documents:
                self._container.fail("the pairs of one of its columns are not in order")
            counts = np.bincount(of, minlength=self._documents)
        if len(codes) and codes.max() >= distinct:
            self._container.fail("a code of one of its columns stands for nothing")
        return bounds(counts), codes

    def _scalars(self, i: int) -> list[Scalar]:
        """The distinct scalars of a column."""
        try:
            values: list[Scalar] = json.loads(self._values[i])
            if type(values) is not list or len(values) != self._distinct.at(i):
                raise ValueError("not as many as there are")
            places = [*map(order, values)]
            if [*map(scalar, values)] != values or any(map(ge, places, places[1:])):
                raise ValueError("not in order")
        except (ValueError, TypeError, RecursionError) as error:
            self._container.fail("the values of one of its columns cannot be read", error)
        return values

    def problems(self, scalars: Iterator[Mapping[str, Sequence[Scalar]]]) -> Iterator[str]:
        """In what the columns differ from the scalars of the documents, which come in their order."""
        expected: dict[str, list[tuple[int, tuple[int, Scalar]]]] = {}
        for document, each in enumerate(scalars):
            for name, values in each.items():
                expected.setdefault(name, []).extend((document, order(value)) for value in values)
        if [*self.names] != sorted(expected):
            yield "its columns are not the fields of its documents"
        for name in self.names:
            column = self.column(name)
            assert column is not None, "it is one of those named"
            of = np.repeat(np.arange(len(column.starts) - 1), np.diff(column.starts)).tolist()
            coded = zip(of, column.codes.tolist(), strict=True)
            found = [(document, order(column.values[code])) for document, code in coded]
            used = len(set(column.codes.tolist())) == len(column.values)
            if found != expected.get(name, []) or not used:
                yield f"its column {name[:80]!r} is not what its documents have"
