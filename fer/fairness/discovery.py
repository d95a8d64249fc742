"""Which of many groups differ from all others: flags with a false discovery rate, for large families of groups.

Where an attribute has dozens of groups, such as race x gender x age, a correction against a single false alarm misses
most true differences. A false discovery rate of 5 % accepts that, on average, 5 % of the flagged groups are flagged
falsely.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from fer.fairness.cluster_errors import kept, metric_errors
from fer.fairness.cluster_sums import GroupSums, sum_groups
from fer.fairness.intervals import CONFIDENCE_LEVEL, NO_ESTIMATE, SCORE
from fer.fairness.metric_arrays import definition_by_name, metrics_of
from fer.fairness.pair_differences import PairDifferences
from fer.fairness.score_intervals import Shares

FALSE_DISCOVERY_RATE = 0.05


def false_discovery_p(p_values: pd.Series, *, method: Literal["bh", "by"] = "bh") -> pd.Series:
    """Return p-values adjusted for the false discovery rate, float (p,), 0..1, in the same order, by SciPy.

    Flagging those up to 0.05 keeps the expected share of false flags at 5 % or less. A NaN (a test that could not be
    made) does not count in the family and stays NaN.

    Args:
        p_values: (p,).
        method: ``bh`` (Benjamini and Hochberg 1995), for independent tests and those of positive dependence; ``by``
            (Benjamini and Yekutieli 2001), under any dependence: 3.8 times as large in a family of 24.

    Example:
        >>> p = pd.Series({"a": 0.001, "b": 0.02, "c": float("nan"), "d": 0.4})
        >>> false_discovery_p(p).round(3).to_dict()
        {'a': 0.003, 'b': 0.03, 'c': nan, 'd': 0.4}

    """
    known = p_values.dropna().astype(float)
    adjusted = known if known.empty else pd.Series(stats.false_discovery_control(known, method=method), known.index)
    return adjusted.reindex(p_values.index).rename(p_values.name)


def flagged_groups(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sensitive_features: ArrayLike,
    clusters: ArrayLike,
    metric: str = "accuracy",
    groups: Sequence[str] | None = None,
    labels: Sequence[Any] | None = None,
    confidence_level: float = CONFIDENCE_LEVEL,
    false_discovery_rate: float = FALSE_DISCOVERY_RATE,
    method: Literal["bh", "by"] = "bh",
    repeats: int = 1,
) -> pd.DataFrame:
    """Return by how much a share in each group differs from that in all other groups together, and which are flagged.

    Indexed by ``group``. Columns, NaN where they cannot be estimated:

    - ``estimate``, ``others``: the share in the group, and in all samples of other groups, 0..1.
    - ``difference``: the one minus the other; ``low``, ``high``: its interval, uncorrected.
    - ``p``: of no difference, by the procedure of the interval; ``p_fdr``: adjusted over the groups, see
      :func:`false_discovery_p`.
    - ``flagged``: bool, whether ``p_fdr`` is at most ``false_discovery_rate``.
    - ``method``: "score over clusters" or "cannot be estimated".

    Args:
        y_true: (n,) labels or codes.
        y_pred: as ``y_true``.
        sensitive_features: (n,) group names; a null is in no group and not among the others.
        clusters: (n,) ids, a null is a cluster of its own; (n, 2) of crossed clusters.
        metric: a share that a group has and that needs no probabilities, such as ``accuracy`` or ``recall/happy``.
        groups: the groups to compare, in order; default: those that occur, sorted.
        labels: the class labels.
        confidence_level: of the intervals.
        false_discovery_rate: expected share of false flags among the flags, 0..1.
        method: ``bh`` or ``by``, see :func:`false_discovery_p`.
        repeats: as in :func:`bootstrap_metrics`.

    Raises ValueError for a metric that is no share of predictions, and as :func:`bootstrap_metrics` does.

    Example:
        >>> stream = np.random.default_rng(0)
        >>> y_true, group = np.ones(600, int), np.repeat([f"group {at}" for at in range(6)], 100)
        >>> y_pred = (stream.random(600) < np.repeat([0.8, 0.8, 0.8, 0.8, 0.8, 0.5], 100)).astype(int)
        >>> by = {"sensitive_features": group, "clusters": np.repeat(np.arange(150), 4)}  # 150 clips of 4 frames
        >>> table = flagged_groups(y_true, y_pred, **by)
        >>> table.loc[table["flagged"], ["estimate", "others", "difference", "p_fdr"]].round(3)
                 estimate  others  difference  p_fdr
        group
        group 5      0.51   0.766      -0.256    0.0

    """
    sums = sum_groups(
        y_true, y_pred, sensitive_features=sensitive_features, clusters=clusters, groups=groups, labels=labels,
        repeats=repeats,
    )  # fmt: skip
    definitions = definition_by_name(sums.layout)
    shown = [name for name, definition in definitions.items() if definition.proportion]
    if metric not in shown:
        raise ValueError(f"metric {metric!r} is no share of predictions; choose one of {', '.join(shown)}.")
    number, mix = list(definitions).index(metric), sums.mix()
    joined, count = _with_others(sums), len(sums.names) - 1
    estimate = np.mean([metrics_of(one.observed(mix))[:, number] for one in joined.by_seed()], axis=0)
    errors = kept(metric_errors(joined, mix), [number], range(2 * count))
    found = PairDifferences.of_shares(Shares.of(estimate[None], errors))
    # Each group, and the others of it.
    own, rest = np.arange(count), np.arange(count, 2 * count)
    low, high = (ends[own, rest] for ends in found.interval(confidence_level))
    p, known = found.p_different()[own, rest], np.where(np.isnan(low), NO_ESTIMATE, SCORE)
    rows = list(zip(estimate[own], estimate[rest], found.apart[own, rest], low, high, p, known, strict=True))
    columns = ["estimate", "others", "difference", "low", "high", "p", "method"]
    table = pd.DataFrame(rows, pd.Index(sums.names[1:], name="group"), columns=columns)
    table.insert(6, "p_fdr", false_discovery_p(table["p"], method=method))
    table.insert(7, "flagged", table["p_fdr"] <= false_discovery_rate)
    return table


def _with_others(sums: GroupSums) -> GroupSums:
    """Return the sums of all groups, then for each group those of all other groups together."""
    places = range(1, len(sums.names))
    whole, samples = np.zeros((sums.clusters, sums.cells[0].shape[1])), np.zeros(sums.clusters, dtype=int)
    for at in places:
        whole[sums.members[at]] += sums.cells[at]
        samples[sums.members[at]] += 1
    others = []
    for at in places:
        there, rest = samples.copy(), whole.copy()
        there[sums.members[at]] -= 1
        rest[sums.members[at]] -= sums.cells[at]
        members = np.flatnonzero(there)
        others.append((members, rest[members]))
    return replace(
        sums,
        names=sums.names[1:] * 2,
        members=(*sums.members[1:], *(members for members, _ in others)),
        cells=(*sums.cells[1:], *(cells for _, cells in others)),
        seeds=tuple(map(_with_others, sums.seeds)),
    )
