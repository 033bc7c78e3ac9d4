"""Why a query found nothing: each operand by itself, the query without it, and the words that are most like it.

A query is never relaxed in silence; this is what a reader is told instead.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from index.analysis.fold import compare
from search.engines import Engine, Request
from search.model import OperandDiagnosis
from search.query.plan import All, Either, Operand, Plan, operands

NEAREST = 3
"""Words that are offered for an operand."""
_LIKE = 0.6
"""The least likeness of a word, as ``difflib.SequenceMatcher.ratio`` measures it."""
_LONGEST = 50
"""Characters of a word that are compared."""


def diagnose(query: str, plan: Plan, engine: Engine) -> tuple[tuple[OperandDiagnosis, ...], str | None]:
    """What each operand of a query without hits does, and a query to try instead, if one word explains it."""
    vocabulary = list(engine.words())
    diagnoses = []
    suggestion = None
    for operand in operands(plan):
        total = _total(operand, engine)
        rest = _without(plan, operand)
        total_without = _total(rest, engine) if rest is not None else 0
        nearest = {} if total else _nearest(operand, vocabulary)
        diagnoses.append(OperandDiagnosis(operand.text, total, total_without, tuple(nearest)))
        if nearest and (rest is None or total_without) and suggestion is None:
            word, typed = next(iter(nearest.items()))
            suggestion = query.replace(typed, word, 1)
    return tuple(diagnoses), suggestion if suggestion != query else None


def _total(plan: Plan, engine: Engine) -> int:
    found = engine.retrieve(Request(plan, limit=1))
    return found.word + (found.partial or 0)


def _without(plan: Plan, operand: Operand) -> Plan | None:
    """The plan without one operand; None where nothing is left to search for."""
    if plan is operand:
        return None
    if isinstance(plan, Operand):
        return plan
    parts = tuple(part for part in (_without(part, operand) for part in plan.parts) if part is not None)
    if not parts:
        return None
    return Either(parts) if isinstance(plan, Either) else All(parts, plan.without)


def _nearest(operand: Operand, vocabulary: Sequence[str]) -> dict[str, str]:
    """Words of the vocabulary that look like the operand, or like a word of it that stands nowhere: word → as typed.

    A word is compared as it was typed, not by its normalized form: what looks like ショー is no help for show.
    """
    known = set(vocabulary)
    absent = [d.concept.text for d in operand.distinct if not known & set(d.concept.terms)]
    found: dict[str, str] = {}
    for typed in dict.fromkeys([operand.text, *absent]):
        wanted = compare(typed)
        likely = [other for other in vocabulary if abs(len(other) - len(wanted)) <= 2 and set(other) & set(wanted)]
        for word in difflib.get_close_matches(wanted[:_LONGEST], likely, NEAREST, _LIKE):
            if word != wanted:
                found.setdefault(word, typed)
    return dict(list(found.items())[:NEAREST])
