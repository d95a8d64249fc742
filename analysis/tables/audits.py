"""Audits as tables: what test and training share, annotators, likely label errors, lost rows counted as wrong."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.experiments.runs_by_experiment import PERCENT
from analysis.experiments.seeds import ExperimentPredictions
from analysis.tables.columns import HIGH, LOW, companion
from fer.data.attributes import RACE, Attribute
from fer.data.samples import CLUSTER_COLUMNS
from fer.data.votes import vote_counts
from fer.errors import InputError
from fer.evaluation.audits.label_errors import accuracy_without, likely_label_errors
from fer.evaluation.independent_units import clusters_of
from fer.fairness.annotators import agreement_by_group
from fer.fairness.end_to_end import end_to_end_accuracy
from fer.fairness.leakage import SHARED, UNSEEN, seen_in_training, shared_ids
from fer.sentinels import AUTO


def overlap_table(experiments: Sequence[ExperimentPredictions], training: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the overlap of each experiment's test with its training: one row per experiment and kind of id.

    ``training`` maps experiments to the samples that they were trained on; those that it lacks have no row. Columns:
    ``id`` (person, clip, video), how many of them are ``in_test`` and ``also_in_training``, the ``faces`` of these, and
    the accuracy on their faces (``accuracy_shared_percent``) and on the rest (``accuracy_unseen_percent``), means over
    seeds; NaN without a face.
    """
    rows = []
    for tested in experiments:
        if tested.experiment not in training:
            continue
        train = training[tested.experiment]
        right = pd.Series((tested.y_pred == tested.y_true).mean(axis=0) * PERCENT)
        for column, counts in shared_ids(train, tested.samples, CLUSTER_COLUMNS).iterrows():
            seen = seen_in_training(train, tested.samples, str(column))
            rows.append(
                {
                    "experiment": tested.experiment, "id": column, "in_test": counts["test"],
                    "also_in_training": counts["shared"], "faces": counts["shared_samples"],
                    "accuracy_shared_percent": right[(seen == SHARED).to_numpy(dtype=bool)].mean(),
                    "accuracy_unseen_percent": right[(seen == UNSEEN).to_numpy(dtype=bool)].mean(),
                }
            )  # fmt: skip
    table = pd.DataFrame(rows)
    return table.astype(dict.fromkeys(["in_test", "also_in_training", "faces"], int)) if rows else table


def annotator_table(samples: pd.DataFrame, attribute: Attribute = RACE) -> pd.DataFrame:
    """Return the agreement of the faces' annotators: one row per group, ``all`` first.

    Columns: ``group``; ``faces`` with two votes or more; ``pairs_agree_percent``: of two annotators;
    ``ceiling_percent``: one vote against the majority of the others (ties broken at random), an estimate of human
    accuracy; ``alpha``: Krippendorff's, 1 at most. Without the attribute, ``all`` is the only row. Raises InputError
    for a dataset without votes.
    """
    votes = vote_counts(samples)
    if votes is None:
        raise InputError("the dataset has no annotators' votes; their agreement is not known.")
    found = agreement_by_group(votes.to_numpy(), sensitive_features=_groups_of(samples, attribute))
    table = pd.DataFrame({"faces": found["samples"]})
    table["pairs_agree_percent"] = found["pair_agreement"] * PERCENT
    table["ceiling_percent"] = found["ceiling"] * PERCENT
    return table.assign(alpha=found["alpha"]).reset_index()


def label_error_table(
    experiments: Sequence[ExperimentPredictions], attribute: Attribute = RACE, cluster: str = AUTO
) -> pd.DataFrame:
    """Return accuracy with and without the labels that are likely wrong: one row per experiment and group.

    By the first seed of each experiment, see :func:`fer.evaluation.audits.label_errors.accuracy_without`. Columns:
    ``experiment, group, faces, flagged``, ``flagged_percent``, ``accuracy_percent``, ``accuracy_not_flagged_percent``
    with ``low`` and ``high`` of its 95 % interval. No row of an experiment that the audit says nothing about.
    """
    tables = {}
    for tested in experiments:
        predictions = tested.samples.reset_index(drop=True)
        flagged = likely_label_errors(predictions)
        if flagged is None:
            continue
        names = _groups_of(predictions, attribute)
        groups = sorted(names.dropna().unique())
        clusters = clusters_of(predictions, cluster)
        tables[tested.experiment] = accuracy_without(predictions, flagged, names, groups, clusters)
    if not tables:
        return pd.DataFrame()
    table = pd.concat(tables, names=["experiment"]).reset_index()
    kept = "accuracy_not_flagged_percent"
    shares = {"flagged_share": "flagged_percent", "accuracy": "accuracy_percent", "accuracy_not_flagged": kept}
    shares |= {"low": companion(kept, LOW), "high": companion(kept, HIGH)}
    table[list(shares)] *= PERCENT
    return table.rename(columns=shares).drop(columns="method")


def _groups_of(samples: pd.DataFrame, attribute: Attribute) -> pd.Series:
    """Return the groups of n faces, (n,); null where their table does not have the attribute."""
    known = attribute.known_in(samples)
    return attribute.groups(samples, "the dataset") if known else pd.Series([None] * len(samples), dtype="str")


def end_to_end_table(
    experiments: Sequence[ExperimentPredictions], lost: pd.DataFrame, attribute: Attribute = RACE
) -> pd.DataFrame:
    """Return accuracy with the lost rows counted as wrong: one row per experiment and group, ``all`` first.

    ``lost`` are the rows of the tested split that gave no face; those whose group is not known count in ``all``.
    Columns: ``experiment, group``, faces ``found`` and rows ``lost``, ``share_lost_percent``, ``accuracy_percent`` (of
    the faces found) and ``end_to_end_percent``; means over seeds.
    """
    known = attribute.known_in(lost) and len(lost) > 0
    missing = attribute.groups(lost, "the lost rows") if known else pd.Series([None] * len(lost), dtype="str")
    tables = {}
    for tested in experiments:
        by = {"sensitive_features": tested.group(attribute), "lost_sensitive_features": missing}
        seeds = [end_to_end_accuracy(tested.y_true, y_pred, **by) for y_pred in tested.y_pred]
        table = seeds[0].copy()
        for name in ("accuracy", "end_to_end_accuracy"):
            table[name] = np.mean([one[name] for one in seeds], axis=0)
        tables[tested.experiment] = table
    whole = pd.concat(tables, names=["experiment"]).reset_index()
    shares = {
        "share_lost": "share_lost_percent",
        "accuracy": "accuracy_percent",
        "end_to_end_accuracy": "end_to_end_percent",
    }
    whole[list(shares)] = whole[list(shares)] * PERCENT
    return whole.rename(columns=shares)
