"""The tree of a query → its plan: operands at blanks, runs of content slots, long units over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from index.analysis import Analyzer
from index.analysis.fold import compare, whole
from index.errors import UsageError
from index.model import KIND, Mark, Slot
from search.query import syntax
from search.query.plan import All, Concept, Either, Match, Operand, Plan, Run, Unit, pause
from search.query.syntax import Every, Node, Text, parse

LONGEST = 2_000
"""Characters of a query that are read."""
MOST = 50
"""Operands of a query that are searched."""
_OF = "の"


def compile_query(query: str, analyzer: Analyzer, *, exact: bool = False) -> tuple[Plan, list[str]]:
    """The plan of a query, and its warnings; with ``exact`` every operand is taken as quoted.

    Raises ``UsageError`` for a query that asks for nothing: empty, only signs, only exclusions.
    """
    warnings = []
    query = whole(query)
    if len(query) > LONGEST:
        warnings.append(f"the query has {len(query):,} characters: the first {LONGEST:,} are searched")
        query = query[:LONGEST]
    if not query.strip():
        raise UsageError("the query is empty: give a word to search for")
    read = parse(query)
    warnings.extend(read.warnings)
    compiler = _Compiler(analyzer, exact=exact)
    plan = None if read.tree is None else compiler.plan(read.tree)
    if plan is None:
        if compiler.excluded:
            raise UsageError("the query only excludes: give a word to search for beside the exclusions")
        raise UsageError("the query holds no word, only signs: give a word to search for")
    return plan, list(dict.fromkeys(warnings + compiler.warnings))


class _Compiler:
    def __init__(self, analyzer: Analyzer, *, exact: bool) -> None:
        self._analyzer = analyzer
        self._exact = exact
        self.excluded = False
        self._count = 0
        self.warnings: list[str] = []

    def plan(self, node: Node) -> Plan | None:
        """The plan of a node; None where it holds no word to search for."""
        if isinstance(node, Text):
            return _all(self._operands(node), ())
        if isinstance(node, syntax.Either):
            parts = [part for part in map(self.plan, node.items) if part is not None]
            if len(parts) <= 1:
                return parts[0] if parts else None
            return Either(tuple(parts))
        return self._every(node)

    def _every(self, node: Every) -> Plan | None:
        parts = [part for item in node.items if (part := self.plan(item)) is not None]
        without = [_strict(part) for item in node.without if (part := self.plan(item)) is not None]
        self.excluded = self.excluded or bool(without)
        if not parts and without:
            self.warnings.append("an exclusion needs a word beside it to search for")
        for part in without:
            if isinstance(part, Operand) and part.match is Match.STRING:
                self.warnings.append(f"{part.text} alone decides nothing and excludes nothing")
        return _all(parts, without)

    def _operands(self, node: Text) -> list[Operand]:
        slots = self._analyzer.slots(node.text)
        groups = [slots] if node.quoted else _at_blanks(slots)
        allowed = max(0, MOST - self._count)
        self._count += len(groups)
        if len(groups) > allowed:
            self.warnings.append(f"the query has more than {MOST} words: the first {MOST} are searched")
        made = _exact if node.quoted or self._exact else self._operand
        return [made(node.text, group) for group in groups[:allowed] if group and _has_letters(node.text, group)]

    def _operand(self, text: str, slots: Sequence[Slot]) -> Operand:
        typed = text[slots[0].start : slots[-1].end]
        deciding = self._deciding(slots)
        if deciding is None:
            return Operand(typed, Match.STRING)
        runs = _runs(text, slots, deciding)
        linked = frozenset(_links(slots, deciding))
        return Operand(typed, Match.COMPOUND if len(runs) == 1 else Match.SOFT, runs, linked)

    def _deciding(self, slots: Sequence[Slot]) -> list[bool] | None:
        """Which slots are content; None if the operand has function words alone.

        A long unit is content as a whole if a part of it is. Light words count where nothing else does, and a pronoun
        in kanji is a word where it stands alone.
        """
        content = [not slot.marks & KIND for slot in slots]
        if not any(content):
            light = [slot.marks & KIND == Mark.LIGHT for slot in slots]
            alone = [self._analyzer.stands_alone(slot) for slot in slots]
            return light if any(light) else alone if any(alone) else None
        for first, last in _units(slots):
            if any(content[first : last + 1]):
                content[first : last + 1] = [True] * (last + 1 - first)
        return content


def _has_letters(text: str, slots: Sequence[Slot]) -> bool:
    """Whether there is anything to look for: a mark that combines with nothing is a slot, but no more than a sign."""
    return any(character.isalnum() for character in compare(text[slots[0].start : slots[-1].end]))


def _strict(plan: Plan) -> Plan:
    """An exclusion, which a part of its words does not meet."""
    if isinstance(plan, Operand):
        return replace(plan, match=Match.EVERY) if plan.match is Match.SOFT else plan
    return replace(plan, parts=tuple(map(_strict, plan.parts)))


def _all(parts: Sequence[Plan], without: Sequence[Plan]) -> Plan | None:
    """The parts together. Function words never decide, so that they go where there is anything else."""
    flat = [part for p in parts for part in (p.parts if isinstance(p, All) and not p.without else (p,))]
    kept = tuple([part for part in flat if _decides(part)] or flat)
    if not kept:
        return None
    return kept[0] if len(kept) == 1 and not without else All(kept, tuple(without))


def _decides(plan: Plan) -> bool:
    if isinstance(plan, Operand):
        return plan.match is not Match.STRING
    return any(map(_decides, plan.parts))


def _at_blanks(slots: Sequence[Slot]) -> list[list[Slot]]:
    groups: list[list[Slot]] = []
    for slot in slots:
        if not groups or slot.marks & Mark.BLANK:
            groups.append([])
        groups[-1].append(slot)
    return groups


def _exact(text: str, slots: Sequence[Slot]) -> Operand:
    typed = text[slots[0].start : slots[-1].end]
    content = [not slot.marks & KIND for slot in slots]
    runs = _runs(text, slots, content if any(content) else [True] * len(slots), exact=True)
    pauses = [pause(text[before.end : after.start], after.marks) for before, after in pairwise(slots)]
    return Operand(typed, Match.EXACT, runs, keys=tuple(slot.terms[0] for slot in slots), pauses=(0, *pauses))


def _units(slots: Sequence[Slot]) -> list[tuple[int, int]]:
    bounds = []
    first = 0
    for i, slot in enumerate(slots):
        if slot.marks & Mark.UNIT_START:
            first = i
        if slot.marks & Mark.UNIT_END:
            bounds.append((first, i))
    return bounds


def _runs(text: str, slots: Sequence[Slot], deciding: Sequence[bool], *, exact: bool = False) -> tuple[Run, ...]:
    runs = []
    start = None
    for i in range(len(slots) + 1):
        if i < len(slots) and deciding[i]:
            start = i if start is None else start
        elif start is not None:
            runs.append(_run(text, slots[start:i], exact=exact))
            start = None
    return tuple(runs)


def _run(text: str, slots: Sequence[Slot], *, exact: bool) -> Run:
    if exact:
        return Run(tuple(Concept(text[slot.start : slot.end], slot.terms[:1]) for slot in slots))
    over: dict[tuple[int, int], list[str]] = {}
    for last, slot in enumerate(slots):
        for term in slot.unit_ends:
            first = next((i for i in range(last - 1, -1, -1) if term in slots[i].terms), None)
            if first is not None:
                over.setdefault((first, last), []).append(term)
    concepts = []
    for i, slot in enumerate(slots):
        of_units = {term for (first, _), found in over.items() if first == i for term in found}
        own = tuple(term for term in slot.terms if term not in of_units) or slot.terms[:1]
        concepts.append(Concept(text[slot.start : slot.end], own))
    return Run(tuple(concepts), tuple(Unit(first, last, tuple(found)) for (first, last), found in over.items()))


def _links(slots: Sequence[Slot], deciding: Sequence[bool]) -> list[int]:
    """The runs that are joined to the next one by の alone."""
    links = []
    run = -1
    for i, decides in enumerate(deciding):
        if decides and (i == 0 or not deciding[i - 1]):
            run += 1
        joins = 0 < i < len(slots) - 1 and not decides and deciding[i - 1] and deciding[i + 1]
        if joins and slots[i].terms[0] == _OF:
            links.append(run)
    return links
