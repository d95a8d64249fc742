"""Dose-response of a metric to the amount of added data: slope, and means with a confidence band."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from fer.fairness.combined import Part, combine
from fer.fairness.intervals import CONFIDENCE_LEVEL


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
    n_clusters: int | None = None,
    bounds: tuple[float, float] = (-np.inf, np.inf),
    confidence_level: float = CONFIDENCE_LEVEL,
) -> DoseResponse:
    """Return the slope and the confidence band of runs that differ in the dose of added data.

    The variance is the sum of that over seeds (jackknife: a seed is left out with all its doses) and that over clusters
    (bootstrap, x m / (m - 1)), with Satterthwaite's degrees of freedom.

    Args:
        table: one row per run: ``dose``, ``value`` of the metric, ``seed``. A run whose value is NaN is left out.
        replicates: float (rows, replicates) of the metric, drawn jointly: :func:`fer.fairness.joint_bootstrap`.
        n_clusters: number of clusters behind the replicates (for a metric of a group, the group's).
        bounds: the lowest and the highest possible value of the metric. The band ends there, and the slope's interval
            where a slope of such values at these doses would: with doses of 0 and 0.5, an accuracy's at -2 and 2.
        confidence_level: of the intervals.

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
    known = table["value"].notna().to_numpy()
    runs = table[known].reset_index(drop=True)
    drawn = None if replicates is None else replicates[known]
    if runs["dose"].nunique() < 2:
        raise ValueError(f"the runs have {runs['dose'].nunique()} doses; a slope needs two or more.")
    dose, value = runs["dose"].to_numpy(dtype=float), runs["value"].to_numpy(dtype=float)
    slope = float(_slope(dose) @ value)
    parts = _seed_part(runs) + _cluster_part(None if drawn is None else _slope(dose) @ drawn, n_clusters)
    found = combine(slope, parts, confidence_level)
    steepest = (bounds[1] - bounds[0]) * np.clip(_slope(dose), 0, None).sum()
    rows = []
    for amount in sorted(runs["dose"].unique()):
        here = (runs["dose"] == amount).to_numpy()
        mean = float(value[here].mean())
        around = _cluster_part(None if drawn is None else drawn[here].mean(axis=0), n_clusters)
        if here.sum() > 1:
            around.append(Part(float(value[here].var(ddof=1)) / here.sum(), here.sum() - 1))
        low, high, _ = combine(mean, around, confidence_level)
        low, high = np.maximum(low, bounds[0]), np.minimum(high, bounds[1])
        rows.append({"dose": amount, "runs": int(here.sum()), "mean": mean, "low": low, "high": high})
    low, high = np.maximum(found.low, -steepest), np.minimum(found.high, steepest)
    return DoseResponse(slope, low, high, found.p, int(runs["seed"].nunique()), pd.DataFrame(rows))


def _slope(dose: np.ndarray) -> np.ndarray:
    """Return the weights of the least-squares slope, float (runs,); NaN with one dose."""
    away = dose - dose.mean()
    with np.errstate(invalid="ignore"):
        return away / (away**2).sum()


def _seed_part(runs: pd.DataFrame) -> list[Part]:
    seeds = runs["seed"].unique()
    if len(seeds) < 2:
        return []
    rest = [runs[runs["seed"] != seed] for seed in seeds]
    slopes = np.array(
        [_slope(part["dose"].to_numpy(dtype=float)) @ part["value"].to_numpy(dtype=float) for part in rest]
    )
    return [Part(float(((slopes - slopes.mean()) ** 2).sum()) * (len(seeds) - 1) / len(seeds), len(seeds) - 1)]


def _cluster_part(drawn: np.ndarray | None, clusters: int | None) -> list[Part]:
    """Return the variance over clusters of replicates (r,): None without replicates, NaN with one cluster."""
    if drawn is None or clusters is None:
        return []
    known = drawn[~np.isnan(drawn)]
    if clusters < 2 or len(known) < 2:
        return [Part(np.nan, np.nan)]
    return [Part(float(known.var(ddof=1)) * clusters / (clusters - 1), clusters - 1)]
