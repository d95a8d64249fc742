"""Arrays of simulated predictions, with clips as clusters, for the tests of the statistics."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from fer.evaluation.predictions import arrays_of
from fer.synthetic import draw_predictions


class Simulated(NamedTuple):
    """The arguments of most functions of fer.fairness, under their names."""

    y_true: np.ndarray
    y_pred: np.ndarray
    y_proba: np.ndarray
    sensitive_features: pd.Series
    clusters: pd.Series

    @property
    def all(self):
        """Return all of them as keywords."""
        return self._asdict()

    @property
    def grouped(self):
        """Return what a function of predictions without probabilities takes, as keywords."""
        return {name: value for name, value in self._asdict().items() if name != "y_proba"}


def simulate(accuracy=None, samples=60, clips=6, seed=0, correlation=0.3):
    """Return a table's arrays; by default three groups of 60 samples in 6 clips each."""
    accuracy = {"a": 0.4, "b": 0.5, "c": 0.6} if accuracy is None else accuracy
    table = draw_predictions(accuracy, samples, clips, correlation, seed)
    return Simulated(*arrays_of(table), table["race"], table["clip"])


def crossed(seed=0, count=240, clusters=12):
    """Return arrays whose clusters span the groups a, b, c, with null groups and null clusters among them."""
    stream = np.random.default_rng(seed)
    y_proba = stream.dirichlet(np.ones(4), count)
    y_pred = y_proba.argmax(axis=1)
    y_true = np.where(stream.random(count) < 0.4, y_pred, stream.integers(0, 3, count))
    group = pd.Series(stream.choice(["a", "b", "c"], count)).astype("str")
    cluster = pd.Series(stream.integers(0, clusters, count)).astype("str")
    group[::30], cluster[::24] = None, None
    return Simulated(y_true, y_pred, y_proba, group, cluster)
