"""The index as a Whoosh index: generations, one writer, deletions, the table of contents; what broke is named."""

from __future__ import annotations

import gc
import json
import os
import pickle
import subprocess
import sys
import zlib
from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import index
import search
from index import directory as on_disk
from index.as_whoosh import schema as schemas
from index.as_whoosh import values
from index.as_whoosh.collecting import FieldWriter
from index.cli import main
from index.codec.contents import CONTENTS, SCHEMA
from index.errors import DamagedIndex, ForeignFolder, LockedIndex, MissingIndex, OtherAnalysis, SakuinError, UsageError
from index.verify import verify
from index.whoosh_api import LockError, RamStorage, analysis, columns, fields, qparser, query, sorting

CLONE = Path(__file__).resolve().parents[2]


def schema() -> Any:
    return fields.Schema(
        id=fields.ID(stored=True, unique=True, sortable=True),
        body=fields.TEXT(analyzer=analysis.SpaceSeparatedTokenizer(), stored=True),
        count=fields.NUMERIC(stored=True, sortable=True),
        group=fields.ID(sortable=columns.RefBytesColumn()),
        bit=fields.COLUMN(columns.BitColumn()),
    )


@pytest.fixture
def ix(tmp_path: Path) -> Any:
    made = index.create_whoosh(tmp_path / "index", schema())
    add(made, range(3))
    return made


def add(ix: Any, numbers: Any, **commit: Any) -> None:
    writer = ix.writer()
    for number in numbers:
        writer.add_document(id=str(number), body=f"all w{number}", count=number, group="xy"[number % 2])
    writer.commit(**{"merge": False, **commit})


def ids(ix: Any, q: Any = None, **options: Any) -> list[str]:
    with closing(ix.searcher()) as searcher:
        return [hit["id"] for hit in searcher.search(q or query.Every(), **{"limit": None, **options})]


