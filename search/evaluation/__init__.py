"""How good is a ranking, on questions whose right documents are known?

``sets`` reads what people judged, ``stand_ins`` makes sets of other kinds from it; ``answering`` asks the search and
plain baselines (``plain``, over ``terms``), ``runs`` keeps what they answered, ``measures`` and ``intervals`` say how
good that is and how sure, ``table`` draws it. ``scripts/evaluate.py`` is the command.

    from search.evaluation import Default, read_set, measured
    judged = read_set(Path("my-judgments"))
    with Default(judged, Path("work")) as setting:
        run = setting.run(judged.queries, depth=100)
    measured(judged, run)["MRR@10"].mean()

Measures need the extra ``evaluation``; nothing else of the package imports this.
"""

from __future__ import annotations

from search.evaluation.answering import SETTINGS, Default, Setting, setting
from search.evaluation.intervals import Interval, interval
from search.evaluation.measures import MEASURES, measured
from search.evaluation.runs import Run, read_run, write_run
from search.evaluation.sets import JudgedSet, read_set
from search.evaluation.stand_ins import STAND_INS, named_set

__all__ = [
    "MEASURES",
    "SETTINGS",
    "STAND_INS",
    "Default",
    "Interval",
    "JudgedSet",
    "Run",
    "Setting",
    "interval",
    "measured",
    "named_set",
    "read_run",
    "read_set",
    "setting",
    "write_run",
]
