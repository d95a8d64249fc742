"""McNemar's test and Holm's correction, by statsmodels."""

import numpy as np
import pandas as pd


def mcnemar(first_right: np.ndarray, second_right: np.ndarray) -> tuple[float, float]:
    """Return McNemar's exact statistic (the smaller count of disagreement) and two-sided p-value.

    Of two models on the same samples, bool (n,) each. It takes samples as independent: show it only where every
    cluster is one sample.
    """
    from statsmodels.stats.contingency_tables import mcnemar as exact_test

    first, second = np.asarray(first_right, dtype=bool), np.asarray(second_right, dtype=bool)
    table = [[np.sum(first & second), np.sum(first & ~second)], [np.sum(~first & second), np.sum(~first & ~second)]]
    result = exact_test(table, exact=True)
    return float(result.statistic), float(result.pvalue)


def holm(p_values: pd.Series) -> pd.Series:
    """Return p-values corrected for the family that one table shows (Holm 1979); NaN is in no family and stays."""
    from statsmodels.stats.multitest import multipletests

    known = p_values.dropna()
    if known.empty:
        return p_values.astype(float)
    corrected = pd.Series(multipletests(known, method="holm")[1], known.index)
    return corrected.reindex(p_values.index).rename(p_values.name)
