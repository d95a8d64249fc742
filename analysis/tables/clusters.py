"""Effective sample sizes of groups, and the effect of the choice of the cluster."""

from collections.abc import Iterable

import pandas as pd

from analysis.experiments.runs_by_experiment import PERCENT
from analysis.experiments.seeds import ExperimentPredictions
from analysis.tables.uncertainty import over_clusters
from fer.data.attributes import ALL, RACE, Attribute
from fer.data.samples import CLUSTER_COLUMNS
from fer.evaluation.independent_units import SAMPLE, clusters_of
from fer.fairness import effective_sample_size, group_intervals
from fer.fairness.bootstrap import REPLICATES
from fer.sentinels import AUTO


def effective_sample_sizes(
    experiments: Iterable[ExperimentPredictions], attribute: Attribute = RACE, cluster: str = AUTO
) -> pd.DataFrame:
    """Return the effective sample size of each group for its accuracy, for the first seed of each experiment.

    Columns: ``experiment, group``; the group's ``faces`` and ``clusters``; ``design_effect``, the ratio of the
    variances; ``effective_faces``, faces / design effect. NaN with one cluster.
    """

    def one(tested: ExperimentPredictions, _: dict) -> pd.DataFrame:
        by = {"sensitive_features": tested.group(attribute), "clusters": clusters_of(tested.samples, cluster).units}
        table = effective_sample_size(tested.y_true, tested.y_pred[0], **by).reset_index()
        return table.rename(columns={"samples": "faces", "effective": "effective_faces"})

    return over_clusters(experiments, attribute, cluster, one)


def cluster_choice_table(
    tested: ExperimentPredictions, attribute: Attribute = RACE, replicates: int = REPLICATES
) -> pd.DataFrame:
    """Return the effect of the choice of the cluster on the interval of an experiment's accuracy.

    One row per kind of cluster that the predictions have: ``cluster``, the number of ``clusters``, ``accuracy_percent``
    with ``_low`` and ``_high``, and ``width_points`` of the interval.
    """
    recorded = [name for name in CLUSTER_COLUMNS if name in tested.samples and tested.samples[name].notna().any()]
    rows = []
    for cluster in (AUTO, *recorded, SAMPLE):
        clusters = clusters_of(tested.samples, cluster)
        arrays = tested.stacked(attribute, clusters.units)
        found = group_intervals(**arrays, groups=[], n_resamples=replicates).loc[(ALL, "accuracy")]
        low, high = found["low"] * PERCENT, found["high"] * PERCENT
        rows.append(
            {
                "cluster": clusters.name,
                "clusters": found["clusters"],
                "accuracy_percent": found["estimate"] * PERCENT,
                "accuracy_percent_low": low,
                "accuracy_percent_high": high,
                "width_points": high - low,
            }
        )
    return pd.DataFrame(rows)
