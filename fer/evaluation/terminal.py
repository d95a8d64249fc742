"""An evaluation as plain text for the terminal: accuracy overall and by group, disparities, each unit named."""

from collections.abc import Sequence

import pandas as pd
from tabulate import tabulate

from fer.evaluation.evaluation import Evaluation
from fer.evaluation.metric_names import metric_name
from fer.evaluation.metrics import GroupResult, overall
from fer.evaluation.sentences import confidence_interval, counted, largest_gap, rests_on
from fer.evaluation.uncertainty import Uncertainty, whole_accuracy
from fer.fairness import NO_ESTIMATE, unit_of

# By metric over groups, in words.
_DISPARITIES = {
    "accuracy_std": "standard deviation of accuracy",
    "accuracy_gap": "accuracy, best minus worst group",
    "demographic_parity_difference": "demographic parity difference",
    "equalized_odds_difference": "equalized odds difference",
}


def evaluation_text(done: Evaluation) -> str:
    """Return the results of an evaluation as text: all faces, then each attribute's groups and disparities.

    Accuracy is in percent with its 95 % interval, differences of shares are in percentage points.
    """
    clusters, whole = done.test.clusters, whole_accuracy(done.predictions, done.test.clusters)
    scores = overall(done.predictions)
    rests = rests_on(done.known[0].counts.loc["all"]) if done.known else counted(len(done.predictions), "face")
    interval = confidence_interval(100 * whole["low"], 100 * whole["high"])
    lead = [
        f"{done.test.title}: {rests}",
        f"accuracy {100 * whole['accuracy']:.1f} % ({interval}), weighted F1 {scores['f1_weighted']:.3f}"
        + (f", loss {scores['loss']:.3f} nats" if "loss" in scores else ""),
        f"Intervals are computed over {counted(int(whole['clusters']), 'cluster')}: {clusters.name}.",
    ]
    parts = ["\n".join(lead)]
    for result, known in zip(done.results, done.known, strict=True):
        parts += [_groups(known), _disparities(result, done.test.split), largest_gap(known)]
    if done.results:
        parts.append("In MLflow, accuracy_std is in points as here; the other metrics are shares: 0.25 is 25 points.")
    return "\n\n".join(parts)


def _groups(known: Uncertainty) -> str:
    """Return the table of an attribute's groups."""
    table = known.table()
    rows = [
        [str(name), f"{row['faces']:,}", _percent(row["accuracy"]), _interval(row)] for name, row in table.iterrows()
    ]
    return _table([str(known.attribute), "faces", "accuracy (%)", "95 % interval"], rows, ["left", *["right"] * 3])


def _disparities(result: GroupResult, split: str) -> str:
    """Return the table of the disparities between an attribute's groups, with their names on the server."""
    rows = [
        [words, _points(name, result.summary[name]), metric_name(split, name, result.attribute)]
        for name, words in _DISPARITIES.items()
        if name in result.summary
    ]
    headings = [f"between groups of {result.attribute}", "points", "metric in MLflow"]
    return _table(headings, rows, ["left", "right", "left"])


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], align: Sequence[str]) -> str:
    return tabulate(rows, headers=headings, tablefmt="simple", colalign=align, disable_numparse=True)


def _percent(value: float) -> str:
    return "-" if pd.isna(value) else f"{100 * value:.1f}"


def _points(name: str, value: float) -> str:
    return "-" if pd.isna(value) else f"{value * unit_of(name).in_percent:.1f}"


def _interval(row: pd.Series) -> str:
    if row["method"] == NO_ESTIMATE or pd.isna(row["low"]):
        return "no interval" if pd.notna(row["accuracy"]) else "-"
    return f"{100 * row['low']:.1f} to {100 * row['high']:.1f}"
