"""The name each file of several sources goes by, decided before any of them is read.

A file's name is its path relative to its source. Where sources share one, those that collide, and only those, get the
name of their source in front: ``notes/a.txt`` and ``press/a.txt`` instead of ``a.txt`` twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from index.sources.files import Found, find, is_folder, printable


def named(sources: Sequence[Path]) -> list[Found]:
    """The files of all sources in order, no two with the same name.

    A file that two sources reach (the same source twice, a folder and its parent) is there once, from the first.
    """
    found = _distinct(sources)
    counts = Counter(file.name for _, file in found)
    labels = _labels(sources)
    taken = {name for name, count in counts.items() if count == 1}
    result: list[Found] = []
    for source, file in found:
        name = file.name
        if counts[name] > 1:
            name = _free(labels[source], name, taken)
            taken.add(name)
        result.append(Found(file.path, name))
    return result


def _distinct(sources: Sequence[Path]) -> list[tuple[int, Found]]:
    seen: set[Path] = set()
    found: list[tuple[int, Found]] = []
    for number, source in enumerate(sources):
        root = source.resolve()
        for file in find(source):
            place = root / file.path.relative_to(source)
            if place not in seen:
                seen.add(place)
                found.append((number, file))
    return found


def _labels(sources: Sequence[Path]) -> list[str]:
    """A name for each source: its folder's (a file's is that of the folder it is in), with the parent's if need be."""
    places = [source.resolve() if ".." in source.parts else source.absolute() for source in sources]
    places = [place if is_folder(place) else place.parent for place in places]
    names = [place.name or "root" for place in places]
    counts = Counter(names)
    labels = [
        name if counts[name] == 1 or not place.parent.name else f"{place.parent.name}/{name}"
        for name, place in zip(names, places, strict=True)
    ]
    return [printable(label) for label in labels]


def _free(label: str, name: str, taken: set[str]) -> str:
    """``label/name``, or with ``-2``, ``-3``, … after the label where another file has that name already."""
    candidate, number = f"{label}/{name}", 1
    while candidate in taken:
        number += 1
        candidate = f"{label}-{number}/{name}"
    return candidate
