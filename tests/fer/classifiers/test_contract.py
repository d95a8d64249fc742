"""Every kind of the registry keeps the contract, and the same network says the same in each file."""

import os

import numpy as np
import pytest
import yaml
from tiny_onnx import constant_yolo, linear_classifier

from fer.classifiers import CLASSIFIERS, open_classifier
from fer.data.emotions import EMOTIONS
from fer.identity import file_digest

import keras  # isort: skip

SHAPE = (8, 8, 1)
OWN = {
    "flavors": {
        "python_function": {"loader_module": "mlflow.tensorflow", "data": "data"},
        "tensorflow": {"model_type": "keras", "code": None, "data": "data"},
    },
    "metadata": {"emotions": '["angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"]'},
}
# Of the same network.
SAME = ("keras", "h5", "onnx", "litert", "mlflow", "keras flavour", "onnx flavour", "pyfunc")


def network(linear, *before):
    """Return the linear network of the tests, after some layers."""
    weights, bias = linear(SHAPE)
    last = keras.layers.Dense(7, activation="softmax")
    model = keras.Sequential([keras.Input(SHAPE), *before, keras.layers.Flatten(), last])
    last.set_weights([weights, bias.astype(np.float32)])
    return model


def lite(model, **changes):
    """Return a network as LiteRT, with changes to its converter."""
    import tensorflow

    converter = tensorflow.lite.TFLiteConverter.from_keras_model(model)
    for name, value in changes.items():
        setattr(converter, name, value)
    return converter.convert()


def logged(folder, flavor, file, content):
    """Write a model as MLflow logs one of a flavour."""
    (folder / "data").mkdir(parents=True)
    flavors = {"python_function": {"loader_module": f"mlflow.{flavor}"}, flavor: {"data": file}}
    (folder / "MLmodel").write_text(yaml.safe_dump({"flavors": flavors}))
    (folder / "data" / "model.keras" if flavor == "keras" else folder / file).write_bytes(content)
    return folder


def sklearn_pipeline(folder, linear):
    """Log a pipeline of scikit-learn with the same weights, as a user does; return its folder."""
    import mlflow
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    weights, bias = linear(SHAPE)
    last = LogisticRegression()
    last.coef_, last.intercept_, last.classes_ = weights.T, bias, np.arange(7)
    pipeline = make_pipeline(FunctionTransformer(), last)
    mlflow.sklearn.save_model(
        pipeline,
        str(folder),
        serialization_format="cloudpickle",
        signature=mlflow.models.infer_signature(np.zeros((1, 64))),
        pyfunc_predict_fn="predict_proba",
        pip_requirements=[],
    )
    return folder


def describe(place, **entries):
    said = {"labels": list(EMOTIONS), "scaling": "unit", "color": "gray", **entries}
    place.with_name(f"{place.name}.yaml").write_text(yaml.safe_dump(said))


@pytest.fixture(scope="module")
def addresses(tmp_path_factory, linear):
    """Return an address by kind of model."""
    folder = tmp_path_factory.mktemp("models")
    model = network(linear)
    places = {name: folder / f"tiny.{name}" for name in ("keras", "h5", "onnx", "tflite")}
    model.save(places["keras"])
    model.save(places["h5"])
    places["onnx"].write_bytes(linear_classifier(SHAPE, *linear(SHAPE)))
    places["tflite"].write_bytes(lite(model))
    places["litert"] = places.pop("tflite")
    places["pyfunc"] = sklearn_pipeline(folder / "pipeline", linear)
    places["keras flavour"] = logged(folder / "keras_model", "keras", "data", places["keras"].read_bytes())
    places["onnx flavour"] = logged(folder / "onnx_model", "onnx", "model.onnx", places["onnx"].read_bytes())
    for place in places.values():
        describe(place)
    places["mlflow"] = folder / "own"
    (folder / "own" / "data").mkdir(parents=True)
    (folder / "own" / "MLmodel").write_text(yaml.safe_dump(OWN))
    network(linear, keras.layers.Rescaling(1 / 255)).save(folder / "own" / "data" / "model.keras")
    places["yolo"] = folder / "yolo.onnx"
    said = {"task": "detect", "names": str(dict(enumerate(EMOTIONS)))}
    scores = [0.2, 0.1, 0.4, 0.1, 0.1, 0.1]
    places["yolo"].write_bytes(constant_yolo(64, (32, 32, 30, 30), 0.1, rows=11, points=scores, metadata=said))
    return {kind: str(place) for kind, place in places.items()}


