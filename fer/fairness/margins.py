"""No worse than, and equal within, a margin: between groups of one model, and between two models on the same samples.

"Not significant" is not "equal": a difference that was not found may be large. These tests turn the burden round. Their
null hypothesis is a difference of the margin or more, so that too few samples never show equality.

**No worse** (non-inferiority): the one-sided test that the difference is above minus the margin. **Equal within**
(equivalence): the two one-sided tests (TOST) that it is above minus the margin and below the margin (Schuirmann 1987;
Berger and Hsu 1996). Both are inversions of the score intervals of :mod:`fer.fairness.score_intervals`: p is at most
5 % exactly where the 90 % interval is above minus the margin, or within the margins.

**Two models on the same samples** share all clusters. Their correlation takes what they have in common out of the
interval (Newcombe 1998), shrunk by four pseudo-samples (Agresti and Min 2005): that two models gave the same answers on
five clips does not show that they always would.

**The worst group** of the second model need not be that of the first. Its accuracy is no worse by the margin if each of
its groups is: an intersection-union test, whose p-value is the largest of the groups' (Berger 1982). A group is no
worse than the first model's worst group if it is no worse than any one of the first model's groups. Which one is not
chosen by looking for free: the smallest of the p-values counts times the number of groups (Bonferroni). The interval is
the inversion of this test.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from fer.fairness.cluster_errors import kept, metric_errors
from fer.fairness.cluster_sums import GroupSums, sum_groups
from fer.fairness.intervals import NO_ESTIMATE, SCORE, STUDENT
from fer.fairness.metric_arrays import definition_by_name, metric_names, metrics_of
from fer.fairness.pair_differences import PairDifferences
from fer.fairness.samples import class_labels, codes_of
from fer.fairness.score_intervals import Shares

MARGIN = 0.02
_LEVEL = 0.05
PSEUDO_SAMPLES = 4.0
_COLUMNS = ["difference", "low", "high", "p_no_worse", "p_equal"]


def group_equivalence(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sensitive_features: ArrayLike,
    clusters: ArrayLike,
    margin: float = MARGIN,
    y_proba: ArrayLike | None = None,
    metric: str = "accuracy",
    groups: Sequence[str] | None = None,
    pairs: Sequence[tuple[str, str]] | None = None,
    labels: Sequence[Any] | None = None,
    significance_level: float = _LEVEL,
    repeats: int = 1,
) -> pd.DataFrame:
    """Return whether groups are shown to be equal within a margin, or one no worse than the other.

    Indexed by ``group`` and ``other``. Columns, in the metric's unit and NaN where they cannot be estimated:

    - ``difference``: group minus other; ``low``, ``high``: its interval at 1 - 2 ``significance_level`` (90 %), the
      intervals of :func:`difference_intervals`.
    - ``p_no_worse``: of "the group is worse than the other by the margin or more" (for a loss: higher).
    - ``p_equal``: of "they differ by the margin or more". At most 0.05 exactly where the 90 % interval is within the
      margins.
    - ``method``: as in :func:`difference_intervals`.

    Args:
        y_true: (n,) labels or codes.
        y_pred: as ``y_true``.
        sensitive_features: (n,) group names; a null is in no group.
        clusters: (n,) ids, a null is a cluster of its own; (n, 2) of crossed clusters.
        margin: the largest difference that does not matter, above 0, in the metric's unit: 0.02 of an accuracy is 2
            percentage points. State it before looking at the results.
        y_proba: (n, k), for metrics that need probabilities.
        metric: one that a group has, such as ``accuracy``.
        groups: the groups, in order; default: those that occur, sorted.
        pairs: of group names; default: every two groups.
        labels: the class labels.
        significance_level: one-sided, of the interval.
        repeats: as in :func:`bootstrap_metrics`.

    Raises ValueError for a margin that is not above 0 or, of a share, not below 1; an unknown metric or group; and as
    :func:`bootstrap_metrics` does.

    Example:
        >>> y_true, race = np.zeros(800, int), np.repeat(["black", "white"], 400)
        >>> y_pred = (np.random.default_rng(0).random(800) < 0.05).astype(int)  # 95 % right in both groups
        >>> by = {"sensitive_features": race, "clusters": np.repeat(np.arange(200), 4)}  # 200 clips of 4 frames
        >>> group_equivalence(y_true, y_pred, **by, margin=0.05).iloc[:, :5].round(3)
                     difference    low   high  p_no_worse  p_equal
        group other
        black white      -0.008 -0.033  0.017       0.004    0.004

    """
    sums = sum_groups(
        y_true, y_pred, sensitive_features=sensitive_features, clusters=clusters, y_proba=y_proba, groups=groups,
        labels=labels, repeats=repeats,
    )  # fmt: skip
    definitions = definition_by_name(sums.layout)
    if metric not in definitions:
        raise ValueError(f"metric {metric!r} has no value per group; choose one of {', '.join(definitions)}.")
    definition = definitions[metric]
    _check(margin, definition.bounds[1] - definition.bounds[0])
    wanted = list(combinations(sums.names[1:], 2)) if pairs is None else [tuple(pair) for pair in pairs]
    missing = sorted({name for pair in wanted for name in pair} - set(sums.names))
    if missing:
        raise ValueError(f"no group is named {missing[0]!r}; the groups are {', '.join(sums.names[1:])}.")
    number, mix = list(definitions).index(metric), sums.mix()
    errors = kept(metric_errors(sums, mix), [number], range(len(sums.names)))
    estimate = np.mean([metrics_of(one.observed(mix))[:, number] for one in sums.by_seed()], axis=0)
    found = PairDifferences.of(estimate, errors, definition)
    low, high = found.interval(1 - 2 * significance_level)
    above = found.p_above(-margin)
    below = above.T
    no_worse = above if definition.direction == "up" else below
    method = np.where(np.isnan(low), NO_ESTIMATE, SCORE if definition.proportion else STUDENT)
    values = (found.apart, low, high, no_worse, np.maximum(above, below), method)
    places = [(sums.names.index(group), sums.names.index(other)) for group, other in wanted]
    rows = [[value[place] for value in values] for place in places]
    return pd.DataFrame(
        rows, pd.MultiIndex.from_tuples(wanted, names=["group", "other"]), columns=[*_COLUMNS, "method"]
    )


def paired_equivalence(
    y_true: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    *,
    sensitive_features: ArrayLike,
    clusters: ArrayLike,
    margin: float = MARGIN,
    groups: Sequence[str] | None = None,
    labels: Sequence[Any] | None = None,
    significance_level: float = _LEVEL,
) -> pd.DataFrame:
    """Return whether the second model is shown to be no worse than the first in accuracy, or equal within a margin.

    Indexed by ``metric``: ``accuracy``, ``accuracy_min`` (the worst group, whichever it is in each model) and
    ``accuracy/<group>``. Columns, shares of 0..1 or differences of such, NaN where they cannot be estimated:

    - ``first``, ``second``: mean over seeds; ``difference`` = second - first.
    - ``low``, ``high``: the interval of the difference at 1 - 2 ``significance_level`` (90 %). That of the worst group
      is conservative: see the module's description.
    - ``p_no_worse``: of "the second is worse by the margin or more".
    - ``p_equal``: of "they differ by the margin or more".
    - ``seeds``: int, of the side with fewer. With two or more on each side, the variance of the means over seeds is
      included, and the statement is about two training procedures. With one it is about two trained models.

    ``accuracy_min`` is NaN if a group with samples cannot be estimated: such a group could be the worst.

    Args:
        y_true: (n,) labels or codes.
        first: the first model's predictions, (n,) or (seeds, n).
        second: as ``first``, of the same samples in the same order; the number of seeds may differ.
        sensitive_features: (n,) group names; a null is in no group.
        clusters: (n,) ids, a null is a cluster of its own; (n, 2) of crossed clusters.
        margin: the largest difference that does not matter, 0..1: 0.02 is 2 percentage points. State it before looking
            at the results.
        groups: the groups, in order; default: those that occur, sorted.
        labels: the class labels.
        significance_level: one-sided, of the interval.

    Raises ValueError for a margin outside 0..1, and as :func:`bootstrap_metrics` does.

    Example:
        >>> stream = np.random.default_rng(0)
        >>> y_true, race = np.zeros(1200, int), np.repeat(["black", "white"], [400, 800])
        >>> y_pred = (stream.random(1200) < 0.3).astype(int)
        >>> by = {"sensitive_features": race, "clusters": np.repeat(np.arange(300), 4)}  # 300 clips of 4 frames
        >>> nearly = np.where(stream.random(1200) < 0.02, 1 - y_pred, y_pred)
        >>> table = paired_equivalence(y_true, y_pred, nearly, **by)
        >>> table[["difference", "low", "high", "p_no_worse", "p_equal"]].round(3)
                        difference    low   high  p_no_worse  p_equal
        metric
        accuracy            -0.009 -0.017 -0.001       0.012    0.012
        accuracy_min        -0.011 -0.025  0.009       0.109    0.109
        accuracy/black      -0.005 -0.022  0.012       0.073    0.073
        accuracy/white      -0.011 -0.020 -0.002       0.055    0.055

    """
    _check(margin, 1.0)
    classes = class_labels({"y_true": y_true, "first": first, "second": second}, labels)
    by: dict[str, Any] = {
        "sensitive_features": sensitive_features, "clusters": clusters, "groups": groups, "labels": classes,
    }  # fmt: skip
    sides = [
        [sum_groups(y_true, codes, **by) for codes in np.atleast_2d(codes_of(side, classes, "y_pred"))]
        for side in (first, second)
    ]
    accuracy, pairs = _of_models(sides)
    names = sides[0][0].names
    size = len(names)
    # The second's group in each row minus the first's in each column.
    p = pairs.p_above(-margin)
    upward, downward = p[size:, :size], p[:size, size:]
    low, high = (ends[size:, :size] for ends in pairs.interval(1 - 2 * significance_level))
    at = {"accuracy": 0, **{f"accuracy/{name}": place for place, name in enumerate(names) if place}}
    rows = {
        name: [*accuracy[:, place], low[place, place], high[place, place], upward[place, place], downward[place, place]]
        for name, place in at.items()
    }
    there = [place for place in range(1, size) if len(sides[0][0].members[place])]
    if there:
        worst = accuracy[:, there].min(axis=1)
        share = 1 - 2 * significance_level / len(there)
        low, high = (ends[size:, :size][:, there][there] for ends in pairs.interval(share))
        of_worst = [_of_worst(side[:, there][there]) for side in (upward, downward)]
        rows["accuracy_min"] = [*worst, low.max(axis=1).min(), high.min(axis=0).max(), *of_worst]
    else:
        rows["accuracy_min"] = [np.nan] * 6
    table = pd.DataFrame.from_dict(
        rows, orient="index", columns=["first", "second", "low", "high", "p_no_worse", "back"]
    )
    table["p_equal"] = table[["p_no_worse", "back"]].max(axis=1, skipna=False)
    table["difference"] = table["second"] - table["first"]
    order = ["accuracy", "accuracy_min", *list(at)[1:]]
    table = table.loc[order, ["first", "second", *_COLUMNS]].rename_axis("metric")
    return table.assign(seeds=min(len(side) for side in sides))


def _check(margin: float, most: float) -> None:
    if not 0 < margin < most:
        raise ValueError(
            f"margin {margin} is outside 0..{most:g}; give a difference in the metric's unit, such as {MARGIN} for "
            f"{100 * MARGIN:.0f} percentage points of accuracy."
        )


def _of_models(sides: Sequence[Sequence[GroupSums]]) -> tuple[np.ndarray, PairDifferences]:
    """Return accuracies (2, names), and the differences of all names of the first, then of the second side."""
    like = sides[0][0]
    number = [metric_names(like.layout).index("accuracy")]
    by_seed = [np.stack([metrics_of(sums.observed())[:, number[0]] for sums in side]) for side in sides]
    means = [tuple(np.mean([one.cells[at] for one in side], axis=0) for at in range(len(like.names))) for side in sides]
    joined = replace(like, names=like.names * 2, members=like.members * 2, cells=(*means[0], *means[1]))
    accuracy = metrics_of(joined.observed())[:, number[0]]
    errors = kept(metric_errors(joined), number, range(len(joined.names)))
    shares = Shares.of(accuracy[None], errors)
    shares = replace(shares, correlation=_shrunk(shares))
    seeds = freedom = None
    if min(len(side) for side in sides) > 1:
        seeds = np.concatenate([values.var(axis=0, ddof=1) / len(values) for values in by_seed])
        freedom = np.repeat([len(side) - 1 for side in sides], len(like.names)).astype(float)
    return accuracy.reshape(2, -1), PairDifferences.of_shares(shares, seeds, freedom)


def _shrunk(shares: Shares) -> np.ndarray:
    """Return the correlation with so many samples added that are unrelated; a negative one stays."""
    size = np.minimum(shares.size[..., :, None], shares.size[..., None, :])
    return np.where(shares.correlation > 0, shares.correlation * size / (size + PSEUDO_SAMPLES), shares.correlation)


def _of_worst(p: np.ndarray) -> float:
    """Return the p-value of the worst group: of p (groups, groups), each row's group against each of the other side."""
    return float(np.minimum(p.min(axis=1) * p.shape[1], 1.0).max())
