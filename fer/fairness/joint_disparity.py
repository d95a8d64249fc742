"""Precision of weighted sums of std, worst group and gap over models, such as their change from one model to another.

These figures are not smooth in the groups' accuracies: where groups differ by no more than noise, noise alone makes the
std, and more of it the noisier the groups are. A model that is more accurate has less noise, and with it less of a std,
a change that says nothing of the groups. And a bootstrap, which adds noise to noise, overstates the variance.

So the accuracies of all models in all groups are drawn from a normal distribution with their joint covariance
(:mod:`fer.fairness.joint_errors`), twice:

- around the accuracies in the data, with the groups' distances from their mean shrunk so that shrunk distances plus
  noise are as large as those in the data (as many times for all models): **the variance** of the weighted sum;
- around equal groups: the sum that noise alone is expected to make. Its square is added to the variance, as **the
  bias** that may be in the sum: it is 0 for two models whose groups are equally noisy.
"""

from collections.abc import Callable, Mapping

import numpy as np

from fer.fairness.cluster_errors import pooled_degrees
from fer.fairness.combined import Part
from fer.fairness.definitions import OVER_GROUPS
from fer.fairness.joint_errors import JointErrors

FIGURES: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    f"accuracy_{name}": OVER_GROUPS[name].of for name in ("std", "min", "gap")
}


_ROUNDING = 1e-12


class DrawnAccuracies:
    """Draws of the accuracies of all models in the groups that have samples.

    ``known`` is False where a group's precision cannot be estimated, or with fewer than two groups: then the parts of
    all figures are NaN, but for the worst group's of a single group.
    """

    def __init__(self, errors: JointErrors, n_resamples: int, random_state: int) -> None:
        # The first name is that of all samples.
        self.groups = 1 + np.flatnonzero(errors.samples[1:] > 0)
        self.accuracy = errors.estimate[:, self.groups]
        self.covariance = errors.covariance[:, self.groups][:, :, :, self.groups]
        self.degrees = errors.degrees[self.groups]
        self.overlap = errors.overlap[np.ix_(self.groups, self.groups)]
        self.known = bool(len(self.groups)) and not np.isnan(self.covariance).any()
        if not self.known:
            return
        mean = self.accuracy.mean(axis=1, keepdims=True)
        apart = self.accuracy - mean
        self.shrinkage = share_without_noise(apart, self.covariance)
        noise = normal_draws(self.covariance, n_resamples, random_state)
        self.around_data = np.clip(mean + np.sqrt(self.shrinkage) * apart + noise, 0.0, 1.0)
        self.around_equal = np.clip(mean + noise, 0.0, 1.0)

    def part(self, figure: str, weights: np.ndarray) -> Part:
        """Return the variance over clusters, and the squared bias, of the weighted sum of a figure over models.

        ``figure``: of :data:`FIGURES`. ``weights``: float (models,).
        """
        if not self.known:
            return Part(np.nan, np.nan)
        value = FIGURES[figure]
        variance = (value(self.around_data) @ weights).var(ddof=1)
        # Of equal groups, std and gap are 0 and the worst group's accuracy is the mean.
        equal = value(np.broadcast_to(self.accuracy.mean(axis=1, keepdims=True), self.accuracy.shape))
        of_noise = (value(self.around_equal).mean(axis=0) - equal) @ weights
        return Part(float(variance + of_noise**2), self._degrees(figure, weights))

    def _degrees(self, figure: str, weights: np.ndarray) -> float:
        """Return Welch's degrees of freedom over groups, each with its part in the figure's variance."""
        slopes = _squared_slopes(figure, self.around_data).mean(axis=0)
        own = np.einsum("igig->ig", self.covariance)
        return float(pooled_degrees((weights[:, None] ** 2 * slopes * own).sum(axis=0), self.degrees, self.overlap))


def share_without_noise(apart: np.ndarray, covariance: np.ndarray) -> float:
    """Return the share of the squared distances (models, groups) that is not noise, 0..1, over all models."""
    groups = apart.shape[1]
    centred = np.eye(groups) - 1 / groups
    noise = sum(np.trace(centred @ covariance[at, :, at, :]) for at in range(len(apart)))
    total = (apart**2).sum()
    return float(np.clip(1 - noise / total, 0.0, 1.0)) if total > 0 else 0.0


def normal_draws(covariance: np.ndarray, count: int, random_state: int, mirrored: bool = True) -> np.ndarray:
    """Return normal errors (count, models, names) with the ``covariance`` of :class:`JointErrors`.

    ``mirrored``: each draw with its mirror image, so that their mean is 0; an odd count is then one less.
    """
    models, names = covariance.shape[:2]
    values, vectors = np.linalg.eigh(covariance.reshape(models * names, -1))
    # Models that agree must not differ by rounding.
    values = np.where(values > _ROUNDING * values[-1], values, 0.0)
    independent = max(count // 2, 1) if mirrored else count
    normal = np.random.default_rng(random_state).standard_normal((independent, models * names))
    drawn = normal @ (vectors * np.sqrt(values)).T
    return (np.concatenate([drawn, -drawn]) if mirrored else drawn).reshape(-1, models, names)


def _squared_slopes(figure: str, accuracy: np.ndarray) -> np.ndarray:
    """Return the squared derivatives of a figure with respect to each group's accuracy, (..., groups)."""
    if figure == "accuracy_std":
        apart = accuracy - accuracy.mean(axis=-1, keepdims=True)
        total = (apart**2).sum(axis=-1, keepdims=True)
        return apart**2 / np.where(total > 0, total, 1.0)
    worst = (accuracy == accuracy.min(axis=-1, keepdims=True)).astype(float)
    return worst if figure == "accuracy_min" else worst + (accuracy == accuracy.max(axis=-1, keepdims=True))
