"""Every backbone with every head: faces in, probabilities out, and the layers that the protocols freeze."""

import functools

import keras
import numpy as np
import pytest

from fer.errors import InputError
from fer.models import BACKBONES, HEADS, backbone_of, build_model, building, freeze, left_off
from fer.models.iterations import ITERATIONS
from fer.training import PROTOCOLS

FACES = np.random.default_rng(0).integers(0, 256, (3, 48, 48, 1), dtype=np.uint8)


PUBLISHED = ["resnet50v2", "resnet101v2", "resnet152v2", "densenet121", "densenet201", "mobilenetv2", "vgg16"]
PAIRS = [(name, head) for name in PUBLISHED for head in ("m1", "m2")]
PAIRS += [(name, backbone.head) for name, backbone in BACKBONES.items() if (name, backbone.head) not in PAIRS]
PAIRS += [("cnn", head) for head in HEADS if head != "pooled"]
PAIRS += [("efficientnetv2b0", "m2")]  # No study's, but a head that starts before its end.


# The layers of the last backbone, for its next head: making up to 700 layers takes longer than a step.
last_backbone = functools.lru_cache(maxsize=1)(building._load_backbone)


@pytest.mark.parametrize(("backbone", "head"), PAIRS)
def test_one_training_step_and_one_prediction(backbone, head, monkeypatch):
    monkeypatch.setattr(building, "_load_backbone", last_backbone)
    side = max(32, BACKBONES[backbone].smallest)
    protocol = PROTOCOLS[BACKBONES[backbone].protocol].of_backbone(backbone)
    model = build_model(backbone, (48, 48, 1), 4, 0.2, head, "none", side, protocol.preparation)
    phase = protocol.phases[-1]
    freeze(backbone_of(model), phase.unfrozen, left_off(backbone, head), phase.train_normalization)
    # Eagerly: tracing a graph of 500 layers costs more than a step of it.
    model.compile("adam", "categorical_crossentropy", run_eagerly=True)
    before = [weight.numpy().copy() for weight in model.trainable_weights]
    loss = model.train_on_batch(FACES, np.eye(4, dtype=np.float32)[[0, 1, 3]])
    assert np.isfinite(loss)
    moved = [not np.array_equal(old, new.numpy()) for old, new in zip(before, model.trainable_weights, strict=True)]
    assert np.mean(moved) > 0.5
    probabilities = np.asarray(model(FACES, training=False))
    assert probabilities.shape == (3, 4) and probabilities.dtype == np.float32
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("backbone", "head"),
    [("resnet50v2", "eila"), ("densenet121", "m2"), ("mobilenetv2", "m2"), ("vgg16", "m1"),
     ("efficientnetv2b0", "auto"), ("cnn", "auto"), ("assistive6", "auto")],
)  # fmt: skip
def test_a_saved_model_loads_without_the_project_s_code(backbone, head, tmp_path):
    model = build_model(backbone, (48, 48, 1), 7, dropout=0.2, head=head, weights="none", input_size=48)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert np.array_equal(np.asarray(model(FACES)), np.asarray(again(FACES)))
    ours = [layer for layer in model._flatten_layers() if not type(layer).__module__.startswith("keras")]
    assert ours == []


@pytest.mark.parametrize(
    ("backbone", "ends_in", "shape", "trained"),
    [
        ("resnet50v2", "conv5_block3_out", (7, 7, 2048),
         ["conv5_block2_3_conv", "conv5_block3_1_conv", "conv5_block3_2_conv", "conv5_block3_3_conv"]),
        ("densenet121", "conv5_block16_concat", (7, 7, 1024),
         ["conv5_block15_1_conv", "conv5_block15_2_conv", "conv5_block16_1_conv", "conv5_block16_2_conv"]),
        ("mobilenetv2", "Conv_1", (7, 7, 1280),
         ["block_15_project", "block_16_expand", "block_16_depthwise", "block_16_project", "Conv_1"]),
        ("vgg16", "block5_conv3", (14, 14, 512), ["block5_conv2", "block5_conv3"]),
    ],
)  # fmt: skip
def test_the_age_study_s_heads_start_before_the_end_and_its_last_layers_train(backbone, ends_in, shape, trained):
    protocol = PROTOCOLS["age"].of_backbone(backbone)
    body = backbone_of(build_model(backbone, (224, 224, 1), 4, 0.5, "m2", "none", preparation=protocol.preparation))
    assert body.layers[-1].name == ends_in
    assert body.output_shape == (None, *shape)
    phase = protocol.phases[0]
    freeze(body, phase.unfrozen, left_off(backbone, "m2"), phase.train_normalization)
    assert [layer.name for layer in body.layers if layer.trainable_weights] == trained
    assert not any(layer.trainable for layer in body.layers if isinstance(layer, keras.layers.BatchNormalization))


