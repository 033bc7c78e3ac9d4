"""Words of one's own in a generation → an analyzer, and what a lexicon has beside the system dictionary's tables."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from index import directory as on_disk
from index.analysis import Analyzer
from index.errors import DamagedIndex, SourceError
from index.manifest import Manifest
from index.own.recorded import SYNONYMS, WORDS

if TYPE_CHECKING:
    from index.lexicon.tables import Tables
    from index.own.synonyms import Synonyms


class OwnWords(NamedTuple):
    """What is opened of a generation; nothing of it is needed of the folder any more."""

    analyzer: Analyzer
    tables: Tables | None = None
    synonyms: Synonyms | None = None


def open_own(directory: Path, manifest: Manifest, progress: Callable[[int, int], None] | None = None) -> OwnWords:
    """The words of one's own of a generation: all read now, since a rebuild removes the files.

    Raises ``DamagedIndex`` for files that are not as they were written. ``progress`` is called if words have to be
    compiled first.
    """
    synonyms = None
    if SYNONYMS in manifest.files:
        from index.own.synonyms import Synonyms

        content = on_disk.read_file(directory, manifest, SYNONYMS)
        synonyms = Synonyms(content, partial(_fail, directory, manifest, SYNONYMS))
    if WORDS not in manifest.files:
        return OwnWords(Analyzer(), None, synonyms)
    from index.own.compiling import compiled
    from index.own.dictionary import Words

    try:
        found = compiled(Words([(WORDS, on_disk.read_file(directory, manifest, WORDS))]), progress)
    except SourceError as error:
        _fail(directory, manifest, WORDS, str(error), error)
    analyzer = Analyzer(found.dictionary)
    analyzer.open()
    return OwnWords(analyzer, found.tables, synonyms)


def check_own(directory: Path, manifest: Manifest) -> None:
    """Reads all of what a generation has of one's own words; raises ``DamagedIndex``."""
    synonyms = open_own(directory, manifest).synonyms
    if synonyms is not None:
        synonyms.of("")


def _fail(directory: Path, manifest: Manifest, name: str, why: str, cause: BaseException | None = None) -> NoReturn:
    file = on_disk.generation_folder(directory, manifest.generation) / name
    raise DamagedIndex(f"{file} cannot be used ({why}): {on_disk.mend(directory)}") from cause
