"""Paired outcomes: the effect of a change of the training data on each test face, by group."""

import pandas as pd

from fer.data.attributes import RACE, Attribute
from fer.errors import InputError

OUTCOMES = ("right_in_both", "gained", "lost", "wrong_in_both")
SAME, SHARED = "same", "shared"


def before_after(before: pd.DataFrame, after: pd.DataFrame, attribute: Attribute | str = RACE) -> pd.DataFrame:
    """Return the paired outcomes of a change per group: one row per group, then ``all``.

    Columns: ``group``; the number of ``faces`` and, of these, ``right_in_both``, ``gained`` (wrong before, right
    after), ``lost`` and ``wrong_in_both``; ``net_points``, the change of accuracy: (gained - lost) / faces in
    percentage points. Faces of no known group count in ``all`` alone.

    ``before`` and ``after`` are predictions tables of the same samples, in any order; ``attribute`` is a column of
    both or a product such as ``race*gender``. Raises InputError if their ``sample_id`` sets differ, or if they do not
    have the attribute.

    Example:
        >>> from analysis.experiments.examples import example_predictions
        >>> first, *_, last = example_predictions().values()
        >>> table = before_after(first, last)
        >>> print(table[["group", "faces", "gained", "lost", "net_points"]].round(1).to_string(index=False))
        group  faces  gained  lost  net_points
        black     40      17     3        35.0
        white     80      15     7        10.0
          all    120      32    10        18.3

    """
    attribute = Attribute.parse(attribute)
    table = changes(before, after, attribute)
    counts = pd.crosstab(table["group"], table["outcome"]).reindex(columns=list(OUTCOMES), fill_value=0)
    counts.loc["all"] = table["outcome"].value_counts().reindex(list(OUTCOMES), fill_value=0)
    counts.insert(0, "faces", counts.sum(axis=1))
    counts["net_points"] = (counts["gained"] - counts["lost"]) / counts["faces"] * 100.0
    counts.columns.name = None
    return counts.reset_index()


def changes(before: pd.DataFrame, after: pd.DataFrame, attribute: Attribute = RACE) -> pd.DataFrame:
    """Return one row per face: ``sample_id, label, predicted_before, predicted_after, group, outcome``.

    ``group`` is null where unknown, ``outcome`` one of OUTCOMES. Errors as :func:`before_after`.
    """
    check_same_samples(before, after)
    group = attribute.groups(before, "the predictions table")
    head = before[["sample_id", "label", "predicted"]].assign(group=group)
    pair = head.merge(after[["sample_id", "predicted"]], on="sample_id", suffixes=("_before", "_after"))
    first = pair["predicted_before"] == pair["label"]
    second = pair["predicted_after"] == pair["label"]
    pair["outcome"] = OUTCOMES[3]
    for right, name in zip((first & second, ~first & second, first & ~second), OUTCOMES[:3], strict=True):
        pair.loc[right, "outcome"] = name
    return pair


def check_same_samples(first: pd.DataFrame, second: pd.DataFrame) -> None:
    """Raise InputError, saying how many they share, unless both tables predict the same samples with the same labels.

    Tables that were made elsewhere may know a face under another label.
    """
    here, there = set(first["sample_id"]), set(second["sample_id"])
    if here != there:
        raise InputError(
            f"the two runs predict different samples ({len(here & there)} of {len(here)} and {len(there)} shared); "
            f"compare runs on one test set, or ask for samples={SHARED} to compare on the shared ones alone."
        )
    one, other = (table.set_index("sample_id")["label"].astype("str") for table in (first, second))
    differing = one[one != other.reindex(one.index)]
    if len(differing):
        raise InputError(
            f"the two runs have different labels for {len(differing)} of {len(here)} samples, such as "
            f"{differing.index[0]}; compare runs with one truth."
        )


def shared_samples(first: pd.DataFrame, second: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return both predictions tables cut to the samples that both have; InputError if they share none."""
    both = set(first["sample_id"]) & set(second["sample_id"])
    if not both:
        raise InputError("the two runs share no sample: nothing can be compared; give runs on one test set.")
    return first[first["sample_id"].isin(both)], second[second["sample_id"].isin(both)]
