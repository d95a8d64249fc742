"""Interrupted preprocessing: faces found are kept, and only the cache of the detection is needed."""

import errno
import os
import time
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from fer.preprocessing import pipeline as preprocessing
from fer.preprocessing.pipeline import Recipe, preprocess


@pytest.fixture
def recipe(tmp_path, png_tree):
    """Return the recipe of twelve images, one of which is damaged."""
    png_tree(tmp_path / "raw", {f"train/{word}": [f"{n}.png" for n in range(6)] for word in ("happy", "sad")})
    (tmp_path / "raw" / "train" / "sad" / "3.png").write_bytes(b"")
    return Recipe("tree", tmp_path / "raw", detector="haar", max_rejected=0.5)


def kept(cache):
    """Return the folders of unfinished work."""
    return [path for path in cache.glob("preprocess/*") if path.is_dir()]


def full_disk(monkeypatch, where):
    """Let the disk have no room for arrays in a folder whose path holds ``where``."""
    take = os.posix_fallocate

    def fallocate(descriptor, offset, size):
        if where in os.readlink(f"/proc/self/fd/{descriptor}"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        take(descriptor, offset, size)

    monkeypatch.setattr(os, "posix_fallocate", fallocate)


def test_packing_that_fails_does_not_cost_the_search(recipe, cache, tmp_path, searched, bright, monkeypatch):
    def no_room(*given):
        raise OSError(errno.EIO, "the disk is broken")

    with monkeypatch.context() as broken, pytest.raises(OSError, match="broken"):
        broken.setattr(preprocessing, "write_packed", no_room)
        preprocess(recipe, tmp_path / "out")
    assert searched == ["unit_00000"] and len(kept(cache)) == 1
    assert len(preprocess(recipe, tmp_path / "out").dataset) == 11
    assert searched == ["unit_00000"] and kept(cache) == []


def test_an_output_without_room_is_one_sentence_and_does_not_cost_the_search(
    recipe, cache, tmp_path, searched, bright, monkeypatch, refused
):
    recipe = replace(recipe, size=512)
    with monkeypatch.context() as full, refused(f"no room for {11 * 512 * 512 / 1e6:.0f} MB", str(tmp_path), ".out"):
        full_disk(full, "/.out.partial-")
        preprocess(recipe, tmp_path / "out")
    assert {path.name for path in tmp_path.iterdir()} == {"raw", "cache"}
    preprocess(recipe, tmp_path / "out")
    assert searched == ["unit_00000"]


def test_a_cache_without_room_is_one_sentence_and_leaves_no_half_unit(
    recipe, cache, tmp_path, searched, bright, monkeypatch, refused
):
    with monkeypatch.context() as full, refused("no room", str(cache), "FER_CACHE"):
        full_disk(full, str(cache))
        preprocess(recipe, tmp_path / "out")
    assert {path.name for path in tmp_path.iterdir()} == {"raw", "cache"}
    assert not [path for work in kept(cache) for path in work.iterdir() if "unit" in path.name]
    assert len(preprocess(recipe, tmp_path / "out").dataset) == 11


def test_images_that_are_faces_need_room_too(recipe, tmp_path, monkeypatch, refused):
    full_disk(monkeypatch, "read.npy")
    with refused("no room", str(tmp_path)):
        preprocess(replace(recipe, detector="none"), tmp_path / "out")
    assert {path.name for path in tmp_path.iterdir()} == {"raw"}


def test_damage_refused_and_then_allowed_is_not_searched_again(recipe, cache, tmp_path, searched, bright, refused):
    with refused("1 of 12", "max_rejected=1.0%"):
        preprocess(replace(recipe, max_rejected=0.01), tmp_path / "out")
    assert searched == ["unit_00000"]
    assert len(preprocess(replace(recipe, max_rejected=0.1), tmp_path / "out").dataset) == 11
    assert searched == ["unit_00000"] and kept(cache) == []


def test_kept_work_stays_until_it_is_forgotten(recipe, cache, tmp_path, searched, bright):
    made = preprocess(recipe, tmp_path / "out", keep=True)
    assert kept(cache) == [made.work]
    again = preprocess(recipe, tmp_path / "again", keep=True)
    assert searched == ["unit_00000"]
    assert again.dataset.digest == made.dataset.digest
    again.forget()
    assert kept(cache) == []
    again.forget()
    preprocess(recipe, tmp_path / "third")
    assert searched == ["unit_00000"] * 2


def test_a_cache_that_cannot_be_written_is_named_and_only_where_it_is_needed(
    recipe, tmp_path, searched, bright, monkeypatch, refused
):
    (tmp_path / "file").touch()
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "file" / "cache"))
    with refused("FER_CACHE", str(tmp_path / "file" / "cache"), "cannot be written"):
        preprocess(recipe, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    made = preprocess(replace(recipe, detector="none"), tmp_path / "out", keep=True)
    assert len(made.dataset) == 11 and made.work is None
    made.forget()
    assert len(made.dataset) == 11


def test_work_that_nobody_went_on_with_for_a_month_is_forgotten_by_the_next_search(
    recipe, cache, tmp_path, searched, bright
):
    for days in (29, 31):
        (cache / "preprocess" / f"of {days} days").mkdir(parents=True)
        os.utime(cache / "preprocess" / f"of {days} days", times=(time.time() - days * 86400,) * 2)
    preprocess(recipe, tmp_path / "out")
    assert [path.name for path in kept(cache)] == ["of 29 days"]


def test_a_second_run_of_the_same_work_is_refused_and_then_goes_on(recipe, tmp_path, bright, searched, refused):
    made = preprocess(recipe, tmp_path / "out", keep=True)
    with preprocessing.exclusive(made.work), refused(str(made.work), "in use"):
        preprocess(recipe, tmp_path / "again")
    assert len(preprocess(recipe, tmp_path / "again").dataset) == 11


def test_a_face_is_the_same_whether_found_now_or_before(recipe, tmp_path, searched, bright):
    preprocess(recipe, tmp_path / "one", keep=True)
    dataset = preprocess(recipe, tmp_path / "two").dataset
    row = dataset.samples.index[dataset.samples["sample_id"] == "tree/train/sad/5.png"]
    pixels = np.asarray(Image.open(tmp_path / "raw" / "train" / "sad" / "5.png"))
    assert np.array_equal(dataset.faces(row.to_numpy())[0, :, :, 0], pixels)


def test_damaged_faces_of_an_earlier_start_are_named_with_their_folder(
    recipe, cache, tmp_path, searched, bright, monkeypatch, refused
):
    with monkeypatch.context() as broken, pytest.raises(OSError, match="broken"):
        broken.setattr(preprocessing, "write_packed", failing)
        preprocess(recipe, tmp_path / "out")
    (work,) = kept(cache)
    (work / "unit_00000" / "records.parquet").write_bytes(b"noise")
    with refused(str(work), "damaged", "remove that folder"):
        preprocess(recipe, tmp_path / "out")


def failing(*given):
    raise OSError(errno.EIO, "the disk is broken")
