"""Experiments compared with a baseline on the same faces: pairs, paired differences, gained and lost faces."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from analysis.experiments.paired_outcomes import before_after, check_same_samples
from analysis.experiments.runs_by_experiment import measured_runs, tag_of
from analysis.experiments.seeds import ExperimentPredictions, common_seed
from analysis.tables.columns import HIGH, LOW, companion
from analysis.tables.units import scale_of
from fer.data.attributes import RACE, Attribute
from fer.errors import InputError
from fer.evaluation.independent_units import clusters_of
from fer.fairness import holm, paired_comparison
from fer.fairness.bootstrap import REPLICATES
from fer.sentinels import AUTO
from fer.tracking import names

# Metrics shown for several pairs: every further row enlarges the family of Holm's correction.
COMPARED = ("accuracy", "f1_weighted", "accuracy_std", "accuracy_min")
_BASE, _FRACTION, _TEST = (names.param(name) for name in ("base", "fraction", "test"))
# Parameters of which several values can have titles of their own in one study.
_TRAINED = tuple(
    names.param(name) for name in ("backbone", "head", "targets", "method", "kept_aside", "validation_from")
)
# From the columns of fer.fairness.paired_comparison.
_COLUMNS = {
    "before_percent": "first",
    "after_percent": "second",
    "difference_points": "difference",
    companion("difference_points", LOW): "low",
    companion("difference_points", HIGH): "high",
}


class Pair(NamedTuple):
    """Two experiments on the same faces."""

    before: ExperimentPredictions
    after: ExperimentPredictions

    def of_one_seed(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the predictions of the first seed that both have; without one, of the first seed of each."""
        first, second = common_seed(*self)
        return self.before.tables[first], self.after.tables[second]


def baseline_pairs(
    runs: pd.DataFrame, experiments: Mapping[str, ExperimentPredictions], baseline: str | None = None
) -> list[Pair]:
    """Return each experiment with the one that it is compared with.

    ``baseline`` names an experiment: every other one that was tested on the same faces is compared with it. Without it
    every mixture is compared with its own base alone, trained in the same way. Raises InputError for a baseline that
    has no predictions.
    """
    if baseline is not None:
        if baseline not in experiments:
            raise InputError(
                f"no experiment with predictions is named {baseline!r}; take one of "
                f"{', '.join(map(repr, experiments))}."
            )
        first = experiments[baseline]
        return [Pair(first, one) for one in experiments.values() if one.test == first.test and one is not first]
    pairs = []
    for alike in trained_alike(runs, experiments):
        alone = alike[alike["share"] == 0]["experiment"]
        if len(alone):
            mixed = alike.loc[alike["share"] > 0, "experiment"]
            pairs += [Pair(experiments[alone.iloc[0]], experiments[name]) for name in mixed]
    return pairs


def trained_alike(runs: pd.DataFrame, experiments: Mapping[str, ExperimentPredictions]) -> list[pd.DataFrame]:
    """Return the experiments that differ in their mixtures only, in one frame per base, way of training and test.

    One row per experiment: a run of it, with the column ``share``, the fraction as a number.
    """
    measured = measured_runs(runs)
    rows = measured[measured["experiment"].isin(list(experiments))].drop_duplicates("experiment")
    # The suffix of an experiment's name describes differences in training: see keyed_runs.
    titles = zip(rows["experiment"], tag_of(rows, names.EXPERIMENT).fillna(""), strict=True)
    rows = rows.assign(
        training=[name.removeprefix(title) for name, title in titles], share=rows[_FRACTION].astype(float)
    )
    keys = [_BASE, "training", _TEST, *(name for name in _TRAINED if name in rows)]
    return [alike for _, alike in rows.groupby(keys, sort=False, dropna=False)]


def largest_additions(runs: pd.DataFrame, pairs: Sequence[Pair], most: int = 3) -> list[Pair]:
    """Return of each base (and baseline) the pair with the largest share added: a choice made without the results."""
    rows = measured_runs(runs).drop_duplicates("experiment").set_index("experiment")
    shares = rows[_FRACTION].astype(float)
    chosen: dict[tuple[str, str], Pair] = {}
    for pair in pairs:
        base = rows.loc[pair.after.experiment, _BASE]  # None of an evaluation that no study made: it is its own.
        key = (pair.before.experiment, pair.after.experiment if pd.isna(base) else base)
        if key not in chosen or shares[pair.after.experiment] > shares[chosen[key].after.experiment]:
            chosen[key] = pair
    return list(chosen.values())[:most]


def pairwise_table(
    pairs: Sequence[Pair], attribute: Attribute = RACE, cluster: str = AUTO, replicates: int = REPLICATES,
    metrics: Sequence[str] | None = COMPARED,
) -> pd.DataFrame:  # fmt: skip
    """Return paired differences from the baseline: one row per pair and metric.

    ``metrics`` are rows of :func:`fer.fairness.paired_comparison`, all of them shares (F1 too) or their standard
    deviation; None shows them all, groups and their gaps too.

    Columns: ``experiment``, ``baseline``, ``metric``; ``before_percent`` and ``after_percent``; ``difference_points``
    (after minus before) with ``_low`` and ``_high``; ``p``, by the procedure of the interval, and ``p_holm``, over all
    p-values of the table. Seeds are crossed with clusters: with one seed per side a row compares two models, not two
    training procedures. NaN where it cannot be estimated. Raises InputError without a pair.
    """
    tables = []
    for before, after in pairs:
        check_same_samples(before.samples, after.samples)
        compared = paired_comparison(
            before.y_true,
            before.y_pred,
            after.y_pred,
            sensitive_features=before.group(attribute),
            clusters=clusters_of(before.samples, cluster).units,
            n_resamples=replicates,
        )
        compared = compared if metrics is None else compared.loc[list(metrics)]
        scale = pd.Series([scale_of(name) for name in compared.index], compared.index)
        table = pd.DataFrame({"experiment": after.experiment, "baseline": before.experiment, "metric": compared.index})
        for name, column in _COLUMNS.items():
            table[name] = (compared[column] * scale).to_numpy()
        tables.append(table.assign(p=compared["p"].to_numpy()))
    if not tables:
        raise InputError("there is no pair of experiments to compare; name a baseline that was tested on these faces.")
    whole = pd.concat(tables, ignore_index=True)
    whole["p_holm"] = holm(whole["p"])
    return whole


def change_table(pairs: Sequence[Pair], attribute: Attribute = RACE) -> pd.DataFrame:
    """Return the faces gained and lost by each pair, by group, of the first seed that both sides have.

    Columns: ``experiment, baseline``, then those of :func:`analysis.before_after`.
    """
    tables = [
        before_after(*pair.of_one_seed(), attribute).assign(
            experiment=pair.after.experiment, baseline=pair.before.experiment
        )
        for pair in pairs
    ]
    whole = pd.concat(tables, ignore_index=True)
    return whole[["experiment", "baseline", *(name for name in whole if name not in ("experiment", "baseline"))]]
