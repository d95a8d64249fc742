"""Audit the content of a test set: group shares, associations with other columns, annotators, lost rows."""

from collections.abc import Sequence

import pandas as pd

from fer.data.attributes import Attribute
from fer.data.dataset import FaceDataset
from fer.data.lost import without_answer
from fer.data.samples import CLUSTER_COLUMNS
from fer.data.votes import vote_counts
from fer.errors import InputError
from fer.evaluation.audits.audit_result import AuditResult
from fer.fairness.annotators import agreement_by_group
from fer.fairness.association import association_table, effective_groups, representation
from fer.fairness.end_to_end import end_to_end_accuracy
from fer.text.name_parts import metric_part

_WITH = ("label", *CLUSTER_COLUMNS, "source")


def audit_content(
    test: FaceDataset, split: str, predictions: pd.DataFrame, attribute: Attribute, groups: Sequence[str]
) -> AuditResult:
    """Audit the content of a test set of n faces by one attribute.

    ``predictions`` has n rows in the order of the faces. Tables, each named by the attribute: ``representation``,
    ``association``, ``annotators`` (where faces have several votes) and ``end_to_end`` (where rows of the split gave no
    face; see :func:`fer.data.lost.without_answer`).
    """
    samples = test.samples
    names = attribute.groups(samples)
    text, slug = str(attribute), attribute.slug
    shares = representation(names)
    linked = association_table(samples.assign(**{text: names}), text, _WITH)
    tables = {f"representation_{slug}": shares, f"association_{slug}": linked}
    metrics = {f"{slug}/effective_groups": effective_groups(names)}
    metrics |= {f"{slug}/cramers_v/{other}": value for other, value in linked["cramers_v"].items()}
    found = AuditResult(tables, metrics)
    return found | _annotators(samples, names, groups, slug) | _end_to_end(test, split, predictions, attribute, groups)


def audit_annotators(samples: pd.DataFrame) -> AuditResult:
    """Return the agreement of the annotators of n faces without groups: the table ``annotators``, of one row ``all``.

    Nothing where no face has several votes. By group it is a part of :func:`audit_content`.
    """
    nobody = pd.Series([None] * len(samples), dtype="str")
    return _annotators(samples, nobody, [], "")


def _annotators(samples: pd.DataFrame, names: pd.Series, groups: Sequence[str], slug: str) -> AuditResult:
    votes = vote_counts(samples)
    if votes is None:
        return AuditResult()
    table = agreement_by_group(votes.to_numpy(), sensitive_features=names, groups=groups)
    if not table.loc["all", "samples"]:
        return AuditResult()
    place, file = (f"{slug}/", f"annotators_{slug}") if slug else ("", "annotators")
    metrics = {f"{place}human_ceiling/{metric_part(group)}": value for group, value in table["ceiling"].items()}
    metrics |= {f"{place}alpha/{metric_part(group)}": value for group, value in table["alpha"].items()}
    return AuditResult({file: table}, metrics)


def _end_to_end(
    test: FaceDataset, split: str, predictions: pd.DataFrame, attribute: Attribute, groups: Sequence[str]
) -> AuditResult:
    lost = without_answer(test.lost[test.lost["split"] == split])
    if lost.empty:
        return AuditResult()
    try:
        missing = attribute.groups(lost)
    except InputError:  # The group of the lost rows is unknown: they count in "all" only.
        missing = pd.Series([None] * len(lost), dtype="str")
    table = end_to_end_accuracy(
        predictions["label"],
        predictions["predicted"],
        sensitive_features=attribute.groups(predictions),
        lost_sensitive_features=missing,
        groups=groups,
    )
    slug = attribute.slug
    values = table["end_to_end_accuracy"]
    metrics = {f"{slug}/end_to_end_accuracy/{metric_part(group)}": value for group, value in values.items()}
    whole = table.loc["all"]
    sentence = (
        f"{int(whole['lost'])} row{'s' if whole['lost'] != 1 else ''} of the split gave no face: counted as wrong "
        f"answers, accuracy is {whole['end_to_end_accuracy']:.1%}, not {whole['accuracy']:.1%}."
    )
    return AuditResult({f"end_to_end_{slug}": table}, metrics, [sentence])
