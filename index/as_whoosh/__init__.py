"""The index as Whoosh's own searcher, parser, sorting and highlighting know one.

    formats     what a posting's value is in memory: plain arrays where Whoosh pickles
    japanese    an analyzer of Whoosh's around the chain
    schema      a closed table of fields, analyzers and columns, to JSON and back
    values      stored values as JSON
    store       the rows of one segment: what is written of them, and how they are read
    codec       Whoosh's codec over those rows, and the segment as Whoosh knows one
    terms       its terms; postings: how matchers walk them; documents: lengths, columns, stored values
    collecting  what Whoosh's writers hand over, until a commit
    matchers    matchers of Whoosh's that went wrong, put right
    queries     queries of Whoosh's that went wrong, put right, and the rewriting of a tree into them
    searcher    a searcher that rewrites first and collects exactly
    writer      one writer at a time; a commit is a new generation
    whole       the index: readers, searchers, writers, generations

Nothing of Whoosh's is patched: its classes are derived from, and a query is rewritten before it is run.
"""
