"""What a terminal shows: colours, widths, line ends; what a pipe gets instead."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

import search
from index import Document, build
from search.cli import main
from search.wrapping import may_cut, phrases, wrapped

PACKAGES = Path(search.__file__).parents[1]
needs_terminal = pytest.mark.skipif(os.name == "nt", reason="no pseudo-terminals in the standard library")

LONG_WORD = "https://example.org/" + "observatory/" * 12
DOCUMENTS = [
    Document(
        "star",
        "星を見る夜――望遠鏡の選び方と観測の記録についての長い題の文書その一",
        "望遠鏡を選ぶときは、口径をまず確かめる。口径が大きいほど、暗い星まで見える。「明るい望遠鏡」と呼ばれるものは"
        "焦点距離が短く、広い範囲を一度に見渡せる。"
        "Newtonian reflector telescopesは鏡を使い、refractorはレンズを使う。\n"
        "観測の記録には、日付、時刻、空の明るさ、月の位置を書き添えるとよい。望遠鏡望遠鏡望遠鏡。\n"
        f"記録は {LONG_WORD} に置いた。望遠鏡で見たものは、何でも書いておく。",
        path="天文/観測の手引き/星を見る夜.txt",
    ),
    Document("glass", "眼鏡の店", "この店は、遠望鏡という古い道具も、大望遠鏡台も扱う。"),
    Document("pan", "鍋の話", "鍋は厚いものがよい。アクセラレータという機械もある。"),
]
_ANSI = re.compile(r"\x1b\[([0-9;]*)m")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("terminal") / "index"
    build(DOCUMENTS, folder)
    return folder


@pytest.fixture
def ask(folder: Path, tmp_path: Path) -> Callable[..., str]:
    """Runs the command with its output in a pipe."""

    def ask(*arguments: str, **environment: str) -> str:
        return subprocess.run(
            _command(folder, arguments), env=_environment(environment), cwd=tmp_path, check=True, capture_output=True
        ).stdout.decode("utf-8")

    return ask


@pytest.fixture
def on_terminal(folder: Path, tmp_path: Path) -> Callable[..., str]:
    """Runs the command on a pseudo-terminal of so many columns."""

    def on_terminal(columns: int, *arguments: str, **environment: str) -> str:
        import pty

        ours, theirs = pty.openpty()
        settings = _environment({"COLUMNS": str(columns), "LINES": "40", **environment})
        with subprocess.Popen(
            _command(folder, arguments), stdin=theirs, stdout=theirs, stderr=theirs, env=settings, cwd=tmp_path
        ):
            os.close(theirs)
            shown = b"".join(iter(lambda: _read(ours), b""))
        os.close(ours)
        return shown.decode("utf-8").replace("\r\n", "\n")

    return on_terminal


@pytest.fixture
def wide(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """What the command shows in so many columns, without the colours."""

    def wide(columns: int, *arguments: str) -> str:
        monkeypatch.setenv("COLUMNS", str(columns))
        assert main([*arguments, "--color=always", "--index-dir", str(folder)]) == 0
        return _ANSI.sub("", capsys.readouterr().out)

    return wide


def _command(folder: Path, arguments: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", "search", *arguments, "--index-dir", str(folder)]


def _environment(more: dict[str, str]) -> dict[str, str]:
    left_out = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "COLORTERM", "COLUMNS", "TTY_COMPATIBLE", "PYTHONIOENCODING")
    inherited = {name: value for name, value in os.environ.items() if name not in left_out}
    return {**inherited, "PYTHONPATH": str(PACKAGES), "PYTHONUTF8": "1", "TERM": "xterm-256color", **more}


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # what Linux says when the other side is closed
        return b""


def _marked(shown: str) -> str:
    """Everything that is printed in the highlights' colour, joined."""
    marked, style = "", ""
    for i, piece in enumerate(_ANSI.split(shown)):
        if i % 2:
            style = piece
        elif style == "1;33":
            marked += piece
    return marked


