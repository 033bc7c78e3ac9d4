"""The table of contents: what it says comes back, and what says anything else is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from index.codec.contents import Contents, SegmentFacts, parsed

CONTENTS = Contents(("title", "body"), (SegmentFacts("1", 3), SegmentFacts("2a", 0), SegmentFacts("3", 9, (0, 4, 8))))


def test_it_comes_back() -> None:
    assert parsed(CONTENTS.to_bytes()) == CONTENTS
    assert parsed(Contents((), ()).to_bytes()) == Contents((), ())


SEGMENT = {"name": "1", "rows": 3, "deleted": []}
WRONG: dict[str, list[Any]] = {
    "contents": [0, 2, "1", None, [1]],
    "fields": [1, None, [1], ["a", "a"], [["a"]]],
    "segments": [
        1, None, "x", [1], [[]], [{}], [SEGMENT, SEGMENT], [{**SEGMENT, "more": 1}],
        *([{**SEGMENT, "name": name}] for name in ("", "../x", "a/b", "A", "x" * 33, 1, None, "1\n")),
        *([{**SEGMENT, "rows": rows}] for rows in (-1, 2**31, 10**30, 1.0, True, "3", None, [3])),
        *([{**SEGMENT, "deleted": rows}] for rows in ([3], [-1], [1, 1], [2, 1], ["1"], [0.0], "1", 1, None, [[1]])),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("key", "value"), [(key, value) for key in WRONG for value in WRONG[key]], ids=repr)
def test_whatever_else_it_says_is_refused(key: str, value: object) -> None:
    content = json.loads(CONTENTS.to_bytes())
    with pytest.raises(ValueError, match=r"it |segment|is no|no name"):
        parsed(json.dumps({**content, key: value}).encode())
    del content[key]
    with pytest.raises(ValueError, match="it is no table of contents"):
        parsed(json.dumps(content).encode())


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"1", b"null", b'"x"', b"\xff", b"[" * 100_000, b"9" * 5000])
def test_what_is_no_table_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parsed(raw)
