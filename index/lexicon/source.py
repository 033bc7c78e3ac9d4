"""What of Sudachi's dictionary goes into the tables.

Left out is what nobody looks up: signs, smileys and blanks; inflected forms other than the plain one and the one that
makes nouns (行く and 行き, not 行こう), since the analysis gives their normalized form; and whole addresses
(福島県福島市山口), whose parts are entries of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from index.lexicon.tables import Entry

if TYPE_CHECKING:
    from sudachipy import Dictionary, Morpheme

_SIGNS = ("補助記号", "空白")
_FORMS = ("*", "終止形-一般", "連用形-一般")
_ADDRESS = re.compile("(?=.{7}).+[都道府県市区郡町村].")
_PLACE = "地名"


class SudachiEntries:
    """The entries of the installed dictionary, with the parts of speech that they have; to be iterated once.

    With a ``dictionary`` that has another beside it, those that the other has of some ``words``.

    ``count`` is how many entries of the dictionary were looked at, whether they are given or not.
    """

    def __init__(self, dictionary: Dictionary | None = None, words: Iterable[str] = ()) -> None:
        self._dictionary = dictionary
        self._words = words
        self.pos: dict[int, tuple[str, ...]] = {}
        self.count = 0

    def __iter__(self) -> Iterator[Entry]:
        from index.analysis.tokenizer import open_dictionary

        dictionary = self._dictionary or open_dictionary()
        wanted: dict[int, bool] = {}
        places: set[int] = set()
        for word in _own(dictionary, self._words) if self._dictionary else dictionary.entries():
            self.count += 1
            pos = word.part_of_speech_id()
            if pos not in wanted:
                levels = tuple(dictionary.pos_of(pos) or ())
                wanted[pos] = levels[0] not in _SIGNS and levels[5] in _FORMS
                if wanted[pos]:
                    self.pos[pos] = levels
                if levels[2] == _PLACE:
                    places.add(pos)
            if not wanted[pos]:
                continue
            surface = word.surface()
            groups = tuple(word.synonym_group_ids())
            if pos in places and not groups and _ADDRESS.match(surface):
                continue
            yield Entry(surface, word.reading_form(), word.normalized_form(), pos, groups)


def _own(dictionary: Dictionary, words: Iterable[str]) -> Iterator[Morpheme]:
    """The entries of some words that are not the system dictionary's."""
    return (entry for word in words for entry in dictionary.lookup(word) if entry.dictionary_id() > 0)
