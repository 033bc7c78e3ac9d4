"""``python -m index``: build, update, add, delete, status, verify. Thin: each command is one library call."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from index import directory as on_disk
from index.builder import Progress, Report, build, rebuild
from index.console import Parser, harmless, run, to_json
from index.errors import MissingIndex
from index.freshness import SOURCES, all_recorded, changed
from index.own.recorded import Own
from index.places import chosen_index, seeds
from index.progress import TABLES, progress_bar, progress_bars
from index.settings import fingerprint
from index.updating import Changes, add, delete, update
from index.verify import verify
from index.writers.embedded import MEMORY

_INDEX_DIR = "the index (default: $SAKUIN_INDEX, else the default place)"
SHOWN = 20
"""Skipped and changed files that are listed; the rest is counted."""


def main(argv: Sequence[str] | None = None, *, prog: str = "python -m index") -> int:
    """Runs the command; the exit status is 0, 1 where something is out of date or wrong, 2 for an error."""

    def command() -> int:
        arguments = _parser(prog).parse_args(argv)
        return int(arguments.command(arguments))

    return run(command)


def _parser(prog: str) -> argparse.ArgumentParser:
    parser = Parser(prog=prog, description="Build and check an index of Japanese text.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, told: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, prog=f"{prog} {name}", help=told, description=f"{told[0].upper()}{told[1:]}.")

    building = command("build", "build the index of the sources, in place of what is there")
    building.add_argument(
        "sources", nargs="*", metavar="SOURCE", help="files and folders; none: those of the index there, else seeds/"
    )
    building.set_defaults(command=_build)
    updating = command("update", "bring the index up to date: analyse what is new or changed, delete what is gone")
    updating.add_argument(
        "sources", nargs="*", metavar="SOURCE", help="files and folders to record instead of those of the index"
    )
    updating.set_defaults(command=_update)
    adding = command("add", "add sources to those of the index, and bring it up to date")
    adding.add_argument("sources", nargs="+", metavar="SOURCE", help="files and folders")
    adding.set_defaults(command=_add)
    for option, told in (
        ("--dictionary", "a dictionary of your own words, CSV as Sudachi has it; again for more"),
        ("--synonyms", "your own synonyms, in Sudachi's synonym format; again for more"),
    ):
        building.add_argument(option, action="append", metavar="FILE", help=told)
    building.add_argument(
        "--settings", metavar="FILE", help="settings to read instead of the sakuin.toml of source folders"
    )
    for writing in (building, updating, adding):
        writing.add_argument(
            "--memory", type=int, default=MEMORY, metavar="MB", help="what the writer may hold (default: %(default)s)"
        )
    deleting = command("delete", "delete documents; an update brings back what the sources still have")
    deleting.add_argument("ids", nargs="+", metavar="ID", help="a document's id, as a hit shows it")
    deleting.set_defaults(command=_delete)
    status = command("status", "what the index holds, and whether its sources changed since")
    status.set_defaults(command=_status)
    verifying = command("verify", "check every checksum")
    verifying.add_argument("--deep", action="store_true", help="check the structures against each other too")
    verifying.set_defaults(command=_verify)
    for each in commands.choices.values():
        each.add_argument("--index-dir", metavar="DIR", help=_INDEX_DIR)
        each.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _build(arguments: argparse.Namespace) -> int:
    directory, _ = chosen_index(arguments.index_dir)
    with progress_bars() as bar:
        progress, tables = bar(f"Building {directory}"), bar(TABLES, later=True)
        report = _build_or_rebuild(arguments, directory, progress, tables)
    return _told(report, arguments)


def _told(report: Report, arguments: argparse.Namespace) -> int:
    print(to_json(report.to_dict()) if arguments.json else _report(report))
    return 0


def _update(arguments: argparse.Namespace) -> int:
    directory, _ = chosen_index(arguments.index_dir)
    with progress_bar(f"Updating {directory}") as progress:
        report = update(directory, arguments.sources or None, progress=progress, memory=arguments.memory)
    return _told(report, arguments)


def _add(arguments: argparse.Namespace) -> int:
    directory, _ = chosen_index(arguments.index_dir)
    with progress_bar(f"Adding to {directory}") as progress:
        report = add(arguments.sources, directory, progress=progress, memory=arguments.memory)
    return _told(report, arguments)


def _delete(arguments: argparse.Namespace) -> int:
    directory, _ = chosen_index(arguments.index_dir)
    return _told(delete(arguments.ids, directory), arguments)


def _build_or_rebuild(arguments: argparse.Namespace, directory: Path, progress: Progress, tables: Progress) -> Report:
    named = ("memory", "dictionary", "synonyms", "settings")
    options: dict[str, Any] = {name: getattr(arguments, name) for name in named}
    options |= {"progress": progress, "tables_progress": tables}
    if arguments.sources:
        return build(arguments.sources, directory, **options)
    try:
        return rebuild(directory, **options)
    except MissingIndex:
        return build([seeds()], directory, **options)


def _report(report: Report) -> str:
    changes = ("added", "replaced", "deleted", "kept") if isinstance(report, Changes) else ()
    lines = [
        *(f"{name:<11}{getattr(report, name):,}" for name in changes),
        f"documents  {report.documents:,}",
        f"passages   {report.passages:,}",
        f"tokens     {report.tokens:,}",
        f"seconds    {report.seconds:.1f}",
        *([f"tables     {report.tables_seconds:.1f} seconds more, once"] if report.tables_seconds else []),
        f"bytes      {report.bytes:,}",
        f"skipped    {len(report.skipped):,}",
        *(f"  {skipped.path}: {skipped.reason}" for skipped in report.skipped[:SHOWN]),
    ]
    if len(report.skipped) > SHOWN:
        lines.append(f"  … and {len(report.skipped) - SHOWN:,} more (--json lists all)")
    return "\n".join(map(harmless, [*lines, f"index      {report.directory}"]))


def _status(arguments: argparse.Namespace) -> int:
    directory, _ = chosen_index(arguments.index_dir)
    manifest = on_disk.read_manifest(directory)
    stale = changed(all_recorded(directory, manifest)) if SOURCES in manifest.files else []
    own_changed = list(manifest.own.changed())
    anew = not set(own_changed).isdisjoint(manifest.own.dictionaries())
    stale += own_changed
    difference = manifest.fingerprint.difference(fingerprint(hashed=False))
    facts: dict[str, object] = {
        "directory": str(directory),
        "built": manifest.built,
        "generation": manifest.generation,
        "documents": manifest.documents,
        "passages": manifest.passages,
        "tokens": manifest.slots["body"][0],
        "bytes": sum(size for size, _ in manifest.files.values()),
        "dictionary": f"{manifest.fingerprint.dictionary} {manifest.fingerprint.dictionary_version}",
        "sources": list(manifest.sources),
        "changed": stale,
        "difference": difference,
        **({"own": _own(manifest.own)} if manifest.own else {}),
    }
    print(to_json(facts) if arguments.json else _facts(facts, stale, anew=anew or difference is not None))
    return 1 if stale or difference else 0


def _own(own: Own) -> dict[str, list[str]]:
    """The files of one's own words, and what is off."""
    files = {name: [each.path for each in getattr(own, name)] for name in ("dictionary", "synonyms", "settings")}
    return {name: values for name, values in {**files, "off": list(own.off)}.items() if values}


