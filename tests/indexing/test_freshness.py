"""An index knows when its sources have changed since it was built. Times are set, not waited for."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import index
import search
from index import Document
from index import directory as on_disk
from index.freshness import WATCHED, all_recorded, changed, state

THEN = 1_700_000_000_000_000_000
LATER = THEN + 1


def touch(path: Path, when: int = LATER) -> None:
    os.utime(path, ns=(when, when))


def write(path: Path, text: str, when: int) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    touch(path, when)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    for name in ("a.txt", "b.txt", "下/c.txt"):
        write(folder / name, "輸出規制を強化する。", THEN)
    for path in (folder / "下", folder):
        touch(path, THEN)
    return folder


@pytest.fixture
def built(sources: Path, tmp_path: Path) -> Path:
    index.build([sources], tmp_path / "i")
    return tmp_path / "i"


def warnings(directory: Path) -> tuple[str, ...]:
    with search.open_index(directory) as idx:
        return idx.search("規制").warnings


def stale(directory: Path) -> list[str]:
    return changed(all_recorded(directory, on_disk.read_manifest(directory)))


def add(sources: Path) -> Path:
    write(sources / "下" / "新.txt", "電力", LATER)
    touch(sources / "下")
    return sources / "下"


def remove(sources: Path) -> Path:
    (sources / "b.txt").unlink()
    touch(sources, THEN)
    return sources / "b.txt"


def edit(sources: Path) -> Path:
    write(sources / "a.txt", "電力が足りない。", THEN)  # another size, the same time
    return sources / "a.txt"


def save(sources: Path) -> Path:
    touch(sources / "下" / "c.txt")
    return sources / "下" / "c.txt"


def to_a_folder(sources: Path) -> Path:
    (sources / "b.txt").unlink()
    (sources / "b.txt").mkdir()
    touch(sources / "b.txt", THEN)
    touch(sources, THEN)
    return sources / "b.txt"


def test_an_index_as_new_as_its_sources_warns_of_nothing(built: Path) -> None:
    assert warnings(built) == ()
    assert stale(built) == []


@pytest.mark.parametrize("change", [add, remove, edit, save, to_a_folder])
def test_a_change_is_told_with_what_mends_it(change: Callable[[Path], Path], sources: Path, built: Path) -> None:
    path = change(sources)
    (warning,) = warnings(built)
    assert f"older than its sources ({path.name} changed)" in warning
    assert f"bring it up to date with `python -m index update --index-dir {built}`" in warning
    assert stale(built) == [str(path)]
    index.update(built)
    assert (warnings(built), stale(built)) == ((), [])


def test_a_single_file_is_a_source_too(sources: Path, tmp_path: Path) -> None:
    index.build([sources / "a.txt"], tmp_path / "i")
    save(sources)
    assert warnings(tmp_path / "i") == ()
    edit(sources)
    assert "a.txt changed" in warnings(tmp_path / "i")[0]


def test_sources_that_moved_away_as_a_whole_are_told_by_status_alone(sources: Path, built: Path) -> None:
    sources.rename(sources.with_name("moved"))
    assert warnings(built) == ()
    assert str(sources) in stale(built)


def test_one_of_two_sources_that_vanished_is_news(sources: Path, tmp_path: Path) -> None:
    shutil.copytree(sources, tmp_path / "other")
    index.build([sources, tmp_path / "other"], tmp_path / "i")
    shutil.rmtree(tmp_path / "other")
    assert "other changed" in warnings(tmp_path / "i")[0]


def test_sources_are_recorded_as_absolute_paths(sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    index.build(["sources"], tmp_path / "i")
    monkeypatch.chdir("/")
    edit(sources)
    assert stale(tmp_path / "i") == [str(sources / "a.txt")]
    index.rebuild(tmp_path / "i")
    assert stale(tmp_path / "i") == []


def test_of_many_files_a_search_looks_at_the_first_and_status_at_all(sources: Path, tmp_path: Path) -> None:
    for number in range(WATCHED + 10):
        write(sources / f"{number:03}.txt", "輸出規制", THEN)
    touch(sources, THEN)
    index.build([sources], tmp_path / "i")
    manifest = on_disk.read_manifest(tmp_path / "i")
    assert len(manifest.watched) == WATCHED
    assert [path for path, _, _ in manifest.watched[:2]] == [str(sources), str(sources / "下")]
    assert len(all_recorded(tmp_path / "i", manifest)) == 2 + 3 + WATCHED + 10
    last = sources / f"{WATCHED + 9:03}.txt"
    touch(last)
    assert warnings(tmp_path / "i") == ()
    assert stale(tmp_path / "i") == [str(last)]
    touch(sources / "000.txt")
    assert "000.txt changed" in warnings(tmp_path / "i")[0]


def test_a_programs_documents_have_no_sources_to_be_older_than(tmp_path: Path) -> None:
    index.build(Document("a", "", "輸出規制"), tmp_path / "i")
    assert warnings(tmp_path / "i") == ()
    assert stale(tmp_path / "i") == []


def test_a_file_written_while_the_index_is_built_counts_as_changed(sources: Path, tmp_path: Path) -> None:
    index.build([sources], tmp_path / "i", progress=lambda done, size: touch(sources / "a.txt"))
    assert stale(tmp_path / "i") == [str(sources / "a.txt")]


def test_a_time_before_1970_is_a_time(sources: Path, tmp_path: Path) -> None:
    touch(sources / "a.txt", -1_000_000_000)
    index.build([sources], tmp_path / "i")
    assert warnings(tmp_path / "i") == ()


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_a_name_that_is_no_utf_8_is_recorded(sources: Path, tmp_path: Path) -> None:
    odd = sources / os.fsdecode(b"\xff.txt")
    try:
        write(odd, "輸出規制", THEN)
    except OSError:
        pytest.skip("the file system takes none")
    index.build([sources], tmp_path / "i")
    touch(odd)
    assert stale(tmp_path / "i") == [str(odd)]


def test_the_record_is_checked_before_it_is_read(built: Path) -> None:
    manifest = on_disk.read_manifest(built)
    record = built / "generation-1" / "sources.json"
    content = record.read_bytes()
    for damaged in (b"", content[:-1] + b"}", content + b" "):
        record.write_bytes(damaged)
        with pytest.raises(index.DamagedIndex, match=r"sources\.json is damaged: rebuild"):
            all_recorded(built, manifest)
    record.unlink()
    with pytest.raises(index.DamagedIndex, match=r"sources\.json cannot be read"):
        all_recorded(built, manifest)


def test_the_state_has_folders_first_and_counts_their_size_as_nothing(sources: Path) -> None:
    names = ["", "下", "a.txt", "b.txt", "下/c.txt"]
    size = len("輸出規制を強化する。".encode())
    expected = [(str(sources / name), size if name.endswith("txt") else 0, THEN) for name in names]
    assert state([sources]) == expected
