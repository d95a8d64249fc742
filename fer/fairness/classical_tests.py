"""McNemar's test, by statsmodels; Holm's correction, and the replicates that it needs."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from fer.fairness.samples import class_labels, samples_of


def mcnemar(
    y_true: ArrayLike, first: ArrayLike, second: ArrayLike, *, labels: Sequence[Any] | None = None
) -> tuple[float, float]:
    """Return McNemar's exact statistic (the smaller count of discordant samples) and the two-sided p-value.

    It compares two models on the same samples and assumes that samples are independent: use it only where every cluster
    is a single sample.

    Args:
        y_true: (n,) labels or codes.
        first: the first model's predictions, (n,).
        second: the second's, (n,).
        labels: see :func:`fer.fairness.point_metrics`; errors as there.

    Example:
        >>> y_true = ["sad"] * 8
        >>> mcnemar(y_true, ["sad"] * 7 + ["fear"], ["fear"] * 6 + ["sad"] * 2)
        (1.0, 0.125)

    """
    from statsmodels.stats.contingency_tables import mcnemar as exact_test

    classes = class_labels({"y_true": y_true, "first": first, "second": second}, labels)
    sides = [samples_of(y_true, y_pred, labels=classes) for y_pred in (first, second)]
    one, two = (side.true == side.predicted for side in sides)
    table = [[np.sum(one & two), np.sum(one & ~two)], [np.sum(~one & two), np.sum(~one & ~two)]]
    result = exact_test(table, exact=True)
    return float(result.statistic), float(result.pvalue)


def replicates_for_family(replicates: int, comparisons: int, *, significance_level: float = 0.05) -> int:
    """Return the number of permutations with which a comparison of a family can be significant.

    A permutation p-value is at least 1 / (permutations + 1). With the number returned, which is ``replicates`` or
    more, the least one is half the level after correction for the family.

    Args:
        replicates: the number asked for.
        comparisons: number of p-values that are corrected together.
        significance_level: after correction, 0..1.

    Example:
        >>> replicates_for_family(200, 16), replicates_for_family(10_000, 16)
        (640, 10000)

    """
    return max(replicates, int(np.ceil(2 * comparisons / significance_level)))


def holm(p_values: pd.Series) -> pd.Series:
    """Return p-values adjusted by Holm's procedure (1979), float (p,), 0..1, in the same order.

    A NaN (a test that could not be made) does not count in the family and stays NaN.

    Example:
        >>> holm(pd.Series({"accuracy": 0.01, "f1": 0.04, "gap": float("nan"), "std": 0.03})).to_dict()
        {'accuracy': 0.03, 'f1': 0.06, 'gap': nan, 'std': 0.06}

    """
    # Not statsmodels' multipletests: it collects garbage at each call, 0.2 to 0.5 s in a process with Keras loaded.
    known = p_values.dropna().sort_values()
    raised = np.maximum.accumulate(known.to_numpy(dtype=float) * np.arange(len(known), 0, -1))
    corrected = pd.Series(np.minimum(raised, 1.0), known.index)
    return corrected.reindex(p_values.index).rename(p_values.name)
