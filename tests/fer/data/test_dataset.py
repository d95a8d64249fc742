"""Datasets on disk: what comes back is what was written, or a refusal."""

import json
import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fer.data.dataset import load_dataset, write_mixture, write_packed
from fer.data.emotions import EMOTIONS
from fer.data.mixing import integrate, parse_fraction

KILLED = """
import os, signal, sys
from pathlib import Path
import numpy as np, pandas as pd
from fer.data.dataset import write_packed

def faces():
    yield from np.zeros((5, 8, 8), np.uint8)
    print("half", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

samples = pd.DataFrame({"sample_id": range(10), "label": "happy", "split": "train"})
write_packed(Path(sys.argv[1]), "killed", samples, faces(), (8, 8), {})
"""


def test_what_is_written_comes_back(tmp_path, tiny_samples):
    faces = np.random.default_rng(3).integers(0, 256, (56, 8, 6, 3), dtype=np.uint8)
    lost = pd.DataFrame({"sample_id": ["gone"], "label": ["sad"], "split": ["test"], "reason": ["no face"]})
    written = write_packed(tmp_path / "set", "set", tiny_samples(56), faces, (8, 6, 3), {"made_by": "x"}, lost)
    read = load_dataset(tmp_path / "set")
    assert read.face_shape == (8, 6, 3)
    assert len(read) == 56
    assert np.array_equal(read.faces(), faces)
    assert read.samples.equals(written.samples)
    assert read.samples["sample_id"].iloc[0] == "set/face_000"
    assert read.samples["row"].tolist() == list(range(56))
    assert read.lost["reason"].tolist() == ["no face"]
    assert read.provenance == {"made_by": "x"}
    assert read.digest == written.digest == json.loads((tmp_path / "set" / "dataset.json").read_text())["digest"]


def test_faces_follow_the_table_in_any_order(tiny_faces):
    every = tiny_faces.faces()
    assert every.shape == (56, 8, 8, 1)
    picks = np.array([7, 0, 55, 7])
    assert np.array_equal(tiny_faces.faces(picks), every[picks])
    assert np.array_equal(tiny_faces.faces(slice(3, 6)), every[3:6])
    assert np.array_equal(tiny_faces.where(picks[:3]).faces(), every[picks[:3]])
    mask = (tiny_faces.samples["race"] == "black").to_numpy()
    assert np.array_equal(tiny_faces.where(mask).faces(), every[mask])


def test_a_split_holds_its_samples_and_a_missing_one_is_named(tiny_faces, refused):
    test = tiny_faces.split("test")
    assert len(test) == 14
    assert set(test.samples["split"]) == {"test"}
    with refused("tiny", "no validation split", "test"):
        test.split("validation")


def test_codes_are_those_of_the_vocabulary(tiny_faces):
    assert tiny_faces.codes().tolist() == list(range(7)) * 8


@pytest.mark.parametrize(("column", "value"), [("label", "sad"), ("race", "mixed"), ("split", "test"), ("race", None)])
def test_the_digest_changes_with_every_column(pack, tiny_samples, tmp_path, column, value):
    first = pack(folder=tmp_path / "first")
    samples = tiny_samples()
    assert pack(samples=samples, folder=tmp_path / "same").digest == first.digest
    samples.loc[0, column] = value
    assert pack(samples=samples, folder=tmp_path / "other").digest != first.digest


def test_the_digest_changes_with_one_pixel(tmp_path, tiny_samples):
    faces = np.zeros((14, 8, 8), np.uint8)
    first = write_packed(tmp_path / "first", "tiny", tiny_samples(14), faces, (8, 8), {})
    faces[13, 7, 7] = 1
    assert write_packed(tmp_path / "other", "tiny", tiny_samples(14), faces, (8, 8), {}).digest != first.digest


def test_a_mixture_holds_no_faces_and_finds_them_again(pack, tmp_path):
    mixed = integrate(pack("base"), pack("more", seed=1), parse_fraction("0.5"), seed=0)
    write_mixture(tmp_path / "mixture", mixed)
    names = {path.name for path in (tmp_path / "mixture").iterdir()}
    assert names == {"dataset.json", "samples.parquet", "lost.parquet"}
    read = load_dataset(tmp_path / "mixture")
    assert read.digest == mixed.digest
    assert set(read.parts) == {"base", "more"}
    assert np.array_equal(read.faces(), mixed.faces())


def test_a_mixture_is_loaded_through_resolve(pack, tmp_path):
    moved = tmp_path / "elsewhere"
    for name, seed in (("base", 0), ("more", 1)):
        pack(name, seed=seed)
    first, second = (load_dataset(tmp_path / name, address=f"server:/{name}") for name in ("base", "more"))
    mixed = integrate(first, second, parse_fraction("1"), seed=0)
    write_mixture(tmp_path / "mixture", mixed)
    moved.mkdir()
    for name in ("base", "more"):
        (tmp_path / name).rename(moved / name)
    read = load_dataset(tmp_path / "mixture", lambda address: moved / address.removeprefix("server:/"))
    assert read.digest == mixed.digest
    assert read.parts["base"].address == "server:/base"
    assert np.array_equal(read.faces(), mixed.faces())


