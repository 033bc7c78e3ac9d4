"""An index in which anything is damaged, or lies: an error that names it and the way out, or the right answer."""

from __future__ import annotations

import json
import random
import shutil
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
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
from index.codec.container import Container
from index.codec.fields import Layout
from index.codec.mapped import BLOCK
from index.errors import UsageError
from index.verify import verify
from index.whoosh_api import analysis, columns, fields, query
from index.writers.embedded import EmbeddedWriter
from search.arrays.kernels import kernels
from search.engines.embedded import EmbeddedEngine

ANALYZER = Analyzer()
LOOPS = kernels(None)
"""Compiled ones check no bounds, so they are tried where there are any."""

DOCUMENTS = [
    Document(
        f"文{n}",
        f"輸出規制{n}",
        f"第{n}回の輸出規制。電力が足りない。東京都の会議。" * (1 + n % 4 * 9),
        None,
        {"番号": n, "札": [f"甲{n % 3}", n % 2 == 0], **({"稀": n} if n == 5 else {})},
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
LAYOUTS = {"plain": Layout(), "dense": Layout(hot_rows=1, champion_rows=16)}


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
    with search.Index(EmbeddedEngine(directory, LOOPS), analyzer=ANALYZER) as idx:
        for query in QUERIES:
            found = idx.search(query, limit=5, explain=True, context=1)
            yield replace(found, took_ms=0)
        for field in ("番号", "札", "稀", "title"):
            found = idx.search(
                "輸出規制", limit=5, filters=[f"{field}=..", "番号=2..9"], sort=f"-{field}", facets=[field]
            )
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
    folder = on_disk.generation_folder(directory, manifest.generation)
    on_disk.switch(directory, replace(manifest, files=on_disk.facts_of(folder)))


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


def table(content: bytes) -> dict[str, Any]:
    """The table of a container."""
    start, length, *_ = FOOTER.unpack(content[-FOOTER.size :])
    found: dict[str, Any] = json.loads(content[start : start + length])
    return found


def rewritten(content: bytes, change: Callable[[dict[str, Any], bytearray], object]) -> bytes:
    """A container after a change to its table or its arrays, with checksums that are right again."""
    changed = table(content)
    body = bytearray(content[: changed["blocks"][1]])
    change(changed, body)
    checksums = b"".join(zlib.crc32(body[at : at + BLOCK]).to_bytes(4, "little") for at in range(0, len(body), BLOCK))
    changed["blocks"] = [len(checksums) // 4, len(body), zlib.crc32(checksums)]
    raw = json.dumps(changed).encode()
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
    for name, (dtype, items, offset) in table(content)["arrays"].items():
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
    for fact in table(content)["facts"]:
        for lie in (None, -1, 0, 1, 31, 32, 33, 2**40, "1", [1], 1.5, True):
            yield f"{fact} = {lie!r}", rewritten(content, partial(enter, "facts", fact, lie))


def as_others(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Every array of a container as another type, with as many bytes and, where they are there, with as many items."""
    for name, (dtype, items, offset) in table(content)["arrays"].items():
        width = np.dtype(dtype).itemsize
        for other in OTHERS[dtype]:
            for size in {items * width // np.dtype(other).itemsize, items if other < dtype else 0} - {0}:
                lie = f"{name} as {size} {other}"
                yield lie, rewritten(content, partial(enter, "arrays", name, [other, size, offset]))


OTHERS = {
    "u1": ["u2"],
    "u2": ["u1"],
    "u4": ["f4", "u1"],
    "u8": ["f8", "i8", "u4"],
    "i8": ["u8", "f8"],
    "f4": ["u4"],
    "f8": ["i8"],
}


def put(offset: int, width: int, places: list[int], value: int, _: dict[str, Any], body: bytearray) -> None:
    for place in places:
        body[offset + place * width : offset + (place + 1) * width] = value.to_bytes(width, "little")


def shuffle(offset: int, size: int, seed: int, _: dict[str, Any], body: bytearray) -> None:
    body[offset : offset + size] = random.Random(seed).randbytes(size)


def enter(part: str, name: str, value: object, changed: dict[str, Any], _: bytearray) -> None:
    changed[part][name] = value
    if value is None:
        del changed[part][name]


def test_the_rewriting_of_these_tests_is_sound(copy: Path, right: list[object]) -> None:
    for file in files(copy):
        if file.suffix != ".json":
            file.write_bytes(rewritten(file.read_bytes(), lambda changed, body: None))
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


def test_an_array_of_another_type_is_damage(copy: Path, right: list[object]) -> None:
    """Or one that no question reads: those get the right answers."""
    for file in files(copy):
        if file.suffix == ".json":
            continue
        content = file.read_bytes()
        unread = set()
        for lie, changed in as_others(content):
            file.write_bytes(changed)
            sign(copy)
            message = told(copy, right)
            assert message is None or (str(file) in message and ("has" in message or "contradict" in message)), lie
            unread |= {lie.split()[0]} if message is None else set()
        if file.name == "1-2.field":
            positions = {f"positions.{width}" for width in (1, 2, 4, "pairs")}
            assert unread <= positions
        file.write_bytes(content)
    sign(copy)
    assert told(copy, right) is None


@pytest.mark.parametrize("more", [1, 1000, 2**31 - 1])
def test_rows_that_no_file_has_are_damage_before_anything_is_made_of_them(more: int, copy: Path) -> None:
    file = copy / "generation-1" / "contents.json"
    contents = json.loads(file.read_bytes())
    rows = contents["segments"][0]["rows"]
    contents["segments"][0]["rows"] = max(rows + more, more)
    file.write_text(json.dumps(contents), encoding="ascii")
    sign(copy)
    manifest = on_disk.read_manifest(copy)
    on_disk.switch(copy, replace(manifest, passages=contents["segments"][0]["rows"]))
    for asked in ["電力", "輸出規制 は", "は", '"。"', "-電力 は", "存在しない言葉"]:
        with (
            pytest.raises((DamagedIndex, UsageError)),
            search.Index(EmbeddedEngine(copy, LOOPS), analyzer=ANALYZER) as idx,
        ):
            idx.search(asked)
    with pytest.raises(DamagedIndex):
        list(index.open_whoosh(copy).searcher().documents())


# The same through Whoosh


def schema() -> Any:
    return fields.Schema(
        id=fields.ID(stored=True, sortable=True),
        body=fields.TEXT(analyzer=analysis.SpaceSeparatedTokenizer(), stored=True),
        count=fields.NUMERIC(stored=True, sortable=True),
        size=fields.NUMERIC(float, sortable=True),
        when=fields.DATETIME(stored=True, sortable=True),
        bit=fields.COLUMN(columns.BitColumn()),
    )


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """An index of a schema of its own, with every kind of column."""
    writer = index.create_whoosh(tmp_path / "own", schema()).writer()
    for n in range(30):
        when = datetime(2020, 1, 1 + n)
        body = f"all w{n} " + "all " * (n % 3)
        writer.add_document(id=f"文{n}", body=body, count=n, size=n / 4, when=when, bit=n % 2 == 0)
    writer.commit()
    return tmp_path / "own"


def whoosh_answers(directory: Path) -> Iterator[object]:
    """What Whoosh's readers and searchers say."""
    with index.open_whoosh(directory).searcher() as searcher:
        reader = searcher.reader()
        for name, field in reader.schema.items():
            if field.indexed and name not in ("when", "size"):  # whose coarser terms Whoosh itself misreads
                yield list(reader.field_terms(name))
            if field.column_type:
                column = reader.column_reader(name)
                yield [(column[row], column.sort_key(row)) for row in range(reader.doc_count_all())]
                found = searcher.search(query.Every(), sortedby=name, limit=9)
                yield [hit.docnum for hit in found]
        yield [(term, info.weight(), info.doc_frequency(), info.min_id(), info.max_length()) for term, info in reader]
        for asked in (query.Term("body", "all"), query.Prefix("body", "w1"), query.Phrase("body", ["all", "w3"])):
            found = searcher.search(asked, limit=9, terms=True)
            yield [(hit.docnum, hit.score, hit.fields(), hit.highlights("body")) for hit in found]


def test_arrays_of_another_type_and_lies_are_damage_to_whoosh_or_another_answer(own: Path) -> None:
    right = list(whoosh_answers(own))
    chance = random.Random(6)
    for file in sorted(next(own.glob("generation-*")).iterdir()):
        if file.suffix == ".json":
            continue
        content = file.read_bytes()
        types = list(as_others(content))
        every = list(lies(content, chance))
        for lie, changed in [*types, *chance.sample(every, min(len(every), 4 * LIES))]:
            file.write_bytes(changed)
            sign(own)
            try:
                found = list(whoosh_answers(own))
            except DamagedIndex as error:
                assert "rebuild it with `python -m index build" in str(error)  # noqa: PT017 - as often as not
            except Exception as error:
                raise AssertionError(f"{file.name}: {lie}") from error
            else:
                assert found == right or (lie, changed) not in types, lie
        file.write_bytes(content)
    sign(own)
    assert list(whoosh_answers(own)) == right


def test_a_column_or_a_term_that_is_no_value_of_its_field_is_damage_to_whoosh(own: Path) -> None:
    file = next(own.glob("generation-*/*.stored"))
    names = index.open_whoosh(own).storage.contents.fields
    content = file.read_bytes()
    _, items, offset = table(content)["arrays"][f"column.{names.index('when')}"]
    file.write_bytes(rewritten(content, partial(put, offset, 8, [*range(items)], (1 << 63) - 1)))
    sign(own)
    with pytest.raises(DamagedIndex, match="is no value of when"):
        list(whoosh_answers(own))
    file.write_bytes(content)
    file = file.with_name(f"{file.stem}-{names.index('id')}.field")
    content = file.read_bytes()
    _, items, offset = table(content)["arrays"]["terms.bytes"]
    file.write_bytes(rewritten(content, partial(put, offset, 1, [*range(items)], 255)))
    sign(own)
    with pytest.raises(DamagedIndex, match="is no value of id"):
        list(whoosh_answers(own))
