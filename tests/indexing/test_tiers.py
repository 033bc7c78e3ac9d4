"""Which segments are to be merged."""

from __future__ import annotations

from itertools import chain, count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.codec.contents import SegmentFacts
from index.tiers import MOST, SMALL, live, staying, to_merge


def segments(*rows: int) -> list[SegmentFacts]:
    return [SegmentFacts(f"s{i}", count) for i, count in enumerate(rows)]


def names(rows: list[tuple[SegmentFacts, ...]]) -> list[list[int]]:
    return [[int(segment.name[1:]) for segment in stretch] for stretch in rows]


def test_few_segments_stay_as_they_are() -> None:
    assert to_merge([]) == []
    assert to_merge(segments(5)) == []
    assert to_merge(segments(*[10] * MOST)) == []


def test_many_of_one_size_become_one() -> None:
    assert names(to_merge(segments(*[10] * (MOST + 1)))) == [list(range(MOST + 1))]


def test_a_large_segment_is_left_out() -> None:
    assert names(to_merge(segments(10**6, *[10] * (MOST + 1)))) == [list(range(1, MOST + 2))]
    assert to_merge(segments(*[10] * 5, 10**6, *[10] * 5)) == []


def test_small_ones_between_go_with_their_neighbours() -> None:
    between = segments(*chain.from_iterable((SMALL + 1, 1) for _ in range(MOST + 1)))
    assert names(to_merge(between)) == [list(range(len(between)))]


def test_what_a_merge_makes_counts_in_the_class_above() -> None:
    below = [SMALL * 2] * MOST
    assert names(to_merge(segments(*below, *[SMALL * 4 // 5] * (MOST + 1)))) == [list(range(2 * MOST + 1))]


@pytest.mark.parametrize(("deleted", "merged"), [(0, False), (5, False), (6, True)])
def test_a_segment_of_which_more_than_half_is_deleted_is_written_anew(deleted: int, merged: bool) -> None:
    segment = SegmentFacts("s0", 10, tuple(range(deleted)))
    assert to_merge([segment]) == ([(segment,)] if merged else [])


def test_a_segment_whose_rows_are_all_deleted_is_dropped() -> None:
    gone, kept = SegmentFacts("s0", 2, (0, 1)), SegmentFacts("s1", 2, (0,))
    assert staying([gone, kept, gone]) == [kept]
    assert to_merge([gone, kept]) == []
    assert staying([SegmentFacts("s0", 0)]) == []


@given(st.lists(st.integers(1, 3 * SMALL), max_size=300))
def test_however_often_an_index_grows_it_has_few_segments_and_writes_a_row_few_times(grown: list[int]) -> None:
    """Merges as they are told, after each update; neighbours stay in order and nothing is lost."""
    now: list[SegmentFacts] = []
    written, number = 0, count()
    for rows in grown:
        now.append(SegmentFacts(f"s{next(number)}", rows))
        for stretch in to_merge(now):
            first = now.index(stretch[0])
            assert tuple(now[first : first + len(stretch)]) == stretch
            now[first : first + len(stretch)] = [SegmentFacts(f"s{next(number)}", sum(map(live, stretch)))]
            written += sum(map(live, stretch))
        assert to_merge(now) == []
        assert sum(map(live, now)) <= sum(grown)
    classes = 5  # 300 updates of 3 * SMALL rows are below SMALL * MOST ** 4
    assert sum(map(live, now)) == sum(grown)
    assert len(now) <= MOST * classes
    assert written <= classes * sum(grown)
