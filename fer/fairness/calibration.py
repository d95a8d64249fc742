"""Calibration per group: reliability diagrams and debiased calibration errors."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from fer.fairness.cluster_sums import ALL
from fer.fairness.clusters import cluster_codes
from fer.fairness.definitions import CALIBRATION_BINS, calibration_bins
from fer.fairness.groups import group_members
from fer.fairness.samples import Samples, same_length, samples_of


def reliability_table(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    y_proba: ArrayLike,
    sensitive_features: ArrayLike,
    n_bins: int = CALIBRATION_BINS,
    groups: Sequence[str] | None = None,
    labels: Sequence[Any] | None = None,
) -> pd.DataFrame:
    """Return the points of a reliability diagram, by group (``all`` first) and bin of the top probability.

    Indexed by ``group`` and ``bin`` (0 and up, equal in width, closed above). Columns ``low``, ``high`` (edges),
    ``count``, ``confidence`` (mean top probability), ``accuracy``, all 0..1 but the count; NaN in an empty bin.

    Args:
        y_true: (n,) labels or codes.
        y_pred: (n,) labels or codes.
        y_proba: float (n, k) probabilities.
        sensitive_features: (n,) group names; a null counts in ``all`` only.
        n_bins: number of bins.
        groups: the groups to return, in order; default: those that occur, sorted.
        labels: see :func:`fer.fairness.point_metrics`; errors as there.

    Example:
        >>> y_proba = np.array([[0.9, 0.1]] * 10 + [[0.6, 0.4]] * 10)
        >>> y_true, race = np.tile([0, 0, 0, 0, 1], 4), ["black", "white"] * 10
        >>> by = {"y_proba": y_proba, "sensitive_features": race}
        >>> reliability_table(y_true, np.zeros(20, int), **by, n_bins=2).loc["all"]
             low  high  count  confidence  accuracy
        bin
        0    0.0   0.5      0         NaN       NaN
        1    0.5   1.0     20        0.75       0.8

    """
    top, right = _confidence(samples_of(y_true, y_pred, y_proba, labels))
    rows = pd.DataFrame({"bin": calibration_bins(top, n_bins), "confidence": top, "accuracy": right})
    tables = {}
    for name, here in _all_and_groups(sensitive_features, groups, len(rows)).items():
        binned = rows.iloc[here].groupby("bin")
        table = binned[["confidence", "accuracy"]].mean().reindex(range(n_bins))
        table.insert(0, "count", binned.size().reindex(range(n_bins), fill_value=0).astype("int64"))
        table.insert(0, "high", (np.arange(n_bins) + 1) / n_bins)
        table.insert(0, "low", np.arange(n_bins) / n_bins)
        tables[name] = table
    return pd.concat(tables, names=["group", "bin"])


def debiased_calibration_error(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    y_proba: ArrayLike,
    sensitive_features: ArrayLike,
    clusters: ArrayLike,
    n_bins: int = CALIBRATION_BINS,
    groups: Sequence[str] | None = None,
    labels: Sequence[Any] | None = None,
) -> pd.DataFrame:
    """Return the calibration error of each group, ``all`` first, corrected for its bias.

    The plain error is biased upwards in small groups, as each bin's |accuracy - confidence| is never negative. Here the
    variance of each bin's mean is subtracted from its square (Kumar, Liang and Ma 2019, "Verified uncertainty
    calibration", section 4), over clusters instead of samples. Columns:

    - ``plain``: root of the sample-weighted mean of the squared (accuracy - confidence) of the bins, 0..1.
    - ``squared``: its square, debiased and not truncated: negative where the bins differ less than expected from noise.
    - ``root``: its root, 0 where it is negative.
    - ``left_out``: share of samples in bins with a single cluster, 0..1; their noise is unknown, so they are left out.

    NaN where no bin is left. ``clusters``: (n,) ids; a null is a cluster of its own. The other arguments, and errors,
    as in :func:`reliability_table`.

    Example:
        >>> y_proba = np.array([[0.9, 0.1]] * 10 + [[0.6, 0.4]] * 10)
        >>> y_true, race = np.tile([0, 0, 0, 0, 1], 4), ["black", "white"] * 10
        >>> by = {"y_proba": y_proba, "sensitive_features": race, "clusters": np.arange(20)}
        >>> debiased_calibration_error(y_true, np.zeros(20, int), **by).round(3)
               plain  squared   root  left_out
        group
        all    0.158    0.007  0.085       0.0
        black  0.158   -0.015  0.000       0.0
        white  0.158   -0.015  0.000       0.0

    """
    top, right = _confidence(samples_of(y_true, y_pred, y_proba, labels))
    codes, _ = cluster_codes(clusters)
    same_length(y_true=len(top), clusters=len(codes))
    frame = pd.DataFrame({"bin": calibration_bins(top, n_bins), "cluster": codes, "off": right - top})
    members = _all_and_groups(sensitive_features, groups, len(frame))
    rows = {name: _debiased(frame.iloc[here]) for name, here in members.items()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("group")


def _confidence(samples: Samples) -> tuple[np.ndarray, np.ndarray]:
    """Return each sample's top probability and whether it is right (0.0 or 1.0), (n,) each."""
    if samples.proba is None:
        raise ValueError("calibration needs probabilities; give y_proba=.")
    return samples.proba.max(axis=1), (samples.true == samples.predicted).astype(float)


def _all_and_groups(sensitive_features: ArrayLike, groups: Sequence[str] | None, count: int) -> dict[str, np.ndarray]:
    return {ALL: np.arange(count)} | group_members(sensitive_features, groups, count)


def _debiased(frame: pd.DataFrame) -> dict[str, float]:
    cells = frame.groupby(["bin", "cluster"])["off"].agg(["sum", "size"])
    by_bin = cells.groupby("bin").agg(total=("sum", "sum"), count=("size", "sum"), clusters=("size", "size"))
    used = by_bin[by_bin["clusters"] > 1]
    count = used["count"].sum()
    if not count:
        return {"plain": np.nan, "squared": np.nan, "root": np.nan, "left_out": 1.0 if len(frame) else np.nan}
    mean = used["total"] / used["count"]
    residual = cells["sum"] - cells["size"] * mean.reindex(cells.index.get_level_values("bin")).to_numpy()
    squares = (residual**2).groupby("bin").sum().reindex(used.index)
    noise = squares / used["count"] ** 2 * used["clusters"] / (used["clusters"] - 1)
    share = used["count"] / count
    squared = float((share * (mean**2 - noise)).sum())
    return {
        "plain": float(np.sqrt((share * mean**2).sum())),
        "squared": squared,
        "root": float(np.sqrt(max(squared, 0.0))),
        "left_out": float(1 - count / len(frame)),
    }
