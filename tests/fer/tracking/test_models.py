"""A model from a tracking server is read as a network alone: no code that it brings is run."""

import pytest

from fer.models.loading import load_network
from fer.tracking.models import network_file

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
