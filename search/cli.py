"""``python -m search`` and ``sakuin``: ask from a shell. Thin: each command is one library call."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence

from index.console import Parser, harmless, run, tell, to_json, told_once
from index.errors import MissingIndex, UsageError
from index.places import chosen_index
from search.library import Index, open_index

_NOT_AN_OPTION = re.compile(r"-[^\x00-\x7f]")
_GUARD = "\0"
"""Before an argument that argparse must not take for an option; no argument from a shell can hold it."""
_NAMING = ("--filter", "--sort", "--facet")
"""What takes a field's name, which may have a minus before it."""

_SWITCHES = {
    "readings": "do not take kana for what it may be the reading of",
    "romaji": "do not take Latin letters for what they may be the reading of",
    "synonyms": "do not take a word for another of the same meaning",
    "variants": "do not take a name for one with other forms of its kanji",
    "glosses": "do not take a word for what the documents give beside it",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; the exit status is 0 with a hit, 1 without one, 2 for an error."""
    given = list(sys.argv[1:] if argv is None else argv)
    if len(given) > 1 and given[0] == "index":
        from index.cli import main as index_main

        return index_main(given[1:], prog="sakuin index")
    if len(given) > 1 and given[0] == "show":
        return run(lambda: _show(given[1:]))
    return run(lambda: _search(_arguments(given)))


def _arguments(given: Sequence[str]) -> argparse.Namespace:
    """The arguments, the query as one string; a word with a minus before it (-中国) and all after ``--`` are query."""
    forced = given.index("--") if "--" in given else len(given)
    named = ["", *given][:forced]
    guarded = [
        _GUARD + argument
        if _NOT_AN_OPTION.match(argument) or (before in _NAMING and argument[:2] != "--")
        else argument
        for before, argument in zip(named, given, strict=False)
    ]
    guarded += [_GUARD + argument for argument in given[forced + 1 :]]
    try:
        arguments = _parser().parse_intermixed_args(guarded)
    except UsageError as error:  # it may quote an argument as Python would
        raise UsageError(str(error).replace(repr(_GUARD)[1:-1], "")) from None
    arguments.query = " ".join(map(_unguarded, arguments.query))
    return arguments


def _unguarded(argument: str) -> str:
    return argument.removeprefix(_GUARD)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="sakuin",
        description="Search Japanese text: ranked passages with exact highlights.",
        epilog='In a query: a space for "and", OR, -word, "a phrase" or 「a phrase」, "near words"~5, beginning*, ( ), '
        "title:word, field:value, field:from..to, word^2. What looks like an option "
        "or a command goes after --. Also: sakuin show DOCUMENT, sakuin index "
        "build|update|add|delete|status|verify. Exit status: 0 with a hit, 1 without, 2 for an error.",
        way_out="see `sakuin --help`; a query that looks like an option goes after --",
    )
    parser.add_argument("query", nargs="+", metavar="QUERY", help="what to search for; several arguments are one query")
    parser.add_argument("--limit", type=int, default=10, metavar="N", help="so many hits (default: 10)")
    parser.add_argument("--offset", type=int, default=0, metavar="N", help="leave out the first N hits")
    parser.add_argument("--context", type=int, default=0, metavar="N", help="show N sentences before and after")
    parser.add_argument("--exact", action="store_true", help="take every word as if it stood in quotes")
    for name, told in _SWITCHES.items():
        parser.add_argument(f"--no-{name}", dest="off", action="append_const", const=name, default=[], help=told)
    parser.add_argument("--all-passages", action="store_true", help="show more than three passages of one document")
    parser.add_argument("--exact-total", action="store_true", help="count every passage, however many there are")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="show what is found after so long")
    parser.add_argument(
        "--filter",
        action="append",
        default=[],
        type=_unguarded,
        metavar="F=V",
        help="only documents whose field F has the value V, or one from A to B (F=A..B); again for more",
    )
    parser.add_argument("--sort", type=_unguarded, metavar="F", help="by the field F; -F for the largest first")
    parser.add_argument(
        "--facet", action="append", default=[], type=_unguarded, metavar="F", help="count the values of the field F"
    )
    parser.add_argument("--explain", action="store_true", help="show the parts of each score")
    parser.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto", help="colours (default: on a terminal)"
    )
    _add_common(parser)
    return parser


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    told = "the index (default: $SAKUIN_INDEX, else the default place)"
    parser.add_argument("--index-dir", type=_unguarded, metavar="DIR", help=told)


def _search(arguments: argparse.Namespace) -> int:
    with _open(arguments.index_dir) as idx:
        results = idx.search(
            arguments.query,
            limit=arguments.limit,
            offset=arguments.offset,
            explain=arguments.explain,
            context=arguments.context,
            exact=arguments.exact,
            off=arguments.off,
            all_passages=arguments.all_passages,
            exact_total=arguments.exact_total,
            timeout=arguments.timeout,
            filters=arguments.filter,
            sort=arguments.sort,
            facets=arguments.facet,
        )
    if arguments.json:
        print(to_json(results.to_dict()))
    else:
        from search.terminal import lines, write

        for warning in results.warnings:
            tell(f"sakuin: {warning}")
        write(lines(results), color=arguments.color)
    return 0 if results.total else 1


def _open(index_dir: str | None) -> Index:
    """The index; in the default place it is built from the seeds when there is none yet."""
    told = told_once("Making the dictionary's tables, once for all indexes …")
    try:
        return open_index(index_dir, fast=False, tables_progress=told)
    except MissingIndex:
        directory, is_default = chosen_index(index_dir)
        if not is_default:
            raise
    from index.builder import build_first
    from index.places import seeds
    from index.progress import TABLES, progress_bars

    with progress_bars() as bar:
        progress, tables = bar(f"No index yet: building {directory} from {seeds()}"), bar(TABLES, later=True)
        build_first([seeds()], directory, progress=progress, tables_progress=tables)
    return open_index(directory, fast=False, tables_progress=told)


def _show(given: Sequence[str]) -> int:
    parser = Parser(
        prog="sakuin show",
        description="Print a whole document.",
        way_out="see `sakuin show --help`; to search for the word show, put -- before it",
    )
    parser.add_argument("document", metavar="DOCUMENT", help="its id, as a hit shows it")
    _add_common(parser)
    arguments = parser.parse_args(given)
    with _open(arguments.index_dir) as idx:
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
