"""What goes wrong in a search with Whoosh 2.7.4, each named after it; the index is Whoosh's own here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from index.as_whoosh.matchers import rows_of
from index.as_whoosh.queries import repaired
from index.as_whoosh.searcher import Searcher
from index.whoosh_api import RamStorage, analysis, collectors, fields, query, spans

TEXTS = ["a b", "a c", "a b c", "a", "c", "a ab", "ac b"]


@pytest.fixture(scope="module")
def searcher() -> Iterator[Any]:
    schema = fields.Schema(
        id=fields.ID(stored=True),
        group=fields.ID(sortable=True),
        body=fields.TEXT(analyzer=analysis.SpaceSeparatedTokenizer()),
        count=fields.NUMERIC(signed=False, sortable=True),
        wide=fields.NUMERIC(bits=64),
    )
    index = RamStorage().create_index(schema)
    with index.writer() as writer:
        for number, text in enumerate(TEXTS):
            writer.add_document(id=str(number), body=text, count=number, wide=number, group="xy"[number % 2])
    with index.writer() as writer:
        writer.delete_by_term("id", "6")
    with closing(Searcher(index.reader(), fromindex=index)) as opened:
        yield opened


def term(text: str, boost: float = 1.0) -> Any:
    return query.Term("body", text, boost=boost)


def found(searcher: Any, q: Any, **options: Any) -> dict[int, float]:
    return {int(hit["id"]): hit.score for hit in searcher.search(q, **{"limit": None, **options})}


def test_a_filter_is_not_ignored_under_a_time_limit(searcher: Any) -> None:
    limited = collectors.TimeLimitCollector(searcher.collector(limit=10, filter=query.Term("id", "3")), 10)
    searcher.search_with_collector(term("a"), limited)
    assert [hit["id"] for hit in limited.results()] == ["3"]


def test_a_filter_of_whoosh_s_is_not_ignored_under_a_time_limit(searcher: Any) -> None:
    inner = collectors.FilterCollector(collectors.UnlimitedCollector(), None, query.Term("id", "3"))
    limited = collectors.TimeLimitCollector(inner, 10, use_alarm=False)
    searcher.search_with_collector(term("a"), limited)
    assert sorted(hit["id"] for hit in limited.results()) == ["0", "1", "2", "5"]


def test_a_filter_that_allows_nothing_is_not_taken_for_none(searcher: Any) -> None:
    assert found(searcher, term("a"), filter=set()) == {}
    assert found(searcher, term("a"), filter=searcher.search(term("none"))) == {}


def test_a_filter_and_a_collapse_go_together(searcher: Any) -> None:
    collapsed = searcher.search(query.Every(), limit=None, collapse="group", filter=term("c"))
    assert [hit["id"] for hit in collapsed] == ["1", "2"]
    assert collapsed.collector.filtered_count == 3


def test_a_filter_counts_what_it_let_pass(searcher: Any) -> None:
    results = searcher.search(term("a"), limit=1, filter=term("c"))
    assert (len(results), results.filtered_count) == (2, 3)


@pytest.mark.parametrize(
    ("start", "end", "exclusive", "expected"),
    [
        (None, 2, False, [0, 1, 2]),
        (0, 2, False, [0, 1, 2]),
        (None, 0, False, [0]),
        (None, 0, True, []),
        (4, None, False, [4, 5]),
        (4, 2, False, []),
        (2**32 - 1, None, True, []),
        (None, 2**40, False, [0, 1, 2, 3, 4, 5]),
        (-5, 1, False, [0, 1]),
    ],
)
def test_a_range_that_ends_near_the_lowest_number_does_not_match_everything(
    searcher: Any, start: int | None, end: int | None, exclusive: bool, expected: list[int]
) -> None:
    q = query.NumericRange("count", start, end, startexcl=exclusive, endexcl=exclusive)
    assert sorted(found(searcher, q)) == expected


def test_the_lowest_numbers_of_a_signed_field_are_a_range_too(searcher: Any) -> None:
    assert found(searcher, query.NumericRange("wide", None, -(2**63) + 3)) == {}


@pytest.mark.parametrize("pattern", ["ab", "b", "a", ""])
@pytest.mark.parametrize("terms", [False, True])
def test_a_boost_is_not_ignored_over_many_terms(searcher: Any, pattern: str, terms: bool) -> None:
    assert set(found(searcher, query.Prefix("body", pattern, boost=5.0), terms=terms).values()) == {5.0}


def test_a_boost_is_not_ignored_over_scored_terms(searcher: Any) -> None:
    once = found(searcher, query.Prefix("body", "a", constantscore=False))
    assert found(searcher, query.Prefix("body", "a", boost=2.0, constantscore=False)) == pytest.approx(
        {number: 2 * score for number, score in once.items()}
    )


def test_a_boost_is_not_ignored_over_one_subquery(searcher: Any) -> None:
    once = found(searcher, term("b"))
    for compound in (query.Or, query.And, query.DisjunctionMax):
        twice = found(searcher, compound([term("b")], boost=2.0))
        assert twice == pytest.approx({number: 2 * score for number, score in once.items()})


@pytest.mark.parametrize("second", [query.NumericRange("count", 0, 1), query.Every("group"), term("b"), term("none")])
def test_and_maybe_does_not_look_past_the_end(searcher: Any, second: Any) -> None:
    matcher = repaired(query.AndMaybe(term("a"), second)).matcher(searcher, searcher.context())
    weights = []
    while matcher.is_active():
        weights.append(matcher.weight())
        matcher.next()
    assert len(weights) == 5


def test_and_maybe_does_not_lose_the_second_s_score_where_it_skips(searcher: Any) -> None:
    q = query.And([query.AndMaybe(term("a"), term("b")), term("c")])
    assert found(searcher, q)[2] == pytest.approx(found(searcher, query.And([term("a"), term("b"), term("c")]))[2])


def test_and_not_does_not_look_past_the_end(searcher: Any) -> None:
    q = query.And([query.AndNot(query.NumericRange("count", 0, 1), term("ab")), query.Not(term("b"))])
    assert sorted(found(searcher, q)) == [1]


def test_a_disjunction_compares_scores_of_one_document(searcher: Any) -> None:
    either = found(searcher, query.DisjunctionMax([term("ab"), term("c")]))
    assert either == pytest.approx(found(searcher, query.Or([term("ab"), term("c")])))


def test_what_is_required_is_not_excluded(searcher: Any) -> None:
    assert sorted(found(searcher, query.Require(term("a"), term("b")))) == [0, 2]


def test_a_negation_brings_no_deleted_document_back(searcher: Any) -> None:
    assert sorted(found(searcher, query.Not(term("a")))) == [4]


def test_a_column_brings_no_deleted_document_back(searcher: Any) -> None:
    assert sorted(found(searcher, query.ColumnQuery("count", lambda value: value > 3))) == [4, 5]
    assert sorted(found(searcher, query.And([query.ColumnQuery("count", 4), term("c")]))) == [4]


def test_a_constant_score_of_zero_is_kept(searcher: Any) -> None:
    assert set(found(searcher, query.ConstantScoreQuery(term("a"), 0.0)).values()) == {0.0}
    assert set(found(searcher, query.ConstantScoreQuery(term("a"), 3.0), terms=True).values()) == {3.0}


def test_spans_stand_inside_other_queries(searcher: Any) -> None:
    near = spans.SpanNear2([query.Prefix("body", "a"), term("b")])
    assert sorted(found(searcher, query.And([near, term("a")]))) == [0, 2]
    assert sorted(found(searcher, query.Or([spans.SpanNear(term("a"), term("b")), term("ab")]))) == [0, 2, 5]


def test_the_query_that_was_asked_stays_as_it_was(searcher: Any) -> None:
    asked = query.And([query.AndNot(query.Prefix("body", "a"), term("b")), query.Phrase("body", ["a", "c"])])
    text = repr(asked)
    searcher.search(asked)
    assert type(asked.subqueries[0]) is query.AndNot
    assert repr(asked) == text == repr(repaired(asked))


def test_a_deep_query_is_rewritten_once(searcher: Any) -> None:
    q = term("a")
    for _ in range(60):
        q = query.AndMaybe(q, term("b"))
    assert len(found(searcher, q)) == 5


def test_rows_come_once_and_in_order() -> None:
    assert rows_of(iter([3, 1, 3])).tolist() == [1, 3]
