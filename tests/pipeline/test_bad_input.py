"""Bad input: one sentence that names the thing and the remedy, exit code not 0, the run FAILED."""

import importlib
import shutil
import time

import mlflow
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from project_runs import SMALL, answer

from fer.preprocessing.pipeline import Recipe, preprocess
from fer.text.escaping import markdown


def call(entry_point: str, *arguments: str):
    """Run an entry point in this process; return (exit code, the lines it printed as an error)."""
    command = importlib.import_module(f"entrypoints.{entry_point}").main
    result = CliRunner().invoke(command, list(arguments))
    return result.exit_code, answer(result.output)


@pytest.fixture(scope="module")
def datasets(tmp_path_factory):
    """Folders of a drawn dataset with groups and one without."""
    folder = tmp_path_factory.mktemp("datasets")
    preprocess(Recipe("synthetic", name="drawn", options=SMALL), folder / "drawn")
    tree = folder / "fer2013"
    for split, usage in (("train", "Training"), ("test", "PublicTest"), ("test", "PrivateTest")):
        for emotion in ("happy", "sad"):
            place = tree / split / emotion
            place.mkdir(parents=True, exist_ok=True)
            for number in range(3):
                noise = np.random.default_rng(number).integers(0, 256, (48, 48), dtype=np.uint8)
                Image.fromarray(noise).save(place / f"{usage}_{number}.png")
    preprocess(Recipe("fer2013", raw=tree, options={"splits": "field"}), folder / "groupless")
    (folder / "empty").mkdir()
    return folder


CASES = {
    "missing folder": ("preprocess", ["--source", "sfew", "--raw", "{}/nowhere"], ["nowhere", "raw="]),
    "empty folder": ("preprocess", ["--source", "fer2013", "--raw", "{}/empty"], ["empty", "fer2013.csv"]),
    "unknown source": ("preprocess", ["--source", "affectnot"], ["affectnot", "fer2013, ferplus, sfew, eila"]),
    "unknown option": ("preprocess", ["--options", "{{colour: red}}"], ["colour", "dialect"]),
    "options no mapping": ("preprocess", ["--options", "red"], ["'red'", "mapping"]),
    "no dataset": ("train", ["--dataset", "{}/nowhere"], ["nowhere", "preprocess"]),
    "empty dataset": ("train", ["--dataset", "{}/empty", "--backbone", "cnn"], ["dataset.json", "preprocess"]),
    "no such run": ("train", ["--dataset", "runs:/" + "0" * 32, "--backbone", "cnn"], ["0" * 32, "run id"]),
    "unknown backbone": ("train", ["--dataset", "{}/drawn", "--backbone", "vgg"], ["'vgg'", "resnet50v2, resnet101v2"]),
    "unknown head": ("train", ["--dataset", "{}/drawn", "--backbone", "cnn", "--head", "x"], ["'x'", "eila, pooled"]),
    "epochs": ("train", ["--dataset", "{}/drawn", "--backbone", "cnn", "--epochs", "1,2"], ["1,2", "scratch"]),
    "no number": ("train", ["--dataset", "{}/drawn", "--backbone", "cnn", "--dropout", "half"], ["'half'", "auto"]),
    "no such weights": (
        "train",
        ["--dataset", "{}/drawn", "--backbone", "cnn", "--weights", "imagenet"],
        ["cnn", "weights=none"],
    ),
    "rate": ("train", ["--dataset", "{}/drawn", "--backbone", "cnn", "--learning-rate", "nan"], ["learning_rate nan"]),
    "seed": ("train", ["--dataset", "{}/drawn", "--backbone", "cnn", "--seed", "-1"], ["seed -1"]),
    "input size": ("train", ["--dataset", "{}/drawn", "--backbone", "cnn", "--input-size", "8"], ["16 pixels"]),
    "model name": ("train", ["--dataset", "{}/drawn", "--backbone", "cnn", "--register-as", "a/b"], ["'a/b'"]),
    "augmentation": ("train", ["--dataset", "{}/drawn", "--backbone", "cnn", "--augmentation", "x"], ["none, affine"]),
    "weights file": ("train", ["--dataset", "{}/drawn", "--weights", "w.h5"], ["w.h5", "imagenet, none"]),
    "fraction": ("integrate", ["--base", "{}/drawn", "--addition", "{}/groupless", "--fraction", "1.2"], ["0..1"]),
    "itself": (
        "integrate",
        ["--base", "{}/drawn", "--addition", "{}/drawn", "--fraction", "1"],
        ["cannot be mixed with itself"],
    ),
    "no group column": (
        "evaluate",
        ["--model", "x", "--dataset", "{}/groupless", "--attributes", "race"],
        ["'race'", "dataset fer2013"],
    ),
    "no model": ("evaluate", ["--model", "0" * 32, "--dataset", "{}/drawn"], ["0" * 32, "train run"]),
    "no such cluster": (
        "evaluate",
        ["--model", "x", "--dataset", "{}/drawn", "--cluster", "scene"],
        ["'scene'", "test split of drawn", "clip, sample"],
    ),
    "perturbation": ("evaluate", ["--model", "x", "--dataset", "{}/drawn", "--robustness", "fog"], ["'fog'", "blur"]),
    "no experiment": ("report", ["--experiment", "nothing-here"], ["nothing-here"]),
    "storage": ("tune", ["--dataset", "{}/drawn", "--backbone", "cnn", "--storage", "x://y"], ["x://y", "optuna.db"]),
}
# Options that cannot be read: no run is begun for them.
UNREAD = {"options no mapping"}


