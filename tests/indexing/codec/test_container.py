"""Files of arrays: what was written comes back, and what was not written so is damage."""

from __future__ import annotations

import json
import random
import struct
import sys
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.codec.container import Container, ContainerWriter
from index.codec.mapped import BLOCK, Array
from index.errors import DamagedIndex, DirectoryError

Written = Callable[[Callable[[ContainerWriter], object]], Container]

DTYPES = ("u1", "u2", "u4", "u8", "i8", "f4", "f8")
EDGES = [0, 1, 2, 63, 64, 65, 127, 128, 129, 255, 256, 257, BLOCK - 17, BLOCK - 16, BLOCK - 15, BLOCK, 2 * BLOCK + 1]
FOOTER = struct.Struct("<QQII8s")


def filled(dtype: str, items: int, seed: int) -> np.ndarray:
    raw = np.random.default_rng(seed).integers(0, 120, items * np.dtype(dtype).itemsize, np.uint8)
    return raw.view(f"<{dtype}")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from(DTYPES), st.sampled_from(EDGES)), max_size=5),
    st.integers(1, 3),
    st.integers(0, 2**32),
)
def test_arrays_come_back(written: Written, shapes: list[tuple[str, int]], pieces: int, seed: int) -> None:
    arrays = {f"a{i}": filled(dtype, items, seed + i) for i, (dtype, items) in enumerate(shapes)}

    def write(container: ContainerWriter) -> None:
        for name, array in arrays.items():
            container.begin(name, array.dtype)
            for piece in np.array_split(array, pieces):
                container.extend(piece)
        container.facts["seed"] = seed

    container = written(write)
    assert container.facts == {"seed": seed}
    assert dict(container.sizes()) == {name: array.nbytes for name, array in arrays.items()}
    chance = random.Random(seed)
    for name, array in arrays.items():
        found = container.array(name, array.dtype.str[1:])
        assert found is container.get(name, array.dtype.str[1:])
        assert found.values.dtype == array.dtype
        assert len(found) == len(array)
        start, end = sorted(chance.randrange(len(array) + 1) for _ in range(2))
        assert found.part(start, end).tobytes() == array[start:end].tobytes()
        if len(array):
            assert np.asarray(found.at(start % len(array))).tobytes() == array[start % len(array)].tobytes()
        assert found.all().tobytes() == array.tobytes()


def four(container: ContainerWriter) -> None:
    for items, name in enumerate("abcd"):
        container.add(name, np.arange(items, dtype=np.uint32))


def test_arrays_are_aligned_and_known_by_name(written: Written) -> None:
    container = written(four)
    assert all(container.array(name, "u4").values.ctypes.data % 64 == 0 for name in "bcd")
    assert "a" in container
    assert "x" not in container
    assert container.get("x", "u4") is None
    with pytest.raises(DamagedIndex, match=r"\(it lacks 'x'\): rebuild"):
        container.array("x", "u4")


def test_an_array_of_another_type_than_its_reader_takes_is_damage(written: Written) -> None:
    container = written(four)
    for ask in (container.array, container.get):
        for other in {*DTYPES} - {"u4"}:
            with pytest.raises(DamagedIndex, match=rf"\(its b has u4, not {other}\): rebuild"):
                ask("b", other)
    assert container.array("b", "u4").all().tolist() == [0]


def test_a_writer_refuses_what_would_not_come_back(tmp_path: Path) -> None:
    with ContainerWriter(tmp_path / "file") as container:
        container.add("a", np.arange(3, dtype=np.uint32))
        with pytest.raises(ValueError, match="an array a already"):
            container.add("a", np.arange(3, dtype=np.uint32))
        with pytest.raises(TypeError, match="a has u4, not uint8"):
            container.extend(np.arange(3, dtype=np.uint8))
        with pytest.raises(KeyError):
            container.add("b", np.arange(3, dtype=np.int16))
    with pytest.raises(FileExistsError):
        ContainerWriter(tmp_path / "file")
    assert Container(tmp_path / "file").array("a", "u4").all().tolist() == [0, 1, 2]


