"""The model that comes with the package: the file that was checked, and its way into evaluation and training."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fer.classifiers import open_classifier
from fer.errors import InputError
from fer.identity import file_digest
from fer.models import build_model
from fer.models.building import check_weights
from fer.shipped import BACKBONE, CARD, MODEL

DIGEST = "c7da898a5a89cae803f6d65743305608fe9f1fb23af883ae9a63e8c8f8a31845"
LARGEST = 6 * 2**20
FACES = Path(__file__).parents[3] / "shared" / "data" / "fer2013" / "test"


@pytest.fixture(scope="module")
def classifier():
    return open_classifier("shipped")


@pytest.fixture(scope="module")
def faces():
    return np.random.default_rng(0).integers(0, 256, (8, 48, 48, 1), dtype=np.uint8)


def test_it_is_the_file_that_was_checked(classifier):
    assert file_digest(MODEL) == DIGEST == classifier.description.digest
    assert MODEL.stat().st_size < LARGEST


def test_it_says_what_a_reader_must_know(classifier):
    what = classifier.description
    assert what.address == "shipped"
    assert what.input_size == (48, 48) and what.color == "gray"
    assert what.license and "FER2013" in what.license and what.source and "FER+" in what.source
    card = CARD.read_text(encoding="utf-8")
    assert "must not be used" in card and "FER2013" in card and "black" in card


def test_it_predicts_without_tensorflow_and_mlflow():
    code = (
        "import json, sys, numpy as np; from fer.classifiers import open_classifier;"
        "p = open_classifier('shipped').probabilities(np.zeros((2, 60, 50, 3), np.uint8));"
        "print(json.dumps([p.shape, sorted({'tensorflow', 'keras', 'mlflow', 'torch'} & set(sys.modules))]))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(found.stdout.splitlines()[-1]) == [[2, 8], []]


def test_training_starts_from_the_same_backbone(classifier, faces):
    """The file's own head on the features of a network that starts from it gives the file's own probabilities."""
    onnx = pytest.importorskip("onnx")
    from onnx import numpy_helper

    stored = {one.name: numpy_helper.to_array(one) for one in onnx.load(MODEL).graph.initializer}
    [kernel] = [values for values in stored.values() if values.shape == (256, 8)]
    [bias] = [values for name, values in stored.items() if values.shape == (8,)]
    model = build_model(BACKBONE, (48, 48, 1), 7, 0.0, weights="shipped")
    features = model.get_layer("trunk")(faces.astype("float32") / 127.5 - 1).numpy().mean(axis=(1, 2))
    logits = features @ kernel.astype("float32") + bias.astype("float32")
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    np.testing.assert_allclose(shares / shares.sum(axis=1, keepdims=True), classifier.probabilities(faces), atol=0.01)


def test_other_backbones_cannot_start_from_it():
    with pytest.raises(InputError, match="weights=shipped are of the backbone cnn, not of cnn_large"):
        check_weights("cnn_large", "shipped")


@pytest.mark.skipif(not FACES.is_dir(), reason="FER2013's faces are not beside the repository")
def test_it_knows_most_emotions_of_faces_that_it_did_not_see(classifier):
    """By FER2013's own labels, of which the votes that taught it confirm two thirds."""
    import cv2

    files = sorted(FACES.glob("*/PublicTest_*.jpg"))[::18]
    pictures = np.stack([cv2.imread(str(file), cv2.IMREAD_GRAYSCALE) for file in files])[..., np.newaxis]
    predicted = [classifier.description.emotions[code] for code in classifier.probabilities(pictures).argmax(axis=1)]
    assert np.mean([emotion == file.parent.name for emotion, file in zip(predicted, files, strict=True)]) > 0.5
