"""The judge and the scorer of ``search.matching`` and ``search.ranking`` over many passages at once, as numpy arrays.

They say the same, to the last bit of a score: the plain ones, passage by passage, are the oracle. All of it is about
one segment; a *row* is a passage's number there, and sets of rows are ascending arrays.
"""
