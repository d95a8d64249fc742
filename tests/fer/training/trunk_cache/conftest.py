"""Fixtures of the trunk cache: a test's own store, drawn faces, small networks that are partly frozen."""

import random

import pytest

from fer.models import backbone_of, build_model, freeze
from fer.preprocessing.pipeline import Recipe, preprocess
from fer.training.trunk_cache.cut import cut
from fer.training.trunk_cache.graph import graph_of


@pytest.fixture
def own_store(cache):
    """Return the folder of the test's own store."""
    return cache / "trunk_cache"


@pytest.fixture(scope="session")
def drawn(tmp_path_factory):
    """Return drawn faces: 64 of train, 21 of validation, 7 of test."""
    options = {"train": 64, "validation": 21, "test": 7, "groups": ["a"], "shares": [1]}
    return preprocess(Recipe("synthetic", options=options), tmp_path_factory.mktemp("trunk") / "drawn").dataset


@pytest.fixture(scope="session")
def weights(tmp_path_factory):
    """Return a weights file of the cnn backbone, in place of ImageNet's weights: the same for every seed."""
    path = tmp_path_factory.mktemp("weights") / "cnn.weights.h5"
    # Seeded apart from the tests, whose own networks would otherwise be the same one, whichever test came first.
    state = random.getstate()
    random.seed("weights of the trunk cache's tests")
    backbone_of(build_model("cnn", (48, 48, 1), 7, dropout=0.1)).save_weights(path)
    random.setstate(state)
    return str(path)


@pytest.fixture
def cut_cnn(weights):
    """Return a function that makes a cut cnn, its backbone frozen except for the last layers."""

    def make(unfrozen=0, given=weights, **options):
        model = build_model("cnn", (48, 48, 1), 7, 0.1, weights=given, **options)
        freeze(backbone_of(model), unfrozen)
        return cut(graph_of(model))

    return make
