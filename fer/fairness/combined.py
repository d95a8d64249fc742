"""Intervals that combine several sources of variance: clusters and seeds."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

# A standard error below this is a rounding error: there was no variation.
ROUNDING = 1e-12


class Part(NamedTuple):
    """A variance and its degrees of freedom; NaN where it cannot be estimated."""

    variance: float
    degrees: float


class Combined(NamedTuple):
    """Bounds and two-sided p-value; NaN where they cannot be estimated."""

    low: float
    high: float
    p: float


def combine(estimate: float, parts: Sequence[Part], level: float) -> Combined:
    """Return the t interval of an estimate whose variance is the sum of ``parts``; NaN without a part.

    Degrees of freedom by Welch and Satterthwaite (Satterthwaite 1946): (sum V)^2 / sum (V^2 / degrees). For crossed
    sources the sum counts their interaction twice, so that the interval is slightly conservative.
    """
    total = sum(part.variance for part in parts)
    if not parts or not np.isfinite(total) or np.isnan(estimate):
        return Combined(np.nan, np.nan, np.nan)
    if total <= ROUNDING**2:
        return Combined(np.nan, np.nan, 1.0 if estimate == 0 else np.nan)
    degrees, error = satterthwaite(parts), np.sqrt(total)
    reach = stats.t.ppf((1 + level) / 2, degrees) * error
    return Combined(estimate - reach, estimate + reach, float(2 * stats.t.sf(abs(estimate) / error, degrees)))


def satterthwaite(parts: Sequence[Part]) -> float:
    """Return the degrees of freedom of a sum of independent variances, not all 0: (sum V)^2 / sum (V^2 / degrees)."""
    total = sum(part.variance for part in parts)
    return total**2 / sum(part.variance**2 / part.degrees for part in parts if part.variance > 0)
