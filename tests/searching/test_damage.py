"""An index in which anything is damaged, or lies: an error that names it and the way out, or the right answer."""

from __future__ import annotations

import json
import random
import shutil
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import index
import search
from index import DamagedIndex, Document, builder
from index import directory as on_disk
from index.analysis import Analyzer
from index.codec.container import BLOCK, Container
from index.codec.fields import Layout
from index.errors import UsageError
from index.verify import verify
from index.writers.embedded import EmbeddedWriter
from search.engines.embedded import EmbeddedEngine

ANALYZER = Analyzer()

DOCUMENTS = [
    Document(
        f"文{n}",
        f"輸出規制{n}",
        f"第{n}回の輸出規制。電力が足りない。東京都の会議。" * (1 + n % 4 * 9),
        None,
        {"番号": n},
    )
    for n in range(12)
]
QUERIES = [
    "輸出規制",
    "電力 会議",
    '"電力が足りない"',
    "京都",
    "輸出 OR 東京都",
    "会議 -電力",
    "第3回",
    "存在しない言葉",
]
LAYOUTS = {"plain": Layout(), "dense": Layout(hot_rows=1)}


@pytest.fixture(scope="module", params=LAYOUTS)
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("damage") / "i"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builder, "EmbeddedWriter", partial(EmbeddedWriter, layout=LAYOUTS[request.param]))
        index.build(DOCUMENTS, directory)
    return directory


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "i"))


def answers(directory: Path) -> Iterator[object]:
    """What an index says to each question."""
    with search.Index(EmbeddedEngine(directory), analyzer=ANALYZER) as idx:
        for query in QUERIES:
            found = idx.search(query, limit=5, explain=True, context=1)
            yield replace(found, took_ms=0)
        for document in DOCUMENTS[::5]:
            yield idx.document(document.id)


def files(directory: Path) -> list[Path]:
    return sorted((directory / "generation-1").iterdir())


@pytest.fixture(scope="module")
def right(whole: Path) -> list[object]:
    return list(answers(whole))


def told(directory: Path, right: list[object]) -> str | None:
    """The error that keeps an index from answering; None where each answer is the right one."""
    found: list[object] = []
    message = None
    try:
        found.extend(answers(directory))  # which keeps those before an error
    except DamagedIndex as error:
        message = str(error)
    assert found == right[: len(found)]
    if message is None:
        assert len(found) == len(right)
    else:
        assert "\n" not in message
        assert "rebuild it with `python -m index build" in message
    return message


def assert_found(directory: Path, file: Path, right: list[object]) -> None:
    """Either right answers or an error that names the file; and ``verify`` names it in any case."""
    message = told(directory, right)
    assert message is None or str(file) in message
    with pytest.raises(DamagedIndex, match=f"{file.name} is "):
        verify(directory)


def test_flipped_bytes(copy: Path, right: list[object]) -> None:
    chance = random.Random(3)
    for file in files(copy):
        content = file.read_bytes()
        for _ in range(4):
            damaged = bytearray(content)
            for _ in range(chance.choice([1, 1, 4])):
                damaged[chance.randrange(len(content))] ^= chance.randrange(1, 256)
            file.write_bytes(damaged)
            assert_found(copy, file, right)
        file.write_bytes(content)
    assert told(copy, right) is None


