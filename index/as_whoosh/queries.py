"""Queries of Whoosh's that went wrong, put right, and the rewriting of a tree into them.

Each class bears the name of the one it stands for and differs only in how it is matched. What is repaired:

- many terms (prefixes, patterns, ranges, fuzzy terms) lose their boost, and their score depends on how many terms
  there are and on how large the index is; here it is the boost, or with ``constantscore=False`` the terms' sum;
- ranges over numbers that end near the lowest number match everything, and one that starts past the highest fails;
- a boost over one subquery is lost; so is a constant score of 0, and any where terms are recorded;
- ``AndMaybe``, ``AndNot``, ``DisjunctionMax``: see the matchers; ``Require`` excludes what it requires;
- ``Not`` and ``ColumnQuery`` bring back deleted documents;
- queries over spans fail inside ``And``, ``Or``, and over patterns; ``WeightingQuery`` does nothing.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np

from index.as_whoosh import matchers
from index.whoosh_api import SearchContext, matching, query, spans, to_sortable


def repaired(tree: Any) -> Any:
    """A query as it is run: the same tree, copied, of the classes below; what has none there stays of its class."""
    return _repaired(tree, {})


def _repaired(node: Any, seen: dict[int, Any]) -> Any:
    # Nodes that hold a subquery twice (AndNot has it as b and among its subqueries) must not double at each level.
    if id(node) not in seen:
        seen[id(node)] = fixed = copy.copy(node)
        if fixed is not node:  # the query that matches nothing is one for all
            for name, value in vars(node).items():
                setattr(fixed, name, _part(value, seen))
            fixed.__class__ = _REPAIRED.get(type(node), type(node))
    return seen[id(node)]


def _part(value: Any, seen: dict[int, Any]) -> Any:
    if isinstance(value, query.Query):
        return _repaired(value, seen)
    if isinstance(value, (list, tuple)):
        return type(value)(_part(each, seen) for each in value)
    return value


def _is_walked(context: SearchContext | None) -> bool:
    """Whether somebody asks each row for its positions or terms."""
    return context is not None and context.needs_current


class _ManyTerms:
    """The matching of queries that stand for many terms of one field."""

    fieldname: str
    boost: float
    constantscore: bool

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        """Rows with any of the terms."""
        if self.fieldname not in searcher.schema:
            return matching.NullMatcher()
        terms = list(self._btexts(searcher.reader()))  # type: ignore[attr-defined]  # Whoosh's class has it
        if not terms:
            return matching.NullMatcher()
        if self.constantscore and not _is_walked(context):
            reader = searcher.reader()
            rows = chain.from_iterable(reader.postings(self.fieldname, term).all_ids() for term in terms)
            return matchers.Constant(matchers.rows_of(rows), self.boost)
        each = Or([query.Term(self.fieldname, term) for term in terms]).matcher(searcher, context)
        return matchers.ConstantScore(each, self.boost) if self.constantscore else _boosted(each, self.boost)

    def docs(self, searcher: Any) -> Any:
        """Rows with any of the terms."""
        return self.matcher(searcher, searcher.boolean_context()).all_ids()

    def estimate_size(self, reader: Any) -> int:
        """At most so many rows."""
        return sum(self._frequencies(reader))

    def estimate_min_size(self, reader: Any) -> int:
        """At least so many rows."""
        return max(self._frequencies(reader), default=0)

    def _frequencies(self, reader: Any) -> Iterator[int]:
        if self.fieldname in reader.schema:
            for term in self._btexts(reader):  # type: ignore[attr-defined]  # Whoosh's class has it
                yield reader.doc_frequency(self.fieldname, term)


def _boosted(matcher: Any, boost: float) -> Any:
    return matcher if boost == 1.0 else matching.WrappingMatcher(matcher, boost)


class Prefix(_ManyTerms, query.Prefix):
    """Terms with a beginning."""


class Wildcard(_ManyTerms, query.Wildcard):
    """Terms that a pattern of ``*`` and ``?`` matches."""


class Regex(_ManyTerms, query.Regex):
    """Terms that begin with what a regular expression matches."""


class FuzzyTerm(_ManyTerms, query.FuzzyTerm):
    """Terms not far from another."""


class Variations(_ManyTerms, query.Variations):
    """The forms of an English word."""


class TermRange(_ManyTerms, query.TermRange):
    """Terms between two."""


class NumericRange(_ManyTerms, query.NumericRange):
    """Numbers between two; an end that no number of the field reaches is open."""

    def _btexts(self, reader: Any) -> Iterator[bytes]:
        field = reader.schema[self.fieldname]
        for first, last, shift in _tiers(*self._ends(field), field.bits, field.shift_step):
            low, high = (field.sortable_to_bytes(number << shift, shift) for number in (first, last))
            for name, term in reader.terms_from(self.fieldname, low):
                if name != self.fieldname or term > high:
                    break
                yield term

    def _ends(self, field: Any) -> tuple[int, int]:
        low, high = 0, (1 << field.bits) - 1
        start, end = (_sortable(field, number) for number in (self.start, self.end))
        if start is not None:
            low = max(low, start + bool(self.startexcl))
        if end is not None:
            high = min(high, end - bool(self.endexcl))
        return low, high


class DateRange(NumericRange):
    """Times between two."""

    __repr__ = query.DateRange.__repr__


def _sortable(field: Any, number: Any) -> int | None:
    """A number as the field orders them, -1 or more than all of them where it has none so low or so high."""
    if number is None:
        return None
    if isinstance(number, (int, float)) and not field.decimal_places:
        if number < field.min_value:
            return -1
        if number > field.max_value:
            return int(1 << field.bits)
    return int(to_sortable(field.numtype, field.bits, field.signed, field.prepare_number(number)))


def _tiers(start: int, end: int, bits: int, step: int) -> Iterator[tuple[int, int, int]]:
    """The numbers from ``start`` to ``end`` as (first, last, shift), coarser in the middle; none if start is past end.

    ``first`` and ``last`` count what is left of a number once ``shift`` bits are cut off.
    """
    shift = 0
    while start <= end:
        inner_start, inner_end = -(-start >> step), ((end + 1) >> step) - 1
        if not step or shift + step >= bits or inner_start > inner_end:
            yield start, end, shift
            return
        if start < inner_start << step:
            yield start, (inner_start << step) - 1, shift
        if (inner_end + 1) << step <= end:
            yield (inner_end + 1) << step, end, shift
        start, end, shift = inner_start, inner_end, shift + step


class _Boosted:
    """A compound that keeps its boost where it has one subquery."""

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        """What the compound matches."""
        matcher = super().matcher(searcher, context)  # type: ignore[misc]  # Whoosh's class has it
        return _boosted(matcher, self.boost) if len(self.subqueries) == 1 else matcher  # type: ignore[attr-defined]


class And(_Boosted, query.And):
    """All of them."""


class Or(_Boosted, query.Or):
    """Any of them. Always by a tree of matchers, which keeps rows of score 0, positions and terms."""

    matcher_type = query.Or.DEFAULT_MATCHER


class DisjunctionMax(_Boosted, query.DisjunctionMax):
    """Any of them, scored by the best; ``tiebreak`` counts for nothing, as with Whoosh."""

    def _matcher(self, subs: Any, searcher: Any, context: Any) -> Any:
        reader = searcher.reader()
        return self._tree_matcher(
            subs, matchers.DisjunctionMax, searcher, context, lambda each: each.estimate_size(reader)
        )


class AndMaybe(query.AndMaybe):
    """The first, scored higher where the second matches too."""

    matcherclass = matchers.AndMaybe


class AndNot(query.AndNot):
    """The first without the second."""

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        """Rows of the first that the second has not."""
        without = self.b.matcher(searcher, searcher.boolean_context())
        return matchers.AndNot(self.a.matcher(searcher, context), without)


class Require(query.Require):
    """The first where the second matches too, scored by the first."""

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        """Rows of both."""
        required = self.b.matcher(searcher, searcher.boolean_context())
        return matching.RequireMatcher(self.a.matcher(searcher, context), required)


class Not(query.Not):
    """Everything else that is not deleted."""

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        """The other rows, with score 1."""
        found = list(self.query.matcher(searcher, searcher.boolean_context()).all_ids())
        return matchers.Constant(np.setdiff1d(_live(searcher), np.array(found, np.uint32)))


def _live(searcher: Any) -> Any:
    return matchers.rows_of(searcher.reader().all_doc_ids())


class Every(query.Every):
    """Every document, or every one that has a term in a field."""

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        """The rows, with the boost for a score."""
        reader, field = searcher.reader(), self.fieldname
        if field is None:
            return matchers.Constant(_live(searcher), self.boost)
        if field not in reader.schema or not reader.schema[field].indexed:
            return matching.NullMatcher()
        rows = chain.from_iterable(reader.postings(field, term).all_ids() for term in reader.lexicon(field))
        return matchers.Constant(matchers.rows_of(rows), self.boost)


class ConstantScoreQuery(query.ConstantScoreQuery):
    """Another query, with one score for all."""

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        """The other's rows."""
        matcher = self.child.matcher(searcher, context or SearchContext())
        if _is_walked(context):
            return matchers.ConstantScore(matcher, self.score)
        return matchers.Constant(matchers.rows_of(matcher.all_ids()), self.score)