@pytest.fixture(scope="module")
def opened(addresses):
    """Return every model, opened once."""
    return {kind: open_classifier(address, trust=kind == "pyfunc") for kind, address in addresses.items()}


@pytest.mark.parametrize("kind", [*CLASSIFIERS, "h5"])
def test_answers_keep_the_contract(opened, gray, kind):
    classifier = opened[kind]
    what = classifier.description
    mixed = [gray[0], np.random.default_rng(1).integers(0, 256, (21, 17, 3), dtype=np.uint8), gray[1, ..., 0]]
    for faces in (gray, gray[..., 0], gray[:1], mixed, list(gray)):
        found = classifier.probabilities(faces)
        assert (found.shape, found.dtype) == ((len(faces), len(what.emotions)), np.float32)
        assert found.min() >= 0 and found.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert classifier.probabilities(gray[:0]).shape == classifier.probabilities([]).shape == (0, len(what.emotions))
    one_by_one = np.concatenate([classifier.probabilities([face]) for face in gray])
    assert classifier.probabilities(gray) == pytest.approx(one_by_one, abs=1e-5)
    assert what.emotions == EMOTIONS and len(what.digest) == 64
    assert set(what.facts()) >= {"kind", "digest", "labels", "input_size", "color", "scaling", "output"}
    assert any("resized from" in sentence for sentence in classifier.remarks())


@pytest.mark.parametrize("kind", SAME)
def test_one_network_says_the_same_in_every_kind_of_file(opened, gray, linear, softmax, kind):
    weights, bias = linear(SHAPE)
    expected = softmax(gray.reshape(5, -1) / 255 @ weights + bias)
    assert opened[kind].probabilities(gray) == pytest.approx(expected, abs=1e-4)


def test_each_is_called_what_it_is(opened, addresses):
    kinds = {kind: classifier.description.kind for kind, classifier in opened.items()}
    own = {"mlflow": "run", "h5": "keras", "keras flavour": "keras", "onnx flavour": "onnx"}
    assert kinds == {kind: own.get(kind, kind) for kind in addresses}
    assert [kind for kind, one in opened.items() if one.description.trained_here] == ["mlflow"]
    assert opened["keras"].description.digest == file_digest(addresses["keras"])


def test_a_litert_file_of_eight_bits_is_nearly_the_same(tmp_path, gray, linear, softmax):
    import tensorflow

    faces = np.random.default_rng(0).random((64, 1, *SHAPE), dtype=np.float32)
    with pytest.warns(UserWarning, match="Statistics for quantized inputs"):
        content = lite(
            network(linear),
            optimizations=[tensorflow.lite.Optimize.DEFAULT],
            representative_dataset=lambda: ([face] for face in faces),
            inference_input_type=tensorflow.uint8,
            inference_output_type=tensorflow.uint8,
        )
    place = tmp_path / "bits.tflite"
    place.write_bytes(content)
    describe(place)
    found = open_classifier(str(place)).probabilities(gray)
    weights, bias = linear(SHAPE)
    assert found == pytest.approx(softmax(gray.reshape(5, -1) / 255 @ weights + bias), abs=0.1)
    assert np.abs(found * 256 - np.round(found * 256)).max() < 1.5  # It is rounded: the bits were read as such.


def test_a_keras_file_with_code_runs_it_with_trust_only(tmp_path, gray, linear, refused):
    for name in ("code.keras", "code.h5"):
        place = tmp_path / name
        network(linear, keras.layers.Lambda(lambda pixels: pixels * 1.0)).save(place)
        describe(place)
        with refused(name, "code of their own", "trust=true"):
            open_classifier(str(place))
        assert open_classifier(str(place), trust=True).probabilities(gray).shape == (5, 7)


