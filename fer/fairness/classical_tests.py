"""McNemar's test, by statsmodels, and Holm's correction."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from fer.fairness.samples import class_labels, samples_of


def mcnemar(
    y_true: ArrayLike, first: ArrayLike, second: ArrayLike, *, labels: Sequence[Any] | None = None
) -> tuple[float, float]:
    """Return McNemar's exact statistic (the smaller count of disagreement) and two-sided p-value.

    Of two models on the same samples. It takes samples as independent: show it only where every cluster is one sample.

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


def holm(p_values: pd.Series) -> pd.Series:
    """Return p-values corrected for the family that one table shows (Holm 1979): (p,), 0..1, in the same order.

    NaN, a test that could not be made, is in no family and stays.

    Example:
        >>> holm(pd.Series({"accuracy": 0.01, "f1": 0.04, "gap": float("nan"), "std": 0.03})).to_dict()
        {'accuracy': 0.03, 'f1': 0.06, 'gap': nan, 'std': 0.06}

    """
    # Not statsmodels' multipletests: it collects garbage at each call, 0.2 to 0.5 s in a process that holds Keras.
    known = p_values.dropna().sort_values()
    raised = np.maximum.accumulate(known.to_numpy(dtype=float) * np.arange(len(known), 0, -1))
    corrected = pd.Series(np.minimum(raised, 1.0), known.index)
    return corrected.reindex(p_values.index).rename(p_values.name)