def test_a_file_that_an_error_stopped_is_none(tmp_path: Path) -> None:
    def stopped() -> None:
        with ContainerWriter(tmp_path / "file") as container:
            container.add("a", np.zeros(1000, np.uint8))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    with pytest.raises(DamagedIndex, match="its end is not as it was written"):
        Container(tmp_path / "file")


@pytest.fixture(scope="module")
def blocks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of several blocks: two arrays, the second beginning in the block where the first ends."""
    file = tmp_path_factory.mktemp("container") / "file"
    with ContainerWriter(file) as container:
        container.add("a", filled("u1", 2 * BLOCK, 1))
        container.add("b", filled("u4", BLOCK, 2))
        container.facts["n"] = 3
    return file


def of_blocks(file: Path, name: str) -> Array:
    return Container(file).array(name, {"a": "u1", "b": "u4"}[name])


READ: list[Callable[[Array], np.ndarray]] = [
    lambda array: array.all(),
    lambda array: array.part(0, len(array)),
    lambda array: np.array([array.at(i) for i in range(len(array))]),
]


@pytest.mark.parametrize("read", READ, ids=["all", "part", "at"])
def test_a_flipped_bit_is_found_when_it_is_touched_and_only_then(read: Any, blocks: Path, tmp_path: Path) -> None:
    content = blocks.read_bytes()
    arrays = {name: of_blocks(blocks, name).all().copy() for name in "ab"}
    chance = random.Random(7)
    ends = [0, 15, 16, 64, len(content) - 1, len(content) - 8, len(content) - 32, len(content) - 33]
    for at in ends + [chance.randrange(len(content)) for _ in range(8)]:
        damaged = bytearray(content)
        damaged[at] ^= 1 << chance.randrange(8)
        (tmp_path / "file").write_bytes(damaged)
        told = 0
        for name, array in arrays.items():
            message = ""
            try:
                assert read(of_blocks(tmp_path / "file", name)).tolist() == array.tolist()
            except DamagedIndex as error:
                message = str(error)
                told += 1
            assert not message or (f"{tmp_path / 'file'} is damaged (" in message and "rebuild the index" in message)
        # What lies between the arrays is under the checksum of the block that one of them is in.
        assert told


def test_a_block_is_checked_once(blocks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    array = of_blocks(blocks, "a")
    array.part(0, 10)
    monkeypatch.setattr(zlib, "crc32", None)
    array.part(5, BLOCK - 64)
    array.at(3)
    with pytest.raises(TypeError):
        array.all()


def test_every_truncation_is_found(tmp_path: Path) -> None:
    with ContainerWriter(tmp_path / "file") as writer:
        writer.add("a", np.arange(40, dtype=np.uint32))
    content = (tmp_path / "file").read_bytes()
    for cut in [content[:end] for end in range(len(content))] + [content + b"\0", content + content]:
        (tmp_path / "cut").write_bytes(cut)
        with pytest.raises(DamagedIndex, match="is damaged"):
            Container(tmp_path / "cut")


def test_what_cannot_be_opened_is_told_and_what_is_gone_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):  # which tells a reader to look for a newer generation
        Container(tmp_path / "file")
    (tmp_path / "file").mkdir()
    with pytest.raises(DirectoryError, match=r"file cannot be opened \(Is a directory\): see its permissions"):
        Container(tmp_path / "file")


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs Linux")
def test_a_mapping_keeps_one_descriptor_at_most_and_none_once_it_is_gone(blocks: Path) -> None:
    def used() -> int:
        return sum(1 for _ in Path("/proc/self/fd").iterdir())

    before = used()
    containers = [Container(blocks) for _ in range(20)]
    assert used() - before == (0 if sys.version_info >= (3, 13) else 20)
    arrays = [container.array("a", "u1").all() for container in containers]
    del containers
    assert all(len(array) == 2 * BLOCK for array in arrays)
    del arrays
    assert used() == before


def test_a_table_of_any_length_is_read(written: Written) -> None:
    for count in (1, 40, 60, 80, 200, 2_000):
        facts = {f"fact {n}": n for n in range(count)}
        container = written(lambda container, facts=facts: container.facts.update(facts))  # type: ignore[misc]
        assert container.facts == facts


def test_another_version_is_told(blocks: Path, tmp_path: Path) -> None:
    content = blocks.read_bytes()
    (tmp_path / "file").write_bytes(content[:8] + b"\2" + content[9:])
    with pytest.raises(DamagedIndex, match="it has version 2, this program reads 1"):
        Container(tmp_path / "file", "rebuild it")


def lying(file: Path, to: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Writes a file whose table was changed, with a checksum that is right."""
    content = file.read_bytes()
    start, length, *_ = FOOTER.unpack(content[-FOOTER.size :])
    table = json.loads(content[start : start + length])
    changed = change(table)
    raw = changed if isinstance(changed, bytes) else json.dumps(table).encode()
    to.write_bytes(content[:start] + raw + FOOTER.pack(start, len(raw), zlib.crc32(raw), 0, b"SAKUIN\r\n"))


