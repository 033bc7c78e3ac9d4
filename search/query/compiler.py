"""The tree of a query → its plan: its stretches of text analysed into operands, its conditions read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, Protocol

from index.analysis import Analyzer
from index.analysis.fold import compare, whole
from index.analysis.keys import key
from index.analysis.mentions import without_mentions
from index.errors import UsageError
from index.model import Slot
from index.writers import FIELDS
from search.query import syntax
from search.query.conditions import asked, doubts
from search.query.names import Names, is_alias
from search.query.plan import (
    All,
    Concept,
    Either,
    Match,
    Operand,
    Plan,
    Run,
    Unit,
    Where,
    changed,
    conditions,
    operands,
)
from search.query.runs import at_blanks, deciding, exact, links, run_of, runs_of
from search.query.signs import LEAST_BOOST, MOST_BOOST, unread
from search.query.syntax import Boosted, Every, Glued, Node, Scoped, Text, parse
from search.query.widening import Widening

if TYPE_CHECKING:
    from search.query.expansion import Expander

LONGEST = 2_000
"""Characters of a query that are read."""
MOST = 50
"""Operands of a query that are searched."""
BEGINNING = 200
"""Words that the beginning of a word stands for."""


class Known(Protocol):
    """What of an index a query is read by."""

    def has_field(self, name: str) -> bool:
        """Whether a document has a value of a field."""

    def beginning(self, prefix: str, most: int) -> tuple[list[str], int]:
        """The most frequent words that begin so, at most ``most`` of them, and how many do."""


class _Nothing:
    """An index of which nothing is known."""

    def has_field(self, name: str) -> bool:
        return False

    def beginning(self, prefix: str, most: int) -> tuple[list[str], int]:
        return [], 0


class _Asking(NamedTuple):
    """What a query is read with; see ``compile_query``."""

    analyzer: Analyzer
    known: Known
    exact: bool
    expander: Expander | None
    off: frozenset[str]


def compile_query(
    query: str,
    analyzer: Analyzer,
    known: Known | None = None,
    *,
    exact: bool = False,
    expander: Expander | None = None,
    off: frozenset[str] = frozenset(),
) -> tuple[Plan, list[str]]:
    """The plan of a query, and its warnings; with ``exact`` every operand is taken as quoted.

    ``known`` says which fields documents have, and which words begin as one that was typed with an asterisk behind it.
    ``expander`` adds what else the words may be written as, but for the classes in ``off``; to a quotation and an
    exclusion it adds nothing.

    Raises ``UsageError`` for a query that asks for nothing: empty, only signs, only exclusions.
    """
    warnings = []
    query = whole(query)
    if len(query) > LONGEST:
        warnings.append(f"the query has {len(query):,} characters: the first {LONGEST:,} are searched")
        query = query[:LONGEST]
    if not query.strip():
        raise UsageError("the query is empty: give a word to search for")
    asking = _Asking(analyzer, known or _Nothing(), exact, expander, off)
    compiler = _Compiler(asking)
    read = parse(query, compiler.is_field)
    warnings.extend(read.warnings)
    plan = None if read.tree is None else compiler.plan(read.tree)
    if read.tree is not None and plan is not None and expander is not None and not _decides(plan):
        compiler = _Compiler(asking, alone=True)
        plan = compiler.plan(read.tree)
    if plan is None:
        if compiler.excluded:
            raise UsageError("the query only excludes: give a word to search for beside the exclusions")
        raise UsageError("the query holds no word, only signs: give a word to search for")
    return plan, list(dict.fromkeys(warnings + compiler.warnings))


class _Compiler:
    def __init__(self, asking: _Asking, *, alone: bool = False) -> None:
        self._analyzer, self._known, self._exact, expander, self._off = asking
        self._names = Names(self._known.has_field)
        self.excluded = False
        self._count = 0
        self.warnings: list[str] = []
        self._widening = expander and Widening(expander, self._off, self.warnings, alone=alone)

    def is_field(self, name: str) -> bool:
        """Whether a name stands for a field."""
        return self._names.of(name) is not None

    def plan(self, node: Node) -> Plan | None:
        """The plan of a node; None where it holds no word to search for."""
        if isinstance(node, Text):
            return _all(self._operands(node), ())
        if isinstance(node, Glued):
            return self._glued(node)
        if isinstance(node, syntax.Either):
            parts = [part for part in map(self.plan, node.items) if part is not None]
            if len(parts) <= 1:
                return parts[0] if parts else None
            return Either(tuple(parts))
        if isinstance(node, Scoped):
            return self._scoped(node)
        if isinstance(node, Boosted):
            return self._boosted(node)
        return self._every(node)

    def _glued(self, node: Glued) -> Plan | None:
        """Quotations with the words right beside them as one; what stands behind a blank in these is for itself."""
        stretches: list[list[Operand]] = [[]]
        for text in node.items:
            found = self._operands(text, glued=not self._exact)
            stretches[-1] += found[:1]
            stretches += [[operand] for operand in found[1:]]
        parts = [part for stretch in stretches if (part := _all(stretch, ())) is not None]
        glued = not self._exact
        return _all([replace(part, glued=glued) if isinstance(part, All) else part for part in parts], ())

    def _scoped(self, node: Scoped) -> Plan | None:
        """An item in a field of the text, unless one inside it names another; or conditions on documents' values."""
        field = self._names.of(node.name)
        if field is not None and field not in FIELDS:
            return self._condition(node.name, field, node.item)
        plan = self.plan(node.item)
        if plan is None or field is None:
            return plan
        return changed(plan, lambda operand: operand if operand.fields else replace(operand, fields=(field,)))

    def _boosted(self, node: Boosted) -> Plan | None:
        plan = self.plan(node.item)

        def boosted(operand: Operand) -> Operand:
            return replace(operand, boost=min(max(operand.boost * node.boost, LEAST_BOOST), MOST_BOOST))

        return None if plan is None else changed(plan, boosted)

    def _condition(self, name: str, field: str, node: Node) -> Plan | None:
        """What an item asks of a field of documents' values: what stands between blanks is a value each."""
        if isinstance(node, Text):
            values = [node.text] if node.quoted else node.text.split()
            self.warnings += [f"{name}:{value} {told}" for value in values for told in doubts(value) if not node.quoted]
            return _all([_where(name, field, value, node) for value in values if value], ())
        if isinstance(node, Boosted):
            self.warnings.append(f"{name}: only narrows, which no boost changes")
            return self._condition(name, field, node.item)
        if isinstance(node, Scoped):
            return self._scoped(node)
        parts = [part for item in node.items if (part := self._condition(name, field, item)) is not None]
        if isinstance(node, syntax.Either):
            return Either(tuple(parts)) if len(parts) > 1 else next(iter(parts), None)
        excluded = node.without if isinstance(node, Every) else ()
        without = [part for item in excluded if (part := self._condition(name, field, item)) is not None]
        self.excluded = self.excluded or bool(without)
        return _all(parts, without)

    def _every(self, node: Every) -> Plan | None:
        parts = [part for item in node.items if (part := self.plan(item)) is not None]
        widening, self._widening = self._widening, None
        without = [_strict(part) for item in node.without if (part := self.plan(item)) is not None]
        self._widening = widening
        self.excluded = self.excluded or bool(without)
        if not parts and without:
            words = [each.text for part in without for each in operands(part)]
            words += [each.text for part in without for each in conditions(part)]
            self.warnings.append(
                f"NOT {' '.join(words)} is left out: an exclusion needs a word beside it to search for"
            )
        for part in without:
            if isinstance(part, Operand) and part.match is Match.STRING:
                self.warnings.append(f"{part.text} alone decides nothing and excludes nothing")
        return _all(parts, without)

    def _operands(self, node: Text, *, glued: bool = False) -> list[Operand]:
        if not node.quoted and not node.beginning:
            self.warnings += [told for word in node.text.split() for told in unread(word, is_alias)]
        slots = self._analyzer.slots(node.text, typed=True)
        if "numbers" in self._off:
            slots = list(map(without_mentions, slots))
        groups = [slots] if node.quoted else at_blanks(slots)
        allowed = max(0, MOST - self._count)
        self._count += len(groups)
        if len(groups) > allowed:
            self.warnings.append(f"the query has more than {MOST} words: the first {MOST} are searched")
        groups = [group for group in groups[:allowed] if group and _has_letters(node.text, group)]
        if self._widening:
            groups = self._widening.without_joins(node.text, groups)
        if node.beginning:
            return [self._beginning(node.text, group) for group in groups]
        if node.slack is not None:
            return [self._near(node.text, group, node.slack) for group in groups]
        if node.quoted or self._exact:
            return [exact(node.text, group, glued=glued) for group in groups]
        return [self._operand(node.text, group) for group in groups]

    def _near(self, text: str, slots: Sequence[Slot], slack: int) -> Operand:
        runs = tuple(run for _, run in runs_of(text, slots, deciding(slots, self._analyzer) or [True] * len(slots)))
        return Operand(text[slots[0].start : slots[-1].end], Match.NEAR, runs, slack=slack)

    def _beginning(self, text: str, slots: Sequence[Slot]) -> Operand:
        """A beginning of words; of several slots the last is one, and so are all together, of a long unit."""
        typed = text[slots[0].start : slots[-1].end]
        last = text[slots[-1].start : slots[-1].end]
        run = run_of(text, slots)
        terms = self._terms(last) or run.concepts[-1].terms
        concepts = (*run.concepts[:-1], Concept(f"{last}*", terms))
        units = [unit for unit in run.units if unit.last < len(slots) - 1]
        if len(slots) > 1 and (whole := self._terms(typed)):
            units.append(Unit(0, len(slots) - 1, whole))
        return Operand(typed, Match.COMPOUND, (Run(concepts, tuple(units)),))

    def _terms(self, typed: str) -> tuple[str, ...]:
        """The words that a beginning stands for."""
        found, total = self._known.beginning(key(typed), BEGINNING)
        if total > len(found):
            told = f"{total:,} words begin with {typed}: the {len(found)} most frequent are searched"
            self.warnings.append(told)
        return tuple(found)

    def _operand(self, text: str, slots: Sequence[Slot]) -> Operand:
        typed = text[slots[0].start : slots[-1].end]
        widening = self._widening
        slots, pieces = widening.reread(text, slots) if widening else (slots, [])
        decide = deciding(slots, self._analyzer)
        if decide is None:
            return Operand(typed, Match.STRING)
        runs = tuple(
            widening.expanded(run, first, pieces, typed if len(run.concepts) == len(slots) else "") if widening else run
            for first, run in runs_of(text, slots, decide)
        )
        linked = frozenset(links(slots, decide))
        return Operand(typed, Match.COMPOUND if len(runs) == 1 else Match.SOFT, runs, linked)


