"""Evaluate a model on a split of a dataset, overall and per group.

No server is needed. With a classifier, which is a function of faces, and a dataset::

    test = evaluation_set(dataset, "test", ["race", "race*gender"])
    write_record(evaluation_record(evaluate(classifier, test)), folder)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from fer.data.attributes import Attribute, parse_attributes
from fer.data.dataset import FaceDataset
from fer.data.emotions import EMOTIONS
from fer.data.group_limits import check_group_count
from fer.errors import InputError
from fer.evaluation.audits import (
    AuditResult,
    Overlap,
    audit_annotators,
    audit_content,
    audit_label_errors,
    audit_overlap,
)
from fer.evaluation.given_predictions import GivenPredictions
from fer.evaluation.independent_units import Clusters, clusters_of
from fer.evaluation.metrics import GroupResult, by_group
from fer.evaluation.perturbations import perturbations_named
from fer.evaluation.predictions import Predict, predict
from fer.evaluation.robustness import robustness_by_attribute
from fer.evaluation.sentences import one_answer, warnings_of
from fer.evaluation.uncertainty import Uncertainty, measure
from fer.sentinels import AUTO

NOT_GIVEN = "they were not given."


@dataclass(frozen=True)
class EvaluationSet:
    """A split of a dataset on which a model is evaluated.

    Attributes:
        faces: the n samples of one split.
        split: its name.
        groups: by attribute, the groups to report, in order; a group may have no samples.
        clusters: the clusters of the n samples, which the bootstrap resamples.

    """

    faces: FaceDataset
    split: str
    groups: Mapping[Attribute, Sequence[str]]
    clusters: Clusters

    @property
    def title(self) -> str:
        """The dataset's name and the split."""
        return f"{self.faces.name}, {self.split}"


@dataclass(frozen=True)
class Evaluation:
    """The evaluation of a model on an evaluation set.

    Attributes:
        test: the evaluation set, n samples.
        predictions: n rows, see :func:`fer.evaluation.predictions.predict`.
        results: per-group metrics, by attribute.
        known: their uncertainty, by attribute in the same order.
        overlap: what the evaluation set shares with the model's training data.
        content: the audit of the evaluation set's content: groups, classes, annotators, lost rows.
        robustness: accuracy on corrupted faces, see :func:`fer.evaluation.robustness.robustness_by_attribute`; None if
            it was not requested.
        remarks: further sentences that readers need to know, such as about a table of predictions.

    """

    test: EvaluationSet
    predictions: pd.DataFrame
    results: Sequence[GroupResult]
    known: Sequence[Uncertainty]
    overlap: Overlap
    content: AuditResult
    robustness: pd.DataFrame | None = None
    remarks: Sequence[str] = ()

    @property
    def warnings(self) -> list[str]:
        """Warnings for readers of the metrics: one answer for all, the most serious audit, small groups, the rest."""
        audited = [*self.overlap.result.sentences, *self.content.sentences]
        thin = [warning for known in self.known for warning in warnings_of(known, self.test.clusters, self.predictions)]
        first = [*one_answer(self.predictions), *self.remarks, *audited[:1]]
        return list(dict.fromkeys([*first, *thin, *audited[1:]]))


def evaluation_set(
    dataset: FaceDataset,
    split: str = "test",
    attributes: Sequence[Attribute | str] = (),
    groups: Sequence[str] | None = None,
    cluster: str = AUTO,
) -> EvaluationSet:
    """Return a split of a dataset, with the groups and clusters for its evaluation.

    Args:
        dataset: all of its splits.
        split: train, validation or test.
        attributes: attributes to report by group. The groups of each are those of the whole dataset, so a group without
            samples in the split has a count of 0. None: nothing is reported by group.
        groups: restricts the report to these groups of the first attribute, in this order.
        cluster: the unit that the bootstrap resamples, see :func:`fer.evaluation.independent_units.clusters_of`.

    Raises InputError for a split, attribute or cluster that the dataset does not have, for groups without an attribute,
    for an attribute with too many groups (:func:`fer.data.group_limits.check_group_count`), and for a requested group
    that has no samples in the split.

    """
    by = parse_attributes(attributes)
    if groups and not by:
        raise InputError(f"groups {', '.join(groups)} without an attribute; name the attribute that they belong to.")
    for attribute in by:
        attribute.groups(dataset.samples, f"dataset {dataset.name}")
    faces = dataset.split(split)
    for place, attribute in enumerate(by):
        if place or groups is None:
            here = attribute.groups(dataset.samples)[(dataset.samples["split"] == split).to_numpy()]
            check_group_count(here, attribute, f"the {split} split of {dataset.name}")
    clusters = clusters_of(faces.samples, cluster, f"the {split} split of {dataset.name}")
    wanted = {
        attribute: _groups(dataset, faces, attribute, groups if place == 0 else None)
        for place, attribute in enumerate(by)
    }
    return EvaluationSet(faces, split, wanted, clusters)


