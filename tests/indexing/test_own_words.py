"""Words of one's own: dictionaries and synonyms that an index is built with, and what becomes of them."""

from __future__ import annotations

import json
import os
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

import index
import search
from index import DamagedIndex, Document, OtherAnalysis, SourceError, cli, pipeline
from index import directory as on_disk
from index.lexicon import Entry, Lexicon
from index.lexicon.relations import related
from index.manifest import parsed
from index.own import compiling
from index.own.compiling import _build
from index.own.dictionary import Words, rows
from index.own.opening import open_own
from index.own.recorded import FILES, NOTHING
from index.own.synonyms import Synonyms, members, to_bytes
from index.verify import verify
from index.workers import Worker

PLACE = "三千花区,4786,4786,5000,三千花区,名詞,固有名詞,地名,一般,*,*,ミチカク,三千花区,*,A,*,*,*,*\n"
SHORT = "エヌビ,4786,4786,5000,エヌビ,名詞,固有名詞,一般,*,*,*,エヌビ,NVIDIA,*,A,*,*,*,*\n"
ODD = "逆索引屋,5146,5146,5000,逆索引屋,名詞,屋号,一般,*,*,*,ギャクサクインヤ,逆索引屋,*,A,*,*,*\n"
WORDS = f"\ufeff{PLACE}\n{SHORT}{ODD}"
GROUPS = """\
# 社内の言葉
1,1,0,1,0,0,0,(),三千花区,,
1,1,0,1,0,2,0,(),花特区,,
1,1,1,2,0,0,0,(),新区,,

000002,1,0,1,,,,,輸出規制,,
2,1,2,1,,,,,輸出管理
"""
TEXTS = {
    "place": "会議は三千花区で開かれた。",
    "person": "三千花さんが区の会議に出た。",
    "maker": "NVIDIAの株価が上がった。",
    "shop": "逆索引屋が店を開いた。",
}


class Made:
    """An index of a folder of texts, with a dictionary and synonyms beside the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.texts, self.index = folder / "texts", folder / "index"
        self.words, self.groups = folder / "words.csv", folder / "groups.txt"

    def build(self) -> None:
        self.texts.mkdir()
        for name, text in TEXTS.items():
            (self.texts / f"{name}.txt").write_text(text, encoding="utf-8")
        self.words.write_text(WORDS, encoding="utf-8")
        self.groups.write_text(GROUPS, encoding="utf-8")
        index.build(self.texts, self.index, dictionary=[self.words], synonyms=self.groups)

    def found(self, query: str) -> list[str]:
        with search.open_index(self.index) as idx:
            results = idx.search(query)
        assert not results.warnings
        return sorted(hit.document for hit in results if hit.tier == "word")

    def own(self) -> set[str]:
        return set(FILES).intersection(on_disk.read_manifest(self.index).files)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Built once: compiling a dictionary takes seconds."""
    made = Made(tmp_path_factory.mktemp("own"))
    made.build()
    return made


@pytest.fixture
def made(original: Made, tmp_path: Path) -> Made:
    """A copy whose manifest names the copied files."""
    copy = Made(tmp_path / "own")
    shutil.copytree(original.folder, copy.folder)
    path = copy.index / on_disk.MANIFEST
    content = json.loads(path.read_text().replace(str(original.folder), str(copy.folder)))
    rewrite(path, content)
    return copy


def rewrite(path: Path, content: dict[str, object]) -> None:
    """Writes a manifest with a checksum that is right."""
    content.pop("checksum", None)
    compact = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    path.write_text(json.dumps({**content, "checksum": zlib.crc32(compact.encode())}, indent=1))


def test_words_of_ones_own_are_found_as_one_and_by_what_they_are_normalized_to(made: Made) -> None:
    assert made.found("三千花区") == ["place.txt"]
    assert made.found("エヌビ") == ["maker.txt"]
    assert made.found("逆索引屋") == ["shop.txt"]
    assert made.own() == set(FILES)


