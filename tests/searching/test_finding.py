"""Where words stand: runs of one concept against the plain walk over slots, near ones against all choices of places."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, product

from hypothesis import given
from hypothesis import strategies as st

from search.fields import Values
from search.matching import Span, find_near, find_run
from search.query.plan import Concept, Match, Operand, Run, Unit

TERMS = ("短い", "長い", "別")
spans = st.builds(lambda start, length: Span(start, start + length), st.integers(0, 12), st.integers(1, 3))


class Standing:
    """A passage of which is known only where its terms stand."""

    def __init__(self, places: dict[str, list[Span]]) -> None:
        self._places = {term: sorted({span.start: span for span in of_one}.values()) for term, of_one in places.items()}

    def has(self, term: str) -> bool:
        return bool(self._places[term])

    def frequency(self, field: str, term: str) -> int:
        return len(self._places[term])

    def occurrences(self, field: str, term: str) -> Sequence[Span]:
        return self._places[term]

    def length(self, field: str) -> int:
        return 20

    def marks(self, field: str) -> bytes:
        return bytes(20)

    def text(self, field: str) -> str:
        return "字" * 20

    def spans(self, field: str) -> Sequence[tuple[int, int]]:
        return [(i, i + 1) for i in range(20)]

    def values(self) -> Values:
        return {}


@given(st.fixed_dictionaries({term: st.lists(spans, max_size=5) for term in TERMS}), st.booleans())
def test_a_concept_stands_where_its_terms_do_the_longest_first(places: dict[str, list[Span]], unit: bool) -> None:
    run = Run((Concept("短い", TERMS[:1] if unit else TERMS[:2]),), (Unit(0, 0, TERMS[1:2]),) if unit else ())
    view = Standing(places)
    standing = {span: term for term in reversed(TERMS[:2]) for span in view.occurrences("body", term)}
    expected, after = [], 0
    for span in sorted(standing, key=lambda span: (span.start, span.end)):
        if span.start >= after:
            expected.append((span, standing[span]))
            after = span.end
    found = find_run(run, view, "body")
    assert [(place.span, place.segments[0].term) for place in found] == expected
    assert all(len(place.segments) == 1 and not place.linked for place in found)


@given(st.fixed_dictionaries({term: st.lists(spans, max_size=5) for term in TERMS}), st.integers(0, 6))
def test_words_are_near_where_a_choice_of_their_places_is_short(places: dict[str, list[Span]], slack: int) -> None:
    operand = Operand("", Match.NEAR, (Run(tuple(Concept(term, (term,)) for term in TERMS)),), slack=slack)
    view = Standing(places)
    chosen = product(*(view.occurrences("body", term) for term in TERMS))
    near = [each for each in chosen if max(s.end for s in each) - min(s.start for s in each) <= len(TERMS) + slack]
    found = find_near(operand, view, "body")
    assert bool(found) == bool(near)
    for before, after in pairwise(found):
        assert before.span.end <= after.span.start
    for place in found:
        assert {standing.alternative.term for standing in place.words} == set(TERMS)
        assert place.span.end - place.span.start <= len(TERMS) + slack
