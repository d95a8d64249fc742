"""Sums a cluster and group, and every metric as a function of them.

All metrics here but those of seeds and dose are functions of sums over samples. So the samples are summed once
a (cluster, group) cell; a replicate, which draws clusters with whole numbers as weights, is one row of a matrix
product, and a metric is arithmetic on (replicates, groups, columns).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fer.fairness.clusters import cluster_codes, group_names
from fer.fairness.metrics import CALIBRATION_BINS, calibration_bins

ALL = "all"
# Standardised accuracy: see fer.fairness.groups.
_MINIMUM_COUNT = 5
COUNT, RIGHT, _LOSS, _BRIER, _CLASSES = range(5)


@dataclass(frozen=True)
class GroupSums:
    """Sums of each cluster's samples in each group, ``all`` first.

    Attributes:
        names: ``all`` (every sample, also those of no group) and the groups.
        classes: number of classes k.
        clusters: number of clusters m.
        members: for each name, int (cells,): the clusters that have a sample in it.
        sums: for each name, float (cells, columns): what :func:`sample_columns` gives, summed a cluster.

    """

    names: tuple[str, ...]
    classes: int
    clusters: int
    members: tuple[np.ndarray, ...]
    sums: tuple[np.ndarray, ...]

    def totals(self, weights: np.ndarray) -> np.ndarray:
        """Return float (replicates, names, columns): the sums with each cluster taken ``weights`` (r, m) times."""
        parts = [weights[:, cells] @ sums for cells, sums in zip(self.members, self.sums, strict=True)]
        return np.stack(parts, axis=1)

    def observed(self) -> np.ndarray:
        """Return float (names, columns): the sums of the data as they are."""
        return np.stack([sums.sum(axis=0) for sums in self.sums])


def sum_groups(
    y_true: np.ndarray,
    y_pred: np.ndarray,
    proba: np.ndarray,
    group: np.ndarray | pd.Series,
    cluster: np.ndarray | pd.Series,
    groups: Sequence[str] | None = None,
) -> GroupSums:
    """Return the sums of (n,) samples, (n, k) ``proba``; arguments as in :func:`fer.fairness.group_metrics`.

    Raises ValueError if a group has the name ``all``, the arrays differ in length, or there is no sample.
    """
    names = pd.Series(group).reset_index(drop=True)
    wanted = group_names(names, groups)
    if ALL in wanted:
        raise ValueError(f"a group is named {ALL!r}, which stands for all samples; rename the group.")
    lengths = {len(y_true), len(y_pred), len(proba), len(names), len(cluster)}
    if len(lengths) != 1:
        raise ValueError(f"labels, predictions, groups and clusters have lengths {sorted(lengths)}; give one a sample.")
    if not len(y_true):
        raise ValueError("there is no sample to take statistics of; give predictions of one or more.")
    codes, count = cluster_codes(cluster)
    columns = sample_columns(y_true, y_pred, proba)
    parts = [_sum_clusters(columns, codes)]
    parts += [_sum_clusters(columns[here], codes[here]) for here in ((names == name).to_numpy() for name in wanted)]
    members, sums = zip(*parts, strict=True)
    return GroupSums((ALL, *wanted), proba.shape[1], count, members, sums)


def sample_columns(y_true: np.ndarray, y_pred: np.ndarray, proba: np.ndarray) -> np.ndarray:
    """Return float (n, 4 + 3k + bins), what is summed.

    1; right; loss; Brier; one column a class for true, for predicted, for both; right - top probability in each bin.
    """
    classes = proba.shape[1]
    rows, unit = np.arange(len(y_true)), np.eye(classes)
    right = (y_true == y_pred).astype(float)
    epsilon = np.finfo(proba.dtype).eps  # As scikit-learn's log_loss.
    loss = -np.log(np.clip(proba[rows, y_true], epsilon, 1 - epsilon))
    brier = ((proba - unit[y_true]) ** 2).sum(axis=1)
    top = proba.max(axis=1)
    binned = np.zeros((len(rows), CALIBRATION_BINS))
    binned[rows, calibration_bins(top)] = right - top
    each = np.stack([np.ones(len(rows)), right, loss, brier], axis=1)
    return np.concatenate([each, unit[y_true], unit[y_pred], unit[y_true] * right[:, None], binned], axis=1)


def _sum_clusters(columns: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the clusters that occur, int (cells,), and the sums of each, (cells, columns)."""
    order = np.argsort(codes, kind="stable")
    members, starts = np.unique(codes[order], return_index=True)
    if not len(members):
        return members, np.zeros((0, columns.shape[1]))
    return members, np.add.reduceat(columns[order], starts, axis=0)