def _has_letters(text: str, slots: Sequence[Slot]) -> bool:
    """Whether there is anything to look for: a mark that combines with nothing is a slot, but no more than a sign."""
    return any(character.isalnum() for character in compare(text[slots[0].start : slots[-1].end]))


def _strict(plan: Plan) -> Plan:
    """An exclusion, which a part of its words does not meet."""
    return changed(plan, lambda each: replace(each, match=Match.EVERY) if each.match is Match.SOFT else each)


def _where(name: str, field: str, value: str, node: Text) -> Where:
    filters, without = asked(field, value, quoted=node.quoted, beginning=node.beginning)
    text = f"{name}:{value}{'*' if node.beginning else ''}"
    return Where(text, filters, without)


def _all(parts: Sequence[Plan], without: Sequence[Plan]) -> Plan | None:
    """The parts together. Function words never decide, so that they go where there is anything else."""
    flat = [part for p in parts for part in (p.parts if isinstance(p, All) and not (p.without or p.glued) else (p,))]
    kept = tuple([part for part in flat if _decides(part)] or flat)
    if not kept:
        return None
    return kept[0] if len(kept) == 1 and not without else All(kept, tuple(without))


def _decides(plan: Plan) -> bool:
    if isinstance(plan, Operand):
        return plan.match is not Match.STRING
    if isinstance(plan, Where):
        return True
    return any(map(_decides, plan.parts))
