"""A searcher that rewrites a query before it runs it, and collects exactly.

Whoosh skips what its bounds say cannot be among the best; those bounds do not hold for every tree of matchers, and what
is skipped is missing from the results. Here every row that matches is looked at, so that counts are exact, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from index.as_whoosh.queries import repaired
from index.whoosh_api import Searcher as WhooshSearcher
from index.whoosh_api import collectors


class FilterCollector(collectors.FilterCollector):
    """Lets pass what a filter allows, whoever asks for the matches: Whoosh's is ignored below a time limit.

    A filter that allows nothing lets nothing pass, where Whoosh's takes it for none.
    """

    def prepare(self, top_searcher: Any, q: Any, context: Any) -> None:
        """Before a search."""
        self.child.prepare(top_searcher, q, context)
        self._allow = top_searcher._filter_to_comb(self.allow)
        self._restrict = top_searcher._filter_to_comb(self.restrict)
        self.filtered_count = 0

    def matches(self) -> Iterator[int]:
        """The rows of a segment that pass."""
        for row in self.child.matches():
            if self._passes(self.child.offset + row):
                yield row
            else:
                self.filtered_count += 1

    def _passes(self, number: int) -> bool:
        allowed = self._allow is None or number in self._allow
        return allowed and (self._restrict is None or number not in self._restrict)

    def all_ids(self) -> Iterator[int]:
        """What passes, of all segments."""
        return filter(self._passes, self.child.all_ids())

    collect_matches = collectors.WrappingCollector.collect_matches


class Searcher(WhooshSearcher):
    """Whoosh's searcher, put right."""

    def collector(self, filter: Any = None, mask: Any = None, **options: Any) -> Any:  # noqa: A002  # as Whoosh calls it
        """A collector as Whoosh's searcher makes it; what is filtered out, nothing in it sees."""
        made = super().collector(**options)
        if filter is None and mask is None:
            return made
        return _around_the_innermost(made, lambda child: FilterCollector(child, filter, mask))

    def search_with_collector(self, q: Any, collector: Any, context: Any = None) -> None:
        """Runs a query; a collector of any make."""
        super().search_with_collector(repaired(q), _exact(collector), context)

    def docs_for_query(self, q: Any, for_deletion: bool = False) -> Any:
        """The numbers of the documents that a query matches."""
        return super().docs_for_query(repaired(q), for_deletion)

    def refresh(self) -> Searcher:
        """A searcher of the newest generation; this one is closed, unless it is that. Whoosh's leaves files open."""
        if self._ix is None:
            raise ValueError("a searcher made without an index cannot be refreshed")
        if self.up_to_date():
            return self
        fresh = type(self)(self._ix.reader(), fromindex=self._ix, weighting=self.weighting)
        self.close()
        return fresh


def _around_the_innermost(collector: Any, wrap: Any) -> Any:
    if not isinstance(collector, collectors.WrappingCollector):
        return wrap(collector)
    collector.child = _around_the_innermost(collector.child, wrap)
    return collector


def _exact(collector: Any) -> Any:
    """The collector, made to look at every match; a filter of Whoosh's inside it becomes one that holds."""
    if isinstance(collector, collectors.ScoredCollector):
        collector.replace = 0
        collector.usequality = False
    if isinstance(collector, collectors.WrappingCollector):
        child = collector.child
        if type(child) is collectors.FilterCollector:
            collector.child = FilterCollector(child.child, child.allow, child.restrict)
        _exact(collector.child)
    return collector
