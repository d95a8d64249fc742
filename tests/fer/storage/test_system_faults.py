"""A fault of the disk or the system is one sentence that names the thing and the remedy, never a traceback."""

import errno
import os
from pathlib import Path

import pytest

from fer.storage.folders import check_new_folder
from fer.storage.system_faults import shortened, system_fault

SENTENCES = {
    errno.ENOSPC: ("a disk is full (/data/x)", "free space", "TMPDIR"),
    errno.EDQUOT: ("a disk is full (/data/x)", "free space"),
    errno.EMFILE: ("no more open files", "ulimit -n"),
    errno.EROFS: ("/data/x", "read-only file system", "another place"),
    errno.EACCES: ("/data/x", "permission denied", "another place"),
    errno.ENAMETOOLONG: ("/data/x", "name too long", "another place"),
}


@pytest.mark.parametrize("number", SENTENCES)
def test_a_fault_is_a_sentence(number):
    sentence = system_fault(OSError(number, os.strerror(number), "/data/x"))
    assert all(word in sentence for word in SENTENCES[number])
    assert "\n" not in sentence and sentence.endswith(".")


def test_a_fault_behind_another_error_is_found_and_one_in_a_text():
    try:
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as error:
            raise RuntimeError("could not download") from error
    except RuntimeError as error:
        assert "disk is full" in system_fault(error)
    assert "disk is full" in system_fault(RuntimeError("failures: OSError(28): [Errno 28] No space left on device"))


@pytest.mark.parametrize("error", [RuntimeError("x"), FileNotFoundError(errno.ENOENT, "no such file", "/data/x")])
def test_other_errors_are_none(error):
    assert system_fault(error) is None


@pytest.mark.parametrize(
    ("name", "reason"),
    [("a" * 300, "name too long"), ("a\0b", "null byte"), ("file/below", "File exists"), ("b\udcff", "utf-8")],
)
def test_a_folder_that_cannot_be_made_is_refused_before_the_work(tmp_path, refused, name, reason):
    (tmp_path / "file").touch()
    with refused("cannot be written", reason, "another output folder"):
        check_new_folder(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_with_a_long_name_can_be_made(tmp_path):
    check_new_folder(tmp_path / ("é" * 120))
    with pytest.raises(ValueError, match="cannot be written"):
        check_new_folder(Path("/proc/nowhere/x"))


def test_long_and_unprintable_text_is_shown_short():
    assert shortened("a" * 300) == "a" * 200 + "..."
    assert shortened("a\0b\udcff") == "a\\x00b\\\\udcff"
