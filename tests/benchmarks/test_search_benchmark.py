"""What the search benchmark asks and tells: the same questions for the same seed, in their classes, and ratios."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pytest
from benchmarks.given import Given, prepare
from benchmarks.plain import Plain, difference
from benchmarks.queries import CLASSES, FREQUENT, RARE, Drawing
from benchmarks.search import compared, percentiles, ratio

PASSAGES = 12


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Given:
    """A corpus of a few documents, each said again in other orders."""
    folder = tmp_path_factory.mktemp("given")
    corpus = folder / "small.jsonl"
    words = "京都の寺は静かだ。 北山の雪を見た。 東京タワーへ行きました。 大学教授と猫が鳴いている。".split()
    documents = [{"_id": str(i), "text": "\n".join(words[i:] + words[:i])} for i in range(4)]
    corpus.write_text("\n".join(json.dumps(document, ensure_ascii=False) for document in documents), encoding="utf-8")
    return prepare([corpus], 0, PASSAGES, 1, folder / "work")


def _slots(given: Given, passage: int) -> list[tuple[str, str]]:
    """Each slot of a passage: what stands there, and its term."""
    text, part = given.text(passage), slice(given.bounds[passage], given.bounds[passage + 1])
    spans = zip(given.starts[part].tolist(), given.ends[part].tolist(), given.tokens[part].tolist(), strict=True)
    return [(text[start:end], given.terms[token]) for start, end, token in spans]


def test_a_term_is_the_normalized_form(given: Given) -> None:
    assert ("行き", "行く") in _slots(given, 0)
    assert ("京都", "京都") in _slots(given, 0)


def test_shuffled_passages_have_the_same_words_in_another_order(given: Given) -> None:
    assert (len(given), given.base) == (PASSAGES, 4)
    for passage in range(given.base, PASSAGES):
        shuffled, plain = _slots(given, passage), _slots(given, passage % given.base)
        assert Counter(shuffled) == Counter(plain)
        assert shuffled != plain


def test_what_is_prepared_is_read_again(given: Given) -> None:
    again = prepare([given.folder.parent.parent / "small.jsonl"], 0, PASSAGES, 1, given.folder.parent)
    assert list(again.rows()) == list(given.rows())


@pytest.mark.parametrize("name", [name for name in CLASSES if "rare" not in name])
def test_the_same_questions_are_drawn_for_the_same_seed(given: Given, name: str) -> None:
    drawn = Drawing(given).draw(name, 20, 1)
    assert len(drawn) == 20
    assert Drawing(given).draw(name, 20, 1) == drawn
    assert Drawing(given).draw(name, 20, 2) != drawn


def test_questions_are_of_their_class(given: Given) -> None:
    drawing = Drawing(given)
    assert {len(query.terms) for query in drawing.draw("AND of 2–3", 40, 1)} == {2, 3}
    assert {len(query.terms) for query in drawing.draw("OR of 3–6", 80, 1)} == {3, 4, 5, 6}
    assert not any(set("のはをへがだ") & set(query.terms) for query in drawing.draw("OR of 3–6", 40, 1))
    assert all(query.filtered for query in drawing.draw("filter + OR", 5, 1))
    shares = dict(zip(given.terms, (given.frequencies / len(given)).tolist(), strict=True))
    assert all(shares[query.terms[0]] > FREQUENT for query in drawing.draw("frequent term", 20, 1))


def test_phrases_stand_in_the_passages(given: Given) -> None:
    plain = Plain(given)
    for name in ("phrase of 2–3", "phrase of 2–3 with a particle"):
        for query in Drawing(given).draw(name, 10, 1):
            assert any(query.text in given.text(passage) for passage in range(given.base))
            assert (plain.scores(query.kind, query.terms) > 0).any()


def test_too_small_a_corpus_is_refused(given: Given) -> None:
    assert RARE[1] < 1 / PASSAGES
    with pytest.raises(ValueError, match="too small for 5 questions of the class 'rare term'"):
        Drawing(given).draw("rare term", 5, 1)


def test_a_difference_is_told() -> None:
    scores = np.array([1.0, -1.0, 2.0, 1.0])
    assert difference(scores, [(2, 2.0), (0, 1.0), (3, 1.000001)]) is None
    assert difference(scores, [(2, 2.0), (0, 1.0)]) == "2 passages, not 3"
    assert difference(scores, [(2, 2.1), (0, 1.0), (3, 1.0)]) == "passage 2 has 2.100000, not 2.000000"
    assert difference(scores, [(2, 2.0), (3, 1.0), (0, 1.0)]) == "passage 3 stands where 0 should"
    assert difference(scores, [(2, 2.0)], k=1) is None


def test_ratios_have_two_digits() -> None:
    told = [ratio(1, 300), ratio(1, 3), ratio(3, 2), ratio(123, 10), ratio(20_000, 1)]
    assert told == ["0.0033", "0.33", "1.5", "12", "20,000"]


def test_percentiles_are_milliseconds_and_compared_over_the_same_questions() -> None:
    ours = [1_000_000] * 100 + [9_000_000] * 100
    assert percentiles(ours[:100]) == [1.0, 1.0, 1.0]
    assert compared([2_000_000] * 100, ours) == "2.0 / 2.0 / 2.0"
    assert compared(None, ours) == compared([1], None) == "–"
