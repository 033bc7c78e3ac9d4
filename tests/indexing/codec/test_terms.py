"""Terms: ordinals, the hash table and the first term at or after another, against a sorted list."""

from __future__ import annotations

import zlib
from bisect import bisect_left
from collections.abc import Callable
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.codec.container import Container, ContainerWriter
from index.codec.terms import Terms, write_terms
from index.errors import DamagedIndex

Written = Callable[[Callable[[ContainerWriter], object]], Container]
UNSHARED = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])

EDGES = [0, 1, 2, 3, 127, 128, 129, 255, 256, 257]
texts = st.one_of(st.binary(max_size=3), st.text("あいＡ\0\U0010ffff", max_size=4).map(str.encode))


def assert_holds(terms: Terms, given: list[bytes], others: list[bytes]) -> None:
    assert len(terms) == len(given)
    assert list(terms) == given
    assert [terms.term(i) for i in range(len(given))] == given
    assert [terms.find(term) for term in given] == list(range(len(given)))
    for other in others:
        assert terms.find(other) == (given.index(other) if other in given else -1)
        assert terms.at_least(other) == bisect_left(given, other)
    assert terms.problems() == []


@UNSHARED
@given(st.sets(texts, max_size=80), st.lists(texts, max_size=20))
def test_terms_come_back(written: Written, given: set[bytes], others: list[bytes]) -> None:
    terms = sorted(given)
    assert_holds(Terms(written(lambda container: write_terms(container, terms))), terms, others)


@pytest.mark.parametrize("size", [*EDGES, 70_000])
def test_as_many_terms_as_there_may_be(size: int, written: Written) -> None:
    terms = sorted(f"{number * 7919 % 1_000_003}".encode() for number in range(size))
    found = Terms(written(lambda container: write_terms(container, terms)))
    few = terms[:: max(1, size // 500)]
    assert list(found) == terms
    assert [found.term(found.find(term)) for term in few] == few
    assert all(found.find(term + b"x") == -1 for term in few)


def test_terms_of_one_hash_share_its_place_and_those_after(written: Written) -> None:
    # The last place of the table, so that the run goes on behind it.
    homed = [term for term in (str(n).encode() for n in range(3000)) if zlib.crc32(term) * 31 >> 32 == 30][:20]
    terms = sorted(homed)
    container = written(lambda container: write_terms(container, terms))
    assert len(container.array("terms.slots", "u4")) == 30 + 20 + 1
    assert_holds(Terms(container), terms, [b"", b"x"])


def planted(written: Written, slots: list[int], ends: list[int] | None = None, content: bytes = b"abc") -> Terms:
    def write(container: ContainerWriter) -> None:
        container.add("terms.bytes", np.frombuffer(content, np.uint8))
        container.add("terms.ends", np.array([1, 2, 3] if ends is None else ends, np.uint32))
        container.add("terms.slots", np.array(slots, np.uint32))

    return Terms(written(write))


@pytest.mark.parametrize("slots", [[1] * 9, [1] * 100_000, [4] * 9, [2**32 - 1] * 9, [0] * 9])
def test_a_hash_table_that_lies_ends_every_search(slots: list[int], written: Written) -> None:
    terms = planted(written, slots)
    for term in (b"a", b"b", b"c", b"x"):
        with suppress(DamagedIndex):
            assert terms.find(term) in (-1, b"abc".find(term))
    with suppress(DamagedIndex):
        assert terms.problems() or [terms.find(term) for term in terms] == [0, 1, 2]


def test_a_hash_table_without_an_end_takes_no_longer_than_the_terms_order(written: Written) -> None:
    terms = planted(written, [1] * 100_000)
    assert [terms.find(term) for term in (b"a", b"b", b"c", b"x", b"")] == [0, 1, 2, -1, -1]


def test_terms_of_one_hash_without_number_are_found(written: Written) -> None:
    homed = sorted([str(n) for n in range(200_000) if zlib.crc32(str(n).encode()) * 286 >> 32 == 285][:190])
    terms = [term.encode() for term in homed]
    assert_holds(Terms(written(lambda container: write_terms(container, terms))), terms, [b"", b"x", b"00"])


@pytest.mark.parametrize("slots", [[], [0], [0] * 4])
def test_a_hash_table_that_is_too_small_is_damage(slots: list[int], written: Written) -> None:
    with pytest.raises(DamagedIndex, match="too small"):
        planted(written, slots)


@pytest.mark.parametrize("ends", [[3, 2, 1], [1, 1, 1], [1, 2, 2**32 - 1], [2**32 - 1] * 3])
def test_ends_that_lie_are_found_when_all_is_read(ends: list[int], written: Written) -> None:
    terms = planted(written, [1, 2, 3, 0, 0, 0, 0, 0, 0], ends)
    with suppress(DamagedIndex):
        assert terms.problems()
