"""What the test faces can carry, whatever the results: what they are, and which groups are too few to speak for."""

import pandas as pd

from analysis.experiments.seeds import ExperimentPredictions
from fer.data.attributes import Attribute
from fer.evaluation.independent_units import Clusters
from fer.fairness import FEW_CLUSTERS

_FEW_PERSONS = 2


def scope(trial: ExperimentPredictions, counts: pd.DataFrame, clusters: Clusters) -> str:
    """Say what the test faces are; ``counts`` is :func:`fer.evaluation.independent_units.unit_counts`."""
    whole = counts.loc["all"]
    return (
        f"The figures describe these models on {whole['faces']:,} faces of {trial.test}{_of(whole)}: of these they are "
        f"exact. What they say about other faces rests on {many(whole['clusters'], 'independent unit')} "
        f"({clusters.name})."
    )


def weak_groups(trial: ExperimentPredictions, counts: pd.DataFrame, attribute: Attribute) -> list[str]:
    """Name the groups that the test faces can say little or nothing of, and why."""
    units, groups = counts.loc["all", "clusters"], counts.drop(index="all")
    sentences = []
    if units < FEW_CLUSTERS:
        sentences.append(
            f"With {many(units, 'independent unit')} (below about {FEW_CLUSTERS}) intervals are wide and themselves "
            "unsure, and most true differences could not be seen."
        )
    if len(groups) == 1:
        sentences.append(
            f"All test faces are of one group ({groups.index[0]}): nothing can be said about other groups."
        )
    for name, row in groups.iterrows():
        sentences += _weak_group(str(name), row)
        if not attribute.by_emotion:
            sentences += _few_emotions(str(name), row, trial, attribute)
    return sentences


def _weak_group(name: str, row: pd.Series) -> list[str]:
    told = f"{name}: {row['faces']:,} faces{_of(row)}"
    if row["clusters"] == 1:
        return [
            f"{told}: one independent unit. How sure the accuracy on {name} faces is, and any gap between {name} and "
            "another group, cannot be estimated."
        ]
    if row["clusters"] < FEW_CLUSTERS or row.get("persons", _FEW_PERSONS + 1) <= _FEW_PERSONS:
        units = many(row["clusters"], "independent unit")
        return [f"{told}, {units}: too few to speak for {name} faces at large."]
    return []


def _few_emotions(name: str, row: pd.Series, trial: ExperimentPredictions, attribute: Attribute) -> list[str]:
    emotions = trial.samples["label"].nunique()
    if row["emotions"] == emotions:
        return []
    here = (trial.group(attribute) == name).fillna(False).to_numpy(dtype=bool)
    labels = sorted(trial.samples.loc[here, "label"].unique())
    shown = " and ".join(labels) if len(labels) < 3 else f"{len(labels)} emotions"
    return [
        f"{name} shows only {shown} of the {emotions} emotions tested, so its accuracy mixes the group with "
        "what it showed. The standardised accuracy compares the groups on the emotions that all of them show."
    ]


def _of(row: pd.Series) -> str:
    """Return of how many persons and clips, as far as that is recorded."""
    parts = [many(row[name], name[:-1]) for name in ("persons", "clips") if name in row]
    return " of " + " in ".join(parts) if parts else ""


def many(count: int, word: str) -> str:
    number = "one" if count == 1 else f"{count:,}"
    return f"{number} {word}" + ("" if count == 1 else "s")
