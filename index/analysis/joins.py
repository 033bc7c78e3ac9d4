"""Words that line breaks or blanks cut, put together for the analysis, with a map back.

A **line break** between Japanese characters goes if, in the analysis without it, a known word crosses it and no word
beside it is cut: so lines wrapped in the middle of words become whole, and the end of a heading stays apart from what
is beneath. A **row** of single characters parted by the same blank (会　議　録) is put together if all of what comes
out are known words; two characters (目　次) only where they are one word that stands by itself. Other blanks stay
(今日 本屋).

Marks of repetition in kana are spelt out here too (こゝろ, いろ〳〵): the dictionary knows more words without them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from index.analysis.fold import Folded, fold
from index.analysis.iteration import has_mark_of_kana, spelt_out
from index.analysis.numerals import is_numeral
from index.analysis.repair import is_unread
from index.analysis.tokenizer import Sudachi

if TYPE_CHECKING:
    from sudachipy import Morpheme

_JAPANESE = "ぁ-ゖァ-ヺー々一-鿿㐀-䶿"
_LINE_BREAK = "\r\n|\n|\r"
_BREAK = re.compile(f"(?:{_LINE_BREAK})[ \t\u3000]*(?=[{_JAPANESE}])")
_JAPANESE_END = re.compile(f"[{_JAPANESE}]\\Z")
_ROW = re.compile(f"(?<!\\w)[{_JAPANESE}]([ \u3000]+)[{_JAPANESE}](?:\\1[{_JAPANESE}])*(?!\\w)")
_BLANKS = " \t\u3000"
_REACH = 16
"""Characters on each side of a line break that are analysed again."""
_WIDEST = 40
"""Lines are wrapped at up to so many characters: one that is longer was not, unless the line before it is too."""
_HANGING = 2
"""Signs that a line may have more than the one before it in wrapped text."""
_STOPS = re.compile("[。、！？!?「」『』（）()・：:\n\r]")


def prepared(text: str, sudachi: Sudachi, *, typed: bool = False) -> Folded:
    """The text to analyse, with its map back; ``typed`` is a query, where two characters with a blank are two words."""
    folded = fold(text)
    if has_mark_of_kana(folded.text):
        folded = folded._replace(text=spelt_out(folded.text, kanji=False))
    folded = _dropping(_rows(folded.text, sudachi, typed=typed), folded)
    return _dropping(_breaks(folded.text, sudachi), folded)


def _dropping(spans: Iterable[tuple[int, int]], folded: Folded) -> Folded:
    dropped = list(spans)
    return folded.then(_without(folded.text, dropped)) if dropped else folded


def _without(text: str, spans: Sequence[tuple[int, int]]) -> Folded:
    parts: list[str] = []
    starts: list[int] = []
    at = 0
    for start, end in (*spans, (len(text), len(text))):
        parts.append(text[at:start])
        starts.extend(range(at, start))
        at = end
    return Folded("".join(parts), starts, [start + 1 for start in starts])


def _rows(text: str, sudachi: Sudachi, *, typed: bool) -> Iterator[tuple[int, int]]:
    """The blanks inside rows of single characters."""
    if " " not in text and "\u3000" not in text:
        return
    for match in _ROW.finditer(text):
        letters = match[0].split(match[1])
        alone = len(letters) == 2
        if alone and (typed or not _stands_alone(text, *match.span())):
            continue
        if _is_row_of_words(list(sudachi.morphemes("".join(letters))), alone=alone):
            width = 1 + len(match[1])
            ends = range(match.start() + width, match.end(), width)
            yield from ((end - width + 1, end) for end in ends)


def _is_row_of_words(morphemes: list[tuple[int, Morpheme]], *, alone: bool) -> bool:
    words = [morpheme for _, morpheme in morphemes]
    if any(map(is_unread, words)) or (alone and len(words) > 1):
        return False
    longer = (word for word in words if len(word.surface()) > 1)
    return any(not is_numeral(word.surface(), word.normalized_form()) for word in longer)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether there is nothing beside a stretch but signs, an edge of its line, or more than one blank."""
    before, behind = text[max(0, start - 2) : start], text[end : end + 2]
    return _is_edge(before[::-1]) and _is_edge(behind)


def _is_edge(beside: str) -> bool:
    return beside[:1] not in _BLANKS or beside[1:] == "" or beside[1] in _BLANKS + "\r\n"


def _breaks(text: str, sudachi: Sudachi) -> Iterator[tuple[int, int]]:
    """The line breaks that cut a word, with the blanks around them."""
    if "\n" not in text and "\r" not in text:
        return
    for match in _BREAK.finditer(text):
        line = text[_line_start(text, match.start()) : match.start()]
        start = match.start() - len(line) + len(line.rstrip(_BLANKS))
        line = line.strip(_BLANKS)
        if _JAPANESE_END.search(line) is None:
            continue
        most = max(_WIDEST, len(line) + _HANGING)
        following = re.split(_LINE_BREAK, text[match.end() : match.end() + most + 1], maxsplit=1)[0]
        # Of a line that is much longer than wrapped ones the line before it may be the heading.
        if len(following) <= most and _is_cut(line, following, sudachi, indented=match[0][-1] in _BLANKS):
            yield start, match.end()


def _line_start(text: str, at: int) -> int:
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def _is_cut(line: str, following: str, sudachi: Sudachi, *, indented: bool) -> bool:
    """Whether a known word goes from the end of a line over into the one that follows it."""
    before, behind = _STOPS.split(line[-_REACH:])[-1], _STOPS.split(following[:_REACH])[0]
    at = len(before)
    crossing = next(((s, m) for s, m in sudachi.morphemes(before + behind) if s < at < s + len(m.surface())), None)
    if crossing is None or crossing[1].is_oov():
        return False
    start, word = crossing
    end = start + len(word.surface())
    *_, (last, last_word) = sudachi.morphemes(before)
    _, first_word = next(iter(sudachi.morphemes(behind)))
    if last < start or at + len(first_word.surface()) > end:
        return False
    if at - start == len(line) and not last_word.is_oov():
        return False  # a line that is a word: a heading, an item of a list
    if any(part.end() == at for part in sudachi.split(word, "A")):
        return not indented and end - at < len(following)
    return True
