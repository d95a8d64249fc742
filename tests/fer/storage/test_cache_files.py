"""Cache files are complete or absent, found by the digest in their name, and deleted when unused."""

import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from fer.storage.cache_files import keep, kept


def test_what_is_kept_is_found_and_replaced(tmp_path):
    folder = tmp_path / "deep"
    assert kept(folder, "one") is None
    keep(folder, "one", b"first")
    keep(folder, "one-more", b"other")
    keep(folder, "one", b"second")
    assert kept(folder, "one") == b"second"
    assert kept(folder, "one-more") == b"other"
    assert len(list(folder.glob("*.parquet"))) == 2


@pytest.mark.parametrize("content", [b"", b"conten", b"c0ntent"])
def test_a_damaged_file_is_thrown_away(tmp_path, content):
    keep(tmp_path, "one", b"content")
    [path] = tmp_path.glob("*.parquet")
    path.write_bytes(content)
    with pytest.warns(UserWarning, match="damaged"):
        assert kept(tmp_path, "one") is None
    assert not path.exists()


def test_a_write_that_is_cut_off_leaves_what_was_kept(tmp_path, monkeypatch):
    keep(tmp_path, "one", b"first")

    def full(file):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.warns(UserWarning, match="could not be cached.*No space left"):
        patch.setattr(os, "fsync", full)
        keep(tmp_path, "one", b"second")
    assert kept(tmp_path, "one") == b"first"
    assert len(list(tmp_path.iterdir())) == 2  # The file and the lock.


def test_what_nobody_used_for_thirty_days_is_forgotten(tmp_path):
    for stem in ("old", "used", "read"):
        keep(tmp_path, stem, stem.encode())
    month_ago = time.time() - 31 * 86400
    for stem in ("old", "read"):
        [path] = tmp_path.glob(f"{stem}.*")
        os.utime(path, (month_ago, month_ago))
    assert kept(tmp_path, "read") == b"read"
    keep(tmp_path, "new", b"new")
    assert [kept(tmp_path, stem) for stem in ("old", "used", "read")] == [None, b"used", b"read"]


@pytest.mark.filterwarnings("error")
def test_readers_and_writers_at_once_see_whole_files(tmp_path):
    contents = {bytes([number]) * 200_000 for number in range(4)}
    keep(tmp_path, "one", b"\0" * 200_000)
    until = time.monotonic() + 1

    def write(content):
        while time.monotonic() < until:
            keep(tmp_path, "one", content)

    def read(_):
        seen = set()
        while time.monotonic() < until:
            seen.add(kept(tmp_path, "one"))
        return seen

    with ThreadPoolExecutor(8) as pool:
        writers = [pool.submit(write, content) for content in contents]
        seen = set().union(*pool.map(read, range(4)))
        for writer in writers:
            writer.result()
    assert seen <= contents and len(seen) > 1
