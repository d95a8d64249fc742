"""Audit the labels of a test set: which are likely wrong, and how much of a gap between groups may be label noise.

Confident learning (Northcutt, Jiang and Chuang 2021, "Confident learning: estimating uncertainty in dataset labels",
Journal of Artificial Intelligence Research 70, https://arxiv.org/abs/1911.00068), as cleanlab has it, compares each
label with probabilities of a model that was not trained on it. The threshold t_j of an emotion is the mean probability
that the model gives it on the faces labelled so. A face labelled i is counted as truly j where the probability of j is
at least t_j (and the largest of those that are); these counts, scaled to the sizes of the classes, estimate how many
labels i are truly j. A label is flagged if it is counted as another one and if it is also among as many of its class,
those with the lowest probability of their label or the largest margin of another one, as that estimate says are wrong
(``filter_by="both"``).

The flags follow the model: an error that it makes with certainty is flagged like a wrong label. Accuracy on the faces
that are not flagged is therefore too high, and by how much a gap between groups narrows on them is a bound: as far as
wrong labels are flagged, label noise explains no more of it. Where the faces have votes of five annotators or more,
the votes say how many of the flagged labels are wrong.
"""

import warnings
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from cleanlab.filter import find_label_issues
from statsmodels.stats.proportion import proportion_confint

from fer.data.attributes import ALL, Attribute
from fer.data.samples import OTHER_VOTES
from fer.data.vote_rules import PANEL, majority
from fer.data.votes import vote_counts
from fer.evaluation.audits.audit_result import AuditResult
from fer.evaluation.independent_units import Clusters
from fer.evaluation.predictions import arrays_of, probability_of, vocabulary_of
from fer.evaluation.uncertainty import accuracy_by_group
from fer.text.name_parts import metric_part

# With fewer faces, the thresholds of the emotions are those of a handful of faces each.
FEWEST_FACES = 100
# A model that errs more often says more of itself than of the labels.
LEAST_ACCURACY = 0.5


def likely_label_errors(predictions: pd.DataFrame) -> np.ndarray | None:
    """Return which labels are likely wrong, bool (n,), by the probabilities of a model not trained on these faces.

    ``predictions`` is a predictions table of n rows. None without probabilities, for fewer than :data:`FEWEST_FACES`
    faces, for faces of one emotion, and for an accuracy below :data:`LEAST_ACCURACY`.
    """
    y_true, y_pred, proba = arrays_of(predictions)
    if proba is None or len(y_true) < FEWEST_FACES or len(np.unique(y_true)) < 2:
        return None
    if (y_true == y_pred).mean() < LEAST_ACCURACY:
        return None
    with warnings.catch_warnings():
        # An emotion that no face shows has no label that could be wrong.
        warnings.filterwarnings("ignore", message="May not flag all label issues")
        # One process: on a few thousand faces, several would take longer to start than to count.
        return np.asarray(find_label_issues(y_true, proba, filter_by="both", n_jobs=1), dtype=bool)


def audit_label_errors(
    samples: pd.DataFrame,
    predictions: pd.DataFrame,
    groups: Mapping[Attribute, Sequence[str]],
    clusters: Clusters,
) -> AuditResult:
    """Audit the labels of n test faces; nothing where :func:`likely_label_errors` says nothing.

    ``samples``, ``predictions`` and ``clusters`` have n rows in one order. Tables: ``label_errors``, the flagged faces,
    the least probable label first (``sample_id, label, predicted, p_label, p_predicted``, probabilities 0..1);
    ``label_errors_<attribute>``, see :func:`accuracy_without`; and, where faces have the votes of a panel,
    ``label_errors_by_votes``, see :func:`against_votes`.
    """
    flagged = likely_label_errors(predictions)
    if flagged is None:
        return AuditResult()
    metrics = {"label_errors/share": float(flagged.mean())}
    found = AuditResult({"label_errors": _flagged(predictions, flagged)}, metrics)
    for attribute, names in groups.items():
        found |= _by_group(predictions, flagged, attribute, names, clusters)
    return found | _by_votes(samples, predictions, flagged)


