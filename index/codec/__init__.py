"""The columnar codec: the files of an index as arrays that are mapped, not read.

A segment is a set of files, each a container of arrays (``container``):

    SEGMENT-N.field     field number N: ``terms``, ``postings``, ``positions``, and ``slots`` of a word field
    SEGMENT.grams       characters and pairs of them: ``grams``
    SEGMENT.stored      what is kept of each row: ``stored``

The codec knows bytes and integers; which texts and terms they stand for, its callers know.
"""
