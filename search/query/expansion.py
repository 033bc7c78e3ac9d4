"""What else the words of a query may be written as: an operand's concepts → units, by class.

    readings   kana → the words with that reading; the dictionary's other spellings of a word, kana ⇔ Latin among them
    romaji     Latin letters → the same through katakana
    synonyms   the same word otherwise (日銀, 日本銀行); loosely, and for the partial tier alone, words near it
    variants   names with their kanji written in other ways
    glosses    what the user's own documents say a word is

Each class can be switched off, and opens the dictionary's tables only where a query needs them. What is found depends
on the words alone, and is remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from index.analysis import Analyzer
from index.analysis.fold import compare
from index.analysis.glosses import looked_up, may_be_glossed
from index.analysis.katakana import SKELETON, katakana
from index.analysis.keys import bare
from index.model import Slot
from search.query import romaji
from search.query.forms import Forms
from search.query.plan import CLASSES, SEQUENCE, Concept, Run, Unit
from search.query.readings import LONGEST, Readings, is_hiragana, is_katakana
from search.query.rereading import Reread, Rereader
from search.query.variants import variants

if TYPE_CHECKING:
    from index.lexicon import Entry, Lexicon
    from index.lexicon.relations import Related

SPAN = 8
"""Neighbouring concepts that are looked at together."""
MOST = 32
"""Terms of a unit."""
_REMEMBERED = 2048
_SHORTEST = 3
"""Morae of kana that are looked up inside an operand; one that is a word as a whole may be shorter."""
_ITSELF = 2
_LOWER = 3
"""Letters of a word in small letters that is not taken for one in capitals (oda is no ODA)."""
_UNKNOWN = 3
"""Readings of romaji that the dictionary knows none of, which are looked for in katakana."""

_KANA, _READING, _FOREIGN, _SAME, _LOOSE, _VARIANT, _GLOSS = 0.9, 0.8, 0.9, 0.8, 0.4, 0.9, 0.9
_NAMED, _RARE, _DOUBTFUL = 0.6, 0.4, 0.3
"""Weights beside the word itself, which has 1."""


class Expansion(NamedTuple):
    """The units over a run, and the words for which a bound was hit."""

    units: tuple[Unit, ...] = ()
    cut: tuple[str, ...] = ()


class Expander:
    """Expands the words of queries; safe from many threads.

    ``glosses`` gives the forms that documents give what is looked up (see ``search.engines.Engine``), ``lexicon`` opens
    the dictionary's tables.
    """

    def __init__(
        self,
        analyzer: Analyzer,
        lexicon: Callable[[], Lexicon],
        glosses: Callable[[str], Sequence[str]] | None = None,
    ) -> None:
        self._forms = Forms(analyzer)
        self._lexicon = lexicon
        self._glosses = glosses
        self._readings = Readings(lexicon, self._forms, analyzer)
        self._units = lru_cache(_REMEMBERED)(self._work_out)
        self._span = lru_cache(_REMEMBERED)(self._over)
        self._related = lru_cache(_REMEMBERED)(self._relatives)
        self._foreign = lru_cache(_REMEMBERED)(self._foreign_forms)
        self.rereader = Rereader(self._readings, self._of_documents)

    # A query that asks the dictionary nothing imports nothing of it.

    def _relatives(self, entry: Entry) -> list[Related]:
        from index.lexicon.relations import related

        return related(self._lexicon(), entry)

    def _foreign_forms(self, form: str) -> tuple[str, ...]:
        from index.lexicon.relations import foreign

        return foreign(self._lexicon(), form)

    def spelt_out(self, typed: str, slots: Sequence[Slot], off: frozenset[str]) -> Reread | None:
        """An operand that is several words in katakana or romaji, if it is; see ``Rereader``."""
        kana = is_katakana(compare(typed))
        if kana and not any(term.startswith(SKELETON) for slot in slots for term in slot.terms):
            return None  # the analysis knows it
        switch = "readings" if kana else "romaji"
        terms = slots[0].terms if len(slots) == 1 else (SEQUENCE.join(slot.terms[0] for slot in slots),)
        found = None if switch in off else self.rereader.spelt_out(typed, terms)
        return found._replace(last=len(slots)) if found is not None else None

    def joins(self, before: str, word: str, after: str) -> bool:
        """Whether a word in Latin letters is の between two others (minamoto no yoritomo)."""
        return compare(word) == "no" and all(
            romaji.readings(each) and not any(entry.surface.islower() for entry in self._readings.written(each))
            for each in (before, after)
        )

    def units(self, run: Run, off: frozenset[str], *, typed: str = "", again: bool = False) -> Expansion:
        """The units over a run: its concepts one by one, and spans of up to ``SPAN`` neighbours.

        ``typed`` is the operand where the run is all of it; ``again`` tells that the run was reread.
        """
        on = frozenset(CLASSES) - off
        return self._units(run, on, compare(typed), again) if on else Expansion()

    def _work_out(self, run: Run, on: frozenset[str], typed: str, again: bool) -> Expansion:
        units: list[Unit] = []
        cut: dict[str, None] = {}
        words = [compare(concept.text) for concept in run.concepts]
        for first in range(len(words)):
            for last in range(first, min(first + SPAN, len(words))):
                place = _place(run, first, last, typed, again)
                span = typed if place.whole and romaji.readings(typed) else "".join(words[first : last + 1])
                for found in self._span(span, _given(run, first, last), on, place):
                    if found.cut:
                        cut[span] = None
                    units.append(Unit(first, last, found.terms, found.weight, found.why, found.loose))
        return Expansion(tuple(units), tuple(cut))

    def _over(self, span: str, terms: tuple[str, ...], on: frozenset[str], place: _Place) -> tuple[_Found, ...]:
        """What stands for one stretch of text beside ``terms``; what several classes give belongs to the first."""
        found: list[_Found] = []
        given = {span, *terms}
        for each in self._classes(span, terms, on, place):
            new = tuple(term for term in dict.fromkeys(each.terms) if term not in given)
            given.update(new)
            if new:
                found.append(each._replace(terms=new[:MOST], cut=each.cut or len(new) > MOST))
        return tuple(found)

    def _classes(self, span: str, terms: tuple[str, ...], on: frozenset[str], place: _Place) -> Iterator[_Found]:
        if "readings" in on:
            yield from self._spellings(span)  # first, so that what the dictionary knows is named by it
        if "glosses" in on:
            yield from self._glossed(span, self._of_documents(span))
        if "readings" in on:
            yield from self._kana(span, terms, place)
            if terms and place.single and is_hiragana(span):
                yield _Found(self._readings.inflected(terms[-1]), _READING, "reading")
        if "romaji" in on:
            yield from self._romaji(span, place)
        if "variants" in on:
            yield from self._variants(span)
        if "synonyms" in on:
            yield from self._synonyms(span, terms, loosely=not place.inside)

    def _of_documents(self, span: str) -> Sequence[str]:
        said = looked_up(span)
        return self._glosses(said) if self._glosses and may_be_glossed(said) else ()

    def _glossed(self, span: str, forms: Sequence[str]) -> Iterator[_Found]:
        """What most documents say a word is: the same word, unless kana and Latin letters do not read alike."""
        forms, cut = forms[:MOST], len(forms) > MOST
        alike = [form for form in forms if _may_be_one(span, form)]
        sure = [form for form in alike if self._is_all_of(span, form)]
        yield _Found(self._terms(sure), _GLOSS, "gloss", cut=cut)
        near = [form for form in forms if form not in alike or (form not in sure and self._is_part_of(span, form))]
        doubtful = [form for form in alike if form not in (*sure, *near)]
        yield _Found(self._terms(doubtful), _DOUBTFUL, "gloss", cut=cut)
        yield _Found(self._terms(near), _LOOSE, "gloss", loose=True, cut=cut)

    def _is_part_of(self, span: str, form: str) -> bool:
        """Whether a word is read as a part of kana (信長 of おだのぶなが)."""
        reading, alone = katakana(span), self._forms.alone(form)
        return alone != reading and alone in reading

    def _is_all_of(self, span: str, form: str) -> bool:
        """Whether kana that glosses kanji is likely read so elsewhere too: no other word, nor more than the kanji."""
        if not is_hiragana(span) or form.isascii():
            return True
        reading = katakana(span)
        words = self._readings.words(reading).terms
        if form in words:
            return True
        return len(form) > 1 and not words and not self._is_part_of(span, form)

    def _spellings(self, span: str) -> Iterator[_Found]:
        """The dictionary's other spellings of a word, which the analysis gives only for what it takes as one word."""
        if len(span) < 2:
            return
        yield _Found(self._terms(self._foreign(span)), _FOREIGN, "foreign")
        if not is_hiragana(span):
            yield _Found(self._readings.spelt(span), 1.0, "")

    def _kana(self, span: str, terms: tuple[str, ...], place: _Place) -> Iterator[_Found]:
        hiragana = is_hiragana(span)
        if not (hiragana or is_katakana(span)) or romaji.morae(span) < place.least:
            return
        reading = katakana(span)
        if not hiragana and (known := self._readings.written(span)):
            if place.whole and self._is_spelling(known):
                yield _Found(self._same_names(reading, known), _NAMED, "reading")
            return
        words = self._readings.words(reading, suffixes=place.behind)
        if hiragana and (place.whole or place.single):
            yield _Found((self._forms.spelling(reading),), _KANA, "kana")
        rare = _rare(words.terms, terms)
        yield _Found(tuple(term for term in words.terms if term not in rare), _READING, "reading", cut=words.cut)
        yield _Found(tuple(rare), _RARE, "reading")

    def _same_names(self, reading: str, known: Sequence[Entry]) -> tuple[str, ...]:
        """The names in kanji that are of the same kind as one in katakana is: カナダ, a country, is not 金田."""
        kinds = dict.fromkeys(entry.pos for entry in known if self._readings.is_name(entry))
        return tuple(term for pos in kinds for term in self._readings.words(reading, pos=pos).terms)

    def _is_spelling(self, known: Sequence[Entry]) -> bool:
        """Whether katakana is but a way to write a name or a word in kanji: it is no word of its own."""
        return all(self._readings.is_name(entry) or not is_katakana(entry.norm) for entry in known)

    def _romaji(self, span: str, place: _Place) -> Iterator[_Found]:
        possible = romaji.readings(span)
        if not possible:
            return
        known = self._readings.written(romaji.plain(span))
        if place.lower:
            known = tuple([entry for entry in known if not entry.surface.isupper()])
        alike = [entry for entry in known if entry.reading in possible]
        if alike:
            words = {entry.reading: self._readings.words(entry.reading, pos=entry.pos) for entry in alike}
        elif not known or any(map(self._readings.is_name, known)):
            words = {reading: self._readings.words(reading) for reading in possible}
        else:
            return
        terms = [term for each in zip_longest(*(each.terms for each in words.values())) for term in each if term]
        if not terms and not known:
            yield _Found(tuple(map(self._forms.spelling, possible[:_UNKNOWN])), _READING, "romaji")
        if not terms:
            return
        as_kana = self._terms([reading for reading, each in words.items() if each.terms])
        as_kana = tuple([term for term in as_kana if not is_hiragana(term) and not self._readings.is_pronoun(term)])
        spelt = [romaji.plain(span), *as_kana]
        yield _Found((*spelt, *terms), _READING, "romaji", cut=any(each.cut for each in words.values()))

    def _variants(self, span: str) -> Iterator[_Found]:
        forms, cut = variants(span)
        if forms and any(map(self._readings.is_name, self._readings.written(span))):
            yield _Found(self._terms(forms), _VARIANT, "kanji-variant", cut=cut)

    def _synonyms(self, span: str, terms: tuple[str, ...], *, loosely: bool) -> Iterator[_Found]:
        same: list[str] = []
        short: list[str] = []
        loose: list[str] = []
        for form in dict.fromkeys((span, *terms[-1:])):
            for own in self._lexicon().own_synonyms(form):
                if own.kind == "same":
                    (short if own.rule == "abbreviation" else same).append(own.surface)
                elif own.kind == "loose" and loosely:
                    loose += self._terms([own.surface])
        for entry in self._meanings(span, terms):
            for other, kind, rule in self._related(entry):
                if kind == "same":
                    (short if rule == "abbreviation" else same).append(other.surface)
                elif loosely and not self._is_brand(entry) and not self._is_brand(other):
                    loose += self._readings.terms(other)
        yield _Found(self._terms(same), _SAME, "synonym")
        yield _Found(self._terms(short), _SAME, "abbreviation")
        yield _Found(tuple(loose), _LOOSE, "synonym", loose=True)

    def _meanings(self, span: str, terms: tuple[str, ...]) -> list[Entry]:
        """The entries of a word that have groups; of one in another form, those of its normalized form."""
        if len(span) < 2:
            return []
        entries = self._readings.written(span) or (self._readings.written(terms[-1]) if terms else ())
        return [entry for entry in entries if entry.groups]

    def _is_brand(self, entry: Entry) -> bool:
        """Whether a common word is also what a company or its ware is called (apple)."""
        if self._readings.is_name(entry):
            return False
        return any(map(self._readings.is_brand, self._readings.written(entry.surface)))

    def _terms(self, forms: Sequence[str]) -> tuple[str, ...]:
        return tuple(term for form in forms if (term := self._forms.term_of(form)) is not None)


