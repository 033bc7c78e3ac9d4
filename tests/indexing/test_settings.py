"""The fingerprint of an index, and where an index is when nobody says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import index
import search
from index import Document, UsageError, places, settings
from index import directory as on_disk
from index.settings import Fingerprint, fingerprint

MINE = Fingerprint(1, "sudachidict_core", "20250129", 1000, "a" * 64)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (MINE, None),
        (replace(MINE, dictionary_sha256=""), None),
        (replace(MINE, chain=2), "analysis chain 1, not 2"),
        (replace(MINE, dictionary_sha256="b" * 64), "sudachidict_core 20250129 with another content"),
        (
            replace(MINE, dictionary_version="20260101"),
            "sudachidict_core 20250129 (1,000 bytes), not sudachidict_core 20260101 (1,000 bytes)",
        ),
        (
            replace(MINE, dictionary="sudachidict_full", dictionary_bytes=2000),
            "sudachidict_core 20250129 (1,000 bytes), not sudachidict_full 20250129 (2,000 bytes)",
        ),
    ],
)
def test_a_difference_says_what_tells_two_fingerprints_apart(other: Fingerprint, message: str | None) -> None:
    assert MINE.difference(other) == message


def test_the_fingerprint_of_what_is_installed() -> None:
    from importlib.metadata import version

    quick, whole = fingerprint(hashed=False), fingerprint(hashed=True)
    assert quick == replace(whole, dictionary_sha256="")
    assert len(whole.dictionary_sha256) == 64
    assert quick.dictionary_version == version("sudachidict_core")
    assert quick.dictionary_bytes > 10**7
    assert Fingerprint(**whole.to_dict()) == whole  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "message"), [({"chain": 99}, "analysis chain 99"), ({"dictionary_version": "1999"}, "1999")]
)
def test_an_index_made_with_something_else_warns_and_says_what_mends_it(
    change: dict[str, Any], message: str, tmp_path: Path
) -> None:
    directory = tmp_path / "i"
    index.build(Document("a", "", "輸出規制"), directory)
    manifest = on_disk.read_manifest(directory)
    on_disk.switch(directory, replace(manifest, fingerprint=replace(manifest.fingerprint, **change)))
    with search.open_index(directory) as idx:
        results = idx.search("規制")
    assert results.total == 1
    (warning,) = results.warnings
    assert message in warning
    assert f"`python -m index build --index-dir {directory}`" in warning


def test_opening_does_not_read_the_dictionary_for_its_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> str:
        raise AssertionError("the dictionary was hashed")

    index.build(Document("a", "", "輸出規制"), tmp_path / "i")
    monkeypatch.setattr(settings, "_sha256", refuse)
    with search.open_index(tmp_path / "i") as idx:
        assert idx.search("規制").warnings == ()
    with pytest.raises(AssertionError):
        fingerprint(hashed=True)


# Places


def test_the_directory_that_is_named_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAKUIN_INDEX", str(tmp_path / "environment"))
    assert places.chosen_index(tmp_path / "named") == (tmp_path / "named", False)
    assert places.chosen_index("named") == (Path("named"), False)
    assert places.chosen_index(None) == (tmp_path / "environment", False)


@pytest.mark.parametrize("value", [None, ""])
def test_without_the_variable_it_is_the_default_place(
    value: str | None, clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if value is None:
        monkeypatch.delenv("SAKUIN_INDEX", raising=False)
    else:
        monkeypatch.setenv("SAKUIN_INDEX", value)
    assert places.chosen_index(None) == (clone / "var" / "index", True)
    assert places.seeds() == clone / "seeds"


def test_installed_it_is_in_the_users_data_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_CLONE", tmp_path)
    monkeypatch.delenv("SAKUIN_INDEX", raising=False)
    directory, default = places.chosen_index(None)
    assert default
    assert directory.is_absolute()
    assert directory.parts[-2:] == ("sakuin", "index")
    assert places.seeds() == Path(index.__file__).parent / "seeds"


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_a_name_that_no_folder_can_have_is_a_usage_error(name: str) -> None:
    with pytest.raises(UsageError, match="--index-dir"):
        places.chosen_index(name)
    with pytest.raises(UsageError, match="--index-dir"):
        search.open_index(name)


def test_search_opens_what_the_variable_names_and_builds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAKUIN_INDEX", str(tmp_path / "i"))
    with pytest.raises(index.MissingIndex, match="build one with"):
        search.open_index()
    assert not (tmp_path / "i").exists()
    index.build(Document("a", "", "輸出規制"), tmp_path / "i")
    with search.open_index() as idx:
        assert idx.search("規制").total == 1
