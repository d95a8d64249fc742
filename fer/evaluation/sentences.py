"""Results in words, as in a paper: p-values, intervals, differences, and warnings about small groups.

An evaluation's description, the report, the comparison of two runs and the model card all use these sentences.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fer.data.attributes import ALL, EMOTION, Attribute
from fer.evaluation.independent_units import Clusters
from fer.evaluation.uncertainty import Uncertainty
from fer.fairness import FEW_CLUSTERS, PAIRS, STUDENTISED, effective_clusters

# Smaller p-values are printed as "< 0.001".
_LEAST_P = 0.001
_FEW_PERSONS = 2
_MOST_LISTED = 3
# Faces of an emotion that every group needs for the standardised accuracy, see fer.fairness.standardised_accuracy.
_ENOUGH = 5
# With fewer, simulated intervals were too wide: clusters with an error, and clusters in terms of equal ones.
_FEW_HOLDING, _FEW_EQUAL = 5, 4
_UNITS = ("faces", "persons", "clips")
POINTS = 100.0


def p_value(p: float) -> str:
    """Return "p = 0.041" or "p < 0.001"; "no p-value" for NaN."""
    if pd.isna(p):
        return "no p-value"
    return f"p < {_LEAST_P}" if p < _LEAST_P else f"p = {p:.3f}"


def confidence_interval(low: float, high: float, most: float = POINTS) -> str:
    """Return "95 % CI 25.5 to 54.8", with ends clipped to ±``most``; "no confidence interval" for NaN."""
    if pd.isna(low) or pd.isna(high):
        return "no confidence interval"
    return f"95 % CI {_one_digit(max(low, -most))} to {_one_digit(min(high, most))}"


def difference(
    metric: str, by: float, interval: tuple[float, float], p: float, first: str, second: str, correction: str = "Holm"
) -> str:
    """Return a sentence that states how much higher (or lower) a metric is ``first`` than ``second``.

    Args:
        metric: the metric in words, such as "accuracy".
        by: first minus second, in percentage points; not NaN.
        interval: the ends of its 95 % interval, in percentage points.
        p: p-value, corrected.
        first: with its preposition, such as "on black" or "with one + 50% two".
        second: as ``first``.
        correction: of the p-value.

    Example:
        >>> difference("accuracy", 41.0, (25.5, 54.8), 0.0002, "on a", "on b")
        'accuracy is 41.0 points higher on a than on b (95 % CI 25.5 to 54.8, Holm-corrected p < 0.001)'

    """
    low, high = interval if by >= 0 else (-interval[1], -interval[0])
    word = "higher" if by >= 0 else "lower"
    certainty = f"{confidence_interval(low, high)}, {correction}-corrected {p_value(p)}"
    return f"{metric} is {_one_digit(abs(by))} points {word} {first} than {second} ({certainty})"


def counted(count: int, thing: str) -> str:
    """Return "1 clip", "1,204 faces"."""
    return f"{count:,} {thing}{'s' if count != 1 else ''}"


def listed(words: Sequence[str]) -> str:
    """Return "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def rests_on(row: pd.Series) -> str:
    """Return the counts of a row of :func:`~fer.evaluation.independent_units.unit_counts` in words.

    For example "84 faces, 7 persons, 1 clip".
    """
    return ", ".join(counted(row[unit], unit[:-1]) for unit in _UNITS if unit in row)


def largest_gap(known: Uncertainty) -> str:
    """Return a sentence on the largest difference in accuracy between two groups, and on its significance.

    Groups with a single cluster take no part in the test, and of crossed clusters groups without an interval: they are
    named.
    """
    gap = known.disparity.loc["accuracy_gap"]
    if pd.isna(gap["estimate"]):
        return f"There are no two groups of {known.attribute} to compare."
    expected = gap["expected_under_no_difference"]
    expectation = "" if pd.isna(expected) else f" ({POINTS * expected:.1f} expected under no difference)"
    test = "it cannot be tested" if pd.isna(gap["p"]) else p_value(gap["p"])
    alone = [str(name) for name, row in known.counts.drop(index=ALL).iterrows() if row["clusters"] == 1]
    if gap["test"] == PAIRS:
        accuracy = known.of("accuracy").drop(index=ALL)
        alone = [str(name) for name in accuracy.index[accuracy["estimate"].notna() & accuracy["low"].isna()]]
    if alone and gap["test"] in (STUDENTISED, PAIRS):
        test += f", tested without {listed(alone)}"
    return (
        f"Largest difference in accuracy between groups of {known.attribute}: {POINTS * gap['estimate']:.1f} points"
        f"{expectation}; {test}."
    )


