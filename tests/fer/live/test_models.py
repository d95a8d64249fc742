"""Models opened for live use: nothing heavy is loaded, what promises nothing says so."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fer.errors import InputError
from fer.live import open_live, still_scene
from fer.shipped import CARD, MODEL
from fer.text.limits import LIMITS

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def shipped():
    return open_live("shipped")


def test_the_shipped_model_has_a_threshold_and_the_facts_of_its_card(shipped):
    assert shipped.left_out == ("contempt",)
    assert shipped.why_left_out.startswith("The emotion contempt is left out")
    assert shipped.reader.emotions == ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
    known = shipped.threshold
    assert 0.5 < known.value < 1
    assert not known.remark
    [whole] = [one for one in known.groups if one.test_set == "FER2013, PublicTest"]
    assert whole.known == "bounded"
    assert whole.low > known.aim
    checked = {(one.test_set, one.attribute, one.group): one for one in shipped.facts.checked}
    assert checked["FER2013, PrivateTest", "all", "all"].low > known.aim, "the promise holds on other faces"
    assert ("EiLA, test", "race", "black") in checked
    assert shipped.facts.evaluated_by_group
    assert {one.attribute for one in shipped.facts.measured} == {"all", "race", "emotion"}
    assert shipped.facts.limits == LIMITS


def test_the_shipped_card_says_the_same_limits():
    text = CARD.read_text(encoding="utf-8")
    assert all(one in text for one in LIMITS)


def test_other_emotions_than_those_left_out_make_the_threshold_a_default(shipped):
    every = open_live("shipped", left_out=())
    assert "contempt" in every.reader.emotions
    assert every.threshold.remark.startswith("The threshold of this model is a default, as other emotions")
    assert not every.facts.lacking


def test_a_file_without_a_word_beside_it_is_used_with_a_remark(tmp_path):
    copy = tmp_path / "mine.onnx"
    copy.write_bytes(MODEL.read_bytes())
    (tmp_path / "mine.onnx.yaml").write_text(
        MODEL.with_name("emotion.onnx.yaml").read_text().replace("emotion.onnx", "mine.onnx")
    )
    model = open_live(str(copy))
    assert "default" in model.threshold.remark
    assert not model.facts.evaluated_by_group
    assert model.facts.lacking
    assert model.left_out == ()


def test_a_picture_without_a_face_and_one_of_any_size_are_read(shipped):
    for size in ((480, 640, 3), (1, 1, 3), (20, 3000)):
        seen = still_scene(shipped.reader, shipped.threshold, np.zeros(size, np.uint8))
        assert seen.faces == ()
        assert seen.size == size[:2]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"address": "missing.onnx"}, "there is no model missing.onnx"),
        ({"address": "model.keras"}, "would load TensorFlow or torch"),
        ({"address": "shipped", "detector": "mtcnn"}, "detector mtcnn needs mtcnn"),
        ({"address": "shipped", "detector": "yolo"}, "use yunet, haar"),
        ({"address": "shipped", "left_out": ["joy"]}, "does not know 'joy'"),
    ],
)
def test_what_cannot_be_used_live_is_refused_in_one_sentence(tmp_path, monkeypatch, asked, reason):
    monkeypatch.chdir(tmp_path)
    Path("model.keras").write_bytes(b"PK")
    with pytest.raises(InputError, match=reason):
        open_live(**asked)


def test_the_process_of_the_app_loads_neither_tensorflow_nor_torch_nor_mlflow(tmp_path):
    code = (
        "import sys, numpy as np; from fer.live import open_live, still_scene; model = open_live('auto'); "
        "still_scene(model.reader, model.threshold, np.zeros((480, 640, 3), np.uint8)); "
        "print(model.address, [one for one in ('tensorflow', 'keras', 'torch', 'mlflow') if one in sys.modules])"
    )
    environment = {key: value for key, value in os.environ.items() if key != "MLFLOW_TRACKING_URI"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={**environment, "PYTHONPATH": str(ROOT)}, text=True,
        stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    assert done.stdout.split("\n")[-2] == "shipped []"
