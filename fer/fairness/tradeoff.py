"""Which results no other result beats: the Pareto set over metrics with a direction."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fer.fairness.metrics import Direction, direction_of


def pareto_front(table: pd.DataFrame, directions: Mapping[str, Direction] | None = None) -> pd.Series:
    """Return bool (rows,), true for rows that no other row dominates; rows with NaN are False.

    A row dominates another if it is at least as good in every column and better in one; ties are kept.

    Args:
        table: rows x metrics, numbers.
        directions: ``up`` or ``down`` by column; default :func:`direction_of` each column's name.

    """
    directions = directions or {str(name): direction_of(str(name)) for name in table}
    wrong = sorted(set(directions.values()) - {"up", "down"})
    if wrong or set(table) - set(directions):
        raise ValueError(f"every column of {list(table)} needs a direction, up or down; got {dict(directions)}.")
    signs = np.array([1.0 if directions[str(name)] == "up" else -1.0 for name in table])
    values = table.to_numpy(dtype=float) * signs
    front = ~np.isnan(values).any(axis=1)
    known = np.flatnonzero(front)
    for row in known:
        others = values[known]
        beaten = (others >= values[row]).all(axis=1) & (others > values[row]).any(axis=1)
        front[row] = not beaten.any()
    return pd.Series(front, index=table.index, name="pareto")
