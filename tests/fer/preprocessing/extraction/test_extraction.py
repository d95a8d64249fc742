"""Faces of many rows: found, recorded, distributed over processes, and not repeated after a kill."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fer.preprocessing import extraction
from fer.preprocessing.extraction import Finder, extract, pool, worker
from fer.preprocessing.extraction.results import FACES_FILE, RECORDS_FILE
from fer.preprocessing.pipeline import Recipe, preprocess
from fer.preprocessing.row_outcomes import overlap
from fer.sources.eila_videos import Options, read
from fer.sources.listing import Listing

HAAR = Finder("haar")


@pytest.fixture(scope="module")
def listing(clips):
    return read(clips, Options())


@pytest.fixture(scope="module")
def found(listing, tmp_path_factory):
    return extract(listing, HAAR, tmp_path_factory.mktemp("work") / "w", workers=2)


def test_every_row_has_one_record_in_its_order(listing, found):
    assert found.records["position"].tolist() == list(range(len(listing.samples)))
    assert set(found.records["outcome"]) <= {"face", "no face"}
    assert (found.records["outcome"] == "face").mean() > 0.7


def test_faces_lie_where_they_were_drawn(clips, listing, found):
    truth = pd.read_csv(clips / "truth.csv")
    kept = found.records[found.records["outcome"] == "face"]
    boxes = kept[["face_x", "face_y", "face_width", "face_height"]].to_numpy(dtype=float)
    true = truth.loc[kept["position"], ["x", "y", "w", "h"]].to_numpy(dtype=float)
    overlaps = np.array([overlap(box, other[None])[0] for box, other in zip(boxes, true, strict=True)])
    assert (overlaps > 0.5).mean() > 0.9


def test_one_process_finds_what_several_find(listing, found, tmp_path):
    alone = extract(listing, HAAR, tmp_path / "w", workers=1)
    pd.testing.assert_frame_equal(alone.records, found.records)
    rows = np.flatnonzero(found.records["outcome"] == "face")
    assert all(np.array_equal(one, other) for one, other in zip(alone.faces(rows), found.faces(rows), strict=True))


def test_no_detector_takes_the_annotated_box(listing, tmp_path):
    whole = extract(listing, Finder("none", size=32, channels=3), tmp_path / "w", workers=1)
    assert set(whole.records["outcome"]) == {"face"}
    wide = whole.records["face_width"] / 640 * 100
    inside = listing.regions["x"].between(0, 100 - listing.regions["width"])
    assert np.abs(wide - listing.regions["width"])[inside].max() < 0.4
    assert next(whole.faces([0])).shape == (32, 32, 3)


def test_images_are_looked_at_in_blocks_and_the_unreadable_are_recorded(tmp_path, monkeypatch):
    monkeypatch.setattr(pool, "_IMAGES_A_UNIT", 3)

    def image(row):
        if row == 4:
            raise OSError("cut short")
        return np.full((20 + row, 30), row, np.uint8)

    samples = pd.DataFrame({"sample_id": [f"face_{row}" for row in range(8)]})
    result = extract(Listing(samples, image), Finder("none", size=16), tmp_path / "w", workers=2)
    assert result.records["outcome"].tolist() == ["face"] * 4 + ["unreadable"] + ["face"] * 3
    assert result.records["reason"][4] == "unreadable image: cut short"
    assert result.records["face_height"].dropna().tolist() == [20, 21, 22, 23, 25, 26, 27]
    assert [int(face.mean()) for face in result.faces([7, 0, 5])] == [7, 0, 5]
    assert len(list((tmp_path / "w").glob("unit_*"))) == 3


def test_a_detector_that_cannot_be_opened_is_one_sentence(listing, tmp_path, refused):
    with refused("yolo", "weights"):
        extract(listing, Finder("yolo"), tmp_path / "w", workers=1)
    with refused("unknown detector 'eyes'", "yolo, yunet, mtcnn, haar, cascade"):
        extract(listing, Finder("eyes"), tmp_path / "w", workers=1)
    with refused("confidence 1.5"):
        extract(listing, Finder("haar", confidence=1.5), tmp_path / "w", workers=1)
    with refused("align", "haar has none", "yunet or mtcnn"):
        extract(listing, Finder("haar", align=True), tmp_path / "w", workers=1)
    with refused("detector none takes no options"):
        extract(listing, Finder("none", {"size": 3}), tmp_path / "w", workers=1)


def test_a_killed_worker_is_one_sentence_and_its_unit_is_not_believed(listing, tmp_path, refused):
    def killed(row):
        os.kill(os.getpid(), signal.SIGKILL)

    with refused("worker process was killed", "fewer workers"):
        extract(Listing(listing.samples, killed), Finder("none"), tmp_path / "w", workers=1)
    assert not list((tmp_path / "w").glob("unit_*"))


PROGRAM = """
import sys
from pathlib import Path
from fer.preprocessing.pipeline import Recipe, preprocess

if __name__ == "__main__":
    preprocess(Recipe("eila_videos", Path(sys.argv[1]), detector="haar", workers=1), Path(sys.argv[2]))
"""


def test_a_killed_run_goes_on_with_the_videos_that_it_has_not_finished(clips, tmp_path, cache, monkeypatch):
    (tmp_path / "program.py").write_text(PROGRAM)
    environment = {**os.environ, "PYTHONPATH": str(Path(extraction.__file__).parents[3])}
    command = [sys.executable, str(tmp_path / "program.py"), str(clips), str(tmp_path / "out")]
    with subprocess.Popen(command, env=environment, start_new_session=True) as process:
        first = wait_for(lambda: next(cache.glob(f"preprocess/*/unit_*/{RECORDS_FILE}"), None))
        os.killpg(process.pid, signal.SIGKILL)
    assert not (tmp_path / "out").exists()
    finished = {path.parent.name for path in cache.glob(f"preprocess/*/unit_*/{RECORDS_FILE}")}
    written = first.stat().st_mtime_ns
    assert finished < {"unit_00000", "unit_00001", "unit_00002"}

    done_again, packed = [], []
    run, pack = pool._run, extraction.remove
    monkeypatch.setattr(pool, "_run", lambda *given: (done_again.extend(given[3]), run(*given)))
    monkeypatch.setattr(extraction, "remove", lambda work: (packed.append(first.stat().st_mtime_ns), pack(work)))
    resumed = preprocess(Recipe("eila_videos", clips, detector="haar", workers=1), tmp_path / "out").dataset
    assert set(done_again) == {"unit_00000", "unit_00001", "unit_00002"} - finished
    assert packed == [written]
    monkeypatch.undo()
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "other"))
    uninterrupted = preprocess(Recipe("eila_videos", clips, detector="haar"), tmp_path / "again").dataset
    assert uninterrupted.digest == resumed.digest
    assert not list(cache.glob(f"preprocess/*/*/{FACES_FILE}"))


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if (answer := condition()) is not None:
            return answer
        time.sleep(0.005)
    raise TimeoutError


def test_a_video_whose_name_has_braces_is_named_as_it_is(tmp_path):
    video = tmp_path / "clip{1}.mp4"
    video.write_bytes(b"no video")
    box = {"x": 0, "y": 0, "width": 50, "height": 50}
    (look,) = worker.looks_in_video(pd.DataFrame([{"file": str(video), "frame": 3, **box}]), np.array([0]), 1)
    assert look.outcome == "video unreadable" and "clip{1}.mp4" in look.reason