def test_a_process_killed_while_writing_leaves_nothing_that_is_believed(tmp_path, refused):
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, tmp_path / "set"], capture_output=True, text=True, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert killed.stdout == "half\n"
    left = list(tmp_path.iterdir())
    assert [path.name.split("-")[0] for path in left] == [".set.partial"]
    assert (left[0] / "faces.npy").is_file()
    for folder in (tmp_path / "set", left[0]):
        with refused(str(folder), "dataset.json", "preprocess"):
            load_dataset(folder)
    samples = pd.DataFrame({"sample_id": ["a"], "label": ["happy"], "split": ["train"]})
    again = write_packed(tmp_path / "set", "set", samples, np.ones((1, 8, 8), np.uint8), (8, 8), {})
    assert len(again) == 1


def test_too_few_faces_are_not_filled_up_with_black_ones(tmp_path, tiny_samples):
    with pytest.raises(ValueError):
        write_packed(tmp_path / "set", "set", tiny_samples(14), np.ones((13, 8, 8), np.uint8), (8, 8), {})
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_not_overwritten(pack, tmp_path, refused):
    digest = pack().digest
    with refused("tiny", "already exists"):
        pack(seed=1)
    assert load_dataset(tmp_path / "tiny").digest == digest


def test_rows_of_a_source_that_is_no_part_are_refused(tiny_faces, tmp_path, refused):
    write_mixture(tmp_path / "mixture", replace(tiny_faces, samples=tiny_faces.samples.assign(source="somewhere")))
    with refused("somewhere"):
        load_dataset(tmp_path / "mixture")


def test_the_vocabulary_is_what_was_kept_else_all_seven(pack):
    whole = pack("whole")
    assert whole.emotions == EMOTIONS
    few = whole.where(whole.samples["label"].isin(["sad", "happy"]))
    assert few.emotions == EMOTIONS
    kept = replace(few, provenance={"emotions": ["Sadness", "happy"]})
    assert kept.emotions == ("happy", "sad")


def test_a_mixture_has_the_emotions_of_both_and_a_base_alone_its_own(pack):
    def of(name, *emotions):
        dataset = pack(name)
        part = dataset.where(dataset.samples["label"].isin(emotions))
        return replace(part, provenance={"emotions": list(emotions)})

    base, addition = of("one", "sad", "happy"), of("two", "sad", "angry")
    assert integrate(base, addition, parse_fraction("0.5"), seed=0).emotions == ("angry", "happy", "sad")
    assert integrate(base, addition, parse_fraction("0"), seed=0).emotions == ("happy", "sad")
    assert integrate(base, pack("three"), parse_fraction("1"), seed=0).emotions == EMOTIONS


def test_the_vocabulary_is_in_the_digest_unless_all_seven_occur(tmp_path, tiny_samples):
    """Happy and sad faces of seven emotions and of two: seven classes and two, so not one dataset."""

    def packed(name, labels, **provenance):
        samples = tiny_samples(8).assign(label=labels)
        faces = np.zeros((8, 8, 8), np.uint8)
        return write_packed(tmp_path / name, "same", samples, faces, (8, 8), provenance)

    two = ["happy", "sad"] * 4
    digests = {
        packed("all", two).digest, packed("asked", two, emotions=["happy", "sad"]).digest,
        packed("three", two, emotions=["happy", "sad", "fear"]).digest,
    }  # fmt: skip
    assert len(digests) == 3
    seven = [*EMOTIONS, "sad"]
    assert packed("seven", seven).digest == packed("named", seven, emotions=list(EMOTIONS)).digest


def test_a_folder_without_a_vocabulary_keeps_the_digest_that_it_was_given(tmp_path, tiny_samples):
    samples = tiny_samples(8).assign(label=["happy", "sad"] * 4)
    dataset = write_packed(tmp_path / "old", "old", samples, np.zeros((8, 8, 8), np.uint8), (8, 8), {})
    old = replace(dataset, digest_has_vocabulary=False).digest
    assert old != dataset.digest
    about = json.loads((tmp_path / "old" / "dataset.json").read_text())
    del about["vocabulary"]
    (tmp_path / "old" / "dataset.json").write_text(json.dumps({**about, "digest": old}))
    assert load_dataset(tmp_path / "old").digest == old


@pytest.mark.parametrize(
    ("provenance", "margin"),
    [
        ({"detector": "auto", "resolved": {"detector": "yunet"}}, 0.0),
        ({"detector": "none", "resolved": {"detector": "none"}}, None),
        ({"detector": "haar"}, 0.0),
        ({"detector": "auto"}, None),
        ({"made_by": "balance", "crop_margin": 0.0}, 0.0),
        ({}, None),
    ],
)
def test_the_crop_margin_follows_from_how_the_faces_were_cut(provenance, margin, tmp_path, tiny_samples):
    faces = np.ones((14, 8, 8), np.uint8)
    made = write_packed(tmp_path / "made", "made", tiny_samples(14), faces, (8, 8), provenance)
    assert made.crop_margin == margin
    other = write_packed(tmp_path / "other", "other", tiny_samples(14), faces, (8, 8), {})
    assert replace(made, parts={**made.parts, **other.parts}).crop_margin is None
