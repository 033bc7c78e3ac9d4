"""Which words decide a match: the rules of ``data/words.tsv``, read once.

Content decides. Light words (する, こと) decide only where an operand has nothing else. Particles and other function
words never decide; signs and blanks are no words at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from pathlib import Path

from index.model import Mark

_DATA = Path(__file__).parent / "data" / "words.tsv"


class Kind(Enum):
    """What a morpheme is to a match, with the bits it leaves in a slot's marks."""

    CONTENT = 0
    LIGHT = Mark.LIGHT
    PARTICLE = Mark.PARTICLE
    FUNCTION = Mark.FUNCTION
    SIGN = -1
    BLANK = -2


class Words:
    """The rules, by what they look at."""

    def __init__(self) -> None:
        self._by_pos: dict[str, Kind] = {}
        self._by_norm: dict[str, Kind] = {}
        self._known: dict[tuple[str, ...], Kind] = {}
        self.after_particle: set[str] = set()
        self.alone: set[str] = set()
        self.requests: dict[str, list[tuple[str, ...]]] = {}
        for line in _DATA.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                self._add(*line.split("\t"))
        self.second_in_request = {r[1] for requests in self.requests.values() for r in requests}
        self.longest_request = max((len(r) for requests in self.requests.values() for r in requests), default=0)

    def _add(self, rule: str, what: str, kind: str) -> None:
        if rule == "pos":
            self._by_pos[what] = Kind[kind.upper()]
        elif rule == "norm":
            self._by_norm[what] = Kind[kind.upper()]
        elif rule == "after-particle":
            self.after_particle.add(what)
        elif rule == "alone":
            self.alone.add(what)
        elif rule == "request":
            norms = tuple(what.split(" "))
            self.requests.setdefault(norms[0], []).append(norms)
        else:
            raise ValueError(f"{_DATA.name}: no such rule: {rule}")

    @property
    def norms(self) -> frozenset[str]:
        """The normalized forms that have a kind of their own."""
        return frozenset(self._by_norm)

    def kind(self, pos: Sequence[str], norm: str) -> Kind:
        """The kind of a morpheme with these part-of-speech levels and this normalized form."""
        if pos[0] in ("名詞", "接頭辞", "接尾辞", "副詞"):
            named = self._by_norm.get(norm)
            if named is not None:
                return named
        levels = tuple(pos)
        kind = self._known.get(levels)
        if kind is None:
            prefixes = ("-".join(levels[:count]) for count in range(len(levels), 0, -1))
            kind = next((self._by_pos[prefix] for prefix in prefixes if prefix in self._by_pos), Kind.CONTENT)
            self._known[levels] = kind
        return kind

    def request_at(self, norms: Sequence[str], at: int) -> int:
        """How many morphemes from ``at`` on are a polite request; 0 for none."""
        fitting = [r for r in self.requests.get(norms[at], ()) if tuple(norms[at : at + len(r)]) == r]
        return max(map(len, fitting), default=0)
