"""What a build takes, what it refuses, what it reports, and what an index then gives back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import index
import search
from index import Block, BlockKind, Document, SourceError, UsageError
from index.builder import Source
from index.records import entries_of
from index.verify import verify

REGULATION = Document("規制", "輸出規制", "輸出規制を強化する。")
ELECTRICITY = Document("電力", "電力", "電力が足りない。")


def found(directory: Path, query: str) -> list[str]:
    with search.open_index(directory) as idx:
        return [hit.document for hit in idx.search(query)]


def document(directory: Path, identity: str) -> Document:
    with search.open_index(directory) as idx:
        return idx.document(identity)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "規制.txt").write_text("輸出規制を強化する。\n", encoding="utf-8")
    (folder / "空.txt").write_text("", encoding="utf-8")
    (folder / "絵.png").write_bytes(b"\x89PNG")
    return folder


def test_paths_are_indexed_and_the_report_counts_them(sources: Path, tmp_path: Path) -> None:
    report = index.build([sources], tmp_path / "i")
    generation = tmp_path / "i" / "generation-1"
    assert (report.directory, report.documents, report.passages, report.tokens) == (tmp_path / "i", 1, 1, 5)
    assert report.bytes == sum(file.stat().st_size for file in generation.iterdir())
    assert report.seconds > 0
    assert {skipped.path: bool(skipped.reason) for skipped in report.skipped} == {"空.txt": True, "絵.png": True}
    assert report.to_dict()["skipped"] == [{"path": s.path, "reason": s.reason} for s in report.skipped]
    assert found(tmp_path / "i", "規制") == ["規制.txt"]


def test_documents_and_paths_go_together(sources: Path, tmp_path: Path) -> None:
    report = index.build([ELECTRICITY, str(sources)], tmp_path / "i")
    assert report.documents == 2
    assert found(tmp_path / "i", "電力") == ["電力"]
    assert found(tmp_path / "i", "規制") == ["規制.txt"]


def test_one_source_needs_no_list(sources: Path, tmp_path: Path) -> None:
    # A string is a sequence of strings: each of its characters would be taken for a path.
    for source in (sources, str(sources), REGULATION):
        assert index.build(source, tmp_path / "i").documents == 1


def test_documents_may_come_from_a_generator(tmp_path: Path) -> None:
    def made() -> Iterator[Document]:
        yield REGULATION
        yield ELECTRICITY

    assert index.build(made(), tmp_path / "i").documents == 2


def test_a_generator_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def made() -> Iterator[Document]:
        yield REGULATION
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        index.build(made(), tmp_path / "i")
    assert not (tmp_path / "i").exists()


def test_progress_reaches_the_size_of_the_documents(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    index.build([REGULATION, ELECTRICITY], tmp_path / "i", progress=lambda done, size: told.append((done, size)))
    size = len((REGULATION.text + ELECTRICITY.text).encode())
    assert told == [(len(REGULATION.text.encode()), size), (size, size)]


@pytest.mark.parametrize("sources", [[], "", [""], ["", REGULATION]])
def test_nothing_to_index_is_a_usage_error(sources: list[Source], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="name a file or a folder"):
        index.build(sources, tmp_path / "i")
    assert not (tmp_path / "i").exists()


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_an_index_directory_without_a_usable_name_is_a_usage_error(name: str) -> None:
    with pytest.raises(UsageError, match="--index-dir"):
        index.build(REGULATION, name)
    with pytest.raises(UsageError, match="--index-dir"):
        index.rebuild(name)
    with pytest.raises(UsageError, match="--index-dir"):
        verify(name)


@pytest.mark.parametrize("name", ["missing", "a\0b", "規制.txt/below"])
def test_a_source_that_is_not_there_stops_the_build_before_it_begins(name: str, sources: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        index.build([sources, sources / name], tmp_path / "i")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "i").exists()


@pytest.mark.parametrize("twin", [REGULATION, Document("規制.txt", "", "同じ")])
def test_two_documents_with_one_id_are_an_error_and_the_old_index_stays(
    twin: Document, sources: Path, tmp_path: Path
) -> None:
    index.build(ELECTRICITY, tmp_path / "i")
    with pytest.raises(SourceError, match="ids must differ") as caught:
        index.build([sources, REGULATION, twin], tmp_path / "i")
    assert twin.id in str(caught.value)
    assert found(tmp_path / "i", "電力") == ["電力"]
    assert sorted(path.name for path in (tmp_path / "i").iterdir()) == [
        "generation-1",
        "manifest.json",
        "sakuin.lock",
    ]


def test_ids_that_become_one_without_their_surrogates_are_one(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="ids must differ"):
        index.build([Document("a\ud800", "", "規制"), Document("a\ufffd", "", "規制")], tmp_path / "i")


def test_an_error_shows_the_start_of_an_endless_id(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        index.build([Document("い" * 10_000, "", "規制")] * 2, tmp_path / "i")
    assert len(str(caught.value)) < 200


def test_sources_with_nothing_to_read_are_an_error_and_leave_no_index(sources: Path, tmp_path: Path) -> None:
    (sources / "規制.txt").unlink()
    for given_sources in ([sources], [Document("a", "規制", ""), Document("b", "", " \n　")]):
        with pytest.raises(SourceError):
            index.build(given_sources, tmp_path / "i")
        with pytest.raises(index.MissingIndex):
            search.open_index(tmp_path / "i")
        assert not list((tmp_path / "i").glob("generation-*"))


def test_an_empty_text_is_skipped_and_told(tmp_path: Path) -> None:
    report = index.build([Document("空", "規制", ""), ELECTRICITY], tmp_path / "i")
    assert [(skipped.path, skipped.reason) for skipped in report.skipped] == [("空", "no text in it")]
    with pytest.raises(UsageError):
        document(tmp_path / "i", "空")


def test_lone_surrogates_become_replacement_characters_everywhere(tmp_path: Path) -> None:
    odd = Document("a\ud800", "題\ud800", "\udfff規制\ud800を", "p\udc80", {"鍵\ud800": ["\udfff値"]})
    index.build(odd, tmp_path / "i")
    with search.open_index(tmp_path / "i") as idx:
        (hit,) = idx.search("規制")
    assert (hit.document, hit.title, hit.path, hit.fields) == (
        "a\ufffd",
        "題\ufffd",
        "p\ufffd",
        {"鍵\ufffd": ["\ufffd値"]},
    )
    assert document(tmp_path / "i", "a\ufffd").text == "\ufffd規制\ufffdを"


@pytest.mark.parametrize(
    "odd",
    [
        Document("制\0御\x1f", "\x1b[31m", "\0規\x1f規制\x1b\x1f規制\u202e\x7f"),
        Document("い" * 10_000, "題", "規制"),
        Document("", "題", "規制"),
        Document("a", "題", "規制", fields={"層": [1, {"値": None, "真": True, "数": [1.5, {"深": ["い"]}]}]}),
        Document("a", "題", "\r\n規制\r\n\n　\n"),
        Document("a", "題", "𠮷野家の規制👨‍👩‍👧か\u3099"),
    ],
    ids=["controls", "long-id", "no-id", "nested", "breaks", "astral"],
)
def test_odd_documents_come_back_as_they_went_in(odd: Document, tmp_path: Path) -> None:
    index.build([odd, ELECTRICITY], tmp_path / "i")
    assert found(tmp_path / "i", "規制") == [odd.id]
    back = document(tmp_path / "i", odd.id)
    assert (back.id, back.title, back.text, back.fields) == (odd.id, odd.title, odd.text, odd.fields)
    assert verify(tmp_path / "i", deep=True) == []


@pytest.mark.parametrize("fields", [{"a": object()}, {"a": {1, 2}}, {"a": b"bytes"}], ids=["object", "set", "bytes"])
def test_fields_that_are_no_json_are_refused(fields: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"fields of the document 'a'.*JSON"):
        index.build(Document("a", "", "規制", fields=fields), tmp_path / "i")


def test_a_title_of_2_mb_is_cut(tmp_path: Path) -> None:
    title = "輸出規制" * 170_000
    index.build([Document("a", title, "別の文。" * 500), ELECTRICITY], tmp_path / "i")
    assert document(tmp_path / "i", "a").title == title[:500]
    assert found(tmp_path / "i", "輸出規制")[0] == "a"
    assert sum(file.stat().st_size for file in (tmp_path / "i").rglob("*")) < 200_000


def test_a_long_heading_is_not_kept_whole_with_every_passage(tmp_path: Path) -> None:
    heading = "規制" * 10_000
    text = f"{heading}\n" + "電力が足りない。" * 1000
    report = index.build(
        Document("a", "", text, blocks=(Block(0, len(heading), BlockKind.HEADING, 1),)), tmp_path / "i"
    )
    assert document(tmp_path / "i", "a").text == text
    with search.open_index(tmp_path / "i") as idx:
        assert {len(heading) for hit in idx.search("電力", limit=100) for heading in hit.headings} == {500}
    assert report.bytes < 500_000


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["規制", "a", "\n", "「"])
def test_a_line_of_2_mb_is_indexed(piece: str, tmp_path: Path) -> None:
    text = piece * (2_000_000 // len(piece.encode())) + "電力"
    index.build(Document("a", "", text), tmp_path / "i")
    assert document(tmp_path / "i", "a").text == text
    assert found(tmp_path / "i", "電力") == ["a"]


def test_rebuild_takes_the_sources_that_the_manifest_records(sources: Path, tmp_path: Path) -> None:
    index.build([sources], tmp_path / "i")
    (sources / "電力.txt").write_text("電力が足りない。", encoding="utf-8")
    assert index.rebuild(tmp_path / "i").documents == 2
    assert found(tmp_path / "i", "電力") == ["電力.txt"]


def test_rebuild_without_the_sources_leaves_the_index(sources: Path, tmp_path: Path) -> None:
    index.build([sources], tmp_path / "i")
    sources.rename(tmp_path / "moved")
    with pytest.raises(SourceError, match="sources"):
        index.rebuild(tmp_path / "i")
    assert found(tmp_path / "i", "規制") == ["規制.txt"]


def test_rebuild_of_a_programs_documents_is_refused(sources: Path, tmp_path: Path) -> None:
    with pytest.raises(index.MissingIndex):
        index.rebuild(tmp_path / "i")
    index.build([sources, ELECTRICITY], tmp_path / "i")
    with pytest.raises(UsageError, match="program's documents"):
        index.rebuild(tmp_path / "i")
    assert found(tmp_path / "i", "電力") == ["電力"]


def test_a_heading_counts_once(tmp_path: Path) -> None:
    from index.analysis import Analyzer

    text = "輸出規制\n" + "電力が足りない。" * 200
    made = Document("a", "", text, blocks=(Block(0, 4, BlockKind.HEADING, 1),))
    first, second, *_ = entries_of(made, Analyzer())
    assert (first.texts["headings"], second.texts["headings"]) == ("", "輸出規制")
    assert [slot.terms for slot in second.slots["headings"]] == [slot.terms for slot in first.slots["body"][:2]]


TEXTS = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "輸出規制",
                "を",
                "強化する",
                "。",
                "、",
                "\n",
                "\n\n",
                "　",
                "「はい」",
                "…",
                "ｶﾞ",
                "か\u3099",
                "㍿",
                "1,000円",
            ]
        ),
        st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=8),
        st.text(alphabet="ぁあがアガ亜唖一〇ー・。\n 　aＡ0０𠮷", max_size=400),
    ),
    max_size=30,
).map("".join)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=1, max_size=5))
def test_the_passages_of_every_document_are_its_text(
    texts: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    directory = tmp_path_factory.mktemp("property") / "i"
    made = [Document(f"{number}", "", text) for number, text in enumerate([*texts, "電力"])]
    report = index.build(made, directory)
    skipped = {skipped.path for skipped in report.skipped}
    with search.open_index(directory) as idx:
        for one in made:
            if one.id in skipped:
                assert not one.text.strip()
            else:
                assert idx.document(one.id).text == one.text
    assert verify(directory, deep=True) == []
