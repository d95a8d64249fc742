"""The cluster bootstrap of all metrics, per group and over groups, from the same draws.

A replicate draws as many clusters as there are, with replacement; a cluster is drawn whole, with its samples of all
groups (Davison and Hinkley 1997, section 3.8; Cameron, Gelbach and Miller 2008). With every sample a cluster of
its own it is the ordinary bootstrap. Of crossed clusters, such as persons and clips, those of both kinds are drawn, and
a sample counts as often as the product says (the pigeonhole bootstrap: Owen 2007), which overstates the variance a
little.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from fer.fairness.cluster_sums import GroupSums, sum_groups
from fer.fairness.metric_arrays import definition_by_name, metric_names, metrics_of, summaries_of, summary_names
from fer.fairness.sums import Sums

REPLICATES = 10_000
# Numbers in one block of weights, 8 MB: small enough for the processor's cache.
_BLOCK = 1_000_000


@dataclass(frozen=True)
class Replicates:
    """Bootstrap replicates of all metrics, and their estimates.

    Attributes:
        groups: names of the second axis of ``values``, ``all`` first.
        metrics: names of the third axis of ``values``.
        summaries: names of the second axis of ``over_groups``.
        values: float (replicates, groups, metrics). NaN where the replicate has no samples.
        over_groups: float (replicates, summaries). NaN where a group is missing from the replicate.
        estimate: groups x metrics, as observed; NaN without a sample.
        summary: float, by the name of the summary, as observed.
        sums: per-cluster sums, from which all metrics are computed.
        mix: float (k,), the class weights of standardised accuracy.

    Values are in the metrics' own units, see :func:`fer.fairness.unit_of`.

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
        """Return the replicates, float (n,), of a metric in a group (default ``all``), or of a summary over groups."""
        if metric in self.summaries:
            return self.over_groups[:, self.summaries.index(metric)]
        if metric not in self.metrics:
            raise ValueError(f"no replicates of {metric!r}; there are {', '.join(self.metrics + self.summaries)}.")
        return self.values[:, self.groups.index(group or self.groups[0]), self.metrics.index(metric)]

    @property
    def undefined(self) -> pd.DataFrame:
        """Number of replicates without a value (NaN): groups x metrics, int."""
        return pd.DataFrame(np.isnan(self.values).sum(axis=0), self.estimate.index, self.estimate.columns)


def bootstrap_metrics(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sensitive_features: ArrayLike,
    clusters: ArrayLike,
    y_proba: ArrayLike | None = None,
    groups: Sequence[str] | None = None,
    labels: Sequence[Any] | None = None,
    n_resamples: int = REPLICATES,
    random_state: int = 0,
    repeats: int = 1,
) -> Replicates:
    """Return seeded cluster-bootstrap replicates of every metric, per group and over groups.

    Of ``all`` and of each group: the metrics of :func:`point_metrics`, standardised accuracy (at the class weights of
    the data) and recall per class. Over groups: the figures of :func:`group_summary`. The estimates are those of
    :func:`group_metrics`, :func:`standardised_accuracy` and :func:`group_summary`.

    Args:
        y_true: (n,) true class labels; or codes, whole numbers that are positions in ``labels``.
        y_pred: (n,) predicted labels or codes.
        sensitive_features: (n,) group names; a null is in no group and counts in ``all``.
        clusters: (n,) ids of clusters of dependent samples (clips, persons); a null is a cluster of its own. Or (n, 2)
            ids of two crossed kinds, where persons are in several clips of several persons.
        y_proba: float (n, k) probabilities; without it the metrics of probabilities are left out.
        groups: the groups to return, in order; default: those that occur, sorted.
        labels: the k class labels, in the order of the columns of ``y_proba``; default: those that occur, sorted, or
            the codes 0 to k - 1.
        n_resamples: number of replicates.
        random_state: seed of the draws; with the same seed, two models on the same samples see the same draws.
        repeats: number of seeds, whose predictions of the same samples in the same order follow each other: every
            metric is the mean of its values over seeds, and two faces predicted by three seeds remain two.

    Raises ValueError as :func:`point_metrics` does, if a group is named ``all``, and if there are no samples.

    Example:
        >>> stream = np.random.default_rng(0)
        >>> y_true, race = stream.integers(0, 2, 120), np.repeat(["black", "white"], [40, 80])
        >>> y_pred = np.where(stream.random(120) < 0.7, y_true, 1 - y_true)
        >>> by = {"sensitive_features": race, "clusters": np.repeat(np.arange(30), 4)}  # 30 clips of 4 frames
        >>> drawn = bootstrap_metrics(y_true, y_pred, **by, n_resamples=1000)
        >>> drawn.estimate["accuracy"].round(3).to_dict()
        {'all': 0.592, 'black': 0.525, 'white': 0.625}
        >>> black = drawn.of("accuracy", "black")
        >>> black.shape, round(float(black.std()), 2)
        ((1000,), 0.09)

    """
    sums = sum_groups(
        y_true,
        y_pred,
        sensitive_features=sensitive_features,
        clusters=clusters,
        y_proba=y_proba,
        groups=groups,
        labels=labels,
        repeats=repeats,
    )
    return replicates_of(sums, n_resamples, random_state)


def replicates_of(
    sums: GroupSums, n_resamples: int, random_state: int, resampled: GroupSums | None = None
) -> Replicates:
    """Return the replicates of sums; ``resampled`` are those that replicates are of, default ``sums``.

    The mean of the seeds' sums (``replace(sums, seeds=())``) gives the same replicates of every metric that is a mean
    over samples, in a fraction of the time.
    """
    mix = sums.mix()
    blocks = [values_of(resampled or sums, weights, mix) for weights in _draws(sums, n_resamples, random_state)]
    values, over = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    estimate, summary = (part[0] for part in values_of(sums, np.ones((1, sums.clusters)), mix))
    metrics, summaries = metric_names(sums.layout), summary_names(sums.layout)
    return Replicates(
        sums.names,
        metrics,
        summaries,
        values,
        over,
        pd.DataFrame(estimate, pd.Index(sums.names, name="group"), list(metrics)),
        pd.Series(summary, list(summaries)),
        sums,
        mix,
    )


