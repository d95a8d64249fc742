"""What a group's figures rest on, and what they cannot say, in words."""

import pandas as pd

from fer.evaluation.independent_units import Clusters
from fer.evaluation.uncertainty import Uncertainty
from fer.fairness import FEW_CLUSTERS


def warnings_of(known: Uncertainty, clusters: Clusters, predictions: pd.DataFrame) -> list[str]:
    """Return sentences that name the groups of which the predictions can say little, the gravest first.

    Those of one cluster, those whose faces do not show all emotions, those of fewer than ten clusters. ``known`` is
    what the predictions gave.
    """
    names = known.attribute.groups(predictions)
    shown = predictions["label"].groupby(names).agg(lambda labels: ", ".join(sorted(set(labels))))
    groups = known.counts.iloc[1:]
    groups = groups[groups["faces"] > 0]
    most = known.counts["emotions"].iloc[0]
    alone, partial = groups[groups["clusters"] == 1], groups[groups["emotions"] < most]
    few = groups[groups["clusters"].between(2, FEW_CLUSTERS - 1)]
    sentences = []
    if len(alone) == 1:
        row = alone.iloc[0]
        unit = next((name for name in ("persons", "clips", "videos") if row.get(name) == 1), None)
        one = f"one of the {clusters.name}" if unit is None else f"one {unit[:-1]}"
        rest = rests_on(row.drop(unit or []))
        sentences.append(f"{alone.index[0]} is {one} ({rest}): its accuracy has no interval.")
    elif len(alone):
        sentences.append(f"{', '.join(alone.index)} are one cluster each: their accuracy has no interval.")
    if len(partial) == 1:
        row, group = partial.iloc[0], partial.index[0]
        sentences.append(
            f"{group} ({rests_on(row)}) shows {row['emotions']} of {most} emotions ({shown[group]}): its raw accuracy "
            "mixes group with emotion."
        )
    elif len(partial):
        told = ", ".join(f"{group} ({row['emotions']})" for group, row in partial.iterrows())
        sentences.append(f"{told} show fewer than {most} emotions: raw accuracies mix group with emotion.")
    if len(few):
        told = ", ".join(f"{group} ({row['clusters']})" for group, row in few.iterrows())
        sentences.append(f"{told}: fewer than {FEW_CLUSTERS} clusters, so intervals are wide and rest on few.")
    return [f"{known.attribute} {sentence}" for sentence in sentences]


def rests_on(row: pd.Series) -> str:
    """Return in words what a row of :func:`~fer.evaluation.independent_units.unit_counts` rests on.

    As "84 faces, 7 persons, 1 clip".
    """
    return ", ".join(_counted(row[unit], unit[:-1]) for unit in ("faces", "persons", "clips") if unit in row)


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'s' if count != 1 else ''}"
