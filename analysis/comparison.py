"""Before and after: what a change of the training data did to each test face, by group."""

import pandas as pd

from fer.errors import InputError

OUTCOMES = ("right in both", "gained", "lost", "wrong in both")


def before_after(before: pd.DataFrame, after: pd.DataFrame, attribute: str = "race") -> pd.DataFrame:
    """Return counts a group: ``faces`` and each of OUTCOMES, and ``net`` = (gained - lost) / faces in percent points.

    ``before`` and ``after`` are predictions tables of the same samples (any order). Raises InputError if
    their ``sample_id`` sets differ, or they lack the attribute. A last row ``all`` counts every face, those
    with an unknown group included.
    """
    if set(before["sample_id"]) != set(after["sample_id"]):
        shared = len(set(before["sample_id"]) & set(after["sample_id"]))
        raise InputError(
            f"the two runs predict different samples ({shared} of {len(before)} and {len(after)} shared); "
            "compare runs on one test set, or cut both to the shared ones first."
        )
    if attribute not in before:
        raise InputError(f"the predictions have no column {attribute!r}; name a group column that they have.")
    pair = before.merge(after[["sample_id", "predicted"]], on="sample_id", suffixes=("_before", "_after"))
    first = pair["predicted_before"] == pair["label"]
    second = pair["predicted_after"] == pair["label"]
    outcome = pd.Series(OUTCOMES[3], index=pair.index)
    outcome[first & second], outcome[~first & second], outcome[first & ~second] = OUTCOMES[:3]
    counts = pd.crosstab(pair[attribute], outcome).reindex(columns=list(OUTCOMES), fill_value=0)
    counts.loc["all"] = outcome.value_counts().reindex(list(OUTCOMES), fill_value=0)
    counts.insert(0, "faces", counts.sum(axis=1))
    counts["net"] = (counts["gained"] - counts["lost"]) / counts["faces"] * 100.0
    counts.columns.name = None
    return counts.reset_index()
