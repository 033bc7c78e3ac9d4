"""Offsets, against the pairs of a list; one that is out of order is damage as soon as it could mislead."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.codec.container import Container, ContainerWriter
from index.codec.offsets import Offsets
from index.errors import DamagedIndex

Written = Callable[[Callable[[ContainerWriter], object]], Container]

PIECE = 4096
EDGES = [0, 1, 2, 127, 128, 129, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 1]
FORMS = {"ends": 0, "starts": 1}


def planted(written: Written, numbers: list[int], total: int, form: str, dtype: str = "u4") -> Offsets:
    container = written(lambda container: container.add("o", np.array(numbers, f"<{dtype}")))
    return Offsets(container.array("o", dtype), total, starts=form == "starts")


def as_list(numbers: list[int], form: str) -> list[tuple[int, int]]:
    return list(pairwise(numbers if form == "starts" else [0, *numbers]))


def rising(count: int, form: str) -> list[int]:
    numbers = np.cumsum(np.random.default_rng(count).integers(0, 4, count)).tolist()
    return [0, *numbers] if form == "starts" else numbers


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("count", EDGES)
def test_offsets_come_back_in_any_order(count: int, form: str, written: Written) -> None:
    numbers = rising(count, form)
    for dtype in ("u4", "u8"):
        offsets = planted(written, numbers, max(numbers, default=0), form, dtype)
        assert len(offsets) == count
        assert [offsets.of(i) for i in reversed(range(count))][::-1] == as_list(numbers, form)
        assert offsets.all().tolist() == numbers
        for outside in (-1, count):
            with pytest.raises(DamagedIndex, match=f"it leads to place {outside} of {count}"):
                offsets.of(outside)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([n for n in EDGES if n > 1]), st.sampled_from([*FORMS]), st.data())
def test_an_offset_out_of_order_is_damage_wherever_it_is_used(
    written: Written, count: int, form: str, data: st.DataObject
) -> None:
    numbers = [3 * n for n in range(count + FORMS[form])] if form == "starts" else [3 * n + 3 for n in range(count)]
    near = [i for edge in (0, PIECE, 2 * PIECE, len(numbers)) for i in range(edge - 3, edge + 3)]
    at = data.draw(st.sampled_from([i for i in near if 0 <= i < len(numbers)]))
    right, total = as_list(numbers, form), numbers[-1]
    numbers[at] = data.draw(st.sampled_from([n for n in (0, total, total + 1, 2**32 - 1) if n != numbers[at]]))
    if numbers == sorted(numbers) and numbers[-1] == total and (form == "ends" or not numbers[0]):
        return  # as good as another: only what it leads to could tell
    for i in range(max(0, at - 1 - FORMS[form]), min(count, at + 2 - FORMS[form])):
        offsets = planted(written, numbers, total, form)
        if at in (i + FORMS[form], i + FORMS[form] - 1):
            with pytest.raises(DamagedIndex, match="its offsets are not in order"):
                offsets.of(i)
        else:
            with suppress(DamagedIndex):  # the piece is checked as a whole
                assert offsets.of(i) == right[i]
    with pytest.raises(DamagedIndex, match="its offsets are not in order"):
        planted(written, numbers, total, form).all()


@pytest.mark.parametrize(("numbers", "total", "form"), [([], 1, "ends"), ([], 0, "starts"), ([0], 1, "starts")])
def test_offsets_that_lead_to_nothing_are_damage(numbers: list[int], total: int, form: str, written: Written) -> None:
    with pytest.raises(DamagedIndex, match="its offsets lead to nothing"):
        planted(written, numbers, total, form)


def test_a_start_that_is_not_the_beginning_is_damage(written: Written) -> None:
    with pytest.raises(DamagedIndex, match="its offsets are not in order"):
        planted(written, [1, 3], 3, "starts").of(0)
    with pytest.raises(DamagedIndex, match="its offsets are not in order"):
        planted(written, [1], 0, "starts").all()


@pytest.mark.parametrize(("numbers", "form"), [([], "ends"), ([0], "starts")])
def test_no_offsets_lead_nowhere(numbers: list[int], form: str, written: Written) -> None:
    offsets = planted(written, numbers, 0, form)
    assert len(offsets) == 0
    assert offsets.all().tolist() == numbers
