"""Byte strings in compressed blocks, against a list."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.codec.blobs import Blobs, BlobsWriter
from index.codec.container import Container, ContainerWriter
from index.errors import DamagedIndex

Written = Callable[[Callable[[ContainerWriter], object]], Container]

EDGES = [0, 1, 127, 128, 129, 255, 256, 257]


def of(written: Written, blobs: list[bytes], block: int) -> Blobs:
    def write(container: ContainerWriter) -> None:
        writer = BlobsWriter(block)
        for blob in blobs:
            writer.append(blob)
        writer.write(container, "b")

    return Blobs(written(write), "b")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([*EDGES, 1000]), max_size=300), st.sampled_from([1, 128, 256, 20_000]), st.randoms())
def test_byte_strings_come_back_in_any_order(
    written: Written, sizes: list[int], block: int, chance: random.Random
) -> None:
    given = [chance.randbytes(size) for size in sizes]
    blobs = of(written, given, block)
    assert len(blobs) == len(given)
    for i in chance.sample(range(len(given)), len(given)):
        assert blobs[i] == given[i]
    assert list(blobs) == given
    some = sorted(chance.sample(range(len(given)), chance.randint(0, len(given))))
    assert list(blobs.some(np.array(some, np.intp))) == [given[i] for i in some]
    for beyond in (-1, len(given)):
        with pytest.raises(IndexError):
            blobs[beyond]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.sampled_from([*EDGES, 1000])), max_size=5), st.sampled_from([1, 128, 256]), st.randoms())
def test_many_at_once_are_written_as_one_by_one(
    written: Written, sizes: list[list[int]], block: int, chance: random.Random
) -> None:
    given = [[chance.randbytes(size) for size in together] for together in sizes]

    def at_once(container: ContainerWriter) -> None:
        writer = BlobsWriter(block)
        for blobs in given:
            writer.extend(b"".join(blobs), np.array([len(blob) for blob in blobs], np.int64))
            writer.append(b"between")
        writer.write(container, "b")

    def one_by_one(container: ContainerWriter) -> None:
        writer = BlobsWriter(block)
        for blob in (blob for blobs in given for blob in (*blobs, b"between")):
            writer.append(blob)
        writer.write(container, "b")

    assert written(at_once).file.read_bytes() == written(one_by_one).file.read_bytes()


@pytest.mark.parametrize("size", [(1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5 << 20])
@pytest.mark.parametrize("content", [b"\0", b"ab\xff"])
def test_a_byte_string_of_any_size_comes_back(size: int, content: bytes, written: Written) -> None:
    long = (content * (size // len(content) + 1))[:size]
    blobs = of(written, [b"x", long, b"y"], 16_384)
    assert [blobs[i] for i in range(3)] == [b"x", long, b"y"]


@pytest.mark.parametrize("count", EDGES)
def test_empty_byte_strings_count(count: int, written: Written) -> None:
    blobs = of(written, [b""] * count, 128)
    assert [blobs[i] for i in range(len(blobs))] == [b""] * count


def planted(written: Written, frame: bytes, ends: list[int], firsts: list[int], sizes: list[int]) -> Blobs:
    def write(container: ContainerWriter) -> None:
        container.add("b.blocks", np.frombuffer(frame, np.uint8))
        container.add("b.ends", np.array(ends, np.uint64))
        container.add("b.firsts", np.array(firsts, np.uint32))
        container.add("b.sizes", np.array(sizes, np.uint32))

    return Blobs(written(write), "b")


FRAME = zstandard.ZstdCompressor().compress(b"abcdef")
UNSIZED = zstandard.ZstdCompressor(write_content_size=False).compress(b"abcdef")
BOMB = zstandard.ZstdCompressor().compress(bytes(1 << 30))
UNSIZED_BOMB = zstandard.ZstdCompressor(write_content_size=False).compress(bytes(1 << 28))


def says(size: int) -> bytes:
    """A frame of nothing that says it holds so much."""
    return b"\x28\xb5\x2f\xfd\xe0" + size.to_bytes(8, "little") + b"\1\0\0"


SAYS_MORE = says(1 << 40)
WIDE = b"\x28\xb5\x2f\xfd\x00\x88" + b"\1\0\0"
"""A frame that asks for a window of 128 MB."""
N = len(FRAME)
LIES: dict[str, tuple[bytes, list[int], list[int], list[int]]] = {
    "no frame": (bytes(N), [N], [0, 2], [3, 3]),
    "half a frame": (FRAME, [N - 3], [0, 2], [3, 3]),
    "an end beyond": (FRAME, [2**32], [0, 2], [3, 3]),
    "an end beyond all": (FRAME, [2**64 - 1], [0, 2], [3, 3]),
    "ends that go back": (FRAME, [N, 0], [0, 1, 2], [6, 3]),
    "sizes that are less": (FRAME, [N], [0, 2], [3, 2]),
    "sizes that are more": (FRAME, [N], [0, 2], [3, 4]),
    "sizes that are huge": (FRAME, [N], [0, 2], [2**32 - 1] * 2),
    "no end": (FRAME, [], [0], [3, 3]),
    "firsts beyond": (FRAME, [N], [7, 9], [3, 3]),
    "firsts that go back": (FRAME, [N], [2, 0], [3, 3]),
    "firsts too few": (FRAME, [N], [0], [3, 3]),
    "firsts of too few": (FRAME, [N], [0, 1], [6, 6]),
    "a frame that opens to much": (BOMB, [len(BOMB)], [0, 2], [3, 3]),
    "a frame of unknown size that opens to much": (UNSIZED_BOMB, [len(UNSIZED_BOMB)], [0, 2], [3, 3]),
    "a frame that says it opens to much": (SAYS_MORE, [len(SAYS_MORE)], [0, 2], [3, 3]),
    "one that says so, believed": (SAYS_MORE, [len(SAYS_MORE)], [0, 2], [2**32 - 1] * 2),
    "one that says what its sizes say": (says(2**33 - 2), [len(SAYS_MORE)], [0, 2], [2**32 - 1] * 2),
    "one that says a little more than is opened at once": (says(2**20 + 1), [len(SAYS_MORE)], [0, 1], [2**20 + 1]),
    "one of unknown size, believed": (UNSIZED, [len(UNSIZED)], [0, 2], [2**32 - 1] * 2),
    "one of unknown size that opens to more than is opened at once": (
        UNSIZED_BOMB,
        [len(UNSIZED_BOMB)],
        [0, 1],
        [2**20 + 1],
    ),
    "one that asks for a large window": (WIDE, [len(WIDE)], [0, 1], [2**20 + 1]),
}


def every(blobs: Blobs) -> list[bytes]:
    return [blobs[i] for i in range(len(blobs))]


@pytest.mark.parametrize("lie", LIES)
def test_what_contradicts_itself_is_damage(lie: str, written: Written) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(DamagedIndex, match="is damaged"):
            every(planted(written, *LIES[lie]))
        with pytest.raises(DamagedIndex, match="is damaged"):
            list(planted(written, *LIES[lie]))
        assert tracemalloc.get_traced_memory()[1] < 1 << 25
    finally:
        tracemalloc.stop()


def test_a_frame_of_unknown_size_is_as_good(written: Written) -> None:
    blobs = planted(written, UNSIZED, [len(UNSIZED)], [0, 2], [3, 3])
    assert [blobs[0], blobs[1]] == [b"abc", b"def"]
