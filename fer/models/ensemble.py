"""Ensembles: the mean or weighted mean of several models' probabilities, as one model."""

from collections.abc import Sequence

import keras
import numpy as np
from keras import layers
from scipy.optimize import minimize

from fer.errors import InputError

WEIGHTINGS: tuple[str, ...] = ("average", "validation")
_SMALLEST = 1e-7


def build_ensemble(members: Sequence[keras.Model], weights: Sequence[float] | np.ndarray) -> keras.Model:
    """Return a model from uint8 faces to the weighted sum of the members' probabilities, float32 ``(n, classes)``.

    ``members`` take faces of the same shape; ``weights`` are 0 or more and sum to 1. The members are renamed. The
    ensemble uses only Keras' own layers, so it can be loaded without this project.
    """
    faces = keras.Input(members[0].input_shape[1:], dtype="uint8", name="faces")
    parts = []
    for number, (member, weight) in enumerate(zip(members, weights, strict=True)):
        member.name = f"member_{number}"  # Members may have the same name, layers of a model may not.
        parts.append(layers.Rescaling(float(weight), dtype="float32", name=f"weight_{number}")(member(faces)))
    return keras.Model(faces, layers.Add(name="probabilities")(parts), name="ensemble")


def check_weighting(weighting: str) -> None:
    """Raise InputError for an unknown weighting."""
    if weighting not in WEIGHTINGS:
        raise InputError(f"unknown weighting {weighting!r}; use one of {', '.join(WEIGHTINGS)}.")


def best_weights(probabilities: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return the weights (m,), 0 or more and summing to 1, whose mixture has the lowest cross-entropy.

    Args:
        probabilities: probabilities of m members on validation faces, ``(m, n, classes)``.
        codes: true class codes ``(n,)``.

    The cross-entropy of a mixture is convex in the weights, so the minimum found is the global one.

    """
    of_truth = probabilities[:, np.arange(len(codes)), codes].astype(np.float64)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        mixed = np.maximum(weights @ of_truth, _SMALLEST)
        return -float(np.log(mixed).mean()), -(of_truth / mixed).mean(axis=1)

    count = len(probabilities)
    equal = np.full(count, 1 / count)
    found = minimize(
        loss, equal, jac=True, method="SLSQP", bounds=[(0.0, 1.0)] * count, options={"maxiter": 500, "ftol": 1e-10},
        constraints={"type": "eq", "fun": lambda weights: weights.sum() - 1, "jac": lambda _: np.ones(count)},
    )  # fmt: skip
    weights = np.clip(found.x, 0, None)
    weights /= weights.sum()
    return weights if loss(weights)[0] <= loss(equal)[0] else equal
