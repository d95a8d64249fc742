"""Training: frozen layers do not change, both phases run with their callbacks, a seed gives the same weights twice."""

import gc
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from fer.errors import InputError
from fer.models import backbone_of, build_model
from fer.preprocessing.pipeline import Recipe, preprocess
from fer.storage import memory
from fer.training import adjusted, protocol_named
from fer.training.callbacks import AveragedWeights
from fer.training.fit import freeze, train
from fer.training.streams import seed_initialisation

RESNET = {"weights": "none", "input_size": 32}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    options = {"train": 64, "validation": 21, "test": 7, "groups": ["a"], "shares": [1]}
    return preprocess(Recipe("synthetic", options=options), tmp_path_factory.mktemp("fit") / "drawn").dataset


def test_freezing_lets_the_last_layers_and_only_them_train():
    backbone = backbone_of(build_model("resnet50v2", (48, 48, 1), 7, dropout=0.1, **RESNET))
    everything = len(backbone.trainable_weights)
    freeze(backbone, 0)
    assert backbone.trainable_weights == []
    freeze(backbone, 10)
    with_weights = [layer.name for layer in backbone.layers if layer.trainable_weights]
    assert with_weights == [
        "conv5_block3_1_bn",
        "conv5_block3_2_conv",
        "conv5_block3_2_bn",
        "conv5_block3_3_conv",
        "post_bn",
    ]
    freeze(backbone, -1)
    assert len(backbone.trainable_weights) == everything
    with pytest.raises(InputError, match="unfreezes 1000"):
        freeze(backbone, 1000)


def test_protocol_eila_trains_both_phases_and_keeps_the_frozen_part(dataset):
    seen = []
    protocol = adjusted(protocol_named("eila"), epochs=[1, 2])
    trained = train(
        dataset, "resnet50v2", protocol, seed=1, on_epoch=lambda epoch, m: seen.append((epoch, m)), **RESNET
    )
    assert list(trained.history["phase"]) == ["frozen", "unfrozen", "unfrozen"]
    assert [epoch for epoch, _ in seen] == [0, 1, 2]
    rates = [metrics["train/learning_rate"] for _, metrics in seen]
    assert rates == pytest.approx([1e-4, 1e-5, 1e-5])
    assert set(seen[0][1]) == {
        "train/loss", "train/accuracy", "validation/loss", "validation/accuracy", "train/learning_rate",
        "train/images_per_second",
    }  # fmt: skip
    assert trained.best_epoch == trained.history["validation/loss"].iloc[1:].idxmin()
    seed_initialisation(1)
    fresh = build_model("resnet50v2", (48, 48, 1), 7, protocol.dropout, **RESNET)
    before, after = backbone_of(fresh), backbone_of(trained.model)
    frozen = after.get_layer("conv4_block1_1_conv").get_weights()[0]
    assert np.array_equal(before.get_layer("conv4_block1_1_conv").get_weights()[0], frozen)
    moved = after.get_layer("conv5_block3_3_conv").get_weights()[0]
    assert not np.array_equal(before.get_layer("conv5_block3_3_conv").get_weights()[0], moved)


def test_early_stopping_restores_the_best_weights_of_its_phase(dataset):
    protocol = adjusted(protocol_named("eila"), epochs=[1, 12], learning_rate=0.03)
    stopping = replace(protocol.phases[1], early_stopping=1, learning_rate=0.03)
    trained = train(dataset, "resnet50v2", replace(protocol, phases=(protocol.phases[0], stopping)), seed=0, **RESNET)
    assert len(trained.history) < 13
    validation = dataset.split("validation")
    probabilities = trained.model.predict(validation.faces(), verbose=0)
    truth = probabilities[np.arange(len(validation)), validation.codes()]
    loss = -np.log(np.clip(truth, 1e-7, 1)).mean()
    assert loss == pytest.approx(trained.history["validation/loss"].iloc[trained.best_epoch], rel=1e-3)


def test_scratch_ends_with_the_best_epoch_by_validation_accuracy(dataset):
    trained = train(dataset, "cnn", adjusted(protocol_named("scratch"), epochs=[4], batch_size=8), seed=0)
    validation = dataset.split("validation")
    accuracy = (trained.model.predict(validation.faces(), verbose=0).argmax(1) == validation.codes()).mean()
    assert accuracy == pytest.approx(trained.history["validation/accuracy"].max())
    rates = trained.history["train/learning_rate"]
    assert rates.iloc[-1] < 0.05 * 2e-3 < rates.max()


