"""Before and after: what a change of the training data did to each test face, by group."""

import pandas as pd

from fer.data.attributes import RACE, Attribute
from fer.errors import InputError

OUTCOMES = ("right in both", "gained", "lost", "wrong in both")
SAME, SHARED = "same", "shared"


def before_after(before: pd.DataFrame, after: pd.DataFrame, attribute: Attribute | str = RACE) -> pd.DataFrame:
    """Return counts a group: ``faces`` and each of OUTCOMES, and ``net`` = (gained - lost) / faces in percent points.

    ``before`` and ``after`` are predictions tables of the same samples (any order); ``attribute`` is a column of
    theirs or a product (``race*gender``). Raises InputError if their ``sample_id`` sets differ, or they lack the
    attribute. A last row ``all`` counts every face, those with an unknown group included.
    """
    attribute = Attribute.parse(attribute)
    table = changes(before, after, attribute)
    counts = pd.crosstab(table[str(attribute)], table["outcome"]).reindex(columns=list(OUTCOMES), fill_value=0)
    counts.loc["all"] = table["outcome"].value_counts().reindex(list(OUTCOMES), fill_value=0)
    counts.insert(0, "faces", counts.sum(axis=1))
    counts["net"] = (counts["gained"] - counts["lost"]) / counts["faces"] * 100.0
    counts.columns.name = None
    return counts.reset_index()


def changes(before: pd.DataFrame, after: pd.DataFrame, attribute: Attribute = RACE) -> pd.DataFrame:
    """Return one row a face: ``sample_id, label, predicted_before, predicted_after``, its group and its ``outcome``.

    The group's column is named as ``attribute`` is written, null where unknown; ``outcome`` is one of OUTCOMES.
    Errors as :func:`before_after`.
    """
    check_same_samples(before, after)
    head = before[["sample_id", "label", "predicted"]].assign(
        **{str(attribute): attribute.groups(before, "the predictions table")}
    )
    pair = head.merge(after[["sample_id", "predicted"]], on="sample_id", suffixes=("_before", "_after"))
    first = pair["predicted_before"] == pair["label"]
    second = pair["predicted_after"] == pair["label"]
    pair["outcome"] = OUTCOMES[3]
    for right, name in zip((first & second, ~first & second, first & ~second), OUTCOMES[:3], strict=True):
        pair.loc[right, "outcome"] = name
    return pair


def check_same_samples(first: pd.DataFrame, second: pd.DataFrame) -> None:
    """Raise InputError, saying how many they share, unless both tables predict the same samples."""
    here, there = set(first["sample_id"]), set(second["sample_id"])
    if here != there:
        raise InputError(
            f"the two runs predict different samples ({len(here & there)} of {len(here)} and {len(there)} shared); "
            f"compare runs on one test set, or ask for samples={SHARED} to compare on the shared ones alone."
        )


def shared_samples(first: pd.DataFrame, second: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return both predictions tables cut to the samples that both have; InputError if they share none."""
    both = set(first["sample_id"]) & set(second["sample_id"])
    if not both:
        raise InputError("the two runs share no sample: nothing can be compared; give runs on one test set.")
    return first[first["sample_id"].isin(both)], second[second["sample_id"].isin(both)]
