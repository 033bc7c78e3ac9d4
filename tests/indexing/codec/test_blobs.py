"""Byte strings in compressed blocks, against a list."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

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


WORDS = [b"".join(random.Random(i).choices([b"export ", b"control ", b"of chips, "], k=9)) for i in range(400)]


def with_dictionary(container: ContainerWriter, given: list[bytes], *, at_once: bool = False) -> None:
    writer = BlobsWriter(256, 1024)
    if at_once:
        writer.extend(b"".join(given), np.array([len(blob) for blob in given], np.int64))
    else:
        for blob in given:
            writer.append(blob)
    writer.write(container, "b")


def test_a_dictionary_comes_with_enough_to_train_it_on(written: Written) -> None:
    few, many = written(lambda c: with_dictionary(c, WORDS[:100])), written(lambda c: with_dictionary(c, WORDS))
    assert "b.dictionary" not in few
    assert "b.dictionary" in many
    for container, count in ((few, 100), (many, 400)):
        blobs = Blobs(container, "b")
        assert [blobs[i] for i in reversed(range(count))] == WORDS[count - 1 :: -1]
        assert list(blobs) == WORDS[:count]
    at_once = written(lambda c: with_dictionary(c, WORDS, at_once=True))
    assert at_once.file.read_bytes() == many.file.read_bytes()


@pytest.mark.parametrize("size", [1 << 20, (1 << 20) + 1])
def test_a_dictionary_serves_long_byte_strings_too(size: int, written: Written) -> None:
    long = (WORDS[0] * (size // len(WORDS[0]) + 1))[:size]
    blobs = Blobs(written(lambda c: with_dictionary(c, [*WORDS, long, b"x"])), "b")
    assert (blobs[len(WORDS)], blobs[len(WORDS) + 1]) == (long, b"x")


def test_where_nothing_can_be_learnt_there_is_no_dictionary(written: Written) -> None:
    huge = bytes(1 << 16)
    given = [chance.randbytes(8) for chance in map(random.Random, range(4000))] + [huge]
    assert list(Blobs(written(lambda c: with_dictionary(c, given)), "b")) == given


@pytest.mark.parametrize("lie", [b"", b"no dictionary", b"\x37\xa4\x30\xec", b"\x37\xa4\x30\xec" + bytes(300)])
def test_a_dictionary_that_is_none_is_damage(lie: bytes, written: Written) -> None:
    def write(container: ContainerWriter) -> None:
        container.add("b.dictionary", np.frombuffer(lie, np.uint8))
        container.add("b.blocks", np.frombuffer(FRAME, np.uint8))
        container.add("b.ends", np.array([N], np.uint64))
        container.add("b.firsts", np.array([0, 2], np.uint32))
        container.add("b.sizes", np.array([3, 3], np.uint32))

    with pytest.raises(DamagedIndex, match="is damaged"):
        Blobs(written(write), "b")[0]


def test_threads_open_blocks_at_once(written: Written) -> None:
    blobs = Blobs(written(lambda c: with_dictionary(c, WORDS)), "b")
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(blobs.__getitem__, list(range(400)) * 5)) == WORDS * 5


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
