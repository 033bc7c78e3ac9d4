"""Dependencies point one way; ARCHITECTURE.md says why, this table holds it.

A name in the table stands for the module and everything below it: ``search.engines`` is also
``search.engines.memory``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

CLONE = Path(__file__).resolve().parent.parent
PACKAGES = ("index", "search")


class Rule(NamedTuple):
    """What ``importers`` may not import: ``imported``, save the modules in ``but``."""

    importers: str
    imported: str
    but: tuple[str, ...] = ()


MAY_NOT_IMPORT = (
    Rule("index", "search"),
    Rule("index.codec", "index.analysis"),
    Rule("index.model", "index"),
    Rule("index.errors", "index"),
    Rule(
        "search.engines",
        "search",
        but=(
            "search.engines",
            "search.arrays",
            "search.clock",
            "search.model",
            "search.query.plan",
            "search.matching",
            "search.pairs",
            "search.ranking",
            "search.pairs",
            "search.fields",
        ),
    ),
    Rule(
        "search.arrays",
        "search",
        but=("search.arrays", "search.clock", "search.query.plan", "search.matching", "search.pairs", "search.ranking"),
    ),
    Rule("search.query", "search.engines"),
    Rule("search.query", "search.web"),
    Rule("search.ranking", "search.engines"),
    Rule("search.web", "search.engines"),
)

ONLY_IMPORTED_BY = {
    "index.cli": ("index.__main__", "search.cli"),
    "search.cli": ("search.__main__",),
    "search.commands": ("search.commands", "search.cli"),
    "search.web": ("search.web", "search.cli"),
    "whoosh": ("index.whoosh_api",),
    "index.whoosh_api": ("index.as_whoosh",),
    "numba": ("search.arrays.fast",),
    "rich": ("index.progress", "search.terminal"),
}


class Import(NamedTuple):
    """One name that a module imports, whether on being imported itself, and where it says so."""

    importer: str
    imported: str
    at_top_level: bool
    line: int

    def __str__(self) -> str:
        return f"{self.importer}, line {self.line}, imports {self.imported}"


def is_below(module: str, name: str) -> bool:
    return module == name or module.startswith(f"{name}.")


def is_below_any(module: str, names: tuple[str, ...]) -> bool:
    return any(is_below(module, name) for name in names)


def module_files() -> dict[str, Path]:
    files = {}
    for package in PACKAGES:
        for path in sorted((CLONE / package).rglob("*.py")):
            parts = path.relative_to(CLONE).with_suffix("").parts
            files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return files


MODULES = module_files()


def is_for_the_type_checker(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}


def import_statements(node: ast.AST, at_top_level: bool = True) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    """Every import below ``node``, and whether it is carried out when the module is imported."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, at_top_level
        elif is_for_the_type_checker(child) or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from import_statements(child, at_top_level=False)
        else:
            yield from import_statements(child, at_top_level)


def imported_names(statement: ast.Import | ast.ImportFrom, package: str, modules: frozenset[str]) -> list[str]:
    """The modules that a statement imports; ``from package import name`` is the module of that name if there is one."""
    if isinstance(statement, ast.Import):
        return [alias.name for alias in statement.names]
    base = statement.module or ""
    if statement.level:
        parents = package.split(".")[: len(package.split(".")) - statement.level + 1]
        base = ".".join(parents + ([base] if base else []))
    names = (f"{base}.{alias.name}" for alias in statement.names)
    return sorted({name if name in modules else base for name in names})


def imports_of(source: str, module: str, package: str, modules: frozenset[str]) -> list[Import]:
    return [
        Import(module, name, at_top_level, statement.lineno)
        for statement, at_top_level in import_statements(ast.parse(source))
        for name in imported_names(statement, package, modules)
    ]


def all_imports() -> list[Import]:
    found = []
    for module, path in MODULES.items():
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        found += imports_of(path.read_text(encoding="utf-8"), module, package, frozenset(MODULES))
    return found


IMPORTS = all_imports()


def breaches(rule: Rule, imports: list[Import]) -> list[str]:
    return [
        str(found)
        for found in imports
        if is_below(found.importer, rule.importers)
        and is_below(found.imported, rule.imported)
        and not is_below_any(found.imported, rule.but)
    ]


def cycle(imports: list[Import]) -> list[str]:
    """A chain of modules each of which needs the next one to be imported, if there is one."""
    needs: dict[str, set[str]] = {}
    for found in imports:
        if found.at_top_level and found.imported != found.importer:
            needs.setdefault(found.importer, set()).add(found.imported)
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []


def test_there_is_something_to_look_at() -> None:
    assert {"index", "search"} <= set(MODULES)
    assert IMPORTS


@pytest.mark.parametrize("rule", MAY_NOT_IMPORT, ids=lambda rule: f"{rule.importers}-not-{rule.imported}")
def test_no_module_imports_what_it_may_not(rule: Rule) -> None:
    assert breaches(rule, IMPORTS) == []


@pytest.mark.parametrize("imported", ONLY_IMPORTED_BY)
def test_some_modules_have_one_door(imported: str) -> None:
    doors = ONLY_IMPORTED_BY[imported]
    strangers = [
        str(found)
        for found in IMPORTS
        if is_below(found.imported, imported) and not is_below_any(found.importer, doors)
    ]
    assert strangers == []


def test_no_import_cycles() -> None:
    assert cycle(IMPORTS) == []


READER_CASES = {
    "import search.engines.memory": [("search.engines.memory", True)],
    "from search import engines, open_index": [("search", True), ("search.engines", True)],
    "from . import plan": [("search.query.plan", True)],
    "from .. import model": [("search.model", True)],
    "from ..engines import Engine": [("search.engines", True)],
    "from .plan import Plan": [("search.query.plan", True)],
    "def late() -> None:\n    import whoosh.fields": [("whoosh.fields", False)],
    "if TYPE_CHECKING:\n    from index.model import Slot": [("index.model", False)],
    "try:\n    import rich\nexcept ImportError:\n    pass": [("rich", True)],
    "class Lazy:\n    import index": [("index", True)],
}


@pytest.mark.parametrize("source", READER_CASES)
def test_the_reader_sees_every_form_of_import(source: str) -> None:
    modules = frozenset({"search", "search.engines", "search.model", "search.query.plan"})
    found = imports_of(source, "search.query.compiler", "search.query", modules)
    assert [(each.imported, each.at_top_level) for each in found] == READER_CASES[source]


def test_a_breach_is_found_unless_it_is_allowed() -> None:
    rule = Rule("search.engines", "search", but=("search.model",))
    allowed = Import("search.engines.memory", "search.model", True, 1)
    forbidden = Import("search.engines.memory", "search.models", False, 2)
    assert breaches(rule, [allowed, forbidden]) == ["search.engines.memory, line 2, imports search.models"]


def test_a_cycle_is_found_and_a_late_import_is_none() -> None:
    there = Import("index.one", "index.two", True, 1)
    back = Import("index.two", "index.one", True, 1)
    assert set(cycle([there, back])) == {"index.one", "index.two"}
    assert cycle([there, back._replace(at_top_level=False)]) == []
