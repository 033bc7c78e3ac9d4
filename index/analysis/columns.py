"""Many texts → the columns of their slots: what ``Analyzer.slots`` gives, for all of them at once.

``index/analysis/reading.py`` reads the numbers of long units; the rules for neighbours run over arrays of them. A text
that it cannot read takes the plain way, slot by slot.
``index/analysis/units.py`` is the plain way of every rule here, and says what it is for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from index.analysis.fold import Folded
from index.analysis.joins import prepared
from index.analysis.mentions import Mention
from index.analysis.reading import Reader
from index.analysis.tokenizer import Sudachi
from index.analysis.units import Trait, inside_a_name
from index.analysis.vocabulary import Table, Vocabulary
from index.analysis.words import Words
from index.model import KIND, Mark, Slot
from index.writers import Columns, Word

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.uint32]
    Places = NDArray[np.intp]


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
    mentions: Callable[[str], Sequence[Mention]],
) -> Columns:
    """The slots of texts, their words places in the vocabulary's; ``plain`` is for texts that need the plain way."""
    folds = [prepared(text, sudachi) for text in texts]
    units, slow = Reader(vocabulary, sudachi).many([folded.text for folded in folds])
    found = _columns(_found([folded.text for folded in folds], units, vocabulary), vocabulary, words)
    _mention(found, [mentions(folded.text) for folded in folds], vocabulary)
    _go_back(found, folds)
    return _with(found, slow, _as_columns([plain(texts[i]) for i in slow], vocabulary)) if slow else found


def _found(texts: Sequence[str], units: Numbers, vocabulary: Vocabulary) -> Found:
    table = vocabulary.table()
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


def _mention(columns: Columns, mentions: Sequence[Sequence[Mention]], vocabulary: Vocabulary) -> None:
    """Gives slots the terms of the mentions of their texts."""
    every = [(i, mention) for i, of_text in enumerate(mentions) for mention in of_text]
    if not every:
        return
    starts, ends = (_places(columns.counts, offsets) for offsets in (columns.starts, columns.ends))
    begun = np.array([i << 32 | mention.start for i, mention in every], np.uint64)
    ended = np.array([i << 32 | mention.end for i, mention in every], np.uint64)
    # Of two slots that start, or end, together one is empty: a sign of several letters leaves such.
    firsts = np.searchsorted(starts, begun, side="right") - 1
    lasts = np.searchsorted(ends[:-1], ended)
    whole = np.flatnonzero((starts[firsts] == begun) & (ends[lasts] == ended) & (firsts <= lasts))
    whole = whole[(columns.marks[firsts[whole]] & Mark.UNIT_START) > 0]
    words = columns.words
    for number, first, last in zip(whole.tolist(), firsts[whole].tolist(), lasts[whole].tolist(), strict=True):
        mention = every[number][1]
        words[first] = vocabulary.mentioning(int(words[first]), mention.terms, ())
        if first < last:
            words[last] = vocabulary.mentioning(int(words[last]), (), mention.terms)


def _places(counts: Numbers, offsets: Numbers) -> NDArray[np.uint64]:
    """Text and offset of each slot as one number; one more at the end, which is none of these."""
    texts = np.repeat(np.arange(len(counts), dtype=np.uint64), counts)
    return np.append((texts << np.uint64(32)) | offsets, np.uint64(0xFFFF_FFFF_FFFF_FFFF))


def _go_back(columns: Columns, folds: Sequence[Folded]) -> None:
    """Turns spans in folded texts into spans in the texts as they were given."""
    begin = 0
    for count, folded in zip(columns.counts.tolist(), folds, strict=True):
        end = begin + count
        if count and folded.starts is not None and folded.ends is not None:
            starts, ends = columns.starts[begin:end], columns.ends[begin:end]
            empty = ends <= starts
            behind = np.array(folded.ends, np.uint32)[ends.astype(np.intp) - 1]
            starts[:] = np.array([*folded.starts, folded.ends[-1]], np.uint32)[starts]
            ends[:] = np.where(empty, starts, behind)
        begin = end


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


def _with(columns: Columns, texts: Sequence[int], others: Columns) -> Columns:
    """The columns with those of some texts, which have none there, in their places."""
    joined = Columns(*(np.concatenate([columns[i], others[i]]) for i in range(len(columns))))
    places = np.arange(len(columns.counts))
    places[texts] = len(places) + np.arange(len(texts))
    return taken(joined, places)


def taken(columns: Columns, texts: NDArray[np.intp]) -> Columns:
    """The columns of some texts, in the order given; a text may come more than once."""
    all_counts = columns.counts.astype(np.intp)
    begins, counts = (np.cumsum(all_counts) - all_counts)[texts], all_counts[texts]
    rows = np.arange(counts.sum()) + np.repeat(begins - (np.cumsum(counts) - counts), counts)
    return Columns(columns.counts[texts], *(column[rows] for column in columns[1:]))
