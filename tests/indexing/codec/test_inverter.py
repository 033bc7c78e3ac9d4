"""Slots → postings, against a loop over the slots."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.codec.inverter import Vocabulary, Word, invert

Row = Sequence[Word]

terms = st.sampled_from(["あ", "い", "輸出", "規制", "輸出規制", "a", "\U00020bb7", "b\0"])
words = st.tuples(
    st.lists(terms, max_size=3, unique=True).map(tuple), st.lists(terms, max_size=2, unique=True).map(tuple)
)
segments = st.lists(st.lists(st.lists(words, max_size=8), max_size=4), max_size=3)


def plain(rows: Sequence[Row]) -> dict[bytes, dict[int, dict[int, int]]]:
    """How many slots each term takes, by row and position: to its last end up to the slot of its next start."""
    found: dict[bytes, dict[int, dict[int, int]]] = {}
    for number, row in enumerate(rows):
        for term in {term for starting, _ in row for term in starting}:
            starts = [slot for slot, (starting, _) in enumerate(row) if term in starting]
            of_row = found.setdefault(term.encode(), {})[number] = {}
            for start, next_start in zip(starts, [*starts[1:], len(row) - 1], strict=True):
                # One that ends where it starts is no long unit: the end is that of the one before.
                ends = [slot for slot in range(start + 1, next_start + 1) if term in row[slot][1]]
                of_row[start] = max(ends, default=start) - start + 1
    return found


@settings(max_examples=150)
@given(segments, st.booleans())
def test_postings_are_those_of_a_loop(batches: list[list[Row]], grows: bool) -> None:
    vocabulary = Vocabulary()
    known: list[Word] = []
    each = []
    for batch in batches:
        words = [word for row in batch for word in row]
        known = known if grows else []
        known += dict.fromkeys(word for word in words if word not in known)
        each.append(vocabulary.numbers(known, places([known.index(word) for word in words])))
    rows = [row for batch in batches for row in batch]
    counts = np.array([len(row) for row in rows], np.uint32)
    data = invert(np.concatenate([np.empty(0, np.uint32), *each]), counts, vocabulary)
    expected = plain(rows)
    assert list(data.terms) == sorted(expected)
    assert data.lengths.tolist() == counts.tolist()
    assert data.dense
    assert data.positions is not None
    assert data.leading is not None
    place = 0
    for term, start, end in zip(data.terms, data.offsets[:-1], data.offsets[1:], strict=True):
        assert data.rows[start:end].tolist() == sorted(expected[term])
        for row, frequency in zip(data.rows[start:end].tolist(), data.frequencies[start:end].tolist(), strict=True):
            extents = [1] * frequency if data.extents is None else data.extents[place : place + frequency].tolist()
            positions = data.positions[place : place + frequency].tolist()
            assert dict(zip(positions, extents, strict=True)) == expected[term][row]
            first = [rows[row][position][0][0].encode() == term for position in positions]
            assert data.leading[place : place + frequency].tolist() == first
            place += frequency
    assert place == len(data.positions)


def places(of: list[int]) -> NDArray[np.uint32]:
    return np.array(of, np.uint32)


def test_words_keep_their_numbers_from_list_to_list() -> None:
    vocabulary = Vocabulary()
    first, second, third = (("あ",), ()), (("い",), ("輸出",)), (("あ", "い"), ())
    words = [third, first, second]
    assert vocabulary.numbers(words, places([1, 2, 1])).tolist() == [0, 1, 0]
    assert vocabulary.numbers([(("い",), ("輸出",)), third], places([1, 0])).tolist() == [2, 1]
    words.append((("う",), ()))
    assert vocabulary.numbers(words, places([3, 0])).tolist() == [3, 2]
    assert len(vocabulary) == 4


def test_words_of_one_field_make_no_terms_in_another() -> None:
    vocabulary = Vocabulary()
    numbers = vocabulary.numbers([(("あ",), ()), (("い",), ("あ",))], places([0, 1]))
    of_title = invert(numbers[:1], np.array([1], np.uint32), vocabulary)
    of_body = invert(numbers[1:], np.array([1], np.uint32), vocabulary)
    assert (list(of_title.terms), list(of_body.terms)) == (["あ".encode()], ["い".encode()])
