"""The commands beside the search itself, one module each, and what all of them share: arguments, the index to ask."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence

from index.console import Parser, told_once
from index.errors import MissingIndex, UsageError
from index.places import chosen_index
from search.library import Index, open_index

_SHARED = ("--index-dir", "--color", "--json")
_NOT_AN_OPTION = re.compile(r"-[^\x00-\x7f]")
_SWITCHES = {
    "readings": "do not take kana for what it may be the reading of, nor for a name in Latin letters, or the reverse",
    "romaji": "do not take Latin letters for what they may be the reading of",
    "synonyms": "do not take a word for another of the same meaning",
    "variants": "do not take a name for one with other kanji (斎藤 for 斉藤; old forms, as 齋藤, are one word always)",
    "glosses": "do not take a word for what the documents give beside it",
    "numbers": "do not take dates, counts and articles for what they say (五千億 is 5000億 by the dictionary, always)",
}
"""By the names of ``search.query.plan.CLASSES``."""
_GUARD = "\0"
"""Before an argument that argparse must not take for an option; no argument from a shell can hold it."""


def leading(given: Sequence[str]) -> tuple[list[str], list[str]]:
    """The options that all commands take, where they stand before anything else, and what follows them."""
    at = 0
    while at < len(given) and given[at].partition("=")[0] in _SHARED:
        at += 1 if "=" in given[at] or given[at] == "--json" else 2
    return list(given[:at]), list(given[at:])


def parsed(parser: Parser, given: Sequence[str], naming: Sequence[str] = ()) -> argparse.Namespace:
    """The arguments; a word with a minus before it (-中国) and all after ``--`` are no options.

    Nor is what follows an option of ``naming``, which takes a name that may have a minus before it.
    """
    forced = given.index("--") if "--" in given else len(given)
    named = ["", *given][:forced]
    guarded = [
        _GUARD + argument if _NOT_AN_OPTION.match(argument) or (before in naming and argument[:2] != "--") else argument
        for before, argument in zip(named, given, strict=False)
    ]
    guarded += [_GUARD + argument for argument in given[forced + 1 :]]
    try:
        arguments = parser.parse_intermixed_args(guarded)
    except UsageError as error:  # it may quote an argument as Python would
        raise UsageError(str(error).replace(repr(_GUARD)[1:-1], "")) from None
    return argparse.Namespace(**{name: _unguarded(value) for name, value in vars(arguments).items()})


def _unguarded(value: object) -> object:
    if isinstance(value, list):
        return [_unguarded(each) for each in value]
    return value.removeprefix(_GUARD) if isinstance(value, str) else value


def add_json(parser: Parser) -> None:
    """``--json``."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def add_index(parser: Parser) -> None:
    """``--index-dir``."""
    told = "the index (default: $SAKUIN_INDEX, else the default place)"
    parser.add_argument("--index-dir", metavar="DIR", help=told)


def add_switches(parser: Parser) -> None:
    """``--exact`` and ``--no-NAME``: what the words of a query are not taken for."""
    parser.add_argument("--exact", action="store_true", help="take every word as if it stood in quotes")
    for name, told in _SWITCHES.items():
        parser.add_argument(f"--no-{name}", dest="off", action="append_const", const=name, default=[], help=told)


def add_color(parser: Parser) -> None:
    """``--color``."""
    parser.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto", help="colours (default: on a terminal)"
    )


def opened(index_dir: str | None) -> Index:
    """The index; in the default place it is built from the seeds when there is none yet."""
    index = _there(index_dir)
    if index is not None:
        return index
    directory, _ = chosen_index(index_dir)
    from index.builder import build_first
    from index.places import seeds
    from index.progress import TABLES, progress_bars

    with progress_bars() as bar:
        progress, tables = bar(f"No index yet: building {directory} from {seeds()}"), bar(TABLES, later=True)
        build_first([seeds()], directory, progress=progress, tables_progress=tables)
    return open_index(directory, fast=False, tables_progress=_tables_told())


def existing(index_dir: str | None) -> Index:
    """The index; where there is none in the default place one without passages, which knows the dictionary alone."""
    index = _there(index_dir)
    if index is not None:
        return index
    from search.engines.memory import MemoryEngine

    return Index(MemoryEngine(()), tables_progress=_tables_told())


def _there(index_dir: str | None) -> Index | None:
    """The index; None if there is none yet in the default place."""
    try:
        return open_index(index_dir, fast=False, tables_progress=_tables_told())
    except MissingIndex:
        if not chosen_index(index_dir)[1]:
            raise
    return None


def _tables_told() -> Callable[[int, int], None]:
    return told_once("Making the dictionary's tables, once for all indexes …")
