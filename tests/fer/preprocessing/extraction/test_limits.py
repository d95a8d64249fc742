"""What a search stays within: open files, memory, the disk of its workers, and the age of what it left."""

import errno
import os
import resource
import time

import numpy as np
import pandas as pd
import pytest

from fer.preprocessing.extraction import Finder, extract, prune
from fer.preprocessing.extraction.results import FACES_FILE, RECORD_COLUMNS, RECORDS_FILE, gather
from fer.preprocessing.extraction.worker import Look, _batches
from fer.sources.listing import Listing

DAY = 86400
MIB = 2**20


@pytest.fixture
def few_files():
    """Allow this process a hundred open files more than it has."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = max(int(name) for name in os.listdir("/proc/self/fd")) + 100
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_hundreds_of_units_are_read_under_a_low_limit_of_open_files(tmp_path, few_files):
    units = {f"unit_{number:05d}": np.array([number, number + 300]) for number in range(300)}
    for number, (name, positions) in enumerate(units.items()):
        (tmp_path / name).mkdir()
        np.save(tmp_path / name / FACES_FILE, np.full((2, 4, 4), number % 250, np.uint8))
        table = pd.DataFrame(index=range(2), columns=list(RECORD_COLUMNS)).assign(position=positions, outcome="face")
        table.to_parquet(tmp_path / name / RECORDS_FILE)
    found = gather(tmp_path, units)
    assert found.records["position"].tolist() == list(range(600))
    order = np.random.default_rng(0).permutation(600)
    pixels = [int(face[0, 0]) for face in found.faces(order)]
    assert pixels == (order % 300 % 250).tolist()


def looks(*bytes_each):
    """Return looks at pictures of these sizes, which take no memory; None is a look without a picture."""
    pictures = [None if size is None else np.broadcast_to(np.uint8(0), (size,)) for size in bytes_each]
    return iter([Look(place, picture) for place, picture in enumerate(pictures)])


@pytest.mark.parametrize(
    ("sizes", "lengths"),
    [
        ([1] * 40, [16, 16, 8]),
        ([None] * 20, [16, 4]),
        ([20 * MIB] * 10, [4, 4, 2]),
        ([64 * MIB] * 4, [2, 2]),
        ([65 * MIB] * 3, [1, 1, 1]),
        ([1, None, 64 * MIB, 1, 1], [3, 2]),
        ([], []),
    ],
    ids=str,
)
def test_a_batch_ends_at_sixteen_looks_or_above_64_mib_of_pixels(sizes, lengths):
    batches = list(_batches(looks(*sizes)))
    assert [len(batch) for batch in batches] == lengths
    assert [look.position for batch in batches for look in batch] == list(range(len(sizes)))


def test_a_worker_without_room_is_one_sentence_and_leaves_no_half_unit(tmp_path, refused):
    class Full(Finder):
        def open(self):
            def refuse(*given):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

            os.posix_fallocate = refuse
            return super().open()

    samples = pd.DataFrame({"sample_id": [f"face_{row}" for row in range(8)]})
    listing = Listing(samples, lambda row: np.full((20, 20), row, np.uint8))
    with refused("no room for 8 MB", str(tmp_path / "w"), "FER_CACHE"):
        extract(listing, Full("none", size=1000), tmp_path / "w", workers=1)
    assert [path.name for path in (tmp_path / "w").iterdir() if "unit" in path.name] == []
    assert os.posix_fallocate.__module__ == "posix"


@pytest.fixture
def left(tmp_path):
    """Return a maker of what a search left: ``left("name", days)``, its folder of that age, with a unit in it."""

    def make(name, days, unit_days=None):
        folder = tmp_path / "preprocess" / name
        (folder / "unit_00000").mkdir(parents=True)
        (folder / "unit_00000" / RECORDS_FILE).touch()
        lock = folder.with_name(f"{name}.lock")
        lock.touch()
        for path, age in ((folder / "unit_00000", days if unit_days is None else unit_days), (folder, days)):
            os.utime(path, times=(time.time() - age * DAY,) * 2)
        os.utime(lock, times=(time.time() - days * DAY,) * 2)
        return folder

    return make


def test_old_work_is_forgotten_with_its_lock_and_fresh_work_stays(left, tmp_path):
    left("old", 31)
    left("fresh", 29)
    left("gone on with", 31, unit_days=1)
    prune(tmp_path, 30)
    names = {path.name for path in (tmp_path / "preprocess").iterdir()}
    assert names == {"fresh", "fresh.lock", "gone on with"}
    assert (tmp_path / "preprocess" / "fresh" / "unit_00000" / RECORDS_FILE).is_file()


def test_a_young_lock_stays_without_its_folder(tmp_path):
    (tmp_path / "preprocess").mkdir()
    lock = tmp_path / "preprocess" / "work.lock"
    lock.touch()
    prune(tmp_path, 30)
    assert lock.exists()
    prune(tmp_path / "absent", 30)


def test_what_another_process_removes_meanwhile_does_not_stop_it(left, tmp_path, monkeypatch):
    folder = left("old", 31)
    stat = os.lstat

    def vanished(path, *more, **named):
        if str(path).endswith("unit_00000"):
            raise FileNotFoundError(path)
        return stat(path, *more, **named)

    for name in ("stat", "lstat"):
        monkeypatch.setattr(f"pathlib.Path.{name}", lambda path, **named: vanished(path))
    prune(tmp_path, 30)
    monkeypatch.undo()
    assert folder.is_dir()
