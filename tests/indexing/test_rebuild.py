"""A rebuild is seen whole or not at all, whatever stops it, and whoever else reads or builds meanwhile."""

from __future__ import annotations

import errno
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import index
import search
from index import DirectoryError, Document, LockedIndex, MissingIndex, builder
from index import directory as on_disk
from index.codec.container import ContainerWriter
from index.verify import verify
from index.writers.embedded import EmbeddedWriter

OLD = [Document(f"旧{number}", "", "輸出規制を強化する。" * 40) for number in range(20)]
NEW = [Document("新", "", "電力が足りない。")]


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("pristine") / "i"
    index.build(OLD, directory)
    return directory


@pytest.fixture
def built(pristine: Path, tmp_path: Path) -> Path:
    shutil.copytree(pristine, tmp_path / "i")
    return tmp_path / "i"


def documents(directory: Path, query: str) -> set[str]:
    with search.open_index(directory) as idx:
        return {hit.document for hit in idx.search(query, limit=100)}


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def assert_old_in_use(directory: Path) -> None:
    assert documents(directory, "規制") == {document.id for document in OLD}
    assert names(directory) == ["generation-1", "manifest.json", "sakuin.lock"]
    assert verify(directory, deep=True) == []


def assert_builds(directory: Path) -> None:
    index.build(NEW, directory)
    assert documents(directory, "電力") == {"新"}
    assert [name for name in names(directory) if name.startswith("generation")] == [
        f"generation-{on_disk.read_manifest(directory).generation}"
    ]


def test_an_open_index_answers_from_its_generation_during_and_after_a_rebuild(built: Path) -> None:
    during: list[int] = []
    with search.open_index(built) as idx:
        index.build(NEW, built, progress=lambda done, size: during.append(idx.search("規制").total))
        assert not (built / "generation-1").exists()
        assert during == [idx.search("規制").total] == [20]
        assert idx.search("電力").total == 0
        assert all(idx.document(document.id).text == document.text for document in OLD)
        assert idx.search("強化", context=2).hits[0].context is not None
    assert documents(built, "電力") == {"新"}


def test_generations_count_up_and_one_remains(built: Path) -> None:
    for generation in (2, 3):
        index.build(NEW, built)
        assert names(built) == [f"generation-{generation}", "manifest.json", "sakuin.lock"]


def failing(error: BaseException) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


