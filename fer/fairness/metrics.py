"""Point metrics of one set of predictions; a metric's direction and unit by any name that it has."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from fer.fairness.definitions import DIFFERENCES, METRICS, OVER_GROUPS
from fer.fairness.metric_arrays import columns_of
from fer.fairness.samples import same_length, samples_of
from fer.fairness.sums import Layout, Sums
from fer.fairness.units import Direction, Unit

# Not a function of one sum: means over subsamples, see fer.fairness.groups.
_AS_ANOTHER = {"calibration_error_equal_size": "calibration_error"}


def point_metrics(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    y_proba: ArrayLike | None = None,
    labels: Sequence[Any] | None = None,
    sample_weight: ArrayLike | None = None,
) -> pd.Series:
    """Return every metric."""
    columns, layout = weighted_columns(y_true, y_pred, y_proba, labels, sample_weight)
    return pd.Series(point_values(Sums(columns.sum(axis=0), layout)), dtype=float)


def weighted_columns(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    y_proba: ArrayLike | None,
    labels: Sequence[Any] | None,
    sample_weight: ArrayLike | None,
) -> tuple[np.ndarray, Layout]:
    """Return what each sample adds to the sums, times its weight."""
    columns, layout = columns_of(samples_of(y_true, y_pred, y_proba, labels))
    if sample_weight is None:
        return columns, layout
    weights = np.asarray(sample_weight, dtype=float)
    same_length(y_true=len(columns), sample_weight=len(weights))
    if not (weights >= 0).all():
        raise ValueError("sample_weight has values below 0 or NaN; give each sample a weight of 0 or more.")
    return columns * weights[:, None], layout


def point_values(sums: Sums) -> dict[str, np.ndarray]:
    """Return by name, (...,) each, the metrics that one set of predictions has by itself."""
    return {
        metric.name: metric.of(sums)
        for metric in METRICS.values()
        if not (metric.per_class or metric.at_common_mix) and (sums.layout.has_proba or not metric.needs_proba)
    }


def direction_of(name: str) -> Direction:
    """Return whether a metric is better ``up`` or ``down``."""
    return _definition_of(name)[0]


def unit_of(name: str) -> Unit:
    """Return the unit of a metric's values in this package."""
    unit = _definition_of(name)[1]
    if unit is None:
        raise ValueError(f"{name!r} alone has no unit; name the metric too, such as accuracy_{name}.")
    return unit


def _definition_of(name: str) -> tuple[Direction, Unit | None]:
    for part in reversed([part for part in name.split("/") if part]):
        part = _AS_ANOTHER.get(part, part)
        if part in METRICS:
            return METRICS[part].direction, METRICS[part].unit
        if part in DIFFERENCES:
            return DIFFERENCES[part].direction, DIFFERENCES[part].unit
        stem, _, last = part.rpartition("_")
        figure = OVER_GROUPS.get(last)
        if figure is not None and stem in METRICS:
            return figure.direction or METRICS[stem].direction, figure.unit or METRICS[stem].unit
        # A table's column: "std", "gap".
        if figure is not None and not stem and figure.direction is not None:
            return figure.direction, figure.unit
    known = ", ".join((*METRICS, *DIFFERENCES))
    raise ValueError(f"metric {name!r} has no declared direction; define it in METRICS (known: {known}).")
