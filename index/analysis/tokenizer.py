"""Sudachi: the dictionary, one tokenizer a thread, and texts of any length.

SudachiPy refuses input above 49,149 bytes, so that longer texts go in pieces; its tokenizers must not be shared between
threads. The plug-in that swallows kana in brackets is left out of the configuration (``data/sudachi.json``): in
原作（アニメ） it would make one morpheme of it all.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sudachipy import Dictionary, Morpheme, MorphemeList, Tokenizer

_CONFIGURATION = Path(__file__).parent / "data" / "sudachi.json"
_PIECE = 8_000
"""Characters; four bytes each still stay below Sudachi's limit."""
_SENTENCE_ENDS = "。！？\n"


class Sudachi:
    """The system dictionary, opened at the first use, in split mode C."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._dictionary: Dictionary | None = None
        self._local = threading.local()

    def morphemes(self, text: str) -> Iterator[tuple[int, Morpheme]]:
        """The long units (C) of a text without lone surrogates, each with its offset."""
        tokenizer = self._tokenizer()
        for start, piece in _pieces(text):
            at = start
            for morpheme in tokenizer.tokenize(piece):
                yield at, morpheme
                at = start + morpheme.end()

    def split(self, morpheme: Morpheme, mode: str) -> MorphemeList:
        """The units of a morpheme in split mode ``"A"`` or ``"B"``; an empty list where it is one unit."""
        from sudachipy import SplitMode

        return morpheme.split(SplitMode.A if mode == "A" else SplitMode.B)

    def pos_of(self, pos: int) -> tuple[str, ...]:
        """The levels of a part of speech without the empty ones."""
        levels = self._open().pos_of(pos) or ()
        return tuple(level for level in levels[:4] if level != "*")

    def _tokenizer(self) -> Tokenizer:
        tokenizer: Tokenizer | None = getattr(self._local, "tokenizer", None)
        if tokenizer is None:
            tokenizer = self._local.tokenizer = self._open().tokenizer()
        return tokenizer

    def _open(self) -> Dictionary:
        with self._lock:
            if self._dictionary is None:
                from sudachipy import Dictionary

                self._dictionary = Dictionary(_CONFIGURATION.read_text(encoding="utf-8"))
            return self._dictionary


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    while len(text) - start > _PIECE:
        cut = max(text.rfind(end, start, start + _PIECE) for end in _SENTENCE_ENDS) + 1
        if cut <= start:
            cut = start + _PIECE
        yield start, text[start:cut]
        start = cut
    if start < len(text):
        yield start, text[start:]
