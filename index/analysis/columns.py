"""Many texts → the columns of their slots: what ``Analyzer.slots`` gives, for all of them at once.

Of each long unit Python does no more than look up its number; the rules for neighbours run over arrays of numbers. A
text that asks for more (one to fold or repair, a name with signs in it) takes the plain way, slot by slot.
``index/analysis/units.py`` is the plain way of every rule here, and says what it is for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from index.analysis.fold import fold
from index.analysis.repair import repair, repairable
from index.analysis.tokenizer import PIECE, Sudachi
from index.analysis.units import NAMED_BY_SIGNS, Trait, inside_a_name
from index.analysis.vocabulary import Table, Vocabulary
from index.analysis.words import Words
from index.model import KIND, Mark, Slot
from index.writers import Columns, Word

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sudachipy import Morpheme

    Numbers = NDArray[np.uint32]
    Places = NDArray[np.intp]

_NAMING_SIGN = re.compile("[+#＋＃.．]")


class Found(NamedTuple):
    """Long units of several texts by number, each text closed by a 0; ``at`` are their places in their texts."""

    texts: Sequence[str]
    table: Table
    units: Numbers
    at: Numbers
    text: Numbers
    """Which text a unit is of."""


def columns(
    texts: Sequence[str],
    vocabulary: Vocabulary,
    sudachi: Sudachi,
    words: Words,
    plain: Callable[[str], Sequence[Slot]],
) -> Columns:
    """The slots of texts, their words places in the vocabulary's; ``plain`` is for texts that need the plain way."""
    units: list[int] = []
    fast: list[int] = []
    slow: list[int] = []
    for i, text in enumerate(texts):
        found = None if _needs_plain(text) else _numbers(text, vocabulary, sudachi)
        if found is None:
            slow.append(i)
        else:
            fast.append(i)
            units += found
            units.append(0)
    of_fast = _columns(_found([texts[i] for i in fast], units, vocabulary), vocabulary, words)
    if not slow:
        return of_fast
    of_slow = _as_columns([plain(texts[i]) for i in slow], vocabulary)
    return _merged(of_fast, fast, of_slow, slow)


def _needs_plain(text: str) -> bool:
    if len(text) > PIECE or fold(text).starts is not None:
        return True
    return _NAMING_SIGN.search(text) is not None and NAMED_BY_SIGNS.search(text) is not None


def _numbers(text: str, vocabulary: Vocabulary, sudachi: Sudachi, repaired: bool = False) -> list[int] | None:
    """The long units of a text; None where they are not all of it."""
    from sudachipy import Morpheme

    found = sudachi.piece(text)
    morphemes: list[Morpheme] = list(found)
    # All surfaces in one string cost a fraction of one call each, but a blank among them would not be told apart.
    surfaces = list(map(Morpheme.surface, morphemes)) if " " in text else str(found).split(" ")
    if len(surfaces) != len(morphemes) or "".join(surfaces) != text:
        return None if text else []
    known = list(map(vocabulary.numbers.get, zip(surfaces, map(Morpheme.word_id, morphemes), strict=True)))
    units = [
        vocabulary.number(surfaces[i], morphemes[i]) if number is None else number for i, number in enumerate(known)
    ]
    if repaired or not _has_unread(text, surfaces, units, vocabulary.unread):
        return units
    starts = accumulate(map(len, surfaces[:-1]), initial=0)
    readable = repair(text, sudachi.morphemes, zip(starts, morphemes, strict=True))
    return units if readable == text else _numbers(readable, vocabulary, sudachi, repaired=True)


def _has_unread(text: str, surfaces: Sequence[str], units: Sequence[int], unread: AbstractSet[int]) -> bool:
    """Whether a place that repair could fold is in a unit that could not be read."""
    if unread.isdisjoint(units) or not (places := repairable(text)):
        return False
    ends = accumulate(map(len, surfaces))
    spans = (range(end - len(surface), end) for surface, end in zip(surfaces, ends, strict=True))
    return any(unit in unread and not places.isdisjoint(span) for unit, span in zip(units, spans, strict=True))


def _found(texts: Sequence[str], numbers: Sequence[int], vocabulary: Vocabulary) -> Found:
    table = vocabulary.table()
    units = np.array(numbers, np.uint32)
    lengths = table.lengths[units]
    ends = units == 0
    text = np.cumsum(ends, dtype=np.uint32) - ends
    at = np.cumsum(lengths, dtype=np.uint32) - lengths
    begins = np.concatenate([[0], np.flatnonzero(ends)[:-1] + 1]) if len(units) else np.zeros(0, np.intp)
    return Found(texts, table, units, at - at[begins][text], text.astype(np.uint32))


def _columns(found: Found, vocabulary: Vocabulary, words: Words) -> Columns:
    table, units = found.table, found.units
    traits = table.traits[units]
    counts = table.counts[units]
    slots = np.cumsum(counts, dtype=np.uint32) - counts
    """The first slot of each unit."""
    rows = np.arange(counts.sum(), dtype=np.uint32) + np.repeat(table.first[units] - slots, counts)
    at = np.repeat(found.at, counts)
    marks = table.marks[rows]
    worded = np.flatnonzero(traits & Trait.WORD)
    full = counts[worded] > 0
    _change_in_context(marks, slots, found, traits)
    marks[slots[worded[full]]] |= _before(found, traits, worded)[full]
    _mark_requests(marks, slots, units[worded], worded, traits, vocabulary, words)
    of_texts = np.bincount(np.repeat(found.text, counts), minlength=len(found.texts))
    return Columns(of_texts.astype(np.uint32), table.words[rows], marks, at + table.starts[rows], at + table.ends[rows])