@pytest.mark.parametrize("case", CASES)
def test_one_sentence_names_the_thing_and_the_remedy(case, tracking, datasets):
    entry_point, arguments, words = CASES[case]
    code, lines = call(entry_point, *(argument.format(datasets) for argument in arguments))
    assert code == 2
    assert len(lines) == 1, lines
    assert lines[0].startswith("error: ")
    for word in words:
        assert word in lines[0]
    if case in UNREAD:
        return
    run = mlflow.search_runs(search_all_experiments=True, max_results=1, output_format="list")[0]
    assert run.info.status == "FAILED"
    assert run.data.tags["fer.failure"].startswith("InputError")
    assert run.data.tags["mlflow.note.content"] == f"**Failed:** {markdown(lines[0].removeprefix('error: '))}"


def test_an_unknown_parameter_is_answered_with_the_valid_ones(tracking):
    code, lines = call("integrate", "--fractions", "0.3")
    assert code == 2
    assert "--fractions" in lines[0] and "addition, arm, base, fraction" in lines[0]


def test_a_group_without_samples_is_refused_when_asked_for(tracking, datasets):
    code, lines = call("evaluate", "--model", "x", "--dataset", str(datasets / "drawn"), "--groups", "group_z")
    assert code == 2
    assert "'group_z'" in lines[0] and "group_a" in lines[0]


def test_a_tampered_dataset_is_refused(tracking, datasets, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(datasets / "drawn", copy)
    content = bytearray((copy / "faces.npy").read_bytes())
    content[-1] ^= 255
    (copy / "faces.npy").write_bytes(content)
    code, lines = call("train", "--dataset", str(copy), "--backbone", "cnn")
    assert code == 2
    assert "digest" in lines[0] and str(copy) in lines[0]


def test_nothing_half_written_when_preprocess_fails(tracking, tmp_path):
    place = tmp_path / "raw" / "train" / "happy"
    place.mkdir(parents=True)
    (tmp_path / "raw" / "test" / "happy").mkdir(parents=True)
    (tmp_path / "raw" / "test" / "happy" / "PublicTest_1.jpg").write_bytes(b"no image")
    (place / "Training_1.jpg").write_bytes(b"no image")
    output = tmp_path / "out"
    code, lines = call("preprocess", "--source", "fer2013", "--raw", str(tmp_path / "raw"), "--output", str(output))
    assert code == 2
    assert "Training_1" in lines[0] and "max_rejected" in lines[0]
    assert not output.exists() and not list(tmp_path.glob(".out*"))


def test_a_server_that_does_not_answer_is_named_within_seconds(monkeypatch, datasets):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    mlflow.set_tracking_uri("http://127.0.0.1:9")
    began = time.monotonic()
    code, lines = call("train", "--dataset", str(datasets / "drawn"), "--backbone", "cnn")
    assert time.monotonic() - began < 10
    assert code == 2
    assert "http://127.0.0.1:9" in lines[0] and "MLFLOW_TRACKING_URI" in lines[0]
