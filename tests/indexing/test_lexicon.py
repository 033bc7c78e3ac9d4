"""The dictionary's tables: whatever is in them is found by each of its keys, and a cache is never trusted blindly."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import index
from index.analysis.keys import key
from index.errors import DamagedIndex
from index.lexicon import Entry, Lexicon, cache, ensure, open_lexicon
from index.lexicon.relations import foreign, related
from index.lexicon.sounds import reads_as, sound
from index.lexicon.tables import Tables, write_tables
from index.places import cache_folder
from index.settings import fingerprint

POS = {1: ("名詞", "普通名詞", "一般", "*", "*", "*"), 2: ("名詞", "固有名詞", "一般", "*", "*", "*")}
BANK = Entry("日本銀行", "ニッポンギンコウ", "日本銀行", 2, (7,))
BANK_SHORT = Entry("日銀", "ニチギン", "日銀", 2, (7,))
RULE = Entry("規制", "キセイ", "規制", 1, (9,))
RULE_LATIN = Entry("Ｒｕｌｅ", "ルール", "ルール", 1, (9, 12))
FEW = [BANK, BANK_SHORT, RULE, RULE_LATIN]
COLLIDING = "plumless", "buckeroo"
"""Two words with one CRC-32."""

Made = Callable[[Sequence[Entry]], Lexicon]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """A lexicon of a few entries."""

    def make(entries: Sequence[Entry]) -> Lexicon:
        file = tmp_path / f"{time.time_ns()}.tables"
        write_tables(file, entries, POS, {})
        return Lexicon([Tables(file)])

    return make


class Found:
    """The plain way: a look at every entry."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = list(dict.fromkeys(entries))

    def written(self, surface: str) -> set[Entry]:
        return {entry for entry in self._entries if key(entry.surface) == key(surface)}

    def read(self, reading: str) -> set[Entry]:
        return {entry for entry in self._entries if entry.reading == reading}

    def normed(self, norm: str) -> set[Entry]:
        return {entry for entry in self._entries if key(entry.norm) == key(norm)}

    def group(self, number: int) -> set[Entry]:
        return {entry for entry in self._entries if number in entry.groups}


def test_an_entry_is_found_by_form_reading_norm_and_group(made: Made) -> None:
    lexicon = made(FEW)
    assert lexicon.written("日銀") == (BANK_SHORT,)
    assert lexicon.written("rule") == lexicon.written("Rule") == (RULE_LATIN,)
    assert lexicon.read("キセイ") == (RULE,)
    assert lexicon.normed("ルール") == (RULE_LATIN,)
    assert set(lexicon.group(7)) == {BANK, BANK_SHORT}
    assert set(lexicon.group(9)) == {RULE, RULE_LATIN}
    assert lexicon.pos_of(2)[1] == "固有名詞"


def test_what_is_not_there_is_not_found(made: Made) -> None:
    lexicon = made(FEW)
    assert lexicon.written("銀") == lexicon.read("ギン") == lexicon.normed("銀") == lexicon.group(8) == ()
    assert lexicon.pos_of(3) == ()
    empty = made([])
    assert empty.written("銀") == empty.read("ギン") == empty.normed("銀") == empty.group(8) == ()


def test_words_of_one_hash_are_told_apart(made: Made) -> None:
    one, other = COLLIDING
    assert zlib.crc32(one.encode()) == zlib.crc32(other.encode())
    entries = [Entry(one, one, one, 1), Entry(other, other, other, 1), Entry("甲", "コウ", one, 1)]
    lexicon = made(entries)
    assert lexicon.written(one) == lexicon.read(one) == (entries[0],)
    assert lexicon.written(other) == lexicon.normed(other) == (entries[1],)
    assert lexicon.normed(one) == (entries[0], entries[2])


def test_a_reading_is_not_taken_for_a_number_or_a_norm_beside_it(made: Made) -> None:
    lexicon = made([Entry("甲", "コウ", "abc", 1), Entry("乙", "abc", "乙", 1)])
    assert [entry.surface for entry in lexicon.read("abc")] == ["乙"]


def test_equal_entries_are_kept_once_and_impossible_ones_left_out(made: Made) -> None:
    lexicon = made([RULE, RULE, Entry("改\n行", "カイギョウ", "改行", 1), Entry("区\t切", "クギリ", "区切", 1)])
    assert lexicon.written("規制") == (RULE,)
    assert lexicon.read("カイギョウ") == lexicon.read("クギリ") == ()


