"""The tree of a query → its plan: operands at blanks, runs of content slots, long units over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, Protocol

from index.analysis import Analyzer
from index.analysis.fold import compare, whole
from index.analysis.keys import key
from index.analysis.mentions import without_mentions
from index.errors import UsageError
from index.model import KIND, Mark, Slot
from index.writers import FIELDS
from search.query import syntax
from search.query.conditions import asked
from search.query.names import Names, is_alias
from search.query.plan import All, Concept, Either, Match, Operand, Plan, Run, Unit, Where, changed, pause
from search.query.signs import LEAST_BOOST, MOST_BOOST, unread
from search.query.syntax import Boosted, Every, Node, Scoped, Text, parse
from search.query.values import unasked, valued

if TYPE_CHECKING:
    from search.query.expansion import Expander

LONGEST = 2_000
"""Characters of a query that are read."""
MOST = 50
"""Operands of a query that are searched."""
BEGINNING = 200
"""Words that the beginning of a word stands for."""
EXPANDED = 100
"""Words of a query that are expanded."""
PIECES = 0.4
"""The weight of what the analysis made of a word that kana is as a whole."""
_OF = "の"


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
        self._analyzer, self._known, self._exact, self._expander, self._off = asking
        self._names = Names(self._known.has_field)
        self._alone = alone
        self.excluded = False
        self._count = 0
        self._expanded_words = 0
        self.warnings: list[str] = []

    def is_field(self, name: str) -> bool:
        """Whether a name stands for a field."""
        return self._names.of(name) is not None

    def plan(self, node: Node) -> Plan | None:
        """The plan of a node; None where it holds no word to search for."""
        if isinstance(node, Text):
            return _all(self._operands(node), ())
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
            return _all([_where(name, field, value, node) for value in values if value], ())
        if isinstance(node, Boosted):
            self.warnings.append(f"{name}: only narrows, which no boost changes")
            return self._condition(name, field, node.item)
        if isinstance(node, Scoped):
            return self._scoped(node)
        parts = [part for item in node.items if (part := self._condition(name, field, item)) is not None]
        if isinstance(node, syntax.Either):
            return Either(tuple(parts)) if len(parts) > 1 else next(iter(parts), None)
        without = [part for item in node.without if (part := self._condition(name, field, item)) is not None]
        self.excluded = self.excluded or bool(without)
        return _all(parts, without)

    def _every(self, node: Every) -> Plan | None:
        parts = [part for item in node.items if (part := self.plan(item)) is not None]
        expander, self._expander = self._expander, None
        without = [_strict(part) for item in node.without if (part := self.plan(item)) is not None]
        self._expander = expander
        self.excluded = self.excluded or bool(without)
        if not parts and without:
            self.warnings.append("an exclusion needs a word beside it to search for")
        for part in without:
            if isinstance(part, Operand) and part.match is Match.STRING:
                self.warnings.append(f"{part.text} alone decides nothing and excludes nothing")
        return _all(parts, without)

    def _operands(self, node: Text) -> list[Operand]:
        if not node.quoted and not node.beginning:
            self.warnings += [told for word in node.text.split() for told in unread(word, is_alias)]
        slots = self._analyzer.slots(node.text, typed=True)
        if "numbers" in self._off:
            slots = list(map(without_mentions, slots))
        groups = [slots] if node.quoted else _at_blanks(slots)
        allowed = max(0, MOST - self._count)
        self._count += len(groups)
        if len(groups) > allowed:
            self.warnings.append(f"the query has more than {MOST} words: the first {MOST} are searched")
        groups = [group for group in groups[:allowed] if group and _has_letters(node.text, group)]
        if node.beginning:
            return [self._beginning(node.text, group) for group in groups]
        if node.slack is not None:
            return [self._near(node.text, group, node.slack) for group in groups]
        made = _exact if node.quoted or self._exact else self._operand
        return [made(node.text, group) for group in groups]

    def _near(self, text: str, slots: Sequence[Slot], slack: int) -> Operand:
        runs = tuple(run for _, run in _runs(text, slots, self._deciding(slots) or [True] * len(slots)))
        return Operand(text[slots[0].start : slots[-1].end], Match.NEAR, runs, slack=slack)

    def _beginning(self, text: str, slots: Sequence[Slot]) -> Operand:
        """A beginning of words; of several slots the last is one, and so are all together, of a long unit."""
        typed = text[slots[0].start : slots[-1].end]
        last = text[slots[-1].start : slots[-1].end]
        run = _run(text, slots, exact=False)
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
        slots, pieces = self._reread(text, slots)
        deciding = self._deciding(slots)
        if deciding is None:
            return Operand(typed, Match.STRING)
        runs = tuple(
            self._expanded(run, first, pieces, typed if len(run.concepts) == len(slots) else "")
            for first, run in _runs(text, slots, deciding)
        )
        linked = frozenset(_links(slots, deciding))
        return Operand(typed, Match.COMPOUND if len(runs) == 1 else Match.SOFT, runs, linked)

    def _reread(self, text: str, slots: Sequence[Slot]) -> tuple[Sequence[Slot], list[Unit]]:
        """The slots with kana as the words that it is, and over these, as loose units, what the analysis made of it."""
        if self._expander is None or "readings" in self._off:
            return slots, []
        made: list[Slot] = []
        pieces: list[Unit] = []
        at = 0
        for first, last, words, instead, are_words in self._expander.rereader.reread(text, slots, alone=self._alone):
            made += slots[at:first]
            begin, start = len(made), slots[first].start
            for i, (length, terms) in enumerate(words):
                end = slots[last - 1].end if i == len(words) - 1 else start + length
                before = slots[first].marks & ~KIND if i == 0 else 0
                made.append(Slot(start, end, terms, (), before | Mark.UNIT_START | Mark.UNIT_END))
                start = end
            weight = 1.0 if are_words else PIECES
            pieces.append(Unit(begin, len(made) - 1, instead, weight, "" if are_words else "partial", not are_words))
            at = last
        return [*made, *slots[at:]], pieces

    def _expanded(self, run: Run, first: int, pieces: Sequence[Unit], typed: str) -> Run:
        """A run that begins with slot ``first``, with all that else stands for its words."""
        if self._expander is None or self._expanded_words > EXPANDED:
            return run
        self._expanded_words += len(run.concepts)
        if self._expanded_words > EXPANDED:
            self.warnings.append(f"the query has many words: those behind the first {EXPANDED} are taken as they are")
            return run
        last = first + len(run.concepts) - 1
        here = [unit for unit in pieces if first <= unit.first and unit.last <= last]
        added = self._expander.units(run, self._off, typed=typed, again=bool(here))
        for word in added.cut:
            self.warnings.append(f"{word} may be more words than are searched: the likeliest are")
        own = [replace(unit, first=unit.first - first, last=unit.last - first) for unit in here if unit.terms]
        return Run(run.concepts, (*run.units, *added.units, *own))

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
        for first, last in [*_units(slots), *valued(slots)]:
            if any(content[first : last + 1]):
                content[first : last + 1] = [True] * (last + 1 - first)
        return content


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
    flat = [part for p in parts for part in (p.parts if isinstance(p, All) and not p.without else (p,))]
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
    runs = tuple(run for _, run in _runs(text, slots, content if any(content) else [True] * len(slots), exact=True))
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


def _runs(text: str, slots: Sequence[Slot], deciding: Sequence[bool], *, exact: bool = False) -> list[tuple[int, Run]]:
    """The runs, each with its first slot."""
    runs = []
    start = None
    for i in range(len(slots) + 1):
        if i < len(slots) and deciding[i]:
            start = i if start is None else start
        elif start is not None:
            runs.append((start, _run(text, slots[start:i], exact=exact)))
            start = None
    return runs


def _run(text: str, slots: Sequence[Slot], *, exact: bool) -> Run:
    if exact:
        return Run(tuple(Concept(text[slot.start : slot.end], slot.terms[:1]) for slot in slots))
    left_out = [unasked(text[slot.start : slot.end], slot.terms) for slot in slots]
    over: dict[tuple[int, int], list[str]] = {}
    for last, slot in enumerate(slots):
        for term in slot.unit_ends:
            first = next((i for i in range(last - 1, -1, -1) if term in slots[i].terms), None)
            if first is not None and term not in left_out[first]:
                over.setdefault((first, last), []).append(term)
    concepts = []
    for i, slot in enumerate(slots):
        of_units = {term for (first, _), found in over.items() if first == i for term in found}.union(left_out[i])
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
