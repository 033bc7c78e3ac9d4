"""An operand's slots → its runs: which of them decide, what belongs together, which long units lie over it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from index.analysis import Analyzer
from index.model import KIND, Mark, Slot, long_units
from search.query.plan import Concept, Match, Operand, Run, Unit, pause
from search.query.values import unasked, valued

_OF = "の"


def at_blanks(slots: Sequence[Slot]) -> list[list[Slot]]:
    """The slots of each operand: a blank ends one."""
    groups: list[list[Slot]] = []
    for slot in slots:
        if not groups or slot.marks & Mark.BLANK:
            groups.append([])
        groups[-1].append(slot)
    return groups


def deciding(slots: Sequence[Slot], analyzer: Analyzer) -> list[bool] | None:
    """Which slots are content; None if the operand has function words alone.

    A long unit is content as a whole if a part of it is. Light words count where nothing else does, and a pronoun
    in kanji is a word where it stands alone.
    """
    content = [not slot.marks & KIND for slot in slots]
    if not any(content):
        light = [slot.marks & KIND == Mark.LIGHT for slot in slots]
        alone = [analyzer.stands_alone(slot) for slot in slots]
        return light if any(light) else alone if any(alone) else None
    for first, last in [*_units(slots), *valued(slots)]:
        if any(content[first : last + 1]):
            content[first : last + 1] = [True] * (last + 1 - first)
    return content


def exact(text: str, slots: Sequence[Slot], *, glued: bool) -> Operand:
    """A quotation of all the slots of a text; ``glued`` to the words beside it."""
    typed = text[slots[0].start : slots[-1].end]
    content = [not slot.marks & KIND for slot in slots]
    runs = tuple(run for _, run in runs_of(text, slots, content if any(content) else [True] * len(slots), exact=True))
    pauses = [pause(text[before.end : after.start], after.marks) for before, after in pairwise(slots)]
    keys = tuple(slot.terms[0] for slot in slots)
    return Operand(typed, Match.EXACT, runs, keys=keys, pauses=(0, *pauses), glued=glued)


def _units(slots: Sequence[Slot]) -> list[tuple[int, int]]:
    bounds = []
    first = 0
    for i, slot in enumerate(slots):
        if slot.marks & Mark.UNIT_START:
            first = i
        if slot.marks & Mark.UNIT_END:
            bounds.append((first, i))
    return bounds


def runs_of(text: str, slots: Sequence[Slot], decide: Sequence[bool], *, exact: bool = False) -> list[tuple[int, Run]]:
    """The runs, each with its first slot."""
    runs = []
    start = None
    for i in range(len(slots) + 1):
        if i < len(slots) and decide[i]:
            start = i if start is None else start
        elif start is not None:
            runs.append((start, run_of(text, slots[start:i], exact=exact)))
            start = None
    return runs


def run_of(text: str, slots: Sequence[Slot], *, exact: bool = False) -> Run:
    """One run of all the slots, with their long units; an ``exact`` one has each as it is written, and none."""
    if exact:
        return Run(tuple(Concept(text[slot.start : slot.end], slot.terms[:1]) for slot in slots))
    left_out = [unasked(text[slot.start : slot.end], slot.terms) for slot in slots]
    over: dict[tuple[int, int], list[str]] = {}
    for first, last, term in long_units(slots):
        if term not in left_out[first]:
            over.setdefault((first, last), []).append(term)
    of_units = [set(each) for each in left_out]
    for (first, _), found in over.items():
        of_units[first].update(found)
    concepts = []
    for i, slot in enumerate(slots):
        own = tuple(term for term in slot.terms if term not in of_units[i]) or slot.terms[:1]
        concepts.append(Concept(text[slot.start : slot.end], own))
    return Run(tuple(concepts), tuple(Unit(first, last, tuple(found)) for (first, last), found in over.items()))


def links(slots: Sequence[Slot], decide: Sequence[bool]) -> list[int]:
    """The runs that are joined to the next one by の alone."""
    links = []
    run = -1
    for i, decides in enumerate(decide):
        if decides and (i == 0 or not decide[i - 1]):
            run += 1
        joins = 0 < i < len(slots) - 1 and not decides and decide[i - 1] and decide[i + 1]
        if joins and slots[i].terms[0] == _OF:
            links.append(run)
    return links
