"""Which values of a record can be compared, and that a segment's columns hold just those, in as many bytes as told."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import index
from index.codec.container import Container, ContainerWriter
from index.errors import DamagedIndex
from index.model import Document
from index.scalars import LONGEST, Scalar, order, scalars
from index.writers import columns
from index.writers.columns import ColumnsWriter, StoredColumns

numbers = st.integers(-3, 3) | st.sampled_from([0.5, 2.0, 1e300, 2**60, float(2**60), -0.0])
strings = st.sampled_from(["a", "b", "10", "9", "2025-04-01", "規制", "\U00020bb7", "true", ""])
plain = numbers | strings | st.booleans() | st.none()
values = plain | st.lists(plain, max_size=4) | st.just({"a": 1}) | st.just("長" * (LONGEST + 1))
records = st.dictionaries(st.sampled_from(["n", "s", "tags", "path", "", "年"]), values, max_size=4)


@pytest.fixture
def stored(tmp_path: Path) -> Callable[[Sequence[Mapping[str, object]]], StoredColumns]:
    """Writes the columns of records into a file, and opens it."""
    number = count()

    def store(fields: Sequence[Mapping[str, object]]) -> StoredColumns:
        writer = ColumnsWriter()
        for each in fields:
            writer.add(scalars(Document("", "", "", None, each)))
        file = tmp_path / f"{next(number)}.stored"
        with ContainerWriter(file) as container:
            writer.write(container)
        return StoredColumns(Container(file), len(fields))

    return store


def of_document(stored: StoredColumns, name: str, document: int) -> tuple[Scalar, ...]:
    column = stored.column(name)
    if column is None:
        return ()
    return tuple(column.values[code] for code in column.codes[column.starts[document] : column.starts[document + 1]])


def test_what_is_a_scalar() -> None:
    fields = {
        "whole": 2020.0, "list": ["b", 1, None, "a", True, 1.0, ["c"], {"d": 1}, "b"], "null": None, "object": {"a": 1},
        "empty": "", "long": "あ" * (LONGEST + 1), "longest": "あ" * LONGEST, "nan": float("nan"), "no": False,
    }  # fmt: skip
    assert scalars(Document("甲", "題", "本文", None, fields)) == {
        "document": ("甲",),
        "title": ("題",),
        "whole": (2020,),
        "list": (1, "a", "b", True),
        "longest": ("あ" * LONGEST,),
        "no": (False,),
    }
    found = scalars(Document("甲", "題", "", "a.jsonl", {"document": 1, "path": None, "x" * (LONGEST + 1): 1}))
    assert found == {"document": (1,), "title": ("題",)}


def test_numbers_come_before_strings_and_booleans_last() -> None:
    mixed: list[Scalar] = ["10", True, 10, "9", 9.5, False, -1]
    assert sorted(mixed, key=order) == [-1, 9.5, 10, "10", "9", False, True]


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(records, max_size=12), st.sampled_from([0, 1, 40]))
def test_a_column_holds_what_its_documents_have(
    stored: Callable[..., StoredColumns], fields: list[dict[str, object]], empty: int
) -> None:
    """``empty`` documents without any field make columns sparse."""
    fields = [*fields, *({} for _ in range(empty))]
    expected = [scalars(Document("", "", "", None, each)) for each in fields]
    found = stored(fields)
    assert [*found.names] == sorted({name for each in expected for name in each})
    for name in [*found.names, "none"]:
        for document, each in enumerate(expected):
            assert [*map(order, of_document(found, name, document))] == [*map(order, each.get(name, ()))]
    assert list(found.problems(iter(expected))) == []


@pytest.mark.parametrize("distinct", [1, 254, 255, 256, 257, 65_535, 65_536])
def test_codes_are_as_wide_as_they_must_be(distinct: int, stored: Callable[..., StoredColumns]) -> None:
    every = stored([{"n": n} for n in range(distinct)])
    assert [of_document(every, "n", document) for document in (0, distinct - 1)] == [(0,), (distinct - 1,)]
    half = stored([{"n": n} if n % 2 == 0 else {} for n in range(2 * distinct)])
    assert of_document(half, "n", 2 * distinct - 2) == (2 * distinct - 2,)
    assert of_document(half, "n", 2 * distinct - 1) == ()


def sizes(stored: StoredColumns) -> dict[str, int]:
    return dict(stored._container.sizes())


def test_a_column_of_few_values_takes_a_byte_for_each_document(stored: Callable[..., StoredColumns]) -> None:
    found = sizes(stored([{"category": "規制" if n % 3 else "外交"} for n in range(1000)]))
    assert found["columns.1"] == 1000
    assert sum(found.values()) < 1200


def test_many_fields_that_few_documents_have_cost_what_they_hold(stored: Callable[..., StoredColumns]) -> None:
    found = sizes(stored([{f"field {n}": n} for n in range(1000)]))
    assert (found["columns.documents"], found["columns.1"]) == (4000, 1000)
    assert sum(found.values()) < 50_000


def test_long_strings_cost_nothing(stored: Callable[..., StoredColumns]) -> None:
    assert sizes(stored([{"abstract": f"{n}" + "長" * LONGEST} for n in range(1000)])) == sizes(stored([]))


@pytest.mark.parametrize(
    "values",
    [
        b"",
        b"{}",
        b"[1]",
        b"[2,1]",
        b"[1,1]",
        b'[1,"' + b"x" * 300 + b'"]',
        b"[1,null]",
        b"[1,[2]]",
        b"[1,NaN]",
        b"[[[[",
    ],
)
def test_values_that_are_none_are_damage(
    values: bytes, stored: Callable[..., StoredColumns], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Encoder:
        def encode(self, value: object) -> str:
            return values.decode()

    monkeypatch.setattr(columns, "_ENCODER", Encoder())
    found = stored([{"a": 1}, {"a": 2}])
    with pytest.raises(DamagedIndex, match="values of one of its columns"):
        found.column("a")


def test_names_that_are_not_in_order_are_damage(
    stored: Callable[..., StoredColumns], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns, "sorted", lambda names: list(names)[::-1] if len(names) > 1 else names, raising=False)
    with pytest.raises(DamagedIndex, match="names of its columns"):
        stored([{"a": 1, "b": 1}]).column("a")


def test_a_deep_look_finds_columns_that_are_not_what_documents_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from index.verify import verify

    documents = [Document("a", "", "電力。", None, {"年": 2020}), Document("b", "", "会議。", None, {"年": 2021})]
    index.build(documents, tmp_path / "right")
    assert verify(tmp_path / "right", deep=True) == []
    right = ColumnsWriter.add
    for change in ({"年": (7,)}, {"別": (1,)}, {}):
        with monkeypatch.context() as patch:
            patch.setattr(ColumnsWriter, "add", lambda self, _, change=change: right(self, change))
            index.build(documents, tmp_path / "wrong")
        assert verify(tmp_path / "wrong") == []
        assert any("column" in problem for problem in verify(tmp_path / "wrong", deep=True)), json.dumps(change)