def test_an_index_without_has_none_of_it(made: Made) -> None:
    index.build(made.texts, made.index)
    assert "own" not in on_disk.read_manifest(made.index).to_dict()
    assert on_disk.read_manifest(made.index).own == NOTHING
    assert made.own() == set()
    assert made.found("エヌビ") == []
    assert made.found("三千花") == ["person.txt", "place.txt"]


def test_the_lexicon_knows_them(made: Made) -> None:
    with search.open_index(made.index) as idx:
        (entry,) = idx.lexicon.written("三千花区")
        assert entry.reading == "ミチカク"
        assert entry in idx.lexicon.read("ミチカク")
        assert "エヌビ" in {each.surface for each in idx.lexicon.normed("NVIDIA")}
        assert {"NVIDIA", "エヌビ"} <= {each.surface.upper() for each in idx.lexicon.normed("nvidia")}
        (odd,) = idx.lexicon.written("逆索引屋")
        assert idx.lexicon.pos_of(odd.pos) == ("名詞", "屋号", "一般", "*", "*", "*")
        assert idx.lexicon.written("東京")


def test_processes_that_help_read_them_too(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "CHARACTERS", 1)
    monkeypatch.setattr(pipeline, "FEW", 0)
    monkeypatch.setattr(pipeline, "cores", lambda: 2)
    given: list[Path | None] = []

    class Noted(Worker):
        def __init__(self, own: Path | None = None) -> None:
            given.append(own)
            super().__init__(own)

    monkeypatch.setattr(pipeline, "Worker", Noted)
    for number in range(3):
        index.add(Document(f"d{number}", "", f"三千花区は{number}つ目。"), made.index)
    index.add([Document(f"e{number}", "", "三千花区の話。") for number in range(4)], made.index)
    assert given
    assert all(given)
    assert len(made.found("三千花区")) == 8


def test_many_texts_are_read_as_one_by_one(made: Made) -> None:
    own = open_own(made.index, on_disk.read_manifest(made.index)).analyzer
    texts = [*TEXTS.values(), "エヌビと三千花区と東京都、逆索引屋。", *TEXTS.values()]
    columns, words = own.columns(texts)
    terms = [words[word].terms for word in columns.words.tolist()]
    assert terms == [slot.terms for text in texts for slot in own.slots(text)]
    assert ("三千花区",) in terms


def test_updates_additions_and_deletions_keep_them(made: Made) -> None:
    (made.texts / "new.txt").write_text("三千花区の新しい話。", encoding="utf-8")
    assert index.update(made.index).added == 1
    assert made.found("三千花区") == ["new.txt", "place.txt"]
    index.add(Document("memo", "", "エヌビの覚え書き。"), made.index)
    assert made.found("エヌビ") == ["maker.txt", "memo"]
    index.delete("memo", made.index)
    assert made.found("NVIDIA") == ["maker.txt"]
    assert made.own() == set(FILES)
    assert verify(made.index, deep=True) == []
    assert index.update(made.index).added == 0


def test_a_rebuild_reads_the_files_anew(made: Made) -> None:
    made.words.write_text(PLACE.replace("三千花区", "逆索引"), encoding="utf-8")
    with search.open_index(made.index) as idx:
        (warning,) = idx.warnings
        assert f"{made.words}, which the index was made with, changed since" in warning
        assert "rebuild it" in warning
    with pytest.raises(OtherAnalysis, match=r"words\.csv changed since .* rebuild it"):
        index.update(made.index)
    with pytest.raises(OtherAnalysis, match=r"words\.csv changed since"):
        index.add(Document("a", "", "三千花区"), made.index)
    index.delete("shop.txt", made.index)
    index.rebuild(made.index)
    assert made.found("三千花区") == ["place.txt"]
    assert made.found("三千花") == ["person.txt", "place.txt"]
    (recorded,) = on_disk.read_manifest(made.index).own.dictionary
    assert recorded.path == str(made.words)
    made.words.unlink()
    assert made.found("逆索引") == ["shop.txt"]
    with pytest.raises(SourceError, match=r"words\.csv, named for .* cannot be read"):
        index.rebuild(made.index)


