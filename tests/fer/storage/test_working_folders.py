"""Working folders go at the end, those of killed processes at the next start, those of living ones never."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from fer.storage.folders import atomic_folder
from fer.storage.working_folders import remove_abandoned, temporary_files, temporary_root, working_folder, working_name

HOLDER = """
import sys
from pathlib import Path
from fer.storage.folders import atomic_folder
from fer.storage.working_folders import temporary_files

with temporary_files(), atomic_folder(Path(sys.argv[1])) as partial:
    (partial / "file").write_text("half")
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """Return the folder of temporary files."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return place


def test_a_living_process_keeps_its_folders_and_a_killed_one_loses_them(tmp_path, temporary):
    target = tmp_path / "target"
    command = [sys.executable, "-c", HOLDER, str(target)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        with temporary_files(), atomic_folder(tmp_path / "other"):
            remove_abandoned(tmp_path, working_name(target, "partial"))
        assert [path.name.split("-")[3] for path in temporary.iterdir()] == [str(holder.pid)]
        assert len(list(tmp_path.glob(f".target.partial-{holder.pid}-*"))) == 1
        holder.kill()
    assert list(temporary.iterdir()) and list(tmp_path.glob(".target.partial-*"))
    with temporary_files(), atomic_folder(target):
        pass
    assert not list(temporary.iterdir()) and not list(tmp_path.glob(".*"))
    assert (tmp_path / "other").is_dir()


def test_a_folder_of_an_earlier_version_which_held_none_is_removed_and_nothing_else(tmp_path):
    (tmp_path / ".x.partial-123").mkdir()
    (tmp_path / ".x.partial-of mine").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".x.partial-4").symlink_to(tmp_path / "elsewhere")
    remove_abandoned(tmp_path, working_name(tmp_path / "x", "partial"))
    assert {path.name for path in tmp_path.iterdir()} == {".x.partial-4", ".x.partial-of mine", "elsewhere"}


@pytest.mark.parametrize("error", [None, RuntimeError, KeyboardInterrupt])
def test_all_temporary_files_of_a_block_are_gone_afterwards(temporary, error):
    try:
        with temporary_files():
            tempfile.mkdtemp()
            tempfile.NamedTemporaryFile(delete=False).close()
            script = "import tempfile; print(tempfile.mkdtemp())"
            child = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
            assert Path(child.stdout.strip()).is_dir() and temporary in Path(child.stdout.strip()).parents
            assert temporary_root() == temporary
            if error is not None:
                raise error
    except (RuntimeError, KeyboardInterrupt):
        pass
    assert not list(temporary.iterdir())
    assert os.environ["TMPDIR"] == str(temporary) and Path(tempfile.gettempdir()) == temporary


def test_a_folder_that_was_renamed_stays(tmp_path):
    with working_folder(tmp_path, ".x-") as place:
        (place / "file").write_text("whole")
        place.rename(tmp_path / "x")
    assert (tmp_path / "x" / "file").read_text() == "whole"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
