"""Where quotations stand: ``search.matching.find_exact`` over the slots of many rows.

Nearly always the index tells it: which term is the first of a slot's, and that the slot's text reads as that term does
(``index.writers.literal``). What it leaves open is read in the texts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from index.analysis.fold import letters
from index.analysis.keys import bare
from index.model import Mark
from search.arrays.reading import Texts
from search.arrays.runs import NOWHERE, Bools, Found, Slots
from search.arrays.segments import SegmentWords
from search.arrays.sets import Rows, among
from search.arrays.together import following
from search.arrays.words import Word
from search.matching import reads
from search.query.plan import Operand


def quotations(operand: Operand, words: SegmentWords, field: str, rows: Rows, texts: Texts) -> Found:
    """Every stretch of some rows where a quotation stands: its slots one after the other, reading as it does."""
    found = [words.word(field, key) for key in operand.keys]
    each = [word for word in found if word is not None]
    if len(each) < len(found):
        return NOWHERE
    starts, of = following(each, rows)
    if not len(starts):
        return NOWHERE
    told = _told(operand, each, words, field, starts)
    met = told.met
    first = words.starts(field)
    view, last = None, -1
    for i in np.flatnonzero(told.open).tolist():
        if texts.deadline.over():
            break
        row = int(of[i])
        if view is None or row != last:
            view, last = texts.view(row), row
        met[i] = reads(operand, view, field, int(starts[i]) - int(first[row]))
    starts, of = starts[met], of[met]
    return Found(starts, starts + len(each), of, np.zeros(len(starts), np.bool_))


class _Told(NamedTuple):
    """Where a quotation stands for certain, and where its text must be read."""

    met: Bools
    open: Bools


def _told(operand: Operand, each: list[Word], words: SegmentWords, field: str, starts: Slots) -> _Told:
    """What the index tells of slots from which on all words of a quotation stand.

    Slots that read as their first terms read as the quotation where those are its keys, and otherwise where one of
    them is another: two others might have the same letters together.
    """
    parts, slots, marks = words.segment.fields[field], words.segment.slots(field), words.marks(field)
    unlike, breaks = slots.unlike(), slots.breaks()
    sure = np.full(len(starts), letters(operand.text) == "".join(map(bare, operand.keys)))
    fails = np.zeros(len(starts), np.bool_)
    others = np.zeros(len(starts), np.intp)
    for i, word in enumerate(each):
        at = starts + i
        sure &= ~among(at, unlike)
        others += ~parts.leads(word.record.ordinal, at)
        if i:
            pauses = marks[at] ^ among(at, breaks) * np.uint8(Mark.COMMA)
            fails |= pauses & (Mark.STOP | Mark.COMMA) != operand.pauses[i]
    fails |= sure & (others == 1)
    met = ~fails & sure & (others == 0)
    return _Told(met, ~fails & ~met)