def one_answer(*predictions: pd.DataFrame, model: str = "The model") -> list[str]:
    """Return a warning if one of these predictions tables (of one model, by seed) holds a single answer; else nothing.

    ``model`` begins the sentence. A table of a single face says nothing.
    """
    alone = [table for table in predictions if len(table) > 1 and table["predicted"].nunique() == 1]
    if not alone:
        return []
    answers = listed(sorted({str(table["predicted"].iloc[0]) for table in alone}))
    seeds = "" if len(predictions) == 1 else f" in {len(alone)} of {counted(len(predictions), 'seed')}"
    return [
        f"{model} answers {answers} for all {counted(len(alone[0]), 'face')}{seeds}: differences between groups in "
        "rates of answers (demographic parity, equalized odds, recall) are then 0 and say nothing about fairness, and "
        "a group's accuracy is only its share of that emotion."
    ]


def warnings_of(known: Uncertainty, clusters: Clusters, predictions: pd.DataFrame) -> list[str]:
    """Return :func:`group_warnings` and :func:`few_errors` for the groups of the predictions."""
    return [
        *group_warnings(known.attribute, known.counts, clusters, predictions),
        *few_errors(known.attribute, known.counts, clusters, predictions),
    ]


def group_warnings(attribute: Attribute, counts: pd.DataFrame, clusters: Clusters, samples: pd.DataFrame) -> list[str]:
    """Return warnings about groups with too few independent faces or emotions, the most serious first.

    Named are groups with a single cluster, with fewer emotions than were tested, with few clusters or persons, and with
    clusters of very unequal size; and the case of a single group. ``counts`` is
    :func:`fer.evaluation.independent_units.unit_counts` of ``samples`` by ``attribute``; groups without faces are
    skipped.
    """
    groups = counts.drop(index=ALL)
    groups = groups[groups["faces"] > 0]
    effective = _effective_clusters(attribute, groups, clusters, samples)
    sentences = [
        *_single_clusters(attribute, groups, clusters),
        *([] if attribute.by_emotion else _few_emotions(attribute, groups, counts.loc[ALL, "emotions"], samples)),
        *_few_clusters(attribute, groups[(groups["clusters"] == 1) | effective.notna()]),
        *_unequal_clusters(attribute, groups, effective),
    ]
    if len(groups) == 1:
        sentences.append(f"All faces belong to one {_kind(attribute)} ({groups.index[0]}): others were not tested.")
    return sentences


def few_errors(attribute: Attribute, counts: pd.DataFrame, clusters: Clusters, *predictions: pd.DataFrame) -> list[str]:
    """Return a sentence on groups with errors, or with right answers, in so few clusters that intervals are too wide.

    ``predictions`` are tables of the same samples, one per model, and ``counts`` as in :func:`group_warnings`. Groups
    that are named there for their few clusters are not named again. In simulations, 95 % intervals of such groups cover
    98 to 100 %, and differences from them are found in less than half of the cases that the level allows.
    """
    if not predictions:
        return []
    known = counts.drop(index=ALL)
    enough = known.index[known["clusters"] >= FEW_CLUSTERS]
    group = attribute.groups(predictions[0])
    fewest: dict[str, list[int]] = {}
    for table in predictions:
        right = (table["label"] == table["predicted"]).to_numpy()
        for name in enough:
            member = (group == name).fillna(False).to_numpy()
            holding = min(_count(clusters.where(member & answers)) for answers in (right, ~right))
            if holding < _FEW_HOLDING:
                fewest.setdefault(str(name), []).append(holding)
    if not fewest:
        return []
    of = "" if len(predictions) == 1 else f", with {{}} of {counted(len(predictions), 'model')}"
    named = listed(
        [
            f"{name} (in {min(held)} of {counted(known.loc[name, 'clusters'], 'cluster')}{of.format(len(held))})"
            for name, held in fewest.items()
        ]
    )
    plural = "s" if len(fewest) > 1 else ""
    return [
        f"Errors, or right answers, on the {_kind(attribute)}{plural} {named} occur in fewer than {_FEW_HOLDING} "
        "clusters: intervals are wider than necessary, and only large differences would be detected."
    ]


def _single_clusters(attribute: Attribute, groups: pd.DataFrame, clusters: Clusters) -> list[str]:
    alone = groups[groups["clusters"] == 1]
    if alone.empty:
        return []
    named = listed([f"{name} ({rests_on(row)})" for name, row in alone.iterrows()])
    which = f"(clusters are {clusters.name})"
    if len(alone) == 1:
        return [
            f"The {_kind(attribute)} {named} is a single cluster {which}: neither its accuracy nor its difference from "
            "another group has a confidence interval."
        ]
    return [
        f"The {_kind(attribute)}s {named} are a single cluster each {which}: neither their accuracies nor their "
        "differences from other groups have confidence intervals."
    ]