def test_age_heads_are_as_published():
    def kinds(head):
        model = build_model("vgg16", (224, 224, 1), 4, 0.5, head, "none")
        return [type(layer).__name__ for layer in model.layers[model.layers.index(backbone_of(model)) + 1 :]]

    assert kinds("m1") == ["Flatten", "Dense", "Dropout", "Dense"]
    assert kinds("m2") == ["GlobalAveragePooling2D", "BatchNormalization", "Dense"]


PREPROCESS = {
    "resnet50v2": keras.applications.resnet_v2.preprocess_input,
    "densenet121": keras.applications.densenet.preprocess_input,
    "mobilenetv2": keras.applications.mobilenet_v2.preprocess_input,
    "vgg16": keras.applications.vgg16.preprocess_input,
    "efficientnetv2b0": keras.applications.efficientnet_v2.preprocess_input,
}


@pytest.mark.parametrize("backbone", PREPROCESS)
def test_each_backbone_s_own_preparation_is_that_of_its_network(backbone):
    colour = np.random.default_rng(1).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
    model = build_model(backbone, (32, 32, 3), 7, 0.1, "pooled", "none", 32)
    inside = keras.Model(model.input, model.get_layer("scale").output)
    expected = PREPROCESS[backbone](colour.astype("float32"))
    assert np.allclose(np.asarray(inside(colour)), expected, atol=1e-4)


def test_efficientnet_scales_inside_as_its_imagenet_weights_want():
    # Keras chooses this by the network's name; under another it would scale to -1..1.
    backbone = backbone_of(build_model("efficientnetv2b0", (48, 48, 1), 7, 0.1, weights="none", input_size=32))
    assert [type(layer).__name__ for layer in backbone.layers[1:3]] == ["Rescaling", "Normalization"]
    assert backbone.layers[1].scale == pytest.approx(1 / 255)


def test_a_protocol_may_prepare_otherwise_but_not_colour_for_a_gray_network():
    model = build_model("vgg16", (32, 32, 1), 7, 0.1, weights="none", input_size=32, preparation="zero_to_one")
    inside = keras.Model(model.input, model.get_layer("gray_to_rgb").output)
    assert np.asarray(inside(np.full((1, 32, 32, 1), 255, np.uint8))).max() == 1
    with pytest.raises(InputError, match="three channels"):
        build_model("cnn", (48, 48, 1), 7, 0.1, preparation="standardised")
    with pytest.raises(InputError, match="minus_one_to_one, zero_to_one"):
        build_model("cnn", (48, 48, 1), 7, 0.1, preparation="sharp")


def test_study_b_s_eight_iterations_are_two_families_from_plain_to_best():
    assert list(ITERATIONS) == [f"assistive{number}" for number in range(1, 9)]
    assert [one.family for one in ITERATIONS.values()] == ["custom CNN"] * 6 + ["EfficientNetV2B0"] * 2
    built = [build_model(name, (48, 48, 1), 7, 0.5, weights="none") for name in list(ITERATIONS)[:7]]
    # As in docs/models.md.
    assert [model.count_params() for model in built] == [
        683527, 730087, 732199, 881447, 5872455, 5872455, 5928279,
    ]  # fmt: skip


def test_resnet50v2_is_the_paper_s_from_224_pixels_to_its_feature_map():
    model = build_model("resnet50v2", (48, 48, 1), 7, dropout=0.1, weights="none")
    backbone = backbone_of(model)
    assert backbone.input_shape == (None, 224, 224, 3)
    assert backbone.output_shape == (None, 7, 7, 2048)
    assert backbone.layers[-10].name == "conv5_block3_1_bn"
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
    backbone_of(first).save_weights(path)
    second = build_model("resnet50v2", (48, 48, 1), 7, dropout=0.1, weights=str(path), input_size=48)
    for a, b in zip(backbone_of(first).get_weights(), backbone_of(second).get_weights(), strict=True):
        assert np.array_equal(a, b)


def test_weights_of_another_model_are_refused(tmp_path):
    path = tmp_path / "cnn.weights.h5"
    backbone_of(build_model("cnn", (48, 48, 1), 7, dropout=0.1)).save_weights(path)
    with pytest.raises(InputError, match="resnet50v2 could not be loaded"):
        build_model("resnet50v2", (48, 48, 1), 7, dropout=0.1, weights=str(path), input_size=48)


def test_imagenet_weights_that_cannot_be_had_name_the_two_other_ways(monkeypatch):
    def no_network(*arguments, **keywords):
        raise Exception("URL fetch failure on storage.googleapis.com: [Errno -2] Name or service not known")

    monkeypatch.setattr("keras.src.applications.resnet.file_utils.get_file", no_network)
    with pytest.raises(InputError, match=r"ImageNet weights of resnet50v2 .*weights=none, or weights=<file"):
        build_model("resnet50v2", (48, 48, 1), 7, dropout=0.1, weights="imagenet", input_size=224)
