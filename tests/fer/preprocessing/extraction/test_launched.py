"""Videos searched by a launcher: the same faces as in processes of this machine, whatever is lost or not shared."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fer.errors import InputError
from fer.launching import open_launcher
from fer.launching.inline import in_process
from fer.preprocessing.extraction import Finder, extract, launched
from fer.preprocessing.extraction.launched import VideoWork, _keep, _unless_made
from fer.preprocessing.pipeline import Recipe, preprocess
from fer.sources.eila_videos import Options, read

WHOLE = Finder("none", size=24)


class Deadly(Finder):
    """A finder that kills its process at the first start, as a system does that is out of memory."""

    def open(self):
        died = Path(os.environ["DIED"])
        if not died.exists():
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().open()


@pytest.fixture(scope="module")
def listing(clips):
    return read(clips, Options())


@pytest.fixture(scope="module")
def found(listing, tmp_path_factory):
    return extract(listing, WHOLE, tmp_path_factory.mktemp("work") / "w", workers=1)


def same(one, other):
    pd.testing.assert_frame_equal(one.records, other.records)
    rows = np.flatnonzero(other.records["outcome"] == "face")
    return all(np.array_equal(face, known) for face, known in zip(one.faces(rows), other.faces(rows), strict=True))


def test_each_video_is_a_job_and_the_dataset_is_the_same(clips, cache, tmp_path, monkeypatch):
    recipe, jobs = Recipe("eila_videos", clips, detector="haar"), []

    def counted(videos, work, began, ended, lost):
        jobs.extend(videos)
        return in_process(videos, work, began, ended, lost)

    made = preprocess(recipe, tmp_path / "launched", launcher=counted)
    assert len(jobs) == 3 and sorted(np.concatenate([job.positions for job in jobs])) == list(range(60))
    assert [len(job.positions) for job in jobs] == sorted((len(job.positions) for job in jobs), reverse=True)
    assert made.dataset.digest == preprocess(recipe, tmp_path / "as ever").dataset.digest
    assert not launched._opened and not list(cache.glob("preprocess/*/*"))


def test_a_worker_that_sees_another_folder_sends_the_faces_back(listing, found, tmp_path):
    kept = []

    def far(videos, work, began, ended, lost):
        (tmp_path / "elsewhere").mkdir()

        def told(one):
            kept.append(sorted(one.files))
            ended(one)

        return in_process(videos, replace(work, folder=tmp_path / "elsewhere"), began, told, lost)

    sent = extract(listing, WHOLE, tmp_path / "w", launcher=far)
    assert same(sent, found) and kept == [["faces.npy", "records.parquet"]] * 3
    assert not list((tmp_path / "elsewhere").iterdir())


def test_the_video_of_a_killed_worker_is_begun_again(listing, found, tmp_path, monkeypatch):
    monkeypatch.setenv("DIED", str(tmp_path / "died"))
    launcher = open_launcher("processes", {"retries": 1}, 1)
    assert same(extract(listing, Deadly("none", size=24), tmp_path / "w", launcher=launcher), found)
    assert (tmp_path / "died").exists()


def test_a_video_that_is_lost_each_time_is_named_and_the_others_are_kept(listing, found, tmp_path, refused):
    done = []

    def loses(videos, work, began, ended, lost):
        ended(lost(videos[0], "its worker was killed 3 times."))
        done.append([job.name for job in videos[1:]])
        return in_process(videos[1:], work, began, ended, lost)

    with refused("1 of 3 videos were not searched", "killed 3 times)", "give the same command again"):
        extract(listing, WHOLE, tmp_path / "w", launcher=loses)

    def rest(videos, *more):
        done.append([job.name for job in videos])
        return in_process(videos, *more)

    assert same(extract(listing, WHOLE, tmp_path / "w", launcher=rest), found)
    assert len(done[0]) == 2 and len(done[1]) == 1 and done[1][0] not in done[0]


def test_a_worker_with_other_code_weights_or_videos_refuses(listing, tmp_path, monkeypatch, refused):
    monkeypatch.setattr(launched, "_opened", [])
    job = launched._job(listing.regions, "unit_00000", np.arange(3))
    work = VideoWork(WHOLE, tmp_path, "token", launched.versions_of(WHOLE))
    for name in ("code", "weights", "opencv-python"):
        with refused("another version of " + name, "install the same"):
            replace(work, versions=work.versions | {name: "other"})(job)
    for moved in (replace(job, size=1), replace(job, regions=job.regions.assign(file="/absent/Complete.mp4"))):
        with refused("does not see the video", "all machines see"):
            work(moved)


def test_a_unit_that_another_process_made_meanwhile_is_left(tmp_path):
    _keep(tmp_path / "unit", {"records.parquet": b"first"})
    _keep(tmp_path / "unit", {"records.parquet": b"second"})
    with _unless_made(tmp_path / "unit"):
        raise InputError("it exists.")
    assert (tmp_path / "unit" / "records.parquet").read_bytes() == b"first"
    with pytest.raises(OSError, match="full"), _unless_made(tmp_path / "other"):
        raise OSError("full")


def test_a_unit_that_is_never_seen_is_named(tmp_path, monkeypatch, refused):
    monkeypatch.setattr(launched, "_SECONDS_UNTIL_SEEN", 0.0)
    with refused(str(tmp_path / "unit"), "not seen here", "FER_CACHE of its own"):
        launched._wait_for(tmp_path / "unit")
    _keep(tmp_path / "unit", {"records.parquet": b""})
    launched._wait_for(tmp_path / "unit")


@pytest.mark.parametrize(("given", "threads"), [("3", 3), ("2,1", 2), ("", None), ("0", None), ("many", None)])
def test_threads_are_those_of_the_launcher(given, threads, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", given)
    assert launched._threads() == (threads or launched.cpu_count())
