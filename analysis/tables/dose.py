"""Dose-response: how accuracy and its disparity respond to the share added, by base and arm."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.experiments.runs_by_experiment import PERCENT, keyed_runs
from analysis.experiments.seeds import ExperimentPredictions
from analysis.tables.pairwise import baseline_pairs
from analysis.tables.units import scale_of
from fer.data.attributes import RACE, Attribute
from fer.evaluation.independent_units import clusters_of, unit_counts
from fer.fairness import DoseResponse, bootstrap_metrics, dose_response, holm
from fer.fairness.bootstrap import REPLICATES, Replicates
from fer.fairness.definitions import largest_std
from fer.sentinels import AUTO
from fer.tracking import names

_OVER = ("accuracy_std", "accuracy_min")
_ARM, _FRACTION = names.param("arm"), names.param("fraction")


class Series(NamedTuple):
    """A base with increasing shares of an addition, in one arm, and one metric."""

    base: str
    arm: str
    metric: str


def dose_responses(
    runs: pd.DataFrame, experiments: Mapping[str, ExperimentPredictions], attribute: Attribute = RACE,
    cluster: str = AUTO, replicates: int = REPLICATES,
) -> dict[Series, DoseResponse]:  # fmt: skip
    """Return the response of each metric to the dose, in percent, and slopes in points for 100 % added.

    The dose is the share of the addition that is added (arm ``add``), takes the place of base faces (``swap``), or is
    matched in number by faces of the base's own (``same``); the base alone is dose 0 of all. Metrics: ``accuracy``,
    ``accuracy_std``, ``accuracy_min`` and each group's accuracy; those over groups only where there are two. All runs
    see the same clusters drawn. Empty where no base has an addition.
    """
    keyed = keyed_runs(runs).drop_duplicates("experiment").set_index("experiment")
    members: dict[tuple[str, str], list[ExperimentPredictions]] = {}
    for before, after in baseline_pairs(runs, experiments):
        members.setdefault((before.experiment, keyed.loc[after.experiment, _ARM]), [before]).append(after)
    found: dict[Series, DoseResponse] = {}
    for (base, arm), doses in members.items():
        shares = [float(keyed.loc[one.experiment, _FRACTION]) for one in doses]
        found |= _responses(base, arm, doses, shares, attribute, cluster, replicates)
    return found


def dose_table(responses: Mapping[Series, DoseResponse]) -> pd.DataFrame:
    """Return one row per base, arm and metric.

    Columns: ``base, arm, metric``; the number of ``doses`` and ``seeds``; ``slope_points``, the change of the metric
    per 100 % added, with ``_low`` and ``_high``; ``p`` and ``p_holm``, over this table.
    """
    rows = [
        {
            "base": series.base, "arm": series.arm, "metric": series.metric, "doses": len(found.band),
            "seeds": found.seeds, "slope_points": found.slope, "slope_points_low": found.low,
            "slope_points_high": found.high, "p": found.p,
        }
        for series, found in responses.items()
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    table["p_holm"] = holm(table["p"])
    return table


def _responses(
    base: str, arm: str, doses: list[ExperimentPredictions], shares: list[float], attribute: Attribute, cluster: str,
    replicates: int,
) -> dict[Series, DoseResponse]:  # fmt: skip
    samples, group = doses[0].samples, doses[0].group(attribute)
    # Runs are drawn together, in whole blocks: crossed clusters cannot be.
    clusters = replace(clusters_of(samples, cluster), crossed=None)
    counts = unit_counts(samples, group, clusters)["clusters"]
    drawn: list[Replicates] = []
    rows = []
    for tested, share in zip(doses, shares, strict=True):
        # By number, not by position: a seed that one dose lacks must not shift the others.
        for seed, y_pred in zip(tested.seeds or range(len(tested.y_pred)), tested.y_pred, strict=True):
            by = {"sensitive_features": group, "clusters": clusters.ids}
            drawn.append(bootstrap_metrics(tested.y_true, y_pred, **by, n_resamples=replicates))
            rows.append({"dose": share, "seed": seed})
    table = pd.DataFrame(rows)
    found = {}
    for name, count in counts.items():
        values = np.array([one.estimate.loc[name, "accuracy"] for one in drawn]) * PERCENT
        each = np.stack([one.of("accuracy", str(name)) for one in drawn]) * PERCENT
        series = Series(base, arm, "accuracy" if name == "all" else f"accuracy/{name}")
        by_dose = table.assign(value=values)
        found[series] = dose_response(by_dose, replicates=each, n_clusters=int(count), bounds=(0.0, PERCENT))
    groups = counts.drop(index="all")
    for metric in _OVER if len(groups) > 1 else ():
        scale = scale_of(metric)
        values = np.array([one.summary[metric] for one in drawn]) * scale
        over = np.stack([one.of(metric) for one in drawn]) * scale
        most = scale * (largest_std(len(groups)) if metric == "accuracy_std" else 1.0)
        found[Series(base, arm, metric)] = dose_response(
            table.assign(value=values), replicates=over, n_clusters=int(groups.min()), bounds=(0.0, most)
        )
    return found
