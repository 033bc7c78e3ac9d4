"""LEB128 and lengths in one byte, against plain loops."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.codec import varints
from index.codec.lengths import LENGTHS, rounded, to_bytes

EDGES = [edge + step for bits in (0, 7, 14, 21, 28, 32) for edge in [1 << bits] for step in (-1, 0, 1)]
numbers = st.one_of(st.sampled_from([edge for edge in EDGES if edge < 1 << 32]), st.integers(0, (1 << 32) - 1))


def plain(value: int) -> list[int]:
    found = []
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return [*found, value]


@given(st.one_of(st.lists(numbers), st.lists(st.integers(0, 127))))
def test_values_come_back(values: list[int]) -> None:
    encoded, starts = varints.encode(np.array(values, np.uint32))
    assert encoded.tolist() == [byte for value in values for byte in plain(value)]
    assert starts.tolist() == [len(varints.encode(np.array(values[:i], np.uint32))[0]) for i in range(len(values) + 1)]
    assert varints.decode(encoded).tolist() == values


@given(st.binary())
def test_any_bytes_are_read_without_an_error(raw: bytes) -> None:
    values = varints.decode(np.frombuffer(raw, np.uint8))
    assert len(values) == sum(byte < 0x80 for byte in raw)


def test_a_length_is_rounded_down_to_one_of_256_and_by_six_in_a_hundred_at_most() -> None:
    lengths = np.arange(int(LENGTHS[-1]) + 10, dtype=np.uint32)
    short = LENGTHS[to_bytes(lengths)]
    assert short[:129].tolist() == list(range(129))
    assert (np.diff(LENGTHS.astype(np.int64)) > 0).all()
    assert (short <= lengths).all()
    assert (short[: LENGTHS[-1]] >= lengths[: LENGTHS[-1]] * 0.94).all()
    assert [rounded(length) for length in (0, 127, 128, 129, 136, 10**9)] == [0, 127, 128, 128, 135, int(LENGTHS[-1])]
    assert all(rounded(length) == short[length] for length in range(0, len(lengths), 97))
