"""``python -m index`` as a user meets it: build, update, add, delete, status, verify; refusals; what is cut short."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import index
from index import directory as on_disk
from index.cli import main

PACKAGES = Path(index.__file__).parents[1]
DEADLINE = 120.0
"""Seconds after which a test gives up on a process; no result depends on it."""


class Said(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.out.count("\n") == 1
        return json.loads(self.out)

    def is_error(self, *told: str) -> bool:
        """Whether it is one line on stderr that tells this, with nothing on stdout."""
        assert self.err.startswith("sakuin: ")
        assert self.err.count("\n") == 1
        assert all(words in self.err for words in told), self.err
        return self.status == 2 and not self.out


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    monkeypatch.delenv("SAKUIN_INDEX", raising=False)

    def call(*arguments: str | Path) -> Said:
        status = main([str(argument) for argument in arguments])
        return Said(status, *capsys.readouterr())

    return call


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "文書"
    folder.mkdir()
    (folder / "灯台.txt").write_text("岬の灯台が光る。船は港へ急ぐ。", encoding="utf-8")
    (folder / "畑.md").write_text("# 畑の一年\n\n春に種をまき、秋に刈り取る。\n", encoding="utf-8")
    (folder / "写真.png").write_bytes(b"\x89PNG\r\n")
    (folder / "空.txt").write_text("", encoding="utf-8")
    lines = ['{"id": "r1", "text": "川で鮎を釣る。"}', "{", '{"id": "r3", "text": "山で茸を採る。"}']
    (folder / "記録.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def built(call: Callable[..., Said], source: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "index"
    assert call("build", source, "--index-dir", folder).status == 0
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def ids(folder: Path, query: str) -> list[str]:
    import search

    with search.open_index(folder) as idx:
        return [hit.document for hit in idx.search(query)]


def test_build_reports_what_it_did(call: Callable[..., Said], source: Path, tmp_path: Path) -> None:
    said = call("build", source, "--index-dir", tmp_path / "i")
    assert said.status == 0
    facts = dict(line.split(None, 1) for line in said.out.splitlines() if not line.startswith(" "))
    assert facts["documents"] == "4"
    assert facts["skipped"] == "3"
    assert facts["index"] == str(tmp_path / "i")
    skipped = [line.strip() for line in said.out.splitlines() if line.startswith("  ")]
    for name in ("写真.png: ", "空.txt: ", "記録.jsonl:2: "):
        assert any(line.startswith(name) and len(line) > len(name) for line in skipped)
    assert said.err.count("\n") == 1
    assert str(tmp_path / "i") in said.err


def test_build_as_json(call: Callable[..., Said], source: Path, tmp_path: Path) -> None:
    report = call("build", source, "--json", "--index-dir", tmp_path / "i").json
    assert report.keys() == {
        *("directory", "documents", "passages", "tokens", "seconds", "bytes", "tables_seconds", "skipped")
    }
    assert report["documents"] == 4
    assert {skipped["path"] for skipped in report["skipped"]} == {"写真.png", "空.txt", "記録.jsonl:2"}
    assert all(skipped["reason"] for skipped in report["skipped"])
    assert ids(tmp_path / "i", "鮎") == ["r1"]


def test_many_skipped_files_are_counted(call: Callable[..., Said], source: Path, tmp_path: Path) -> None:
    for i in range(30):
        (source / f"図{i:02}.png").write_bytes(b"\x89PNG")
    said = call("build", source, "--index-dir", tmp_path / "i")
    assert "skipped    33" in said.out
    assert "… and 13 more (--json lists all)" in said.out
    assert len(call("build", source, "--json", "--index-dir", tmp_path / "i").json["skipped"]) == 33


def test_build_without_sources_takes_those_recorded(call: Callable[..., Said], source: Path, built: Path) -> None:
    (source / "井戸.txt").write_text("井戸の水は冷たい。", encoding="utf-8")
    assert call("build", "--json", "--index-dir", built).json["documents"] == 5
    assert ids(built, "井戸") == ["井戸.txt"]


def test_build_without_sources_where_a_program_gave_them(call: Callable[..., Said], tmp_path: Path) -> None:
    index.build([index.Document("a", "一", "灯台が光る。")], tmp_path / "i")
    assert call("build", "--index-dir", tmp_path / "i").is_error("program's documents")
    assert ids(tmp_path / "i", "灯台") == ["a"]


def test_build_replaces_what_is_there(call: Callable[..., Said], built: Path, tmp_path: Path) -> None:
    other = tmp_path / "別.txt"
    other.write_text("峠の茶屋で休む。", encoding="utf-8")
    assert call("build", other, "--index-dir", built).status == 0
    assert ids(built, "灯台") == []
    assert ids(built, "茶屋") == ["別.txt"]
    assert len([path for path in built.iterdir() if path.is_dir()]) == 1


def test_sources_that_cannot_be_used_change_nothing(call: Callable[..., Said], built: Path, tmp_path: Path) -> None:
    before = contents(built)
    (tmp_path / "空").mkdir()
    (tmp_path / "図").mkdir()
    (tmp_path / "図" / "x.png").write_bytes(b"\x89PNG")
    for given, told in (("無い", "無い"), ("空", "no file"), ("図", "x.png"), ("", "")):
        source = tmp_path / given if given else "\x1b[31m\u202e無"
        said = call("build", source, "--index-dir", built)
        assert said.is_error(told)
        assert "\x1b" not in said.err
        assert contents(built) == before


@pytest.mark.parametrize("name", ["手紙.txt", "manifest.txt", "_MAIN_1.toc", ".hidden"])
def test_a_foreign_folder_is_refused_and_untouched(
    call: Callable[..., Said], source: Path, tmp_path: Path, name: str
) -> None:
    foreign = tmp_path / "foreign"
    (foreign / "下").mkdir(parents=True)
    (foreign / name).write_bytes(b"\x80\x04mine")
    (foreign / "下" / "x").write_bytes(b"mine too")
    before = contents(foreign)
    assert call("build", source, "--index-dir", foreign).is_error(str(foreign), "choose")
    assert contents(foreign) == before
    assert sorted(path.name for path in foreign.iterdir()) == sorted([name, "下"])


def test_an_index_dir_that_is_a_file(call: Callable[..., Said], source: Path, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"mine")
    assert call("build", source, "--index-dir", file).is_error("not a folder")
    assert call("build", source, "--index-dir", file / "below").is_error("not a folder")
    assert file.read_bytes() == b"mine"


def test_a_build_over_a_damaged_index_mends_it(call: Callable[..., Said], source: Path, built: Path) -> None:
    (built / "manifest.json").write_bytes(b"{")
    assert call("verify", "--index-dir", built).is_error("rebuild")
    assert call("build", source, "--index-dir", built).status == 0
    assert call("verify", "--deep", "--index-dir", built).status == 0


def changes(said: Said) -> dict[str, int]:
    """What an update says that it did."""
    assert said.status == 0, said.err
    facts = [line.split() for line in said.out.splitlines() if not line.startswith(" ")]
    return {name: int(count) for name, count, *_ in facts if name in {"added", "replaced", "deleted", "kept"}}


def test_update_takes_in_what_is_new_or_changed_and_lets_go_of_what_is_gone(
    call: Callable[..., Said], source: Path, built: Path
) -> None:
    (source / "灯台.txt").write_text("岬の灯台は今夜も光らない。", encoding="utf-8")
    (source / "井戸.txt").write_text("井戸の水は冷たい。", encoding="utf-8")
    (source / "畑.md").unlink()
    said = call("update", "--index-dir", built)
    assert changes(said) == {"added": 1, "replaced": 1, "deleted": 1, "kept": 2}
    for words in ("documents  4", "skipped    3", "  空.txt: ", f"index      {built}"):
        assert words in said.out
    assert said.err == f"Updating {built} …\n"
    assert [ids(built, word) for word in ("今夜", "井戸", "畑", "鮎", "港")] == [
        ["灯台.txt"],
        ["井戸.txt"],
        [],
        ["r1"],
        [],
    ]
    assert call("status", "--index-dir", built).status == 0
    assert call("verify", "--deep", "--index-dir", built).status == 0
    assert sorted(path.name for path in built.iterdir() if path.is_dir()) == ["generation-2"]


def test_update_as_json(call: Callable[..., Said], source: Path, built: Path) -> None:
    (source / "井戸.txt").write_text("井戸の水は冷たい。", encoding="utf-8")
    said = call("update", "--json", "--memory", "64", "--index-dir", built)
    report = said.json
    assert report.keys() == {
        *("directory", "documents", "passages", "tokens", "seconds", "bytes", "tables_seconds", "skipped"),
        *("added", "replaced", "deleted", "kept"),
    }
    assert (report["documents"], report["added"], report["kept"], len(report["skipped"])) == (5, 1, 4, 3)


def test_update_where_nothing_changed_writes_nothing(call: Callable[..., Said], built: Path) -> None:
    before = contents(built)
    said = call("update", "--index-dir", built)
    assert changes(said) == {"added": 0, "replaced": 0, "deleted": 0, "kept": 4}
    assert said.err == ""
    assert contents(built) == before


def test_update_of_sources_that_were_only_touched_ends_the_warning(
    call: Callable[..., Said], source: Path, built: Path
) -> None:
    os.utime(source / "灯台.txt", (1, 1))
    assert call("status", "--index-dir", built).status == 1
    assert changes(call("update", "--index-dir", built)) == {"added": 0, "replaced": 0, "deleted": 0, "kept": 4}
    assert call("status", "--index-dir", built).status == 0
    assert ids(built, "灯台") == ["灯台.txt"]


def test_update_with_sources_records_them_instead(call: Callable[..., Said], built: Path, tmp_path: Path) -> None:
    other = tmp_path / "別.txt"
    other.write_text("峠の茶屋で休む。", encoding="utf-8")
    assert changes(call("update", other, "--index-dir", built)) == {"added": 1, "replaced": 0, "deleted": 4, "kept": 0}
    assert (ids(built, "灯台"), ids(built, "茶屋")) == ([], ["別.txt"])
    assert call("status", "--json", "--index-dir", built).json["sources"] == [str(other)]


def test_update_of_sources_that_are_gone_changes_nothing(
    call: Callable[..., Said], source: Path, built: Path, tmp_path: Path
) -> None:
    before = contents(built)
    source.rename(tmp_path / "moved")
    assert call("update", "--index-dir", built).is_error(str(source), "not there any more", "name the sources")
    source.mkdir()
    assert call("update", "--index-dir", built).is_error("no file")
    assert contents(built) == before


def test_add_keeps_what_is_there(call: Callable[..., Said], source: Path, built: Path, tmp_path: Path) -> None:
    other = tmp_path / "別"
    other.mkdir()
    (other / "灯台.txt").write_text("北の灯台は白い。", encoding="utf-8")
    (other / "茶屋.txt").write_text("峠の茶屋で休む。", encoding="utf-8")
    said = call("add", other, "--index-dir", built)
    # Files of one name go by their sources' names, as in a build of both.
    assert changes(said) == {"added": 3, "replaced": 0, "deleted": 1, "kept": 3}
    assert said.err == f"Adding to {built} …\n"
    assert sorted(ids(built, "灯台")) == ["別/灯台.txt", "文書/灯台.txt"]
    assert ids(built, "鮎") == ["r1"]
    assert call("status", "--json", "--index-dir", built).json["sources"] == [str(source), str(other)]
    assert changes(call("add", other, "--index-dir", built))["kept"] == 6


def test_add_builds_where_there_is_no_index(call: Callable[..., Said], source: Path, tmp_path: Path) -> None:
    said = call("add", source, "--index-dir", tmp_path / "i")
    assert changes(said) == {"added": 4, "replaced": 0, "deleted": 0, "kept": 0}
    assert ids(tmp_path / "i", "鮎") == ["r1"]


def test_delete_takes_documents_out_and_update_brings_them_back(call: Callable[..., Said], built: Path) -> None:
    said = call("delete", "灯台.txt", "r1", "r1", "--index-dir", built)
    assert changes(said) == {"added": 0, "replaced": 0, "deleted": 2, "kept": 2}
    assert said.err == ""
    assert (ids(built, "灯台"), ids(built, "鮎"), ids(built, "茸")) == ([], [], ["r3"])
    assert call("verify", "--deep", "--index-dir", built).status == 0
    assert call("status", "--json", "--index-dir", built).json["documents"] == 2
    assert call("delete", "r1", "--index-dir", built).is_error("'r1'")
    assert changes(call("update", "--index-dir", built)) == {"added": 2, "replaced": 0, "deleted": 0, "kept": 2}
    assert ids(built, "鮎") == ["r1"]


def test_what_sakuinignore_names_stays_away(call: Callable[..., Said], source: Path, built: Path) -> None:
    assert call("delete", "灯台.txt", "--index-dir", built).status == 0
    (source / ".sakuinignore").write_text("灯台.txt\n", encoding="utf-8")
    assert changes(call("update", "--index-dir", built)) == {"added": 0, "replaced": 0, "deleted": 0, "kept": 3}
    assert ids(built, "灯台") == []


def test_delete_of_an_id_that_is_not_there_changes_nothing(call: Callable[..., Said], built: Path) -> None:
    before = contents(built)
    assert call("delete", "r1", "無い\x1b", "r3", "--index-dir", built).is_error("無い", "nothing was deleted")
    assert contents(built) == before


def test_all_documents_can_be_deleted(call: Callable[..., Said], built: Path) -> None:
    assert call("delete", "灯台.txt", "畑.md", "r1", "r3", "--json", "--index-dir", built).json["documents"] == 0
    assert ids(built, "灯台") == []
    assert call("verify", "--deep", "--index-dir", built).status == 0
    assert changes(call("update", "--index-dir", built))["added"] == 4


@pytest.mark.parametrize("part", ["chain", "dictionary_version", "dictionary_bytes", "dictionary_sha256"])
def test_nothing_is_added_to_an_index_of_another_analysis(
    call: Callable[..., Said], source: Path, built: Path, part: str
) -> None:
    manifest = on_disk.read_manifest(built)
    other: Any = "1999" if isinstance(getattr(manifest.fingerprint, part), str) else 1
    on_disk.switch(built, replace(manifest, fingerprint=replace(manifest.fingerprint, **{part: other})))
    before = contents(built)
    for arguments in (("update",), ("update", source), ("add", source)):
        said = call(*arguments, "--index-dir", built)
        assert said.is_error("nothing can be added", f"rebuild it with `python -m index build --index-dir {built}`")
    assert contents(built) == before
    if part != "dictionary_sha256":  # which only a change of the index looks at
        (source / "灯台.txt").unlink()
        status = call("status", "--index-dir", built)
        assert status.out.splitlines()[-1] == f"To bring it up to date: python -m index build --index-dir {built}"
    assert call("delete", "r1", "--index-dir", built).status == 0
    assert ids(built, "鮎") == []


def test_status_tells_what_the_index_holds(call: Callable[..., Said], source: Path, built: Path) -> None:
    said = call("status", "--index-dir", built)
    assert (said.status, said.err) == (0, "")
    for words in (str(built), "documents   4", str(source), "changed     none"):
        assert words in said.out
    facts = call("status", "--json", "--index-dir", built).json
    assert facts["documents"] == 4
    assert facts["sources"] == [str(source)]
    assert (facts["changed"], facts["difference"]) == ([], None)


@pytest.mark.parametrize("change", ["grown", "removed", "added"])
def test_status_1_where_a_source_changed(call: Callable[..., Said], source: Path, built: Path, change: str) -> None:
    if change == "grown":
        (source / "灯台.txt").write_text("岬の灯台が光る。船は港へ急ぐ。霧が出た。", encoding="utf-8")
    elif change == "removed":
        (source / "畑.md").unlink()
    else:
        (source / "新.txt").write_text("新しい橋が架かる。", encoding="utf-8")
        os.utime(source, (1, 1))  # a file system's clock may be too coarse to tell
    said = call("status", "--index-dir", built)
    assert said.status == 1
    assert f"python -m index update --index-dir {built}" in said.out
    assert call("status", "--json", "--index-dir", built).json["changed"]
    assert call("update", "--index-dir", built).status == 0
    assert call("status", "--index-dir", built).status == 0


def test_verify_finds_nothing_wrong(call: Callable[..., Said], built: Path) -> None:
    for options in ((), ("--deep",)):
        said = call("verify", *options, "--index-dir", built)
        assert (said.status, said.err) == (0, "")
        shown = call("verify", *options, "--json", "--index-dir", built).json
        assert shown == {"directory": str(built), "problems": []}


def test_verify_lists_each_problem_on_a_line(
    call: Callable[..., Said], built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.cli.verify", lambda directory, deep: ["one is \x1b[31m wrong", "two is wrong"])
    said = call("verify", "--index-dir", built)
    assert said.status == 1
    assert said.out.splitlines() == ["one is ␛[31m wrong", "two is wrong"]
    assert call("verify", "--json", "--index-dir", built).json["problems"][1] == "two is wrong"


@pytest.mark.parametrize("command", [("status",), ("verify",), ("update",), ("delete", "r1")])
def test_no_index_is_an_error_and_makes_none(
    call: Callable[..., Said], tmp_path: Path, command: tuple[str, ...]
) -> None:
    assert call(*command, "--index-dir", tmp_path / "無").is_error("no index in", "python -m index build")
    assert call(*command, "--json", "--index-dir", tmp_path / "無").is_error("no index in")
    assert not (tmp_path / "無").exists()


def test_the_environment_names_the_index(
    call: Callable[..., Said], built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAKUIN_INDEX", str(built))
    assert call("status", "--json").json["directory"] == str(built)


@pytest.mark.parametrize(
    "arguments",
    [
        *((), ("見る",), ("status", "--deep"), ("build", "--bad"), ("--index-dir", "x", "status")),
        *(("add",), ("delete",), ("delete", "--memory", "64", "r1"), ("update", "--memory", "x")),
    ],
)
def test_wrong_arguments_are_one_line(call: Callable[..., Said], arguments: tuple[str, ...]) -> None:
    assert call(*arguments).is_error("--help")


@pytest.mark.parametrize("command", [(), ("build",), ("update",), ("add",), ("delete",), ("status",), ("verify",)])
def test_help_is_no_error(call: Callable[..., Said], command: tuple[str, ...]) -> None:
    said = call(*command, "--help")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("usage: python -m index")


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
def test_names_on_the_disk_are_harmless(call: Callable[..., Said], source: Path, tmp_path: Path) -> None:
    (source / "悪\x1b[31m\u202e.png").write_bytes(b"\x89PNG")
    (source / "悪\x1b[2J.txt").write_text("灯台の下は暗い。", encoding="utf-8")
    odd = tmp_path / "索\x1b]0;x\x07[red]引"
    made = [("build", source), ("build", source, "--json"), ("update",), ("update", "--json"), ("add", source)]
    for arguments in (*made, ("status",), ("status", "--json"), ("verify",)):
        said = call(*arguments, "--index-dir", odd)
        assert said.status == 0
        assert not set("\x1b\x07\u202e") & set(said.out + said.err)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A source that takes long enough to be interrupted on any machine."""
    file = tmp_path / "large.jsonl"
    sentence = "灯台の光は遠くまで届き、船は夜の海を安全に進む。" * 40
    file.write_text(
        "".join(json.dumps({"id": str(i), "text": sentence}) + "\n" for i in range(8_000)), encoding="ascii"
    )
    return file


