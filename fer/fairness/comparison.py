"""Paired comparison of two models, or of two training procedures with several seeds each, on the same samples."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from fer.fairness.bootstrap import REPLICATES
from fer.fairness.cluster_sums import sum_groups
from fer.fairness.combined import Part, combine
from fer.fairness.definitions import largest_std
from fer.fairness.intervals import CONFIDENCE_LEVEL
from fer.fairness.joint_disparity import FIGURES, DrawnAccuracies
from fer.fairness.joint_errors import JointErrors, joint_errors
from fer.fairness.samples import class_labels, codes_of
from fer.fairness.share_contrasts import share_contrast

ONE_SEED = (
    "With one seed per side this compares two trained models, not the two training procedures: "
    "another seed could reverse the result."
)
SEVERAL_SEEDS = "Seeds are crossed with clusters: this compares two training procedures, represented by these seeds."


def paired_comparison(
    y_true: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    *,
    sensitive_features: ArrayLike,
    clusters: ArrayLike,
    groups: Sequence[str] | None = None,
    labels: Sequence[Any] | None = None,
    confidence_level: float = CONFIDENCE_LEVEL,
    n_resamples: int = REPLICATES,
    random_state: int = 0,
) -> pd.DataFrame:
    """Return the differences of the second side from the first, tested on the same samples in the same order.

    With one seed per side the result is about two trained models, not about two training procedures (``ONE_SEED``).

    Indexed by ``metric``: ``accuracy``, ``f1_weighted``, ``accuracy_std``, ``accuracy_min``,
    ``accuracy_gap``, ``accuracy/<group>``, and ``accuracy/<group> - accuracy/<other>`` for each pair. Columns:

    - ``first``, ``second``: mean over seeds; ``difference`` = second - first.
    - ``low``, ``high``: interval, clipped to the possible range (-1..1; -2..2 for a difference between groups, which is
      itself in -1..1; for the std plus and minus its largest possible value). NaN where a group has a single cluster,
      and for sides that agree on everything.
    - ``p``: two-sided, by the procedure of the interval: below 0.05 exactly where the 95 % interval does not contain 0.
    - ``seeds``: int, of the side with fewer.

    Shares and their differences: see :mod:`fer.fairness.share_contrasts`. Std, worst group and gap: a t interval with
    the variance of :mod:`fer.fairness.joint_disparity`. Both rest on the joint covariance of all groups of both sides
    over clusters. With two seeds per side or more, the variance of the means over seeds is added.

    Args:
        y_true: (n,) labels or codes.
        first: the first side's predictions, (n,) or (seeds, n).
        second: as ``first``; the number of seeds may differ.
        sensitive_features: (n,) group names; a null is in no group.
        clusters: (n,) ids; a null is a cluster of its own. Or (n, 2) ids of two crossed kinds.
        groups: the groups to compare, in order; default: those that occur, sorted.
        labels: the class labels; default those that occur, sorted, or the codes 0 to k - 1.
        confidence_level: of the intervals.
        n_resamples: number of draws for std, worst group and gap.
        random_state: seed of the draws.

    All values are in the metric's unit, 0..1: a difference of 0.05 is 5 percentage points. Raises ValueError as
    :func:`bootstrap_metrics` does.

    Example:
        >>> stream = np.random.default_rng(0)
        >>> y_true, race = stream.integers(0, 2, 120), np.repeat(["black", "white"], [40, 80])
        >>> y_pred = np.where(stream.random(120) < 0.7, y_true, 1 - y_true)
        >>> by = {"sensitive_features": race, "clusters": np.repeat(np.arange(30), 4)}  # 30 clips of 4 frames
        >>> better = np.where(stream.random(120) < 0.4, y_true, y_pred)
        >>> table = paired_comparison(y_true, y_pred, better, **by, n_resamples=2000)
        >>> table.loc[["accuracy", "accuracy/black", "accuracy_gap"], ["first", "second", "low", "high", "p"]].round(4)
                         first  second     low    high       p
        metric
        accuracy        0.5917  0.7333  0.0669  0.2146  0.0005
        accuracy/black  0.5250  0.7250  0.0339  0.3643  0.0224
        accuracy_gap    0.1000  0.0125 -0.2189  0.0439  0.1751

    """
    classes = class_labels({"y_true": y_true, "first": first, "second": second}, labels)
    by: dict[str, Any] = {
        "sensitive_features": sensitive_features,
        "clusters": clusters,
        "groups": groups,
        "labels": classes,
    }
    sides = [[sum_groups(y_true, y_pred, **by) for y_pred in _seeds(side, classes)] for side in (first, second)]
    runs = [*sides[0], *sides[1]]
    means = np.zeros((2, len(runs)))
    means[0, : len(sides[0])], means[1, len(sides[0]) :] = 1 / len(sides[0]), 1 / len(sides[1])
    accuracy, f1 = joint_errors(runs), joint_errors(runs, "f1_weighted")
    drawn = DrawnAccuracies(accuracy, n_resamples, random_state)
    by_side = {"accuracy": accuracy.averaged(means), "f1_weighted": f1.averaged(means)}
    seeds = min(len(side) for side in sides)
    rows = {}
    for name, weights in _rows(runs[0].names).items():
        values = _values(name, weights, f1 if name == "f1_weighted" else accuracy, drawn)
        each = np.split(values, [len(sides[0])])
        further = [Part(float(part.var(ddof=1)) / len(part), len(part) - 1) for part in each] if seeds > 1 else []
        first, second = (float(mean) for mean in means @ values)
        if name in FIGURES:
            part = drawn.part(name, means[1] - means[0])
            found = combine(second - first, [part, *further], confidence_level)
        else:
            errors = by_side["f1_weighted" if name == "f1_weighted" else "accuracy"]
            found = share_contrast(errors, np.outer([-1.0, 1.0], weights), confidence_level, further)
        reach = _largest_change(name, weights, len(drawn.groups))
        rows[name] = {
            "first": first,
            "second": second,
            "difference": second - first,
            "low": np.maximum(found.low, -reach),
            "high": np.minimum(found.high, reach),
            "p": found.p,
            "seeds": seeds,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("metric")


def _rows(names: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the rows' names with the weights of ``names``, float (names,), that they are sums of; 0 for figures."""
    unit = np.eye(len(names))
    groups = list(zip(names, unit, strict=True))[1:]
    rows = {"accuracy": unit[0], "f1_weighted": unit[0], **dict.fromkeys(FIGURES, np.zeros(len(names)))}
    rows |= {f"accuracy/{name}": weights for name, weights in groups}
    pairs = combinations(groups, 2)
    return rows | {f"accuracy/{name} - accuracy/{other}": one - two for (name, one), (other, two) in pairs}


def _values(row: str, weights: np.ndarray, errors: JointErrors, drawn: DrawnAccuracies) -> np.ndarray:
    """Return the value of a row in each run, float (runs,)."""
    if row in FIGURES:
        return FIGURES[row](drawn.accuracy) if len(drawn.groups) else np.full(len(drawn.accuracy), np.nan)
    there = weights != 0
    return errors.estimate[:, there] @ weights[there]


def _largest_change(row: str, weights: np.ndarray, groups: int) -> float:
    """Return by how much a row can differ between the sides; ``groups``: the number of groups with samples."""
    if row == "accuracy_std":
        return largest_std(groups)
    # Of a difference between groups the change is one of two differences.
    return 2.0 if (weights != 0).sum() > 1 else 1.0


def _seeds(side: ArrayLike, labels: Sequence[Any]) -> list[np.ndarray]:
    """Return the predictions of each seed, int (n,)."""
    return list(np.atleast_2d(codes_of(side, labels, "y_pred")))