def test_a_seed_gives_the_same_weights_twice_and_another_seed_others(dataset):
    protocol = adjusted(protocol_named("scratch"), epochs=[1])
    first, second, other = (train(dataset, "cnn", protocol, seed).model.get_weights() for seed in (5, 5, 6))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_the_graphs_of_a_training_go_with_its_model(dataset):
    def graphs_left():
        train(dataset, "assistive1", adjusted(protocol_named("scratch"), epochs=[1]), seed=0)
        gc.collect()
        return sum(isinstance(one, tf.Graph) for one in gc.get_objects())

    assert graphs_left() == graphs_left()


def test_a_model_learns_what_it_is_shown(dataset):
    protocol = replace(adjusted(protocol_named("scratch"), epochs=[25], dropout=0.0), augmentation="none")
    trained = train(dataset, "cnn", protocol, seed=0)
    assert trained.history["train/accuracy"].iloc[-1] > 0.9


def test_a_diverged_loss_stops_the_training_with_a_sentence(dataset):
    protocol = adjusted(protocol_named("scratch"), epochs=[3], learning_rate=1e30)
    with pytest.raises(InputError, match="lower learning_rate"):
        train(dataset, "cnn", protocol, seed=0)


def test_data_without_validation_faces_is_refused(dataset):
    with pytest.raises(InputError, match="no validation split"):
        train(dataset.where(dataset.samples["split"] == "train"), "cnn", protocol_named("scratch"), seed=0)


def test_a_batch_that_memory_does_not_hold_is_refused(dataset, monkeypatch, refused):
    monkeypatch.setattr(memory, "free_memory", lambda: 10**6)
    with refused("64 faces of 48 x 48 pixels", "GB of memory", "batch_size or the input_size"):
        train(dataset, "cnn", adjusted(protocol_named("scratch"), batch_size=64), seed=0)


def test_a_head_that_memory_does_not_hold_is_refused_before_it_is_made(dataset, monkeypatch, refused):
    monkeypatch.setattr(memory, "free_memory", lambda: 10**6)
    with refused("weights on its flattened map", "GB of memory", "a head that pools"):
        train(dataset, "cnn", protocol_named("scratch"), seed=0, head="flat")


def test_averaged_weights_are_validated_and_kept_and_training_goes_on_with_its_own(dataset):
    protocol = replace(adjusted(protocol_named("assistive"), epochs=[3], batch_size=16), augmentation="none")
    plain = train(dataset, "assistive1", protocol, seed=0, head="pooled")
    averaged = train(dataset, "assistive1", replace(protocol, weight_averaging=0.9), seed=0, head="pooled")
    assert averaged.history["train/loss"].equals(plain.history["train/loss"])
    assert not averaged.history["validation/loss"].equals(plain.history["validation/loss"])
    validation = dataset.split("validation")
    for trained in (plain, averaged):
        best = trained.history.loc[trained.best_epoch, "validation/accuracy"]
        found = trained.model.predict(validation.faces(), verbose=0).argmax(axis=1)
        assert (found == validation.codes()).mean() == pytest.approx(best)
    # A momentum of almost nothing averages the newest weights alone.
    last = replace(protocol, phases=(replace(protocol.phases[0], early_stopping=None),), weight_averaging=1e-9)
    newest = train(dataset, "assistive1", last, seed=0, head="pooled").model.get_weights()
    plain = train(dataset, "assistive1", replace(last, weight_averaging=0.0), seed=0, head="pooled").model.get_weights()
    assert all(np.allclose(a, b, atol=1e-6) for a, b in zip(newest, plain, strict=True))


def test_a_model_of_which_no_step_was_applied_keeps_its_weights_and_gets_no_empty_average():
    # As at the beginning of a phase at 16 bits, while the scale of the loss is still too large.
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1, use_ema=True))
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(optimizer, "mse")
    before = model.get_weights()
    endless, faces, answers = np.full((4, 2), np.inf), np.ones((4, 2)), np.ones((4, 1))
    model.fit(endless, answers, validation_data=(faces, answers), callbacks=[AveragedWeights()], verbose=0)
    assert int(optimizer.iterations) == 0
    assert all(np.array_equal(one, other) for one, other in zip(before, model.get_weights(), strict=True))
    model.fit(faces, answers, validation_data=(faces, answers), callbacks=[AveragedWeights()], verbose=0)
    assert int(optimizer.iterations) == 1
    assert np.abs(model.get_weights()[0]).sum() > 0 and not np.array_equal(before[0], model.get_weights()[0])
