"""Quality and uncertainty of the Pareto front: distance to utopia, hypervolume, probability."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.experiments.runs_by_experiment import KEYS, PERCENT, mixtures_of
from analysis.experiments.seeds import ExperimentPredictions
from analysis.tables.results import tested_on, trade_off_table
from fer.data.attributes import RACE, Attribute
from fer.evaluation.independent_units import clusters_of
from fer.evaluation.predictions import vocabulary_of
from fer.fairness import Direction, new_test_set_draws
from fer.fairness.bootstrap import REPLICATES
from fer.fairness.tradeoff import distance_to_utopia, front_probability, hypervolume, pareto_front
from fer.sentinels import AUTO
from fer.tracking import names

# Fixed, so that a distance does not depend on which rows a table shows: percent and points.
BOUNDS = {"accuracy_percent": (0.0, 100.0), "std_points": (0.0, 50.0)}
DIRECTIONS: dict[str, Direction] = {"accuracy_percent": "up", "std_points": "down"}
WORST = {"accuracy_percent": BOUNDS["accuracy_percent"][0], "std_points": BOUNDS["std_points"][1]}


def front_table(
    runs: pd.DataFrame, experiments: Sequence[ExperimentPredictions], attribute: Attribute = RACE, split: str = "test",
    cluster: str = AUTO, replicates: int = REPLICATES,
) -> pd.DataFrame:  # fmt: skip
    """Return :func:`analysis.trade_off_table` with two more columns.

    ``distance_to_utopia``: to (accuracy 100 %, std 0), 0 there and 1 at the worst end of BOUNDS. ``on_front_percent``:
    the probability that the same models put the row on the Pareto front of another test set of the same kind and size,
    among the measured rows tested on the same faces (:func:`fer.fairness.new_test_set_draws`). NaN for published rows,
    and where a group has a single cluster.
    """
    table = trade_off_table(runs, attribute, split)
    table["distance_to_utopia"] = distance_to_utopia(table[list(BOUNDS)], bounds=BOUNDS, directions=DIRECTIONS)
    probability = pd.Series(dtype=float)
    for test in dict.fromkeys(one.test for one in experiments):
        here = [one for one in experiments if one.test == test]
        drawn = new_test_set_draws(
            here[0].y_true,
            [one.y_pred for one in here],
            sensitive_features=here[0].group(attribute),
            clusters=clusters_of(here[0].samples, cluster).units,
            labels=vocabulary_of(here[0].samples),
            n_resamples=replicates,
        )
        rows = pd.Index([one.experiment for one in here])
        probability = pd.concat(
            [probability, front_probability(drawn, directions=list(DIRECTIONS.values()), index=rows)]
        )
    measured = table["origin"] == names.MEASURED
    table["on_front_percent"] = table["experiment"].map(probability * PERCENT).where(measured)
    return table


def hypervolume_table(runs: pd.DataFrame, attribute: Attribute = RACE, split: str = "test") -> pd.DataFrame:
    """Return the hypervolume of the experiments of each base, and of all bases.

    Columns: ``test`` (the tested dataset), ``base`` (``all`` last), ``origin``, ``experiments`` (that have both
    figures), ``non_dominated`` (that no other of the base beats in both) and ``hypervolume_percent``: of the box
    BOUNDS, the part in which at least one of the experiments is better in both than the box's worst end (accuracy 0,
    std 50); NaN if none has both figures. Larger is better; more experiments can only raise it. Experiments that were
    not tested on the same faces are in separate rows.
    """
    table = trade_off_table(runs, attribute, split).merge(mixtures_of(runs), on=KEYS)
    box = float(np.prod([high - low for low, high in BOUNDS.values()]))
    rows = []
    tests, faces = tested_on(runs, table, "test"), tested_on(runs, table)
    for (origin, test, _), tested in table.groupby(["origin", tests, faces], sort=False):
        parts = dict(iter(tested.groupby("base", sort=False)))
        for base, rows_of_base in [*parts.items(), *([("all", tested)] if len(parts) > 1 else [])]:
            points = rows_of_base[list(BOUNDS)].dropna()
            reached = hypervolume(points, reference=WORST, directions=DIRECTIONS) / box * PERCENT
            rows.append(
                {
                    "test": test, "base": base, "origin": origin, "experiments": len(points),
                    "non_dominated": int(pareto_front(points, directions=DIRECTIONS).sum()),
                    "hypervolume_percent": reached if len(points) else np.nan,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)