def test_a_keras_file_of_another_shape_or_damaged_is_refused(tmp_path, refused):
    layers = [keras.Input((4,)), keras.layers.Dense(7, activation="softmax")]
    place = tmp_path / "other.keras"
    keras.Sequential(layers).save(place)
    describe(place, color=None)
    with refused("other.keras", "gray or RGB"):
        open_classifier(str(place))
    describe(place, input_size=48)
    with refused("other.keras", "4 numbers, not 2304"):
        open_classifier(str(place))
    for name in ("broken.keras", "broken.h5"):
        (tmp_path / name).write_bytes(b"no model")
        with refused(name, "damaged"):
            open_classifier(str(tmp_path / name))


def test_pixels_are_not_scaled_twice(tmp_path, linear, refused):
    place = tmp_path / "scales.keras"
    network(linear, keras.layers.Rescaling(1 / 127.5, offset=-1)).save(place)
    describe(place)
    with refused("scaling: unit", "0 to 255", "scaling: none"):
        open_classifier(str(place))
    describe(place, scaling="none")
    assert open_classifier(str(place)).description.scaling == "none"
    network(linear, keras.layers.Rescaling(2.0, offset=-1)).save(place)
    describe(place)
    assert open_classifier(str(place)).description.scaling == "unit"


EVIL = """
import pathlib
pathlib.Path({written!r}).write_text("code was run")
def _load_pyfunc(path):
    return Model()
class Model:
    def predict(self, pixels, params=None):
        import numpy
        return numpy.tile([0.1, 0.1, 0.4, 0.1, 0.1, 0.1, 0.1], (len(pixels), 1))
"""


@pytest.fixture
def coded(tmp_path):
    """Log a model by a loader of its own, whose code writes a file; return its folder and that file."""
    import mlflow

    written, code = tmp_path / "written", tmp_path / "evil_loader.py"
    code.write_text(EVIL.format(written=str(written)))
    folder = tmp_path / "model"
    mlflow.pyfunc.save_model(
        str(folder), loader_module="evil_loader", code_paths=[str(code)], pip_requirements=[], data_path=None
    )
    describe(folder, input_size=8, layout="channels_last")
    return folder, written


def test_a_model_with_code_paths_is_run_with_trust_only(coded, gray, refused):
    folder, written = coded
    with refused("python_function", "trust=true"):
        open_classifier(str(folder))
    assert not written.exists()
    assert open_classifier(str(folder), trust=True).probabilities(gray).argmax(axis=1).tolist() == [2] * 5
    assert written.exists()


def test_a_pipeline_is_unpickled_with_trust_only(addresses, refused):
    with refused("pipeline", "sklearn", "trust=true"):
        open_classifier(addresses["pyfunc"])


def test_a_pipeline_that_was_logged_to_name_classes_is_refused_with_the_remedy(tmp_path, linear, refused):
    import mlflow
    from sklearn.dummy import DummyClassifier

    model = DummyClassifier().fit(np.zeros((7, 64)), np.arange(7))
    place = tmp_path / "classes"
    mlflow.sklearn.save_model(model, str(place), serialization_format="cloudpickle", pip_requirements=[])
    describe(place, input_size=8, layout="flat")
    with refused("one value per face", "predict_proba"):
        open_classifier(str(place), trust=True)


def test_a_model_of_this_project_must_have_the_labels_that_it_says(addresses, refused):
    turned = {"labels": list(EMOTIONS[::-1])}
    with refused("calls output 0", "itself calls it 'angry'"):
        open_classifier(addresses["mlflow"], options=turned)
    more = open_classifier(addresses["mlflow"], options={"license": "MIT", "crop_margin": 0.1}).description
    assert (more.license, more.crop_margin) == ("MIT", 0.1)


def test_a_model_of_this_project_with_code_is_refused_without_trust(tmp_path, linear, refused):
    place = tmp_path / "own"
    (place / "data").mkdir(parents=True)
    (place / "MLmodel").write_text(yaml.safe_dump(OWN))
    network(linear).save(place / "data" / "model.keras")
    (place / "data" / "custom_objects.cloudpickle").write_bytes(b"no pickle")
    with refused("custom_objects.cloudpickle", "not run"):
        open_classifier(str(place))
    assert os.listdir(place / "data")
