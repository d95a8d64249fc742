"""Experiments against a baseline on the same faces: which pairs, the paired differences, gained and lost faces."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from analysis.experiments.paired_outcomes import before_after, check_same_samples
from analysis.experiments.runs_by_experiment import keyed_runs, tag_of
from analysis.experiments.seeds import Repetitions
from fer.data.attributes import RACE, Attribute
from fer.errors import InputError
from fer.evaluation.independent_units import AUTO, clusters_of
from fer.fairness import holm, paired_comparison, unit_of
from fer.fairness.bootstrap import REPLICATES
from fer.tracking import names

# What a table of several pairs shows of each: every row more makes Holm's family larger.
COMPARED = ("accuracy", "f1_weighted", "accuracy_std", "accuracy_min")


class Pair(NamedTuple):
    """Two experiments on the same faces."""

    before: Repetitions
    after: Repetitions


def baseline_pairs(runs: pd.DataFrame, trials: Mapping[str, Repetitions], baseline: str | None = None) -> list[Pair]:
    """Return each experiment with what it is compared to.

    ``baseline`` names an experiment: every other one that was tested on the same faces is compared to it. Without it
    every mixture is compared to its own base alone, trained in the same way. Raises InputError for a baseline that has
    no predictions.
    """
    if baseline is not None:
        if baseline not in trials:
            raise InputError(
                f"no experiment with predictions is named {baseline!r}; take one of {', '.join(map(repr, trials))}."
            )
        first = trials[baseline]
        return [Pair(first, one) for one in trials.values() if one.test == first.test and one is not first]
    keyed = keyed_runs(runs)
    keyed = keyed[(keyed["origin"] == names.MEASURED) & keyed["experiment"].isin(list(trials))]
    rows = keyed.drop_duplicates("experiment")
    told = zip(rows["experiment"], tag_of(rows, names.EXPERIMENT).fillna(""), strict=True)
    rows = rows.assign(
        recipe=[shown.removeprefix(plain) for shown, plain in told], share=rows["params.fraction"].astype(float)
    )
    pairs = []
    for _, group in rows.groupby(["params.base", "recipe", "params.test"], sort=False):
        alone = group[group["share"] == 0]["experiment"]
        if len(alone):
            mixed = group.loc[group["share"] > 0, "experiment"]
            pairs += [Pair(trials[alone.iloc[0]], trials[name]) for name in mixed]
    return pairs


def largest_additions(runs: pd.DataFrame, pairs: Sequence[Pair], most: int = 3) -> list[Pair]:
    """Return of each base (and baseline) the pair with the largest share added: a choice made without the results."""
    keyed = keyed_runs(runs)
    keyed = keyed[keyed["origin"] == names.MEASURED].drop_duplicates("experiment").set_index("experiment")
    chosen: dict[tuple[str, str], Pair] = {}
    for pair in pairs:
        key = (pair.before.experiment, keyed.loc[pair.after.experiment, "params.base"])
        share = float(keyed.loc[pair.after.experiment, "params.fraction"])
        if key not in chosen or share > float(keyed.loc[chosen[key].after.experiment, "params.fraction"]):
            chosen[key] = pair
    return list(chosen.values())[:most]


def pairwise_table(
    pairs: Sequence[Pair], attribute: Attribute = RACE, unit: str = AUTO, replicates: int = REPLICATES,
    metrics: Sequence[str] | None = COMPARED,
) -> pd.DataFrame:  # fmt: skip
    """Return what changed against the baseline, one row a pair and metric, in percent and points.

    ``metrics`` are rows of :func:`fer.fairness.paired_comparison`; None shows them all, groups and their gaps too.

    Columns: ``experiment``, ``baseline``, ``metric``, ``before``, ``after``, ``difference`` with ``_low`` and
    ``_high``, ``p`` (sign flips over clusters) and ``p Holm``, over all p-values of the table. Seeds are crossed with
    clusters: with one seed a side the row is about two models, not two recipes.
    """
    tables = []
    for before, after in pairs:
        check_same_samples(before.samples, after.samples)
        compared = paired_comparison(
            before.y_true,
            before.y_pred,
            after.y_pred,
            sensitive_features=before.group(attribute),
            clusters=clusters_of(before.samples, unit).ids,
            n_resamples=replicates,
        )
        compared = compared if metrics is None else compared.loc[list(metrics)]
        scale = pd.Series([unit_of(name).in_percent for name in compared.index], compared.index)
        table = pd.DataFrame({"experiment": after.experiment, "baseline": before.experiment, "metric": compared.index})
        names_of = {"before": "first", "after": "second", "difference": "difference", "difference_low": "low",
                    "difference_high": "high"}  # fmt: skip
        for name, column in names_of.items():
            table[name] = (compared[column] * scale).to_numpy()
        tables.append(table.assign(p=compared["p"].to_numpy()))
    if not tables:
        raise InputError("there is no pair of experiments to compare; name a baseline that was tested on these faces.")
    whole = pd.concat(tables, ignore_index=True)
    whole["p Holm"] = holm(whole["p"])
    return whole


def change_table(pairs: Sequence[Pair], attribute: Attribute = RACE) -> pd.DataFrame:
    """Return gained and lost faces by group of each pair: ``experiment, baseline`` and :func:`before_after`'s columns.

    Of the first seed of each side.
    """
    tables = [
        before_after(before.samples, after.samples, attribute).assign(
            experiment=after.experiment, baseline=before.experiment
        )
        for before, after in pairs
    ]
    whole = pd.concat(tables, ignore_index=True)
    return whole[["experiment", "baseline", *(name for name in whole if name not in ("experiment", "baseline"))]]
