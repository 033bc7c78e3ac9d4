"""``sakuin analyze TEXT``: print what a text is made into, and what it asks for as a query."""

from __future__ import annotations

from collections.abc import Sequence

from index.console import Parser, to_json
from index.errors import UsageError
from search.commands import add_color, add_index, add_json, add_switches, existing, parsed


def main(given: Sequence[str]) -> int:
    """Runs the command; its exit status."""
    parser = Parser(
        prog="sakuin analyze",
        description="Print what a text is made into: what of it is read otherwise than it is written, its words with "
        "the terms that an index has for them, and what it asks for as a query. Where there is no index in the default "
        "place the dictionary alone says what.",
        way_out="see `sakuin analyze --help`; to search for the word analyze, put -- before it",
    )
    parser.add_argument("text", nargs="+", metavar="TEXT", help="the text; several arguments are one text")
    add_switches(parser)
    add_json(parser)
    add_index(parser)
    add_color(parser)
    arguments = parsed(parser, given)
    text = " ".join(arguments.text)
    if not text.strip():
        raise UsageError("the text is empty: give a text to analyse")
    with existing(arguments.index_dir) as idx:
        analysis = idx.analyze(text, exact=arguments.exact, off=arguments.off)
    if arguments.json:
        print(to_json(analysis.to_dict()))
    else:
        from search.tables import analysis_lines
        from search.terminal import write

        write(analysis_lines(analysis), color=arguments.color)
    return 0
