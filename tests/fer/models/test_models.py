"""Every backbone with every head: faces in, probabilities out, and the trunk that the protocols freeze."""

import keras
import numpy as np
import pytest

from fer.errors import InputError
from fer.models import BACKBONES, HEADS, build_model, trunk_of

FACES = np.random.default_rng(0).integers(0, 256, (3, 48, 48, 1), dtype=np.uint8)


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("backbone", BACKBONES)
def test_uint8_faces_to_probabilities(backbone, head):
    model = build_model(backbone, (48, 48, 1), 7, dropout=0.2, head=head, weights="none", input_size=48)
    probabilities = model.predict(FACES, verbose=0)
    assert probabilities.shape == (3, 7)
    assert probabilities.dtype == np.float32
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("backbone", BACKBONES)
def test_a_saved_model_loads_without_the_project_s_code(backbone, tmp_path):
    model = build_model(backbone, (48, 48, 1), 7, dropout=0.2, weights="none", input_size=48)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert np.array_equal(model.predict(FACES, verbose=0), again.predict(FACES, verbose=0))
    ours = [layer for layer in model._flatten_layers() if not type(layer).__module__.startswith("keras")]
    assert ours == []


def test_resnet50v2_is_the_paper_s_from_224_pixels_to_its_feature_map():
    model = build_model("resnet50v2", (48, 48, 1), 7, dropout=0.1, weights="none")
    trunk = trunk_of(model)
    assert trunk.input_shape == (None, 224, 224, 3)
    assert trunk.output_shape == (None, 7, 7, 2048)
    assert trunk.layers[-10].name == "conv5_block3_1_bn"
    names = [layer.name for layer in model.layers if layer.name.startswith(("head", "prob"))]
    dense = [part for units in (512, 256, 128, 64) for part in (f"head_dense_{units}", f"head_dropout_{units}")]
    assert names == ["head_bn", "head_pool", *dense, "probabilities"]
    assert all(layer.rate == 0.1 for layer in model.layers if isinstance(layer, keras.layers.Dropout))


def test_preparation_scales_to_minus_one_and_one_and_repeats_gray():
    model = build_model("resnet50v2", (48, 48, 1), 7, dropout=0.1, weights="none", input_size=48)
    inside = keras.Model(model.input, model.get_layer("gray_to_rgb").output)
    extremes = np.stack([np.zeros((48, 48, 1), np.uint8), np.full((48, 48, 1), 255, np.uint8)])
    prepared = inside.predict(extremes, verbose=0)
    assert prepared.shape == (2, 48, 48, 3)
    assert np.allclose(prepared[0], -1) and np.allclose(prepared[1], 1)
    expected = keras.applications.resnet_v2.preprocess_input(extremes.astype("float32"))
    assert np.allclose(prepared[..., :1], expected, atol=1e-6)


def test_weights_load_from_a_file(tmp_path):
    first = build_model("resnet50v2", (48, 48, 1), 7, dropout=0.1, weights="none", input_size=48)
    path = tmp_path / "trunk.weights.h5"
    trunk_of(first).save_weights(path)
    second = build_model("resnet50v2", (48, 48, 1), 7, dropout=0.1, weights=str(path), input_size=48)
    for a, b in zip(trunk_of(first).get_weights(), trunk_of(second).get_weights(), strict=True):
        assert np.array_equal(a, b)


def test_weights_of_another_model_are_refused(tmp_path):
    path = tmp_path / "cnn.weights.h5"
    trunk_of(build_model("cnn", (48, 48, 1), 7, dropout=0.1)).save_weights(path)
    with pytest.raises(InputError, match="resnet50v2 could not be loaded"):
        build_model("resnet50v2", (48, 48, 1), 7, dropout=0.1, weights=str(path), input_size=48)


def test_imagenet_weights_that_cannot_be_had_name_the_two_other_ways(monkeypatch):
    def no_network(*arguments, **keywords):
        raise Exception("URL fetch failure on storage.googleapis.com: [Errno -2] Name or service not known")

    monkeypatch.setattr("keras.src.applications.resnet.file_utils.get_file", no_network)
    with pytest.raises(InputError, match=r"ImageNet weights of resnet50v2 .*weights=none, or weights=<file"):
        build_model("resnet50v2", (48, 48, 1), 7, dropout=0.1, weights="imagenet", input_size=224)
