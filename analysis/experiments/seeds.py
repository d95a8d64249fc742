"""The predictions of one experiment: one table per seed, all of the same samples in the same order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from analysis.experiments.paired_outcomes import check_same_samples
from analysis.experiments.runs_by_experiment import measured_runs
from fer.data.attributes import Attribute
from fer.data.group_limits import check_group_count
from fer.evaluation.predictions import arrays_of, of_one_vocabulary
from fer.tracking import names

_TEST, _SEED = names.param("test"), names.param("seed")


@dataclass(frozen=True)
class ExperimentPredictions:
    """The predictions of one experiment on one test set, by all of its seeds.

    Attributes:
        experiment: its name in the tables.
        test: the name of the test dataset.
        runs: run ids, one per seed.
        tables: their predictions tables, sorted by ``sample_id``.
        seeds: the seed of each run; empty if unknown.

    """

    experiment: str
    test: str
    runs: tuple[str, ...]
    tables: tuple[pd.DataFrame, ...]
    seeds: tuple[str, ...] = ()

    @property
    def samples(self) -> pd.DataFrame:
        """The tested samples, one row per sample, from the first seed's table."""
        return self.tables[0]

    @cached_property
    def y_true(self) -> np.ndarray:
        """Class numbers, int (n,)."""
        return arrays_of(self.samples)[0]

    @cached_property
    def y_pred(self) -> np.ndarray:
        """Predicted class numbers, int (seeds, n)."""
        return np.stack([arrays_of(table)[1] for table in self.tables])

    @cached_property
    def y_proba(self) -> np.ndarray | None:
        """Probabilities, float (seeds, n, k); None if one of the seeds' tables has none."""
        known = [proba for table in self.tables if (proba := arrays_of(table)[2]) is not None]
        return np.stack(known) if len(known) == len(self.tables) else None

    def group(self, attribute: Attribute) -> pd.Series:
        """Return each sample's group, (n,), null where unknown."""
        where = f"the predictions of {self.experiment}"
        groups = attribute.groups(self.samples, where)
        check_group_count(groups, attribute, where)
        return groups

    def stacked(self, attribute: Attribute, cluster: np.ndarray) -> dict[str, Any]:
        """Return the arguments of a metric function over all seeds at once, (seeds * n,) each.

        ``cluster``: (n,), or (n, 2) of crossed clusters. ``repeats`` is the number of seeds: a face that three seeds
        predict is one face.

        Figures of them are means over seeds. A cluster holds the predictions of all seeds for its samples, and is drawn
        for all seeds together: an interval over such clusters covers the variance over faces of the mean over seeds,
        not the variance over seeds.
        """
        seeds = len(self.tables)
        return {
            "y_true": np.tile(self.y_true, seeds),
            "y_pred": self.y_pred.ravel(),
            "y_proba": None if self.y_proba is None else self.y_proba.reshape(-1, self.y_proba.shape[-1]),
            "sensitive_features": np.tile(self.group(attribute).to_numpy(dtype=object), seeds),
            "clusters": np.concatenate([cluster] * seeds),
            "repeats": seeds,
        }


def predictions_by_experiment(
    runs: pd.DataFrame, predictions: Mapping[str, pd.DataFrame]
) -> dict[str, ExperimentPredictions]:
    """Return the measured experiments of ``runs`` that have predictions, by name, in the study's order.

    ``runs`` is what :func:`analysis.load_runs` returns, ``predictions`` maps run ids to predictions tables, as
    :func:`analysis.load_predictions_of` does; a run without one is left out. The runs of an experiment are in the order
    of their seeds, and all tables have one vocabulary (:func:`fer.evaluation.predictions.of_one_vocabulary`). Raises
    InputError if they predict different samples.

    Example:
        >>> from analysis.experiments.examples import example_predictions, example_runs
        >>> tested = predictions_by_experiment(example_runs(), example_predictions())
        >>> {name: one.y_pred.shape for name, one in tested.items()}  # seeds, samples
        {'one only': (2, 120), 'one + 50% two': (2, 120)}

    """
    measured = measured_runs(runs)
    measured = measured[measured["run_id"].isin(list(predictions))]
    predictions = of_one_vocabulary(predictions)
    found = {}
    for experiment, rows in measured.groupby("experiment", sort=False):
        if _SEED in rows:
            rows = rows.sort_values(_SEED, key=lambda seeds: pd.to_numeric(seeds, errors="coerce"), kind="stable")
        tables = [predictions[run].sort_values("sample_id", ignore_index=True) for run in rows["run_id"]]
        for table in tables[1:]:
            check_same_samples(tables[0], table)
        test = rows[_TEST].iloc[0] if _TEST in rows else "the test set"
        seeds = tuple(rows[_SEED].astype(str)) if _SEED in rows else ()
        found[str(experiment)] = ExperimentPredictions(
            str(experiment), str(test), tuple(rows["run_id"]), tuple(tables), seeds
        )
    return found


def common_seed(first: ExperimentPredictions, second: ExperimentPredictions) -> tuple[int, int]:
    """Return the positions, in each of two experiments, of the runs of the first seed that both have.

    (0, 0) if they have none in common, or if their seeds are unknown.
    """
    shared = [seed for seed in first.seeds if seed in second.seeds]
    return (first.seeds.index(shared[0]), second.seeds.index(shared[0])) if shared else (0, 0)


def by_test_set(experiments: Mapping[str, ExperimentPredictions]) -> dict[str, Sequence[ExperimentPredictions]]:
    """Return the experiments by the name of their test dataset: only those of one test set can be compared."""
    return {
        test: [one for one in experiments.values() if one.test == test]
        for test in dict.fromkeys(one.test for one in experiments.values())
    }
