"""An index directory that is foreign or damaged: told in one line, never opened, never a wrong answer."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import index
import search
from index import DamagedIndex, DirectoryError, Document, ForeignFolder, MissingIndex
from index import directory as on_disk
from index.manifest import Manifest
from index.settings import FORMAT
from index.verify import verify

DOCUMENTS = [Document(f"{n}", "輸出規制", f"第{n}回の輸出規制。電力が足りない。") for n in range(30)]


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("pristine") / "i"
    index.build(DOCUMENTS, directory)
    return directory


@pytest.fixture
def built(pristine: Path, tmp_path: Path) -> Path:
    shutil.copytree(pristine, tmp_path / "i")
    return tmp_path / "i"


def files(directory: Path) -> list[Path]:
    return sorted((directory / "generation-1").iterdir())


def refused(directory: Path) -> str:
    """The one message with which opening and verifying refuse a directory."""
    messages = set()
    for use in (search.open_index, verify):
        with pytest.raises(DirectoryError) as caught:
            use(directory)
        assert isinstance(caught.value, (DamagedIndex, ForeignFolder, MissingIndex))
        messages.add(str(caught.value))
    (message,) = messages
    assert "\n" not in message
    assert str(directory) in message
    assert "`python -m index build" in message or "--index-dir" in message
    assert len(message) < 400 + 2 * len(str(directory))
    return message


def mended(directory: Path) -> bool:
    """Whether a build does what the messages promise."""
    index.build(DOCUMENTS[:2], directory)
    with search.open_index(directory) as idx:
        return idx.search("規制").total == 2


class Bomb:
    """Unpickled, it makes a file."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.marker),)


def plant(folder: Path, marker: Path) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "_MAIN_1.toc").write_bytes(pickle.dumps(Bomb(marker)))


# Folders that are not ours