def _facts(facts: dict[str, object], stale: Sequence[str], *, anew: bool) -> str:
    lines = []
    for name, value in facts.items():
        if name == "changed":
            value = len(stale) or "none"
        elif name == "sources":
            value = ", ".join(map(str, value)) if isinstance(value, list) and value else "a program's documents"
        elif name == "difference" and value is None:
            value = "none: made with what is installed"
        if name == "own" and isinstance(value, dict):
            lines += [f"own {kind:<12}{', '.join(each)}" for kind, each in value.items()]
            continue
        lines.append(f"{name:<12}{value:,}" if isinstance(value, int) else f"{name:<12}{value}")
        if name == "changed":
            lines += [f"  {path}" for path in stale[:SHOWN]]
    if stale or facts["difference"]:
        way_out = on_disk.build_command if anew else on_disk.update_command
        lines.append(f"To bring it up to date: {way_out(Path(str(facts['directory'])))}")
    return "\n".join(map(harmless, lines))


def _verify(arguments: argparse.Namespace) -> int:
    directory, _ = chosen_index(arguments.index_dir)
    problems = verify(directory, deep=arguments.deep)
    if arguments.json:
        print(to_json({"directory": str(directory), "problems": problems}))
    else:
        print("\n".join(map(harmless, problems or [f"{directory} is as it was written"])))
    return 1 if problems else 0