class WeightingQuery(query.WeightingQuery):
    """Another query, scored by a model of its own."""

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        """The other's rows."""
        context = (context or searcher.context()).set(weighting=self.weighting)
        return self.child.matcher(searcher, context)


class ColumnQuery(query.ColumnQuery):
    """Documents whose value in a column is one, or passes a test."""

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        """The rows, with score 1."""
        reader, condition = searcher.reader(), self.condition
        if self.fieldname not in reader.schema or not reader.has_column(self.fieldname):
            return matching.NullMatcher()
        column = reader.column_reader(self.fieldname)
        passes = condition if callable(condition) else condition.__eq__
        return matchers.Constant(matchers.rows_of(row for row in reader.all_doc_ids() if passes(column[row]) is True))

    def estimate_size(self, reader: Any) -> int:
        """At most so many rows."""
        return int(reader.doc_count())


class _Spanning:
    """What queries over spans have in common: they ask each row for its positions, and say how many there may be."""

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        """Rows with such spans."""
        context = (context or searcher.context()).set(needs_current=True)
        return super().matcher(searcher, context)  # type: ignore[misc]  # Whoosh's class has it

    def estimate_size(self, reader: Any) -> int:
        """At most so many rows."""
        return int(reader.doc_count())

    def estimate_min_size(self, reader: Any) -> int:
        """At least so many rows."""
        return 0


