"""Precision of any value that is a function of sums over samples, for few and for unequal clusters.

Each cluster has a score, the change of the value when it is left out (the jackknife: Efron and Tibshirani 1993, chapter
11), scaled so that the sum of squared scores is an unbiased variance where the means of clusters vary alike:
(1 - h) / sqrt(1 - 2 h + sum of h^2) with h the cluster's share of the samples. It is the bias-reduced variance CR2 of
Bell and McCaffrey (2002) under that working model. The jackknife itself (CR3) overstates the variance of unequal
clusters by 5 to 25 %, CR2 for independent samples understates it as much. With m equal clusters all are the variance
of a mean of m cluster means. The covariance of two groups is the sum of products of their scores: a cluster that spans
groups counts in both.

**Crossed clusters**, such as persons who appear in several clips of several persons: variance over the one + variance
over the other - variance over their intersections (Cameron, Gelbach and Miller 2011; MacKinnon, Nielsen and Webb
2021), and at least the larger of the first two; so too for the difference of two groups.

**Degrees of freedom** are the effective number of clusters, 1 / sum of h^2 (Kish 1965), less 1: m - 1 for equal
clusters. For a sum of several independent values they are Welch's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from fer.fairness.cluster_sums import GroupSums
from fer.fairness.metric_arrays import bases_of, definition_by_name, metrics_of
from fer.fairness.sums import Sums

# From sums (..., columns) to values, and to the numbers of samples behind them, (..., values) each.
ValuesOf = Callable[[Sums], np.ndarray]

# With less, one cluster is more than four fifths of the samples: hardly more than one thing was seen.
FEWEST_EFFECTIVE = 1.5


@dataclass(frozen=True)
class ClusterErrors:
    """Precision of values of groups; NaN in all but the counts where a value is computed from a single cluster.

    Attributes:
        covariance: float (values, names, names), of the values of two names.
        clusters: int (values, names), number of clusters behind each value; of crossed ones, of the fewer kind.
        effective: float (values, names), effective number of clusters; NaN below 1.5.
        overlap: float (values, names, names), 0..1: to what extent two names rest on the same clusters.
        samples: float (values, names), number of samples behind each value.

    """

    covariance: np.ndarray
    clusters: np.ndarray
    effective: np.ndarray
    overlap: np.ndarray
    samples: np.ndarray

    @property
    def variance(self) -> np.ndarray:
        """Variance, float (values, names)."""
        return np.diagonal(self.covariance, axis1=-2, axis2=-1)

    @property
    def degrees(self) -> np.ndarray:
        """Degrees of freedom of the variance, float (values, names)."""
        return np.where(np.isnan(self.variance), np.nan, self.effective - 1)


def metric_errors(sums: GroupSums, mix: np.ndarray | None = None) -> ClusterErrors:
    """Return the precision of all metrics, in the order of :func:`fer.fairness.metric_arrays.metric_names`.

    Standardised accuracy is a weighted sum of recalls. So is its precision, and a class of few clusters lowers its
    degrees of freedom.
    """
    return _over_kinds(sums, lambda one: _metric_parts(one, mix))


def cluster_errors(sums: GroupSums, values_of: ValuesOf, counts_of: ValuesOf) -> ClusterErrors:
    """Return the precision of any values that are functions of sums."""
    return _over_kinds(sums, lambda one: _parts(one, values_of, counts_of, None))


def pooled_degrees(variances: np.ndarray, degrees: np.ndarray, overlap: np.ndarray) -> np.ndarray:
    """Return the degrees of freedom of a sum of variances, (...,): Welch's (1947), or fewer where clusters are shared.

    (sum V)^2 / sum over i and j of V_i V_j k_ij / sqrt(f_i f_j). With the overlap k of no clusters in common this is
    Welch's; of two values on the same m equal clusters it is m - 1.

    Args:
        variances: float (..., parts).
        degrees: float (..., parts), f.
        overlap: float (..., parts, parts), with 1 on the diagonal.

    """
    with np.errstate(invalid="ignore", divide="ignore"):
        scaled = variances / np.sqrt(degrees)
        return variances.sum(axis=-1) ** 2 / np.einsum("...i,...ij,...j->...", scaled, overlap, scaled)


def effective_clusters(shares: np.ndarray) -> np.ndarray:
    """Return the effective number of clusters (Kish 1965), 1 / sum of squared shares; NaN below 1.5.

    That of equal clusters is their number. With less than 1.5, one cluster has more than four fifths of the samples.

    Args:
        shares: float (clusters, ...), each cluster's share of the samples, with the sum 1; one without samples has 0.

    Example:
        >>> float(effective_clusters(np.array([0.5, 0.25, 0.25])).round(2))
        2.67

    """
    with np.errstate(invalid="ignore", divide="ignore"):
        # Rounded, so that ten equal clusters are ten.
        effective = np.round(1 / (shares**2).sum(axis=0), 9)
        return np.where(np.isfinite(effective) & (effective >= FEWEST_EFFECTIVE), effective, np.nan)


def t_quantile(level: float, degrees: float | np.ndarray) -> np.ndarray:
    """Return the two-sided quantile of Student's t: 1.96 for 0.95 and many degrees of freedom."""
    return np.asarray(stats.t.ppf((1 + level) / 2, degrees), dtype=float)


@dataclass(frozen=True)
class _Parts:
    """Of one kind of clusters: scores and shares of samples, float (clusters, values, names)."""

    scores: np.ndarray
    shares: np.ndarray
    samples: np.ndarray
    effective: np.ndarray

    @property
    def covariance(self) -> np.ndarray:
        return np.einsum("cvn,cvm->vnm", self.scores, self.scores, optimize=True)

    @property
    def overlap(self) -> np.ndarray:
        return _cosines(np.moveaxis(self.shares, 0, -1))


