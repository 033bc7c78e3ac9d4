"""Bytes → text, for every format alike: UTF-8 or a reason why not.

A byte order mark is dropped, ``\\r\\n`` and ``\\r`` become ``\\n``. Nothing is guessed: a file in another encoding is
reported with the name of the encoding it looks like, for a wrong guess would fill the index with garbage silently.
"""

from __future__ import annotations

import codecs
import io
import re
import stat
from pathlib import Path
from typing import BinaryIO, TextIO

from index.sources.files import Skipped

NO_TEXT = "no text in it"
"""The reason for a file or record that is empty or blank."""

_CHUNK = 1 << 20
_SAMPLE = 1 << 16
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_ISO_2022_JP = b"\x1b$"
_GUESSES = {"utf-16-le": "UTF-16LE", "utf-16-be": "UTF-16BE", "euc_jp": "EUC-JP", "cp932": "Shift_JIS"}
_ICONV = {"Shift_JIS": "CP932"}
_JAPANESE = re.compile(r"[\t\n\r -~\u3000-\u30ff\u4e00-\u9fff\uff01-\uff5e]")
_KANA = re.compile(r"[\u3041-\u30ff]")
_ASCII = re.compile(r"[\0-\x7f]")
_REPLACED = re.compile("[\0\ud800-\udfff]")


class _RefusedError(Exception):
    """Why a file cannot be read as text; never leaves this module."""


def read_text(path: Path, name: str) -> str | Skipped:
    """The file's text, never blank, or why there is none."""
    try:
        with _open(path) as file:
            data = file.read()
        _check(io.BytesIO(data))
    except _RefusedError as refused:
        return Skipped(name, str(refused))
    except OSError as error:
        return Skipped(name, failure(error))
    text = normalise(data.decode("utf-8-sig"))
    return text if text.strip() else Skipped(name, NO_TEXT)


def open_text(path: Path, name: str, newline: str | None = None) -> TextIO | Skipped:
    """The file opened for reading line by line, after all of its bytes were checked; the caller closes it."""
    try:
        file = _open(path)
        try:
            _check(file)
            file.seek(0)
        except BaseException:
            file.close()
            raise
    except _RefusedError as refused:
        return Skipped(name, str(refused))
    except OSError as error:
        return Skipped(name, failure(error))
    # Should the file change under our hands, a replaced character is better than a traceback.
    return io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline=newline)


def normalise(text: str) -> str:
    """Line ends as ``\\n``; what no UTF-8 file can hold or should (lone surrogates, NUL) as U+FFFD."""
    return _REPLACED.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def failure(error: OSError) -> str:
    """The reason of a ``Skipped`` for what the operating system said."""
    if isinstance(error, FileNotFoundError):
        return "cannot be read: it is gone, or a link that leads nowhere"
    return f"cannot be read: {error.strerror or error}"


def _open(path: Path) -> BinaryIO:
    # Asked before opening: opening a pipe waits for its writer, for ever.
    kind = stat.S_IFMT(path.stat().st_mode)
    if kind != stat.S_IFREG:
        raise _RefusedError(f"not a file but {_KINDS.get(kind, 'something else')}")
    return path.open("rb")


def _check(file: BinaryIO) -> None:
    """Raises with the first byte that is not of UTF-8 text."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    at = 0
    while True:
        chunk = file.read(_CHUNK)
        pending = len(decoder.getstate()[0])
        bad = _marked(chunk)
        try:
            decoder.decode(chunk if bad is None else chunk[:bad], final=not chunk)
        except UnicodeDecodeError as error:
            raise _RefusedError(_complaint(file, at - pending + error.start)) from None
        if bad is not None:
            raise _RefusedError(_complaint(file, at + bad))
        if not chunk:
            return
        at += len(chunk)


def _marked(chunk: bytes) -> int | None:
    """Where a NUL or an escape of ISO-2022-JP stands: valid UTF-8 both, text neither."""
    places = [place for place in (chunk.find(b"\0"), chunk.find(_ISO_2022_JP)) if place >= 0]
    return min(places, default=None)


def _complaint(file: BinaryIO, bad: int) -> str:
    start = max(0, bad - _SAMPLE)
    file.seek(start)
    before = file.read(bad - start)
    start += before.rfind(b"\n") + 1
    file.seek(start)
    sample = file.read(bad - start + _SAMPLE)
    complaint = f"not UTF-8 text: byte 0x{sample[bad - start]:02x} at offset {bad}"
    file.seek(0)
    encoding = _guess(sample, bad - start, start % 2, file.read(2))
    if encoding is None:
        return f"{complaint}; convert it to UTF-8"
    return f"{complaint}; it looks like {encoding}, convert it: iconv -f {_ICONV.get(encoding, encoding)} -t UTF-8"


def _guess(sample: bytes, bad: int, odd: int, head: bytes) -> str | None:
    """The encoding the sample is Japanese in; None where no one is likely.

    ``odd`` is 1 for a sample that starts amid a unit of UTF-16, ``head`` the file's first two bytes.
    """
    if head in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "UTF-16"
    if sample.startswith(_ISO_2022_JP, bad):
        return "ISO-2022-JP"
    for codec, encoding in _GUESSES.items():
        try:
            text = codecs.getincrementaldecoder(codec)().decode(sample[odd:] if codec.startswith("utf-16") else sample)
        except UnicodeError:
            continue
        if _is_japanese(text):
            return encoding
    return None


def _is_japanese(text: str) -> bool:
    """Whether nearly all of it is ASCII, kana or kanji, with kana among them: mojibake seldom has any."""
    foreign = len(text) - len(_ASCII.findall(text))
    return len(_JAPANESE.findall(text)) >= 0.95 * len(text) and len(_KANA.findall(text)) >= 0.1 * foreign