def start(source: Path, folder: Path, cwd: Path, command: str = "build") -> subprocess.Popen[bytes]:
    """A build or an update in a process, in the middle of it: the next generation is begun; files come at its end."""
    # Where the tests run behind a shell, interrupts may be ignored, and so they would be by what they start.
    ignored = signal.signal(signal.SIGINT, signal.default_int_handler)
    running = subprocess.Popen(
        [sys.executable, "-m", "index", command, str(source), "--index-dir", str(folder)],
        env={**os.environ, "PYTHONPATH": str(PACKAGES)},
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    signal.signal(signal.SIGINT, ignored)
    until = time.monotonic() + DEADLINE
    while not (folder / "generation-2").exists():
        assert running.poll() is None, running.stderr and running.stderr.read()
        assert time.monotonic() < until
        time.sleep(0.01)
    return running


@pytest.mark.parametrize(
    "end",
    [
        pytest.param("SIGINT", marks=pytest.mark.skipif(os.name == "nt", reason="no SIGINT for one process there")),
        "SIGKILL",
    ],
)
@pytest.mark.parametrize("command", ["build", "update"])
def test_an_interrupted_build_or_update_leaves_the_old_index(
    call: Callable[..., Said], built: Path, source: Path, large: Path, tmp_path: Path, end: str, command: str
) -> None:
    manifest = (built / "manifest.json").read_bytes()
    with start(large, built, tmp_path, command) as running:
        if end == "SIGKILL":
            running.kill()
        else:
            running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=DEADLINE)
    assert out == b""
    assert b"Traceback" not in err
    if end == "SIGINT":
        assert running.returncode == 130
        assert err.splitlines()[-1] == b"sakuin: interrupted"
        assert not (built / "generation-2").exists()
    assert (built / "manifest.json").read_bytes() == manifest
    assert ids(built, "鮎") == ["r1"]
    assert call("build", source, "--index-dir", built).status == 0
    assert call("verify", "--deep", "--index-dir", built).status == 0
    assert sorted(path.name for path in built.iterdir() if path.is_dir()) == [_in_use(built)]


def test_two_builds_of_one_index_do_not_meet(
    call: Callable[..., Said], built: Path, source: Path, large: Path, tmp_path: Path
) -> None:
    with start(large, built, tmp_path) as running:
        try:
            assert call("build", source, "--index-dir", built).is_error("another process is building")
            assert ids(built, "灯台") == ["灯台.txt"]
        finally:
            running.kill()


def _in_use(folder: Path) -> str:
    return f"generation-{json.loads((folder / 'manifest.json').read_bytes())['generation']}"


def test_as_a_process(source: Path, tmp_path: Path) -> None:
    shutil.copytree(source, tmp_path / "b")
    said = subprocess.run(
        [sys.executable, "-m", "index", "build", str(source), str(tmp_path / "b"), "--index-dir", "索引", "--json"],
        env={**os.environ, "PYTHONPATH": str(PACKAGES), "PYTHONUTF8": "1"},
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    # Records keep their ids, so that two sources with the same records contradict each other.
    assert (said.returncode, said.stdout) == (2, b"")
    assert "'r1'" in said.stderr.decode("utf-8").splitlines()[-1]
