"""``python -m index`` as a user meets it: build, status, verify; refusals; a build that is cut short."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import index
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
    assert report.keys() == {"directory", "documents", "passages", "tokens", "seconds", "bytes", "skipped"}
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
    assert f"python -m index build --index-dir {built}" in said.out
    assert call("status", "--json", "--index-dir", built).json["changed"]
    assert call("build", "--index-dir", built).status == 0
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


@pytest.mark.parametrize("command", ["status", "verify"])
def test_no_index_is_an_error_and_makes_none(call: Callable[..., Said], tmp_path: Path, command: str) -> None:
    assert call(command, "--index-dir", tmp_path / "無").is_error("no index in", "python -m index build")
    assert call(command, "--json", "--index-dir", tmp_path / "無").is_error("no index in")
    assert not (tmp_path / "無").exists()


def test_the_environment_names_the_index(
    call: Callable[..., Said], built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAKUIN_INDEX", str(built))
    assert call("status", "--json").json["directory"] == str(built)


@pytest.mark.parametrize(
    "arguments", [(), ("見る",), ("status", "--deep"), ("build", "--bad"), ("--index-dir", "x", "status")]
)
def test_wrong_arguments_are_one_line(call: Callable[..., Said], arguments: tuple[str, ...]) -> None:
    assert call(*arguments).is_error("--help")


@pytest.mark.parametrize("command", [(), ("build",), ("status",), ("verify",)])
def test_help_is_no_error(call: Callable[..., Said], command: tuple[str, ...]) -> None:
    said = call(*command, "--help")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("usage: python -m index")


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
def test_names_on_the_disk_are_harmless(call: Callable[..., Said], source: Path, tmp_path: Path) -> None:
    (source / "悪\x1b[31m\u202e.png").write_bytes(b"\x89PNG")
    (source / "悪\x1b[2J.txt").write_text("灯台の下は暗い。", encoding="utf-8")
    odd = tmp_path / "索\x1b]0;x\x07[red]引"
    for arguments in (("build", source), ("build", source, "--json"), ("status",), ("status", "--json"), ("verify",)):
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


def start(source: Path, folder: Path, cwd: Path) -> subprocess.Popen[bytes]:
    """A build in a process, in the middle of it: the next generation is begun; files come at its end."""
    running = subprocess.Popen(
        [sys.executable, "-m", "index", "build", str(source), "--index-dir", str(folder)],
        env={**os.environ, "PYTHONPATH": str(PACKAGES)},
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
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
def test_an_interrupted_build_leaves_the_old_index(
    call: Callable[..., Said], built: Path, source: Path, large: Path, tmp_path: Path, end: str
) -> None:
    manifest = (built / "manifest.json").read_bytes()
    with start(large, built, tmp_path) as running:
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