def test_a_failed_commit_frees_the_lock(ix: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = ix.writer()
    writer.add_document(id="new")
    with monkeypatch.context() as patched:
        patched.setattr(FieldWriter, "enter", lambda *_: (_ for _ in ()).throw(MemoryError))
        with pytest.raises(MemoryError):
            writer.commit()
    assert ids(ix) == ["0", "1", "2"]
    add(ix, [3])
    assert ids(ix) == ["0", "1", "2", "3"]
    assert sorted(entry.name for entry in ix.directory.iterdir()) == ["generation-3", "manifest.json", "sakuin.lock"]


def test_a_commit_that_the_system_refuses_is_told_and_frees_the_lock(ix: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(on_disk, "switch", refuse)
        with pytest.raises(index.DirectoryError, match="No space left"):
            add(ix, [3])
    ix.writer().cancel()
    assert ids(ix) == ["0", "1", "2"]


def test_a_writer_that_cannot_begin_frees_the_lock(ix: Any) -> None:
    for _ in range(2):
        with pytest.raises(UsageError, match="no option 'compound'"):
            ix.writer(compound=True)
    ix.writer().cancel()


def test_an_error_inside_with_leaves_the_index_and_frees_the_lock(ix: Any) -> None:
    def fail() -> None:
        with ix.writer() as writer:
            writer.add_document(id="new")
            raise KeyError("of the caller")

    with pytest.raises(KeyError):
        fail()
    ix.writer().cancel()
    assert ids(ix) == ["0", "1", "2"]


def test_a_killed_commit_leaves_the_old_generation_and_no_lock(ix: Any) -> None:
    program = (
        "import os, sys, index\n"
        "from index import directory\n"
        "directory.switch = lambda *_: os._exit(9)\n"
        "writer = index.open_whoosh(sys.argv[1]).writer()\n"
        "writer.add_document(id='new')\n"
        "writer.commit()\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(CLONE)}
    done = subprocess.run([sys.executable, "-c", program, str(ix.directory)], env=environment, check=False)
    assert done.returncode == 9
    assert (ix.directory / "generation-3").exists()
    assert ids(ix) == ["0", "1", "2"]
    add(ix, [3])
    assert ids(ix) == ["0", "1", "2", "3"]
    assert [folder.name for folder in ix.directory.glob("generation-*")] == ["generation-3"]


def test_there_is_one_writer_at_a_time(ix: Any) -> None:
    writer = ix.writer()
    with pytest.raises(LockError):
        ix.writer()
    with pytest.raises(LockedIndex), on_disk.locked(ix.directory):
        pass
    writer.cancel()
    ix.writer(timeout=1).cancel()


def test_a_document_that_cannot_be_added_leaves_nothing_of_itself(ix: Any) -> None:
    writer = ix.writer()
    with pytest.raises(UsageError, match="complex"):
        writer.add_document(id="bad", body="broken", _stored_body=1j, count=1)
    with pytest.raises(ValueError, match="not unicode"):
        writer.add_document(id="bad", body=3)
    writer.add_document(id="3", body="all w3", count=3)
    writer.commit()
    assert ids(ix) == ["0", "1", "2", "3"]
    assert ids(ix, query.Term("id", "bad")) == ids(ix, query.Term("body", "broken")) == []
    assert ids(ix, query.Term("body", "w3")) == ["3"]


def test_what_was_deleted_can_be_brought_back(ix: Any) -> None:
    with ix.writer() as writer:
        writer.delete_document(1)
    assert ids(ix) == ["0", "2"]
    with ix.writer() as writer:
        writer.delete_document(1, delete=False)
        writer.delete_document(2, delete=False)  # which was not deleted
    assert ids(ix) == ids(ix, query.Term("body", "all")) == ["0", "1", "2"]


def test_a_writer_s_reader_sees_its_deletions(ix: Any) -> None:
    writer = ix.writer()
    with closing(writer.searcher()) as searcher:
        assert len(searcher.search(query.Term("body", "all"), limit=None)) == 3
        assert writer.delete_by_query(query.Term("body", "w1"), searcher=searcher) == 1
        assert len(searcher.search(query.Term("body", "all"), limit=None)) == 2
        writer.delete_document(1, delete=False)
        writer.delete_document(0)
        assert [hit["id"] for hit in searcher.search(query.Term("body", "all"))] == ["1", "2"]
    writer.cancel()
    assert ids(ix) == ["0", "1", "2"]


def test_a_document_is_updated(ix: Any) -> None:
    with ix.writer() as writer:
        writer.update_document(id="1", body="all changed", count=7)
        writer.update_document(id="9", body="all changed", count=8)
    assert ids(ix, query.Term("body", "changed"), sortedby="count") == ["1", "9"]
    assert ids(ix, query.Term("body", "w1")) == []


def test_segments_merge_without_their_deleted_rows(ix: Any) -> None:
    add(ix, range(3, 8))
    with ix.writer() as writer:
        writer.delete_by_term("id", "4")
    before = ids(ix, sortedby="id")
    stored = {hit["id"]: hit.fields() for hit in ix.searcher().search(query.Every(), limit=None)}
    ix.optimize()
    assert ids(ix, sortedby="id") == before == ["0", "1", "2", "3", "5", "6", "7"]
    with closing(ix.reader()) as reader:
        assert reader.is_atomic()
        assert reader.doc_count_all() == 7
        assert {kept["id"]: kept for kept in reader.all_stored_fields()} == stored
    assert ids(ix, query.Phrase("body", ["all", "w5"])) == ["5"]


def test_small_segments_merge_by_themselves(ix: Any) -> None:
    for number in range(3, 20):
        add(ix, [number], merge=True)
    with closing(ix.reader()) as reader:
        assert len(list(reader.leaf_readers())) < 12
    assert sorted(ids(ix), key=int) == [str(number) for number in range(20)]


def test_a_segment_whose_rows_are_all_deleted_goes(ix: Any) -> None:
    with ix.writer() as writer:
        assert writer.delete_by_query(query.Every()) == 3
    assert ix.is_empty()
    assert ids(ix) == []
    with closing(ix.searcher()) as searcher:
        assert searcher.up_to_date()
    assert not list((ix.directory / "generation-3").glob("g2*"))


def test_a_reader_keeps_its_generation_until_it_refreshes(ix: Any) -> None:
    searcher = ix.searcher()
    other = index.open_whoosh(ix.directory)
    add(ix, [3])
    assert (searcher.up_to_date(), other.up_to_date()) == (False, False)
    assert (searcher.doc_count(), len(searcher.search(query.Every(), limit=None))) == (3, 3)
    assert [hit["body"] for hit in searcher.search(query.Term("body", "w1"))] == ["all w1"]
    assert other.refresh() is other
    assert other.up_to_date()
    assert other.latest_generation() == searcher.reader().generation() + 1
    fresh = searcher.refresh()
    assert fresh.doc_count() == 4
    assert fresh.refresh() is fresh
    fresh.close()


def descriptors() -> int:
    gc.collect()
    return sum(bool(os.path.exists(f"/proc/self/fd/{name}")) for name in os.listdir("/proc/self/fd"))  # noqa: PTH208, PTH110


def mappings(ix: Any) -> int:
    """How many files of the index are mapped, be they removed or not."""
    return Path("/proc/self/maps").read_text().count(str(ix.directory))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs a system that lists descriptors")
def test_refreshing_and_closing_leaves_no_descriptors(ix: Any) -> None:
    before = descriptors(), mappings(ix)
    searcher = ix.searcher()
    for number in range(3, 8):
        add(ix, [number])
        searcher = searcher.refresh()
        assert searcher.search(query.Term("body", "all"), limit=None).scored_length() == number + 1
    # From Python 3.13 on a mapping keeps no descriptor.
    assert mappings(ix) > before[1]
    searcher.close()
    del searcher
    assert (descriptors(), mappings(ix)) == before


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs a system that lists descriptors")
def test_a_reader_that_cannot_open_leaves_no_descriptors(ix: Any) -> None:
    add(ix, [3])
    file = ix.directory / "generation-3" / "g3.stored"
    file.write_bytes(bytes(file.stat().st_size))
    before = descriptors()
    for _ in range(3):
        with pytest.raises(DamagedIndex):
            ix.reader()
    assert descriptors() == before


def test_columns_sort_and_group(ix: Any) -> None:
    add(ix, range(3, 6))
    with ix.writer() as writer:
        writer.add_document(id="none", body="all")
        writer.merge = False
    assert ids(ix, sortedby="count") == ["0", "1", "2", "3", "4", "5", "none"]
    assert ids(ix, sortedby="count", reverse=True)[1:] == ["5", "4", "3", "2", "1", "0"]
    assert ids(ix, sortedby=sorting.FieldFacet("count", reverse=True))[1:] == ["5", "4", "3", "2", "1", "0"]
    assert ids(ix, sortedby=sorting.FieldFacet("id", reverse=True)) == ["none", "5", "4", "3", "2", "1", "0"]
    with closing(ix.searcher()) as searcher:
        groups = searcher.search(query.Every(), limit=None, groupedby="group").groups()
    assert {name: sorted(numbers) for name, numbers in groups.items()} == {"x": [0, 2, 4], "y": [1, 3, 5], "": [6]}


def test_bits_are_a_column(ix: Any) -> None:
    with ix.writer() as writer:
        writer.add_field("flag", fields.COLUMN(columns.BitColumn()))
    with ix.writer() as writer:
        writer.add_document(id="3", flag=True, bit=True)
        writer.add_document(id="4", flag=False)
        writer.merge = False
    with closing(ix.reader()) as reader:
        leaf = list(reader.leaf_readers())[-1][0]
        assert list(leaf.column_reader("flag", translate=False)) == [True, False]
    assert ids(ix, query.ColumnQuery("bit", True)) == ["3"]


def test_fields_are_added_and_removed(ix: Any) -> None:
    with ix.writer() as writer:
        writer.add_field("more", fields.KEYWORD(stored=True, lowercase=True))
        writer.remove_field("count")
    assert "count" not in ix.schema.names()
    add_more = ix.writer()
    add_more.add_document(id="3", more="Red blue")
    add_more.commit(merge=False)
    assert ids(ix, query.Term("more", "red")) == ["3"]
    ix.optimize()
    assert ids(ix, query.Term("more", "blue")) == ["3"]
    with closing(ix.searcher()) as searcher:
        assert searcher.document(id="1") == {"id": "1", "body": "all w1"}
    writer = ix.writer()
    with pytest.raises(UsageError, match="'grams'"):
        writer.add_field("grams", fields.NGRAM())
    assert "grams" not in writer.schema.names()
    writer.cancel()


def test_a_field_that_comes_back_has_nothing_of_the_one_before(ix: Any) -> None:
    with ix.writer() as writer:
        writer.remove_field("count")
    with ix.writer() as writer:
        writer.add_field("count", fields.ID(sortable=True))
        writer.add_field("later", fields.ID())
    with ix.writer() as writer:
        writer.add_document(id="3", count="many", later="x")
        writer.merge = False
    assert ids(ix, query.Every("count")) == ids(ix, query.Term("later", "x")) == ["3"]
    assert ids(ix, sortedby="count") == ["0", "1", "2", "3"]


def test_what_a_column_cannot_hold_is_refused(ix: Any) -> None:
    writer = ix.writer()
    writer.add_field("byte", fields.COLUMN(columns.NumericColumn("B")))
    writer.add_field("real", fields.COLUMN(columns.NumericColumn("d")))
    writer.add_field("raw", fields.COLUMN())
    for odd in ({"byte": 256}, {"byte": -1}, {"byte": 1.5}, {"real": "1"}, {"raw": "text"}):
        with pytest.raises(UsageError, match=f"column {next(iter(odd))} cannot hold"):
            writer.add_document(id="bad", **odd)
    writer.add_document(id="3", byte=255, real=1, raw=b"x")
    writer.commit(merge=False)
    assert ids(ix) == ["0", "1", "2", "3"]
    assert ids(ix, query.ColumnQuery("real", 1.0)) == ids(ix, query.ColumnQuery("raw", b"x")) == ["3"]


def test_a_boost_weighs_more(ix: Any) -> None:
    with ix.writer() as writer:
        writer.add_document(id="heavy", body="all w9", _body_boost=3.0)
    with closing(ix.searcher()) as searcher:
        weights = {hit["id"]: hit.score for hit in searcher.search(query.Term("body", "all"), limit=None)}
        assert searcher.frequency("body", "all") == 6.0
    assert max(weights, key=lambda number: weights[number]) == "heavy"


def test_terms_are_told_as_whoosh_tells_them(ix: Any) -> None:
    add(ix, [3])
    theirs = RamStorage().create_index(schema())
    for numbers in (range(3), [3]):
        add(theirs, numbers)
    with closing(ix.reader()) as reader, closing(theirs.reader()) as expected:
        assert list(reader.all_terms()) == list(expected.all_terms())
        assert list(reader.lexicon("body")) == [b"all", b"w0", b"w1", b"w2", b"w3"]
        assert list(reader.terms_from("body", b"w2"))[:2] == [("body", b"w2"), ("body", b"w3")]
        assert sorted(reader.indexed_field_names()) == sorted(expected.indexed_field_names())
        told, theirs_told = (r.term_info("body", "all") for r in (reader, expected))
        for name in "weight doc_frequency min_length max_length max_weight min_id max_id".split():
            assert getattr(told, name)() == getattr(theirs_told, name)(), name
        assert list(reader.most_frequent_terms("body", 1)) == [(4.0, b"all")]
        assert sorted(reader.terms_within("body", "w1", 1)) == ["w0", "w1", "w2", "w3"]
        assert reader.first_id("body", "w3") == 3
        assert not reader.has_vector(0, "body")
        assert (reader.min_field_length("body"), reader.max_field_length("body")) == (2, 2)
        assert (reader.field_length("body"), reader.doc_field_length(0, "none", 7)) == (8, 7)
    with closing(ix.searcher()) as searcher:
        assert searcher.suggest("body", "w11", maxdist=1) == ["w1"]
        assert len(searcher.more_like(0, "body", top=2)) > 0


def test_nothing_is_pickled(ix: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("pickled")

    for name in ("dump", "dumps", "load", "loads"):
        monkeypatch.setattr(pickle, name, refuse)
        monkeypatch.setattr("whoosh.formats." + name, refuse, raising=False)
        monkeypatch.setattr("whoosh.codec.whoosh3." + name, refuse, raising=False)
    add(ix, [3])
    ix.optimize()
    assert ids(ix, query.Phrase("body", ["all", "w3"])) == ["3"]
    for file in ix.directory.rglob("*"):
        if file.is_file():
            assert b"\x80\x02" not in file.read_bytes()[:2]


def test_an_index_is_not_made_over_another(ix: Any, tmp_path: Path) -> None:
    with pytest.raises(ForeignFolder):
        index.create_whoosh(ix.directory, schema())
    with pytest.raises(MissingIndex):
        index.open_whoosh(tmp_path / "none")


# What a file may claim


def forge(ix: Any, name: str, change: Callable[[Any], object]) -> None:
    """Changes a table of the newest generation, with checksums as they ought to be."""
    manifest = on_disk.read_manifest(ix.directory)
    file = on_disk.generation_folder(ix.directory, manifest.generation) / name
    content = json.loads(file.read_bytes())
    content = change(content) or content
    raw = json.dumps(content).encode()
    file.write_bytes(raw)
    from dataclasses import replace

    on_disk.switch(ix.directory, replace(manifest, files={**manifest.files, name: (len(raw), zlib.crc32(raw))}))


HOSTILE: dict[str, tuple[str, Callable[[Any], object]]] = {
    "a name that leads out": (CONTENTS, lambda c: c["segments"][0].update(name="../g2")),
    "an absolute name": (CONTENTS, lambda c: c["segments"][0].update(name="/etc/passwd")),
    "more rows": (CONTENTS, lambda c: c["segments"][0].update(rows=1 << 30)),
    "endless rows": (CONTENTS, lambda c: c["segments"][0].update(rows=1 << 80)),
    "fewer rows": (CONTENTS, lambda c: c["segments"][0].update(rows=1)),
    "rows deleted beyond": (CONTENTS, lambda c: c["segments"][0].update(deleted=[99])),
    "no list": (CONTENTS, lambda _: [1, 2]),
    "another version": (CONTENTS, lambda c: c.update(contents=99)),
    "an unknown kind": (SCHEMA, lambda c: c["fields"][0].update(kind="os.system")),
    "an option more": (SCHEMA, lambda c: c["fields"][0].update(more=1)),
    "an unknown analyzer": (SCHEMA, lambda c: c["fields"][1].update(analyzer="__import__")),
    "a wrong value": (SCHEMA, lambda c: c["fields"][2].update(stored="yes")),
    "a wrong column": (SCHEMA, lambda c: c["fields"][2].update(column=["number", "s", 0])),
    "a wrong boost": (SCHEMA, lambda c: c["fields"][2].update(boost=-1)),
    "a name of no field": (SCHEMA, lambda c: c["fields"][0].update(name="_x")),
    "a name that is a path": (SCHEMA, lambda c: c["fields"][0].update(name="../x")),
    "a field twice": (SCHEMA, lambda c: c["fields"].append(c["fields"][0])),
    "a schema of no fields": (SCHEMA, lambda c: c.update(fields=None)),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_a_file_claims_is_not_believed(ix: Any, what: str) -> None:
    forge(ix, *HOSTILE[what])
    with pytest.raises(DamagedIndex):
        index.open_whoosh(ix.directory).reader()


def test_a_link_is_not_followed(ix: Any, tmp_path: Path) -> None:
    file = ix.directory / "generation-2" / "g2.stored"
    elsewhere = tmp_path / "elsewhere"
    file.rename(elsewhere)
    file.symlink_to(elsewhere)
    with pytest.raises(DamagedIndex):
        index.open_whoosh(ix.directory)


STORED = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(),
        st.binary(),
        st.decimals(),
        st.datetimes().map(lambda each: each.replace(fold=0)),
        st.dates(),
        st.times().map(lambda each: each.replace(fold=0)),
    ),
    lambda each: st.one_of(
        st.lists(each), st.lists(each).map(tuple), st.dictionaries(st.one_of(st.text(), st.integers()), each)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), STORED))
def test_stored_values_come_back(kept: dict[str, Any]) -> None:
    assert repr(values.decode(values.encode(kept))) == repr(kept)


@given(st.binary())
def test_stored_bytes_are_values_or_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        values.decode(raw)


@pytest.mark.parametrize(
    "raw", [b"[]", b'["dict"]x', b'["dict", 1, 2]', b'["dict", "a"]', b'["dict", "a", {}]', b'["dict","a",["os",1]]']
)
def test_no_values_are_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        values.decode(raw)


def test_values_of_every_kind_are_stored(ix: Any) -> None:
    kept = [1, 2.5, "x", b"\xff", Decimal("1.10"), datetime(2020, 1, 2), date(2020, 1, 2), time(3), (1,), {"a": None}]
    with ix.writer() as writer:
        writer.add_document(id="3", _stored_body=kept, body="all")
    with closing(ix.searcher()) as searcher:
        assert searcher.document(id="3")["body"] == kept


SCHEMAS = {
    "text": fields.TEXT(stored=True),
    "stemmed": fields.TEXT(analyzer=analysis.StemmingAnalyzer(), phrase=False, sortable=True, multitoken_query="or"),
    "id": fields.ID(unique=True, field_boost=2.0),
    "keyword": fields.KEYWORD(commas=True, lowercase=True, scorable=True),
    "number": fields.NUMERIC(int, bits=64, signed=False, sortable=True, default=5),
    "float": fields.NUMERIC(float, sortable=True),
    "decimal": fields.NUMERIC(int, decimal_places=2, sortable=True),
    "date": fields.DATETIME(sortable=True, stored=True),
    "boolean": fields.BOOLEAN(stored=True),
    "stored": fields.STORED(),
    "column": fields.COLUMN(columns.NumericColumn("i", default=-1)),
}


def test_a_schema_comes_back() -> None:
    written = schemas.to_bytes(fields.Schema(**SCHEMAS))
    assert schemas.to_bytes(schemas.parsed(written)) == written
    assert json.loads(written)["fields"][0]["kind"] == "boolean"


@pytest.mark.parametrize(
    "field",
    [
        fields.TEXT(chars=True),
        fields.TEXT(vector=True),
        fields.TEXT(spelling=True),
        fields.TEXT(analyzer=analysis.StandardAnalyzer(stoplist=["x"])),
        fields.KEYWORD(analyzer=analysis.StandardAnalyzer()),
        fields.NGRAM(),
        fields.COLUMN(columns.PickleColumn(columns.VarBytesColumn())),
        fields.COLUMN(columns.NumericColumn("d", default=float("nan"))),
        fields.ID(field_boost=-1.0),
    ],
    ids=repr,
)
def test_a_field_that_cannot_be_kept_is_refused(field: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be kept"):
        index.create_whoosh(tmp_path / "index", fields.Schema(given=field))
    assert not (tmp_path / "index").exists()


def test_every_kind_of_field_is_written_and_found(tmp_path: Path) -> None:
    ix = index.create_whoosh(tmp_path / "index", fields.Schema(**SCHEMAS))
    whole = {
        "text": "the quick fox",
        "stemmed": "jumping foxes",
        "id": "a",
        "keyword": "Red,Blue sky",
        "number": 7,
        "float": 2.5,
        "decimal": Decimal("1.25"),
        "date": datetime(2020, 5, 6, 7),
        "boolean": True,
        "stored": {"any": ["thing"]},
        "column": 3,
    }
    with ix.writer() as writer:
        writer.add_document(**whole)
        writer.add_document(id="b")
    with closing(ix.searcher()) as searcher:
        for q in (
            query.Phrase("text", ["quick", "fox"]),
            query.Term("stemmed", "jump"),
            query.Term("keyword", "blue sky"),
            query.Term("number", 7),
            query.NumericRange("float", 2.0, 3.0),
            query.Term("decimal", Decimal("1.25")),
            query.DateRange("date", datetime(2020, 5, 6), None),
            query.Term("boolean", True),
            query.ColumnQuery("column", 3),
        ):
            assert len(searcher.search(q, limit=None)) == 1, q
        assert searcher.document(id="a") == {name: whole[name] for name in ("text", "date", "boolean", "stored")}
        for name, first in {"number": "b", "float": "a", "decimal": "a", "column": "b", "date": "a"}.items():
            number = searcher.search(query.Every(), sortedby=name).docnum(0)
            assert number == "ab".index(first), name


# Passages


PASSAGES = [
    index.Document("a", "輸出規制", "政府は半導体の輸出規制を強めた。米国も規制する。"),
    index.Document("b", "教育", "教育委員会は國際的なデータを申し込んだ。"),
]


@pytest.fixture
def passages(tmp_path: Path) -> Any:
    index.build(PASSAGES, tmp_path / "passages")
    return index.open_whoosh(tmp_path / "passages")


def documents(ix: Any, text: str) -> list[str]:
    with closing(ix.searcher()) as searcher:
        hits = searcher.search(qparser.QueryParser("body", ix.schema).parse(text), limit=None)
        return sorted(hit["document"] for hit in hits)


def test_an_index_of_passages_is_a_whoosh_index(passages: Any) -> None:
    assert documents(passages, "輸出規制") == ["a"]
    assert documents(passages, "国際") == ["b"]
    assert documents(passages, "title:教育 OR 米国") == ["a", "b"]
    assert documents(passages, '"教育委員会"') == ["b"]
    assert documents(passages, "輸*") == ["a"]
    assert documents(passages, "document:b") == ["b"]
    with closing(passages.searcher()) as searcher:
        hit = searcher.search(query.Term("body", "半導体"))[0]
        assert '政府は<b class="match term0">半導体</b>の輸出規制を' in hit.highlights("body")
        assert (hit["title"], hit["ordinal"], hit["start"]) == ("輸出規制", 0, 0)
        by_number = searcher.search(query.Every(), sortedby="document_number", reverse=True)
        assert [hit["document"] for hit in by_number] == ["b", "a"]


def test_what_a_whoosh_writer_adds_our_search_finds(passages: Any) -> None:
    import search

    with passages.writer() as writer:
        writer.add_document(document="c", title="追加", headings="章", body="東京都で半導体の展示会が開かれた。")
        writer.merge = False
    assert documents(passages, "展示会") == ["c"]
    with search.open_index(passages.directory) as opened:
        assert {hit.document for hit in opened.search("半導体").hits} == {"a", "c"}
    manifest = on_disk.read_manifest(passages.directory)
    assert (manifest.documents, manifest.passages) == (3, 3)
    passages.optimize()
    assert documents(passages, "半導体") == ["a", "c"]
    with search.open_index(passages.directory) as opened:
        assert {hit.document for hit in opened.search("半導体").hits} == {"a", "c"}
    assert on_disk.read_manifest(passages.directory).slots == manifest.slots
    assert index_problems(passages.directory) == []


def index_problems(directory: Path) -> list[str]:
    from index.verify import verify

    return verify(directory, deep=True)


def test_a_passage_is_deleted_and_merged_away(passages: Any) -> None:
    with passages.writer() as writer:
        assert writer.delete_by_term("document", "a") == 1
    import search

    assert documents(passages, "半導体") == []
    with search.open_index(passages.directory) as opened:
        assert opened.search("半導体").total == 0
        assert {hit.document for hit in opened.search("教育").hits} == {"b"}
    assert index_problems(passages.directory) == []
    manifest = on_disk.read_manifest(passages.directory)
    assert (manifest.documents, manifest.passages) == (1, 1)
    passages.optimize()
    assert documents(passages, "教育") == ["b"]
    assert index_problems(passages.directory) == []
    with passages.writer() as writer:
        writer.delete_by_term("document", "b")
    assert documents(passages, "教育") == []
    assert on_disk.read_manifest(passages.directory).passages == 0


def test_a_passage_of_no_shape_is_refused(passages: Any) -> None:
    writer = passages.writer()
    for part in (
        {"body": "x"},
        {"document": "x", "body": 3},
        {"document": "x", "more": 1},
        {"document": "x", "start": -1},
    ):
        with pytest.raises(UsageError):
            writer.add_document(**part)
    with pytest.raises(UsageError):
        writer.add_field("more", fields.ID())
    with pytest.raises(UsageError):
        writer.remove_field("title")
    writer.cancel()


def test_nothing_is_added_where_another_dictionary_analysed(passages: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    manifest = on_disk.read_manifest(passages.directory)
    other = replace(manifest.fingerprint, dictionary_version="1999", dictionary_sha256="")
    on_disk.switch(passages.directory, replace(manifest, fingerprint=other))
    for _ in range(2):
        with pytest.raises(OtherAnalysis, match=r"1999.*rebuild it with"):
            index.open_whoosh(passages.directory).writer()
    with on_disk.locked(passages.directory):
        pass
    assert documents(passages, "半導体") == ["a"]
    assert issubclass(OtherAnalysis, SakuinError)


def test_a_long_document_stays_one_when_something_of_it_is_deleted(tmp_path: Path) -> None:
    sentences = "".join(f"第{number}の文は電力について述べる。" for number in range(400))
    index.build([index.Document("long", "長い文書", sentences), *PASSAGES], tmp_path / "i")
    ix = index.open_whoosh(tmp_path / "i")
    with ix.writer() as writer:
        writer.delete_document(3)
    with ix.writer() as writer:
        writer.add_document(document="long", title="長い文書", body="付け足しの電力。", ordinal=10_000, start=10**6)
    with search.open_index(tmp_path / "i") as opened:
        text = opened.document("long").text
        assert text.startswith("第0の文")
        assert text.endswith("付け足しの電力。")
        found = opened.search("電力", limit=50)
        assert sum(hit.document == "long" for hit in found) == 3
    assert verify(tmp_path / "i", deep=True) == []


def test_a_commit_without_links_is_as_safe(passages: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    sync = on_disk._sync

    def told(file: Path) -> None:
        synced.append(file.name)
        sync(file)

    monkeypatch.setattr(on_disk, "_sync", told)
    monkeypatch.setattr(os, "link", failing)
    with passages.writer() as writer:
        writer.add_document(document="new", body="新しい電力。")
    assert {"1-2.field", "1.stored"} <= set(synced)


def failing(*_: object) -> None:
    raise OSError("no links here")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("京*都", ["a", "b"]),
        ("?都", ["a", "b"]),
        ("*出", ["c"]),
        ("body:*", ["a", "b", "c"]),
        ("*", ["a", "b", "c"]),
        ("title:*", ["a"]),
        ("ＡＢ?", ["b"]),
    ],
)
def test_wildcards_of_the_query_parser_are_patterns(text: str, expected: list[str], tmp_path: Path) -> None:
    bodies = {"a": "京都の秋。", "b": "京都で ABC を読む。", "c": "輸出が増えた。"}
    index.build([index.Document(name, "題" * (name == "a"), body) for name, body in bodies.items()], tmp_path / "i")
    ix = index.open_whoosh(tmp_path / "i")
    with closing(ix.searcher()) as searcher:
        parsed = qparser.QueryParser("body", ix.schema).parse(text)
        assert sorted(hit["document"] for hit in searcher.search(parsed)) == expected


def test_a_year_of_the_query_parser_is_a_number(tmp_path: Path) -> None:
    bodies = {"a": "2025/1/20に発表した。", "b": "2025年の予算", "c": "2024年の予算"}
    index.build([index.Document(name, "", body) for name, body in bodies.items()], tmp_path / "i")
    assert documents(index.open_whoosh(tmp_path / "i"), "2025") == ["a", "b"]
    assert documents(index.open_whoosh(tmp_path / "i"), '"2025年"') == ["b"]


def test_regular_expressions_of_the_query_parser_are_patterns(tmp_path: Path) -> None:
    index.build([index.Document("a", "", "京都の秋。"), index.Document("b", "", "東京の秋。")], tmp_path / "i")
    ix = index.open_whoosh(tmp_path / "i")
    parser = qparser.QueryParser("body", ix.schema, plugins=[qparser.RegexPlugin()])
    with closing(ix.searcher()) as searcher:
        assert [hit["document"] for hit in searcher.search(parser.parse('r"京.+"'))] == ["a"]


def test_the_commands_know_an_index_of_a_schema_of_its_own(ix: Any, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(ix.directory)
    for command in (["verify"], ["verify", "--deep"], ["status"]):
        assert main([*command, "--index-dir", folder]) == 0, capsys.readouterr()
    assert main(["build", folder, "--index-dir", folder]) == 2
    assert "schema of its own" in capsys.readouterr().err
    assert ix.refresh().doc_count() > 0