def test_files_cut_and_emptied_and_gone_and_added(copy: Path, right: list[object]) -> None:
    for file in files(copy):
        content = file.read_bytes()
        for changed in (b"", content[:-1], content[: len(content) // 2], content + b"\0", b"\0" * len(content)):
            file.write_bytes(changed)
            assert_found(copy, file, right)
        file.unlink()
        assert_found(copy, file, right)
        file.write_bytes(content)
        added = file.with_name(file.name + "x")
        added.write_bytes(content)
        assert_found(copy, added, right)
        added.unlink()
    assert told(copy, right) is None


def sign(directory: Path) -> None:
    manifest = on_disk.read_manifest(directory)
    on_disk.switch(directory, replace(manifest, files=on_disk.facts_of(directory / "generation-1")))


def test_swapped_files(copy: Path, right: list[object]) -> None:
    chance = random.Random(4)
    every = [file for file in files(copy) if file.name != "sources.json"]
    for _ in range(12):
        first, second = chance.sample(every, 2)
        contents = first.read_bytes(), second.read_bytes()
        first.write_bytes(contents[1])
        second.write_bytes(contents[0])
        assert told(copy, right) is not None
        with pytest.raises(DamagedIndex):
            verify(copy)
        # The checksums of two fields are both right; that they say what the passages do not, only a deep look tells.
        sign(copy)
        assert verify(copy, deep=True)
        first.write_bytes(contents[0])
        second.write_bytes(contents[1])
        sign(copy)
    assert told(copy, right) is None


# Files whose checksums are right


FOOTER = struct.Struct("<QQII8s")


def rewritten(content: bytes, change: Callable[[dict[str, Any], bytearray], object]) -> bytes:
    """A container after a change to its table or its arrays, with checksums that are right again."""
    start, length, *_ = FOOTER.unpack(content[-FOOTER.size :])
    table = json.loads(content[start : start + length])
    body = bytearray(content[: table["blocks"][1]])
    change(table, body)
    checksums = b"".join(zlib.crc32(body[at : at + BLOCK]).to_bytes(4, "little") for at in range(0, len(body), BLOCK))
    table["blocks"] = [len(checksums) // 4, len(body), zlib.crc32(checksums)]
    raw = json.dumps(table).encode()
    return (
        bytes(body)
        + checksums
        + raw
        + FOOTER.pack(len(body) + len(checksums), len(raw), zlib.crc32(raw), 0, b"SAKUIN\r\n")
    )


LIES = 5
"""So many of each file are tried."""


def lies(content: bytes, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Every array of a container with values that are not its own, and every fact."""
    start, length, *_ = FOOTER.unpack(content[-FOOTER.size :])
    table = json.loads(content[start : start + length])
    for name, (dtype, items, offset) in table["arrays"].items():
        width = np.dtype(dtype).itemsize
        for value in (0, 1, (1 << 8 * width - 1) - 1, (1 << 8 * width) - 1):
            for places in ([*range(items)], [0], [items - 1], [chance.randrange(max(1, items))]):
                if items:
                    yield f"{name} = {value}", rewritten(content, partial(put, offset, width, places, value))
        yield f"{name} at random", rewritten(content, partial(shuffle, offset, width * items, chance.randrange(99)))
        yield f"{name} gone", rewritten(content, partial(enter, "arrays", name, None))
        for size in (0, items // 2):
            yield f"{name} cut", rewritten(content, partial(enter, "arrays", name, [dtype, size, offset]))
        for other in ("u1", "u8", "f4"):
            size = items * width // np.dtype(other).itemsize
            yield f"{name} as {other}", rewritten(content, partial(enter, "arrays", name, [other, size, offset]))
    for fact in table["facts"]:
        for lie in (None, -1, 0, 1, 31, 32, 33, 2**40, "1", [1], 1.5, True):
            yield f"{fact} = {lie!r}", rewritten(content, partial(enter, "facts", fact, lie))


def put(offset: int, width: int, places: list[int], value: int, _: dict[str, Any], body: bytearray) -> None:
    for place in places:
        body[offset + place * width : offset + (place + 1) * width] = value.to_bytes(width, "little")


def shuffle(offset: int, size: int, seed: int, _: dict[str, Any], body: bytearray) -> None:
    body[offset : offset + size] = random.Random(seed).randbytes(size)


def enter(part: str, name: str, value: object, table: dict[str, Any], _: bytearray) -> None:
    table[part][name] = value
    if value is None:
        del table[part][name]


def test_the_rewriting_of_these_tests_is_sound(copy: Path, right: list[object]) -> None:
    for file in files(copy):
        if file.suffix != ".json":
            file.write_bytes(rewritten(file.read_bytes(), lambda table, body: None))
            Container(file)
    sign(copy)
    assert told(copy, right) is None
    assert verify(copy, deep=True) == []


def test_lies_under_right_checksums_are_damage_or_another_answer_and_nothing_else(copy: Path) -> None:
    """No other exception, no endless loop, no memory without bounds; what the search believes, a deep look tells."""
    chance = random.Random(5)
    for file in files(copy):
        if file.suffix == ".json":
            continue
        content = file.read_bytes()
        every = list(lies(content, chance))
        for lie, changed in chance.sample(every, min(len(every), LIES)):
            file.write_bytes(changed)
            sign(copy)
            try:
                list(answers(copy))
            except (DamagedIndex, UsageError):
                pass  # no such document
            except Exception as error:
                raise AssertionError(f"{file.name}: {lie}") from error
            verify(copy, deep=True)
        file.write_bytes(content)
    sign(copy)
    assert verify(copy, deep=True) == []
