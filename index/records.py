"""Document → records: what is kept of it, its passages, and for each the texts that are searched."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from index.analysis import Analyzer
from index.analysis.fold import whole
from index.errors import SourceError
from index.model import Document, Passage, Slot
from index.passages import passages
from index.writers import GIVEN, Entry, Record

_TITLE = 500
"""Characters that are kept of a title or a heading; what is longer is none."""
_SHOWN = 80
"""Characters of an id that a message shows."""


class Version(NamedTuple):
    """A document as it is kept, and the digest that tells it from others of its id."""

    document: Document
    digest: int


def version_of(document: Document, *, given: bool) -> Version:
    """A document as ``cleaned`` keeps it; ``given`` tells that a program gave it, and not a source."""
    kept = cleaned(document)
    return Version(kept, digest(kept) & ~GIVEN | (GIVEN if given else 0))


def digest(document: Document) -> int:
    """Eight bytes of BLAKE2b over everything of a document as it is kept; the order of its fields does not count."""
    blocks = [(block.start, block.end, block.kind.value, block.level) for block in document.blocks]
    content = (document.id, document.title, document.text, document.path, document.fields, blocks)
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest(), "little")


def records_of(document: Document, digest: int = GIVEN) -> Iterator[Record]:
    """The passages of a document as ``cleaned`` keeps it, one at a time."""
    for passage in passages(document):
        if any(len(heading.text) > _TITLE for heading in passage.headings):
            passage = replace(passage, headings=tuple(h._replace(text=h.text[:_TITLE]) for h in passage.headings))
        texts = {"title": document.title, "headings": _headings_above(passage), "body": passage.text}
        yield Record(document, passage, texts, digest=digest)


def entries_of(document: Document, analyzer: Analyzer) -> list[Entry]:
    """A document's passages with their slots, text by text: the plain way."""
    known: dict[str, Sequence[Slot]] = {"": ()}
    entries = []
    for record in records_of(cleaned(document)):
        for text in (record.texts["title"], record.texts["headings"]):
            if text not in known:
                known[text] = analyzer.slots(text)
        slots = {name: known[text] for name, text in record.texts.items() if name != "body"}
        slots["body"] = analyzer.slots(record.passage.text)
        entries.append(Entry(record.document, record.passage, record.texts, slots))
    return entries


def _headings_above(passage: Passage) -> str:
    """The headings above a passage; one inside it is in its body and counts once."""
    return "\n\n".join(h.text for h in passage.headings if not passage.start <= h.start < passage.end)


def cleaned(document: Document) -> Document:
    """The document as it is kept: no lone surrogates, which no file can hold, offsets as they were; no endless title.

    Raises ``SourceError`` for fields that are no JSON values.
    """
    try:
        fields = json.loads(whole(json.dumps(dict(document.fields), ensure_ascii=False))) if document.fields else {}
    except (TypeError, ValueError, RecursionError) as error:
        raise SourceError(
            f"the fields of the document {short(document.id)} are no JSON values ({error}): use strings, numbers, "
            "lists and dictionaries"
        ) from error
    return replace(
        document,
        id=whole(document.id),
        title=whole(document.title[:_TITLE]),
        text=whole(document.text),
        path=None if document.path is None else whole(document.path),
        fields=fields,
    )


def short(name: str) -> str:
    """An id for a message, which is one line."""
    return repr(name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…")


def size_of(text: str) -> int:
    """The bytes of a text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
