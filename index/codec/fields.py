"""What a field of a segment is, as arrays: what its writer is given, before any packing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

U32 = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class FieldData:
    """The postings of a field: rows (documents to Whoosh, passages to us) in order for each term in order.

    ``terms`` are sorted by their bytes; term i's postings are ``offsets[i]`` to ``offsets[i + 1]`` of ``rows`` and
    ``frequencies``; ``positions`` has the positions of one posting after the other, as many as their frequencies, and
    ``extents`` how many slots each takes (None where all take one). ``lengths`` has the length of every row.
    ``leading`` tells of each position whether the term is the first of its slot's terms; None where nothing is known.
    ``weights`` is given where a posting's weight is not its frequency. ``dense`` tells that positions are slots, from 0
    to the row's length.
    """

    terms: Sequence[bytes]
    offsets: NDArray[np.int64]
    rows: U32
    frequencies: U32
    lengths: U32
    positions: U32 | None = None
    extents: U32 | None = None
    weights: NDArray[np.float32] | None = None
    dense: bool = False
    leading: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """When a structure that costs room is made: bounds that tests lower.

    A term in one of ``hot_share`` rows or more gets a column if there are ``hot_rows`` rows or more; with as many
    slots, the most frequent terms get the stream, and the most frequent of those hot pairs. A term in ``champion_rows``
    rows or more gets champions if there are as many of them.
    """

    hot_share: int = 16
    hot_rows: int = 1_024
    champion_rows: int = 64


K1 = 1.2
B = 0.75
"""Of the BM25 by whose scores codes and levels are ordered. They only order: a score is made when it is asked for."""


def impact(frequency: NDArray[np.float64], length: NDArray[np.float64], average: float) -> NDArray[np.float64]:
    """BM25 without its idf, step by step as ``search.ranking`` computes it: orders are the same to the bit."""
    return frequency * (K1 + 1) / (frequency + K1 * (1 - B + B * (length / max(average, 1.0))))
