"""The cut: both parts together equal the model, and random or trained layers are not constant."""

import keras
import numpy as np
import pytest
from keras import layers

from fer.models import backbone_of, build_model, freeze
from fer.training.trunk_cache.cut import NothingConstantError, cut
from fer.training.trunk_cache.graph import digests, graph_of

FACES = np.random.default_rng(0).integers(0, 256, (4, 48, 48, 1), dtype=np.uint8)


def _compiled(model: keras.Model) -> keras.Model:
    model.compile(jit_compile=False)
    return model


@pytest.fixture(scope="module", params=["resnet50v2", "mobilenetv2", "densenet121", "cnn"])
def network(request):
    size = None if request.param == "cnn" else 32
    model = build_model(request.param, (48, 48, 1), 7, dropout=0.1, weights="none", input_size=size)
    return _compiled(model), graph_of(model), model.predict_on_batch(FACES)


@pytest.mark.parametrize("unfrozen", [0, 3, 10])
def test_both_parts_together_are_the_model_to_the_last_bit(network, unfrozen):
    model, graph, expected = network
    freeze(backbone_of(model), unfrozen)
    parts = cut(graph)
    frozen, rest = _compiled(parts.frozen(parts.crossing)), _compiled(parts.rest())
    assert frozen.trainable_weights == []
    assert [id(weight) for weight in rest.trainable_weights] == [id(weight) for weight in model.trainable_weights]
    assert np.array_equal(rest.predict_on_batch(frozen.predict_on_batch(FACES)), expected)


def test_two_tensors_cross_in_the_second_phase_of_study_a():
    model = build_model("resnet50v2", (48, 48, 1), 7, dropout=0.1, weights="none", input_size=64)
    graph = graph_of(model)
    freeze(backbone_of(model), 0)
    assert [tensor.shape[1:] for tensor in cut(graph).crossing] == [(2, 2, 2048)]
    freeze(backbone_of(model), 10)
    assert sorted(tensor.shape[1:] for tensor in cut(graph).crossing) == [(2, 2, 512), (2, 2, 2048)]


def test_a_whole_model_is_saved_and_loaded_as_if_it_had_never_been_cut(tmp_path):
    model = build_model("cnn", (48, 48, 1), 7, dropout=0.1)
    freeze(backbone_of(model), 3)
    cut(graph_of(model)).rest()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert [layer.name for layer in loaded.layers] == [layer.name for layer in model.layers]
    assert np.array_equal(_compiled(loaded).predict_on_batch(FACES), _compiled(model).predict_on_batch(FACES))


def test_a_frozen_part_with_active_dropout_is_refused_by_the_layer_s_name():
    model = build_model("efficientnetv2b0", (48, 48, 1), 7, dropout=0.1, weights="none", input_size=32)
    freeze(backbone_of(model), 0)
    with pytest.raises(NothingConstantError, match="layer block2b_drop, which is random in training"):
        cut(graph_of(model))


def _frozen_dense(*between: keras.Layer) -> keras.Model:
    faces = keras.Input((6,))
    x = faces
    for layer in between:
        x = layer(x)
    x = layers.Dense(5, name="frozen", trainable=False)(x)
    return keras.Model(faces, layers.Dense(2, name="head")(x))


@pytest.mark.parametrize("steady", [layers.Dropout(0.0), layers.BatchNormalization(trainable=False), layers.ReLU()])
def test_what_is_the_same_in_every_step_is_constant(steady):
    assert len(cut(graph_of(_frozen_dense(steady))).crossing) == 1


@pytest.mark.parametrize(
    "disturbing",
    [
        layers.Dropout(0.1),
        layers.GaussianNoise(0.1),
        layers.BatchNormalization(),
        layers.ReLU(activity_regularizer="l2"),
    ],
)
def test_what_is_random_or_trains_or_adds_to_the_loss_is_not_constant(disturbing):
    with pytest.raises(NothingConstantError):
        cut(graph_of(_frozen_dense(disturbing)))


def test_a_model_of_which_nothing_is_frozen_has_no_cut():
    with pytest.raises(NothingConstantError, match="no layer with weights is frozen"):
        cut(graph_of(build_model("cnn", (48, 48, 1), 7, dropout=0.1)))


def test_a_digest_follows_weights_size_and_preparation_not_layer_names(cut_cnn):
    def digest(**options):
        parts = cut_cnn(**options)
        return digests(parts.graph, parts.crossing)

    first = digest()
    assert first == digest()
    others = [digest(given="none"), digest(input_size=32), digest(preparation="zero_to_one"), digest(unfrozen=3)]
    assert len({tuple(found) for found in [first, *others]}) == 5