def _given(run: Run, first: int, last: int) -> tuple[str, ...]:
    """The terms that stand for a stretch of a run already."""
    own = run.concepts[first].terms if first == last else ()
    return (*own, *(term for unit in run.units if (unit.first, unit.last) == (first, last) for term in unit.terms))


def _place(run: Run, first: int, last: int, typed: str, again: bool) -> _Place:
    whole = bool(typed) and last - first + 1 == len(run.concepts)
    inside = any(
        unit.first <= first and last <= unit.last and (unit.first, unit.last) != (first, last) for unit in run.units
    )
    text = run.typed(first, last)
    lower = len(text) >= _LOWER and text[1:].islower()
    known = inside or (first == last and not whole and _is_settled(run.concepts[first]))
    least = LONGEST if known else 1 if again else _ITSELF if whole or (typed and first) else _SHORTEST
    return _Place(least, whole, first == last, first > 0, inside, lower)


def _is_settled(concept: Concept) -> bool:
    """Whether the analysis knows a word in hiragana as one of kanji and an ending in kana, as verbs are."""
    norm = concept.terms[-1]
    return is_hiragana(compare(concept.text)) and not is_hiragana(norm) and is_hiragana(norm[-1])


class _Place(NamedTuple):
    """Where a stretch of a run is, and the ``least`` morae of kana to look up there.

    All of an operand, one concept, behind another, inside a long unit, in small letters.
    """

    least: int
    whole: bool
    single: bool
    behind: bool
    inside: bool
    lower: bool


class _Found(NamedTuple):
    """Terms that stand for a stretch of text by one rule."""

    terms: tuple[str, ...]
    weight: float
    why: str
    loose: bool = False
    cut: bool = False


def _rare(words: Sequence[str], terms: Sequence[str]) -> list[str]:
    """The words of one kanji, where the analysis or the dictionary knows a longer one with the same reading."""
    known = any(len(term) > 1 and not is_hiragana(term) and not is_katakana(term) for term in (*terms, *words))
    return [word for word in words if len(word) == 1] if known else []


def _may_be_one(a: str, b: str) -> bool:
    from index.lexicon.sounds import reads_as

    latin, other = (a, b) if a.isascii() else (b, a)
    return not latin.isascii() or reads_as(latin, bare(other))
