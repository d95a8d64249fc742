"""Calibration by group: is a confidence of 80 % right in 80 of 100 cases, for every group?"""

import numpy as np
import pandas as pd

from analysis.experiments.seeds import Repetitions
from fer.data.attributes import RACE, Attribute
from fer.evaluation.independent_units import AUTO, clusters_of
from fer.fairness import debiased_calibration_error, reliability_table

BINS = 10


def reliability_of(trial: Repetitions, attribute: Attribute = RACE) -> pd.DataFrame:
    """Return :func:`fer.fairness.reliability_table` over all seeds of an experiment, in 10 bins."""
    arrays = trial.stacked(attribute, np.arange(len(trial.samples)))
    del arrays["clusters"]
    return reliability_table(**arrays, n_bins=BINS)


def calibration_table(trials: list[Repetitions], attribute: Attribute = RACE, unit: str = AUTO) -> pd.DataFrame:
    """Return one row an experiment and group: calibration error ``plain`` and ``debiased`` (root), and ``left out``.

    Root mean square over bins, 0..1; ``left out`` is the percentage of faces whose bin rests on one cluster. See
    :func:`fer.fairness.debiased_calibration_error`. All seeds together.
    """
    tables = {
        trial.experiment: debiased_calibration_error(**trial.stacked(attribute, clusters_of(trial.samples, unit).ids))
        for trial in trials
    }
    whole = pd.concat(tables, names=["experiment"]).reset_index()
    whole["left out"] = whole["left_out"] * 100.0
    return whole.rename(columns={"root": "debiased"})[["experiment", "group", "plain", "debiased", "left out"]]
