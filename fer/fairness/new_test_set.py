"""Accuracy and its std over groups on another test set of the same kind and size, as the present one predicts them.

A bootstrap resamples the test set in hand, around the accuracies in it; these are themselves off by as much noise as
another test set would be, so that what it says of another test set is over-sure by half of the variance. And it adds
noise to noise: groups that differ by noise alone differ by more in each replicate.

Here the true accuracies are drawn first, given the data, and then what another test set shows of them, both with the
joint errors of :mod:`fer.fairness.joint_errors`. Models differ from their mean, groups from theirs, and groups within
models, by as much as they do without noise (empirical Bayes: Efron and Morris 1975): where a share s of the squared
distances is no noise, the true distances are s times those in the data, with s times the variance.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from fer.fairness.bootstrap import REPLICATES
from fer.fairness.cluster_sums import sum_groups
from fer.fairness.joint_disparity import FIGURES, normal_draws
from fer.fairness.joint_errors import joint_errors
from fer.fairness.samples import class_labels, codes_of


def new_test_set_draws(
    y_true: ArrayLike,
    y_preds: Sequence[ArrayLike],
    *,
    sensitive_features: ArrayLike,
    clusters: ArrayLike,
    groups: Sequence[str] | None = None,
    labels: Sequence[Any] | None = None,
    n_resamples: int = REPLICATES,
    random_state: int = 0,
) -> np.ndarray:
    """Return draws of accuracy and of its std over groups on a new test set: float (models, n_resamples, 2), shares.

    The new test set has other clusters of the same kind, as many of them, and the same models, which are drawn
    jointly. NaN where a group with samples has a single cluster, and with fewer than two groups.

    Args:
        y_true: (n,) labels or codes.
        y_preds: per model, (n,) labels or codes, or (seeds, n): the means over seeds are then drawn.
        sensitive_features: (n,) group names; a null is in no group.
        clusters: (n,) ids; a null is a cluster of its own. Or (n, 2) ids of two crossed kinds.
        groups: see :func:`fer.fairness.bootstrap_metrics`; likewise ``labels`` and errors.
        labels: see there.
        n_resamples: number of draws.
        random_state: seed of the draws.

    Example:
        >>> stream = np.random.default_rng(0)
        >>> y_true, race = stream.integers(0, 2, 120), np.repeat(["black", "white"], [40, 80])
        >>> y_pred = np.where(stream.random(120) < 0.7, y_true, 1 - y_true)
        >>> better = np.where(stream.random(120) < 0.4, y_true, y_pred)
        >>> by = {"sensitive_features": race, "clusters": np.repeat(np.arange(30), 4)}  # 30 clips of 4 frames
        >>> drawn = new_test_set_draws(y_true, [y_pred, better], **by, n_resamples=2000)
        >>> (drawn[1, :, 0] > drawn[0, :, 0]).mean().round(2)  # How sure it is to be better on other clips, too.
        np.float64(1.0)

    """
    named = {str(at): np.asarray(y_pred) for at, y_pred in enumerate(y_preds)}
    classes = class_labels({"y_true": y_true, **named}, labels)
    by: dict[str, Any] = {"clusters": clusters, "groups": groups, "labels": classes}
    runs = [np.atleast_2d(codes_of(y_pred, classes, "y_pred")) for y_pred in named.values()]
    sums = [sum_groups(y_true, one, sensitive_features=sensitive_features, **by) for side in runs for one in side]
    errors = joint_errors(sums)
    there = np.flatnonzero(errors.samples > 0)
    accuracy, covariance = errors.estimate[:, there], errors.covariance[:, there][:, :, :, there]
    if len(there) < 3 or np.isnan(covariance).any():
        return np.full((len(runs), n_resamples, 2), np.nan)
    normal = normal_draws(covariance, 2 * n_resamples, random_state, mirrored=False)
    # The covariance is itself estimated, from few clusters: errors have the tails of Student's t.
    degrees = errors.degrees[there]
    scale = np.sqrt(degrees / np.random.default_rng([random_state, 1]).chisquare(degrees, (n_resamples, len(there))))
    of_truth, of_test = (part * scale[:, None] for part in np.split(normal, 2))
    drawn = np.empty((n_resamples, len(sums), 2))
    for at, names in ((0, slice(0, 1)), (1, slice(1, None))):
        true = _true_accuracy(accuracy[:, names], covariance[:, names][:, :, :, names], of_truth[..., names])
        tested = np.clip(true + of_test[..., names], 0.0, 1.0)
        drawn[..., at] = tested[..., 0] if at == 0 else FIGURES["accuracy_std"](tested)
    ends = np.cumsum([len(side) for side in runs])[:-1]
    return np.stack([part.mean(axis=1) for part in np.split(drawn, ends, axis=1)])


def _true_accuracy(accuracy: np.ndarray, covariance: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Return draws of the true accuracies given those in the data, float (n, models, names).

    Models, groups, and groups within models each differ from their mean by as much as they do without noise.
    """
    models, names = accuracy.shape
    true = np.zeros(errors.shape)
    for apart_models in (False, True):
        for apart_names in (False, True) if names > 1 else (False,):
            over_models, over_names = _projection(models, apart_models), _projection(names, apart_names)
            part = over_models @ accuracy @ over_names
            noise = np.einsum("ij,jnim,mn->", over_models, covariance, over_names, optimize=True)
            share = 1.0
            if apart_models or apart_names:
                total = float((part**2).sum())
                share = float(np.clip(1 - noise / total, 0.0, 1.0)) if total > 0 else 0.0
            true += share * part + np.sqrt(share) * (over_models @ errors @ over_names)
    return true


def _projection(count: int, apart: bool) -> np.ndarray:
    """Return the matrix that takes values to their mean, or to their distances from it."""
    mean = np.full((count, count), 1 / count)
    return np.eye(count) - mean if apart else mean