def put(path: tuple[str, ...], place: int, value: Any, table: dict[str, Any]) -> None:
    part: Any = table
    for name in path:
        part = part[name]
    part[place] = value


HUGE: list[Any] = [-1, -64, 2**31, 2**32, 2**63, 2**64, 10**30, True, 1.0, 1e300, None, "64", [64], {}]
LIES: dict[str, Callable[[dict[str, Any]], object]] = {
    "an unknown type": lambda table: table["arrays"]["a"].__setitem__(0, "O"),
    "a type in a list": lambda table: table["arrays"]["a"].__setitem__(0, ["u1"]),
    "a place of two": lambda table: table["arrays"]["a"].pop(),
    "a place of four": lambda table: table["arrays"]["a"].append(1),
    "a place in words": lambda table: table["arrays"].update(a="u1 1 64"),
    "one item more than there are bytes": lambda table: table["arrays"]["b"].__setitem__(1, 10**6),
    "not at a multiple": lambda table: table["arrays"]["a"].__setitem__(2, 65),
    "in the header": lambda table: table["arrays"]["a"].__setitem__(2, 0),
    "arrays in a list": lambda table: table.update(arrays=[]),
    "no arrays": lambda table: table.pop("arrays"),
    "no facts": lambda table: table.pop("facts"),
    "facts in a number": lambda table: table.update(facts=1),
    "no blocks": lambda table: table.pop("blocks"),
    "two blocks": lambda table: table["blocks"].pop(),
    "blocks in words": lambda table: table.update(blocks="abc"),
    "no object": lambda _: b"[1]",
    "a number": lambda _: b"1",
    "a number too long": lambda _: b"9" * 5000,
    "deep": lambda _: b"[" * 100_000,
    "no JSON": lambda _: b"{",
    "no text": lambda _: b"\xff\xfe",
    "nothing": lambda _: b"",
}
for number in HUGE:
    for i in (1, 2):
        LIES[f"{number} in a place, {i}"] = partial(put, ("arrays", "a"), i, number)
    for i in range(3):
        LIES[f"{number} in the blocks, {i}"] = partial(put, ("blocks",), i, number)


@pytest.mark.parametrize("lie", LIES)
def test_a_table_that_lies_under_a_right_checksum_is_damage(lie: str, blocks: Path, tmp_path: Path) -> None:
    lying(blocks, tmp_path / "file", LIES[lie])
    container = Container(tmp_path / "file")
    for ask in (lambda: "a" in container, lambda: container.facts, lambda: container.array("a", "u1")):
        with pytest.raises(DamagedIndex, match="is damaged"):
            ask()


@pytest.mark.parametrize("start", [0, 16, 2**32, 2**63, 2**64 - 1])
def test_a_footer_that_leads_elsewhere_is_damage(start: int, blocks: Path, tmp_path: Path) -> None:
    content = blocks.read_bytes()
    for length in (0, 1, len(content), 2**63, (len(content) - start - FOOTER.size) % 2**64):
        (tmp_path / "file").write_bytes(
            content[: -FOOTER.size] + FOOTER.pack(start, length, zlib.crc32(b""), 0, b"SAKUIN\r\n")
        )
        with pytest.raises(DamagedIndex, match="is damaged"):
            Container(tmp_path / "file")
