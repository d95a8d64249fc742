"""A model from a tracking server is read as a network alone: no code that it brings is run."""

from contextlib import nullcontext

import pytest
import yaml

from fer.models.loading import load_network
from fer.tracking import models
from fer.tracking.models import common_crop_margin, load_logged, network_file

import keras  # isort: skip

OURS = {
    "python_function": {"loader_module": "mlflow.tensorflow", "data": "data"},
    "tensorflow": {"model_type": "keras", "code": None, "data": "data"},
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "data").mkdir()
    keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]).save(tmp_path / "data" / "model.keras")
    return tmp_path


def test_a_network_of_keras_layers_is_loaded(folder):
    assert load_network(network_file(folder, OURS, "m"), "m").output_shape == (None, 2)


@pytest.mark.parametrize(
    "changed",
    [
        {"tensorflow": {**OURS["tensorflow"], "code": "code"}},
        {"python_function": {**OURS["python_function"], "code": "code"}},
        {"python_function": {"loader_module": "evil"}},
        {"tensorflow": {"model_type": "tf2-module"}},
        {"tensorflow": None},
    ],
)
def test_a_model_that_names_code_or_another_flavour_is_refused(folder, refused, changed):
    with refused("m", "entry point train"):
        network_file(folder, {**OURS, **changed}, "m")


@pytest.mark.parametrize("file", ["custom_objects.cloudpickle", "global_custom_objects.cloudpickle", "evil.py"])
def test_a_model_with_custom_objects_is_refused_and_they_are_not_opened(folder, refused, file):
    (folder / "data" / file).write_bytes(b"no pickle")
    with refused(file, "not run"):
        network_file(folder, OURS, "m")


def test_a_network_outside_the_folder_is_refused(folder, refused, tmp_path_factory):
    place = folder / "data" / "model.keras"
    place.rename(tmp_path_factory.mktemp("other") / "model.keras")
    with refused("model.keras"):
        network_file(folder, OURS, "m")


def test_a_lambda_and_a_damaged_file_are_refused_in_one_sentence(folder, refused):
    place = folder / "data" / "model.keras"
    keras.Sequential([keras.Input((4,)), keras.layers.Lambda(lambda x: x * 2)]).save(place)
    with refused("model m", "code of their own"):
        load_network(place, "m")
    place.write_bytes(place.read_bytes()[:50])
    with refused("model m", "cannot be loaded"):
        load_network(place, "m")


DESCRIPTION = {"flavors": OURS, "metadata": {"emotions": '["happy", "sad"]'}}


@pytest.fixture
def logged(tmp_path, monkeypatch):
    """Return the folder of a whole model that ``load_logged`` finds."""
    (tmp_path / "data").mkdir()
    layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
    keras.Sequential(layers).save(tmp_path / "data" / "model.keras")
    (tmp_path / "MLmodel").write_text(yaml.safe_dump(DESCRIPTION))
    monkeypatch.setattr(models, "model_files", lambda uri: nullcontext(tmp_path))
    return tmp_path


def test_a_whole_model_is_loaded_with_its_emotions(logged):
    network, emotions = load_logged("m")
    assert network.output_shape == (None, 2) and emotions == ("happy", "sad")


@pytest.mark.parametrize(("stored", "known"), [({}, None), ({"crop_margin": 0.25}, 0.25), ({"crop_margin": "?"}, None)])
def test_the_crop_margin_is_known_where_the_model_says_it(logged, stored, known):
    told = DESCRIPTION | {"metadata": {**DESCRIPTION["metadata"], **stored}}
    (logged / "MLmodel").write_text(yaml.safe_dump(told))
    assert common_crop_margin(["m", "m"]) == known


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"{a: [b", ["MLmodel", "cannot be read"]),
        (b"- 1", ["MLmodel", "no mapping"]),
        (b"\xff\xfe\x00\x01", ["MLmodel", "cannot be read"]),
        (b"", ["MLmodel", "no mapping"]),
        (b"[" * 9999, ["MLmodel", "cannot be read"]),
        (b"flavors: [1]", ["MLmodel", "no mapping"]),
        (b"flavors: {tensorflow: 5, sklearn: 5}", ["no Keras model", "tensorflow, sklearn"]),
        (yaml.safe_dump({**DESCRIPTION, "metadata": None}).encode(), ["no label vocabulary"]),
        (yaml.safe_dump({**DESCRIPTION, "metadata": {"emotions": "5"}}).encode(), ["label vocabulary", "angry"]),
        (yaml.safe_dump({**DESCRIPTION, "metadata": {"emotions": '["cat", "dog"]'}}).encode(), ["label vocabulary"]),
        (yaml.safe_dump({**DESCRIPTION, "metadata": {"emotions": '["sad"]'}}).encode(), ["1 emotions", "(None, 2)"]),
    ],
)
def test_a_damaged_description_and_another_projects_model_are_refused(logged, refused, text, words):
    (logged / "MLmodel").write_bytes(text)
    with refused("model m", *words):
        load_logged("m")


@pytest.mark.parametrize("file", ["MLmodel", "data/model.keras"])
def test_a_model_that_lacks_a_file_is_refused(logged, refused, file):
    (logged / file).unlink()
    with refused("model m", file.rpartition("/")[2]):
        load_logged("m")


def test_a_network_that_takes_no_faces_is_refused(logged, refused):
    keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]).save(logged / "data" / "model.keras")
    with refused("model m", "(None, 4)", "not faces"):
        load_logged("m")
