"""Runs in turn, so that a change of the machine's speed meets all of them, and their ratios."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple


class Taken(NamedTuple):
    """Seconds of the clock and of the processor, all threads and ended child processes together."""

    wall: float
    cpu: float


def taken(run: Callable[[], object]) -> Taken:
    """What a run takes in this process."""
    wall, cpu = time.perf_counter(), _cpu()
    run()
    return Taken(time.perf_counter() - wall, _cpu() - cpu)


def _cpu() -> float:
    return sum(os.times()[:4])


def in_turn(runs: Mapping[str, Callable[[], Taken]], rounds: int) -> dict[str, list[Taken]]:
    """Each in turn, so many rounds; one more to warm up is not counted."""
    results: dict[str, list[Taken]] = {name: [] for name in runs}
    for i in range(rounds + 1):
        for name, run in runs.items():
            result = run()
            if i:
                results[name].append(result)
    return results


def show(results: Mapping[str, list[Taken]], floor: str, per: Mapping[str, int] | None = None) -> None:
    """Medians, and ratios to one of the runs, round by round; ``per`` is what a run got done, for a speed."""
    print(f"{'':28}{'wall s':>9}{'ratio':>7}{'CPU s':>9}{'ratio':>7}{'lowest':>8}{'highest':>8}   ratios to {floor}")
    for name, all_taken in results.items():
        wall = [mine.wall / base.wall for mine, base in zip(all_taken, results[floor], strict=True)]
        cpu = [mine.cpu / base.cpu for mine, base in zip(all_taken, results[floor], strict=True)]
        seconds = statistics.median(t.wall for t in all_taken), statistics.median(t.cpu for t in all_taken)
        speed = f"{per[name] / seconds[0]:14,.0f} slots/s" if per and name in per else ""
        print(
            f"{name:28}{seconds[0]:9.3f}{statistics.median(wall):7.2f}{seconds[1]:9.3f}{statistics.median(cpu):7.2f}"
            f"{min(cpu):8.2f}{max(cpu):8.2f}{speed}"
        )
