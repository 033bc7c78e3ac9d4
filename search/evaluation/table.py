"""Settings against sets as one table, in Markdown: what a terminal shows and a document takes as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from search.evaluation.intervals import Interval

COMPARED = ("MRR@10", "nDCG@10")
"""Measures that are told as differences too."""


@dataclass(frozen=True, slots=True)
class Row:
    """A setting on a set: its measures, and how far each is above what it was compared with (empty for that itself).

    ``speed`` is in queries a second; None for a run that was read.
    """

    name: str
    queries: int
    setting: str
    measures: Mapping[str, Interval]
    above: Mapping[str, Interval] = field(default_factory=dict)
    speed: float | None = None
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """The row as JSON values."""
        return {
            "set": self.name,
            "queries": self.queries,
            "setting": self.setting,
            "measures": {name: value._asdict() for name, value in self.measures.items()},
            "above": {name: value._asdict() for name, value in self.above.items()},
            "queries_per_second": None if self.speed is None else round(self.speed, 1),
            "notes": list(self.notes),
        }


def drawn(rows: Sequence[Row], against: str) -> str:
    """The table of rows that have the same measures, with the notes below it.

    A difference whose interval holds 0 is in brackets: it may be by chance.
    """
    names = list(rows[0].measures)
    compared = [name for name in COMPARED if name in names]
    heads = ["set", "setting", *names, *(f"{name} above {against}" for name in compared)]
    lines = [
        [
            f"{row.name.replace('|', chr(92) + '|')}: {row.queries:,} {'query' if row.queries == 1 else 'queries'}",
            row.setting,
            *(_value(row.measures[name]) for name in names),
            *(_difference(row.above.get(name)) for name in compared),
        ]
        for row in rows
    ]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, ["---"] * len(heads), *lines))
    notes = dict.fromkeys(f"- {row.name}: {note}" for row in rows for note in row.notes)
    return "\n".join([table, *(["", *notes] if notes else [])])


def _value(value: Interval) -> str:
    return f"{value.mean:.3f} ({value.low:.3f}–{value.high:.3f})"


def _difference(value: Interval | None) -> str:
    if value is None:
        return ""
    told = f"{value.mean:+.3f} ({value.low:+.3f} to {value.high:+.3f})".replace("-", "−")
    return told if value.is_apart else f"[{told}]"