def test_the_tables_of_a_user_stand_behind_the_dictionary_s(made: Made, tmp_path: Path) -> None:
    own = tmp_path / "own.tables"
    mine = Entry("日銀", "ニチギン", "日本銀行", 40)
    write_tables(own, [mine, BANK], {40: ("名詞", "固有名詞", "組織", "*", "*", "*")}, {})
    lexicon = Lexicon([*made(FEW)._answers.tables, Tables(own)])
    assert lexicon.written("日銀") == (BANK_SHORT, mine)
    assert lexicon.normed("日本銀行") == (BANK, mine)
    assert lexicon.pos_of(40)[2] == "組織"


WORDS = st.text("あいアイヴーabAé漢字 ｱ１…𠮷", min_size=1, max_size=4)
ENTRIES = st.lists(
    st.builds(
        Entry,
        WORDS,
        st.text("アイヴーaé…\x80漢", max_size=3),
        WORDS,
        st.sampled_from(sorted(POS)),
        st.lists(st.integers(0, 40_000), max_size=3, unique=True).map(tuple),
    ),
    max_size=40,
)


@given(entries=ENTRIES, absent=WORDS)
def test_lookups_find_what_a_look_at_every_entry_finds(
    tmp_path_factory: pytest.TempPathFactory, entries: list[Entry], absent: str
) -> None:
    file = tmp_path_factory.mktemp("tables") / "t.tables"
    write_tables(file, entries, POS, {})
    lexicon, plain = Lexicon([Tables(file)]), Found(entries)
    for text in {absent, *(text for entry in entries for text in entry[:3])}:
        for found, expected in (
            (lexicon.written(text), plain.written(text)),
            (lexicon.read(text), plain.read(text)),
            (lexicon.normed(text), plain.normed(text)),
        ):
            assert set(found) == expected
            assert len(found) == len(expected)
    for number in {40_001, *(number for entry in entries for number in entry.groups)}:
        assert set(lexicon.group(number)) == plain.group(number)


@given(content=st.binary(max_size=200))
def test_what_is_no_table_is_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.mktemp("tables") / "t.tables"
    file.write_bytes(content)
    with pytest.raises(DamagedIndex):
        Tables(file)


class FewEntries:
    """A dictionary that is read at once."""

    read = 0

    def __init__(self) -> None:
        self.pos = POS
        self.count = 0

    def __iter__(self) -> Iterator[Entry]:
        FewEntries.read += 1
        for entry in FEW:
            self.count += 1
            yield entry


@pytest.fixture
def few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, and a small dictionary to fill it from."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("SAKUIN_CACHE", str(folder))
    monkeypatch.setattr(cache, "SudachiEntries", FewEntries)
    monkeypatch.setattr(FewEntries, "read", 0)
    monkeypatch.setattr(cache, "_own", {})
    return folder


