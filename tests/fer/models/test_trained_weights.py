"""A model that starts from a trained one: what it takes over, and from what it cannot start."""

import keras
import numpy as np
import pytest

from fer.errors import InputError
from fer.models import backbone_of, build_model
from fer.models.trained_weights import TrainedModel, start_from

EMOTIONS = ("happy", "sad", "neutral")
FACES = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 1), dtype=np.uint8)


@pytest.fixture(scope="module")
def trained() -> TrainedModel:
    network = build_model("assistive1", (32, 32, 1), 3, 0.1)
    drawn = np.random.default_rng(1)
    network.set_weights([drawn.normal(0, 0.05, weight.shape) for weight in network.weights])
    return TrainedModel("runs:/earlier", network, EMOTIONS)


def probabilities(model: keras.Model) -> np.ndarray:
    return np.asarray(model(FACES, training=False))


def same_backbone(model: keras.Model, other: keras.Model) -> bool:
    pairs = zip(backbone_of(model).get_weights(), backbone_of(other).get_weights(), strict=True)
    return all(np.array_equal(own, given) for own, given in pairs)


def test_backbone_and_head_are_taken_over_where_both_fit(trained):
    model = build_model("assistive1", (32, 32, 1), 3, 0.4)
    assert not np.array_equal(probabilities(model), probabilities(trained.network))
    assert start_from(model, trained, EMOTIONS)
    assert np.array_equal(probabilities(model), probabilities(trained.network))


@pytest.mark.parametrize(
    ("emotions", "head"), [((*EMOTIONS, "fear"), "flat"), (("sad", "happy", "neutral"), "flat"), (EMOTIONS, "pooled")]
)
def test_a_head_of_other_emotions_or_of_another_kind_is_new(trained, emotions, head):
    model = build_model("assistive1", (32, 32, 1), len(emotions), 0.1, head)
    new = [weight.numpy() for weight in model.layers[-1].weights]
    assert not start_from(model, trained, emotions)
    assert same_backbone(model, trained.network)
    assert all(np.array_equal(old, now.numpy()) for old, now in zip(new, model.layers[-1].weights, strict=True))


def test_another_input_size_keeps_a_pooled_head_and_replaces_a_flat_one(trained):
    larger = build_model("assistive1", (32, 32, 1), 3, 0.1, input_size=48)
    assert not start_from(larger, trained, EMOTIONS)
    assert same_backbone(larger, trained.network)
    pooled = TrainedModel("runs:/p", build_model("assistive1", (32, 32, 1), 3, 0.1, "pooled"), EMOTIONS)
    assert start_from(build_model("assistive1", (32, 32, 1), 3, 0.1, "pooled", input_size=48), pooled, EMOTIONS)


def test_colour_faces_are_refused_by_a_backbone_of_gray_ones(trained):
    with pytest.raises(InputError, match=r"runs:/earlier takes faces of 1 channels, .* have 3; .* channels=1"):
        start_from(build_model("assistive1", (32, 32, 3), 3, 0.1), trained, EMOTIONS)


def test_another_backbone_or_preparation_is_refused_before_any_data(trained):
    trained.check("assistive1", "auto", "minus_one_to_one")
    with pytest.raises(InputError, match="is a assistive1, not a cnn; give backbone=assistive1"):
        trained.check("cnn", "auto", "minus_one_to_one")
    with pytest.raises(
        InputError, match="trained with the preparation minus_one_to_one, this training has zero_to_one"
    ):
        trained.check("assistive1", "auto", "zero_to_one")


def test_an_early_head_gives_no_start_to_one_after_the_last_layers():
    faces = keras.Input((8, 8, 3))
    scaled = keras.layers.Rescaling(1 / 127.5, offset=-1.0, name="scale")(faces)
    body = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 1)], name="trunk")
    early = TrainedModel("models:/m/1", keras.Model(faces, body(scaled), name="mobilenetv2_m2"), EMOTIONS)
    early.check("mobilenetv2", "m1", "minus_one_to_one")
    with pytest.raises(InputError, match="without the last 2 layers of mobilenetv2, as its head is m2; give head=m2"):
        early.check("mobilenetv2", "pooled", "minus_one_to_one")


def test_a_network_without_backbone_and_head_is_no_start():
    faces = keras.Input((8, 8, 1))
    for name in ("ensemble", "cnn_pooled"):
        other = TrainedModel("models:/m/1", keras.Model(faces, keras.layers.Flatten()(faces), name=name), EMOTIONS)
        with pytest.raises(InputError, match="models:/m/1 is no backbone with a head"):
            other.check("cnn", "auto", "minus_one_to_one")
