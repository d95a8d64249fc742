"""Random streams: one per part, so that an option that changes one part does not affect the others."""

import keras
import numpy as np
import pytest

from fer.models import build_model
from fer.training.streams import seed_dropout, seed_initialisation, stream, stream_seed


def _built(seed, dropout, backbone="cnn", head="eila"):
    seed_initialisation(seed)
    model = build_model(backbone, (48, 48, 1), 7, dropout, head)
    seed_dropout(model, seed)
    return model


def _states(model):
    layers = [layer for layer in model.layers if isinstance(layer, keras.layers.Dropout)]
    return [tuple(keras.ops.convert_to_numpy(layer.seed_generator.state)) for layer in layers]


@pytest.mark.parametrize("head", ["eila", "m1", "pooled", "assistive"])
def test_another_dropout_leaves_the_initial_weights(head):
    some, none = _built(5, 0.3, head=head), _built(5, 0.0, head=head)
    assert all(np.array_equal(a, b) for a, b in zip(some.get_weights(), none.get_weights(), strict=True))
    other = _built(6, 0.3, head=head)
    assert not all(np.array_equal(a, b) for a, b in zip(some.get_weights(), other.get_weights(), strict=True))


def test_every_dropout_draws_from_a_stream_of_its_own_that_the_seed_decides():
    first = _states(_built(5, 0.3))
    assert len(set(first)) == len(first) == 4
    keras.layers.Dense(3)  # Draws from the common stream, as a layer that is made before would.
    assert _states(_built(5, 0.3)) == first
    assert not set(first) & set(_states(_built(6, 0.3)))


def test_streams_differ_by_seed_part_and_place():
    drawn = {
        stream(seed, part, *place).integers(2**60)
        for seed in (0, 1)
        for part in ("order", "augmentation")
        for place in ((0,), (1,), (0, 1))
    }
    assert len(drawn) == 12
    assert stream(0, "order", 1).integers(2**60) == stream(0, "order", 1).integers(2**60)
    assert 0 <= stream_seed(2**32 - 1, "order") < 2**31
