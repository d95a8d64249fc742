"""Dose-response of a metric to the amount of added data: slope, and means with a confidence band."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from fer.fairness.combined import Combined, Part, combine
from fer.fairness.intervals import CONFIDENCE_LEVEL

ONE_SEED_DOSE = (
    "With one seed a slope is of these trained models: the variance between seeds is not in its interval, and another "
    "seed could reverse it."
)


class DoseResponse(NamedTuple):
    """The dose-response of a metric.

    Attributes:
        slope: least squares over runs, of the metric's unit per unit of dose (0.1 more of the base's size: 0.1).
        low: bound of the slope's interval; NaN where it cannot be estimated.
        high: bound of the slope's interval.
        p: two-sided, against a slope of 0.
        seeds: number of seeds. With one, intervals include the variance over clusters only: they are about these
            models.
        band: one row per dose: ``dose``, ``runs``, ``mean`` over runs, ``low`` and ``high`` (pointwise).

    """

    slope: float
    low: float
    high: float
    p: float
    seeds: int
    band: pd.DataFrame


def dose_response(
    table: pd.DataFrame,
    *,
    replicates: np.ndarray | None = None,
    n_clusters: float | None = None,
    interval_of: Callable[[np.ndarray, Sequence[Part]], Combined] | None = None,
    bounds: tuple[float, float] = (-np.inf, np.inf),
    confidence_level: float = CONFIDENCE_LEVEL,
) -> DoseResponse:
    """Return the slope and the confidence band of runs that differ in the dose of added data.

    The variance is the sum of that over clusters and that over seeds at each dose, each with its own degrees of freedom
    (Satterthwaite 1946). With one seed, that over seeds is not in it (``ONE_SEED_DOSE``). Runs of the same seed at
    different doses count as independent: where they are alike, the interval is too wide, but to pair them would leave
    one degree of freedom of two seeds.

    Args:
        table: one row per run: ``dose``, ``value`` of the metric, ``seed``. A run whose value is NaN is left out.
        replicates: float (rows, replicates) of the metric, drawn jointly: :func:`fer.fairness.joint_bootstrap`. Their
            variance over clusters is that x m / (m - 1).
        n_clusters: m, the effective number of clusters behind the replicates (:func:`fer.fairness.effective_clusters`);
            for a metric of a group, the group's. With unequal clusters, their plain number is too large.
        interval_of: instead of ``replicates``, a function that returns the interval and the p-value of a weighted sum
            of the rows' values, from its weights, float (rows,), and the variance over seeds.
        bounds: the lowest and the highest possible value of the metric. The band ends there, and the slope's interval
            where a slope of such values at these doses would: with doses of 0 and 0.5, an accuracy's at -2 and 2.
        confidence_level: of the intervals, but for those of ``interval_of``.

    Raises ValueError with fewer than two doses, and for replicates without ``n_clusters``.

    Example:
        >>> table = pd.DataFrame({"dose": [0, 0.5, 1] * 2, "seed": [0, 0, 0, 1, 1, 1]})
        >>> table["value"] = [0.50, 0.56, 0.61, 0.52, 0.54, 0.60]
        >>> found = dose_response(table)
        >>> round(found.slope, 3), found.seeds
        (0.095, 2)
        >>> found.band.round(2)
           dose  runs  mean   low  high
        0   0.0     2  0.51  0.38  0.64
        1   0.5     2  0.55  0.42  0.68
        2   1.0     2  0.60  0.54  0.67

    """
    if replicates is not None and n_clusters is None:
        raise ValueError("the replicates' number of clusters is not given; give it, to rescale their variance.")
    known = np.flatnonzero(table["value"].notna())
    runs = table.iloc[known].reset_index(drop=True)
    if runs["dose"].nunique() < 2:
        raise ValueError(f"the runs have {runs['dose'].nunique()} doses; a slope needs two or more.")
    dose, value = runs["dose"].to_numpy(dtype=float), runs["value"].to_numpy(dtype=float)

    def interval(weights: np.ndarray, seeds: list[Part]) -> Combined:
        if interval_of is not None:
            whole = np.zeros(len(table))
            whole[known] = weights
            return interval_of(whole, seeds)
        clusters = _cluster_part(None if replicates is None else weights @ replicates[known], n_clusters)
        return combine(float(weights @ value), [*seeds, *clusters], confidence_level)

    slope = _slope(dose)
    found = interval(slope, _seed_parts(runs, slope))
    steepest = (bounds[1] - bounds[0]) * np.clip(slope, 0, None).sum()
    rows = []
    for amount in sorted(runs["dose"].unique()):
        here = (runs["dose"] == amount).to_numpy()
        count = int(here.sum())
        low, high, _ = interval(here / count, _seed_parts(runs, here / count))
        low, high = np.maximum(low, bounds[0]), np.minimum(high, bounds[1])
        rows.append({"dose": amount, "runs": count, "mean": float(value[here].mean()), "low": low, "high": high})
    low, high = np.maximum(found.low, -steepest), np.minimum(found.high, steepest)
    return DoseResponse(float(slope @ value), low, high, found.p, int(runs["seed"].nunique()), pd.DataFrame(rows))


def _slope(dose: np.ndarray) -> np.ndarray:
    """Return the weights of the least-squares slope, float (runs,); NaN with one dose."""
    away = dose - dose.mean()
    with np.errstate(invalid="ignore"):
        return away / (away**2).sum()


def _seed_parts(runs: pd.DataFrame, weights: np.ndarray) -> list[Part]:
    """Return the variance over seeds of a weighted sum of runs, by dose; none with one seed.

    A dose with a single run has the mean variance of the others; NaN if there is no dose with two.
    """
    if runs["seed"].nunique() < 2:
        return []
    value = runs["value"].to_numpy(dtype=float)
    at_dose = [np.flatnonzero(runs["dose"] == dose) for dose in runs["dose"].unique()]
    several = [at for at in at_dose if len(at) > 1]
    if not several:
        return [Part(np.nan, np.nan)]
    degrees = [len(at) - 1 for at in several]
    pooled = float(np.average([value[at].var(ddof=1) for at in several], weights=degrees))
    parts = []
    for at in at_dose:
        own = len(at) > 1
        variance = float(value[at].var(ddof=1)) if own else pooled
        parts.append(Part(variance * float((weights[at] ** 2).sum()), len(at) - 1 if own else sum(degrees)))
    return parts


def _cluster_part(drawn: np.ndarray | None, clusters: float | None) -> list[Part]:
    """Return the variance over clusters of replicates (r,): None without replicates, NaN with one cluster."""
    if drawn is None or clusters is None:
        return []
    known = drawn[~np.isnan(drawn)]
    if not clusters > 1 or len(known) < 2:
        return [Part(np.nan, np.nan)]
    return [Part(float(known.var(ddof=1)) * clusters / (clusters - 1), clusters - 1)]