def _before(found: Found, traits: NDArray[np.uint16], worded: Places) -> NDArray[np.uint8]:
    """The marks that signs, blanks and line breaks leave on the word behind them."""
    before = np.zeros(len(worded), np.uint8)
    quiet = np.flatnonzero(~traits & Trait.WORD)
    flags = found.table.flags[found.units[quiet]]
    for i in np.flatnonzero(traits[quiet] & Trait.POINT):
        place = quiet[i]
        if inside_a_name(found.texts[found.text[place]], int(found.at[place])):
            flags[i] = 0
    # A gap is what stands before one word; each text ends with a unit that counts as one.
    gaps = np.searchsorted(worded, quiet)
    for mark in (Mark.COMMA, Mark.STOP, Mark.BLANK):
        before[gaps[(flags & mark) > 0]] |= mark
    newlines = found.table.newlines[found.units[quiet]].astype(np.intp)
    if newlines.any():
        so_far = np.cumsum(newlines)
        of_gap = so_far - (so_far - newlines)[np.searchsorted(gaps, gaps)]
        signs = (traits[quiet] & Trait.SIGN > 0) & (of_gap > 0)
        lines = np.bincount(gaps, newlines + signs, len(worded))
        before[lines == 1] |= Mark.COMMA
        before[lines > 1] |= Mark.STOP
    return before


def _change_in_context(marks: NDArray[np.uint8], slots: Numbers, found: Found, traits: NDArray[np.uint16]) -> None:
    """The word right before a unit may change its kind or make it an ending."""
    table, units = found.table, found.units
    if len(units) < 2:
        return
    here, previous = traits[1:], traits[:-1]
    after = (table.ends_like[units[:-1]] & table.goes_on[units[1:]]) > 0
    carries_on = np.zeros(len(units), bool)
    carries_on[1:] = ((here & Trait.AUXILIARY) > 0) | after
    inflecting = _inflecting(traits, carries_on & (table.counts[units] == 1))
    tail = carries_on[1:] & inflecting[:-1]
    counted = ~tail & ((here & Trait.LIGHT) > 0) & ((previous & Trait.NUMERAL) > 0)
    joined = ~tail & ~counted & ((here & Trait.AFTER_PARTICLE) > 0) & ((previous & Trait.PARTICLE) > 0)
    firsts = slots[1:]
    marks[firsts[tail]] |= Mark.TAIL
    marks[firsts[counted | joined]] &= 0xFF & ~KIND
    marks[firsts[joined]] |= Mark.FUNCTION


def _inflecting(traits: NDArray[np.uint16], hands_on: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether what follows a unit can be its ending: it is inflected, or it hands on what is before it."""
    places = np.arange(len(traits))
    inflected = (traits & Trait.INFLECTED) > 0
    last_inflected = np.maximum.accumulate(np.where(inflected, places, -1))
    last_break = np.maximum.accumulate(np.where(hands_on, -1, places))
    return (last_inflected >= 0) & (last_inflected >= last_break)


def _mark_requests(
    marks: NDArray[np.uint8],
    slots: Numbers,
    units: Numbers,
    worded: Places,
    traits: NDArray[np.uint16],
    vocabulary: Vocabulary,
    words: Words,
) -> None:
    norms = vocabulary.norms
    asking, asked = traits[worded] & Trait.ASKS, traits[worded] & Trait.ASKED
    for i in np.flatnonzero((asking[:-1] > 0) & (asked[1:] > 0)):
        # The end of a text has no norm, so that no request goes past it.
        following = [norms[unit] for unit in units[i : i + words.longest_request]]
        for place in worded[i : i + words.request_at(following, 0)]:
            marks[slots[place]] |= Mark.FUNCTION


def _as_columns(texts: Sequence[Sequence[Slot]], vocabulary: Vocabulary) -> Columns:
    slots = [slot for text in texts for slot in text]
    return Columns(
        np.array([len(text) for text in texts], np.uint32),
        np.array([vocabulary.word(Word(slot.terms, slot.unit_ends)) for slot in slots], np.uint32),
        np.array([slot.marks for slot in slots], np.uint8),
        np.array([slot.start for slot in slots], np.uint32),
        np.array([slot.end for slot in slots], np.uint32),
    )


def _merged(left: Columns, left_texts: Sequence[int], right: Columns, right_texts: Sequence[int]) -> Columns:
    """Columns of texts ``left_texts`` and ``right_texts`` as those of all texts in order."""
    texts = np.concatenate([np.array(left_texts, np.intp), np.array(right_texts, np.intp)])
    joined = Columns(*(np.concatenate([left[i], right[i]]) for i in range(len(left))))
    return taken(joined, np.argsort(texts))


def taken(columns: Columns, texts: NDArray[np.intp]) -> Columns:
    """The columns of some texts, in the order given; a text may come more than once."""
    all_counts = columns.counts.astype(np.intp)
    begins, counts = (np.cumsum(all_counts) - all_counts)[texts], all_counts[texts]
    rows = np.arange(counts.sum()) + np.repeat(begins - (np.cumsum(counts) - counts), counts)
    return Columns(columns.counts[texts], *(column[rows] for column in columns[1:]))
