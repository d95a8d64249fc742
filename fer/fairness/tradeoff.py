"""Pareto fronts over metrics with a direction, distances to the best values, and hypervolumes."""

from collections.abc import Hashable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from fer.fairness.metrics import direction_of
from fer.fairness.units import Direction


def pareto_front(table: pd.DataFrame, *, directions: Mapping[str, Direction] | None = None) -> pd.Series:
    """Return which rows are not dominated by another row, bool (rows,); False for rows with NaN.

    A row dominates another if it is at least as good in every column and better in one; ties are kept.

    Args:
        table: rows x metrics, numbers.
        directions: ``up`` or ``down`` by column; default :func:`direction_of` each column's name.

    Raises ValueError for a column without a direction.

    Example:
        >>> table = pd.DataFrame({"accuracy": [0.8, 0.7, 0.6], "accuracy_std": [0.10, 0.05, 0.08]}, ["a", "b", "c"])
        >>> pareto_front(table).to_dict()
        {'a': True, 'b': True, 'c': False}

    """
    values = table.to_numpy(dtype=float) * signs_of(table, directions)
    return pd.Series(_on_front(values[:, None])[:, 0], index=table.index, name="pareto")


def distance_to_utopia(
    table: pd.DataFrame,
    *,
    bounds: Mapping[str, tuple[float, float]],
    directions: Mapping[str, Direction] | None = None,
) -> pd.Series:
    """Return each row's distance from the best values of all metrics, float (rows,), 0..1; 0 is best.

    The root of the mean square over metrics, each scaled by its bounds, so that 1 is the worst value in all. Bounds are
    given by the caller, not taken from the rows, so that a row's distance does not depend on the others. NaN where a
    metric is NaN.

    Args:
        table: rows x metrics, numbers.
        bounds: (lowest, highest) of every column, such as ``{"accuracy": (0, 1), "accuracy_std": (0, 20)}``.
        directions: as in :func:`pareto_front`.

    Raises ValueError for a column without bounds or direction, or bounds that are not lowest and highest.

    Example:
        >>> table = pd.DataFrame({"accuracy": [0.8, 0.7, 0.6], "accuracy_std": [0.10, 0.05, 0.08]}, ["a", "b", "c"])
        >>> distance_to_utopia(table, bounds={"accuracy": (0, 1), "accuracy_std": (0, 0.5)}).round(3).to_dict()
        {'a': 0.2, 'b': 0.224, 'c': 0.305}

    """
    signs = signs_of(table, directions)
    names = [str(name) for name in table]
    for name in names:
        if name not in bounds or not bounds[name][0] < bounds[name][1]:
            raise ValueError(f"metric {name!r} has bounds {bounds.get(name)}; give its lowest and its highest value.")
    low, high = (np.array([bounds[name][end] for name in names], dtype=float) for end in (0, 1))
    away = (np.where(signs > 0, high, low) - table.to_numpy(dtype=float)) / (high - low)
    return pd.Series(np.sqrt((away**2).mean(axis=1)), index=table.index, name="distance_to_utopia")


def hypervolume(
    table: pd.DataFrame, *, reference: Mapping[str, float], directions: Mapping[str, Direction] | None = None
) -> float:
    """Return the volume that the rows dominate, down to the ``reference`` point, in the product of the metrics' units.

    Computed by slicing one metric after the other (Zitzler and Thiele 1999), which is fast for two or three metrics.
    Rows with NaN, and rows that are not better than the reference in every metric, are ignored.

    Args:
        table: rows x metrics, numbers.
        reference: the point, by column.
        directions: as in :func:`pareto_front`.

    Raises ValueError for a column without a reference value or direction.

    Example:
        >>> table = pd.DataFrame({"accuracy": [0.8, 0.7, 0.6], "accuracy_std": [0.10, 0.05, 0.08]}, ["a", "b", "c"])
        >>> round(hypervolume(table, reference={"accuracy": 0.5, "accuracy_std": 0.2}), 4)
        0.04

    """
    signs = signs_of(table, directions)
    names = [str(name) for name in table]
    if set(names) - set(reference):
        raise ValueError(f"every column of {names} needs a reference value; got {dict(reference)}.")
    gains = (table.to_numpy(dtype=float) - [reference[name] for name in names]) * signs
    return float(_volume(gains[(gains > 0).all(axis=1)]))


def front_probability(
    replicates: np.ndarray, *, directions: Sequence[Direction], index: pd.Index | None = None
) -> pd.Series:
    """Return the share of draws in which each row is on the Pareto front, (rows,), 0..1.

    What it is the probability of depends on the draws. With those of :func:`fer.fairness.new_test_set_draws` it is the
    probability to be on the front of another test set of the same kind. A bootstrap,
    :func:`fer.fairness.joint_bootstrap`, resamples this test set: its shares are too near 0 and 1 for another one.

    Args:
        replicates: float (rows, replicates, metrics), drawn jointly. A replicate in which any row has NaN is left out,
            for all rows; NaN if none is left.
        directions: ``up`` or ``down`` of each metric, in order.
        index: of the rows; default their positions.

    Example:
        The second model is dominated in one of three replicates.

        >>> accuracy, std = [[0.8, 0.8, 0.8], [0.7, 0.9, 0.6]], [[0.1, 0.1, 0.1], [0.05, 0.2, 0.2]]
        >>> replicates = np.stack([accuracy, std], axis=2)
        >>> front_probability(replicates, directions=["up", "down"], index=pd.Index(["first", "second"])).round(2)
        first     1.00
        second    0.67
        Name: front_probability, dtype: float64

    """
    signs = signs_of(range(replicates.shape[2]), {str(at): direction for at, direction in enumerate(directions)})
    whole = ~np.isnan(replicates).any(axis=(0, 2))
    front = _on_front(replicates[:, whole] * signs)
    share = front.mean(axis=1) if whole.any() else np.full(len(replicates), np.nan)
    return pd.Series(share, index=index, name="front_probability")


def signs_of(columns: Iterable[Hashable], directions: Mapping[str, Direction] | None) -> np.ndarray:
    """Return 1 where up is better and -1 where down is, float (columns,); ValueError for a missing direction."""
    names = [str(name) for name in columns]
    known = {name: direction_of(name) for name in names} if directions is None else directions
    if set(names) - set(known) or not set(known.values()) <= {"up", "down"}:
        raise ValueError(f"every column of {names} needs a direction, up or down; got {dict(known)}.")
    return np.array([1.0 if known[name] == "up" else -1.0 for name in names])


def _on_front(values: np.ndarray) -> np.ndarray:
    """Return which rows are on the front of each replicate, bool (rows, replicates); False where a row has NaN."""
    front = ~np.isnan(values).any(axis=2)
    for row in range(len(values)):
        beaten = (values >= values[row]).all(axis=2) & (values > values[row]).any(axis=2)
        front[row] &= ~beaten.any(axis=0)
    return front


def _volume(gains: np.ndarray) -> float:
    """Return the volume of the union of boxes from the origin to each row of ``gains`` (rows, metrics)."""
    if gains.shape[1] == 1:
        return float(gains.max(initial=0.0))
    order = np.argsort(-gains[:, 0])
    edges = np.append(gains[order, 0], 0.0)
    slices = (edges[at] - edges[at + 1] for at in range(len(order)))
    return sum((thick * _volume(gains[order[: at + 1], 1:]) for at, thick in enumerate(slices) if thick > 0), start=0.0)
