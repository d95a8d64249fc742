"""Audits as tables: what test and training share, how far annotators agree, accuracy with the lost rows as wrong."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.experiments.runs_by_experiment import PERCENT
from analysis.experiments.seeds import Repetitions
from fer.data.attributes import RACE, Attribute
from fer.data.samples import CLUSTER_COLUMNS, VOTES
from fer.errors import InputError
from fer.fairness.annotators import agreement_by_group
from fer.fairness.end_to_end import end_to_end_accuracy
from fer.fairness.leakage import SHARED, UNSEEN, seen_in_training, shared_ids


def overlap_table(trials: Sequence[Repetitions], training: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what each experiment's test shares with its training: one row an experiment and kind of id.

    ``training`` maps experiments to the samples that they were trained on; those that it lacks have no row. Columns:
    ``id`` (person, clip, video), ``in test``, ``also in training``, ``faces`` of these, and the accuracy in percent on
    their faces (``accuracy shared``) and on the rest (``accuracy unseen``), means over seeds; NaN without a face.
    """
    rows = []
    for trial in trials:
        if trial.experiment not in training:
            continue
        train = training[trial.experiment]
        right = pd.Series((trial.y_pred == trial.y_true).mean(axis=0) * PERCENT)
        for column, counts in shared_ids(train, trial.samples, CLUSTER_COLUMNS).iterrows():
            seen = seen_in_training(train, trial.samples, str(column))
            rows.append(
                {
                    "experiment": trial.experiment, "id": column, "in test": counts["test"],
                    "also in training": counts["shared"], "faces": counts["shared_samples"],
                    "accuracy shared": right[(seen == SHARED).to_numpy(dtype=bool)].mean(),
                    "accuracy unseen": right[(seen == UNSEEN).to_numpy(dtype=bool)].mean(),
                }
            )  # fmt: skip
    table = pd.DataFrame(rows)
    return table.astype(dict.fromkeys(["in test", "also in training", "faces"], int)) if rows else table


def annotator_table(samples: pd.DataFrame, attribute: Attribute = RACE) -> pd.DataFrame:
    """Return how far the annotators of the faces agree, a row a group, ``all`` first, in percent but for ``alpha``.

    ``faces`` with two votes or more; ``pairs agree``: of two annotators; ``ceiling``: one vote against the majority of
    the others (ties by lot), what a human would score; ``alpha``: Krippendorff's, 1 at most. Raises InputError for a
    dataset without votes.
    """
    if not set(VOTES) <= set(samples):
        raise InputError("the dataset has no annotators' votes; their agreement is not known.")
    votes = samples[list(VOTES)].fillna(0).to_numpy(dtype=int)
    found = agreement_by_group(votes, sensitive_features=attribute.groups(samples, "the dataset"))
    table = pd.DataFrame({"faces": found["samples"]})
    table["pairs agree"], table["ceiling"] = found["pair_agreement"] * PERCENT, found["ceiling"] * PERCENT
    return table.assign(alpha=found["alpha"]).reset_index()


def end_to_end_table(trials: Sequence[Repetitions], lost: pd.DataFrame, attribute: Attribute = RACE) -> pd.DataFrame:
    """Return accuracy with the lost rows counted as wrong: one row an experiment and group, ``all`` first, in percent.

    ``lost`` are the rows of the tested split that gave no face; those whose group is not known count in ``all``.
    Columns ``found``, ``lost``, ``share lost``, ``accuracy``, ``end to end``; means over seeds.
    """
    known = attribute.known_in(lost) and len(lost) > 0
    missing = attribute.groups(lost, "the lost rows") if known else pd.Series([None] * len(lost), dtype="str")
    tables = {}
    for trial in trials:
        by = {"sensitive_features": trial.group(attribute), "lost_sensitive_features": missing}
        seeds = [end_to_end_accuracy(trial.y_true, y_pred, **by) for y_pred in trial.y_pred]
        table = seeds[0].copy()
        for name in ("accuracy", "end_to_end_accuracy"):
            table[name] = np.mean([one[name] for one in seeds], axis=0)
        tables[trial.experiment] = table
    whole = pd.concat(tables, names=["experiment"]).reset_index()
    shares = ["share_lost", "accuracy", "end_to_end_accuracy"]
    whole[shares] = whole[shares] * PERCENT
    return whole.rename(columns={"share_lost": "share lost", "end_to_end_accuracy": "end to end"})