def joint_bootstrap(
    y_true: ArrayLike,
    y_preds: Sequence[ArrayLike],
    *,
    sensitive_features: ArrayLike,
    clusters: ArrayLike,
    y_probas: Sequence[ArrayLike] | None = None,
    metrics: Sequence[str | tuple[str, str]] = ("accuracy", "accuracy_std"),
    groups: Sequence[str] | None = None,
    labels: Sequence[Any] | None = None,
    n_resamples: int = REPLICATES,
    random_state: int = 0,
) -> np.ndarray:
    """Return float (models, replicates, metrics) of several models on the same samples.

    Each replicate draws one set of clusters for all models, so that the covariance of the models is preserved.

    Args:
        y_true: (n,) labels or codes.
        y_preds: per model, (n,) labels or codes.
        sensitive_features: (n,) group names; a null is in no group.
        clusters: (n,) ids; a null is a cluster of its own.
        y_probas: per model, float (n, k); required for metrics of probabilities.
        metrics: names overall or over groups, or pairs of a name and a group; in their own units.
        groups: see :func:`bootstrap_metrics`; likewise ``labels``, ``n_resamples`` and ``random_state``.
        labels: see :func:`bootstrap_metrics`.
        n_resamples: number of replicates.
        random_state: seed of the draws.

    NaN where a replicate has no value. Raises ValueError for an unknown metric, and as :func:`bootstrap_metrics` does.

    Example:
        >>> stream = np.random.default_rng(0)
        >>> y_true, race = stream.integers(0, 2, 120), np.repeat(["black", "white"], [40, 80])
        >>> y_pred = np.where(stream.random(120) < 0.7, y_true, 1 - y_true)
        >>> by = {"sensitive_features": race, "clusters": np.repeat(np.arange(30), 4)}  # 30 clips of 4 frames
        >>> metrics = ["accuracy", ("accuracy", "black"), "accuracy_gap"]
        >>> joint_bootstrap(y_true, [y_pred, y_true], **by, metrics=metrics, n_resamples=500).mean(axis=1).round(1)
        array([[0.6, 0.5, 0.1],
               [1. , 1. , 0. ]])

    """
    probas = [None] * len(y_preds) if y_probas is None else list(y_probas)
    asked = [(metric,) if isinstance(metric, str) else metric for metric in metrics]
    values = np.empty((len(y_preds), n_resamples, len(asked)))
    for at, (y_pred, y_proba) in enumerate(zip(y_preds, probas, strict=True)):
        drawn = bootstrap_metrics(
            y_true,
            y_pred,
            sensitive_features=sensitive_features,
            clusters=clusters,
            y_proba=y_proba,
            groups=groups,
            labels=labels,
            n_resamples=n_resamples,
            random_state=random_state,
        )
        values[at] = np.stack([drawn.of(*names) for names in asked], axis=1)
    return values


def values_of(sums: GroupSums, weights: np.ndarray, mix: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Return values (replicates, groups, metrics) and (replicates, summaries) at ``weights`` (replicates, clusters).

    Of several seeds they are means over seeds, with the same weights for all.
    """
    if sums.seeds:
        values, over = zip(*(values_of(one, weights, mix) for one in sums.seeds), strict=True)
        return np.mean(values, axis=0), np.mean(over, axis=0)
    whole = sums.at(weights, mix)
    values = metrics_of(whole)
    present = np.flatnonzero([len(members) > 0 for members in sums.members[1:]]) + 1
    places = enumerate(definition_by_name(sums.layout).items())
    known = {name: values[:, present, at] for at, (name, metric) in places if metric.over_groups}
    return values, summaries_of(Sums(whole.totals[:, present], sums.layout, mix), known)


def _draws(sums: GroupSums, n_resamples: int, random_state: int) -> Iterator[np.ndarray]:
    """Yield the weights (b, clusters) of the cluster bootstrap or, of crossed clusters, of the pigeonhole bootstrap."""
    if not sums.crossed:
        yield from draw_weights(sums.clusters, n_resamples, random_state)
        return
    seeds: tuple[int | list[int], ...] = (random_state, [random_state, 1])
    drawn = [
        draw_weights(int(codes.max()) + 1, n_resamples, seed, sums.clusters)
        for seed, codes in zip(seeds, sums.crossed, strict=True)
    ]
    for first, second in zip(*drawn, strict=True):
        yield first[:, sums.crossed[0]] * second[:, sums.crossed[1]]


def draw_weights(
    clusters: int, n_resamples: int, random_state: int | Sequence[int], width: int | None = None
) -> Iterator[np.ndarray]:
    """Yield blocks (b, clusters) of whole numbers as float, rows summing to ``clusters``: how often each is drawn.

    The rows do not depend on the size of a block: ``clusters`` draws from ``default_rng(random_state)`` for each row.
    ``width`` replaces ``clusters`` in the size of a block.
    """
    stream = np.random.default_rng(random_state)
    rows = max(1, _BLOCK // max(width or clusters, 1))
    for start in range(0, n_resamples, rows):
        block = min(rows, n_resamples - start)
        drawn = stream.integers(clusters, size=(block, clusters))
        drawn += np.arange(block)[:, None] * clusters
        yield np.bincount(drawn.ravel(), minlength=block * clusters).reshape(block, clusters).astype(float)
