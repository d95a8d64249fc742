"""Folders are whole or absent, held by one process, and on a disk that has room for them."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fer.errors import InputError
from fer.storage.folders import atomic_folder, cache_folder, exclusive, new_array, writable


def test_a_folder_appears_only_when_the_block_has_ended(tmp_path):
    target = tmp_path / "deep" / "target"
    with atomic_folder(target) as partial:
        (partial / "file").write_text("content")
        assert not target.exists()
        assert partial.parent == target.parent
    assert (target / "file").read_text() == "content"
    assert [path.name for path in target.parent.iterdir()] == ["target"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_block_that_raises_leaves_nothing(tmp_path, error):
    with pytest.raises(error), atomic_folder(tmp_path / "target") as partial:
        (partial / "file").write_text("content")
        raise error
    assert list(tmp_path.iterdir()) == []


def test_an_existing_target_is_refused_before_any_work(tmp_path, refused):
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "old").write_text("kept")
    with refused(str(tmp_path / "target"), "already exists", "remove"), atomic_folder(tmp_path / "target"):
        pytest.fail("the block must not run")
    assert (tmp_path / "target" / "old").read_text() == "kept"
    assert len(list(tmp_path.iterdir())) == 1


def test_what_an_earlier_attempt_of_this_process_left_is_cleared(tmp_path):
    with atomic_folder(tmp_path / "target") as partial:
        left = partial
    (tmp_path / "target").rename(left)
    (left / "old").write_text("stale")
    with atomic_folder(tmp_path / "target"):
        pass
    assert list((tmp_path / "target").iterdir()) == []


def failing(code):
    def refuse(*given, **named):
        raise OSError(code, os.strerror(code))

    return refuse


def test_an_array_takes_its_room_at_once(tmp_path):
    array = new_array(tmp_path / "faces.npy", (100, 48, 48))
    assert os.stat(tmp_path / "faces.npy").st_blocks * 512 >= 100 * 48 * 48
    array[99] = 7
    array.flush()
    assert np.load(tmp_path / "faces.npy")[99].min() == 7


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("where", ["os.posix_fallocate", "numpy.lib.format.open_memmap"])
def test_a_disk_without_room_is_one_sentence_and_nothing_stays(tmp_path, monkeypatch, refused, where, code):
    monkeypatch.setattr(where, failing(code))
    with refused(str(tmp_path), "no room for 12 MB", "FER_CACHE"):
        new_array(tmp_path / "faces.npy", (5000, 48, 48))
    assert list(tmp_path.iterdir()) == []


def test_another_fault_of_a_disk_is_not_called_a_lack_of_room(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "posix_fallocate", failing(errno.EIO))
    with pytest.raises(OSError) as caught:
        new_array(tmp_path / "faces.npy", (5, 8, 8))
    assert caught.value.errno == errno.EIO
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_names_the_variable(tmp_path, refused):
    (tmp_path / "file").touch()
    with refused(str(tmp_path / "file" / "deep"), "FER_CACHE"):
        writable(tmp_path / "file" / "deep")
    with refused("FER_CACHE"), exclusive(tmp_path / "file" / "work"):
        pytest.fail("the block must not run")
    (tmp_path / "work.lock").mkdir()
    with refused(str(tmp_path / "work.lock"), "FER_CACHE"), exclusive(tmp_path / "work"):
        pytest.fail("the block must not run")


def test_a_fault_within_the_block_stays_what_it_is(tmp_path):
    with pytest.raises(OSError, match="own"), exclusive(tmp_path / "work"):
        raise OSError("its own")
    with exclusive(tmp_path / "work"):
        pass


def test_holding_a_folder_renews_the_time_of_its_lock_which_marks_work_in_use(tmp_path):
    lock = tmp_path / "work.lock"
    lock.touch()
    os.utime(lock, (1e9, 1e9))
    with exclusive(tmp_path / "work"):
        assert lock.stat().st_mtime > 1.5e9


def test_a_file_system_without_locks_is_one_sentence(tmp_path, monkeypatch, refused):
    monkeypatch.setattr("fcntl.flock", failing(errno.ENOSYS))
    with refused(str(tmp_path / "work.lock"), "not implemented", "FER_CACHE"), exclusive(tmp_path / "work"):
        pytest.fail("the block must not run")


HOLDER = """
import sys
from pathlib import Path
from fer.storage.folders import exclusive

with exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("end", ["well", "killed"])
def test_a_folder_is_held_by_one_process_and_free_when_that_has_ended(tmp_path, refused, end):
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "work")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        with refused(str(tmp_path / "work"), "in use"), exclusive(tmp_path / "work"):
            pytest.fail("the block must not run")
        with exclusive(tmp_path / "other"):
            pass
        if end == "killed":
            holder.kill()
    with exclusive(tmp_path / "work"):
        other = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert other.returncode != 0
    assert InputError.__name__ in other.stderr and "in use" in other.stderr


def test_an_empty_variable_is_none(monkeypatch):
    monkeypatch.setenv("FER_CACHE", "")
    empty = cache_folder()
    monkeypatch.delenv("FER_CACHE")
    assert empty == cache_folder() != Path()
    monkeypatch.setenv("FER_CACHE", "/elsewhere")
    assert cache_folder() == Path("/elsewhere")