def _highlighted(as_json: str) -> str:
    hits = json.loads(as_json)["hits"]
    pairs = [
        (hit[field], hit[marks])
        for hit in hits
        for field, marks in (("title", "title_highlights"), ("text", "highlights"))
    ]
    return "".join(text[mark["start"] : mark["end"]] for text, marks in pairs for mark in marks)


def _after_the_time(shown: str) -> str:
    """All but the first line and the blanks."""
    return re.sub(r"\s+", "", shown.partition("ms\n")[2])


def test_a_pipe_gets_no_colour_and_whole_paragraphs(ask: Callable[..., str]) -> None:
    shown = ask("望遠鏡", COLUMNS="40")
    assert "\x1b" not in shown
    for line in DOCUMENTS[0].text.split("\n")[:1]:
        assert f"\n    {line}\n" in shown


def test_colour_into_a_pipe_when_asked(ask: Callable[..., str]) -> None:
    shown = ask("望遠鏡", "--color=always")
    assert _marked(shown) == _highlighted(ask("望遠鏡", "--json"))
    assert "\x1b" not in ask("望遠鏡", "--color=never")
    assert "\x1b" not in ask("望遠鏡", "--json", "--color=always")


@needs_terminal
@pytest.mark.parametrize("query", ["望遠鏡", "reflector 星 観測"])
def test_colour_is_on_the_highlighted_words_alone(
    on_terminal: Callable[..., str], ask: Callable[..., str], query: str
) -> None:
    expected = _highlighted(ask(query, "--json"))
    assert expected
    for columns in (30, 80):
        assert _marked(on_terminal(columns, query)) == expected


@needs_terminal
def test_who_decides_on_colours(on_terminal: Callable[..., str]) -> None:
    assert "\x1b[" in on_terminal(80, "望遠鏡")
    assert "\x1b" not in on_terminal(80, "望遠鏡", NO_COLOR="1")
    assert "\x1b" not in on_terminal(80, "望遠鏡", "--color=never")
    assert "\x1b" not in on_terminal(80, "望遠鏡", TERM="dumb")
    assert "\x1b[" in on_terminal(80, "望遠鏡", "--color=always", NO_COLOR="1")
    assert "\x1b[" in on_terminal(80, "望遠鏡", NO_COLOR="")


@needs_terminal
def test_no_line_is_wider_than_the_terminal(on_terminal: Callable[..., str], ask: Callable[..., str]) -> None:
    shown = _ANSI.sub("", on_terminal(40, "望遠鏡"))
    assert max(map(cell_len, shown.split("\n"))) <= 40
    assert _after_the_time(shown) == _after_the_time(ask("望遠鏡"))


@pytest.mark.parametrize("columns", [20, 21, 31, 40, 79, 80, 200])
def test_every_width_shows_the_same_text(wide: Callable[..., str], columns: int) -> None:
    options = ("望遠鏡", "--explain", "--context", "1")
    shown = wide(columns, *options)
    assert max(map(cell_len, shown.split("\n"))) <= min(columns, 106)
    assert _after_the_time(shown) == _after_the_time(wide(5_000, *options))


def test_a_term_and_the_passages_it_stands_in_are_not_parted(wide: Callable[..., str]) -> None:
    query = ("望遠鏡を使うとReflector", "--explain", "--limit", "1")
    told = [each for row in _explained(wide(5_000, *query)) for each in re.findall(r"[^ ]+ \(\d+\)", row)]
    assert len(told) > 5
    for columns in (50, 60, 80):
        lines = _explained(wide(columns, *query))
        assert all(any(each in line for line in lines) for each in told)
        assert not any(line.lstrip().startswith("(") for line in lines)


def _explained(shown: str) -> list[str]:
    return shown.partition("\n\n  1 ")[0].splitlines()[1:]