def test_a_file_that_was_only_touched_is_as_it_was(made: Made) -> None:
    os.utime(made.words, ns=(1, 1))
    assert made.found("三千花区") == ["place.txt"]
    assert index.update(made.index).added == 0


def test_synonyms_are_taken_by_an_update(made: Made) -> None:
    made.groups.write_text("5,1,0,1,0,0,0,(),三千花区,,\n5,1,0,1,0,0,0,(),花区,,\n", encoding="utf-8")
    with search.open_index(made.index) as idx:
        assert "groups.txt" in idx.warnings[0]
        assert "index update" in idx.warnings[0]
        index.update(made.index)
        assert {each.surface for each in idx.lexicon.own_synonyms("三千花区")} == {"花特区", "新区"}
        assert idx.refresh()
        assert idx.warnings == ()
        assert {each.surface for each in idx.lexicon.own_synonyms("三千花区")} == {"花区"}


def test_whoosh_reads_and_writes_them(made: Made) -> None:
    with index.open_whoosh(made.index).writer() as writer:
        writer.add_document(document="whoosh", body="三千花区へ行く。")
    assert made.found("三千花区") == ["place.txt", "whoosh"]
    assert made.own() == set(FILES)
    analyzer = index.open_whoosh(made.index).schema["body"].analyzer
    assert [token.text for token in analyzer("三千花区", mode="query")] == ["三千花区"]


def test_whoosh_adds_no_index_that_was_made_with_other_words(made: Made) -> None:
    index.build(made.texts, made.folder / "plain")
    plain = index.open_whoosh(made.folder / "plain")
    with plain.reader() as reader, index.open_whoosh(made.index).writer() as writer:
        with pytest.raises(OtherAnalysis, match="plain was built with other words of one's own"):
            writer.add_reader(reader)
        writer.add_reader(index.open_whoosh(made.index).reader())


def test_an_index_that_was_opened_goes_on_while_another_is_built(made: Made) -> None:
    with search.open_index(made.index) as idx:
        index.build(made.texts, made.index)
        assert [hit.document for hit in idx.search("三千花区")] == ["place.txt"]
        assert idx.lexicon.written("三千花区")
        assert idx.lexicon.own_synonyms("三千花区")
        assert idx.refresh()
        assert not idx.lexicon.written("三千花区")


def spoil(made: Made, name: str, content: bytes, *, told: bool) -> None:
    """Puts other bytes in a file of the generation; with ``told`` the manifest says that they are right."""
    file = on_disk.generation_folder(made.index, 1) / name
    file.write_bytes(content)
    if told:
        path = made.index / on_disk.MANIFEST
        manifest = json.loads(path.read_text())
        manifest["files"][name] = [len(content), zlib.crc32(content)]
        rewrite(path, manifest)


def ask(index_dir: Path) -> None:
    """Asks for everything that is of one's own."""
    with search.open_index(index_dir) as idx:
        idx.search("三千花区")
        idx.lexicon.written("三千花区")
        idx.lexicon.own_synonyms("三千花区")


