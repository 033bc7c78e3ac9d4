"""Sudachi: the dictionary, one tokenizer a thread, and texts of any length.

SudachiPy refuses input above 49,149 bytes, so that longer texts go in pieces; its tokenizers must not be shared between
threads. The plug-in that swallows kana in brackets is left out of the configuration (``data/sudachi.json``): in
原作（アニメ） it would make one morpheme of it all.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from sudachipy import Dictionary, Morpheme, MorphemeList, Tokenizer
    from sudachipy.sudachipy import FieldSet

_CONFIGURATION = Path(__file__).parent / "data" / "sudachi.json"
_FIELDS: FieldSet = {"surface", "pos", "normalized_form", "split_a", "split_b"}
"""What is read of a word; readings and the rest would cost a tenth of the time."""
PIECE = 8_000
"""Characters; four bytes each still stay below Sudachi's limit."""
_SENTENCE_ENDS = "。！？\n"
_JOINING = ".JoinNumericPlugin"


class Sudachi:
    """The system dictionary, and one of own words beside it, opened at the first use, in split mode C."""

    def __init__(self, own: Path | None = None) -> None:
        self._own = own
        self._lock = threading.Lock()
        self._dictionary: Dictionary | None = None
        self._separating: Dictionary | None = None
        self._local = threading.local()
        self._pos: dict[int, tuple[str, ...]] = {}

    def morphemes(self, text: str) -> Iterator[tuple[int, Morpheme]]:
        """The long units (C) of a text without lone surrogates, each with its offset."""
        tokenizer = self._tokenizer()
        for start, piece in _pieces(text):
            at = start
            for morpheme in tokenizer.tokenize(piece):
                yield at, morpheme
                at = start + morpheme.end()

    def separate(self, text: str) -> MorphemeList:
        """The long units of a text of at most ``PIECE`` characters, numerals not yet joined, which is faster.

        See ``index.analysis.numerals``.
        """
        tokenizer: Tokenizer | None = getattr(self._local, "separating", None)
        if tokenizer is None:
            with self._lock:
                if self._separating is None:
                    self._separating = open_dictionary(self._own, without=_JOINING)
                tokenizer = self._local.separating = self._separating.tokenizer(fields=_FIELDS)
        return tokenizer.tokenize(text)

    def reading(self, text: str) -> str:
        """How a text of at most ``PIECE`` characters is read, in katakana."""
        tokenizer: Tokenizer | None = getattr(self._local, "reading", None)
        if tokenizer is None:
            tokenizer = self._local.reading = self.open().tokenizer(fields={"surface", "pos", "reading_form"})
        return "".join(morpheme.reading_form() for morpheme in tokenizer.tokenize(text))

    def split(self, morpheme: Morpheme, mode: Literal["A", "B"]) -> MorphemeList:
        """The units of a morpheme in split mode ``"A"`` or ``"B"``; an empty list where it is one unit."""
        return morpheme.split(mode, add_single=False)

    def nouns(self, surface: str) -> list[str]:
        """The normalized forms of the nouns that the dictionary has with this surface."""
        found = self.open().lookup(surface)
        return [m.normalized_form() for m in found if m.surface() == surface and m.part_of_speech()[0] == "名詞"]

    def pos_of(self, pos: int) -> tuple[str, ...]:
        """The levels of a part of speech without the empty ones."""
        levels = self._pos.get(pos)
        if levels is None:
            all_levels = self.open().pos_of(pos) or ()
            levels = self._pos[pos] = tuple(level for level in all_levels[:4] if level != "*")
        return levels

    def _tokenizer(self) -> Tokenizer:
        tokenizer: Tokenizer | None = getattr(self._local, "tokenizer", None)
        if tokenizer is None:
            tokenizer = self._local.tokenizer = self.open().tokenizer(fields=_FIELDS)
        return tokenizer

    def open(self) -> Dictionary:
        """The dictionary."""
        with self._lock:
            if self._dictionary is None:
                self._dictionary = open_dictionary(self._own)
            return self._dictionary


def open_dictionary(own: Path | None = None, *, without: str = "") -> Dictionary:
    """The dictionary, and a compiled one of own words beside it, with all of the configured plug-ins but one."""
    from sudachipy import Dictionary

    configuration = _CONFIGURATION.read_text(encoding="utf-8")
    if without or own:
        settings = json.loads(configuration)
        if without:
            plugins = settings["pathRewritePlugin"]
            settings["pathRewritePlugin"] = [plugin for plugin in plugins if not plugin["class"].endswith(without)]
        if own:
            settings["userDict"] = [str(own.absolute())]
        configuration = json.dumps(settings)
    return Dictionary(configuration)


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    while len(text) - start > PIECE:
        cut = max(text.rfind(end, start, start + PIECE) for end in _SENTENCE_ENDS) + 1
        if cut <= start:
            cut = start + PIECE
        yield start, text[start:cut]
        start = cut
    if start < len(text):
        yield start, text[start:]