def _few_emotions(attribute: Attribute, groups: pd.DataFrame, most: int, samples: pd.DataFrame) -> list[str]:
    partial = groups[groups["emotions"] < most]
    if partial.empty:
        return []
    names = attribute.groups(samples)
    shown = {name: sorted(samples.loc[(names == name).fillna(False), "label"].unique()) for name in partial.index}
    labels_of = {
        name: ", ".join(labels) if len(labels) <= _MOST_LISTED else len(labels) for name, labels in shown.items()
    }
    counts = pd.crosstab(names, samples["label"]).reindex(groups.index, fill_value=0)
    remedy = (
        f"The standardised accuracy compares groups on the emotions of which each has {_ENOUGH} faces or more."
        if (counts >= _ENOUGH).all().any()
        else f"There is no emotion of which each group has {_ENOUGH} faces: no figure compares them on the same."
    )
    if len(partial) > 1:
        named = listed([f"{name} ({emotions})" for name, emotions in labels_of.items()])
        return [
            f"The {_kind(attribute)}s {named} show fewer than the {most} emotions tested: their accuracies confound "
            f"group with emotion. {remedy}"
        ]
    name, row = partial.index[0], partial.iloc[0]
    which = f" ({labels_of[name]})" if len(shown[name]) <= _MOST_LISTED else ""
    return [
        f"The {_kind(attribute)} {name} ({rests_on(row)}) shows {row['emotions']} of the {most} emotions tested"
        f"{which}: its accuracy confounds group with emotion. {remedy}"
    ]


def _few_clusters(attribute: Attribute, groups: pd.DataFrame) -> list[str]:
    few = groups[groups["clusters"].between(2, FEW_CLUSTERS - 1)]
    sentences = []
    if len(few):
        named = listed([f"{name} ({counted(row['clusters'], 'cluster')})" for name, row in few.iterrows()])
        plural, have = ("s", "have") if len(few) > 1 else ("", "has")
        sentences.append(
            f"The {_kind(attribute)}{plural} {named} {have} fewer than {FEW_CLUSTERS} clusters: intervals are wide and "
            "approximate, and only large differences would be detected."
        )
    if "persons" in groups:
        sentences += [
            f"The {_kind(attribute)} {name} shows {counted(row['persons'], 'person')}: too few to speak for others."
            for name, row in groups[groups["clusters"] >= FEW_CLUSTERS].iterrows()
            if row["persons"] <= _FEW_PERSONS
        ]
    return sentences


def _effective_clusters(
    attribute: Attribute, groups: pd.DataFrame, clusters: Clusters, samples: pd.DataFrame
) -> pd.Series:
    """Return the effective number of clusters of each group, of crossed ones of the fewer kind; NaN below 1.5."""
    group = attribute.groups(samples)
    found = {}
    for name in groups.index:
        units = np.atleast_2d(clusters.where((group == name).fillna(False).to_numpy()).units.T)
        found[name] = np.min([effective_clusters(np.bincount(ids) / len(ids)) for ids in units])
    return pd.Series(found, index=groups.index, dtype=float)


def _unequal_clusters(attribute: Attribute, groups: pd.DataFrame, effective: pd.Series) -> list[str]:
    sentences = []
    for name, row in groups[groups["clusters"] > 1].iterrows():
        whose = f"The {_kind(attribute)} {name} has {counted(row['clusters'], 'cluster')}"
        if np.isnan(effective[name]):
            sentences.append(
                f"{whose}, one of which holds more than four fifths of its faces: neither its accuracy nor its "
                "difference from another group has a confidence interval."
            )
        elif effective[name] < _FEW_EQUAL and row["clusters"] >= FEW_CLUSTERS:
            sentences.append(
                f"{whose} of very unequal size, worth {effective[name]:.1f} equal ones: intervals are wide and "
                "approximate, and only large differences would be detected."
            )
    return sentences


def _count(clusters: Clusters) -> int:
    """Return the number of clusters; of crossed ones, of the fewer kind."""
    return min(len(np.unique(ids)) for ids in np.atleast_2d(clusters.units.T))


def _kind(attribute: Attribute) -> str:
    return "emotion" if attribute == EMOTION else f"{attribute} group"


def _one_digit(value: float) -> str:
    return f"{round(value, 1) + 0.0:.1f}"