@pytest.mark.parametrize("name", FILES)
def test_a_wrong_file_is_told_by_name(made: Made, name: str) -> None:
    content = (on_disk.generation_folder(made.index, 1) / name).read_bytes()
    ways: list[tuple[bytes, bool]] = [
        (content[: len(content) // 2], False),
        (bytes([*content[:20], content[20] ^ 1, *content[21:]]), False),
        (b"", True),
        (b"[]", True),
        (content[: len(content) // 2], True),
        (b'{"format": 9}', True),
    ]
    for wrong, told in ways:
        spoil(made, name, wrong, told=told)
        with pytest.raises(DamagedIndex, match=name):
            ask(made.index)
        if told:
            assert any(name in problem for problem in verify(made.index, deep=True))
        spoil(made, name, content, told=True)
    assert made.found("三千花区") == ["place.txt"]


def test_with_another_edition_of_the_dictionary_they_are_compiled_for_it(made: Made) -> None:
    path = made.index / on_disk.MANIFEST
    manifest = json.loads(path.read_text())
    manifest["fingerprint"]["dictionary_version"] = "19990101"
    rewrite(path, manifest)
    with search.open_index(made.index) as idx:
        assert "19990101" in idx.warnings[0]
        assert [hit.document for hit in idx.search("三千花区")] == ["place.txt"]


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that are compiled, each by a copy of what was compiled before."""
    made: list[Path] = []
    kept: list[bytes] = []

    def build(words: Words, file: Path) -> None:
        made.append(file)
        if not kept:
            _build(words, file)
            kept.append(file.read_bytes())
        file.write_bytes(kept[0])

    monkeypatch.setattr(compiling, "_build", build)
    return made


def test_what_is_compiled_is_kept_and_made_anew_where_it_is_damaged(
    made: Made, compilations: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setenv("SAKUIN_CACHE", str(cache))
    words = Words([("f", PLACE.encode())])
    told: list[tuple[int, int]] = []
    dictionary = compiling.compiled(words, lambda *each: told.append(each)).dictionary
    assert told == [(0, 1)]
    assert compiling.compiled(words).dictionary == dictionary
    assert len(compilations) == 1
    dictionary.write_bytes(dictionary.read_bytes()[:-1])
    assert compiling.compiled(words).tables.written("三千花区")
    (cache / f"{dictionary.stem[:-9]}.tables").write_bytes(b"")
    assert compiling.compiled(words).tables.written("三千花区")
    assert len(compilations) == 3
    assert not list(cache.glob("*.new"))


def test_where_the_cache_cannot_be_written_a_process_compiles_for_itself(
    compilations: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SAKUIN_CACHE", str(tmp_path / "file" / "cache"))
    words = Words([("f", PLACE.encode())])
    dictionary = compiling.compiled(words).dictionary
    assert compiling.compiled(words).dictionary == dictionary
    assert len(compilations) == 1


def test_the_manifest_says_what_it_was(made: Made) -> None:
    manifest = on_disk.read_manifest(made.index)
    assert parsed(manifest.to_bytes()) == manifest
    path = made.index / on_disk.MANIFEST
    ways: list[object] = [{}, {"given": {}}, [], {**manifest.own.to_dict(), "dictionary": [["x", 1, 2]]}]
    for wrong in ways:
        rewrite(path, {**manifest.to_dict(), "own": wrong})
        with pytest.raises(DamagedIndex):
            on_disk.read_manifest(made.index)


WRONG_LINES = {
    "三千花区,4786\n": "line 2: it has 2 cells, not 18 or 19",
    PLACE.replace("4786,4786", "x,4786"): "line 2: its left connection 'x' is no number",
    PLACE.replace("5000", "99999"): "line 2: its cost '99999' is no number",
    PLACE.replace("4786,4786", "30000,30000"): "line 2: ",
    f",{PLACE.partition(',')[2]}": "line 2: its first cell is empty",
    f"NVidia,{PLACE.partition(',')[2]}": "line 2: no text has 'NVidia' once it is folded: write 'nvidia'",
    'あ,"い\n': "line 2: it is no CSV",
}


@pytest.mark.parametrize("line", WRONG_LINES, ids=range(len(WRONG_LINES)))
def test_a_wrong_line_of_a_dictionary_is_told_by_its_number(line: str, tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text(PLACE + line, encoding="utf-8")
    with pytest.raises(SourceError) as raised:
        index.build(Document("a", "", "本文"), tmp_path / "i", dictionary=tmp_path / "w.csv")
    assert f"{tmp_path / 'w.csv'}, {WRONG_LINES[line]}" in str(raised.value)
    assert not (tmp_path / "i" / on_disk.MANIFEST).exists()


@pytest.mark.parametrize("content", [b"", b"\n\n", PLACE.replace("4786", "-1").encode()])
def test_a_dictionary_without_words_is_told(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_bytes(content)
    with pytest.raises(SourceError, match=r"w\.csv has no word"):
        index.build(Document("a", "", "本文"), tmp_path / "i", dictionary=tmp_path / "w.csv")


def test_a_line_that_names_units_that_are_none_is_told(tmp_path: Path) -> None:
    units = '"無い物,名詞,普通名詞,一般,*,*,*,ナイモノ/区,接尾辞,名詞的,一般,*,*,*,ク"'
    (tmp_path / "one.csv").write_text(PLACE, encoding="utf-8")
    (tmp_path / "two.csv").write_text(f"\n{SHORT}{PLACE.replace('A,*', f'C,{units}')}", encoding="utf-8")
    with pytest.raises(SourceError, match=r"two\.csv, line 3: Split reference 無い物"):
        index.build(Document("a", "", "本文"), tmp_path / "i", dictionary=[tmp_path / "one.csv", tmp_path / "two.csv"])


def test_lines_are_counted_as_an_editor_does() -> None:
    content = f'\n{PLACE}\n"あ\nい",b\n{PLACE}'.encode()
    assert [(row.line, row.cells[0]) for row in rows("f", content)] == [
        (2, "三千花区"),
        (4, "あ\nい"),
        (6, "三千花区"),
    ]
    with pytest.raises(SourceError, match="f, line 2: it is not UTF-8"):
        rows("f", "a\n規制".encode("cp932"))


WRONG_SYNONYMS = {
    "1,1,0\n": "line 2: it has 3 cells, not 9 to 11",
    "x,1,0,1,0,0,0,(),語,,\n": "line 2: 'x' is no number of a group",
    "1,1,3,1,0,0,0,(),語,,\n": "line 2: its expansion '3' is none of",
    "1,1,0,a,0,0,0,(),語,,\n": "line 2: its lexeme 'a' is no number",
    "1,1,0,1,0,0,0,(), ,,\n": "line 2: its ninth cell, the word, is empty",
    '1,1,0,1,0,0,0,(),"語,,\n': "line 2: it is no CSV",
}


@pytest.mark.parametrize("line", WRONG_SYNONYMS, ids=range(len(WRONG_SYNONYMS)))
def test_a_wrong_line_of_synonyms_is_told_by_its_number(line: str, tmp_path: Path) -> None:
    (tmp_path / "s.txt").write_text(f"# 語\n{line}", encoding="utf-8")
    with pytest.raises(SourceError) as raised:
        index.build(Document("a", "", "本文"), tmp_path / "i", synonyms=tmp_path / "s.txt")
    assert f"{tmp_path / 's.txt'}, {WRONG_SYNONYMS[line]}" in str(raised.value)


def fail(why: str) -> None:
    raise AssertionError(why)


@pytest.fixture(scope="module")
def with_groups() -> Callable[[str], Lexicon]:
    from index.lexicon import open_lexicon

    lexicon = open_lexicon()

    def of(text: str) -> Lexicon:
        return lexicon.with_own(None, Synonyms(to_bytes(members("f", text.encode())), fail))  # type: ignore[arg-type]

    return of


def told(lexicon: Lexicon, word: str) -> list[tuple[str, str, str]]:
    return [tuple(each) for each in lexicon.own_synonyms(word)]  # type: ignore[misc]


def test_one_lexeme_is_one_word_and_others_are_near(with_groups: Callable[[str], Lexicon]) -> None:
    lexicon = with_groups(GROUPS)
    assert told(lexicon, "三千花区") == [("花特区", "same", "abbreviation"), ("新区", "loose", "synonym")]
    assert told(lexicon, "花特区") == [("三千花区", "same", "abbreviation"), ("新区", "loose", "synonym")]
    assert {kind for _, kind, _ in told(lexicon, "新区")} == {"never"}  # it is found for others, and finds none
    assert told(lexicon, "輸出規制") == [("輸出管理", "never", "synonym")]
    assert told(lexicon, "無い") == []


def test_without_a_lexeme_words_are_only_near(with_groups: Callable[[str], Lexicon]) -> None:
    lexicon = with_groups("1,,,,,,,,ＡＢ表,,\n1,,,,,,,,い表\n2,,,,,,,,ab表,,\n2,,,3,,,,,ろ表\n")
    assert told(lexicon, "AB表") == [("い表", "loose", "synonym"), ("ろ表", "loose", "synonym")]


@pytest.mark.parametrize(
    "groups",
    [
        b'[[["a", 0, 1]]]',
        b'[[["a", 0, 1, 0]]]',
        b'[[["\\ud800", 0, 1, false]]]',
        b'[[["", 0, 1, false]]]',
        b"[[3]]",
        b"7",
        b"[" * 100_000,
    ],
)
def test_groups_that_are_none_are_told(groups: bytes) -> None:
    with pytest.raises(AssertionError):
        Synonyms(b'{"format": 1, "groups": ' + groups + b"}", fail).of("a")  # type: ignore[arg-type]


def entry_of(lexicon: Lexicon, word: str) -> Entry:
    return next(entry for entry in lexicon.written(word) if entry.groups)


def test_own_groups_decide_over_those_of_the_dictionary(with_groups: Callable[[str], Lexicon]) -> None:
    plain = with_groups("")
    rule = entry_of(plain, "規制")
    before = {each.entry.norm: each.kind for each in related(plain, rule)}
    assert before["規則"] == "loose"
    own = with_groups("1,1,0,1,,,,,規制,,\n1,1,0,1,,,,,規則,,\n1,1,2,3,,,,,ルール,,\n")
    after = {each.entry.norm: each.kind for each in related(own, rule)}
    assert {"規則", "ルール"} <= before.keys()
    assert after == {word: kind for word, kind in before.items() if word not in ("規則", "ルール")}


def found_by(idx: search.Index, query: str, **options: object) -> dict[str, tuple[str, set[str]]]:
    """The tier and the reasons of each document that is found."""
    results = idx.search(query, **options)  # type: ignore[arg-type]
    return {hit.document: (hit.tier, {why for span in hit.highlights for why in span.why}) for hit in results}


def test_own_synonyms_are_found(made: Made) -> None:
    index.add([Document("same", "", "花特区の計画。"), Document("near", "", "新区の計画。")], made.index)
    with search.open_index(made.index) as idx:
        found = found_by(idx, "三千花区")
        assert found["place.txt"] == ("word", {"surface"})
        assert found["same"] == ("word", {"abbreviation"})
        assert found["near"] == ("partial", {"synonym"})
        assert found_by(idx, "花特区")["place.txt"] == ("word", {"abbreviation"})
        assert set(found_by(idx, "新区")) == {"near"}
        assert set(found_by(idx, "三千花区", off=["synonyms"])) == {"place.txt"}


def test_what_an_index_has_off_is_off_unless_it_is_asked_for(made: Made) -> None:
    (made.folder / "s.toml").write_text('off = ["synonyms"]', encoding="utf-8")
    index.rebuild(made.index, settings=made.folder / "s.toml")
    index.add(Document("same", "", "花特区の計画。"), made.index)
    with search.open_index(made.index) as idx:
        assert set(found_by(idx, "三千花区")) == {"place.txt"}
        assert set(found_by(idx, "三千花区", off=[])) == {"place.txt", "same"}
        pairs = made.folder / "pairs.tsv"
        pairs.write_text("三千花区\t三千花区で会議\tword\t三千花区\tsurface\n", encoding="utf-8")
        assert idx.check(pairs).failed == 0


def test_a_settings_file_names_them(made: Made) -> None:
    inside = made.texts / "sakuin.toml"
    inside.write_text('synonyms = ["../groups.txt"]\noff = ["romaji"]\n', encoding="utf-8")
    index.build(made.texts, made.index)
    with search.open_index(made.index) as idx:
        assert idx.off == ("romaji",)
        assert idx.lexicon.own_synonyms("三千花区")
    inside.write_text("off = []\n", encoding="utf-8")
    with search.open_index(made.index) as idx:
        assert "sakuin.toml" in idx.warnings[0]
    index.update(made.index)
    with search.open_index(made.index) as idx:
        assert idx.off == idx.warnings == ()
        assert not idx.lexicon.own_synonyms("三千花区")
    assert made.own() == set()
    inside.write_text('dictionary = ["../words.csv"]\n', encoding="utf-8")
    with pytest.raises(OtherAnalysis, match="other words of one's own than its sources name now"):
        index.update(made.index)
    inside.unlink()
    assert index.update(made.index).kept == 4
    assert on_disk.read_manifest(made.index).own == NOTHING


WRONG_SETTINGS = {
    "off = 3": "off is no list of strings",
    'off = ["everything"]': "nothing called 'everything' can be off",
    "words = []": "has 'words', which is no setting",
    "off = [": "cannot be used",
    'dictionary = ["none.csv"]': "none.csv, named for a dictionary",
    'synonyms = ["a\\u0000"]': "cannot be read",
}


@pytest.mark.parametrize("text", WRONG_SETTINGS)
def test_wrong_settings_are_told(text: str, tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SourceError) as raised:
        index.build(Document("a", "", "本文"), tmp_path / "i", settings=tmp_path / "s.toml")
    assert WRONG_SETTINGS[text] in str(raised.value)


def test_the_command_takes_them_and_status_tells_them(
    made: Made, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (made.folder / "s.toml").write_text('off = ["glosses"]', encoding="utf-8")
    monkeypatch.chdir(made.folder)
    place = ["--index-dir", "other"]
    arguments = ["build", "texts", *place, "--synonyms", "groups.txt", "--settings", "s.toml"]
    assert cli.main(arguments) == 0
    assert cli.main(["build", *place]) == 0
    capsys.readouterr()
    assert cli.main(["status", "--json", *place]) == 0
    own = json.loads(capsys.readouterr().out)["own"]
    assert own == {
        "synonyms": [str(made.groups)],
        "settings": [str(made.folder / "s.toml")],
        "off": ["glosses"],
    }
    made.groups.write_text(GROUPS + "3,,,,,,,,語,,\n", encoding="utf-8")
    assert cli.main(["status", *place]) == 1
    shown = capsys.readouterr().out
    assert f"own synonyms    {made.groups}" in shown
    assert f"  {made.groups}\n" in shown
    assert "To bring it up to date: python -m index update" in shown
    assert cli.main(["build", *place, "--dictionary", "words.csv"]) == 0
    made.words.write_text(PLACE, encoding="utf-8")
    capsys.readouterr()
    assert cli.main(["status", *place]) == 1
    assert "To bring it up to date: python -m index build" in capsys.readouterr().out
    assert cli.main(["build", *place, "--synonyms", "none.txt"]) == 2
    assert "none.txt, named for one's own synonyms, cannot be read" in capsys.readouterr().err


def test_what_is_opened_of_a_generation_without_is_an_analyzer_alone(tmp_path: Path) -> None:
    index.build(Document("a", "", "本文"), tmp_path / "i")
    opened = open_own(tmp_path / "i", on_disk.read_manifest(tmp_path / "i"))
    assert opened[1:] == (None, None)
    assert opened.analyzer.own is None
