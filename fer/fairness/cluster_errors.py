"""Cluster-robust standard errors of any metric that is a function of sums, for few and for unequal clusters.

Each cluster has a score, the change of the metric when it is left out (the jackknife: Efron and Tibshirani 1993,
chapter 11; for a ratio of sums the cluster-robust CR3 of Bell and McCaffrey 2002; MacKinnon, Nielsen and Webb 2023).
The variance is the sum of squared scores, the covariance of two groups is the sum of their products: a cluster that
spans groups counts in both. With clusters of equal size the variance of an accuracy is exactly that of a mean of m
cluster means, (m - 1) in the denominator.

The variance has few degrees of freedom, and fewer where one cluster is large: Satterthwaite's, by Bell and McCaffrey,
for clusters whose means have equal variance. With equal clusters they are m - 1, and for two groups Welch's.
"""

import numpy as np
from scipy import stats

from fer.fairness.cluster_sums import GroupSums
from fer.fairness.metric_arrays import bases_of, metrics_of
from fer.fairness.sums import Sums


def cluster_scores(sums: GroupSums, mix: np.ndarray | None = None) -> np.ndarray:
    """Return float (clusters, names, metrics): sqrt((m - 1) / m) x (metric - metric without the cluster).

    0 for a cluster without samples for the metric. NaN for all clusters where a metric is undefined without one of
    them: it is computed from a single cluster, or from none.
    """
    observed = sums.observed(mix)
    estimate = metrics_of(observed)
    scores = np.zeros((sums.clusters, *estimate.shape))
    for at, (members, cells) in enumerate(zip(sums.members, sums.cells, strict=True)):
        without = metrics_of(Sums(observed.totals[at] - cells, sums.layout, mix))
        there = bases_of(sums.sums_of(at)) > 0
        count = there.sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            moved = np.sqrt((count - 1) / count) * np.where(there, estimate[at] - without, 0.0)
        known = (count > 1) & np.isfinite(moved).all(axis=0)
        scores[members, at] = moved
        scores[:, at, ~known] = np.nan
    return scores


def metric_clusters(sums: GroupSums) -> np.ndarray:
    """Return the number of clusters behind each metric (for a recall, those with the class), int (names, metrics)."""
    return np.stack([(bases_of(sums.sums_of(at)) > 0).sum(axis=0) for at in range(len(sums.names))])


def degrees_of_freedom(shares: list[np.ndarray], variances: list[float]) -> float:
    """Return Satterthwaite's degrees of freedom of a sum of one or two cluster variances; NaN if they are 0 or NaN.

    Args:
        shares: for each group, float (clusters,): every cluster's share of the group's samples, summing to 1.
        variances: the group's estimated variance, as a weight.

    """
    total = sum(variances)
    if not np.isfinite(total) or total <= 0:
        return float("nan")
    forms = [_form(share) for share in shares]
    squares = sum(
        first_variance * second_variance * _inner(first, second)
        for first, first_variance in zip(forms, variances, strict=True)
        for second, second_variance in zip(forms, variances, strict=True)
    )
    return float(total**2 / squares)


def _form(share: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return d (m,), U (m, 2), C (2, 2): covariance of the scores of one group, diag(d) + U C U', of trace 1.

    A score is a (sum - share x total), a = 1 / (1 - share); the sums vary as share squared (means vary alike).
    """
    inside = share > 0
    factor = np.where(inside, 1 / np.where(inside, 1 - share, 1.0), 0.0)
    varies = share**2
    diagonal = factor**2 * varies
    wide = np.stack([factor * varies, factor * share], axis=1)
    core = np.array([[0.0, -1.0], [-1.0, varies.sum()]])
    trace = diagonal.sum() + np.einsum("mi,ij,mj->", wide, core, wide)
    return diagonal / trace, wide, core / trace


def _inner(first: tuple[np.ndarray, ...], second: tuple[np.ndarray, ...]) -> float:
    """Return the sum of the products of all elements of two such covariances."""
    (diagonal, wide, core), (diagonal2, wide2, core2) = first, second
    cross = wide.T @ wide2
    value = diagonal @ diagonal2 + diagonal @ np.einsum("mi,ij,mj->m", wide2, core2, wide2)
    value += diagonal2 @ np.einsum("mi,ij,mj->m", wide, core, wide) + np.trace(core @ cross @ core2 @ cross.T)
    return float(value)


def t_quantile(level: float, degrees: float) -> float:
    """Return the two-sided quantile of Student's t: 1.96 for 0.95 and many degrees of freedom."""
    return float(stats.t.ppf((1 + level) / 2, degrees))
