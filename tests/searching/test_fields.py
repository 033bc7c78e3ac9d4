"""What a filter, an order and a count say of a document's fields; the columns say the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import index
import search
from index import Document
from index.errors import UsageError
from index.scalars import Scalar, order, scalar
from index.verify import verify
from search.engines.columns import spans
from search.engines.embedded import EmbeddedEngine
from search.fields import Filter, Sort, counted, filters_of, meets, number, passes, ranks, sort_of

numbers = st.integers(-30, 30) | st.floats(-30, 30) | st.sampled_from([2**60, 1e300, 0.1])
strings = st.text("ab10.-規\U00020bb7", min_size=1, max_size=4) | st.sampled_from(["true", "2025-04-30", "2025-05-01"])
values = (numbers | strings | st.booleans()).map(scalar)
ends = st.just("") | numbers.map(str) | strings
typed = strings | numbers.map(str) | st.tuples(ends, ends).map("..".join) | st.sampled_from(["false", "2025..2025-04"])


@settings(max_examples=1500)
@given(st.lists(values, max_size=12), typed)
def test_the_stretches_of_a_column_are_the_values_that_a_filter_asks_for(given: list[Scalar], typed: str) -> None:
    column = sorted({order(value): value for value in given}.values(), key=order)
    met = np.zeros(len(column), np.bool_)
    for start, end in spans(column, typed):
        assert 0 <= start <= end <= len(column)
        met[start:end] = True
    assert met.tolist() == [meets(value, typed) for value in column]


@pytest.mark.parametrize(
    ("value", "yes", "no"),
    [
        (2020, ["2020", "2020.0", "+2020", "2.02e3", "2019..", "..2020", "2020..2020", ".."], ["2021", "20", "2021.."]),
        (0.5, [".5", "0.5", "5e-1", "0..1"], ["0,5", "½", "０.５", "a..b", "0..b"]),
        ("2020", ["2020", "2019..2021", "2..", "..3"], ["2020.0", "202", "2021.."]),
        ("2025-06-30", ["2025-04..2025-06", "2025-06-30..", "..2025"], ["2025-04..2025-05", "2025-07..", "..2024"]),
        ("規制", ["規制", "規..", "規..規"], ["規", "制", "規則.."]),
        ("a..b", ["a..b", "a..c"], ["a", "b..c"]),
        (True, ["true", ".."], ["1", "True", "t..u", "false"]),
        (False, ["false", ".."], ["0", "true", "0..1"]),
    ],
)  # fmt: skip
def test_what_meets_a_filter(value: Scalar, yes: list[str], no: list[str]) -> None:
    assert [typed for typed in yes if not meets(value, typed)] == []
    assert [typed for typed in no if meets(value, typed)] == []


def test_filters_on_one_field_are_alternatives_and_on_several_all_required() -> None:
    values = {"tags": ("a", "b"), "year": (2020,)}
    assert passes(values, [])
    assert passes(values, filters_of(["tags=a", "tags=x", "year=2020"]))
    assert not passes(values, filters_of(["tags=a", "year=2021"]))
    assert not passes(values, filters_of(["other=.."]))


def test_filters_from_strings_and_from_values() -> None:
    assert filters_of(["a=b=c", "年=2020..2021"]) == (Filter("a", "b=c"), Filter("年", "2020..2021"))
    given = {"year": 2020, "tags": ["a", "b"], "open": True, "share": 0.5}
    assert filters_of(given) == filters_of(["year=2020", "tags=a", "tags=b", "open=true", "share=0.5"])


@pytest.mark.parametrize("given", ["a=b", ["a"], ["=b"], ["a="], {"a": None}, {"a": [["b"]]}, {"a": ""}])
def test_what_is_no_filter(given: object) -> None:
    with pytest.raises(UsageError, match="filter"):
        filters_of(given)  # type: ignore[arg-type]


def test_orders() -> None:
    assert sort_of(None) is None
    assert (sort_of("date"), sort_of("-date")) == (Sort("date"), Sort("date", True))
    with pytest.raises(UsageError):
        sort_of("-")
    documents: list[dict[str, tuple[Scalar, ...]]] = [
        {"n": (3,)},
        {},
        {"n": (1, 5)},
        {"n": ("2",)},
        {"n": (3,)},
        {"n": (True,)},
    ]
    assert ranks(documents, Sort("n")) == [1, 4, 0, 2, 1, 3]
    assert ranks(documents, Sort("n", True)) == [3, 4, 2, 1, 3, 0]


def test_counts() -> None:
    documents: list[dict[str, tuple[Scalar, ...]]] = [{"n": (1, "a")}, {"n": (1, True)}, {}, {"n": ("a", "b")}]
    assert counted(documents, "n", 3) == [(1, 2), ("a", 2), ("b", 1)]
    assert [type(value) for value, _ in counted(documents, "n", 9)] == [int, str, str, bool]


def test_numbers() -> None:
    assert [number(text) for text in ("1", "-1.0", "1e3", "1.5", "9" * 400)] == [1, -1, 1000, 1.5, int("9" * 400)]
    assert [number(text) for text in ("", "1e999", "nan", "inf", "1_0", "１", " 1", "0x1", ".", "1..2")] == [None] * 10


@pytest.fixture(scope="module")
def idx(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    directory = tmp_path_factory.mktemp("fields") / "i"
    categories = ["通商", "外交", "通商", None]
    index.build(
        [
            Document(
                f"文{n}", f"題{n}", f"輸出規制の話{n}。", None, {"category": category, "date": f"2025-0{n + 1}-15"}
            )
            for n, category in enumerate(categories)
        ],
        directory,
    )
    with search.open_index(directory) as opened:
        yield opened


def test_a_search_by_fields(idx: search.Index) -> None:
    found = idx.search("輸出規制", filters=["date=2025-02.."], sort="-date", facets=["category"])
    assert [hit.document for hit in found] == ["文3", "文2", "文1"]
    assert found.total == 3
    assert found.facets == {"category": (search.Counted("外交", 1), search.Counted("通商", 1))}
    assert found.to_dict()["facets"] == {"category": [{"value": "外交", "count": 1}, {"value": "通商", "count": 1}]}
    assert found.warnings == ()
    same = idx.search("輸出規制", filters={"date": "2025-02.."}, sort="-date", facets=("category", "category"))
    assert same.hits == found.hits
    assert idx.search("輸出規制", filters={"category": ["通商", "外交"]}).total == 3


def test_a_field_that_no_document_has_is_told(idx: search.Index) -> None:
    found = idx.search("輸出規制", filters=["カテゴリ=通商"])
    assert found.total == 0
    unknown, nothing = found.warnings
    assert "no document has a field 'カテゴリ'" in unknown
    assert unknown.endswith("fields are category, date, document, title")
    assert "without them the query finds 4" in nothing
    assert found.diagnosis is None
    found = idx.search("輸出規制", sort="none", facets=["nor"])
    assert [hit.document for hit in found] == ["文0", "文1", "文2", "文3"]
    assert (found.facets, len(found.warnings)) == ({"nor": ()}, 2)


def test_a_query_that_finds_nothing_anywhere_is_explained_as_ever(idx: search.Index) -> None:
    found = idx.search("鯨", filters=["category=通商"])
    assert found.diagnosis is not None
    assert found.warnings == ()


def test_one_string_is_no_list_of_filters_or_facets(idx: search.Index) -> None:
    with pytest.raises(UsageError, match="list"):
        idx.search("輸出規制", filters="a=b")
    with pytest.raises(UsageError, match="list"):
        idx.search("輸出規制", facets="category")


def test_fields_follow_updates(tmp_path: Path) -> None:
    records = tmp_path / "r.jsonl"
    line = '{{"id": "{0}", "text": "輸出規制{0}。", "year": {1}, "{2}": "x"}}\n'
    records.write_text(line.format("a", 2020, "old") + line.format("b", 2021, "both"), encoding="utf-8")
    index.build(records, tmp_path / "i")
    records.write_text(line.format("a", 1999, "new") + line.format("b", 2021, "both"), encoding="utf-8")
    index.update(tmp_path / "i")
    with search.open_index(tmp_path / "i") as idx:
        found = idx.search("輸出規制", sort="year", facets=["year", "old"])
        assert [hit.document for hit in found] == ["a", "b"]
        assert [(counted.value, counted.count) for counted in found.facets["year"]] == [(1999, 1), (2021, 1)]
        (warning,) = found.warnings
        assert "both, document, new, path, title, year" in warning
    assert verify(tmp_path / "i", deep=True) == []


def test_more_fields_than_are_kept_open(tmp_path: Path) -> None:
    index.build([Document("a", "", "輸出。", None, {f"f{n}": n for n in range(40)})], tmp_path / "i")
    engine = EmbeddedEngine(tmp_path / "i")
    for _ in range(2):
        for n in range(40):
            assert engine.columns.mask([Filter(f"f{n}", str(n))]).all()
            assert not engine.columns.mask([Filter(f"f{n}", "x")]).any()
    engine.close()