STEPS: dict[str, tuple[object, str]] = {
    "add": (EmbeddedWriter, "add"),
    "commit": (EmbeddedWriter, "commit"),
    "facts": (on_disk, "facts_of"),
    "analysis": (builder, "Analyzer"),
    "batches": (builder, "batches"),
    "writing the manifest": (Path, "write_bytes"),
    "sync": (on_disk, "_sync"),
    "replace": (Path, "replace"),
}
FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("error", [FULL, KeyboardInterrupt()], ids=["full", "interrupt"])
def test_a_failure_at_any_step_leaves_the_old_index(
    step: str, error: BaseException, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for directory in (built, tmp_path / "first"):
        with monkeypatch.context() as patch:
            patch.setattr(*STEPS[step], failing(error))
            with pytest.raises((DirectoryError, KeyboardInterrupt)) as caught:
                index.build(NEW, directory)
        if isinstance(error, OSError):
            assert f"{directory} (No space left on device)" in str(caught.value)
        else:
            assert caught.value is error
    assert_old_in_use(built)
    with pytest.raises(MissingIndex):
        search.open_index(tmp_path / "first")
    assert names(tmp_path / "first") == ["sakuin.lock"]
    for directory in (built, tmp_path / "first"):
        assert_builds(directory)


def test_a_disk_that_fills_within_any_file_leaves_the_old_index(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = ContainerWriter._write
    for written in range(0, 120, 7):
        left = iter(range(written))

        def write(container: ContainerWriter, data: bytes | memoryview, left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise FULL
            right(container, data)

        with monkeypatch.context() as patch:
            patch.setattr(ContainerWriter, "_write", write)
            with pytest.raises(DirectoryError, match="No space left"):
                index.build(NEW, built)
    assert_old_in_use(built)
    assert_builds(built)


LIMITED = """
import resource, signal, sys
from index.cli import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
sys.exit(main(["build", sys.argv[2], "--index-dir", sys.argv[3]]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits of processes")
@pytest.mark.parametrize("limit", [100, 2_000, 9_000])
def test_a_limit_of_file_sizes_is_told_in_one_line_and_leaves_the_old_index(
    limit: int, built: Path, tmp_path: Path, clone: Path
) -> None:
    source = tmp_path / "source.txt"
    source.write_text("".join(f"{number}番目の電力の話を{number * 7919 % 9973}回した。" for number in range(2000)))
    # -B: within the limit Python itself would leave half a compiled module behind, for all that come after.
    command = [sys.executable, "-B", "-c", LIMITED, str(limit), str(source), str(built)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=clone, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    begun, told = done.stderr.splitlines()
    assert begun == f"Building {built} …"
    assert told.startswith(f"sakuin: cannot write the index in {built} (File too large)")
    assert_old_in_use(built)
    assert_builds(built)


def test_an_interrupt_after_the_switch_leaves_the_new_index(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(directory: Path, manifest: on_disk.Manifest) -> None:
        switch(directory, manifest)
        raise KeyboardInterrupt

    switch = on_disk.switch
    monkeypatch.setattr(on_disk, "switch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        index.build(NEW, built)
    assert documents(built, "電力") == {"新"}
    assert names(built) == ["generation-2", "manifest.json", "sakuin.lock"]


def test_a_build_that_fails_over_a_damaged_manifest_tells_its_own_failure(built: Path) -> None:
    (built / "manifest.json").write_bytes(b"{")
    with pytest.raises(index.SourceError, match="no text"):
        index.build(Document("空", "", ""), built)
    assert_builds(built)


CHILD = """
import sys, time
import index
def progress(done, size):
    print("ready", flush=True)
    time.sleep(600)
index.build([index.Document(str(n), "", "電力が足りない。") for n in range(3)], sys.argv[1], progress=progress)
"""


def test_a_killed_build_leaves_the_old_index_and_the_next_one_clears_up(
    built: Path, tmp_path: Path, clone: Path
) -> None:
    for directory in (built, tmp_path / "first"):
        with subprocess.Popen([sys.executable, "-c", CHILD, directory], stdout=subprocess.PIPE, cwd=clone) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"ready\n"
            with pytest.raises(LockedIndex, match="another process is building"):
                index.build(NEW, directory)
            child.kill()
    assert documents(built, "規制") == {document.id for document in OLD}
    with pytest.raises(MissingIndex):
        search.open_index(tmp_path / "first")
    assert (built / "generation-2").is_dir()
    with pytest.raises(index.SourceError):
        index.build(Document("空", "", ""), built)
    assert_old_in_use(built)
    for directory in (built, tmp_path / "first"):
        assert_builds(directory)


def test_leftovers_of_every_kind_are_removed_by_the_next_build(built: Path) -> None:
    (built / "generation-7").mkdir()
    (built / "generation-7" / "1.grams").write_text("")
    (built / "manifest.json.new").write_text("{")
    index.build(NEW, built)
    assert len(names(built)) == 3
    assert documents(built, "電力") == {"新"}


def test_the_lock_is_free_again_after_a_failure_and_told_while_held(built: Path) -> None:
    with on_disk.locked(built):
        for wait in (0, 0.1):
            with pytest.raises(LockedIndex, match="wait for it, or choose another --index-dir"):
                index.build(NEW, built, wait=wait)
    assert_builds(built)


def test_a_second_build_may_wait(tmp_path: Path) -> None:
    directory = tmp_path / "i"
    second = threading.Thread(target=lambda: index.build(NEW, directory, wait=60))
    index.build(OLD, directory, progress=lambda done, size: None if second.ident else second.start())
    second.join()
    assert documents(directory, "電力") == {"新"}
    assert names(directory) == ["generation-2", "manifest.json", "sakuin.lock"]


def test_a_first_use_waits_for_another_and_leaves_its_index(tmp_path: Path) -> None:
    directory, other = tmp_path / "i", tmp_path / "other.txt"
    other.write_text("電力が足りない。", encoding="utf-8")
    second = threading.Thread(target=lambda: builder.build_first([other], directory))
    index.build(OLD[:3], directory, progress=lambda done, size: None if second.ident else second.start())
    second.join()
    assert documents(directory, "規制") == {"旧0", "旧1", "旧2"}
    assert on_disk.read_manifest(directory).generation == 1


def test_a_first_use_builds_where_nobody_did(tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("電力が足りない。", encoding="utf-8")
    builder.build_first([other], tmp_path / "i")
    assert documents(tmp_path / "i", "電力") == {"other.txt"}


def test_a_reader_that_comes_while_generations_are_switched_gets_the_newer(built: Path) -> None:
    old = on_disk.read_manifest(built)
    index.build(NEW, built)
    with pytest.raises(FileNotFoundError):
        on_disk.check_generation(built, old)
    (built / "generation-1").mkdir()  # half removed
    with pytest.raises(FileNotFoundError):
        on_disk.check_generation(built, old)
    assert on_disk.in_use(built)[0].generation == 2


def test_readers_never_fail_while_builds_go_on(tmp_path: Path) -> None:
    directory, done = tmp_path / "i", threading.Event()
    wrong: list[object] = []

    def read() -> None:
        while not done.is_set():
            try:
                with search.open_index(directory) as idx:
                    totals = idx.search("電力").total, idx.search("規制").total
                wrong.extend([totals] if sorted(totals) != [0, 1] else [])
                wrong.extend(verify(directory))
            except Exception as error:  # noqa: BLE001 - whatever a reader met is what is asked
                wrong.append(error)

    index.build(NEW, directory)
    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for made in (OLD[:1], NEW) * 4:
        index.build([Document(made[0].id, "", made[0].text[:10])], directory)
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []
