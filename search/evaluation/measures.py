"""How good is a run, query by query? By ``ir-measures``, which the extra ``evaluation`` brings.

MRR@10       1 / the rank of the first document that answers, 0 below the tenth
nDCG@10      the sum of grade / log2(rank + 1) of the first ten, over what the best order of all judged ones gives
success@1    whether the first document answers
recall@k     how many of those that answer are among the first k
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from index.errors import FailedMeasure, UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from search.evaluation.runs import Run
    from search.evaluation.sets import JudgedSet

MEASURES = {
    "MRR@10": "RR@10",
    "nDCG@10": "nDCG@10",
    "success@1": "Success@1",
    "recall@10": "R@10",
    "recall@100": "R@100",
}
"""What is told, and what ``ir-measures`` calls it."""


def measured(judged: JudgedSet, run: Run) -> dict[str, NDArray[np.float64]]:
    """Each measure for each query of a set, in the set's order; a query that the run does not answer has 0.

    Raises ``FailedMeasure`` where a measure has no value, or none that is a number from 0 to 1, and ``UsageError``
    where ``ir-measures`` is missing.
    """
    import numpy as np

    try:
        from ir_measures import iter_calc, parse_measure
    except ImportError as error:
        raise UsageError("ir-measures is not installed: pip install 'sakuin[evaluation]'") from error
    wanted = {parse_measure(theirs): ours for ours, theirs in MEASURES.items()}
    judgments = {query: dict(grades) for query, grades in judged.judgments.items()}
    # The order is what counts: scores that fall with it, and no query without an answer, which would be no query.
    scored = {
        query: {document: -float(rank) for rank, document in enumerate(documents)}
        for query, documents in run.items()
        if query in judgments and documents
    }
    found = {ours: dict.fromkeys(judgments, math.nan) for ours in MEASURES}
    for value in iter_calc(list(wanted), judgments, scored):
        found[wanted[value.measure]][value.query_id] = value.value
    return {ours: np.array(_checked(ours, values)) for ours, values in found.items()}


def _checked(name: str, values: dict[str, float]) -> list[float]:
    for query, value in values.items():
        if not 0 <= value <= 1:
            raise FailedMeasure(f"{name} of the query {query} came out as {value}: see its judgments and the run")
    return list(values.values())
