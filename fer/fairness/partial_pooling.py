"""Accuracy of combinations of groups beside what a hierarchical model makes of it, for sparse combinations."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from fer.fairness.cluster_errors import kept, metric_errors, t_quantile
from fer.fairness.cluster_sums import GroupSums, sum_groups
from fer.fairness.definitions import METRICS
from fer.fairness.hierarchical_model import Cells, NotFitted, posterior
from fer.fairness.intervals import CONFIDENCE_LEVEL, NO_ESTIMATE
from fer.fairness.metric_arrays import metric_names, metrics_of
from fer.fairness.score_intervals import Shares

HIERARCHICAL = "hierarchical model"
_DRAWS = 4000


def partial_pooling(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sensitive_features: pd.DataFrame,
    clusters: ArrayLike,
    labels: Sequence[Any] | None = None,
    confidence_level: float = CONFIDENCE_LEVEL,
    random_state: int = 0,
    repeats: int = 1,
) -> pd.DataFrame:
    """Return the accuracy of each combination of groups, raw and by a hierarchical model of main effects and clips.

    The model (:mod:`fer.fairness.hierarchical_model`) draws a combination of few clips towards what its groups have
    elsewhere. Its interval is Bayesian, and most useful where the raw one is missing or next to empty; a combination
    that truly deviates from its groups and has few clips is drawn towards them all the same.

    Indexed by the combinations that occur, one level for each column of ``sensitive_features``. Columns:

    - ``samples``, ``clusters``: int.
    - ``raw``, ``raw_low``, ``raw_high``: accuracy, 0..1, and its interval, those of :func:`group_intervals`; NaN where
      it cannot be estimated, as with one cluster.
    - ``estimate``, ``low``, ``high``: the model's: mean and central interval of the accuracy's posterior on a new clip.
    - ``method``: "hierarchical model", or "cannot be estimated: " and the reason; the model's columns are then NaN.

    Args:
        y_true: (n,) labels or codes.
        y_pred: as ``y_true``.
        sensitive_features: n rows, a column for each attribute, such as race, gender and age; a sample with a null is
            in no combination.
        clusters: (n,) ids, a null is a cluster of its own. Of crossed clusters (n, 2) there is no model.
        labels: the class labels.
        confidence_level: of the intervals.
        random_state: seed of the posterior's draws.
        repeats: as in :func:`bootstrap_metrics`.

    Raises ValueError without a column, and as :func:`bootstrap_metrics` does.

    Example:
        >>> stream = np.random.default_rng(0)
        >>> faces = pd.DataFrame({"race": np.repeat(["black", "white"], [84, 160])})
        >>> faces["gender"] = ["female"] * 4 + ["male"] * 80 + ["female"] * 80 + ["male"] * 80
        >>> y_true, clips = np.ones(244, int), np.repeat(np.arange(61), 4)  # one clip of black women
        >>> y_pred = (stream.random(244) < np.repeat([0.5, 0.5, 0.8, 0.8], [4, 80, 80, 80])).astype(int)
        >>> table = partial_pooling(y_true, y_pred, sensitive_features=faces, clusters=clips)
        >>> table[["clusters", "raw", "raw_low", "raw_high", "estimate", "low", "high"]].round(2)
                      clusters   raw  raw_low  raw_high  estimate   low  high
        race  gender
        black female         1  0.75      NaN       NaN      0.58  0.27  0.90
              male          20  0.46     0.35      0.58      0.48  0.37  0.58
        white female        20  0.68     0.56      0.77      0.68  0.58  0.77
              male          20  0.75     0.64      0.84      0.73  0.63  0.82

    """
    factors = pd.DataFrame(sensitive_features).reset_index(drop=True)
    if factors.empty or not len(factors.columns):
        raise ValueError("sensitive_features has no columns or rows; give one column for each attribute.")
    known = factors.notna().all(axis=1)
    values = factors[known].drop_duplicates().sort_values(list(factors.columns), ignore_index=True)
    index = pd.MultiIndex.from_frame(values)
    code = pd.Series(index.get_indexer(pd.MultiIndex.from_frame(factors)), dtype="int64").where(known)
    names = [f"combination {at}" for at in range(len(index))]
    named = code.map(dict(enumerate(names)), na_action="ignore")
    sums = sum_groups(
        y_true, y_pred, sensitive_features=named, clusters=clusters, groups=names, labels=labels, repeats=repeats
    )
    table = pd.DataFrame(_raw(sums, confidence_level), index)
    try:
        if sums.crossed:
            raise NotFitted("clusters are crossed, and the model has one kind of them")
        drawn = posterior(_cells(sums, values), _DRAWS, random_state)
    except NotFitted as reason:
        return table.assign(estimate=np.nan, low=np.nan, high=np.nan, method=f"{NO_ESTIMATE}: {reason}")
    tail = (1 - confidence_level) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    return table.assign(estimate=drawn.mean(axis=0), low=low, high=high, method=HIERARCHICAL)


def _raw(sums: GroupSums, confidence_level: float) -> dict[str, np.ndarray]:
    number = [metric_names(sums.layout).index("accuracy")]
    estimate = metrics_of(sums.observed())[1:, number].T
    shares = Shares.of(estimate, kept(metric_errors(sums), number, range(1, len(sums.names))))
    low, high = shares.limits(t_quantile(confidence_level, shares.degrees))
    return {
        "samples": np.round(sums.observed().count[1:]).astype(int),
        "clusters": np.array([len(members) for members in sums.members[1:]]),
        "raw": estimate[0],
        "raw_low": low[0],
        "raw_high": high[0],
    }


def _cells(sums: GroupSums, values: pd.DataFrame) -> Cells:
    places = range(1, len(sums.names))
    parts = [sums.sums_of(at) for at in places]
    count = np.concatenate([part.count for part in parts])
    # A single value of an attribute has no effect apart from the intercept.
    varied = [name for name in values if values[name].nunique() > 1]
    main = pd.get_dummies(values[varied].astype("category"), columns=varied).to_numpy(dtype=float)
    clip = np.unique(np.concatenate([sums.members[at] for at in places]), return_inverse=True)[1]
    order = np.argsort(clip, kind="stable")
    return Cells(
        (np.concatenate([METRICS["accuracy"].of(part) for part in parts]) * count)[order],
        count[order],
        np.concatenate([np.full(len(sums.members[at]), at - 1) for at in places])[order],
        clip[order],
        np.concatenate([np.ones((len(values), 1)), main.reshape(len(values), -1)], axis=1),
    )
