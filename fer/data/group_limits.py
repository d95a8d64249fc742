"""How many groups can be compared: every group is compared with every other one."""

import pandas as pd

from fer.data.attributes import MANY_GROUPS, MOST_GROUPS, Attribute
from fer.errors import InputError


def check_group_count(groups: pd.Series, attribute: Attribute, where: str) -> None:
    """Raise InputError for an attribute with more than 60 groups, or with more than 20 of which half have one sample.

    ``groups`` is the group of each of n samples, (n,), null where not known; ``where`` names the samples.
    """
    sizes = groups.value_counts()
    alone = int((sizes == 1).sum())
    remedy = "evaluate by a column that many faces share, or join its groups to fewer"
    if len(sizes) > MOST_GROUPS:
        raise InputError(
            f"{where} has {len(sizes):,} groups of {attribute}, and each is compared with each other, which is "
            f"possible for {MOST_GROUPS} at most; {remedy}."
        )
    if len(sizes) > MANY_GROUPS and 2 * alone >= len(sizes):
        raise InputError(
            f"{where} has {len(sizes):,} groups of {attribute}, of which {alone:,} have a single face, so that nothing "
            f"can be said about them; {remedy}."
        )
