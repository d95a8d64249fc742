"""Exported files give the model's probabilities; what cannot be converted is one sentence."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from fer.classifiers import open_classifier
from fer.export import EXPORT_PRECISIONS, FORMATS, convert, description_of, open_exported, seconds_per_face
from fer.export.conversion import check_can_export
from fer.identity import file_digest

EMOTIONS = ("angry", "happy", "sad")
APART = {"float32": 1e-5, "float16": 0.005, "int8": 0.1}
NAMES = [f"{name}_{precision}" for name in FORMATS for precision in EXPORT_PRECISIONS]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_gives_the_probabilities_of_the_model_for_any_number_of_faces(exported, network, faces, name):
    classify = open_exported(exported[name].file)
    expected = network.predict(faces, verbose=0)
    found = classify(faces)
    assert found.dtype == np.float32
    assert np.abs(found - expected).max() < APART[exported[name].precision]
    assert np.abs(found.sum(axis=1) - 1).max() < 1e-3
    assert np.allclose(classify(faces[:1]), found[:1], atol=1e-6)


def test_fewer_bits_take_less_room(exported):
    size = {name: one.file.stat().st_size for name, one in exported.items()}
    assert len(set(size.values())) == len(size) and min(size.values()) > 1000


def test_files_of_8_bits_do_not_round_probabilities_to_8_bits(exported, faces):
    for name in ("onnx_int8", "litert_int8"):
        found = open_exported(exported[name].file)(faces) * 256
        assert np.abs(found - found.round()).max() > 0.01, name


def test_onnx_names_its_input_and_output_and_resizes_as_its_standard_says(exported):
    import onnx

    graph = onnx.load(exported["onnx_float32"].file).graph
    assert [one.name for one in (*graph.input, *graph.output)] == ["faces", "probabilities"]
    assert graph.input[0].type.tensor_type.shape.dim[0].dim_param == "n"
    [mode] = [
        attribute.s
        for node in graph.node
        for attribute in node.attribute
        if attribute.name == "coordinate_transformation_mode"
    ]
    assert mode == b"half_pixel"


def test_a_description_says_what_the_file_does_not(exported):
    one = exported["litert_int8"]
    text = description_of(one, EMOTIONS, (12, 12, 1), "cnn (faces, seed 0), LiteRT int8", "run 1", "CC BY 4.0")
    assert yaml.safe_load(text) == {
        "model": "model_int8.tflite",
        "kind": "litert",
        "name": "cnn (faces, seed 0), LiteRT int8",
        "labels": ["angry", "happy", "sad"],
        "input_size": [12, 12],
        "color": "gray",
        "scaling": "none",
        "layout": "channels_last",
        "output": "probabilities",
        "source": "run 1",
        "license": "CC BY 4.0",
        "sha256": file_digest(one.file),
    }
    assert "license" not in yaml.safe_load(description_of(one, EMOTIONS, (12, 12, 3), "n", "run 1"))


def test_the_time_of_a_face_is_a_part_of_the_time_of_a_batch(faces):
    asked = []
    seconds = seconds_per_face(lambda batch: asked.append(len(batch)) or np.sum(np.ones(100_000)), faces, 32)
    assert set(asked) == {32} and len(asked) >= 8
    assert 0 < seconds < 0.01


def test_mixed_precision_is_converted_in_float32(faces):
    import keras
    from keras import layers

    from fer.export.network import inference_network
    from fer.models.precision import computing_in

    with computing_in("mixed_float16"):
        taken = keras.Input((12, 12, 1), dtype="uint8")
        x = layers.Flatten()(layers.Rescaling(1 / 255)(taken))
        mixed = keras.Model(taken, layers.Dense(3, activation="softmax", dtype="float32")(layers.Dense(4)(x)))
    copied = inference_network(mixed)
    assert {layer.compute_dtype for layer in mixed.layers} == {"float16", "float32"}
    assert {layer.compute_dtype for layer in copied.layers} == {"float32"}
    assert np.abs(copied.predict(faces, verbose=0) - mixed.predict(faces, verbose=0)).max() < 0.01


def test_nothing_of_training_is_left_in_what_is_converted(network, faces):
    from fer.export.network import inference_network

    copied = inference_network(network)
    assert copied.trainable_weights == []
    assert [layer.rate for layer in copied.layers if hasattr(layer, "rate")] == [0.0]
    assert "Normalization" not in {type(layer).__name__ for layer in copied.layers}
    assert np.allclose(copied(faces, training=True), network.predict(faces, verbose=0), atol=1e-5)


@pytest.mark.parametrize("name", FORMATS)
def test_a_layer_that_a_format_does_not_have_is_one_sentence(refused, tmp_path, name):
    import keras
    from keras import layers, ops

    taken = keras.Input((4, 4, 1), dtype="uint8")
    x = ops.erfinv(layers.Flatten()(layers.Rescaling(1 / 512)(taken)))
    model = keras.Model(taken, layers.Dense(2, activation="softmax")(x))
    with refused("cannot be converted", FORMATS[name].title, "leave"):
        convert(model, tmp_path, (name,))


def test_a_conversion_that_computes_something_else_is_refused(refused, network, faces):
    from fer.export.network import check_same

    with refused("LiteRT", "not written"):
        check_same(network, lambda asked: np.full((len(asked), 3), 1 / 3), faces, "LiteRT")
    with refused("nan"):
        check_same(network, lambda asked: np.full((len(asked), 3), np.nan), faces, "LiteRT")


@pytest.mark.parametrize(
    ("formats", "precisions", "words"),
    [
        (["onxn"], ["float32"], ("format", "'onxn'", "onnx, litert")),
        (["onnx"], ["int4"], ("precision", "'int4'", "float32, float16, int8")),
        ([], ["float32"], ("format is empty",)),
        (["onnx"], [], ("precision is empty",)),
        (["onnx", "onnx"], ["int8"], ("format", "given twice")),
    ],
)
def test_what_is_no_format_or_precision_is_refused(refused, formats, precisions, words):
    with refused(*words):
        check_can_export(formats, precisions)


def test_a_missing_package_is_named_with_its_remedy(refused, monkeypatch):
    monkeypatch.setattr("fer.export.conversion.find_spec", lambda name: None)
    with refused("onnx", "tf2onnx", "pip install tf2onnx onnx"):
        check_can_export(["onnx", "litert"], ["float32"])
    check_can_export(["litert"], ["float32"])


def test_int8_without_faces_is_refused(refused, network, tmp_path):
    with refused("int8", "representative faces"):
        convert(network, tmp_path, ("onnx",), ("int8",))


def test_files_are_run_without_tensorflow(exported):
    code = (
        "import sys, numpy as np; from pathlib import Path; from fer.export import open_exported;"
        "print(*[open_exported(Path(file))(np.zeros((2, 12, 12, 1), np.uint8)).shape for file in sys.argv[1:]]);"
        "print([name for name in ('tensorflow', 'keras', 'torch', 'mlflow') if name in sys.modules])"
    )
    files = [str(exported[name].file) for name in ("onnx_float32", "litert_float32")]
    shown = subprocess.check_output([sys.executable, "-c", code, *files], text=True)
    assert shown.splitlines() == ["(2, 3) (2, 3)", "[]"]


@pytest.mark.parametrize("name", ["onnx_float32", "onnx_int8", "litert_float32", "litert_int8"])
def test_the_classifiers_of_this_project_read_a_file_by_its_description(exported, faces, tmp_path, name):
    one = exported[name]
    file = Path(shutil.copy(one.file, tmp_path))
    (tmp_path / f"{file.name}.yaml").write_text(description_of(one, EMOTIONS, (12, 12, 1), "cnn", "run 1"))
    classifier = open_classifier(str(file))
    assert classifier.description.labels == EMOTIONS and classifier.description.input_size == (12, 12)
    assert classifier.description.color == "gray" and classifier.description.scaling == "none"
    assert np.abs(classifier.probabilities(faces) - open_exported(one.file)(faces)).max() < 1e-4
    assert classifier.remarks() == []
