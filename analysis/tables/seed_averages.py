"""Mean and standard deviation over the seeds of each experiment."""

from collections.abc import Mapping

import pandas as pd

from analysis.experiments.runs_by_experiment import KEYS, keyed_runs, metric_of
from analysis.tables.columns import SD, companion
from fer.errors import InputError


def averaged_over_seeds(runs: pd.DataFrame, columns: Mapping[str, tuple[str, float]]) -> pd.DataFrame:
    """Return one row per experiment: ``seeds``, and of each column its mean over seeds and ``_sd``.

    ``columns`` maps a column to a metric on the server and the factor that brings it into the column's unit. A metric
    that no run has is NaN, and so is the sample standard deviation of one seed. Raises InputError without a run.
    """
    if runs.empty:
        raise InputError("no finished runs to make a table of; run a study first, or check experiment and study.")
    keyed = keyed_runs(runs)
    values = pd.DataFrame(
        {name: metric_of(keyed, metric) * scale for name, (metric, scale) in columns.items()}, keyed.index, dtype=float
    )
    grouped = pd.concat([keyed[KEYS], values], axis=1).groupby(KEYS, sort=False)
    table = grouped.size().rename("seeds").to_frame()
    for name in columns:
        table[name] = grouped[name].mean()
        table[companion(name, SD)] = grouped[name].std(ddof=1)
    return table.reset_index()
