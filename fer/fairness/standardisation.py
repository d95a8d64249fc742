"""Comparison of groups at common class weights, or at equal sample size."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from fer.fairness.definitions import METRICS
from fer.fairness.groups import group_members, sums_by_group
from fer.fairness.metric_arrays import columns_of
from fer.fairness.samples import samples_of
from fer.fairness.sums import Sums, common_mix


def standardised_accuracy(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sensitive_features: ArrayLike,
    minimum_count: int = 5,
    groups: Sequence[str] | None = None,
    labels: Sequence[Any] | None = None,
) -> pd.Series:
    """Return the accuracy of each group at common class weights, (groups,), 0..1: direct standardisation.

    A gap is then not confounded with the class shares of the groups. Used are the classes of which every group with
    samples has at least ``minimum_count``; each is weighted by its share of all groups' samples of these classes. NaN
    for a group without samples, and for all groups if they share no class.

    Args:
        y_true: (n,) labels or codes.
        y_pred: (n,) labels or codes.
        sensitive_features: (n,) group names; a null is in no group.
        minimum_count: samples of a class that each group must have.
        groups: the groups to return, in order; default: those that occur, sorted.
        labels: see :func:`point_metrics`.

    Raises ValueError as :func:`point_metrics` does.

    Example:
        Both groups are correct on every happy face and on no sad one; only their class shares differ.

        >>> y_true = ["happy"] * 3 + ["sad"] + ["happy"] + ["sad"] * 3
        >>> race = ["black"] * 4 + ["white"] * 4
        >>> by = {"sensitive_features": race, "minimum_count": 1}
        >>> standardised_accuracy(y_true, ["happy"] * 8, **by).to_dict()
        {'black': 0.5, 'white': 0.5}

    """
    sums, members = sums_by_group(y_true, y_pred, sensitive_features, groups=groups, labels=labels)
    at_mix = Sums(sums.totals, sums.layout, common_mix(sums, minimum_count))
    return pd.Series(METRICS["standardised_accuracy"].of(at_mix), index=list(members))


def calibration_error_at_equal_size(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    y_proba: ArrayLike,
    sensitive_features: ArrayLike,
    n_draws: int = 50,
    groups: Sequence[str] | None = None,
    labels: Sequence[Any] | None = None,
    random_state: int = 0,
) -> pd.Series:
    """Return the calibration error of each group on as many samples as the smallest group has, (groups,), 0..1.

    The error is biased upwards in small groups; at equal size the bias is nearly equal. It is the mean over ``n_draws``
    seeded subsamples without replacement; NaN for a group without samples.

    Args:
        y_true: (n,) labels or codes.
        y_pred: (n,) labels or codes.
        y_proba: float (n, k) probabilities.
        sensitive_features: (n,) group names; a null is in no group.
        n_draws: number of subsamples of each group.
        groups: the groups to return, in order; default: those that occur, sorted.
        labels: see :func:`point_metrics`.
        random_state: seed of the subsamples; a group's do not depend on the other groups.

    Raises ValueError as :func:`point_metrics` does.

    Example:
        >>> y_proba = [[0.8, 0.2]] * 5
        >>> race = ["black", "black", "white", "white", "white"]
        >>> by = {"y_proba": y_proba, "sensitive_features": race}
        >>> calibration_error_at_equal_size([0, 0, 0, 0, 0], [0, 0, 0, 0, 0], **by).round(2).to_dict()
        {'black': 0.2, 'white': 0.2}

    """
    columns, layout = columns_of(samples_of(y_true, y_pred, y_proba, labels))
    members = group_members(sensitive_features, groups, len(columns))
    sizes = [len(rows) for rows in members.values() if len(rows)]
    values = {}
    for name, rows in members.items():
        stream = np.random.default_rng([random_state, len(rows)])
        picks = [stream.choice(rows, min(sizes), replace=False) for _ in range(n_draws if len(rows) else 0)]
        totals = [columns[pick].sum(axis=0) for pick in picks]
        drawn = METRICS["calibration_error"].of(Sums(np.array(totals), layout)) if totals else np.array([np.nan])
        values[name] = float(drawn.mean())
    return pd.Series(values, dtype=float)
