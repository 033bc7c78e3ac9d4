"""``sakuin show DOCUMENT``: print a whole document."""

from __future__ import annotations

from collections.abc import Sequence

from index.console import Parser, harmless, to_json
from search.commands import add_index, add_json, opened, parsed


def main(given: Sequence[str]) -> int:
    """Runs the command; its exit status."""
    parser = Parser(
        prog="sakuin show",
        description="Print a whole document.",
        way_out="see `sakuin show --help`; to search for the word show, put -- before it",
    )
    parser.add_argument("document", metavar="DOCUMENT", help="its id, as a hit shows it")
    add_json(parser)
    add_index(parser)
    arguments = parsed(parser, given)
    with opened(arguments.index_dir) as idx:
        document = idx.document(arguments.document)
    if arguments.json:
        shown = {"document": document.id, "title": document.title, "path": document.path, "text": document.text}
        print(to_json({**shown, "fields": dict(document.fields)}))
    else:
        print(_printable(document.text))
    return 0


def _printable(text: str) -> str:
    """A text that keeps its lines and tabs; other controls become signs."""
    shown = harmless(text.replace("\r\n", "\n").rstrip())
    return shown.replace(harmless("\n"), "\n").replace(harmless("\t"), "\t")
