"""``sakuin check PAIRS.tsv``: ask pairs of query and text, and explain those that do not come out as they should."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from index.console import FAILED, Parser, tell, to_json
from search.checking import read_pairs
from search.commands import add_color, add_index, add_json, add_switches, existing, parsed

SOME_FAIL = 1


def main(given: Sequence[str]) -> int:
    """Runs the command; its exit status."""
    parser = Parser(
        prog="sakuin check",
        description="Ask pairs of a query and a text, and explain those that do not come out as they should. A line "
        'is a pair: query, text, tier (word, partial or none), what is highlighted (several separated by " / ", - for '
        "nothing), why; separated by tabs, the last two may be left out. Exit status: 0 if all pass, 1 if not, 2 for "
        "an error or a line that is no pair.",
        way_out="see `sakuin check --help`; to search for the word check, put -- before it",
    )
    parser.add_argument("pairs", metavar="PAIRS.tsv", help="the file of pairs")
    add_switches(parser)
    add_json(parser)
    add_index(parser)
    add_color(parser)
    arguments = parsed(parser, given)
    malformed: list[str] = []
    pairs = read_pairs(arguments.pairs, malformed)
    for line in malformed:
        tell(f"sakuin: {line}")
    if not pairs:
        return FAILED
    with existing(arguments.index_dir) as idx:
        report = replace(idx.check(pairs, exact=arguments.exact, off=arguments.off), malformed=tuple(malformed))
    if arguments.json:
        print(to_json(report.to_dict()))
    else:
        from search.tables import check_lines
        from search.terminal import write

        write(check_lines(report), color=arguments.color)
    return FAILED if malformed else SOME_FAIL if report.failed else 0
