"""Dose-response: how accuracy and its disparity respond to the share added, by base and arm."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.experiments.runs_by_experiment import PERCENT, keyed_runs
from analysis.experiments.seeds import ExperimentPredictions
from analysis.tables.pairwise import baseline_pairs
from fer.data.attributes import RACE, Attribute
from fer.evaluation.independent_units import clusters_of
from fer.evaluation.predictions import vocabulary_of
from fer.fairness import DoseResponse, dose_response, holm
from fer.fairness.bootstrap import REPLICATES
from fer.fairness.cluster_sums import GroupSums, sum_groups
from fer.fairness.combined import Combined, Part, combine
from fer.fairness.definitions import largest_std
from fer.fairness.intervals import CONFIDENCE_LEVEL
from fer.fairness.joint_disparity import FIGURES, DrawnAccuracies
from fer.fairness.joint_errors import JointErrors, joint_errors
from fer.fairness.share_contrasts import share_contrast
from fer.sentinels import AUTO
from fer.tracking import names

# From the weights of runs and the variance over seeds to the interval of the weighted sum.
Interval = Callable[[np.ndarray, Sequence[Part]], Combined]

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
    ``accuracy_std``, ``accuracy_min`` and each group's accuracy; those over groups only where there are two. Intervals
    are those of :func:`fer.fairness.paired_comparison`, over all runs. Empty where no base has an addition.
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


def slopes_beside_changes(runs: pd.DataFrame, slopes: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    """Return each slope beside the single changes of the same metric: what is significant as one and not as the other.

    ``slopes`` is what :func:`dose_table` returns, ``changes`` what :func:`analysis.tables.pairwise.pairwise_table`
    does, each experiment against its base alone. Columns: ``base, arm, metric``; ``slope_p_holm``; ``changes``, the
    number of shares compared, and ``least_p_holm`` of them, NaN where none can be estimated. Slopes of metrics that
    ``changes`` does not have are left out.
    """
    arms = keyed_runs(runs).drop_duplicates("experiment").set_index("experiment")[_ARM]
    of = changes.assign(base=changes["baseline"], arm=changes["experiment"].map(arms))
    keys = ["base", "arm", "metric"]
    least = of.groupby(keys, sort=False)["p_holm"].agg(changes="size", least_p_holm="min").reset_index()
    return slopes[[*keys, "p_holm"]].rename(columns={"p_holm": "slope_p_holm"}).merge(least, on=keys)


def _responses(
    base: str, arm: str, doses: list[ExperimentPredictions], shares: list[float], attribute: Attribute, cluster: str,
    replicates: int,
) -> dict[Series, DoseResponse]:  # fmt: skip
    samples = doses[0].samples
    clusters, labels = clusters_of(samples, cluster).units, vocabulary_of(samples)
    by: dict[str, Any] = {"sensitive_features": doses[0].group(attribute), "clusters": clusters, "labels": labels}
    rows, sums = [], []
    for tested, share in zip(doses, shares, strict=True):
        for seed, y_pred in zip(tested.seeds or range(len(tested.y_pred)), tested.y_pred, strict=True):
            rows.append({"dose": share, "seed": seed})
            sums.append(sum_groups(tested.y_true, y_pred, **by))
    found = responses_by_metric(pd.DataFrame(rows), sums, replicates)
    return {Series(base, arm, metric): response for metric, response in found.items()}


def responses_by_metric(
    table: pd.DataFrame, sums: Sequence[GroupSums], replicates: int = REPLICATES
) -> dict[str, DoseResponse]:
    """Return the responses, as :func:`dose_responses`, of runs with a ``dose`` and a ``seed`` on the same samples.

    ``sums``: of each run's samples, :func:`fer.fairness.cluster_sums.sum_groups`.
    """
    errors = joint_errors(sums)
    drawn = DrawnAccuracies(errors, replicates, 0)
    found = {}
    for at, name in enumerate(sums[0].names):
        metric = "accuracy" if at == 0 else f"accuracy/{name}"
        found[metric] = _response(table, errors.estimate[:, at], _of_share(errors, table["dose"], at))
    groups = len(drawn.groups)
    for metric in _OVER if groups > 1 else ():
        most = largest_std(groups) if metric == "accuracy_std" else 1.0
        values = FIGURES[metric](drawn.accuracy)
        found[metric] = _response(table, values, _of_figure(drawn, metric, values), most)
    return found


def _response(table: pd.DataFrame, values: np.ndarray, interval_of: Interval, most: float = 1.0) -> DoseResponse:
    """Return the response in percent or points of ``values`` and intervals that are shares."""

    def in_percent(weights: np.ndarray, seeds: Sequence[Part]) -> Combined:
        shares = [Part(part.variance / PERCENT**2, part.degrees) for part in seeds]
        low, high, p = interval_of(weights, shares)
        return Combined(low * PERCENT, high * PERCENT, p)

    by_dose = table.assign(value=values * PERCENT)
    return dose_response(by_dose, interval_of=in_percent, bounds=(0.0, most * PERCENT))


def _of_share(errors: JointErrors, dose: pd.Series, at: int) -> Interval:
    """Return the interval of a weighted sum of one group's accuracies; weights are equal at equal doses."""
    amounts = dose.unique()
    at_dose = (dose.to_numpy() == amounts[:, None]).astype(float)
    means = errors.averaged(at_dose / at_dose.sum(axis=1, keepdims=True))
    place = np.eye(errors.estimate.shape[1])[at]

    def interval(weights: np.ndarray, seeds: Sequence[Part]) -> Combined:
        return share_contrast(means, np.outer(at_dose @ weights, place), CONFIDENCE_LEVEL, seeds)

    return interval


def _of_figure(drawn: DrawnAccuracies, metric: str, values: np.ndarray) -> Interval:
    def interval(weights: np.ndarray, seeds: Sequence[Part]) -> Combined:
        return combine(float(weights @ values), [drawn.part(metric, weights), *seeds], CONFIDENCE_LEVEL)

    return interval