def only_file(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def test_the_tables_are_made_once(few: Path) -> None:
    steps: list[tuple[int, int]] = []
    assert open_lexicon(lambda done, total: steps.append((done, total))).written("日銀") == (BANK_SHORT,)
    assert open_lexicon().written("日銀") == (BANK_SHORT,)
    assert ensure() == 0.0
    assert FewEntries.read == 1
    assert steps[-1][0] == steps[-1][1]
    assert only_file(few).name.startswith("lexicon-")


def test_a_folder_for_the_cache_is_the_user_s_unless_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SAKUIN_CACHE")
    assert cache_folder().name == "sakuin"


@pytest.mark.parametrize("damage", ["cut", "empty", "foreign", "other facts"])
def test_a_file_that_cannot_be_trusted_is_made_anew(few: Path, damage: str) -> None:
    open_lexicon()
    file = only_file(few)
    content = file.read_bytes()
    if damage == "other facts":
        file.unlink()
        write_tables(file, [RULE], POS, {"lexicon": 0})
    else:
        file.write_bytes({"cut": content[:-1], "empty": b"", "foreign": b"not ours" * 100}[damage])
    assert open_lexicon().written("日銀") == (BANK_SHORT,)
    assert FewEntries.read == 2
    assert Lexicon([Tables(only_file(few))]).written("日銀") == (BANK_SHORT,)


def test_damage_that_shows_only_when_it_is_read_is_mended_then(few: Path) -> None:
    open_lexicon()
    file = only_file(few)
    content = file.read_bytes()
    at = content.index("日銀".encode())
    file.write_bytes(content[:at] + "月銀".encode() + content[at + len("日銀".encode()) :])
    lexicon = open_lexicon()
    assert FewEntries.read == 1
    assert lexicon.written("日銀") == (BANK_SHORT,)
    assert FewEntries.read == 2
    assert lexicon.written("月銀") == ()


def test_a_build_compares_the_dictionary_s_hash(few: Path) -> None:
    wanted = fingerprint(hashed=False)
    few.mkdir()
    facts = {"lexicon": cache.FORMAT, **wanted.to_dict(), "dictionary_sha256": "0" * 64}
    write_tables(few / cache._name(wanted), [RULE], POS, facts)
    assert open_lexicon().written("日銀") == ()
    assert ensure() > 0
    assert open_lexicon().written("日銀") == (BANK_SHORT,)


def test_a_folder_that_cannot_be_written_costs_time_and_a_warning(few: Path) -> None:
    few.write_text("a file where a folder should be")
    assert ensure() == 0.0
    lexicon = open_lexicon()
    assert lexicon.written("日銀") == (BANK_SHORT,)
    assert "SAKUIN_CACHE" in lexicon.warnings[0]
    assert open_lexicon().written("日銀") == (BANK_SHORT,)
    assert FewEntries.read == 1
    assert few.is_file()


def test_what_a_killed_build_left_is_never_read_and_swept_at_last(few: Path) -> None:
    few.mkdir()
    old, new = few / "lexicon-x.tables.1-1.new", few / "lexicon-x.tables.2-2.new"
    for left in (old, new):
        left.write_bytes(b"half")
    os.utime(old, (1, 1))
    assert open_lexicon().written("日銀") == (BANK_SHORT,)
    assert not old.exists()
    assert new.exists()


def test_a_build_that_fails_leaves_nothing(few: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(self: FewEntries) -> Iterator[Entry]:
        yield RULE
        raise KeyboardInterrupt

    monkeypatch.setattr(FewEntries, "__iter__", failing)
    with pytest.raises(KeyboardInterrupt):
        open_lexicon()
    assert list(few.iterdir()) == []


def test_a_build_of_an_index_makes_the_tables_and_tells_of_it(few: Path, tmp_path: Path) -> None:
    told: list[int] = []
    documents = [index.Document("a", "題", "政府は輸出規制を強めた。")]
    first = index.build(documents, tmp_path / "index", tables_progress=lambda done, total: told.append(done))
    assert first.tables_seconds > 0
    assert told
    assert index.build(documents, tmp_path / "index").to_dict()["tables_seconds"] == 0.0
    assert FewEntries.read == 1


def test_a_search_that_asks_the_dictionary_nothing_opens_no_tables(clone: Path, tmp_path: Path) -> None:
    index.build([index.Document("a", "題", "政府は輸出規制を強めた。")], tmp_path / "index")
    program = (
        "import sys, search\n"
        f"opened = search.open_index({str(tmp_path / 'index')!r})\n"
        "assert opened.search('「輸出規制」').total == 1\n"
        "assert 'index.lexicon' not in sys.modules\n"
        "assert opened.lexicon.written('日銀')\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(clone)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)


@pytest.mark.parametrize(
    ("latin", "kana"),
    [
        ("big data", "ビッグデータ"),
        ("Toronto", "トロント"),
        ("Vermeer", "フェルメール"),
        ("checkbox", "チェックボックス"),
        ("Galbraith", "ガルブレイス"),
        ("cytosine", "シトシン"),
        ("négligé", "ネグリジェ"),
        ("Thermopylai", "テルモピレー"),
        ("Montmartre", "モンマルトル"),
    ],
)
def test_kana_read_as_the_latin_word(latin: str, kana: str) -> None:
    assert reads_as(latin, kana)


@pytest.mark.parametrize(
    ("latin", "kana"),
    [
        ("bird flu", "バードデータ"),
        ("headlamp", "ヘッドライト"),
        ("video clip", "プロモビデオ"),
        ("graphics card", "ビデオカード"),
        ("data", "ビッグデータ"),
        ("big data center", "ビッグデータ"),
        ("Iowa", "アイオワ"),
    ],
)
def test_kana_do_not_read_as_another_word(latin: str, kana: str) -> None:
    assert not reads_as(latin, kana)


def test_spellings_of_one_foreign_word_sound_alike() -> None:
    assert sound("ヴァイオリン") == sound("バイオリン")
    assert sound("ウィンナー") == sound("ウインナ")
    assert sound("ビル") != sound("ベル")


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    """What is installed, from the cache of all tests."""
    return open_lexicon()


def surfaces(entries: Sequence[Entry]) -> set[str]:
    return {entry.surface for entry in entries}


def test_the_dictionary_s_words_are_found(lexicon: Lexicon) -> None:
    assert {"申し込み", "申込", "申しこみ"} <= surfaces(lexicon.normed("申し込み"))
    assert {"交渉", "高尚", "考証"} <= surfaces(lexicon.read("コウショウ"))
    assert "行く" in surfaces(lexicon.read("イク"))
    assert "日本銀行" in surfaces(lexicon.group(lexicon.written("日銀")[0].groups[0]))
    assert {lexicon.pos_of(entry.pos)[1:3] for entry in lexicon.written("徳島")} >= {("固有名詞", "地名")}


@pytest.mark.parametrize("left_out", ["。", "\u3000", "行こう", "(^_^)"])
def test_what_nobody_looks_up_is_left_out(lexicon: Lexicon, left_out: str) -> None:
    assert lexicon.written(left_out) == ()


def kinds(lexicon: Lexicon, text: str) -> dict[str, str]:
    """How each related word is related to the entries of a text, by its normalized form."""
    return {each.entry.norm: each.kind for entry in lexicon.written(text) for each in related(lexicon, entry)}


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("日銀", "日本銀行"),
        ("東証", "東京証券取引所"),
        ("ビッグデータ", "big data"),
        ("国連", "国際連合"),
        ("高校", "高等学校"),
        ("アップル", "Apple"),
        ("GDP", "gross domestic product"),
        ("セクハラ", "セクシャルハラスメント"),
        ("学割", "学生割引"),
        ("早稲田大", "早稲田大学"),
    ],
)
def test_two_spellings_of_one_word_are_the_same_both_ways(lexicon: Lexicon, text: str, other: str) -> None:
    assert kinds(lexicon, text).get(other) == "same"
    assert kinds(lexicon, other).get(text) == "same"


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("規制", "規則"),
        ("規制", "ルール"),
        ("助産婦", "助産師"),
        ("AI", "人工知能"),
        ("司令部", "本部"),
        ("EU", "欧州連合"),
        ("学童", "学童保育"),
    ],
)
def test_other_members_of_a_group_are_loose_both_ways(lexicon: Lexicon, text: str, other: str) -> None:
    assert kinds(lexicon, text).get(other) == "loose"
    assert kinds(lexicon, other).get(text) == "loose"


