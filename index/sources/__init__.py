"""Files and records → Documents; one module per format, each ``read(path, name) -> Iterator[Document | Skipped]``.

    files.py        which files a source holds            decoding.py    bytes → text, or why not
    names.py        the name each goes by                 layout.py      text and blocks, for Markdown and HTML
    plain_text.py   .txt                                  records.py     record → Document, for JSONL and CSV
    markdown.py     .md                                   html_events.py the HTML tree as a flat stream
    html_page.py    .html .htm
    json_lines.py   .jsonl
    csv_table.py    .csv

A new format is a module and a line in ``FORMATS``. The modules are imported when a file first needs them. Those that
read records have ``numbered`` besides ``read``: the same, each outcome with its line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from index.errors import SourceError
from index.sources.files import Found, Skipped, find, folders, is_folder
from index.sources.names import named

if TYPE_CHECKING:
    from index.model import Document

__all__ = ["FORMATS", "Found", "Skipped", "find", "folders", "named", "read", "read_file"]

FORMATS: Mapping[str, str] = {
    ".csv": "csv_table",
    ".htm": "html_page",
    ".html": "html_page",
    ".jsonl": "json_lines",
    ".md": "markdown",
    ".txt": "plain_text",
}
"""Extension (case does not matter) → module of this package."""


class _Format(Protocol):
    def read(self, path: Path, name: str) -> Iterator[Document | Skipped]: ...


class _RecordFormat(_Format, Protocol):
    def numbered(self, path: Path, name: str) -> Iterator[tuple[int, Document | Skipped]]: ...


def read(sources: Sequence[Path]) -> Iterator[Document | Skipped]:
    """All documents of the sources in order; ``SourceError`` where one does not exist or an id is given twice."""
    places: dict[str, tuple[str, int]] = {}
    for found in named(sources):
        for line, outcome in _numbered(found):
            if not isinstance(outcome, Skipped):
                place = (found.name, line)
                first = places.setdefault(outcome.id, place)
                if first is not place:
                    raise SourceError(_twice(outcome.id, first, place))
            yield outcome


def read_file(found: Found) -> Iterator[Document | Skipped]:
    """The documents of one file; a file that cannot be read, or not in this format, is one ``Skipped``."""
    return (outcome for _, outcome in _numbered(found))


def _numbered(found: Found) -> Iterator[tuple[int, Document | Skipped]]:
    """What the file gives, each with its line if it is a record, else with 0."""
    extension = found.path.suffix.lower()
    module = FORMATS.get(extension)
    if is_folder(found.path):
        yield 0, Skipped(found.name, "a folder that cannot be listed; give permission to read it")
        return
    if module is None:
        what = f"{extension} files are" if extension else "a file without an extension is"
        yield 0, Skipped(found.name, f"{what} not read, only {', '.join(FORMATS)}")
        return
    format_ = cast(_Format, import_module(f"{__name__}.{module}"))
    try:
        if hasattr(format_, "numbered"):
            yield from cast(_RecordFormat, format_).numbered(*found)
        else:
            for outcome in format_.read(*found):
                yield 0, outcome
    except OSError as error:
        from index.sources.decoding import failure

        yield 0, Skipped(found.name, failure(error))


def _twice(identity: str, first: tuple[str, int], second: tuple[str, int]) -> str:
    here, there = (f"{name}:{line}" if line else name for name, line in (first, second))
    return f"the id {identity!r} is given twice, in {here} and in {there}; ids must differ: change or remove one"
