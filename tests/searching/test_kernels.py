"""The compiled loops: bit for bit what the plain ones give, and never in the way where they cannot be."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import index
import search
from search.arrays.kernels import PLAIN, Kernels, kernels

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.sampled_from([1, 2, 63, 64, 65, 700])
SHARES = st.sampled_from([0.0, 0.01, 0.1, 0.5, 1.0])


@pytest.fixture(scope="module")
def fast() -> Kernels:
    """The compiled loops."""
    pytest.importorskip("numba", reason="numba is not installed (the extra fast)")
    return kernels(True)


def chosen(chance: np.random.Generator, most: int, share: float) -> NDArray[np.intp]:
    """Rows, ascending."""
    return np.flatnonzero(chance.random(most) < share)


def same(one: Any, other: Any) -> None:
    """Two arrays of the same type and bits."""
    assert one.dtype == other.dtype
    assert one.tobytes() == other.tobytes()


@given(SEEDS, SIZES, SHARES, SHARES, st.sampled_from([np.uint32, np.uint64]))
def test_postings(
    fast: Kernels, seed: int, most: int, share: float, asked: float, kind: type[np.unsignedinteger[Any]]
) -> None:
    chance, shift = np.random.default_rng(seed), kind(5)
    of_code = chance.random(32)
    rows = chosen(chance, most, asked)
    postings = chosen(chance, most, share).astype(kind) << shift
    postings |= chance.integers(0, 32, len(postings)).astype(kind)
    postings.setflags(write=False)
    packed = postings, shift, kind(31)
    same(fast.of_postings(*packed, of_code, rows, most), PLAIN.of_postings(*packed, of_code, rows, most))
    same(fast.has_posting(postings, shift, rows, most), PLAIN.has_posting(postings, shift, rows, most))


@given(SEEDS, SIZES, SHARES, st.integers(1, 255))
def test_columns(fast: Kernels, seed: int, most: int, asked: float, highest: int) -> None:
    chance = np.random.default_rng(seed)
    column, lengths = chance.integers(0, highest, (2, most), endpoint=True).astype(np.uint8)
    column.setflags(write=False)
    of_level, rows = chance.random(1 << 16), chosen(chance, most, asked)
    compiled, plain = (each.of_column(column, lengths, of_level, rows) for each in (fast, PLAIN))
    same(compiled[0], plain[0])
    assert compiled[1] == plain[1]


@given(SEEDS, SIZES, SHARES, SHARES, st.integers(0, 5))
def test_streams(fast: Kernels, seed: int, most: int, asked: float, wanted: float, longest: int) -> None:
    chance = np.random.default_rng(seed)
    firsts = np.concatenate([[0], chance.integers(0, longest, most, endpoint=True).cumsum()]).astype(np.uint32)
    symbols = chance.integers(0, 256, firsts[-1]).astype(np.uint8)
    stream = symbols, firsts, chosen(chance, most, asked), chance.random(256) < wanted
    for one, other in zip(fast.in_stream(*stream), PLAIN.in_stream(*stream), strict=True):
        same(one, other)


@given(SEEDS, SIZES, SHARES, st.sampled_from([np.uint16, np.uint32]))
def test_sums(fast: Kernels, seed: int, most: int, share: float, kind: type[np.unsignedinteger[Any]]) -> None:
    chance = np.random.default_rng(seed)
    rows, points = chosen(chance, most, share), chance.random(most)
    column = chance.integers(0, 256, most).astype(np.uint8)
    exact, whole = chance.random(most), chance.integers(0, 1000, most).astype(kind)
    each: list[Sequence[NDArray[Any]]] = []
    for loops in (fast, PLAIN):
        sums = exact.copy(), whole.copy()
        loops.add(sums[0], rows, points[: len(rows)])
        loops.add(sums[1], rows, (points[: len(rows)] * 50).astype(kind))
        loops.add_column(sums[1], column, kind(7))
        each.append(sums)
    for one, other in zip(*each, strict=True):
        same(one, other)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    index.build([index.Document("a", "題", "政府は輸出規制を強めた。")], tmp_path / "i")
    return tmp_path / "i"


@pytest.mark.parametrize("wish", [None, True])
def test_an_index_is_opened_with_them(fast: Kernels, directory: Path, wish: bool | None) -> None:
    assert kernels(wish) is fast
    with search.open_index(directory, fast=wish) as idx:
        assert [hit.document for hit in idx.search("輸出規制")] == ["a"]


def test_without_numba_nothing_is_compiled(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "search.arrays.fast", raising=False)
    monkeypatch.setitem(sys.modules, "numba", None)
    assert kernels(None) is kernels(False) is PLAIN
    with search.open_index(directory) as idx:
        assert idx.search("輸出規制").total
    with pytest.raises(search.UsageError, match=r"install sakuin\[fast\]"):
        search.open_index(directory, fast=True)
