"""A dataset's folder that was damaged or changed after it was written is refused, in one sentence."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from fer.data.dataset import load_dataset, write_mixture
from fer.data.emotions import EMOTIONS
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


def test_a_row_past_the_last_face_is_refused(folder, refused):
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
    with refused(str(mixture), "the dataset is incomplete"):
        load_dataset(mixture)


@pytest.mark.parametrize(
    "array",
    [np.uint8(3), np.zeros((56, 8, 8), float), np.zeros((56, 64), np.uint8), np.zeros((0, 8, 8), np.uint8),
     np.zeros((56, 8, 8, 4), np.uint8), np.zeros((56, 8, 8), np.int8), np.array(["x"] * 56),
     np.zeros((56, 0, 8), np.uint8)],
)  # fmt: skip
def test_an_array_that_is_no_faces_is_refused(folder, array, refused):
    np.save(folder / "faces.npy", array)
    with refused("faces.npy holds", str(array.dtype), "preprocess"):
        load_dataset(folder)


def test_an_archive_a_pickle_and_a_nonsense_header_are_refused(folder, refused):
    with open(folder / "faces.npy", "wb") as file:
        np.savez(file, faces=np.zeros((56, 8, 8), np.uint8))
    with refused("faces.npy cannot be read", "no .npy"):
        load_dataset(folder)
    np.save(folder / "faces.npy", np.array([{}, None], dtype=object), allow_pickle=True)
    with refused("faces.npy cannot be read"):
        load_dataset(folder)
    np.save(folder / "faces.npy", np.zeros((56, 8, 8), np.uint8))
    content = (folder / "faces.npy").read_bytes()
    for shape in (b"(-6, 8, 8)", b"(56,-8, 8)", b"(9**9,8,8)", b"('a',8, 8)"):
        (folder / "faces.npy").write_bytes(content.replace(b"(56, 8, 8)", shape))
        with refused("faces.npy"):
            load_dataset(folder)


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"name": 7}, "name is not text"), ({"digest": None}, "digest is not text"), ({"packed": "yes"}, "packed is not"),
     ({"packed": 1}, "packed is not"), ({"parts": []}, "parts is not"), ({"provenance": "x"}, "provenance is not"),
     ({"parts": {"a": "b"}, "packed": False}, "part a"), ({"parts": {"a": {"address": 1, "digest": "x"}}}, "part a"),
     ({"provenance": {"emotions": "happy"}}, "emotions"), ({"provenance": {"emotions": [1]}}, "emotion"),
     ({"provenance": {"emotions": ["rage"]}}, "'rage'"), ({"schema_version": True}, "schema version True"),
     ({"schema_version": [2]}, "schema version")],
)  # fmt: skip
def test_a_description_of_other_kinds_is_refused(folder, changes, words, refused):
    rewrite(folder, **changes)
    with refused("dataset.json" if "schema" not in words else str(folder), words):
        load_dataset(folder)


@pytest.mark.parametrize("depth", [100, 900, 100_000])
def test_deep_nesting_is_refused(folder, depth, refused):
    text = (folder / "dataset.json").read_text()
    nested = text.replace('"provenance": {', '"provenance": {"deep": ' + "[" * depth + "]" * depth + ", ")
    assert nested != text
    (folder / "dataset.json").write_text(nested)
    with refused("dataset.json", "nested too deeply"):
        load_dataset(folder)


def test_a_part_that_names_the_mixture_itself_or_another_mixture_is_refused(mixture, tmp_path, refused):
    about = json.loads((mixture / "dataset.json").read_text())
    for address in (str(mixture), str(tmp_path / "copy")):
        if not (tmp_path / "copy").exists():
            shutil.copytree(mixture, tmp_path / "copy")
        rewrite(mixture, parts={**about["parts"], "base": {**about["parts"]["base"], "address": address}})
        with refused(str(mixture), "no faces of its own"):
            load_dataset(mixture)


def test_an_edited_vocabulary_is_noticed(pack, tiny_samples, tmp_path, refused):
    samples = tiny_samples()
    samples["label"] = ["happy", "sad"] * 28
    assert pack("two", samples).emotions == EMOTIONS
    rewrite(tmp_path / "two", provenance={"emotions": ["happy", "sad"]})
    with refused("digest"):
        load_dataset(tmp_path / "two")


def test_an_emotion_outside_the_vocabulary_is_noticed(folder, refused):
    rewrite(folder, provenance={"emotions": ["happy", "sad"]})
    with refused("digest"):
        load_dataset(folder)


def test_faces_that_are_overwritten_while_in_use_are_noticed(folder, refused):
    dataset = load_dataset(folder)
    dataset.check_unchanged()
    faces = np.load(folder / "faces.npy", mmap_mode="r+")
    faces[55, 7, 7] ^= 1
    faces.flush()
    with refused("tiny", str(folder), "overwritten"):
        dataset.check_unchanged()
