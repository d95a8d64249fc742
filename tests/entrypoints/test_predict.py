"""predict as a user runs it: drawn faces in pictures, with a tiny ONNX model; what is printed, written and refused."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image
from project_runs import ROOT, invoke
from tiny_onnx import linear_classifier

from fer.synthetic import SyntheticOptions, draw_population

WORDS = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """Return the path of an ONNX model of random weights."""
    place = tmp_path_factory.mktemp("model") / "tiny.onnx"
    stream = np.random.default_rng(0)
    weights = stream.normal(0, 0.5, (64, 7)).astype(np.float32)
    place.write_bytes(linear_classifier((8, 8, 1), weights, np.zeros(7, np.float32)))
    place.with_name("tiny.onnx.yaml").write_text(yaml.safe_dump({"labels": WORDS, "scaling": "unit"}))
    return str(place)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Return a folder with a picture of two drawn faces, one without a face, and a text file named as a picture."""
    folder = tmp_path_factory.mktemp("photos")
    options = SyntheticOptions(train=12, validation=0, test=0, size=160, channels=3, difficulty=0.0, frames_per_clip=1)
    drawn = draw_population(options)[1]
    picture = np.full((300, 420, 3), 150, dtype=np.uint8)
    picture[60:220, 20:180], picture[90:250, 230:390] = drawn[1], drawn[2]
    Image.fromarray(picture).save(folder / "two.png")
    Image.new("RGB", (200, 100), "white").save(folder / "none.png")
    (folder / "text.jpg").write_text("no picture")
    return folder


def test_the_first_result_needs_neither_tensorflow_nor_mlflow(photos, model):
    code = (
        "import sys; from entrypoints.predict import main;"
        f"main([{str(photos / 'two.png')!r}, '--model', {model!r}], standalone_mode=False);"
        "print([name for name in ('tensorflow', 'torch', 'mlflow') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
    assert "1 of 1 inputs read" in done.stdout
    assert f"{photos / 'two.png'}: " in done.stderr


def test_the_rest_goes_on_and_the_exit_code_tells(photos, model, tmp_path):
    result = invoke("predict", pictures=photos, model=model, output=tmp_path / "out", annotate="true")
    assert result.exit_code == 1, result.output
    assert "text.jpg cannot be read as a picture" in result.output
    assert "2 of 3 inputs read" in result.output
    assert "1 without a face" in result.output
    table = pd.read_csv(tmp_path / "out" / "faces.csv")
    assert table["face"].tolist() == [0, 1]
    assert set(table["emotion"]) <= set(WORDS)
    assert {path.name for path in (tmp_path / "out" / "annotated").iterdir()} == {"none.jpg", "two.jpg"}


def test_json_lines_are_printed_alone_on_standard_output(photos, model):
    result = invoke("predict", pictures=photos / "two.png", model=model, format="jsonl")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["face"] for row in rows] == [0, 1]
    assert rows[0]["picture"] == str(photos / "two.png")
    assert rows[0]["frame"] is None


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"pictures": "nowhere.jpg"}, "there is no file or folder"),
        ({"annotate": "true"}, "need a folder; give output="),
        ({"format": "parquet"}, "need a folder; give output="),
        ({"format": "xml"}, "unknown format 'xml'"),
        ({"every": 0}, "every is 0"),
        ({"seconds": 0}, "seconds is 0.0"),
        ({"confidence": 2}, "confidence 2.0 is outside"),
        ({"detector": "eyes"}, "unknown detector 'eyes'"),
        ({"device": "gpu"}, "unknown device 'gpu'"),
        ({"device": "cuda"}, "has no CUDA"),
        ({"model": "nowhere.onnx"}, "there is no model nowhere.onnx"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_sentence(options, sentence, photos, model, tmp_path):
    given = {"pictures": photos / "two.png", "model": model, **options}
    result = invoke("predict", **given)
    assert result.exit_code == 2, result.output
    assert sentence in result.output
    assert "Traceback" not in result.output


def test_a_folder_that_exists_is_not_written_into(photos, model, tmp_path):
    result = invoke("predict", pictures=photos, model=model, output=tmp_path)
    assert result.exit_code == 2
    assert "already exists" in result.output
    assert list(tmp_path.iterdir()) == []
