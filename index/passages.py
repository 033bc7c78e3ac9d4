"""Document → passages: whole sentences in runs of a size to read and to rank.

The document is taken apart into units, none of which is cut again (a sentence, a heading, a list item, a table row, a
piece of a sentence beyond all measure), and the units are packed, in one pass. A passage ends where a paragraph ends if
it can, begins at a heading if that leaves none too short, and never ends with a heading that has text beneath it.

Lengths are counted from a passage's first character to its last, without the white space around them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from index.errors import UsageError
from index.model import BlockKind, Document, Heading, Passage
from index.sentences import pieces, placed_sentences, skip_blanks

_TITLE = 40
"""A line of plain text up to this long that ends as no sentence does may be the title of what follows."""
_SENTENCE_ENDS = "。｡．.！？!?…‥、，,：:；;」』）)】〉》”’]］"


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long passages are, in characters."""

    least: int = 200
    """From here on a passage ends where a paragraph does."""
    most: int = 400
    """A passage of ``least`` takes no sentence that would carry it past here."""
    limit: int = 1200
    """No passage is longer; a sentence or a list item that is gets cut."""

    def __post_init__(self) -> None:
        if not 0 < self.least <= self.most <= self.limit:
            raise UsageError(f"passage lengths must rise from 1: got {self.least}, {self.most}, {self.limit}")

    @property
    def stretch(self) -> int:
        """What a passage may grow to where the alternative is a scrap."""
        return min(self.most + self.most // 4, self.limit)

    @property
    def scrap(self) -> int:
        """Less than this is no passage of its own if it can be helped."""
        return self.least // 3


DEFAULT = Lengths()


class _Unit(NamedTuple):
    """A stretch that stays whole; ``start`` and ``stop`` leave out the white space around it."""

    start: int
    stop: int
    path: tuple[Heading, ...]
    level: int = 0
    """A heading's depth; 0 for text."""
    title: bool = False
    """A line of plain text that looks like a heading."""
    closes: bool = False
    """A paragraph ends with it."""


def split(document: Document, lengths: Lengths = DEFAULT) -> list[Passage]:
    """The passages of a document; joined they are its text, white space included. A blank document has none.

    White space goes with the passage before it, at the very start with the first.
    """
    return list(passages(document, lengths))


def passages(document: Document, lengths: Lengths = DEFAULT) -> Iterator[Passage]:
    """What ``split`` gives, one passage at a time."""
    start = ordinal = 0
    last: _Run | None = None
    for run in _runs(document, lengths):
        if last is not None:
            yield Passage(document.id, ordinal, start, run.start, document.text[start : run.start], last.path)
            start, ordinal = run.start, ordinal + 1
        last = run
    if last is not None:
        yield Passage(document.id, ordinal, start, len(document.text), document.text[start:], last.path)


def _runs(document: Document, lengths: Lengths) -> Iterator[_Run]:
    packer = _Packer(lengths)
    for unit in _units(document, lengths):
        packer.add(unit)
        # Later units may still be joined to the last run, never to one before it.
        while len(packer.runs) > 1:
            yield packer.runs.popleft()
    packer.finish()
    yield from packer.runs


def _units(document: Document, lengths: Lengths) -> Iterator[_Unit]:
    """The units of a document in the order of its text, each with the path of headings above it."""
    path: tuple[Heading, ...] = ()
    levels: list[int] = []
    stretches = _stretches(document)
    # The pair of each stretch and the next: a list is one paragraph, which ends with the last of its items.
    for (start, end, kind, level), following in zip(stretches, [*stretches[1:], None], strict=False):
        if kind is BlockKind.HEADING:
            while levels and levels[-1] >= level:
                levels.pop()
            path = (*path[: len(levels)], Heading(document.text[start:end], start, end))
            levels.append(level)
        if kind is BlockKind.HEADING or kind is BlockKind.WHOLE:
            closes = following is None or following.kind is not BlockKind.WHOLE
            yield from _bounded(document.text, _Unit(start, end, path, level, closes=closes), lengths)
        else:
            yield from _running(document, start, end, kind is None, path, lengths)


class _Stretch(NamedTuple):
    """A block, or the text between two (``kind`` is None), without the white space around it."""

    start: int
    end: int
    kind: BlockKind | None
    level: int = 0


def _stretches(document: Document) -> list[_Stretch]:
    text, at = document.text, 0
    stretches: list[_Stretch] = []
    for block in document.blocks:
        level = max(1, block.level) if block.kind is BlockKind.HEADING else 0
        stretches.append(_Stretch(at, block.start, None))
        stretches.append(_Stretch(max(at, block.start), block.end, block.kind, level))
        at = max(at, block.end)
    stretches.append(_Stretch(at, len(text), None))
    return [trimmed for stretch in stretches if (trimmed := _trimmed(text, stretch)).start < trimmed.end]


def _trimmed(text: str, stretch: _Stretch) -> _Stretch:
    start = skip_blanks(text, stretch.start, stretch.end)
    return stretch._replace(start=start, end=start + len(text[start : stretch.end].rstrip()))


def _running(
    document: Document, start: int, end: int, line_ends: bool, path: tuple[Heading, ...], lengths: Lengths
) -> Iterator[_Unit]:
    """The sentences of running text."""
    text = document.text
    for first, last, opens, closes in placed_sentences(text, start, end, line_ends):
        stop = first + len(text[first:last].rstrip())
        # Where the source knows its headings, a line that looks like one is not.
        titled = opens and closes and not document.blocks
        title = titled and stop - first <= _TITLE and text[stop - 1] not in _SENTENCE_ENDS
        unit = _Unit(first, stop, path, 0, title, closes)
        if stop - first <= lengths.limit:
            yield unit
        else:
            yield from _bounded(text, unit, lengths)


def _bounded(text: str, unit: _Unit, lengths: Lengths) -> Iterator[_Unit]:
    """The unit, or its pieces if it is beyond the limit; the first piece of a heading is what counts as the heading."""
    if unit.stop - unit.start <= lengths.limit:
        yield unit
        return
    for first, last in pieces(text, unit.start, unit.stop, lengths.most):
        stop = first + len(text[first:last].rstrip())
        level, closes = (unit.level if first == unit.start else 0), unit.closes and last == unit.stop
        yield unit._replace(start=first, stop=stop, level=level, closes=closes)


@dataclass(slots=True)
class _Run:
    """A passage in the making."""

    start: int
    stop: int
    path: tuple[Heading, ...]


@dataclass(slots=True)
class _Packer:
    """Packs units into runs, one at a time.

    ``runs`` are the closed ones, ``_held`` the units of the run not yet closed. Its body, the first ``_body`` of them,
    may close as it is; what is behind are headings and titles that wait for their text.
    """

    lengths: Lengths
    runs: deque[_Run] = field(default_factory=deque)
    _held: list[_Unit] = field(default_factory=list)
    _body: int = 0

    def add(self, unit: _Unit) -> None:
        """Take the next unit; close the run before it if it is time."""
        # Twice where the headings left over from a closed run are too long for the unit beneath them.
        while self._held and ((unit.level and self._begins_section(unit)) or self._overflows(unit)):
            self._close(self._body or len(self._held))
        if not unit.level and not unit.title:
            self._body = len(self._held) + 1
        elif unit.title and self._held and self._held[-1].title:
            # Of the lines of a list, which look like titles too, only the last can be the title of what follows.
            self._body = len(self._held)
        self._held.append(unit)

    def finish(self) -> None:
        """Close the last run."""
        if self._held:
            self._close(len(self._held), last=True)

    def _begins_section(self, unit: _Unit) -> bool:
        """Whether a heading begins a run."""
        if not self._body:
            return False
        enough = self.lengths.scrap if unit.level <= 2 else self.lengths.least // 2
        return self._size() >= enough or self._joins_previous(self._body, last=False)

    def _overflows(self, unit: _Unit) -> bool:
        """Whether the run should end before a unit, for length's sake."""
        lengths, size = self.lengths, self._size()
        joined = unit.stop - self._held[0].start
        if not self._body:
            # Headings part from their text, or from each other, only where there is no helping it.
            return joined > (lengths.most if unit.level or unit.title else lengths.limit)
        if joined > lengths.limit:
            return True
        if size >= lengths.least:
            return joined > lengths.most or self._held[self._body - 1].closes
        if unit.stop - unit.start > lengths.most:
            return size >= lengths.scrap
        return size >= lengths.least // 2 and joined > lengths.stretch

    def _size(self) -> int:
        return self._held[self._body - 1].stop - self._held[0].start if self._body else 0

    def _joins_previous(self, count: int, last: bool) -> bool:
        """Whether the first ``count`` units held are a scrap that the run before them can take.

        Within a document it is one only if it has no heading of its own; the ``last`` may have a low one, or be bare.
        """
        if not self.runs:
            return False
        level, start, stop = self._held[0].level, self._held[0].start, self._held[count - 1].stop
        may = not self._body or level == 0 or level > 2 if last else self._body > 0 and level == 0
        return may and stop - start < self.lengths.scrap and stop - self.runs[-1].start <= self.lengths.stretch

    def _close(self, count: int, last: bool = False) -> None:
        """Make a run of the first ``count`` units held, or part of the run before; the others begin the next."""
        units = self._held[:count]
        if self._joins_previous(count, last):
            self.runs[-1].stop = units[-1].stop
        else:
            path = next((unit.path for unit in units if not unit.level), units[-1].path)
            self.runs.append(_Run(units[0].start, units[-1].stop, path))
        self._held = self._held[count:]
        self._body = 0
