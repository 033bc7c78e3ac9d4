"""Several mapped fields → one: what is left of each term's postings, behind what is left of those before it.

Nothing is looked up term by term but columns and the terms themselves: a field is decoded whole, and each term's
stretch of it is put where the united terms have it. With some 20 bytes for a slot of words decoded, as much for the
result, and places of 8 bytes an occurrence on the way, merging takes about 60 bytes a slot, for one field at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.codec.field import Field
from index.codec.fields import U32, FieldData
from index.codec.stretches import bounds, numbers

Rows = NDArray[np.intp]
"""The rows of a segment that stay, ascending."""


def merged(sources: Sequence[tuple[Field, Rows]]) -> FieldData:
    """The rows that stay of fields, numbered one after the other, as one field; terms without rows are left out.

    At least one field is given; all of them, or none, have positions, and likewise slots and leading terms.
    """
    return _united([_reduced(field.data(), rows) for field, rows in sources])


def _reduced(data: FieldData, rows: Rows) -> FieldData:
    """What a field has in some of its rows, which are numbered anew."""
    if len(rows) == len(data.lengths):
        return data
    becomes = np.full(len(data.lengths), -1, np.int64)
    becomes[rows] = np.arange(len(rows))
    stays = becomes[data.rows] >= 0
    counts = np.diff(np.concatenate([[0], np.cumsum(stays)])[data.offsets])
    standing = np.repeat(stays, data.frequencies) if data.positions is not None else stays
    return FieldData(
        terms=list(compress(data.terms, (counts > 0).tolist())),
        offsets=bounds(counts[counts > 0]),
        rows=becomes[data.rows[stays]].astype(np.uint32),
        frequencies=data.frequencies[stays],
        lengths=data.lengths[rows],
        positions=None if data.positions is None else data.positions[standing],
        extents=None if data.extents is None else data.extents[standing],
        weights=None if data.weights is None else data.weights[stays],
        dense=data.dense,
        leading=None if data.leading is None else data.leading[standing],
    )


def _united(parts: Sequence[FieldData]) -> FieldData:
    """All rows of parts, which are numbered on from one to the next."""
    terms = list(dict.fromkeys(sorted(chain.from_iterable(part.terms for part in parts))))
    known = {term: ordinal for ordinal, term in enumerate(terms)}
    ordinals = [np.fromiter(map(known.__getitem__, part.terms), np.intp, len(part.terms)) for part in parts]
    offsets, places = _places(ordinals, [np.diff(part.offsets) for part in parts], len(terms))
    firsts = bounds(np.array([len(part.lengths) for part in parts])).tolist()
    rows = _put([part.rows + np.uint32(first) for part, first in zip(parts, firsts, strict=False)], places)
    frequencies = _put([part.frequencies for part in parts], places)
    weights = None
    if any(part.weights is not None for part in parts):
        weights = _put([_weights(part) for part in parts], places)
    positions = extents = leading = None
    if parts[0].positions is not None:
        _, places = _places(ordinals, [_occurrences(part) for part in parts], len(terms))
        positions = _put([part.positions for part in parts], places)
        if any(part.extents is not None for part in parts):
            extents = _put([_extents(part) for part in parts], places)
        if parts[0].leading is not None:
            leading = _put([part.leading for part in parts], places)
    lengths = np.concatenate([part.lengths for part in parts])
    dense = any(part.dense for part in parts)
    return FieldData(
        terms, offsets, rows, frequencies, lengths, positions, extents, weights, dense=dense, leading=leading
    )


def _places(
    ordinals: Sequence[NDArray[np.intp]], counts: Sequence[NDArray[np.int64]], terms: int
) -> tuple[NDArray[np.int64], list[NDArray[np.int64]]]:
    """Where each united term's stretch begins, with the end of the last, and where in those each part's items go.

    ``counts`` are the items of each part's terms, ``ordinals`` those terms' among the united.
    """
    totals = np.zeros(terms, np.int64)
    for of_part, count in zip(ordinals, counts, strict=True):
        totals[of_part] += count
    of_terms = bounds(totals)
    free = of_terms[:-1].copy()
    places = []
    for of_part, count in zip(ordinals, counts, strict=True):
        places.append(numbers(free[of_part], count))
        free[of_part] += count
    return of_terms, places


def _put(arrays: Sequence[NDArray[Any] | None], places: Sequence[NDArray[np.int64]]) -> NDArray[Any]:
    """The items of arrays at their places."""
    found = [array for array in arrays if array is not None]
    whole = np.empty(sum(map(len, places)), found[0].dtype)
    for array, of_array in zip(found, places, strict=True):
        whole[of_array] = array
    return whole


def _occurrences(part: FieldData) -> NDArray[np.int64]:
    """How often each term stands anywhere."""
    return np.diff(bounds(part.frequencies)[part.offsets])


def _extents(part: FieldData) -> U32:
    if part.extents is not None:
        return part.extents
    return np.ones(int(part.frequencies.sum(dtype=np.int64)), np.uint32)


def _weights(part: FieldData) -> NDArray[np.float32]:
    return part.frequencies.astype(np.float32) if part.weights is None else part.weights
