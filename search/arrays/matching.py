"""Which rows of a segment meet a plan: what ``search.matching.judge`` says of each, found from postings and positions.

An operand's candidates are the rows that have enough of its words; runs are then looked for among positions, and only
quotations and the strings of the partial tier are read in the text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain, takewhile
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.analysis.fold import compare
from search.arrays.near import rows_near
from search.arrays.quotations import quotations
from search.arrays.reading import TEXTS, Texts
from search.arrays.runs import run_places
from search.arrays.segments import SegmentWords
from search.arrays.sets import NONE, Rows, alive, among, common, distinct, union
from search.arrays.together import all_of, rows_of, stands
from search.query.plan import Either, Match, Operand, Plan, Where, operands


class Met(NamedTuple):
    """The rows that meet a plan, and for each of its operands (``plan.operands``) those rows that meet it.

    None stands for all of the rows. ``words`` are the rows that meet an operand on word boundaries; the same where only
    those are asked for.
    """

    rows: Rows
    operands: tuple[Rows | None, ...]
    words: tuple[Rows | None, ...]

    def among(self, rows: Rows) -> Met:
        """The same of some of the rows alone."""
        return Met(rows, tuple(_within(self.operands, rows)), tuple(_within(self.words, rows)))


def _within(sets: Sequence[Rows | None], rows: Rows) -> Sequence[Rows | None]:
    return [None if of is None else common(of, rows) for of in sets]


def nothing(plan: Plan) -> Met:
    """No rows."""
    count = sum(1 for _ in operands(plan))
    return Met(NONE, (None,) * count, (None,) * count)


class Judge:
    """Judges the rows of a segment; those that are not ``live`` (a bool a row) meet nothing.

    ``meets`` says of each row whether its document's values meet a condition of the plan.
    """

    def __init__(
        self,
        words: SegmentWords,
        texts: Texts,
        live: NDArray[np.bool_] | None = None,
        meets: Callable[[Where], NDArray[np.bool_]] | None = None,
    ) -> None:
        self._words = words
        self._texts = texts
        self._live = live
        self._meets = meets

    def words(self, plan: Plan, within: Rows | None = None) -> Met:
        """The rows (of ``within``, which are live) that meet a plan on word boundaries."""
        return self._met(plan, within, partial=False)

    def all(self, plan: Plan, within: Rows | None = None) -> Met:
        """The rows (of ``within``) that meet a plan on word boundaries or partially."""
        return self._met(plan, within, partial=True)

    def _of_words(self, operand: Operand, within: Rows | None) -> Met:
        return Met(self._meeting(operand, within), (None,), (None,))

    def _of_all(self, operand: Operand, within: Rows | None) -> Met:
        words = self._meeting(operand, within)
        if operand.match is Match.NEAR or (operand.match is Match.EXACT and not operand.glued):
            return Met(words, (None,), (None,))
        loosely = NONE
        if operand.distinct:
            needed = len(operand.distinct) if operand.match is Match.COMPOUND else 1
            loosely = self._having(operand, needed, within, loose=True)
        known = union([words, loosely], self._words.rows)
        having, certain = self._texts.having(operand.text)
        having = alive(having, self._live)
        if within is not None:
            having = common(having, within)
        having = having[~among(having, known)]
        if not certain or operand.fields:
            wanted = compare(operand.text)
            fields = [TEXTS.index(field) for field in operand.fields or TEXTS]
            each = zip(having.tolist(), self._texts.strings(having), strict=True)
            in_time = takewhile(lambda _: not self._texts.deadline.over(), each)
            found = [row for row, texts in in_time if any(wanted in compare(texts[i]) for i in fields)]
            having = np.array(found, np.intp)
        rows = union([known, having], self._words.rows)
        return Met(rows, (None,), (words,))

    def _met(self, plan: Plan, within: Rows | None, *, partial: bool) -> Met:
        if isinstance(plan, Operand):
            return self._of_all(plan, within) if partial else self._of_words(plan, within)
        if isinstance(plan, Where):
            rows = np.arange(self._words.rows) if within is None else within
            return Met(alive(rows, self._where(plan)._live), (), ())
        if isinstance(plan, Either):
            return _either([self._met(part, within, partial=partial) for part in plan.parts], self._words.rows)
        if plan.glued and partial:
            return _either([self._met(part, within, partial=True) for part in plan.parts], self._words.rows)
        judge, met = self, []
        rest = [part for part in plan.parts if not isinstance(part, Where)]
        if len(rest) < len(plan.parts):
            for part in plan.parts:
                judge = judge._where(part) if isinstance(part, Where) else judge
            if within is not None or not rest:
                within = alive(np.arange(self._words.rows) if within is None else within, judge._live)
        for part in rest:
            met.append(judge._met(part, within, partial=partial))
            within = met[-1].rows
        rows = NONE if within is None else within
        for part in plan.without:
            rows = rows[~among(rows, self.words(part, rows).rows)]
        if plan.without and self._texts.deadline.missed:
            rows = NONE  # what is excluded was not looked for to the end
        return Met(
            rows,
            tuple(each for part in met for each in _within(part.operands, rows)),
            tuple(each for part in met for each in _within(part.words, rows)),
        )

    def _where(self, condition: Where) -> Judge:
        """The judge to whom only those rows are live whose documents' values meet a condition."""
        assert self._meets is not None, "a plan with conditions comes with what they ask of"
        meeting = self._meets(condition)
        live = meeting if self._live is None else meeting & self._live
        return Judge(self._words, self._texts, live, self._meets)

    def _meeting(self, operand: Operand, within: Rows | None) -> Rows:
        """The rows that meet an operand on word boundaries."""
        if operand.match is Match.EXACT:
            return self._quoting(operand, within)
        rows = self._having(operand, operand.needed(), within)
        words = self._words.within(operand.fields)
        if operand.match is Match.NEAR and len(rows):
            return common(rows, union([rows_near(operand, words, field, rows) for field in words.fields], words.rows))
        if operand.match is Match.COMPOUND and len(operand.runs[0].concepts) > 1 and len(rows):
            found = [run_places(operand.runs[0], words, field, rows).rows for field in words.fields]
            return common(rows, union([distinct(of) for of in found], words.rows))
        return rows

    def _quoting(self, operand: Operand, within: Rows | None) -> Rows:
        asked = self._words.within(operand.fields)
        keys = [asked.words(key) for key in dict.fromkeys(operand.keys)]
        rows = all_of(keys, asked.rows, self._live, within)
        found = [distinct(quotations(operand, asked, field, rows, self._texts).rows) for field in asked.fields]
        return union(found, asked.rows)

    def _having(self, operand: Operand, needed: int, within: Rows | None, *, loose: bool = False) -> Rows:
        """The rows that have so many of an operand's words, each by one of its alternatives, in any of its fields."""
        asked = self._words.within(operand.fields)
        alternatives = [distinct.alternatives if loose else distinct.strict for distinct in operand.distinct]
        each = [[word for a in of_one for word in asked.words(a.term)] for of_one in alternatives]
        if not needed or len([words for words in each if words]) < needed:
            return NONE
        if needed == len(each):
            return all_of(each, self._words.rows, self._live, within)
        if within is not None:
            counts = np.zeros(len(within), np.int32)
            for words in each:
                counts += stands(words, within)
            return within[counts >= needed]
        if needed == 1:
            return alive(rows_of(chain.from_iterable(each), self._words.rows), self._live)
        counts = np.zeros(self._words.rows, np.uint8 if len(each) < 256 else np.int32)
        for words in each:
            counts[rows_of(words, self._words.rows)] += 1
        return alive(np.flatnonzero(counts >= needed), self._live)


def _either(parts: Sequence[Met], most: int) -> Met:
    rows = union([part.rows for part in parts], most)
    return Met(
        rows,
        tuple(part.rows if of is None else of for part in parts for of in part.operands),
        tuple(part.rows if of is None else of for part in parts for of in part.words),
    )
