"""Training from the cache: equal to plain Keras to the last bit, and the result is the whole model."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from fer.errors import InputError
from fer.training import Phase, adjusted, protocol_named
from fer.training.fit import train
from fer.training.trunk_cache.stages import Stages

FIGURES = ["train/loss", "train/accuracy", "validation/loss", "validation/accuracy", "train/learning_rate"]
SCRATCH = replace(
    protocol_named("scratch"),
    augmentation="none",
    batch_size=16,
    phases=(Phase("frozen", 1, 1e-3, unfrozen=0, schedule="one_cycle"), Phase("tail", 2, 1e-3, unfrozen=5)),
)


def _same(one: keras.Model, other: keras.Model) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one.get_weights(), other.get_weights(), strict=True))


def test_study_a_is_equal_to_plain_keras_in_both_phases_with_callbacks_and_dropout(drawn):
    protocol = adjusted(protocol_named("eila"), epochs=[1, 4], learning_rate=3e-3)
    # Callbacks that act within four epochs.
    last = replace(protocol.phases[1], learning_rate=3e-3, early_stopping=2, reduce_on_plateau=(0.2, 1, 1e-7))
    protocol = replace(protocol, phases=(protocol.phases[0], last))
    given = {"seed": 3, "weights": "none", "input_size": 32}
    plain = train(drawn, "resnet50v2", protocol, trunk_cache="off", **given)
    cached = train(drawn, "resnet50v2", protocol, **given)
    assert (plain.trunk_faces, cached.trunk_faces) == (0, 64 + 21)
    assert cached.trained_from == ("from the trunk cache, exact",) * 2
    assert plain.history[FIGURES].equals(cached.history[FIGURES])
    assert plain.history["train/learning_rate"].iloc[1:].nunique() > 1
    assert (plain.best_epoch, list(plain.history["phase"])) == (cached.best_epoch, list(cached.history["phase"]))
    assert _same(plain.model, cached.model)
    faces = drawn.faces()
    assert np.array_equal(plain.model.predict(faces, verbose=0), cached.model.predict(faces, verbose=0))


@pytest.fixture
def plain_and_cached(drawn, weights):
    """Return both ways of one training of the cnn."""

    def both(protocol, **given):
        return [train(drawn, "cnn", protocol, weights=weights, trunk_cache=mode, **given) for mode in ("off", "auto")]

    return both


def test_the_cnn_is_equal_too_with_one_cycle_the_best_weights_of_all_epochs_and_balanced_data(plain_and_cached):
    plain, cached = plain_and_cached(replace(SCRATCH, class_weights="balanced", sampling="balanced"), seed=3)
    assert plain.history[FIGURES].equals(cached.history[FIGURES])
    assert _same(plain.model, cached.model)


def test_a_second_seed_pays_no_pass_and_the_model_predicts_from_faces_what_the_cached_epochs_saw(
    drawn, weights, tmp_path
):
    first, second = (train(drawn, "cnn", SCRATCH, seed, weights) for seed in (0, 1))
    assert (first.trunk_faces, second.trunk_faces) == (85, 0)
    assert not _same(first.model, second.model)
    first.model.save(tmp_path / "model.keras")
    validation = drawn.split("validation")
    probabilities = keras.models.load_model(tmp_path / "model.keras").predict(validation.faces(), verbose=0)
    accuracy = (probabilities.argmax(1) == validation.codes()).mean()
    assert accuracy == pytest.approx(first.history["validation/accuracy"].max())
    half = train(drawn, "cnn", SCRATCH, 0, weights, trunk_cache="float16")
    assert np.allclose(first.history["train/loss"], half.history["train/loss"], atol=0.01)


def test_augmentation_and_a_trunk_that_trains_leave_nothing_to_keep(drawn, weights, own_store):
    augmented = train(drawn, "cnn", replace(SCRATCH, augmentation="affine", phases=SCRATCH.phases[:1]), 0, weights)
    assert augmented.trained_from[0] == "from faces: augmentation affine makes other faces in every epoch"
    whole = replace(SCRATCH, phases=(Phase("all", 1, 1e-3),))
    assert train(drawn, "cnn", whole, 0).trained_from == ("from faces: no layer with weights is frozen",)
    assert not own_store.exists()


def test_a_phase_after_one_that_trained_the_trunk_is_not_served_what_was_before(drawn, weights):
    phases = (Phase("tail", 1, 1e-2, unfrozen=20), Phase("frozen", 1, 1e-3, unfrozen=0))
    protocol = replace(SCRATCH, phases=phases)
    plain = train(drawn, "cnn", protocol, 0, weights, trunk_cache="off")
    cached = train(drawn, "cnn", protocol, 0, weights)
    assert plain.history[FIGURES].equals(cached.history[FIGURES])
    assert cached.trunk_faces == 2 * 85


def test_an_unknown_mode_is_answered_with_the_valid_ones():
    with pytest.raises(InputError, match="auto, float16, off"):
        Stages(None, None, None, 0, mode="on")
