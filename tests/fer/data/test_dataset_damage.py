"""A dataset's folder that was damaged or changed after it was written is refused, in one sentence."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from fer.data.dataset import load_dataset, write_mixture
from fer.data.mixing import integrate, parse_fraction


@pytest.fixture
def folder(tiny_faces, tmp_path):
    return tmp_path / tiny_faces.name


def rewrite(folder, **changes):
    about = json.loads((folder / "dataset.json").read_text())
    (folder / "dataset.json").write_text(json.dumps({**about, **changes}))


def test_a_missing_folder_and_an_empty_one_are_refused(tmp_path, refused):
    (tmp_path / "empty").mkdir()
    for name in ("missing", "empty"):
        with refused(str(tmp_path / name), "dataset.json", "preprocess"):
            load_dataset(tmp_path / name)


@pytest.mark.parametrize("length", [0, 4, 100, 1000])
def test_truncated_faces_are_refused(folder, length, refused):
    with open(folder / "faces.npy", "r+b") as file:
        file.truncate(length)
    with refused(str(folder), "faces.npy", "preprocess"):
        load_dataset(folder)


@pytest.mark.parametrize("name", ["samples.parquet", "lost.parquet"])
@pytest.mark.parametrize("length", [0, 200, None])
def test_a_truncated_or_missing_table_is_refused(folder, name, length, refused):
    if length is None:
        (folder / name).unlink()
    else:
        with open(folder / name, "r+b") as file:
            file.truncate(length)
    with refused(str(folder), "cannot be read", "preprocess"):
        load_dataset(folder)


@pytest.mark.parametrize("content", ["", '{"schema_version": 2', "[]", '{"schema_version": 2}', '"text"'])
def test_a_broken_description_is_refused(folder, content, refused):
    (folder / "dataset.json").write_text(content)
    with refused(str(folder)):
        load_dataset(folder)


def test_a_changed_label_is_noticed(folder, refused):
    samples = pd.read_parquet(folder / "samples.parquet")
    samples.loc[0, "label"] = "sad"
    samples.to_parquet(folder / "samples.parquet")
    with refused(str(folder), "digest", "preprocess"):
        load_dataset(folder)


def test_a_dropped_row_is_noticed(folder, refused):
    pd.read_parquet(folder / "samples.parquet").iloc[:-1].to_parquet(folder / "samples.parquet")
    with refused(str(folder), "digest"):
        load_dataset(folder)


def test_a_changed_pixel_is_noticed(folder, refused):
    faces = np.load(folder / "faces.npy", mmap_mode="r+")
    faces[55, 7, 7] ^= 1
    faces.flush()
    with refused(str(folder), "digest"):
        load_dataset(folder)


def test_faces_of_another_dataset_are_noticed(folder, pack, tmp_path, refused):
    pack("other", seed=9)
    shutil.copy(tmp_path / "other" / "faces.npy", folder / "faces.npy")
    with refused(str(folder), "digest"):
        load_dataset(folder)


@pytest.mark.parametrize("version", [0, 1, 3, "2", None])
def test_another_schema_version_is_refused(folder, version, refused):
    rewrite(folder, schema_version=version)
    with refused(str(folder), f"schema version {version}", "reads 2"):
        load_dataset(folder)


def test_a_row_past_the_faces_is_refused(folder, refused):
    samples = pd.read_parquet(folder / "samples.parquet")
    samples.loc[3, "row"] = 56
    samples.to_parquet(folder / "samples.parquet")
    with refused(str(folder), "row 56 of tiny", "56 faces"):
        load_dataset(folder)


def test_a_negative_row_is_refused(folder, refused):
    samples = pd.read_parquet(folder / "samples.parquet")
    samples.loc[3, "row"] = -1
    samples.to_parquet(folder / "samples.parquet")
    with refused(str(folder), "row -1 of tiny"):
        load_dataset(folder)


def test_an_unknown_label_in_the_table_is_refused_by_name(folder, refused):
    samples = pd.read_parquet(folder / "samples.parquet")
    samples.loc[3, "label"] = "contempt"
    samples.to_parquet(folder / "samples.parquet")
    with refused(str(folder), "tiny/face_003", "'contempt'"):
        load_dataset(folder)


@pytest.fixture
def mixture(pack, tmp_path):
    mixed = integrate(pack("base"), pack("more", seed=1), parse_fraction("1"), seed=0)
    write_mixture(tmp_path / "mixture", mixed)
    return tmp_path / "mixture"


def test_a_mixture_whose_part_is_gone_is_refused(mixture, tmp_path, refused):
    shutil.rmtree(tmp_path / "more")
    with refused(str(tmp_path / "more"), "dataset.json"):
        load_dataset(mixture)


def test_a_mixture_whose_part_was_made_anew_is_refused(mixture, pack, tmp_path, refused):
    shutil.rmtree(tmp_path / "more")
    pack("more", seed=2)
    with refused("faces of more", str(tmp_path / "more"), "integrate again"):
        load_dataset(mixture)


def test_a_packed_dataset_that_lost_its_faces_is_refused(folder, refused):
    (folder / "faces.npy").unlink()
    with refused("faces.npy"):
        load_dataset(folder)


def test_a_mixture_without_parts_is_refused(mixture, refused):
    rewrite(mixture, parts={})
    with refused(str(mixture), "half a dataset"):
        load_dataset(mixture)
