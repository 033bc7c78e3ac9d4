"""``python -m search`` and ``sakuin``: ask from a shell. Thin: each command is one library call."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from index.console import Parser, run, tell, to_json
from search.commands import add_color, add_index, add_json, add_switches, leading, opened, parsed

_COMMANDS = ("analyze", "check", "show")
"""Modules of ``search.commands``."""
_USES = {
    "analyze": "TEXT",
    "check": "PAIRS.tsv",
    "index": "build|update|add|delete|status|verify",
    "show": "DOCUMENT",
}
"""What follows a command."""
_NAMING = ("--filter", "--sort", "--facet")
"""What takes a field's name, which may have a minus before it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; the exit status is 0 with a hit, 1 without one, 2 for an error."""
    options, given = leading(sys.argv[1:] if argv is None else argv)
    name, rest = (given[0], given[1:]) if given else ("", [])
    if rest and name == "index":
        from index.cli import main as index_main

        return index_main([rest[0], *options, *rest[1:]], prog="sakuin index")
    if rest and name in _COMMANDS:
        command = import_module(f"search.commands.{name}")
        return run(lambda: command.main([*options, *rest]))
    if given and not rest and name in _USES:
        tell(f"sakuin: {name} alone is searched for as a word; as a command it is `sakuin {name} {_USES[name]}`")
    return run(lambda: _search(_arguments([*options, *given])))


def _arguments(given: Sequence[str]) -> argparse.Namespace:
    """The arguments, the query as one string."""
    arguments = parsed(_parser(), given, _NAMING)
    arguments.query = " ".join(arguments.query)
    return arguments


def _parser() -> Parser:
    parser = Parser(
        prog="sakuin",
        description="Search Japanese text: ranked passages with exact highlights.",
        epilog='In a query: a space for "and", OR, -word, "a phrase" or 「a phrase」, "near words"~5, beginning*, ( ), '
        "title:word, field:value, field:from..to, word^2. What looks like an option or a command goes after --. "
        "Also: sakuin show DOCUMENT, sakuin analyze TEXT, sakuin check PAIRS.tsv, sakuin index "
        "build|update|add|delete|status|verify. Exit status: 0 with a hit, 1 without, 2 for an error.",
        way_out="see `sakuin --help`; a query that looks like an option goes after --",
    )
    parser.add_argument("query", nargs="+", metavar="QUERY", help="what to search for; several arguments are one query")
    parser.add_argument("--limit", type=int, default=10, metavar="N", help="so many hits (default: 10)")
    parser.add_argument("--offset", type=int, default=0, metavar="N", help="leave out the first N hits")
    parser.add_argument("--context", type=int, default=0, metavar="N", help="show N sentences before and after")
    add_switches(parser)
    parser.add_argument("--all-passages", action="store_true", help="show more than three passages of one document")
    parser.add_argument("--exact-total", action="store_true", help="count every passage, however many there are")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="show what is found after so long")
    parser.add_argument(
        "--filter",
        action="append",
        default=[],
        metavar="F=V",
        help="only documents whose field F has the value V, or one from A to B (F=A..B); again for more",
    )
    parser.add_argument("--sort", metavar="F", help="by the field F; -F for the largest first")
    parser.add_argument("--facet", action="append", default=[], metavar="F", help="count the values of the field F")
    parser.add_argument(
        "--explain", action="store_true", help="show what each word was taken for, and the parts of each score"
    )
    add_color(parser)
    add_json(parser)
    add_index(parser)
    return parser


def _search(arguments: argparse.Namespace) -> int:
    with opened(arguments.index_dir) as idx:
        results = idx.search(
            arguments.query,
            limit=arguments.limit,
            offset=arguments.offset,
            explain=arguments.explain,
            context=arguments.context,
            exact=arguments.exact,
            off=[*idx.off, *arguments.off],
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
