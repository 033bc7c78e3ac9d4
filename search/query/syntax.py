"""The query string → a tree of stretches of text, joined by what its signs say.

    expression := sequence (OR sequence)*
    sequence   := item (AND? item)*
    item       := ("-" | NOT)? (quoted | "(" expression ")" | text)

Only the width of the signs themselves is folded (－ （ ） “ ” ＯＲ); all else goes to the analysis as it was typed.
A text holds its blanks: only the analysis knows which of them end an operand. No string is an error here: what makes
no sense is left out or read as words, and told in the warnings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

DEEPEST = 20
"""Parentheses inside each other; deeper ones are not read."""

_QUOTES = {'"': '"', "＂": '"', "“": "”", "”": "”", "„": "”", "「": "」", "『": "』"}
_CLOSING = {'"': '"＂', "”": '”“"＂', "」": "」", "』": "』"}
_OPERATORS = {"OR": "or", "ＯＲ": "or", "AND": "and", "ＡＮＤ": "and", "NOT": "not", "ＮＯＴ": "not"}
_WORD = re.compile(r"[^\s()（）\"＂“”„「」『』]+")
_UNREAD = re.compile(r"[*＊]|^\w+[:：](?!//)\S", re.ASCII)


@dataclass(frozen=True, slots=True)
class Text:
    """A stretch of the query between signs; ``quoted`` where it stood in quotes."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Every:
    """All of the items, and none of those ``without``."""

    items: tuple[Node, ...]
    without: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of the items."""

    items: tuple[Node, ...]


Node = Text | Every | Either


class _Sign(NamedTuple):
    kind: str
    text: str
    glued: bool
    """Whether something stands right before it."""


class Syntax(NamedTuple):
    """The tree, or None for a query without a word, and what was not understood."""

    tree: Node | None
    warnings: tuple[str, ...]


def parse(query: str) -> Syntax:
    """The tree of a query."""
    reader = _Reader(query)
    tree = reader.expression(0)
    return Syntax(tree, tuple(dict.fromkeys(reader.warnings)))


def _signs(query: str, warnings: list[str]) -> Iterator[_Sign]:
    at = 0
    while at < len(query):
        character = query[at]
        glued = at > 0 and not query[at - 1].isspace() and query[at - 1] not in "(（"
        if character.isspace():
            at += 1
        elif character in "(（":
            yield _Sign("open", character, glued)
            at += 1
        elif character in ")）":
            yield _Sign("close", character, glued)
            at += 1
        elif character in _QUOTES:
            end = _closing(query, at)
            if end is None:
                warnings.append(f"{character} is not closed: what follows is searched as words")
                at += 1
                continue
            yield _Sign("quoted", query[at + 1 : end], glued)
            at = end + 1
        elif character in "」』":
            warnings.append(f"{character} closes nothing and is left out")
            at += 1
        elif character in "-－" and not glued and at + 1 < len(query) and not query[at + 1].isspace():
            yield _Sign("not", character, glued)
            at += 1
        else:
            match = _WORD.match(query, at)
            assert match is not None
            yield _Sign(_OPERATORS.get(match[0], "word"), match[0], glued)
            at = match.end()


def _closing(query: str, at: int) -> int | None:
    closing = _CLOSING[_QUOTES[query[at]]]
    ends = [end for end in (query.find(sign, at + 1) for sign in closing) if end >= 0]
    return min(ends, default=None)


class _Reader:
    """Recursive descent over the signs."""

    def __init__(self, query: str) -> None:
        self.warnings: list[str] = []
        signs = list(_signs(query, self.warnings))
        if all(sign.kind in ("or", "and", "not", "open", "close") for sign in signs):
            lone = [sign for sign in signs if sign.text in _OPERATORS]
            self.warnings += [f"{sign.text} joins nothing and is searched as a word" for sign in lone]
            signs = [_Sign("word", sign.text, sign.glued) if sign in lone else sign for sign in signs]
        self._signs = signs
        self._at = 0

    def expression(self, depth: int) -> Node | None:
        alternatives: list[Node] = []
        while True:
            sequence = self._sequence(depth)
            if sequence is not None:
                alternatives.append(sequence)
            if not self._is("or"):
                break
            self._at += 1
            if sequence is None or self._ends():
                self.warnings.append("OR needs a word on both sides and is left out")
        if not alternatives:
            return None
        return alternatives[0] if len(alternatives) == 1 else Either(tuple(alternatives))

    def _ends(self) -> bool:
        return self._at >= len(self._signs) or self._signs[self._at].kind in ("close", "or")

    def _is(self, kind: str) -> bool:
        return self._at < len(self._signs) and self._signs[self._at].kind == kind

    def _sequence(self, depth: int) -> Node | None:
        items: list[Node] = []
        without: list[Node] = []
        while self._at < len(self._signs) and not self._is("or"):
            if self._is("close"):
                if depth:
                    break
                self.warnings.append(") closes nothing and is left out")
                self._at += 1
                continue
            if self._is("and"):
                self._at += 1
                continue
            excluded = False
            while self._is("not") or (excluded and self._is("and")):
                excluded = not excluded if self._is("not") else excluded
                self._at += 1
            item = self._item(depth, one_word=excluded)
            if item is None and excluded:
                self.warnings.append("NOT needs a word behind it and is left out")
            elif isinstance(item, Every) and not item.items:
                # A group of exclusions alone: they are this sequence's.
                (items if excluded else without).extend(item.without)
            elif item is not None:
                (without if excluded else items).append(item)
        if not items and not without:
            return None
        return items[0] if len(items) == 1 and not without else Every(tuple(items), tuple(without))

    def _item(self, depth: int, *, one_word: bool) -> Node | None:
        if self._ends() or self._is("and"):
            return None
        sign = self._signs[self._at]
        if sign.kind == "open":
            return self._group(depth)
        if sign.kind == "quoted":
            self._at += 1
            return Text(sign.text, quoted=True)
        return self._text(one_word=one_word)

    def _group(self, depth: int) -> Node | None:
        self._at += 1
        if depth >= DEEPEST:
            self.warnings.append(f"parentheses are read to a depth of {DEEPEST}")
            return None
        inner = self.expression(depth + 1)
        if self._is("close"):
            self._at += 1
        else:
            self.warnings.append("( is not closed: it is closed at the end")
        return inner

    def _text(self, *, one_word: bool) -> Node:
        words = [self._signs[self._at].text]
        self._at += 1
        while self._is("word") and not one_word:
            words.append(self._signs[self._at].text)
            self._at += 1
        for word in words:
            if _UNREAD.search(word):
                self.warnings.append(f"{word} is searched as words: fields and wildcards are not read")
        return Text(" ".join(words))
