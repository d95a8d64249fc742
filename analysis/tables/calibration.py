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
    """Return :func:`fer.fairness.reliability_table` over all seeds of an experiment, in 10 bins.

    Raises InputError for an experiment without probabilities.
    """
    arrays = _rated(tested).stacked(attribute, np.arange(len(tested.samples)))
    del arrays["clusters"], arrays["repeats"]
    return reliability_table(**arrays, n_bins=BINS)


def calibration_table(
    experiments: list[ExperimentPredictions], attribute: Attribute = RACE, cluster: str = AUTO
) -> pd.DataFrame:
    """Return calibration errors: one row per experiment and group, all seeds together.

    Columns: ``experiment, group``; the root mean square over bins of confidence less accuracy, ``plain_points`` as
    computed and ``debiased_points`` corrected for noise (0 where noise explains all); ``left_out_percent``: faces
    in bins with one cluster. See :func:`fer.fairness.debiased_calibration_error`. Raises InputError for
    an experiment without probabilities.
    """
    tables = {}
    for one in experiments:
        arrays = _rated(one).stacked(attribute, clusters_of(one.samples, cluster).ids)
        del arrays["repeats"]
        tables[one.experiment] = debiased_calibration_error(**arrays)
    whole = pd.concat(tables, names=["experiment"]).reset_index()
    columns = {"plain": "plain_points", "root": "debiased_points", "left_out": "left_out_percent"}
    whole[list(columns)] = whole[list(columns)] * PERCENT
    return whole.rename(columns=columns)[["experiment", "group", *columns.values()]]


def _rated(tested: ExperimentPredictions) -> ExperimentPredictions:
    if tested.y_proba is None:
        raise InputError(
            f"the predictions of {tested.experiment} have no probabilities, which calibration needs; leave it out."
        )
    return tested
