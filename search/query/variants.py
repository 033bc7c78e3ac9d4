"""Names with their kanji written in other ways: 斎藤, 斉藤, 齋藤 and 齊藤. ``data/name_kanji.tsv`` has the families."""

from __future__ import annotations

from functools import cache
from itertools import islice, product
from pathlib import Path

MOST = 16
"""Forms of a name."""
_DATA = Path(__file__).parent / "data" / "name_kanji.tsv"


@cache
def families() -> dict[str, str]:
    """Each kanji's family, itself first."""
    found: dict[str, str] = {}
    for line in _DATA.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            found |= {kanji: kanji + line.replace(kanji, "") for kanji in line}
    return found


def variants(name: str) -> tuple[tuple[str, ...], bool]:
    """The other forms of a name, at most ``MOST``, and whether there are more; none where it has no such kanji."""
    known = families()
    if known.keys().isdisjoint(name):
        return (), False
    forms = islice(map("".join, product(*(known.get(character, character) for character in name))), 1, None)
    found = tuple(islice(forms, MOST + 1))
    return found[:MOST], len(found) > MOST
