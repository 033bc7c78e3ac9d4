"""Whatever is typed or found on the disk: no traceback, nothing raw on the terminal, an error is one line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

import search
from index import Document, build
from search.cli import main

PACKAGES = Path(search.__file__).parents[1]

HOSTILE = Document(
    "悪意\x1b[31m\u202e",
    "灯台\x9b31mの\u202e題\r\x00",
    "灯台の光\x1b[2J\x1b]0;題\x07は\u202e遠く\x00まで\r届く。\ud800霧の夜\x85も\u2066光る。\x7f",
    path="悪\x1b[2J\u202e/\udcff道.txt",
    fields={"注\x1b": "記\u202e\x9b"},
)
DOCUMENTS = [
    HOSTILE,
    Document("harbor", "港の朝", "港に船が着き、市場が開く。魚を並べ、氷をまく。"),
    Document("tower", "塔の高さ", "塔の高さは三十メートルである。"),
]
RAW = [chr(code) for code in (*range(0x09), 0x0B, 0x0C, *range(0x0D, 0x20), *range(0x7F, 0xA0), 0x200E, 0x202E, 0x2066)]


class Said(NamedTuple):
    status: int
    out: str
    err: str

    def is_error(self, *told: str) -> bool:
        """Whether it is one line on stderr that tells this, with nothing on stdout."""
        assert self.err.startswith("sakuin: ")
        assert self.err.count("\n") == 1
        assert all(words in self.err for words in told), self.err
        return self.status == 2 and not self.out

    def is_harmless(self) -> bool:
        return not any(sign in self.out + self.err for sign in RAW)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bad_input") / "index"
    build(DOCUMENTS, folder)
    return folder


@pytest.fixture
def damaged(whole: Path, tmp_path: Path) -> Path:
    """A copy of the index, to be damaged."""
    return Path(shutil.copytree(whole, tmp_path / "copy"))


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    monkeypatch.delenv("SAKUIN_INDEX", raising=False)

    def call(*arguments: str) -> Said:
        status = main(arguments)
        return Said(status, *capsys.readouterr())

    return call


@pytest.fixture
def ask(call: Callable[..., Said], whole: Path) -> Callable[..., Said]:
    """Runs the command on the index of ``DOCUMENTS``."""
    return lambda *arguments: call("--index-dir", str(whole), *arguments)


@pytest.mark.parametrize(
    "query",
    [
        "", " ", "\u3000\t", "、。！", "()", "（（", "「」", '""', "*", "+", "\\", "/.*/", "🚢", "\x00",
        "\ud800", "-港", "-港 -船", "NOT 港", "-" * 500 + "港", "(" * 2000,
    ],
)  # fmt: skip
def test_a_query_that_asks_for_nothing(ask: Callable[..., Said], query: str) -> None:
    for option in ("--json", "--explain"):
        said = ask(option, "--", query)
        assert said.is_error("give a word")
        assert said.is_harmless()


@pytest.mark.parametrize(
    "query",
    [
        "は が なら", "を", "なら", "OR", "AND OR NOT", "港 OR", "OR 港", "港 AND", "港 NOT", "- 港", "港 -", "港*",
        "title:港", "C++", "[港", "{港}", "<港>", "港~2", "港^5", "%00", "か\u3099", "㍿", "\ufeff港", "港\u200b",
        "\x1b[31m港", "\u202e港", "港\r\n船", "港\udcff", "港\x9b", "0" * 400, "ー" * 300, "港" * 10_000,
        "港 " * 5_000, "(港 OR " * 300,
    ],
)  # fmt: skip
def test_no_other_query_is_an_error(ask: Callable[..., Said], query: str) -> None:
    said = ask("--json", "--", query)
    assert said.status in (0, 1)
    assert said.err == ""
    assert said.is_harmless()
    shown = json.loads(said.out)
    assert (said.status == 0) == (shown["total"] > 0)
    for_people = ask("--", query)
    assert for_people.status == said.status
    assert all(line.startswith("sakuin: ") for line in for_people.err.splitlines())
    assert for_people.is_harmless()


@pytest.mark.parametrize("sign", '"＂“”„「」『』()（）')
def test_an_unbalanced_sign_leaves_the_word(ask: Callable[..., Said], sign: str) -> None:
    for query in (f"{sign}港", f"港{sign}", f"{sign}港 船", f"港 {sign}船", f"{sign * 3}港"):
        said = ask("--", query)
        assert said.status == 0, query
        assert "港の朝" in said.out


def test_deep_parentheses(ask: Callable[..., Said]) -> None:
    said = ask("--", "(" * 1_900 + "港")
    assert said.status == 0
    assert "parentheses" in said.err


def test_function_words_alone_are_partial_at_most(ask: Callable[..., Said]) -> None:
    for query in ("は が なら", "です"):
        assert json.loads(ask("--json", query).out)["tier_counts"]["word"] == 0


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--limit", "0"), ("--limit", "-1"), ("--limit", "1000001"), ("--limit", "9" * 30), ("--offset", "-1"),
        ("--offset", "9" * 30), ("--context", "-1"), ("--limit", ""), ("--limit", "1.5"), ("--offset", "\x1b"),
    ],
)  # fmt: skip
def test_numbers_out_of_range(ask: Callable[..., Said], option: str, value: str) -> None:
    said = ask("港", option, value)
    assert said.is_error(option.strip("-"))
    assert said.is_harmless()


def test_the_largest_numbers_that_are_read(ask: Callable[..., Said]) -> None:
    assert ask("港", "--limit", "1000000", "--context", "1000000").status == 0
    assert ask("港", "--offset", "1000000").status == 0


def test_nothing_of_a_document_steers_the_terminal(ask: Callable[..., Said]) -> None:
    for options in ((), ("--explain", "--context", "2"), ("--json",), ("--json", "--explain")):
        said = ask("灯台", *options)
        assert said.status == 0
        assert said.is_harmless()
        assert "灯台の光" in said.out


def test_json_still_holds_what_was_escaped(ask: Callable[..., Said]) -> None:
    (hit,) = json.loads(ask("灯台", "--json").out)["hits"]
    assert hit["text"] in HOSTILE.text.replace("\ud800", "\ufffd")
    assert (hit["document"], hit["fields"]) == (HOSTILE.id, HOSTILE.fields)


def test_show_is_harmless_too(ask: Callable[..., Said], call: Callable[..., Said], whole: Path) -> None:
    for options in ((), ("--json",)):
        said = call("show", HOSTILE.id, *options, "--index-dir", str(whole))
        assert said.status == 0
        assert said.is_harmless()
    assert call("show", "無\x1b[31m\u202e\udcff", "--index-dir", str(whole)).is_harmless()


def test_show_keeps_lines_and_tabs(call: Callable[..., Said], tmp_path: Path) -> None:
    build([Document("table", "表", "港\t船\r\n塔\t鐘\n\n終わり\r")], tmp_path / "i")
    assert call("show", "table", "--index-dir", str(tmp_path / "i")).out == "港\t船\n塔\t鐘\n\n終わり\n"


def test_errors_are_harmless(call: Callable[..., Said], tmp_path: Path) -> None:
    odd = tmp_path / "無\x1b[31m\u202e\n"
    said = call("港", "--index-dir", str(odd))
    assert said.is_error("no index in")
    assert said.is_harmless()
    for name in ("", "a\x00b"):
        assert call("港", "--index-dir", name).is_error("--index-dir")


@pytest.mark.skipif(os.name == "nt", reason="arguments are bytes only on POSIX")
@pytest.mark.parametrize("query", [b"\xff\xfe", b"\xe6\xb8\xaf\xff", b"\x1b[31m\x9b", b"\xed\xa0\x80"])
def test_bytes_that_are_no_utf8(whole: Path, tmp_path: Path, query: bytes) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "search", "--index-dir", str(whole), "--", query],
        env={**os.environ, "PYTHONPATH": str(PACKAGES)},
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert said.returncode in (0, 1, 2)
    assert b"Traceback" not in said.stderr
    assert b"\x1b" not in said.stdout + said.stderr
    (said.stdout + said.stderr).decode("utf-8")


def test_a_folder_that_is_empty_or_a_file_or_not_ours(call: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("港", encoding="utf-8")
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "手紙.txt").write_text("港", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name, told in (("empty", "no index"), ("file", "not a folder"), ("foreign", "手紙.txt"), ("link", "link")):
        for command in ((), ("--json",)):
            assert call("港", *command, "--index-dir", str(tmp_path / name)).is_error(told, str(tmp_path / name))
        assert call("index", "status", "--index-dir", str(tmp_path / name)).is_error(told)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "file", "foreign", "link"]


def _manifest(content: bytes) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / "manifest.json").write_bytes(content)

    return change


def _changed(key: str, value: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        content = json.loads((folder / "manifest.json").read_bytes())
        (folder / "manifest.json").write_text(json.dumps({**content, key: value}), encoding="ascii")

    return change


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.parent != folder)


def _truncated(folder: Path) -> None:
    manifest = folder / "manifest.json"
    manifest.write_bytes(manifest.read_bytes()[:-40])


def _flipped(folder: Path) -> None:
    file = max(_files(folder), key=lambda file: file.stat().st_size)
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


def _planted(folder: Path) -> None:
    (_files(folder)[0].parent / "planted.seg").write_bytes(b"\x80\x04.")


DAMAGE: dict[str, Callable[[Path], None]] = {
    "truncated": _truncated,
    "empty": _manifest(b""),
    "not JSON": _manifest(b"{"),
    "not text": _manifest(b"\xff\xfe\x00"),
    "a list": _manifest(b"[1]"),
    "deep": _manifest(b"[" * 100_000),
    "another format": _changed("sakuin", 999),
    "a format in words": _changed("sakuin", "\x1b[31m"),
    "a count changed": _changed("passages", 1),
    "a path as file name": _changed("files", {"../../x": [1, 1]}),
    "files as a list": _changed("files", []),
    "another generation": _changed("generation", 7),
    "bit flipped": _flipped,
    "file missing": lambda folder: _files(folder)[0].unlink(),
    "file cut": lambda folder: os.truncate(_files(folder)[-1], 3),
    "file planted": _planted,
    "no generation": lambda folder: shutil.rmtree(_files(folder)[0].parent),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_index_is_one_line(call: Callable[..., Said], damaged: Path, damage: str) -> None:
    DAMAGE[damage](damaged)
    where = ("--index-dir", str(damaged))
    for command in (("港",), ("港", "--json"), ("show", "harbor"), ("index", "verify"), ("index", "verify", "--deep")):
        said = call(*command, *where)
        assert said.is_error(str(damaged), "rebuild")
        assert said.is_harmless()


def test_a_manifest_of_somebody_else(call: Callable[..., Said], damaged: Path) -> None:
    (damaged / "manifest.json").write_text('{"name": "a web page"}', encoding="ascii")
    assert call("港", "--index-dir", str(damaged)).is_error("not a manifest of Sakuin")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="permissions do not bind this user")
@pytest.mark.parametrize("what", ["manifest.json", "generation-1", "."])
def test_what_may_not_be_read(call: Callable[..., Said], damaged: Path, what: str) -> None:
    (damaged / what).chmod(0)
    try:
        assert call("港", "--index-dir", str(damaged)).is_error(str(damaged))
    finally:
        (damaged / what).chmod(0o755)


def test_a_whole_copy_still_answers(call: Callable[..., Said], damaged: Path) -> None:
    assert call("港", "--index-dir", str(damaged)).status == 0
