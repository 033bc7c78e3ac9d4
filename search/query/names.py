"""What stands before a colon in a query: a field of the text, a field of documents' values, or nothing known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

from index.analysis.fold import compare
from index.writers import FIELDS

_DATA = Path(__file__).parent / "data" / "names.tsv"


class Names:
    """The names that a query may use; ``has_field`` says whether documents have values of a field.

    title, headings and body are always those of the text. Else a field of documents that is called so comes first, then
    what ``data/names.tsv`` says. Width and case of a name do not matter where documents have no such field.
    """

    def __init__(self, has_field: Callable[[str], bool]) -> None:
        self._has_field = has_field

    def of(self, name: str) -> str | None:
        """The field that a name stands for, one of ``index.writers.FIELDS`` for the text; None if it is no name."""
        folded = compare(name)
        if folded in FIELDS:
            return folded
        for field in (name, folded, *_aliases().get(folded, ())):
            if field in FIELDS or self._has_field(field):
                return field
        return None


def is_alias(name: str) -> bool:
    """Whether a name stands for a field of some indexes."""
    return compare(name) in _aliases()


@lru_cache(1)
def _aliases() -> Mapping[str, tuple[str, ...]]:
    lines = [line.split("\t") for line in _DATA.read_text(encoding="utf-8").splitlines() if line[:1] not in ("", "#")]
    return {compare(name): tuple(fields.split()) for name, fields in lines}
