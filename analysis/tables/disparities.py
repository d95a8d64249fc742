"""Disparities between groups, with their expectation under no difference."""

from collections.abc import Iterable

import pandas as pd

from analysis.experiments.seeds import ExperimentPredictions
from analysis.tables.uncertainty import over_clusters
from analysis.tables.units import scale_of, unit_of
from fer.data.attributes import RACE, Attribute
from fer.fairness import DISPARITIES, disparity_statistics, holm, replicates_for_family
from fer.fairness.bootstrap import REPLICATES
from fer.sentinels import AUTO

_OF_EMOTIONS = ("accuracy_std", "accuracy_gap", "accuracy_ratio")


def disparity_table(
    experiments: Iterable[ExperimentPredictions], attribute: Attribute | str = RACE, cluster: str = AUTO,
    replicates: int = REPLICATES,
) -> pd.DataFrame:  # fmt: skip
    """Return statistics of the disparities between groups: one row per experiment and summary.

    Columns: ``experiment``; ``summary``: ``accuracy_std``, ``accuracy_gap``, ``accuracy_ratio``,
    ``demographic_parity_difference``, ``equalized_odds_difference`` or ``recall_difference``; ``unit``: ``points`` for
    all but the ratio; ``estimate``; ``expected_under_no_difference``, its mean under permuted groups;
    ``bias_corrected``, corrected for noise; ``upper``, a one-sided 95 % bound (for the ratio ``lower``); ``p`` against
    no difference between groups (of several seeds: between the mean accuracies); ``p_holm``, corrected over the
    experiments, each summary a family of its own. Of several seeds these are means over seeds, as in all tables. With
    more experiments there are more replicates than asked for, so that a p-value can be significant at all. NaN where it
    cannot be estimated. By ``label`` there are no parity, odds and recall differences: between true emotions they are
    large even for a model that is always correct. Raises InputError for an attribute that the predictions do not have.

    Example:
        >>> from analysis.experiments.examples import example_predictions, example_runs
        >>> from analysis.experiments.seeds import predictions_by_experiment
        >>> tested = predictions_by_experiment(example_runs(), example_predictions())
        >>> table = disparity_table(tested.values(), "race", replicates=200)
        >>> std = table[table["summary"] == "accuracy_std"]
        >>> shown = ["experiment", "unit", "estimate", "expected_under_no_difference"]
        >>> print(std[shown].round(1).to_string(index=False))
           experiment   unit  estimate  expected_under_no_difference
             one only points      22.1                           8.5
        one + 50% two points       8.0                           7.0

    """
    attribute, experiments = Attribute.parse(attribute), list(experiments)
    enough = replicates_for_family(replicates, len(experiments))

    def one(_: ExperimentPredictions, arrays: dict) -> pd.DataFrame:
        del arrays["y_proba"]
        return disparities_in_points(disparity_statistics(**arrays, n_resamples=enough)).reset_index()

    table = over_clusters(experiments, attribute, cluster, one)
    shown = _OF_EMOTIONS if attribute.by_emotion else DISPARITIES
    table = table[table["summary"].isin(shown)].reset_index(drop=True)
    table["p_holm"] = table.groupby("summary")["p"].transform(holm)
    figures = ["estimate", "expected_under_no_difference", "bias_corrected", "upper", "lower"]
    return table[["experiment", "summary", "unit", *figures, "p", "p_holm"]]


def disparities_in_points(table: pd.DataFrame) -> pd.DataFrame:
    """Return :func:`fer.fairness.disparity_statistics` in percentage points, the ratio as it is; ``unit`` says so."""
    table = table.copy()
    scale = table.index.to_series().map(scale_of)
    figures = ["estimate", "bias_corrected", "upper", "lower", "expected_under_no_difference"]
    table[figures] = table[figures].mul(scale, axis=0)
    table["variance"] = table["variance"] * scale**2
    table["unit"] = table.index.to_series().map(unit_of)
    return table
