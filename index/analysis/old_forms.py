"""Old forms of characters: ``data/old_forms.tsv``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_DATA = Path(__file__).parent / "data" / "old_forms.tsv"

OLD_KANA = "ゐゑヰヱ"


@cache
def old_forms() -> dict[str, str]:
    """Old form → the form of today, both one character.

    They are the 常用漢字 list's own pairs, printed forms of kanji beyond it (鷗, 鴎), and ゐ ゑ ヰ ヱ.
    """
    rows = (line.split("\t") for line in _DATA.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {row[0]: row[1] for row in rows}
