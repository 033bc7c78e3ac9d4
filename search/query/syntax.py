"""The query string → a tree of stretches of text, joined by what its signs say.

    expression := sequence (OR sequence)*
    sequence   := item (AND? item)*
    item       := ("-" | NOT)? joined
    joined     := FIELD joined | unit ("｜" joined)?
    unit       := quoted | "(" expression ")" | text

A text holds its blanks: only the analysis knows which of them end an operand. No string is an error here: what makes
no sense is left out or read as words, and told in the warnings. ``search.query.signs`` says what a sign is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from search.query.signs import OPERATORS, Sign, signs

DEEPEST = 20
"""Parentheses and fields inside each other; deeper ones are not read."""
_TOO_DEEP = f"parentheses and fields are read to a depth of {DEEPEST}"


@dataclass(frozen=True, slots=True)
class Text:
    """A stretch of the query between signs; ``quoted`` where it stood in quotes.

    ``slack`` is the distance behind the quotes, ``beginning`` tells of an asterisk behind a word.
    """

    text: str
    quoted: bool = False
    slack: int | None = None
    beginning: bool = False


@dataclass(frozen=True, slots=True)
class Glued:
    """Quotations and the words right before and behind them, with no blank between, as in a question."""

    items: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Every:
    """All of the items, and none of those ``without``."""

    items: tuple[Node, ...]
    without: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of the items."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Scoped:
    """The item, in the field of this name."""

    name: str
    item: Node


@dataclass(frozen=True, slots=True)
class Boosted:
    """The item, which counts so many times as much."""

    item: Node
    boost: float


Node = Text | Glued | Every | Either | Scoped | Boosted


class Syntax(NamedTuple):
    """The tree, or None for a query without a word, and what was not understood."""

    tree: Node | None
    warnings: tuple[str, ...]


def parse(query: str, is_field: Callable[[str], bool] = lambda _: False) -> Syntax:
    """The tree of a query; ``is_field`` says whether what stands before a colon names a field."""
    reader = _Reader(query, is_field)
    tree = reader.expression(0)
    return Syntax(tree, tuple(dict.fromkeys(reader.warnings)))


class _Reader:
    """Recursive descent over the signs."""

    def __init__(self, query: str, is_field: Callable[[str], bool]) -> None:
        self.warnings: list[str] = []
        found = signs(query, is_field, self.warnings)
        if all(sign.kind in ("or", "and", "not", "open", "close") for sign in found):
            lone = [sign for sign in found if sign.text in OPERATORS]
            self.warnings += [f"{sign.text} joins nothing and is searched as a word" for sign in lone]
            found = [Sign("word", sign.text, sign.glued) if sign in lone else sign for sign in found]
        self._signs = found
        self._at = 0

    def expression(self, depth: int) -> Node | None:
        alternatives: list[Node] = []
        while True:
            sequence = self._sequence(depth)
            if sequence is not None:
                alternatives.append(sequence)
            if not self._is("or"):
                break
            sign = self._signs[self._at]
            self._at += 1
            if sequence is None or self._ends():
                self.warnings.append(f"{sign.text} needs a word on both sides and is left out")
        return _either(alternatives)

    def _ends(self) -> bool:
        return self._at >= len(self._signs) or self._signs[self._at].kind in ("close", "or")

    def _is(self, kind: str, further: int = 0) -> bool:
        at = self._at + further
        return at < len(self._signs) and self._signs[at].kind == kind

    def _sequence(self, depth: int) -> Node | None:
        items: list[Node] = []
        without: list[Node] = []
        last_excluded = False
        while self._at < len(self._signs) and not self._is("or"):
            if self._is("close"):
                if depth:
                    break
                self.warnings.append(") closes nothing and is left out")
                self._at += 1
                continue
            if self._is("and") or self._is("bar"):
                self._at += 1
                continue
            excluded = False
            while self._is("not") or (excluded and self._is("and")):
                excluded = not excluded if self._is("not") else excluded
                self._at += 1
            first = self._at
            item = self._joined(depth, one_word=excluded)
            if item is None and excluded:
                self.warnings.append("NOT needs a word behind it and is left out")
            elif isinstance(item, Every) and not item.items:
                # A group of exclusions alone: they are this sequence's.
                (items if excluded else without).extend(item.without)
            elif not excluded and items and not last_excluded and self._is_glued(first, items[-1], item):
                items[-1] = _glued(items[-1], item)
            elif item is not None:
                (without if excluded else items).append(item)
            last_excluded = excluded
        if not items and not without:
            return None
        return items[0] if len(items) == 1 and not without else Every(tuple(items), tuple(without))

    def _is_glued(self, at: int, before: Node, item: Node | None) -> bool:
        """Whether an item that begins with sign ``at`` and the one before are a quotation and words right beside it."""
        around = self._signs[max(0, at - 1) : at + 1]
        texts = isinstance(before, Text | Glued) and isinstance(item, Text)
        words = any(sign.kind == "word" and any(map(str.isalnum, sign.text)) for sign in around)
        return texts and words and around[-1].glued and any(sign.kind == "quoted" for sign in around)

    def _joined(self, depth: int, *, one_word: bool) -> Node | None:
        if self._is("field"):
            return self._scoped(depth)
        units = [self._unit(depth, one_word=one_word)]
        while self._is("bar"):
            self._at += 1
            units.append(self._scoped(depth) if self._is("field") else self._unit(depth, one_word=True))
        return _either([unit for unit in units if unit is not None])

    def _scoped(self, depth: int) -> Node | None:
        name = self._signs[self._at].text
        self._at += 1
        if depth >= DEEPEST:
            self.warnings.append(_TOO_DEEP)
            return None
        item = self._joined(depth + 1, one_word=True)
        if item is None:
            self.warnings.append(f"{name}: needs a word behind it and is searched as a word")
            return Text(name)
        if isinstance(item, Every) and not item.items:
            return Every((), tuple([Scoped(name, each) for each in item.without]))
        return Scoped(name, item)

    def _unit(self, depth: int, *, one_word: bool) -> Node | None:
        if self._ends() or self._signs[self._at].kind in ("and", "bar", "not"):
            return None
        sign = self._signs[self._at]
        if sign.kind == "open":
            return self._group(depth)
        if sign.kind == "word" and sign.is_plain:
            return self._text(one_word=one_word)
        self._at += 1
        quoted = sign.kind == "quoted"
        return _boosted(Text(sign.text, quoted, sign.slack, sign.beginning), sign.boost)

    def _group(self, depth: int) -> Node | None:
        self._at += 1
        if depth >= DEEPEST:
            self.warnings.append(_TOO_DEEP)
            return None
        inner = self.expression(depth + 1)
        boost = None
        if self._is("close"):
            boost = self._signs[self._at].boost
            self._at += 1
        else:
            self.warnings.append("( is not closed: it is closed at the end")
        return _boosted(inner, boost)

    def _text(self, *, one_word: bool) -> Node:
        words = [self._signs[self._at].text]
        self._at += 1
        one_word = one_word or self._is("bar")
        while not one_word and self._is("word") and self._signs[self._at].is_plain and not self._is("bar", 1):
            words.append(self._signs[self._at].text)
            self._at += 1
        return Text(" ".join(words))


def _either(nodes: list[Node]) -> Node | None:
    if len(nodes) <= 1:
        return nodes[0] if nodes else None
    return Either(tuple(nodes))


def _glued(before: Node, item: Node | None) -> Glued:
    assert isinstance(before, Text | Glued), "what is glued are texts"
    assert isinstance(item, Text), "what is glued are texts"
    return Glued((*(before.items if isinstance(before, Glued) else (before,)), item))


def _boosted(node: Node | None, boost: float | None) -> Node | None:
    """The node with its boost; what only excludes has none."""
    if node is None or boost is None or (isinstance(node, Every) and not node.items):
        return node
    return Boosted(node, boost)