def _over_kinds(sums: GroupSums, parts_of: Callable[[GroupSums], _Parts]) -> ClusterErrors:
    parts = [_mean_over_seeds(one, parts_of) for one in sums.kinds()]
    covariance = parts[0].covariance if len(parts) == 1 else _crossed(parts, _mean_over_seeds(sums, parts_of))
    effective = np.min([part.effective for part in parts], axis=0)
    known = ~np.isnan(effective) & ~np.isnan(np.diagonal(covariance, axis1=-2, axis2=-1))
    covariance = np.where(known[:, :, None] & known[:, None, :], covariance, np.nan)
    return ClusterErrors(
        covariance,
        np.min([(part.shares > 0).sum(axis=0) for part in parts], axis=0),
        np.where(known, effective, np.nan),
        np.max([part.overlap for part in parts], axis=0),
        parts[0].samples,
    )


def _mean_over_seeds(sums: GroupSums, parts_of: Callable[[GroupSums], _Parts]) -> _Parts:
    """Return the parts of the mean over seeds: the change of a mean is the mean of the changes."""
    if not sums.seeds:
        return parts_of(sums)
    scores = np.mean([parts_of(one).scores for one in sums.seeds], axis=0)
    return replace(parts_of(replace(sums, seeds=())), scores=scores)


def _crossed(parts: Sequence[_Parts], joint: _Parts) -> np.ndarray:
    """Return the covariance over two crossed kinds of clusters, float (values, names, names).

    No variance, of a value or of the difference of two names, is less than over one of the kinds alone.
    """
    ways = [part.covariance for part in parts]
    ways.append(ways[0] + ways[1] - joint.covariance)
    variance = np.max([np.diagonal(way, axis1=-2, axis2=-1) for way in ways], axis=0)
    apart = np.max([_of_differences(np.diagonal(way, axis1=-2, axis2=-1)) - 2 * way for way in ways], axis=0)
    covariance = np.minimum(ways[-1], (_of_differences(variance) - apart) / 2)
    at = np.arange(covariance.shape[-1])
    covariance[:, at, at] = variance
    return covariance


def _of_differences(variance: np.ndarray) -> np.ndarray:
    """Return the sums of the variances of every two names, float (values, names, names)."""
    return variance[:, :, None] + variance[:, None, :]


def _parts(sums: GroupSums, values_of: ValuesOf, counts_of: ValuesOf, mix: np.ndarray | None) -> _Parts:
    observed = sums.observed(mix)
    estimate, samples = values_of(observed), counts_of(observed)
    scores, shares = np.zeros((2, sums.clusters, *estimate.shape))
    for at, (members, cells) in enumerate(zip(sums.members, sums.cells, strict=True)):
        without = values_of(Sums(observed.totals[at] - cells, sums.layout, mix))
        counts = counts_of(sums.sums_of(at))
        there = counts > 0
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(there, counts / samples[at], 0.0)
            unbiased = (1 - share) / np.sqrt(1 - 2 * share + (share**2).sum(axis=0))
            moved = np.where(there, unbiased * (estimate[at] - without), 0.0)
        known = (there.sum(axis=0) > 1) & np.isfinite(moved).all(axis=0)
        scores[members, at], shares[members, at] = moved, share
        scores[:, at, ~known] = np.nan
    scores, shares = np.swapaxes(scores, 1, 2), np.swapaxes(shares, 1, 2)
    return _Parts(scores, shares, samples.T, effective_clusters(shares))


def _metric_parts(sums: GroupSums, mix: np.ndarray | None) -> _Parts:
    parts = _parts(sums, metrics_of, bases_of, mix)
    if mix is None or not mix.any():
        return parts
    definitions = definition_by_name(sums.layout)
    names = list(definitions)
    of = next(at for at, name in enumerate(names) if definitions[name].at_common_mix)
    shared = mix > 0
    recall, weight = np.flatnonzero([name.startswith("recall/") for name in names])[shared], mix[shared]
    scores, shares, effective = parts.scores.copy(), parts.shares.copy(), parts.effective.copy()
    scores[:, of] = np.einsum("k,ckn->cn", weight, scores[:, recall])
    shares[:, of] = np.einsum("k,ckn->cn", weight, shares[:, recall])
    variances = weight[:, None] ** 2 * (parts.scores[:, recall] ** 2).sum(axis=0)
    # A class that does not vary still has few clusters: at least a tenth of the others' mean counts.
    variances = np.maximum(variances, variances.mean(axis=0) / 10)
    overlap = _cosines(np.transpose(parts.shares[:, recall], (2, 1, 0)))
    effective[of] = 1 + pooled_degrees(variances.T, effective[recall].T - 1, overlap)
    return replace(parts, scores=scores, shares=shares, effective=effective)


def _cosines(shares: np.ndarray) -> np.ndarray:
    """Return the cosines of the angles between rows of (..., rows, clusters), (..., rows, rows); 0 for an empty row."""
    length = np.sqrt((shares**2).sum(axis=-1, keepdims=True))
    scaled = shares / np.where(length > 0, length, 1.0)
    return scaled @ np.swapaxes(scaled, -1, -2)


def kept(errors: ClusterErrors, values: Sequence[int] | np.ndarray, names: Sequence[int] | np.ndarray) -> ClusterErrors:
    """Return the precision of some values and names, by their positions."""
    values, names = np.asarray(values, dtype=int), np.asarray(names, dtype=int)
    square, line = np.ix_(values, names, names), np.ix_(values, names)
    return ClusterErrors(
        errors.covariance[square], errors.clusters[line], errors.effective[line], errors.overlap[square],
        errors.samples[line],
    )  # fmt: skip
