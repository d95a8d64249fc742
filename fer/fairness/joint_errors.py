"""Joint precision of several models' metric in several groups, on the same samples.

All models see the same clusters, so that their errors are correlated, and so are those of groups that share clusters.
The covariance of all (model, group) values is that of :mod:`fer.fairness.cluster_errors`: unbiased scores of clusters
and, of crossed clusters, persons + clips - intersections. From it follows the variance of every weighted sum: a paired
difference, the change of a difference between two groups, a slope over models that differ in their dose.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from fer.fairness.cluster_errors import cluster_errors, pooled_degrees
from fer.fairness.cluster_sums import GroupSums
from fer.fairness.combined import Part
from fer.fairness.definitions import METRICS


@dataclass(frozen=True)
class JointErrors:
    """Values of models in groups, ``all`` first, and their precision; NaN where a group has a single cluster.

    Attributes:
        estimate: float (models, names).
        covariance: float (models, names, models, names), over clusters.
        degrees: float (names,), degrees of freedom: the effective number of clusters, less 1.
        overlap: float (names, names), 0..1: to what extent two names rest on the same clusters.
        samples: float (names,), number of samples.

    """

    estimate: np.ndarray
    covariance: np.ndarray
    degrees: np.ndarray
    overlap: np.ndarray
    samples: np.ndarray

    def averaged(self, weights: np.ndarray) -> "JointErrors":
        """Return the precision of weighted sums over models, such as means over seeds: ``weights`` (sums, models)."""
        estimate = weights @ self.estimate
        covariance = np.einsum("ai,injm,bj->anbm", weights, self.covariance, weights, optimize=True)
        return replace(self, estimate=estimate, covariance=covariance)

    def part(self, weights: np.ndarray) -> Part:
        """Return the variance over clusters of a weighted sum of the values, and its degrees of freedom.

        ``weights``: float (models, names); a name whose weights are 0 does not matter. The degrees are those of
        :func:`fer.fairness.cluster_errors.pooled_degrees` over names, NaN where nothing varies.
        """
        there = np.flatnonzero((weights != 0).any(axis=0))
        each = weights[:, there]
        between = np.einsum("in,injm,jm->nm", each, self.covariance[:, there][:, :, :, there], each, optimize=True)
        if np.isnan(between).any():
            return Part(np.nan, np.nan)
        variances = np.maximum(np.diagonal(between), 0.0)
        degrees = pooled_degrees(variances, self.degrees[there], self.overlap[np.ix_(there, there)])
        return Part(float(max(between.sum(), 0.0)), float(degrees))


def joint_errors(sums: Sequence[GroupSums], metric: str = "accuracy") -> JointErrors:
    """Return the joint precision of a metric of models on the same samples, with the same groups and clusters."""
    first, definition = sums[0], METRICS[metric]
    joined = replace(
        first,
        names=tuple(chain.from_iterable(one.names for one in sums)),
        members=tuple(chain.from_iterable(one.members for one in sums)),
        cells=tuple(chain.from_iterable(one.cells for one in sums)),
    )
    errors = cluster_errors(joined, lambda one: definition.of(one)[..., None], lambda one: one.count[..., None])
    models, names = len(sums), len(first.names)
    return JointErrors(
        definition.of(joined.observed()).reshape(models, names),
        errors.covariance[0].reshape(models, names, models, names),
        errors.degrees[0, :names],
        errors.overlap[0, :names, :names],
        errors.samples[0, :names],
    )
