"""ONNX files, and what is refused of any model's file and description; neither TensorFlow nor MLflow is loaded."""

import subprocess
import sys

import numpy as np
import pytest
from tiny_onnx import linear_classifier

from fer.classifiers import open_classifier
from fer.data.emotions import EMOTIONS

PLACES = [EMOTIONS.index(word) for word in ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")]


def expected(pixels, linear, softmax):
    """Return the probabilities of faces (n, h, w, c) that are scaled already, in the order of EMOTIONS."""
    weights, bias = linear
    shares = softmax(pixels.reshape(len(pixels), -1).astype(np.float64) @ weights + bias)
    return shares[:, np.argsort(PLACES)]


def test_faces_become_probabilities(onnx, gray, linear, softmax):
    classifier = open_classifier(onnx())
    found = classifier.probabilities(gray)
    assert (found.dtype, found.shape) == (np.float32, (5, 7))
    assert found == pytest.approx(expected(gray / 255, linear(), softmax), abs=1e-5)
    assert classifier.remarks() == []


@pytest.mark.parametrize("softmaxed", [True, False])
def test_logits_and_probabilities_say_the_same(onnx, gray, linear, softmax, softmaxed):
    classifier = open_classifier(onnx(softmax=softmaxed, said={} if softmaxed else {"output": "logits"}))
    assert classifier.probabilities(gray) == pytest.approx(expected(gray / 255, linear(), softmax), abs=1e-5)


def test_channels_may_come_first(onnx, linear, softmax):
    faces = np.random.default_rng(1).integers(0, 256, (4, 6, 5, 3), dtype=np.uint8)
    classifier = open_classifier(onnx(shape=(3, 6, 5), said={"scaling": "symmetric"}))
    first = (faces / 127.5 - 1).transpose(0, 3, 1, 2)
    assert classifier.description.input_size == (6, 5) and classifier.description.color == "rgb"
    assert classifier.probabilities(faces) == pytest.approx(expected(first, linear((3, 6, 5)), softmax), abs=1e-5)


def test_pixels_may_come_in_a_row(onnx, gray, linear, softmax):
    classifier = open_classifier(onnx(shape=(64,), said={"color": "gray"}))
    assert classifier.description.input_size == (8, 8)
    assert classifier.probabilities(gray) == pytest.approx(expected(gray / 255, linear((64,)), softmax), abs=1e-5)


def test_a_network_of_bytes_scales_them_itself(onnx, gray, linear, softmax, refused):
    said = {"scaling": None, "output": "logits"}
    classifier = open_classifier(onnx(kind=np.uint8, softmax=False, said=said))
    assert classifier.description.scaling == "none"
    assert classifier.probabilities(gray) == pytest.approx(expected(gray, linear(), softmax), abs=1e-4)
    with refused("scaling: unit", "bytes"):
        open_classifier(onnx(kind=np.uint8, softmax=False, said={**said, "scaling": "unit"}))


@pytest.mark.parametrize("batch", [1, 3])
def test_a_network_of_a_fixed_number_of_faces_is_given_so_many(onnx, gray, linear, softmax, batch):
    classifier = open_classifier(onnx(batch=batch))
    assert classifier.probabilities(gray) == pytest.approx(expected(gray / 255, linear(), softmax), abs=1e-5)


def test_a_size_that_the_file_leaves_open_is_stated(onnx, gray, refused):
    open_ = {"sides": ("high", "wide", 1)}
    with refused("which size", "input_size", "tiny.onnx.yaml"):
        open_classifier(onnx(**open_))
    assert open_classifier(onnx(**open_, said={"input_size": 8})).probabilities(gray).shape == (5, 7)
    with refused("arranged in two ways", "layout"):
        open_classifier(onnx(sides=("a", "b", "c"), said={"input_size": 8, "color": "gray"}))


def test_a_model_of_half_precision_is_run(onnx, gray, linear, softmax):
    found = open_classifier(onnx(kind=np.float16)).probabilities(gray)
    assert found == pytest.approx(expected(gray / 255, linear(), softmax), abs=5e-3)


def test_one_of_several_outputs_is_chosen_by_name(onnx, gray, linear, softmax, refused):
    with refused("several outputs", "answer, sums_too", "output_name"):
        open_classifier(onnx(extra=["sums_too"]))
    with refused("'logits'", "answer, sums_too"):
        open_classifier(onnx(extra=["sums_too"], said={"output_name": "logits"}))
    said = {"output_name": "sums_too", "output": "logits"}
    found = open_classifier(onnx(extra=["sums_too"], said=said)).probabilities(gray)
    assert found == pytest.approx(expected(gray / 255, linear(), softmax), abs=1e-5)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"labels": ["angry", "sad"]}, ["has 7 outputs", "2 labels"]),
        ({"labels": None}, ["labels", "tiny.onnx.yaml"]),
        ({"scaling": None}, ["how its input is scaled", "scaling: unit"]),
        ({"input_size": 48}, ["input_size: [48, 48]", "8 x 8 pixels", "correct it"]),
        ({"color": "rgb"}, ["color: rgb", "1 channel;"]),
        ({"layout": "channels_first"}, ["layout: channels_first", "(8, 8, 1)"]),
        ({"scaling": "imagenet"}, ["scaling: imagenet", "gray"]),
        ({"output": "logits"}, ["probabilities already"]),
        ({"sha256": "0" * 64}, ["SHA-256", "another file"]),
        ({"kind": "tensorrt"}, ["'tensorrt'", "onnx"]),
        ({"kind": "litert"}, ["no LiteRT file"]),
        ({"kind": "mlflow"}, ["kind mlflow"]),
    ],
)
def test_a_description_that_cannot_be_true_is_refused(onnx, refused, said, words):
    with refused("tiny.onnx", *words):
        open_classifier(onnx(said=said))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("label: [a]", ["no key 'label'", "write labels"]),
        ("scaling: 0..1", ["entry scaling", "symmetric"]),
        ("scaling: {mean: 127.5, std: 127.5}", ["entry scaling", "divide"]),
        ("input_size: 0", ["entry input_size", "pixels"]),
        ("input_size: [48, 48, 1]", ["entry input_size"]),
        ("labels: angry", ["entry labels", "a list"]),
        ("labels: [no, happy]", ["entry labels.0", "quotes"]),
        ("color: grey", ["entry color", "gray"]),
        ("sha256: abc", ["64 hex digits"]),
        ("crop_margin: -1", ["entry crop_margin", "0 or more"]),
        ("- 1", ["no description"]),
        ("{", ["not valid YAML"]),
        ("labels: [a]\nlabels: [b]", ["twice"]),
        (b"\xff\xfe", ["UTF-8"]),
    ],
)
def test_a_mistake_in_a_description_is_one_sentence(onnx, refused, tmp_path, text, words):
    address = onnx()
    (tmp_path / "tiny.onnx.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    with refused("tiny.onnx.yaml", *words):
        open_classifier(address)


def test_without_a_description_it_is_said_where_to_write_it(onnx, refused):
    with refused("scaling", "tiny.onnx.yaml"):
        open_classifier(onnx(said=None))


def test_what_people_write_stands_on_one_line(onnx, refused):
    said = {"labels": ["An\ngry", *EMOTIONS[1:]], "name": "my\nmodel"}
    with refused("'An gry'"):
        open_classifier(onnx(said=said))
    assert open_classifier(onnx(said={"name": "my\nmodel"})).description.name == "my model"


def test_options_win_over_the_file(onnx, gray, refused):
    address = onnx(said={"scaling": "symmetric"})
    assert open_classifier(address, options={"scaling": "unit", "name": "mine"}).description.scaling == "unit"
    with refused("options", "entry scaling"):
        open_classifier(address, options={"scaling": 3})


def test_a_description_may_be_the_address(onnx, gray, tmp_path, refused):
    address = onnx()
    beside = open_classifier(f"{address}.yaml").probabilities(gray)
    other = tmp_path / "mine.yaml"
    other.write_text((tmp_path / "tiny.onnx.yaml").read_text() + "model: tiny.onnx\n")
    assert np.array_equal(open_classifier(str(other)).probabilities(gray), beside)
    other.write_text("scaling: unit")
    with refused("mine.yaml", "names no model"):
        open_classifier(str(other))
    with refused("none.yaml", "cannot be read"):
        open_classifier(str(tmp_path / "none.yaml"))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("tiny.onnx", b"", ["ONNX Runtime"]),
        ("tiny.onnx", b"no model", ["ONNX Runtime"]),
        ("tiny.tflite", b"no model", ["no LiteRT file"]),
        ("tiny.tflite", b"\0\0\0\0TFL3" + b"\0" * 50, ["LiteRT"]),
        ("model.pkl", b"", ["a pickle", "MLflow"]),
        ("model.pth", b"", ["a pickle", "ONNX"]),
        ("model.xyz", b"", ["of no kind", ".onnx", ".tflite", ".keras", "models:/"]),
    ],
)
def test_what_is_no_model_is_refused(tmp_path, refused, name, content, words):
    (tmp_path / name).write_bytes(content)
    with refused(name, *words):
        open_classifier(str(tmp_path / name), options={"labels": ["happy", "sad"], "scaling": "unit"})