@dataclass(frozen=True)
class ClassSums:
    """The columns of sums that count a class, each (..., k)."""

    true: np.ndarray
    predicted: np.ndarray
    hit: np.ndarray


def class_sums(totals: np.ndarray, classes: int) -> ClassSums:
    """Return views of the class columns of ``totals`` (..., columns)."""
    return ClassSums(*(totals[..., _CLASSES + at * classes : _CLASSES + (at + 1) * classes] for at in range(3)))


def metric_names(classes: Sequence[str]) -> tuple[str, ...]:
    """Return the names of what :func:`metrics_of` gives, in order."""
    whole = ("accuracy", "f1_weighted", "f1_macro", "loss", "brier", "calibration_error", "standardised_accuracy")
    return (*whole, *(f"recall/{name}" for name in classes))


def metrics_of(totals: np.ndarray, classes: int, mix: np.ndarray) -> np.ndarray:
    """Return float (..., metrics) in the order of :func:`metric_names` from ``totals`` (..., columns).

    NaN where there is no sample. ``mix`` (k,): the weights of standardised accuracy, see :func:`common_mix`.
    """
    counts = class_sums(totals, classes)
    with np.errstate(invalid="ignore", divide="ignore"):
        count = totals[..., COUNT]
        recall = counts.hit / counts.true
        # 2 tp / (2 tp + fp + fn). As scikit-learn's with zero_division=0 for the classes that occur.
        f1 = np.where(counts.true > 0, 2 * counts.hit / (counts.true + counts.predicted), 0.0)
        whole = [
            totals[..., RIGHT] / count,
            (f1 * counts.true).sum(axis=-1) / count,
            f1.sum(axis=-1) / (counts.true > 0).sum(axis=-1),
            totals[..., _LOSS] / count,
            totals[..., _BRIER] / count,
            np.abs(totals[..., _CLASSES + 3 * classes :]).sum(axis=-1) / count,
            recall[..., mix > 0] @ mix[mix > 0] if mix.any() else np.full(count.shape, np.nan),
        ]
    return np.concatenate([np.stack(whole, axis=-1), recall], axis=-1)


def bases_of(sums: np.ndarray, classes: int) -> np.ndarray:
    """Return float (..., metrics): the number of samples that each metric rests on."""
    true = class_sums(sums, classes).true
    return np.concatenate([np.repeat(sums[..., [COUNT]], len(metric_names(())), axis=-1), true], axis=-1)


def common_mix(totals: np.ndarray, classes: int) -> np.ndarray:
    """Return float (k,), summing to 1: the mix of classes of standardised accuracy; all 0 if none is shared.

    ``totals`` (names, columns) as observed, ``all`` first. Fixed for all replicates: what is estimated stays the same.
    """
    counts = class_sums(totals[1:], classes).true
    counts = counts[counts.sum(axis=1) > 0]
    shared = (counts >= _MINIMUM_COUNT).all(axis=0) if len(counts) else np.zeros(classes, bool)
    weights = np.where(shared, counts.sum(axis=0), 0.0)
    return weights / weights.sum() if weights.any() else weights
