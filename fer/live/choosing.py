"""From predictions on test sets to a threshold, what it does for each group, and the accuracy of each group.

Plain functions of tables of predictions, as evaluations keep them: ``label``, ``p_<emotion>``, and what groups and
clusters need (``race``, ``clip``, ``person``, ...).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fer.data.attributes import EMOTION, Attribute
from fer.data.emotions import ALL_EMOTIONS
from fer.errors import InputError
from fer.evaluation.independent_units import Clusters, clusters_of
from fer.evaluation.sentences import counted
from fer.fairness import selective_accuracy, selective_threshold
from fer.fairness.selective import BOUNDED, OBSERVED
from fer.live.card_facts import MeasuredGroup
from fer.live.left_out import check_left_out, renormalised
from fer.live.thresholds import AIM, GroupPromise, Threshold

ALL, TOLD = "all", "told"
_EVERYTHING = -1.0


@dataclass(frozen=True, eq=False)
class TestSet:
    """Predictions on a test set.

    Attributes:
        title: such as ``eila, validation``.
        table: one row per face.
        attributes: by which it is grouped, besides all faces together.

    """

    __test__ = False  # No test, whatever pytest thinks of its name.

    title: str
    table: pd.DataFrame
    attributes: tuple[Attribute, ...] = ()


@dataclass(frozen=True, eq=False)
class _Answers:
    """The answers on a test set: true and predicted emotions (n,), confidences (n,), groups by attribute, clusters."""

    true: np.ndarray
    predicted: np.ndarray
    confidence: np.ndarray
    groups: dict[str, pd.Series]
    clusters: Clusters


def chosen_threshold(tests: Sequence[TestSet], aim: float = AIM, left_out: Collection[str] = ()) -> Threshold:
    """Return the lowest threshold at which what is told is right often enough in every group of every test set.

    See :func:`fer.fairness.selective_threshold`; the probability that the promise is broken in any group that is
    ``bounded`` is at most 5 %. Raises InputError without a test set, and for a table without probabilities.
    """
    if not tests:
        raise InputError("a threshold is chosen on predictions; give those of one test set or more.")
    answers = [_answers(test, left_out) for test in tests]
    whole = [f"{place} {name}" for place, one in enumerate(answers) for name in one.groups]
    columns: dict[str, list[pd.Series]] = {name: [] for name in whole}
    for place, one in enumerate(answers):
        absent = pd.Series([None] * len(one.true), dtype=object)
        for name in whole:
            number, _, attribute = name.partition(" ")
            columns[name].append(one.groups[attribute].astype(object) if int(number) == place else absent)
    starts = np.cumsum([0, *(len(one.true) for one in answers)])
    chosen = selective_threshold(
        np.concatenate([one.true for one in answers]),
        np.concatenate([one.predicted for one in answers]),
        confidence=np.concatenate([one.confidence for one in answers]),
        sensitive_features={name: pd.concat(parts, ignore_index=True) for name, parts in columns.items()},
        clusters=np.concatenate([start + one.clusters.ids for start, one in zip(starts, answers, strict=False)]),
        aim=aim,
    )
    rows = []
    for (name, group), row in chosen.table.iterrows():
        number, _, attribute = name.partition(" ")
        rows.append((int(number), attribute, group, row))
    named = [
        _named(tests[number].title, attribute, group, row, answers[number].clusters)
        for number, attribute, group, row in rows
        if row["known"] != BOUNDED
    ]
    remark = (
        f"This model is never sure: no threshold makes it right in {aim:.0%} of its answers in every group that it was "
        "evaluated by."
    )
    return Threshold(
        chosen.value,
        aim,
        tuple(_promise(tests[number].title, attribute, group, row) for number, attribute, group, row in rows),
        tuple(named),
        tuple(test.title for test in tests),
        remark if chosen.never else "",
    )


def checked_promises(
    tests: Sequence[TestSet], threshold: float, left_out: Collection[str] = ()
) -> tuple[GroupPromise, ...]:
    """Return what a threshold does for each group of test sets that it was not chosen on; and for each emotion told."""
    found = []
    for test in tests:
        one = _answers(test, left_out)
        told = pd.Series(one.predicted, dtype=object).where(one.confidence > threshold, None)
        for (attribute, group), row in _selective(one, threshold, one.groups | {TOLD: told}).iterrows():
            found.append(_promise(test.title, attribute, group, row))
    return tuple(found)


def measured_groups(tests: Sequence[TestSet], left_out: Collection[str] = ()) -> tuple[MeasuredGroup, ...]:
    """Return the accuracy of all answers, sure or not, by group and by true emotion."""
    found = []
    for test in tests:
        one = _answers(test, left_out)
        by_emotion = pd.Series(one.true, dtype=object)
        for (attribute, group), row in _selective(one, _EVERYTHING, one.groups | {"emotion": by_emotion}).iterrows():
            values = (float(row[name]) for name in ("accuracy", "low", "high"))
            found.append(MeasuredGroup(test.title, attribute, group, int(row["samples"]), *values))
    return tuple(found)


def _selective(one: _Answers, threshold: float, groups: dict[str, pd.Series]) -> pd.DataFrame:
    return selective_accuracy(
        one.true,
        one.predicted,
        confidence=one.confidence,
        threshold=threshold,
        sensitive_features=groups,
        clusters=one.clusters.ids,
    )


def _answers(test: TestSet, left_out: Collection[str]) -> _Answers:
    table = test.table.reset_index(drop=True)
    emotions = [emotion for emotion in ALL_EMOTIONS if f"p_{emotion}" in table]
    if len(emotions) < 2:
        raise InputError(f"the predictions on {test.title} have no probabilities; evaluate a model, not its answers.")
    check_left_out(emotions, left_out, f"the table of predictions on {test.title}")
    kept = [place for place, emotion in enumerate(emotions) if emotion not in left_out]
    values = renormalised(table[[f"p_{emotion}" for emotion in emotions]].to_numpy(dtype=float), kept)
    names = np.array([emotions[place] for place in kept], dtype=object)
    groups = {ALL: pd.Series([ALL] * len(table), dtype=object)}
    for attribute in test.attributes:
        if attribute != EMOTION and attribute.known_in(table):
            groups[str(attribute)] = attribute.groups(table, f"the predictions on {test.title}")
    return _Answers(
        table["label"].to_numpy(dtype=object),
        names[values.argmax(axis=1)],
        values.max(axis=1).clip(0, 1),
        groups,
        clusters_of(table),
    )


def _promise(title: str, attribute: str, group: str, row: pd.Series) -> GroupPromise:
    coverage, accuracy, low, high = (float(row[name]) for name in ("coverage", "accuracy", "low", "high"))
    counts = int(row["samples"]), int(row["answered"])
    return GroupPromise(attribute, group, *counts, coverage, accuracy, low, high, title, str(row.get("known", "")))


def _named(title: str, attribute: str, group: str, row: pd.Series, clusters: Clusters) -> str:
    who = title if attribute == ALL else f"{title}, {attribute} {group}"
    faces = f"{int(row['samples']):,} faces"
    of = (
        "" if row["clusters"] == row["samples"] else f" in {counted(int(row['clusters']), 'cluster')} ({clusters.name})"
    )
    if row["known"] == OBSERVED:
        return (
            f"Nothing is promised for {who}: {faces}{of}, too few for a bound; it was only asked that its accuracy as "
            "it is reaches the aim."
        )
    return f"Nothing is promised for {who}: {faces}{of}, too few."
