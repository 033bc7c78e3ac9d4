"""Sources: which files are found, what they are called, and what is said of those that cannot be read."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from index import sources
from index.errors import SourceError
from index.model import Document
from index.sources import Skipped, find, folders, read

REPOSITORY = Path(__file__).parents[2]


def write(path: Path, content: str | bytes = "本文。") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def names(source: Path) -> list[str]:
    return [found.name for found in find(source)]


def ids(*given: Path) -> list[str]:
    return [outcome.id for outcome in read(given) if isinstance(outcome, Document)]


def skipped(*given: Path) -> dict[str, str]:
    return {outcome.path: outcome.reason for outcome in read(given) if isinstance(outcome, Skipped)}


# -- finding ----------------------------------------------------------------------------------------------------------


def test_files_come_sorted_by_their_path(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a.txt", "a/b/c.txt", "a-b.txt", "あ.txt"):
        write(tmp_path / name)
    assert names(tmp_path) == sorted(["b.txt", "a/z.txt", "a.txt", "a/b/c.txt", "a-b.txt", "あ.txt"])


def test_a_found_file_can_be_opened_at_its_path(tmp_path: Path) -> None:
    file = write(tmp_path / "a" / "b.txt")
    assert list(find(tmp_path)) == [(file, "a/b.txt")]


def test_a_source_that_is_a_file_goes_by_its_name(tmp_path: Path) -> None:
    file = write(tmp_path / "a" / "b.txt")
    assert names(file) == ["b.txt"]
    assert list(folders(file)) == []


def test_hidden_files_and_folders_are_left_out(tmp_path: Path) -> None:
    write(tmp_path / ".hidden.txt")
    write(tmp_path / ".git" / "a.txt")
    write(tmp_path / "a.txt")
    assert names(tmp_path) == ["a.txt"]
    assert list(folders(tmp_path)) == [tmp_path]


def test_a_hidden_source_is_read_if_given(tmp_path: Path) -> None:
    write(tmp_path / ".notes" / "a.txt")
    assert names(tmp_path / ".notes") == ["a.txt"]


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "outside" / "a.txt")
    source = tmp_path / "source"
    write(source / "b.txt")
    (source / "loop").symlink_to(source)
    (source / "out").symlink_to(tmp_path / "outside")
    (source / "c.txt").symlink_to(source / "b.txt")
    assert names(source) == ["b.txt", "c.txt"]
    assert list(folders(source)) == [source]


def test_folders_are_the_source_and_all_below(tmp_path: Path) -> None:
    write(tmp_path / "a" / "b" / "c.txt")
    assert list(folders(tmp_path)) == [tmp_path, tmp_path / "a", tmp_path / "a" / "b"]


@pytest.mark.parametrize("walk", [find, folders])
def test_a_source_that_does_not_exist_is_an_error(tmp_path: Path, walk: object) -> None:
    assert callable(walk)
    with pytest.raises(SourceError, match=r"nowhere: no such file or folder; give the path"):
        list(walk(tmp_path / "nowhere"))


def test_a_source_that_is_a_broken_link_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(SourceError, match="leads nowhere"):
        list(find(tmp_path / "link"))


def test_sakuinignore_leaves_out_what_it_names(tmp_path: Path) -> None:
    patterns = "\ufeff# 注\n*.md\n/draft/\nold/*\n!old/keep.txt\n"
    write(tmp_path / ".sakuinignore", patterns)
    for name in ("a.txt", "b.md", "draft/a.txt", "sub/draft/a.txt", "old/a.txt", "old/keep.txt"):
        write(tmp_path / name)
    assert names(tmp_path) == ["a.txt", "old/keep.txt", "sub/draft/a.txt"]
    assert tmp_path / "draft" not in list(folders(tmp_path))


def test_sakuinignore_counts_at_the_root_only(tmp_path: Path) -> None:
    write(tmp_path / "sub" / ".sakuinignore", "*.txt")
    write(tmp_path / "sub" / "a.txt")
    assert names(tmp_path) == ["sub/a.txt"]


@pytest.mark.parametrize("pattern", ["!", "[z-a]"])
def test_a_bad_pattern_is_named_with_its_line(tmp_path: Path, pattern: str) -> None:
    write(tmp_path / ".sakuinignore", f"*.md\n{pattern}\n")
    with pytest.raises(SourceError, match=r"\.sakuinignore:2: .* correct or remove it"):
        names(tmp_path)


def test_a_sakuinignore_that_is_not_utf_8_is_an_error(tmp_path: Path) -> None:
    write(tmp_path / ".sakuinignore", "下書き".encode("cp932"))
    with pytest.raises(SourceError, match=r"\.sakuinignore cannot be read"):
        names(tmp_path)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names are always Unicode there")
def test_a_name_that_is_not_utf_8_is_made_printable(tmp_path: Path) -> None:
    write(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\x93\xfa.txt")))
    assert ids(tmp_path) == ["\ufffd\ufffd.txt"]


def test_a_folder_that_cannot_be_listed_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a" / "b.txt")
    write(tmp_path / "c.txt")
    scan = os.scandir

    def denying(path: Path) -> object:
        if path == tmp_path / "a":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", denying)
    assert ids(tmp_path) == ["c.txt"]
    assert skipped(tmp_path) == {"a": "a folder that cannot be listed; give permission to read it"}


# -- names ------------------------------------------------------------------------------------------------------------


def test_only_names_that_collide_get_the_name_of_their_source(tmp_path: Path) -> None:
    for name in ("one/a.txt", "one/b.txt", "two/a.txt", "two/c.txt"):
        write(tmp_path / name)
    assert ids(tmp_path / "one", tmp_path / "two") == ["one/a.txt", "b.txt", "two/a.txt", "c.txt"]


def test_sources_of_one_name_get_their_parents_too(tmp_path: Path) -> None:
    for name in ("x/notes/a.txt", "y/notes/a.txt"):
        write(tmp_path / name)
    assert ids(tmp_path / "x" / "notes", tmp_path / "y" / "notes") == ["x/notes/a.txt", "y/notes/a.txt"]


def test_sources_whose_parents_are_alike_are_numbered(tmp_path: Path) -> None:
    for name in ("1/x/notes/a.txt", "2/x/notes/a.txt"):
        write(tmp_path / name)
    given = [tmp_path / "1" / "x" / "notes", tmp_path / "2" / "x" / "notes"]
    assert ids(*given) == ["x/notes/a.txt", "x/notes-2/a.txt"]


def test_a_prefixed_name_does_not_meet_a_real_one(tmp_path: Path) -> None:
    for name in ("one/a.txt", "two/a.txt", "two/one/a.txt"):
        write(tmp_path / name)
    assert ids(tmp_path / "one", tmp_path / "two") == ["one-2/a.txt", "two/a.txt", "one/a.txt"]


def test_files_of_one_name_get_that_of_their_folder(tmp_path: Path) -> None:
    given = [write(tmp_path / "one" / "a.txt"), write(tmp_path / "two" / "a.txt")]
    assert ids(*given) == ["one/a.txt", "two/a.txt"]


def test_a_file_that_two_sources_reach_is_read_once(tmp_path: Path) -> None:
    file = write(tmp_path / "sub" / "a.txt")
    assert ids(tmp_path, tmp_path, tmp_path / "sub", file) == ["sub/a.txt"]


def test_the_path_of_a_document_is_its_name(tmp_path: Path) -> None:
    write(tmp_path / "one" / "a.txt")
    write(tmp_path / "two" / "a.jsonl", '{"id": 7, "text": "本文。"}')
    assert [d.path for d in read([tmp_path]) if isinstance(d, Document)] == ["one/a.txt", "two/a.jsonl"]


def test_no_sources_no_documents() -> None:
    assert list(read([])) == []


@pytest.mark.parametrize(
    ("first", "second", "places"),
    [
        ('{"id": "甲", "text": "あ"}\n\n{"id": "甲", "text": "い"}', None, r"in a\.jsonl:1 and in a\.jsonl:3"),
        ('{"id": "甲", "text": "あ"}', 'id,text\n乙,"い\nう"\n甲,え', r"in a\.jsonl:1 and in b\.csv:4"),
        ('{"id": 1, "text": "あ"}', "id,text\n1,い", r"in a\.jsonl:1 and in b\.csv:2"),
        ('{"id": "c.txt", "text": "あ"}', None, r"in a\.jsonl:1 and in c\.txt"),
        ('{"id": "a.jsonl#2", "text": "あ"}\n{"text": "い"}', None, r"in a\.jsonl:1 and in a\.jsonl:2"),
    ],
)
def test_an_id_given_twice_is_an_error_that_names_both(
    tmp_path: Path, first: str, second: str | None, places: str
) -> None:
    write(tmp_path / "a.jsonl", first)
    write(tmp_path / "c.txt")
    if second is not None:
        write(tmp_path / "b.csv", second)
    with pytest.raises(SourceError, match=places):
        list(read([tmp_path]))


# -- what cannot be read ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.pdf", "a.PNG", "LICENSE"])
def test_another_format_is_skipped_with_the_formats_read(tmp_path: Path, name: str) -> None:
    write(tmp_path / name)
    assert "only .csv, .htm, .html, .jsonl, .md, .txt" in skipped(tmp_path)[name]


def test_the_case_of_an_extension_does_not_matter(tmp_path: Path) -> None:
    write(tmp_path / "A.TXT")
    assert ids(tmp_path) == ["A.TXT"]


@pytest.mark.parametrize("extension", list(sources.FORMATS))
class TestEveryFormat:
    def test_a_broken_link_is_skipped(self, tmp_path: Path, extension: str) -> None:
        (tmp_path / f"a{extension}").symlink_to(tmp_path / "nowhere")
        assert "leads nowhere" in skipped(tmp_path)[f"a{extension}"]

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
    def test_a_pipe_is_skipped_and_not_waited_for(self, tmp_path: Path, extension: str) -> None:
        os.mkfifo(tmp_path / f"a{extension}")
        assert skipped(tmp_path) == {f"a{extension}": "not a file but a named pipe"}

    def test_a_file_we_may_not_open_is_skipped(
        self, tmp_path: Path, extension: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(tmp_path / f"a{extension}")

        def deny(self: Path, *args: object, **kwargs: object) -> None:
            if self.name == ".sakuinignore":
                raise FileNotFoundError
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", deny)
        assert skipped(tmp_path) == {f"a{extension}": "cannot be read: Permission denied"}

    def test_a_folder_given_as_a_file_is_skipped(self, tmp_path: Path, extension: str) -> None:
        module = import_module(f"index.sources.{sources.FORMATS[extension]}")
        assert list(module.read(tmp_path, "a")) == [Skipped("a", "not a file but a folder")]

    @pytest.mark.parametrize("content", ["", "\ufeff", " \n\u3000\r\n\t"])
    def test_a_blank_file_is_skipped(self, tmp_path: Path, extension: str, content: str) -> None:
        write(tmp_path / f"a{extension}", content)
        assert skipped(tmp_path) == {f"a{extension}": "no text in it"}

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            ("題,本文\n日本語の文です。".encode("cp932"), "byte 0x91 at offset 0; it looks like Shift_JIS"),
            ("ab\n日本語の文です。".encode("euc_jp"), "byte 0xc6 at offset 3; it looks like EUC-JP"),
            ("日本語の文です。".encode("utf-16"), "byte 0xff at offset 0; it looks like UTF-16, "),
            ("title\n".encode("utf-16-le"), "byte 0x00 at offset 1; it looks like UTF-16LE"),
            ("title: 日本語の文です\n".encode("utf-16-be"), "byte 0x00 at offset 0; it looks like UTF-16BE"),
            ("ab日本語です。".encode("iso2022_jp"), "byte 0x1b at offset 2; it looks like ISO-2022-JP"),
            ("café au lait".encode("latin-1"), "byte 0xe9 at offset 3; convert it to UTF-8"),
            ("日本".encode() + b"\0", "byte 0x00 at offset 6; convert it to UTF-8"),
            ("日本".encode()[:-1], "byte 0xe6 at offset 3; convert it to UTF-8"),
            (b"a" * ((1 << 20) - 1) + "日".encode()[:2] + b"x", "byte 0xe6 at offset 1048575; convert"),
        ],
    )
    def test_what_is_not_utf_8_is_skipped_with_the_way_out(
        self, tmp_path: Path, extension: str, content: bytes, reason: str
    ) -> None:
        write(tmp_path / f"a{extension}", content)
        outcomes = list(read([tmp_path]))
        assert len(outcomes) == 1
        assert f"not UTF-8 text: {reason}" in skipped(tmp_path)[f"a{extension}"]

    def test_a_byte_order_mark_is_dropped(self, tmp_path: Path, extension: str) -> None:
        content = '{"text": "本文。"}' if extension == ".jsonl" else "text\n本文。\n"
        write(tmp_path / f"a{extension}", "\ufeff" + content)
        (document,) = read([tmp_path])
        assert isinstance(document, Document)
        assert "本文。" in document.text
        assert "\ufeff" not in document.text

    def test_a_character_across_two_chunks_is_no_bad_byte(self, tmp_path: Path, extension: str) -> None:
        line = "a" * ((1 << 20) - 1) + "日本語"
        content = f'{{"te": "{line}", "text": "日本"}}' if extension == ".jsonl" else line
        write(tmp_path / f"a{extension}", content)
        (document,) = read([tmp_path])
        assert isinstance(document, Document)


def test_the_parsers_are_imported_when_a_file_needs_them(tmp_path: Path) -> None:
    code = (
        "import sys, index.sources as s; from pathlib import Path; write = Path(sys.argv[1], 'a.txt').write_text('a')\n"
        "list(s.read([Path(sys.argv[1])]))\n"
        "print([m for m in ('selectolax', 'markdown_it', 'mdit_py_plugins', 'pathspec', 'csv') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
