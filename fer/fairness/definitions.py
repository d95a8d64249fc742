"""Definitions of all metrics: name, direction, unit, and formula in terms of sums over samples.

Everything else reads these tables: point values and per-group values are the formulas on the sums of the samples, a
bootstrap value is the same formula on sums in which each cluster counts as often as it was drawn, figures over groups
are those of :data:`OVER_GROUPS`. A new metric is one entry of :data:`METRICS`: either ``each``, what one sample adds
(the metric is its mean over samples), or ``value``, a function of the :class:`~fer.fairness.sums.Sums`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fer.fairness.samples import Samples
from fer.fairness.sums import SampleColumn, Sums
from fer.fairness.units import Direction, Unit

CALIBRATION_BINS = 15


@dataclass(frozen=True)
class OverGroups:
    """A summary of one metric over groups.

    Attributes:
        name: what is appended to the metric's name, ``std`` in ``accuracy_std``.
        value: from float (..., groups) to (...,).
        direction: ``up`` or ``down``: which is better; None: the metric's own.
        unit: None: the metric's own.
        fewest: minimum number of groups; NaN with fewer.

    """

    name: str
    value: Callable[[np.ndarray], np.ndarray]
    direction: Direction | None = None
    unit: Unit | None = None
    fewest: int = 2

    def of(self, values: np.ndarray) -> np.ndarray:
        """Return the figure of ``values`` (..., groups), (...,); NaN where a group is NaN."""
        if values.shape[-1] < self.fewest:
            return np.full(values.shape[:-1], np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.value(values)


def _min_to_max(values: np.ndarray) -> np.ndarray:
    high = values.max(axis=-1)
    return np.where(high == 0, np.nan, values.min(axis=-1) / high)


def largest_std(groups: int) -> float:
    """Return the largest standard deviation that the shares (0 to 1) of so many groups can have; 0 for one group.

    That of the halves of the groups at 0 and at 1: 0.71 for two groups, 0.58 for three.
    """
    half = groups // 2
    return float(np.sqrt(half * (groups - half) / (groups * (groups - 1)))) if groups > 1 else 0.0


OVER_GROUPS: dict[str, OverGroups] = {
    figure.name: figure
    for figure in (
        OverGroups("std", lambda values: values.std(axis=-1, ddof=1), "down"),
        OverGroups("min", lambda values: values.min(axis=-1), fewest=1),
        OverGroups("max", lambda values: values.max(axis=-1), fewest=1),
        OverGroups("gap", lambda values: values.max(axis=-1) - values.min(axis=-1), "down"),
        OverGroups("ratio", _min_to_max, "up", Unit.RATIO),
    )
}


def figures_over_groups(direction: Direction) -> tuple[OverGroups, ...]:
    """Return std, the worst group's value (``min`` where up is better, else ``max``), gap and ratio."""
    worst = "min" if direction == "up" else "max"
    return tuple(OVER_GROUPS[name] for name in ("std", worst, "gap", "ratio"))


@dataclass(frozen=True)
class Metric:
    """A metric of predictions.

    Attributes:
        name: as in tables and on the tracking server.
        direction: ``up`` or ``down``: which is better.
        unit: of its values.
        each: the contribution of each sample to the sum of the metric's name, (n,) or (n, width).
        value: from sums (..., columns) to (...,), or (..., k) if ``per_class``; None: the mean of ``each``.
        bounds: the lowest and the highest possible value.
        needs_proba: whether it needs probabilities; left out where none are given.
        over_groups: whether it is summarised over groups, as ``<name>_std`` and so on.
        per_class: one value per class, ``<name>/<label>``, computed from the samples of that class.
        at_common_mix: whether it compares groups at the class weights ``Sums.mix``; undefined for a single group.
        biased: whether it is biased in small samples, so that bootstrap percentiles may exclude the estimate.

    Example:
        >>> METRICS["accuracy"].direction, str(METRICS["accuracy"].unit), METRICS["loss"].bounds
        ('up', 'share', (0.0, inf))
        >>> wrong = lambda samples: samples.true != samples.predicted
        >>> Metric("error_rate", "down", Unit.SHARE, each=wrong, over_groups=True).figures()[1].name
        'max'

    """

    name: str
    direction: Direction
    unit: Unit
    each: SampleColumn | None = None
    value: Callable[[Sums], np.ndarray] | None = None
    bounds: tuple[float, float] = (0.0, 1.0)
    needs_proba: bool = False
    over_groups: bool = False
    per_class: bool = False
    at_common_mix: bool = False
    biased: bool = False

    @property
    def proportion(self) -> bool:
        """Whether it is a share of predictions, or a mean of such, so that it has a score interval."""
        return self.unit is Unit.SHARE and not self.biased

    def of(self, sums: Sums) -> np.ndarray:
        """Return the value, (...,) or (..., k); NaN without samples."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return sums[self.name][..., 0] / sums.count if self.value is None else self.value(sums)

    def base(self, sums: Sums) -> np.ndarray:
        """Return the number of samples behind the value, of the same shape."""
        return sums.true if self.per_class else sums.count

    def names(self, labels: tuple[str, ...]) -> tuple[str, ...]:
        """Return the name, or one for each class."""
        return tuple(f"{self.name}/{label}" for label in labels) if self.per_class else (self.name,)

    def figures(self) -> tuple[OverGroups, ...]:
        """Return the summaries over groups."""
        return figures_over_groups(self.direction) if self.over_groups else ()


def _right(samples: Samples) -> np.ndarray:
    return samples.true == samples.predicted


def _log_loss(samples: Samples) -> np.ndarray:
    """Negative natural log of the true class's probability, clipped as scikit-learn's log_loss does."""
    proba = _proba(samples)
    epsilon = np.finfo(proba.dtype).eps
    return -np.log(np.clip(proba[np.arange(len(proba)), samples.true], epsilon, 1 - epsilon))


def _squared_distance(samples: Samples) -> np.ndarray:
    """Squared distance of the probabilities from the true class's unit vector (Brier 1950)."""
    proba = _proba(samples)
    return ((proba - np.eye(proba.shape[1])[samples.true]) ** 2).sum(axis=1)


