"""How sure the Pareto front is: distance to the best imaginable point, probability of being on the front."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.repetitions import Repetitions
from analysis.tables.results import trade_off_table
from fer.clusters import AUTO, clusters_of
from fer.fairness import joint_bootstrap
from fer.fairness.bootstrap import REPLICATES
from fer.fairness.metrics import Direction
from fer.fairness.tradeoff import distance_to_utopia, front_probability
from fer.tracking import names

# Fixed, so that a distance does not depend on which rows a table shows: percent and points.
BOUNDS = {"accuracy": (0.0, 100.0), "std": (0.0, 50.0)}
DIRECTIONS: dict[str, Direction] = {"accuracy": "up", "std": "down"}


def front_table(
    runs: pd.DataFrame, trials: Sequence[Repetitions], attribute: str = "race", split: str = "test",
    unit: str = AUTO, replicates: int = REPLICATES,
) -> pd.DataFrame:  # fmt: skip
    """Return :func:`analysis.trade_off_table` with two more columns.

    ``to utopia``: distance to (accuracy 100 %, std 0), 0 there and 1 at the worst end of BOUNDS. ``on front``: the
    percentage of bootstrap replicates in which the row is on the Pareto front of the measured rows tested on the same
    faces; all of them see the same clusters drawn. NaN for published rows, and where a group has too few clusters.
    """
    table = trade_off_table(runs, attribute, split)
    table["to utopia"] = distance_to_utopia(table[list(BOUNDS)], BOUNDS, DIRECTIONS)
    probability = pd.Series(dtype=float)
    for test in dict.fromkeys(trial.test for trial in trials):
        here = [trial for trial in trials if trial.test == test]
        drawn = np.stack([_replicates(trial, attribute, unit, replicates) for trial in here])
        rows = pd.Index([trial.experiment for trial in here])
        probability = pd.concat([probability, front_probability(drawn, list(DIRECTIONS.values()), rows)])
    measured = table["origin"] == names.MEASURED
    table["on front"] = table["experiment"].map(probability * 100.0).where(measured)
    return table


def _replicates(trial: Repetitions, attribute: str, unit: str, replicates: int) -> np.ndarray:
    """Accuracy and std, (replicates, 2), means over seeds: one draw of clusters for all seeds and experiments."""
    seeds = list(zip(trial.y_pred, trial.proba, strict=True))
    cluster = clusters_of(trial.samples, unit).ids
    drawn = joint_bootstrap(trial.y_true, seeds, trial.group(attribute), cluster, replicates=replicates)
    return drawn.mean(axis=0)
