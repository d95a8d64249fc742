"""Metrics a group, and the numbers that sum them up over groups.

Groups are addressed by name. A group without samples is NaN with a count of 0, and takes no part in min,
max, gap, ratio and std.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from fer.fairness.metrics import calibration_error, point_metrics

PERCENT = 100.0


def group_metrics(
    y_true: np.ndarray,
    y_pred: np.ndarray,
    proba: np.ndarray,
    group: np.ndarray | pd.Series,
    cluster: np.ndarray | pd.Series | None = None,
    groups: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return one row a group: ``count``, ``clusters`` and every metric of ``METRICS``.

    Equal to Fairlearn's ``MetricFrame(...).by_group`` where both have the metric; a loop of our own
    because MetricFrame passes no ``(n, k)`` probabilities on.

    Args:
        y_true: int (n,) class numbers.
        y_pred: int (n,) class numbers.
        proba: float (n, k).
        group: (n,) names; a null is in no group.
        cluster: (n,) ids of clips or persons; without it ``clusters`` is NaN. Null ids count as none.
        groups: the rows wanted, in order; default the names that occur, sorted.

    """
    names = pd.Series(group).reset_index(drop=True)
    wanted = sorted(names.dropna().unique()) if groups is None else list(groups)
    clusters = None if cluster is None else pd.Series(cluster).reset_index(drop=True)
    rows = {}
    for name in wanted:
        here = np.flatnonzero(names == name)
        counted = np.nan if clusters is None else clusters.iloc[here].nunique()
        head = pd.Series({"count": len(here), "clusters": counted})
        rows[name] = pd.concat([head, point_metrics(y_true[here], y_pred[here], proba[here])])
    table = pd.DataFrame(rows).T.rename_axis("group")
    return table.astype({"count": "int64"}) if len(table) else table


def _std(values: pd.Series) -> float:
    return float(values.std(ddof=1) * PERCENT)


def _ratio(values: pd.Series) -> float:
    return float(values.min() / values.max()) if len(values) and values.max() else float("nan")


# min, gap and ratio are in the metric's unit; std in percentage points, as the paper's "%Std".
OVER_GROUPS: dict[str, Callable[[pd.Series], float]] = {
    "std": _std,
    "min": lambda values: float(values.min()),
    "gap": lambda values: float(values.max() - values.min()),
    "ratio": _ratio,
}


def over_groups(values: pd.Series) -> pd.Series:
    """Sum up one metric over groups: ``std`` (sample, n-1, x100), ``min``, ``gap`` (max - min), ``ratio`` (min / max).

    ``values`` is indexed by group; NaN groups take no part. With one group left only ``min`` is a number:
    a spread of one is NaN. For an accuracy ``std`` is in percentage points.
    """
    known = values.dropna()
    summary = pd.Series({name: function(known) for name, function in OVER_GROUPS.items()}, dtype=float)
    if len(known) < 2:
        summary[["std", "gap", "ratio"]] = np.nan
    return summary


def worst_group(values: pd.Series) -> str | None:
    """Return the name of the group with the lowest value; None if no group has one."""
    known = values.dropna()
    return None if known.empty else str(known.idxmin())


def standardised_accuracy(
    y_true: np.ndarray,
    y_pred: np.ndarray,
    group: np.ndarray | pd.Series,
    minimum_count: int = 5,
    groups: Sequence[str] | None = None,
) -> pd.Series:
    """Accuracy a group (0..1) at one common mix of emotions: direct standardisation.

    Only emotions of which every group with samples has at least ``minimum_count`` enter; each is weighted
    by its share among all samples of these emotions. NaN for all if no emotion is shared by all. So a gap
    is not mixed up with who happened to show which emotion.
    """
    names = pd.Series(group).reset_index(drop=True)
    wanted = sorted(names.dropna().unique()) if groups is None else list(groups)
    frame = pd.DataFrame({"group": names, "label": y_true, "right": (y_true == y_pred).astype(float)})
    cells = frame.dropna(subset="group").groupby(["label", "group"])["right"].agg(["mean", "size"])
    occurring = [name for name in wanted if (names == name).any()]
    size = cells["size"].unstack().reindex(columns=occurring)
    shared = size.index[(size >= minimum_count).all(axis=1)]
    if not len(shared) or not occurring:
        return pd.Series(np.nan, index=wanted)
    weights = size.loc[shared].sum(axis=1)
    mean = cells["mean"].unstack().loc[shared, occurring]
    return mean.mul(weights / weights.sum(), axis=0).sum().reindex(wanted)


def calibration_error_at_equal_size(
    y_true: np.ndarray,
    y_pred: np.ndarray,
    proba: np.ndarray,
    group: np.ndarray | pd.Series,
    seed: int = 0,
    draws: int = 50,
    groups: Sequence[str] | None = None,
) -> pd.Series:
    """Calibration error a group (0..1), each on as many samples as the smallest group has.

    The error is biased upwards in small groups; at equal size the bias is nearly equal. Mean over ``draws``
    seeded subsamples without replacement; NaN for a group without samples.
    """
    names = pd.Series(group).reset_index(drop=True)
    wanted = sorted(names.dropna().unique()) if groups is None else list(groups)
    members = {name: np.flatnonzero(names == name) for name in wanted}
    sizes = [len(rows) for rows in members.values() if len(rows)]
    values = {}
    for name, rows in members.items():
        stream = np.random.default_rng([seed, len(rows)])
        picks = [stream.choice(rows, min(sizes), replace=False) for _ in range(draws if len(rows) else 0)]
        errors = [calibration_error(y_true[pick], y_pred[pick], proba[pick]) for pick in picks]
        values[name] = float(np.mean(errors)) if errors else float("nan")
    return pd.Series(values, dtype=float)
