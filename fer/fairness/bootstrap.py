"""The cluster bootstrap of every metric, a group and over groups, at once.

A replicate draws as many clusters as there are, with replacement; a cluster comes whole, with its samples of all
groups (Davison and Hinkley 1997, section 3.8; Cameron, Gelbach and Miller 2008). With every sample a cluster of
its own it is the ordinary bootstrap.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fer.fairness.summaries import SUMMARIES, summaries_of
from fer.fairness.sums import GroupSums, common_mix, metric_names, metrics_of, sum_groups

REPLICATES = 10_000
# Numbers in one block of weights: 8 MB, so that a block of any number of clusters stays in the cache's reach.
_BLOCK = 1_000_000


@dataclass(frozen=True)
class Replicates:
    """Bootstrap values, and the estimates they are of.

    Attributes:
        groups: names of the second axis of ``values``, ``all`` first.
        metrics: names of the third axis of ``values``.
        summaries: names of the second axis of ``over_groups``.
        values: float (replicates, groups, metrics). NaN where the replicate has no sample for it.
        over_groups: float (replicates, summaries). NaN where a group of the data is not in the replicate.
        estimate: groups x metrics, as observed; NaN without a sample.
        summary: by summary, as observed.
        sums: the sums a cluster that all of them are made from.
        mix: float (k,), the emotion mix of standardised accuracy.

    """

    groups: tuple[str, ...]
    metrics: tuple[str, ...]
    summaries: tuple[str, ...]
    values: np.ndarray
    over_groups: np.ndarray
    estimate: pd.DataFrame
    summary: pd.Series
    sums: GroupSums
    mix: np.ndarray

    def of(self, metric: str, group: str | None = None) -> np.ndarray:
        """Return float (replicates,): of a metric in a group (default ``all``), or of a summary over groups."""
        if metric in self.summaries:
            return self.over_groups[:, self.summaries.index(metric)]
        if metric not in self.metrics:
            raise ValueError(f"no replicates of {metric!r}; there are {', '.join(self.metrics + self.summaries)}.")
        return self.values[:, self.groups.index(group or self.groups[0]), self.metrics.index(metric)]

    @property
    def undefined(self) -> pd.DataFrame:
        """How many replicates have no value (NaN): groups x metrics, int."""
        return pd.DataFrame(np.isnan(self.values).sum(axis=0), self.estimate.index, self.estimate.columns)


def bootstrap_metrics(
    y_true: np.ndarray,
    y_pred: np.ndarray,
    proba: np.ndarray,
    group: np.ndarray | pd.Series,
    cluster: np.ndarray | pd.Series,
    groups: Sequence[str] | None = None,
    replicates: int = REPLICATES,
    seed: int = 0,
    classes: Sequence[str] | None = None,
) -> Replicates:
    """Return seeded cluster-bootstrap replicates of every metric.

    A group, and over groups: accuracy, F1 (weighted, macro), loss, Brier, calibration error, standardised accuracy
    (at the mix of emotions of the data) and recall a class; std, min, gap and ratio of accuracy and weighted F1,
    demographic parity, equalized odds and recall difference. The estimates are those of
    :func:`fer.fairness.group_metrics`, :func:`over_groups` and :mod:`fer.fairness.parity`.

    Args:
        y_true: int (n,) class numbers.
        y_pred: int (n,) class numbers.
        proba: float (n, k).
        group: (n,) names; a null is in no group, and in ``all``.
        cluster: (n,) ids; a null is a cluster of its own.
        groups: the groups wanted, in order; default the names that occur, sorted.
        replicates: how many.
        seed: of the draws; the same for two runs on the same samples draws the same clusters.
        classes: names of the k classes for ``recall/<class>``; default their numbers.

    """
    sums = sum_groups(y_true, y_pred, proba, group, cluster, groups)
    names = tuple(classes) if classes is not None else tuple(str(number) for number in range(sums.classes))
    mix = common_mix(sums.observed(), sums.classes)
    blocks = [values_of(sums, weights, mix) for weights in draw_weights(sums.clusters, replicates, seed)]
    values, over = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    estimate, summary = (part[0] for part in values_of(sums, np.ones((1, sums.clusters)), mix))
    metrics = metric_names(names)
    return Replicates(
        sums.names,
        metrics,
        SUMMARIES,
        values,
        over,
        pd.DataFrame(estimate, pd.Index(sums.names, name="group"), list(metrics)),
        pd.Series(summary, list(SUMMARIES)),
        sums,
        mix,
    )


def joint_bootstrap(
    y_true: np.ndarray,
    runs: Sequence[tuple[np.ndarray, np.ndarray]],
    group: np.ndarray | pd.Series,
    cluster: np.ndarray | pd.Series,
    metrics: Sequence[str | tuple[str, str]] = ("accuracy", "accuracy_std"),
    groups: Sequence[str] | None = None,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> np.ndarray:
    """Return float (runs, replicates, metrics) of runs on the same samples: each replicate draws one set of clusters.

    ``runs`` are pairs ``y_pred (n,)``, ``proba (n, k)``; ``metrics`` names overall or over groups, or pairs of a
    name and a group; else as in :func:`bootstrap_metrics`.
    """
    values = np.empty((len(runs), replicates, len(metrics)))
    for at, (y_pred, proba) in enumerate(runs):
        drawn = bootstrap_metrics(y_true, y_pred, proba, group, cluster, groups, replicates, seed)
        asked = [(metric,) if isinstance(metric, str) else metric for metric in metrics]
        values[at] = np.stack([drawn.of(*names) for names in asked], axis=1)
    return values


def values_of(sums: GroupSums, weights: np.ndarray, mix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return values (replicates, groups, metrics) and (replicates, summaries) at ``weights`` (replicates, clusters)."""
    totals = sums.totals(weights)
    values = metrics_of(totals, sums.classes, mix)
    present = np.array([len(cells) > 0 for cells in sums.members[1:]], dtype=bool)
    return values, summaries_of(totals[:, 1:][:, present], values[:, 1:][:, present], sums.classes)


def draw_weights(clusters: int, replicates: int, seed: int) -> Iterator[np.ndarray]:
    """Yield blocks (b, clusters) of whole numbers as float, rows summing to ``clusters``: how often each is drawn.

    The rows do not depend on the size of a block: ``clusters`` draws from ``default_rng(seed)`` a row.
    """
    stream = np.random.default_rng(seed)
    rows = max(1, _BLOCK // max(clusters, 1))
    for start in range(0, replicates, rows):
        block = min(rows, replicates - start)
        drawn = stream.integers(clusters, size=(block, clusters))
        drawn += np.arange(block)[:, None] * clusters
        yield np.bincount(drawn.ravel(), minlength=block * clusters).reshape(block, clusters).astype(float)