def accuracy_without(
    predictions: pd.DataFrame, flagged: np.ndarray, names: pd.Series, groups: Sequence[str], clusters: Clusters
) -> pd.DataFrame:
    """Return accuracy on all faces and on those whose label is not flagged: one row per group, ``all`` first.

    Columns: ``faces``; ``flagged`` (their number) and ``flagged_share`` (0..1); ``accuracy`` of all faces; and
    ``accuracy_not_flagged`` with ``low``, ``high`` and ``method`` of its 95 % interval, clusters resampled. A share of
    no face is NaN.
    """
    kept = ~flagged
    right = (predictions["label"] == predictions["predicted"]).to_numpy()
    rows = {}
    for name in (ALL, *groups):
        mine = np.ones(len(right), dtype=bool) if name == ALL else names.eq(name).to_numpy(dtype=bool, na_value=False)
        count = int(mine.sum())
        rows[name] = {
            "faces": count,
            "flagged": int((mine & flagged).sum()),
            "flagged_share": float(flagged[mine].mean()) if count else np.nan,
            "accuracy": float(right[mine].mean()) if count else np.nan,
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("group")
    left = accuracy_by_group(
        predictions[kept].reset_index(drop=True), names[kept].reset_index(drop=True), clusters.where(kept), list(groups)
    )
    columns = {"accuracy": "accuracy_not_flagged", "low": "low", "high": "high", "method": "method"}
    return table.join(left[list(columns)].rename(columns=columns))


def against_votes(labels: pd.Series, votes: np.ndarray, flagged: np.ndarray) -> pd.DataFrame | None:
    """Return how the flags of n labels agree with the votes of the same faces; None without a panel.

    A label counts as wrong by the votes where more than half of at least five votes are for something else
    (:func:`fer.data.vote_rules.majority`); faces without a majority are left out. ``votes``: int (n, k), the first
    columns in the order of the labels' codes; ``labels``: codes (n,). Rows ``wrong`` (share of all labels that are
    wrong), ``precision`` (share of the flagged ones that are wrong) and ``recall`` (share of the wrong ones that are
    flagged), with ``estimate``, Wilson's 95 % interval ``low`` and ``high`` (0..1; NaN of no face), and ``faces``, of
    how many it is a share.
    """
    first = np.where(votes.sum(axis=1) >= PANEL, majority(votes), -1)
    known = first >= 0
    if not known.any():
        return None
    wrong = known & (first != labels.to_numpy())
    shares = {"wrong": (wrong, known), "precision": (wrong, known & flagged), "recall": (flagged, wrong)}
    rows = {}
    for name, (hits, of) in shares.items():
        count, total = int((hits & of).sum()), int(of.sum())
        low, high = proportion_confint(count, total, method="wilson") if total else (np.nan, np.nan)
        rows[name] = {"estimate": count / total if total else np.nan, "low": low, "high": high, "faces": total}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("share")


def _flagged(predictions: pd.DataFrame, flagged: np.ndarray) -> pd.DataFrame:
    rows = np.arange(len(predictions))
    emotions = pd.Index(vocabulary_of(predictions))
    proba = predictions[[probability_of(emotion) for emotion in emotions]].to_numpy()
    of = {name: proba[rows, emotions.get_indexer(predictions[name])] for name in ("label", "predicted")}
    table = predictions[["sample_id", "label", "predicted"]].assign(p_label=of["label"], p_predicted=of["predicted"])
    return table[flagged].sort_values("p_label", kind="stable", ignore_index=True)


def _by_group(
    predictions: pd.DataFrame, flagged: np.ndarray, attribute: Attribute, groups: Sequence[str], clusters: Clusters
) -> AuditResult:
    names = attribute.groups(predictions)
    table = accuracy_without(predictions, flagged, names.where(names.isin(list(groups))), groups, clusters)
    slug = attribute.slug
    metrics = {
        f"{slug}/accuracy_not_flagged/{metric_part(str(group))}": value
        for group, value in table["accuracy_not_flagged"].items()
    }
    return AuditResult({f"label_errors_{slug}": table}, metrics)


def gap_sentence(table: pd.DataFrame, attribute: str) -> str:
    """Return what the table of :func:`accuracy_without` says of the gap between groups; empty if it says nothing."""
    by = table.drop(index=ALL)
    gaps = [float(by[name].max() - by[name].min()) for name in ("accuracy", "accuracy_not_flagged")]
    if not table["flagged"].any() or len(by) < 2 or not np.isfinite(gaps).all():
        return ""
    before, after = (f"{100 * gap:.1f}" for gap in gaps)
    found = (
        f"Accuracy differs by up to {before} points between the groups of {attribute}, and by {after} without the "
        "labels that are likely wrong: "
    )
    if gaps[1] < gaps[0]:
        return f"{found}at most the difference may be label noise, or errors that the model makes with certainty."
    return f"{found}these do not explain it."


def _by_votes(samples: pd.DataFrame, predictions: pd.DataFrame, flagged: np.ndarray) -> AuditResult:
    counted = vote_counts(samples)
    if counted is None:
        return AuditResult()
    named = [f"votes_{emotion}" for emotion in vocabulary_of(predictions)]
    others = [name for name in counted if name not in named]
    columns = [counted[name] if name in counted else pd.Series(0, counted.index) for name in (*named, *others)]
    columns += [samples[name].fillna(0).astype("int64") for name in OTHER_VOTES if name in samples]
    labels = pd.Series(arrays_of(predictions)[0])
    table = against_votes(labels, np.column_stack(columns), flagged)
    if table is None or not (table.loc["wrong", "estimate"] > 0):
        return AuditResult()
    metrics = {f"label_errors/{name}": float(value) for name, value in table["estimate"].dropna().items()}
    return AuditResult({"label_errors_by_votes": table.reset_index()}, metrics)
