"""The rows of raw data that gave no face: which of them a user would have got no answer for."""

import pandas as pd

# Rows that were left out on purpose: by the limit, by labels or emotions that were not asked for (fer.data.labels).
LIMITED = "left out by limit"


_LEFT_OUT = rf"label .* dropped|emotion .* not asked for|{LIMITED}"


def without_answer(lost: pd.DataFrame) -> pd.DataFrame:
    """Return the lost rows that a user would have got no answer for: no face, damage; not those left out on purpose."""
    return lost[~lost["reason"].astype("str").str.fullmatch(_LEFT_OUT).fillna(False).astype(bool)]