def _spanning(original: Any) -> Any:
    return type(original.__name__, (_Spanning, original), {"__doc__": original.__doc__, "__module__": __name__})


_SPANNING = (
    query.Ordered,
    query.Sequence,
    spans.SpanBefore,
    spans.SpanCondition,
    spans.SpanContains,
    spans.SpanFirst,
    spans.SpanNear,
    spans.SpanNear2,
    spans.SpanNot,
    spans.SpanOr,
)

_REPAIRED: dict[Any, Any] = {
    query.And: And,
    query.AndMaybe: AndMaybe,
    query.AndNot: AndNot,
    query.ColumnQuery: ColumnQuery,
    query.ConstantScoreQuery: ConstantScoreQuery,
    query.DateRange: DateRange,
    query.DisjunctionMax: DisjunctionMax,
    query.Every: Every,
    query.FuzzyTerm: FuzzyTerm,
    query.Not: Not,
    query.NumericRange: NumericRange,
    query.Or: Or,
    query.Prefix: Prefix,
    query.Regex: Regex,
    query.Require: Require,
    query.TermRange: TermRange,
    query.Variations: Variations,
    query.WeightingQuery: WeightingQuery,
    query.Wildcard: Wildcard,
    **{original: _spanning(original) for original in _SPANNING},
}
