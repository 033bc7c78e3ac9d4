"""Why a query found nothing: each operand by itself, the query without it, and the words that are most like it.

A query is never relaxed in silence; this is what a reader is told instead.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence

from index.analysis.fold import compare
from index.analysis.mentions import is_word
from search.clock import Deadline
from search.engines import Engine, Request
from search.model import OperandDiagnosis
from search.query.plan import All, Either, Operand, Plan, Where, conditions, operands

CONDITION, EXCLUSION = "condition", "exclusion"
"""Kinds of what is explained that is no operand."""
NEAREST = 3
"""Words that are offered for an operand."""
MOST = 8
"""Operands that are explained, and as many exclusions."""
_LIKE = 0.78
"""The least likeness of a word, as ``difflib.SequenceMatcher.ratio`` measures it."""
_SHORT = 5
"""Characters of a word that counts as short."""
_LONGEST = 50
"""Characters of a word that are compared."""


def diagnose(
    query: str, plan: Plan, engine: Engine, plan_of: Callable[[str], Plan], deadline: Deadline
) -> tuple[tuple[OperandDiagnosis, ...], str | None]:
    """What the first operands of a query without hits do, and a query to try instead, if one word makes it find.

    ``plan_of`` makes the plan of another query. An exclusion is told with its minus: what it finds, and what the query
    finds without it. Past the deadline nothing more is explained.
    """
    vocabulary = list(filter(is_word, engine.words()))
    diagnoses = []
    suggestion = None
    asked = list(dict.fromkeys(operands(plan)))
    for operand in asked[:MOST]:
        if deadline.over():
            break
        total = _total(operand, engine, deadline)
        total_without = _total(_without(plan, operand), engine, deadline)
        absent, nowhere = ([], []) if total else _absent(operand, engine)
        nearest = {} if total else _nearest([operand.text, *absent], vocabulary)
        found = (operand.match.value, tuple(nowhere), operand.fields)
        diagnoses.append(OperandDiagnosis(operand.text, total, total_without, tuple(nearest), *found))
        if nearest and (len(asked) == 1 or total_without) and suggestion is None:
            tries = (query.replace(typed, word, 1) for word, typed in nearest.items())
            suggestion = next(
                (other for other in tries if other != query and _total(plan_of(other), engine, deadline)), None
            )
    for condition in list(dict.fromkeys(conditions(plan)))[:MOST]:
        if deadline.over():
            break
        total = _total(condition, engine, deadline)
        total_without = _total(_without(plan, condition), engine, deadline)
        diagnoses.append(OperandDiagnosis(condition.text, total, total_without, kind=CONDITION))
    excluded = [operand for operand in dict.fromkeys(operands(plan, excluded=True)) if operand not in asked]
    for operand in excluded[:MOST]:
        if deadline.over():
            break
        total_without = _total(_without(plan, operand), engine, deadline)
        total = _total(operand, engine, deadline)
        diagnoses.append(
            OperandDiagnosis(f"-{operand.text}", total, total_without, kind=EXCLUSION, fields=operand.fields)
        )
    return tuple(diagnoses), suggestion


def _total(plan: Plan | None, engine: Engine, deadline: Deadline) -> int:
    if plan is None:
        return 0
    found = engine.retrieve(Request(plan, limit=1, deadline=deadline))
    return found.word + (found.partial or 0)


def _without(plan: Plan, operand: Operand | Where) -> Plan | None:
    """The plan without one operand or condition; None where nothing is left to search for."""
    if isinstance(plan, (Operand, Where)):
        return None if plan == operand else plan
    parts = _all_without(plan.parts, operand)
    if not parts:
        return None
    return Either(parts) if isinstance(plan, Either) else All(parts, _all_without(plan.without, operand), plan.glued)


def _all_without(plans: Sequence[Plan], operand: Operand | Where) -> tuple[Plan, ...]:
    return tuple(part for part in (_without(plan, operand) for plan in plans) if part is not None)


def _absent(operand: Operand, engine: Engine) -> tuple[list[str], list[str]]:
    """The words of an operand that stand nowhere in the index, and those of which nothing that stands for them does."""
    passages = engine.frequencies(operand.terms)
    absent = [d for d in operand.distinct if not any(passages.get(term) for term in d.concept.terms)]
    nowhere = [d for d in absent if not any(passages.get(alternative.term) for alternative in d.alternatives)]
    return [d.concept.text for d in absent], [d.concept.text for d in nowhere]


def _nearest(wanted_for: Sequence[str], vocabulary: Sequence[str]) -> dict[str, str]:
    """Words of the vocabulary that look like one of some: word → as typed.

    A word is compared as it was typed, not by its normalized form: what looks like ショー is no help for show.
    """
    found: dict[str, str] = {}
    for typed in dict.fromkeys(wanted_for):
        wanted = compare(typed)
        for word in _alike(wanted[:_LONGEST], vocabulary):
            found.setdefault(word, typed)
    return dict(list(found.items())[:NEAREST])


def _alike(wanted: str, vocabulary: Sequence[str]) -> list[str]:
    """The words most like one: of a short word those that one slip of the hand makes of it, else the most similar."""
    if len(wanted) <= _SHORT:
        return [word for word in vocabulary if word != wanted and _is_slip(wanted, word)] if len(wanted) > 2 else []
    likely = [other for other in vocabulary if abs(len(other) - len(wanted)) <= 2 and set(other) & set(wanted)]
    return [word for word in difflib.get_close_matches(wanted, likely, NEAREST, _LIKE) if word != wanted]


def _is_slip(a: str, b: str) -> bool:
    """Whether one character was left out, added or taken for another."""
    if abs(len(a) - len(b)) > 1:
        return False
    same = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return a[same + (len(a) >= len(b)) :] == b[same + (len(b) >= len(a)) :]