FOREIGN: dict[str, Callable[[Path], object]] = {
    "file": lambda folder: (folder / "notes.txt").write_text("mine"),
    "hidden": lambda folder: (folder / ".git").mkdir(),
    "web app": lambda folder: (folder / "manifest.json").write_text('{"name": "app"}'),
    "no object": lambda folder: (folder / "manifest.json").write_text("[1]"),
    "no json": lambda folder: (folder / "manifest.json").write_text("// mine"),
    "generations": lambda folder: (folder / "generation-1").mkdir(),
    "lock and more": lambda folder: [(folder / name).write_text("") for name in ("sakuin.lock", "a.txt")],
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_folder_that_is_not_ours_is_refused_and_stays_as_it_was(kind: str, tmp_path: Path) -> None:
    folder = tmp_path / "foreign"
    folder.mkdir()
    FOREIGN[kind](folder)
    before = {path: path.stat().st_mtime_ns for path in (folder, *folder.rglob("*"))}
    assert "is not an index" in refused(folder)
    with pytest.raises(ForeignFolder):
        index.build(DOCUMENTS, folder)
    assert {path: path.stat().st_mtime_ns for path in (folder, *folder.rglob("*"))} == before


def test_no_file_of_a_foreign_folder_is_opened(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    plant(tmp_path / "foreign", marker)
    refused(tmp_path / "foreign")
    with pytest.raises(ForeignFolder):
        index.build(DOCUMENTS, tmp_path / "foreign")
    assert not marker.exists()


@pytest.mark.parametrize("name", ["_MAIN_1.toc", "MAIN_x.seg", "1-4.field", "x.pkl", ".hidden"])
def test_a_file_planted_beside_those_of_a_generation_is_damage(name: str, built: Path, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    bomb = pickle.dumps(Bomb(marker))
    plant(built, marker)
    with search.open_index(built) as idx:
        assert idx.search("規制").total == 30
    (built / "generation-1" / name).write_bytes(bomb)
    assert f"{name} is not of this index" in refused(built)
    (built / "generation-1" / name).unlink()
    for file in files(built):
        content = file.read_bytes()
        file.write_bytes(bomb)
        assert f"{file} is damaged" in refused(built)
        # As long as the file was, so that only what is in it tells.
        file.write_bytes(bomb.ljust(len(content), b"."))
        assert told(built) in {None, file}
        with pytest.raises(DamagedIndex, match=f"{file.name} is damaged"):
            verify(built)
        file.write_bytes(content)
    assert mended(built)
    assert not marker.exists()


@pytest.mark.skipif(os.name == "nt", reason="needs links and pipes")
def test_what_leads_out_of_the_folder_is_damage(built: Path, tmp_path: Path) -> None:
    for file in files(built):
        away = tmp_path / "away"
        file.rename(away)
        file.symlink_to(away)
        assert f"{file} is damaged" in refused(built)
        file.unlink()
        os.mkfifo(file)
        assert f"{file} is damaged" in refused(built)
        file.unlink()
        away.rename(file)
    (built / "generation-1").rename(tmp_path / "away")
    (built / "generation-1").symlink_to(tmp_path / "away")
    assert "generation-1 is no folder" in refused(built)
    assert mended(built)
    assert len(list((tmp_path / "away").iterdir())) > 3


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_a_manifest_that_is_a_link_makes_a_folder_no_index(built: Path, tmp_path: Path) -> None:
    folder = tmp_path / "anderes"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    (folder / "manifest.json").symlink_to(built / "manifest.json")
    with pytest.raises(ForeignFolder):
        index.build([index.Document("a", "", "輸出。")], folder)
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "notes.txt"]


def test_what_lies_beside_a_manifest_of_ours_does_not_hinder_a_build(built: Path) -> None:
    (built / ".DS_Store").write_text("Finder's")
    (built / "sakuin.lock").unlink()
    assert mended(built)
    assert (built / ".DS_Store").read_text() == "Finder's"


def test_files_links_and_missing_places(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "nothing")
    (tmp_path / "empty").mkdir()
    assert "not a folder" in refused(tmp_path / "file")
    assert "link to nothing" in refused(tmp_path / "link")
    for name in ("empty", "missing", "file/below"):
        assert "no index" in refused(tmp_path / name)
    for name in ("file", "link", "file/below"):
        with pytest.raises(ForeignFolder, match="is not a folder"):
            index.build(DOCUMENTS, tmp_path / name)
    assert mended(tmp_path / "empty")
    assert mended(tmp_path / "missing" / "below")


def test_a_link_to_a_folder_is_that_folder(built: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(built)
    assert mended(tmp_path / "link")
    assert sorted(path.name for path in built.iterdir()) == ["generation-2", "manifest.json", "sakuin.lock"]


def test_a_name_too_long_for_the_system_is_told(tmp_path: Path) -> None:
    with pytest.raises(DirectoryError, match="File name too long"):
        index.build(DOCUMENTS, tmp_path / ("い" * 200))
    with pytest.raises(DirectoryError, match="File name too long"):
        search.open_index(tmp_path / ("い" * 200))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not hold for everybody")
def test_permissions_are_named(built: Path) -> None:
    built.chmod(0)
    try:
        with pytest.raises(DirectoryError, match="permissions"):
            search.open_index(built)
        with pytest.raises(DirectoryError, match="permissions"):
            index.build(DOCUMENTS, built)
    finally:
        built.chmod(0o700)


# Damage to files


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :]


def told(directory: Path) -> Path | None:
    """The file that an error names when the index is used; None where every answer was right."""
    try:
        with search.open_index(directory) as idx:
            hits = idx.search("規制", limit=100)
            assert [hit.document for hit in hits] == [document.id for document in DOCUMENTS]
            assert [idx.document(document.id).text for document in DOCUMENTS] == [d.text for d in DOCUMENTS]
    except DamagedIndex as error:
        message = str(error)
    else:
        return None
    assert "rebuild it with `python -m index build" in message
    (file,) = (file for file in files(directory) if f"{file} " in message)
    return file


def test_a_file_of_the_generation_that_is_not_as_written_is_named(built: Path) -> None:
    for file in files(built):
        content = file.read_bytes()
        middle = len(content) // 2
        for way in (b"", content[:-1], content[:middle], content + b"\0"):
            file.write_bytes(way)
            assert f"{file} is damaged" in refused(built)
        for at in (0, 1, middle, len(content) - 1):
            file.write_bytes(flipped(content, at))
            assert told(built) in {None, file}
            with pytest.raises(DamagedIndex, match=f"{file.name} is damaged: rebuild it with"):
                verify(built)
        file.unlink()
        assert f"{file} is missing" in refused(built)
        file.mkdir()
        assert f"{file} is damaged" in refused(built)
        file.rmdir()
        file.write_bytes(content)
    assert verify(built) == []
    assert told(built) is None


def test_swapped_files_are_damage(built: Path) -> None:
    first, second, *_ = files(built)
    first.rename(built / "x")
    second.rename(first)
    (built / "x").rename(second)
    assert "is damaged" in refused(built)
    assert mended(built)


@pytest.mark.parametrize("instead", ["nothing", "a file", "another's"])
def test_a_generation_that_is_gone_is_damage(instead: str, built: Path) -> None:
    (built / "generation-1").rename(built / "generation-2")
    if instead == "a file":
        (built / "generation-1").write_text("")
    elif instead == "another's":
        (built / "generation-1").mkdir()
    assert f"{built / 'generation-1'}" in refused(built)
    assert mended(built)


# Damage to the manifest


def test_a_truncated_manifest_is_told(built: Path) -> None:
    manifest = built / "manifest.json"
    content = manifest.read_bytes()
    for size in range(0, len(content), 50):
        manifest.write_bytes(content[:size])
        assert f"{manifest} cannot be used" in refused(built)
    assert mended(built)


def test_a_bit_flipped_anywhere_in_the_manifest_is_told(built: Path) -> None:
    manifest = built / "manifest.json"
    content = manifest.read_bytes()
    for at in range(0, len(content), 7):
        if content[at] not in b" \n":
            manifest.write_bytes(flipped(content, at))
            refused(built)
    manifest.write_bytes(flipped(content, 4))
    assert mended(built)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b"1",
        b'"sakuin"',
        b"{}",
        b"\xff\xfe{}",
        b'{"sakuin": 2}',
        b'{"sakuin": true}',
        b'{"sakuin": "1"}',
        b'{"sakuin": [[1]]}',
        b'{"sakuin": 2, "checksum": 1e400}',
        b'{"sakuin": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{\n "sakuin": 2, "files": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
    ids=lambda content: repr(content[:40]),
)
def test_a_manifest_that_is_none_is_told(content: bytes, built: Path) -> None:
    (built / "manifest.json").write_bytes(content)
    assert "cannot be used" in refused(built)
    assert mended(built)


def test_another_format_is_told(built: Path) -> None:
    manifest = built / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"sakuin": %d,' % FORMAT, b'"sakuin": 1,'))
    assert f"it has format 1, this version reads {FORMAT}" in refused(built)
    assert mended(built)


WRONG: dict[str, list[object]] = {
    "generation": [-1, 0, True, "1", 1.0, None, 2**63, 10**4000, [1]],
    "files": [
        [],
        "x",
        {"../x": [1, 1]},
        {"/etc/passwd": [1, 1]},
        {"": [1, 1]},
        {".": [1, 1]},
        {"a": 1},
        {"a": ["1", "1"]},
    ],
    "fingerprint": [[], {}, {"chain": 1}, None],
    "documents": ["1", -1, True, None],
    "passages": ["1", -1, 1.5],
    "slots": [[], {}, {"body": [1]}, {"title": 1, "headings": 1, "body": 1}],
    "sources": ["abc", [1], None, {}],
    "watched": [[["a", 1]], [["a", "1", "1"]], [1], "", {}],
    "from_documents": [1, "yes", None],
    "built": [1, None],
}


@pytest.mark.parametrize("key", WRONG)
def test_wrong_types_under_a_right_checksum_are_told(key: str, built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = on_disk.read_manifest(built)
    right = manifest.to_dict()
    for value in WRONG[key]:
        with monkeypatch.context() as patch:
            patch.setattr(Manifest, "to_dict", lambda _, value=value: {**right, key: value})
            (built / "manifest.json").write_bytes(manifest.to_bytes())
        assert "cannot be used" in refused(built), value
    with monkeypatch.context() as patch:
        patch.setattr(Manifest, "to_dict", lambda _: {name: value for name, value in right.items() if name != key})
        (built / "manifest.json").write_bytes(manifest.to_bytes())
    assert f"it lacks '{key}'" in refused(built)


def test_fields_of_the_fingerprint_have_their_types(built: Path) -> None:
    manifest = on_disk.read_manifest(built)
    for name, value in {"chain": "1", "dictionary": 1, "dictionary_version": None, "dictionary_bytes": "1"}.items():
        wrong = replace(manifest, fingerprint=replace(manifest.fingerprint, **{name: value}))  # type: ignore[arg-type]
        (built / "manifest.json").write_bytes(wrong.to_bytes())
        assert "cannot be used" in refused(built)


def test_the_manifest_says_what_was_built(pristine: Path) -> None:
    manifest = on_disk.read_manifest(pristine)
    assert (manifest.generation, manifest.documents, manifest.passages) == (1, 30, 30)
    assert json.loads((pristine / "manifest.json").read_bytes())["sakuin"] == FORMAT
    assert set(manifest.files) == {file.name for file in files(pristine)}
    assert (manifest.sources, manifest.watched, manifest.from_documents) == ((), (), True)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs Linux")
def test_nothing_stays_open(pristine: Path, built: Path, tmp_path: Path) -> None:
    def used(times: int) -> int:
        """Files that are open after all uses of an index, so many times."""
        for _ in range(times):
            with search.open_index(pristine) as idx:
                idx.search("規制")
            verify(pristine)
            refused(built)
        verify(pristine, deep=True)
        index.build(DOCUMENTS[:1], tmp_path / "new")
        return sum(1 for _ in Path("/proc/self/fd").iterdir())

    (built / "manifest.json").write_bytes(b"{")
    assert used(1) == used(20)