def test_latin_words_stay_whole(wide: Callable[..., str]) -> None:
    for columns in range(24, 48, 3):
        shown = wide(columns, "望遠鏡")
        lines = [line.strip() for line in shown.split("\n")]
        for word in ("Newtonian", "reflector", "telescopes", "refractor"):
            assert any(word in line for line in lines)
        assert not any(line.startswith(tuple("、。」）ー")) for line in lines)


@needs_terminal
def test_the_partial_tier_is_set_off(on_terminal: Callable[..., str], ask: Callable[..., str]) -> None:
    for shown in (ask("望遠鏡"), _ANSI.sub("", on_terminal(80, "望遠鏡"))):
        first, told, second = shown.partition("\n\nPartial matches")
        assert "星を見る夜" in first
        assert not told or "眼鏡の店" in second
    assert "Partial" not in ask("鍋")
    partial = ask("レータ")
    assert partial.index("Partial matches") < partial.index("  1 ")


@needs_terminal
def test_hostile_text_on_a_terminal(tmp_path: Path, on_terminal: Callable[..., str], folder: Path) -> None:
    shown = on_terminal(80, "望遠鏡\x1b]0;題\x07\u202e\x9b2J")
    assert not re.search("[\x00-\x09\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202e]", shown)
    assert "\x1b" not in _ANSI.sub("", shown)


_TEXTS = st.text(
    st.sampled_from("望遠鏡がのはー。、「」（）abcXYZ019 -　①ｱﾞé\u0301\u200d👩❤\ufe0fか\u3099\u200b"), max_size=120
)


@settings(deadline=None, derandomize=True)
@given(_TEXTS, st.integers(2, 40), st.booleans())
def test_wrapping_keeps_all_and_fits(text: str, width: int, likely: bool) -> None:
    cuts = wrapped(text, phrases(text) if likely else (), width, cell_len)
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert "".join(pieces) == text
    assert all(pieces) or not text
    assert all(cell_len(piece.rstrip()) <= width or len(piece) == 1 for piece in pieces)


@settings(deadline=None, derandomize=True)
@given(_TEXTS, st.integers(2, 40))
def test_wrapping_splits_no_latin_word_that_fits(text: str, width: int) -> None:
    cuts = wrapped(text, phrases(text), width, cell_len)
    for word in re.finditer(r"(?a:[!-~]+)", text):
        if cell_len(word[0]) <= width:
            assert not any(word.start() < cut < word.end() for cut in cuts)


def test_wrapping_prefers_the_last_break_that_fits() -> None:
    text = "望遠鏡を選ぶときは、口径をまず確かめる。"
    assert wrapped(text, (4, 10, 13), 20, cell_len) == [10]
    assert wrapped(text, (4, 10, 13), 26, cell_len) == [13]
    assert wrapped(text, (), 40, cell_len) == []
    assert wrapped(text, (), 38, cell_len) == [18]
    assert wrapped("", (), 10, cell_len) == []
    assert wrapped("星" + " " * 500, (), 2, cell_len) == []


def test_likely_phrases_of_a_text_that_was_not_analysed() -> None:
    text = "輸出管理の基礎――半導体を扱う会社の「新人研修」から"
    starts = (0, *phrases(text), len(text))
    pieces = [text[start:end] for start, end in pairwise(starts)]
    assert pieces == ["輸出管理の", "基礎――", "半導体を", "扱う", "会社の", "「新人研修」", "から"]


def test_a_line_starts_with_no_sign_that_cannot() -> None:
    assert not may_cut("望。", 1)
    assert not may_cut("（望", 1)
    assert not may_cut("ab", 1)
    assert not may_cut("か\u3099", 1)
    assert may_cut("望遠", 1)
    assert may_cut("a望", 1)


def test_a_very_long_text_is_wrapped_in_time_that_grows_with_it() -> None:
    for text in ("望" * 20_000, "\u0301" * 20_000, " " * 20_000 + "。"):
        assert len(wrapped(text, phrases(text), 80, cell_len)) <= len(text) // 20
