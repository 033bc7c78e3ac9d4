"""Files of one's own words, as they are named → files of a generation."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index.errors import OtherAnalysis, SourceError, UsageError
from index.own.recorded import NOTHING, SYNONYMS, WORDS, Given, ListFile, Own, read
from index.own.settings import Settings, parsed, settings_files

PathOrPaths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was read, to be written into the folder of a generation: contents by the paths of their files."""

    own: Own = NOTHING
    dictionary: tuple[tuple[str, bytes], ...] = ()
    synonyms: tuple[tuple[str, bytes], ...] = ()

    def write_dictionary(self, folder: Path) -> Path | None:
        """Writes the dictionary's lines, and gives what they are compiled to; None if there are none.

        ``SourceError`` names a line.
        """
        if not self.dictionary:
            return None
        from index.own.compiling import compiled
        from index.own.dictionary import Words

        words = Words(self.dictionary)
        (folder / WORDS).write_bytes(words.content)
        return compiled(words).dictionary

    def write_synonyms(self, folder: Path) -> None:
        """Writes the groups of synonyms, if there are any; ``SourceError`` names a line."""
        file = folder / SYNONYMS
        file.unlink(missing_ok=True)  # it may be a link to the one of the generation before
        if not self.synonyms:
            return
        from index.own.synonyms import members, to_bytes

        file.write_bytes(to_bytes(group for name, content in self.synonyms for group in members(name, content)))


def named_files(
    dictionary: PathOrPaths | None, synonyms: PathOrPaths | None, settings: str | os.PathLike[str] | None
) -> Given:
    """The arguments of a build as they are recorded."""
    return Given(_absolute(dictionary), _absolute(synonyms), None if settings is None else _absolute(settings)[0])


def with_others(recorded: Given, others: Given) -> Given:
    """What was recorded, with what is named anew in its place."""
    return Given(
        others.dictionary or recorded.dictionary,
        others.synonyms or recorded.synonyms,
        others.settings or recorded.settings,
    )


def _absolute(paths: PathOrPaths | None) -> tuple[str, ...]:
    if paths is None:
        return ()
    names = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    if not all(os.fspath(name) and "\0" not in os.fspath(name) for name in names):
        raise UsageError("a file of one's own words has no usable name: name a file")
    return tuple(dict.fromkeys(str(Path(name).absolute()) for name in names))


def prepare(given: Given, sources: Sequence[Path]) -> Prepared:
    """Reads what is named; raises ``SourceError`` for a file that cannot be read, or for settings that say nonsense."""
    kept: list[ListFile] = []
    settings = Settings()
    for path in settings_files(given, sources):
        facts, content = _read(path, "settings")
        kept.append(facts)
        both = zip(settings, parsed(path, content), strict=True)
        settings = Settings(*(tuple(dict.fromkeys((*before, *more))) for before, more in both))
    dictionary = [_read(path, "a dictionary of one's own words") for path in given.dictionary or settings.dictionary]
    synonyms = [_read(path, "one's own synonyms") for path in given.synonyms or settings.synonyms]
    own = Own(
        given,
        tuple(facts for facts, _ in dictionary),
        tuple(facts for facts, _ in synonyms),
        tuple(kept),
        settings.off,
    )
    return Prepared(own, *(tuple((facts.path, content) for facts, content in each) for each in (dictionary, synonyms)))


def _read(path: str, what: str) -> tuple[ListFile, bytes]:
    try:
        return read(path)
    except (OSError, ValueError) as error:  # the latter of a name that no file has
        why = getattr(error, "strerror", None) or error
        raise SourceError(f"{path}, named for {what}, cannot be read ({why}): name another file") from error


def check_dictionary(own: Own, directory: Path, way_out: str) -> None:
    """Raises ``OtherAnalysis`` where a dictionary has another content than the index was made with."""
    for each in own.dictionary:
        if each.is_changed():
            raise OtherAnalysis(
                f"{each.path} changed since {directory} was built, so that words would be cut otherwise: {way_out}"
            )


def check_same(own: Own, other: Own, directory: Path) -> None:
    """Raises ``OtherAnalysis`` where an index in ``directory`` was made with another dictionary of one's own."""
    if _contents(own) != _contents(other):
        raise OtherAnalysis(f"{directory} was built with other words of one's own: build it with the same dictionary")


def _contents(own: Own) -> list[str]:
    return [each.sha256 for each in own.dictionary]


def followed(own: Own, sources: Sequence[Path], directory: Path, way_out: str) -> Prepared | None:
    """What an update takes of one's own words: None for what is there already.

    Synonyms and what is off are only asked for by searches, so that they may be others; with another dictionary words
    would be cut otherwise: ``OtherAnalysis``.
    """
    files = settings_files(own.given, sources)
    if not any(own.changed()) and files == [each.path for each in own.settings]:
        return None
    prepared = prepare(own.given, sources)
    if _contents(prepared.own) != _contents(own):
        raise OtherAnalysis(f"{directory} was built with other words of one's own than its sources name now: {way_out}")
    return replace(prepared, dictionary=())
