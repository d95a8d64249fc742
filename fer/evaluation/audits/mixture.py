"""Audit a mixture before training: what its splits and sources share, and which groups its training split contains."""

import pandas as pd

from fer.data.attributes import Attribute, groupable
from fer.data.dataset import FaceDataset
from fer.data.samples import CLUSTER_COLUMNS, GROUP_COLUMNS
from fer.evaluation.audits.audit_result import AuditResult
from fer.evaluation.audits.overlap import ID_NAMES, hashes_of
from fer.evaluation.uncertainty import slice_columns
from fer.fairness.association import association_table, effective_groups, representation
from fer.fairness.leakage import shared_between_splits
from fer.fairness.near_duplicates import BITS, THRESHOLD, near_duplicates_between

_WITH = ("label", *CLUSTER_COLUMNS, "source")
_LEARNT_FROM = "train"


def audit_mixture(dataset: FaceDataset) -> AuditResult:
    """Audit all splits of a dataset; every face is read once to compute its hash.

    Tables: ``shared_between_splits`` (persons, clips and videos that two splits have in common,
    :func:`fer.fairness.leakage.shared_between_splits`; absent without ids), ``near_duplicates`` (one row per pair
    of parts, where a part is the faces of one split and source), and ``representation_<column>`` and
    ``association_<column>`` of the training split, for race, gender, age group and, where they have 2 to 12 values,
    dataset, pose, origin and columns of the user's own. Metrics: ``near_duplicates/validation`` and
    ``near_duplicates/test`` (faces that have a near-duplicate in the training split) and
    ``<column>/effective_groups``. Near-duplicates of drawn faces are counted but have no sentence: they are alike by
    design.
    """
    samples = dataset.samples
    shared = shared_between_splits(samples).reset_index()
    hashes = hashes_of(dataset)
    twins = near_duplicates_between(hashes, samples["split"] + ", " + samples["source"]).reset_index()
    splits = near_duplicates_between(hashes, samples["split"])
    found = AuditResult({"near_duplicates": twins} | ({"shared_between_splits": shared} if len(shared) else {}))
    return found | _watched(splits, shared, dataset.drawn) | _who(samples[samples["split"] == _LEARNT_FROM])


def _watched(splits: pd.DataFrame, shared: pd.DataFrame, drawn: bool) -> AuditResult:
    """Return what validation and test have in common with training."""
    metrics, sentences = {}, []
    for (split, other), row in splits.iterrows():
        if other != _LEARNT_FROM:
            continue
        metrics[f"near_duplicates/{split}"] = float(row["near_duplicates"])
        if row["near_duplicates"] and not drawn:
            sentences.append(
                f"{row['near_duplicates']:.0f} of the {row['faces']:.0f} {split} faces have a near-duplicate in the "
                f"training split (of a perceptual hash at most {THRESHOLD} of {BITS} bits differ)."
            )
    for row in shared.to_dict("records"):
        if row["shared"]:
            named = f"{row['shared']} {ID_NAMES[row['column']]}" + ("s are" if row["shared"] > 1 else " is")
            sentences.append(f"{named} in both the {row['first']} and the {row['second']} split.")
    return AuditResult(metrics=metrics, sentences=sentences)


def _who(training: pd.DataFrame) -> AuditResult:
    """Return the group shares of the training split, and the association of groups with other columns."""
    found = AuditResult()
    for column in dict.fromkeys([*GROUP_COLUMNS, *slice_columns(training, groupable(training))]):
        if column not in training or training[column].isna().all():
            continue
        shares = representation(training[column])
        linked = association_table(training, column, _WITH)
        name = Attribute((column,)).slug
        tables = {f"representation_{name}": shares.reset_index(), f"association_{name}": linked.reset_index()}
        found |= AuditResult(tables, {f"{name}/effective_groups": effective_groups(training[column])})
    return found
