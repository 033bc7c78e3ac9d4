"""Many texts folded at once are folded as each would be by itself."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from index.analysis.fold import compare
from index.analysis.folded import FoldTable

ODD = "かガｶﾞﾊﾟ゛゜\u3099\u309aéàe\u0301⼤⻑㍿㌔㈱①℃ﬁßΣς葛\U000e0100髙𠮷👨\u200d👩❤\ufe0f\u1100\u1161\u11a8각İ½"
ODD += "\u200b\ufeff\u202eＡａA0０ー- \n\0　。、"
texts = st.lists(
    st.text(st.one_of(st.sampled_from(ODD), st.characters(exclude_categories=["Cs"])), max_size=20), max_size=6
)
TABLE = FoldTable()


def plain(text: str) -> list[str]:
    """The stretches of letters of a text as it is compared."""
    return sorted("".join(c if c.isalnum() else "\0" for c in compare(text)).replace("\0", " ").split())


def stretches(texts: Sequence[str]) -> list[list[str]]:
    found: list[list[str]] = [[] for _ in texts]
    points, of = TABLE.points(texts)
    assert len(points) == len(of)
    last = None
    for point, text in zip(points.tolist(), of.tolist(), strict=True):
        if point:
            found[text].append(found[text].pop() + chr(point) if last == text else chr(point))
        last = text if point else None
    return [sorted(each) for each in found]


@given(texts)
def test_stretches_of_letters_are_those_of_each_text(given: list[str]) -> None:
    assert stretches(given) == [plain(text) for text in given]


def test_every_character_alone_and_beside_others() -> None:
    # A space, which is no letter, would join a stretch that str.split parts.
    every = [chr(point) for point in range(0x110000) if unicodedata.category(chr(point)) not in ("Cs", "Cn", "Co")]
    every = [f"あ{character}a" for character in every[::37]]
    assert stretches(every) == [plain(text) for text in every]


def test_no_texts() -> None:
    points, of = TABLE.points([])
    assert (points.tolist(), of.tolist()) in (([], []), ([0], [0]))
