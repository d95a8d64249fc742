"""Calibration by group: reliability diagrams and calibration errors."""

import numpy as np
import pandas as pd

from analysis.experiments.runs_by_experiment import PERCENT
from analysis.experiments.seeds import ExperimentPredictions
from fer.data.attributes import RACE, Attribute
from fer.errors import InputError
from fer.evaluation.independent_units import clusters_of
from fer.fairness import debiased_calibration_error, reliability_table
from fer.sentinels import AUTO

BINS = 10


def reliability_of(tested: ExperimentPredictions, attribute: Attribute = RACE) -> pd.DataFrame:
    """Return :func:`fer.fairness.reliability_table` of the predictions of all seeds together, in 10 bins.

    Raises InputError for an experiment without probabilities.
    """
    _probabilities_of(tested)
    arrays = tested.stacked(attribute, np.arange(len(tested.samples)))
    del arrays["clusters"], arrays["repeats"]
    return reliability_table(**arrays, n_bins=BINS)


def calibration_table(
    experiments: list[ExperimentPredictions], attribute: Attribute = RACE, cluster: str = AUTO
) -> pd.DataFrame:
    """Return root mean square calibration errors: one row per experiment and group.

    This is not the metric ``calibration_error``, which is the mean of absolute values. Columns: ``experiment, group``;
    the root mean square over 15 bins of confidence less accuracy, ``plain_points`` as computed and ``debiased_points``
    corrected for noise (0 where noise explains all); ``left_out_percent``: faces in bins with one cluster. Means over
    seeds; ``debiased_points`` is the root of the mean square. See :func:`fer.fairness.debiased_calibration_error`.
    Raises InputError for an experiment without probabilities.
    """
    tables = {one.experiment: _of_seeds(one, attribute, cluster) for one in experiments}
    whole = pd.concat(tables, names=["experiment"]).reset_index()
    columns = {"plain": "plain_points", "root": "debiased_points", "left_out": "left_out_percent"}
    whole[list(columns)] = whole[list(columns)] * PERCENT
    return whole.rename(columns=columns)[["experiment", "group", *columns.values()]]


def _of_seeds(tested: ExperimentPredictions, attribute: Attribute, cluster: str) -> pd.DataFrame:
    """Return the means over seeds of an experiment's calibration errors."""
    by = {"sensitive_features": tested.group(attribute), "clusters": clusters_of(tested.samples, cluster).ids}
    seeds = [
        debiased_calibration_error(tested.y_true, y_pred, y_proba=y_proba, **by)
        for y_pred, y_proba in zip(tested.y_pred, _probabilities_of(tested), strict=True)
    ]
    mean = sum(seeds[1:], seeds[0]) / len(seeds)
    return mean.assign(root=np.sqrt(mean["squared"].clip(lower=0.0)))


def _probabilities_of(tested: ExperimentPredictions) -> np.ndarray:
    if tested.y_proba is None:
        raise InputError(
            f"the predictions of {tested.experiment} have no probabilities, which calibration needs; leave it out."
        )
    return tested.y_proba
