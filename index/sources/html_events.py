"""An HTML tree → a flat stream of what a reader sees: tags that open and close, and the text between them.

The tree is walked without recursion: a page may nest deeper than Python's stack. An element that is not shown is left
out with all that it holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from selectolax.lexbor import LexborNode

OPEN, CLOSE, TEXT = range(3)


def tags(names: str) -> frozenset[str]:
    """The set of the names, given with blanks between."""
    return frozenset(names.split())


UNSEEN = tags(
    "head title script style noscript template svg iframe noframes noembed object audio video canvas rt "
    "rp rtc select datalist textarea"
)
"""What a browser does not show as text, or shows as a control; and the readings of ruby."""

CHROME = tags("nav footer aside form button")
"""What stands around the text of a page."""

_CHROME_ROLES = tags("banner complementary contentinfo form navigation search")


class Event(NamedTuple):
    """``OPEN`` or ``CLOSE`` with a tag, or ``TEXT`` with the text as it is in the source."""

    kind: int
    value: str


def events(root: LexborNode, with_chrome: bool) -> Iterator[Event]:
    """What is below the root. A <header> is chrome, the page's, only directly below it."""
    stack: list[tuple[LexborNode, str]] = []
    node = root.first_child
    while node is not None or stack:
        if node is None:
            parent, tag = stack.pop()
            yield Event(CLOSE, tag)
            node = parent.next
            continue
        tag = node.tag or "-"
        if tag == "-text":
            yield Event(TEXT, node.text(deep=False))
        elif tag[0] != "-" and _is_shown(node, tag) and (with_chrome or not _is_chrome(node, tag, not stack)):
            yield Event(OPEN, tag)
            stack.append((node, tag))
            node = node.first_child
            continue
        node = node.next


def _is_shown(node: LexborNode, tag: str) -> bool:
    if tag in UNSEEN:
        return False
    attributes = node.attributes
    return "hidden" not in attributes and (attributes.get("aria-hidden") or "").strip().lower() != "true"


def _is_chrome(node: LexborNode, tag: str, on_top: bool) -> bool:
    return tag in CHROME or (on_top and tag == "header") or node.attributes.get("role") in _CHROME_ROLES