def _right_less_confidence(samples: Samples) -> np.ndarray:
    """Correct (0 or 1) minus the top probability, in the column of the top probability's bin: (n, bins)."""
    top = _proba(samples).max(axis=1)
    binned = np.zeros((len(top), CALIBRATION_BINS))
    binned[np.arange(len(top)), calibration_bins(top)] = _right(samples) - top
    return binned


def _expected_calibration_error(sums: Sums) -> np.ndarray:
    """Sample-weighted mean over bins of |accuracy - mean top probability| (Guo et al. 2017)."""
    return np.abs(sums["calibration_error"]).sum(axis=-1) / sums.count


def _f1_weighted(sums: Sums) -> np.ndarray:
    return (sums.f1 * sums.true).sum(axis=-1) / sums.count


def _f1_macro(sums: Sums) -> np.ndarray:
    """Mean over the classes that occur; a class without samples has no F1."""
    return sums.f1.sum(axis=-1) / (sums.true > 0).sum(axis=-1)


def _accuracy_at_common_mix(sums: Sums) -> np.ndarray:
    """Recall averaged with common class weights: direct standardisation."""
    if sums.mix is None or not sums.mix.any():
        return np.full(sums.count.shape, np.nan)
    shared = sums.mix > 0
    return sums.recall[..., shared] @ sums.mix[shared]


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("accuracy", "up", Unit.SHARE, each=_right, over_groups=True),
        Metric("f1_weighted", "up", Unit.SHARE, value=_f1_weighted, over_groups=True),
        Metric("f1_macro", "up", Unit.SHARE, value=_f1_macro),
        Metric("loss", "down", Unit.NATS, each=_log_loss, bounds=(0.0, np.inf), needs_proba=True),
        Metric("brier", "down", Unit.SQUARED_DISTANCE, each=_squared_distance, bounds=(0.0, 2.0), needs_proba=True),
        Metric(
            "calibration_error", "down", Unit.SHARE, each=_right_less_confidence, value=_expected_calibration_error,
            needs_proba=True, biased=True,
        ),
        Metric(
            "standardised_accuracy", "up", Unit.SHARE, value=_accuracy_at_common_mix, at_common_mix=True,
        ),
        Metric("recall", "up", Unit.SHARE, value=lambda sums: sums.recall, per_class=True),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """The largest difference of a rate between groups, maximum over classes: 0 is parity, less is better.

    ``value`` takes sums (..., groups, columns) to (...,).
    """

    name: str
    value: Callable[[Sums], np.ndarray]
    direction: Direction = "down"
    unit: Unit = Unit.SHARE


def _selection_rate_range(groups: Sums) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return _widest(groups.predicted / groups["count"])


def _odds_range(groups: Sums) -> np.ndarray:
    return np.fmax(_widest(groups.recall), _widest(groups.false_positive_rate))


DIFFERENCES: dict[str, Difference] = {
    difference.name: difference
    for difference in (
        Difference("demographic_parity_difference", _selection_rate_range),
        Difference("equalized_odds_difference", _odds_range),
        Difference("recall_difference", lambda groups: _widest(groups.recall)),
    )
}


def calibration_bins(top: np.ndarray, bins: int = CALIBRATION_BINS) -> np.ndarray:
    """Return the bin of each top probability, int (n,), 0 to bins - 1; bins have equal width and are closed above."""
    return np.clip(np.ceil(top * bins).astype(int) - 1, 0, bins - 1)


def _proba(samples: Samples) -> np.ndarray:
    if samples.proba is None:
        raise ValueError("the metric needs probabilities; give y_proba=.")
    return samples.proba


def _widest(rates: np.ndarray) -> np.ndarray:
    """Max over classes of the range over groups; ``rates`` is (..., groups, classes), NaN is ignored."""
    if rates.shape[-2] == 0:
        return np.full(rates.shape[:-2], np.nan)
    known = ~np.isnan(rates)
    ranges = np.where(known, rates, -np.inf).max(axis=-2) - np.where(known, rates, np.inf).min(axis=-2)
    widest = np.where(known.sum(axis=-2) >= 2, ranges, -np.inf).max(axis=-1)
    return np.where(np.isfinite(widest), widest, np.nan)