def evaluate(
    model: Predict,
    test: EvaluationSet,
    emotions: Sequence[str] = EMOTIONS,
    training: Sequence[FaceDataset] = (),
    training_unknown: str = NOT_GIVEN,
    robustness: Sequence[str] = (),
) -> Evaluation:
    """Evaluate a model on an evaluation set.

    Args:
        model: maps uint8 faces ``(b, h, w, c)`` to probabilities ``(b, len(emotions))``.
        test: see :func:`evaluation_set`.
        emotions: the label vocabulary, in the order of the model's outputs.
        training: the datasets that the model was trained on, to audit what the evaluation set shares with them.
        training_unknown: the reason why they are not given, as the end of a sentence.
        robustness: kinds of corruption, see :func:`fer.evaluation.perturbations.perturbations_named`; each
            adds five predictions per face.

    A model may know more emotions than the faces show: its answers count as they are, so one of an emotion that no face
    shows is wrong. Raises InputError for unknown kinds of corruption, for a model whose outputs do not match
    ``emotions``, and for faces with an emotion that the model does not know.

    """
    kinds = perturbations_named(robustness)
    _refuse_unknown_emotions(test, emotions)
    predictions = predict(model, test.faces, emotions)
    if training:
        overlap = audit_overlap(training, test.faces, predictions, list(test.groups), test.clusters)
    else:
        overlap = Overlap.unknown(training_unknown)
    corrupted = (
        robustness_by_attribute(model, test.faces, kinds, emotions, predictions, test.groups, test.clusters)
        if kinds
        else None
    )
    return _evaluation(test, predictions, overlap, corrupted)


def _refuse_unknown_emotions(test: EvaluationSet, emotions: Sequence[str]) -> None:
    counts = test.faces.samples["label"].value_counts()
    for emotion in counts.index.difference(list(emotions)):
        raise InputError(
            f"{counts[emotion]:,} faces of {test.title} show {emotion}, which the model cannot answer (it knows "
            f"{', '.join(emotions)}); test it on a dataset that was made with emotions={','.join(emotions)}."
        )


def evaluate_given(given: GivenPredictions, test: EvaluationSet) -> Evaluation:
    """Evaluate predictions that were made elsewhere.

    ``test`` is :func:`evaluation_set` of the dataset that :func:`~fer.evaluation.given_predictions.as_dataset` or
    :func:`~fer.evaluation.given_predictions.joined_to` returned for them. What their model was trained on is not known.
    """
    overlap = Overlap.unknown("the predictions come from a table.")
    return _evaluation(test, given.table(test.faces), overlap, remarks=given.remarks)


def _evaluation(
    test: EvaluationSet,
    predictions: pd.DataFrame,
    overlap: Overlap,
    corrupted: pd.DataFrame | None = None,
    remarks: Sequence[str] = (),
) -> Evaluation:
    results = [by_group(predictions, name, groups, test.clusters.ids) for name, groups in test.groups.items()]
    known = [measure(predictions, name, groups, test.clusters) for name, groups in test.groups.items()]
    content = AuditResult()
    for attribute, groups in test.groups.items():
        content |= audit_content(test.faces, test.split, predictions, attribute, groups)
    if not test.groups:
        content |= audit_annotators(test.faces.samples)
    content |= audit_label_errors(test.faces.samples, predictions, test.groups, test.clusters)
    return Evaluation(test, predictions, results, known, overlap, content, corrupted, remarks)


def _groups(dataset: FaceDataset, part: FaceDataset, attribute: Attribute, asked: Sequence[str] | None) -> list[str]:
    here = attribute.groups(part.samples, f"the split of {dataset.name}").dropna()
    for group in asked or ():
        if not (here == group).any():
            has = ", ".join(sorted(here.unique()))
            raise InputError(
                f"group {group!r} of {attribute} has no samples in this split of {dataset.name} (it has: {has}); "
                "leave it out of groups=."
            )
    if asked:
        return list(dict.fromkeys(asked))
    return sorted(attribute.groups(dataset.samples).dropna().unique())