@pytest.mark.parametrize("apple", ["Apple", "アップル"])
def test_a_company_is_not_a_fruit(lexicon: Lexicon, apple: str) -> None:
    assert not kinds(lexicon, "りんご").keys() & {"Apple", "アップル"}
    assert "林檎" not in kinds(lexicon, apple)


@pytest.mark.parametrize("pair", [("エヌビディア", "NVIDIA"), ("ディープシーク", "DeepSeek"), ("グーグル", "Google")])
def test_foreign_names_are_found_in_the_other_letters(lexicon: Lexicon, pair: tuple[str, str]) -> None:
    kana, latin = pair
    assert latin in foreign(lexicon, kana)
    assert kana in foreign(lexicon, latin)
    assert kana in foreign(lexicon, latin.lower())


@pytest.mark.parametrize("text", ["規制", "AI", "バス", "", "、", "えぬびでぃあ"])
def test_what_is_no_foreign_name_has_no_other_letters(lexicon: Lexicon, text: str) -> None:
    assert foreign(lexicon, text) == ()


def test_letters_that_may_be_of_many_kana_are_not_shared_out_in_all_ways() -> None:
    assert not reads_as("r" * 38 + "x", "ラ" * 38)
    assert not reads_as("a" * 38 + "x", "フ" * 38)
    assert reads_as("r" * 38, "ラ" * 10)
