"""Everything the library raises on purpose.

    SakuinError
    ├── UsageError          a query or an argument that cannot be carried out
    ├── SourceError         a source that does not exist or contradicts another
    ├── FailedMeasure       a measure of an evaluation that has no value
    ├── LostWorker          a process that helps to build ended, or could not be started
    └── DirectoryError      an index directory that cannot be used
        ├── MissingIndex    there is no index there
        ├── ForeignFolder   the folder holds something that is not ours
        ├── DamagedIndex    ours, but not as it was written
        ├── LockedIndex     another process is building there
        └── OtherAnalysis   made with another dictionary, chain or format, so nothing can be added

A message is one line for a reader: what happened, where, and the way out. The command prints it on stderr and exits
with 2; a program catches ``SakuinError``.
"""


class SakuinError(Exception):
    """The root of the tree; never raised itself."""


class UsageError(SakuinError):
    """A query or an argument that cannot be carried out: nothing to search for, a negative limit."""


class SourceError(SakuinError):
    """A source that does not exist, or two that contradict each other."""


class FailedMeasure(SakuinError):
    """A measure of an evaluation has no value, or one that it cannot have."""


class LostWorker(SakuinError):
    """A process that helps to build ended before its work did, or could not be started."""


class DirectoryError(SakuinError):
    """An index directory that cannot be used."""


class MissingIndex(DirectoryError):
    """There is no index in the directory."""


class ForeignFolder(DirectoryError):
    """The folder holds files but no manifest of ours; nothing in it is opened or changed."""


class DamagedIndex(DirectoryError):
    """The manifest or a file it names is not as it was written."""


class LockedIndex(DirectoryError):
    """Another process holds the lock of the directory."""


class OtherAnalysis(DirectoryError):
    """The index was made with another dictionary, chain or format: what is added would not go with what is there."""