def test_an_address_that_leads_nowhere_is_refused_with_all_kinds(refused, tmp_path):
    with refused("there is no model nothing.onnx", "a Keras file", "models:/", "LiteRT"):
        open_classifier("nothing.onnx")
    with refused("of no kind", "MLmodel"):
        open_classifier(str(tmp_path))


@pytest.mark.parametrize("shape", [(7,), (2, 8, 8, 1)])
def test_an_input_that_is_no_face_is_refused(onnx, refused, shape):
    said = {"color": "gray", "input_size": 8}
    with refused("tiny.onnx", "takes"):
        open_classifier(onnx(shape=shape, said=said))


def test_the_description_holds_what_a_reader_must_know(onnx):
    more = {"name": "mine", "source": "a paper", "license": "MIT", "crop_margin": 0.2}
    what = open_classifier(onnx(said=more)).description
    assert what.facts() == {
        "kind": "onnx", "digest": what.digest, "labels": "Angry, Disgust, Fear, Happy, Sad, Surprise, Neutral",
        "input_size": "8x8", "color": "gray", "scaling": "unit", "output": "probabilities", "crop_margin": "0.2",
        "source": "a paper", "license": "MIT",
    }  # fmt: skip
    assert len(what.digest) == 64 and what.address.endswith("/tiny.onnx") and not what.trained_here
    for word in ("mine", "a paper", what.digest[:12], "MIT", "8 x 8", "gray", "unit", "angry"):
        assert word in what.sentence()


def test_onnx_and_litert_load_no_framework_and_no_server(onnx, tmp_path):
    code = (
        "import sys, numpy; from fer.classifiers import open_classifier;"
        f"open_classifier({onnx()!r}).probabilities(numpy.zeros((2, 9, 9), numpy.uint8));"
        "import fer.classifiers.litert_file, ai_edge_litert.interpreter;"
        "print([name for name in ('tensorflow', 'keras', 'torch', 'mlflow', 'sklearn') if name in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_a_file_of_more_than_its_network_takes_as_many_outputs_as_it_says(onnx, refused, tmp_path, linear):
    (tmp_path / "open.onnx").write_bytes(linear_classifier((8, 8, 1), *linear()).replace(b"answer", b"answer"))
    with refused("7 outputs", "6 labels"):
        open_classifier(str(tmp_path / "open.onnx"), options={"labels": list(EMOTIONS[:6]), "scaling": "unit"})
