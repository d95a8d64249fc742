"""Lost rows: rows of the raw data without a face, by whether a user would have expected a prediction."""

import pandas as pd

# Rows left out on purpose: by the limit, or by labels or emotions that were not requested (fer.data.labels).
LIMITED = "left out by limit"


_LEFT_OUT = rf"label .* dropped|emotion .* not asked for|{LIMITED}"


def without_answer(lost: pd.DataFrame) -> pd.DataFrame:
    """Return the lost rows that count as wrong end to end: no face found or damaged, but not left out on purpose."""
    return lost[~lost["reason"].astype("str").str.fullmatch(_LEFT_OUT).fillna(False).astype(bool)]
