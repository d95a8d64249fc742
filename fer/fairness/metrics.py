"""Point metrics of one set of predictions; the direction and unit of a metric by name."""

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

# Means over subsamples, not functions of sums, see fer.fairness.standardisation.
_AS_ANOTHER = {"calibration_error_equal_size": "calibration_error"}


def point_metrics(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    y_proba: ArrayLike | None = None,
    labels: Sequence[Any] | None = None,
    sample_weight: ArrayLike | None = None,
) -> pd.Series:
    """Return all metrics of one set of predictions: float, by name; NaN without samples.

    ``accuracy``, ``f1_weighted`` (F1 per class, weighted by the true class counts: the studies' "F1"), ``f1_macro``
    (mean over the classes that occur in ``y_true``), all 0..1; and with ``y_proba`` ``loss`` (cross-entropy in nats, 0
    and up), ``brier`` (Brier 1950, squared distance over all classes, 0..2) and ``calibration_error`` (expected, 15
    bins of equal width: Guo et al. 2017; 0..1, biased upwards for few samples). Equal to scikit-learn's ``f1_score``,
    ``log_loss`` and so on; defined in :data:`METRICS`, where :func:`direction_of` and :func:`unit_of` look too.

    Args:
        y_true: (n,) true class labels; or codes, whole numbers that are positions in ``labels``.
        y_pred: (n,) predicted labels or codes.
        y_proba: float (n, k), the classes' probabilities, rows in 0..1 that sum to 1. Without it the metrics of
            probabilities are left out.
        labels: the k class labels, in the order of the columns of ``y_proba``; default: those that occur, sorted, or
            the codes 0 to k - 1.
        sample_weight: (n,) 0 or more; default 1 each.

    Raises ValueError for arrays of different length, a label that is not among ``labels``, and rows of ``y_proba``
    that are not probabilities.

    Example:
        >>> y_proba = [[0.9, 0.1], [0.3, 0.7], [0.4, 0.6], [0.2, 0.8]]
        >>> point_metrics([0, 0, 1, 1], [0, 1, 1, 1], y_proba=y_proba).round(3)
        accuracy             0.750
        f1_weighted          0.733
        f1_macro             0.733
        loss                 0.511
        brier                0.350
        calibration_error    0.350
        dtype: float64
        >>> point_metrics(["sad", "fear"], ["sad", "sad"]).round(3).to_dict()
        {'accuracy': 0.5, 'f1_weighted': 0.333, 'f1_macro': 0.333}

    """
    columns, layout = weighted_columns(y_true, y_pred, y_proba, labels, sample_weight)
    return pd.Series(point_values(Sums(columns.sum(axis=0), layout)), dtype=float)


def class_metrics(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    labels: Sequence[Any] | None = None,
    sample_weight: ArrayLike | None = None,
) -> pd.DataFrame:
    """Return ``precision``, ``recall``, ``f1`` (0..1) and ``support`` of each class, one row per label.

    Equal to scikit-learn's ``classification_report``, except that undefined values are NaN and not 0: recall and F1 of
    a class that does not occur, precision of a class that is never predicted. Arguments and errors as in
    :func:`point_metrics`; ``support`` is int (n), with ``sample_weight`` the sum of weights.

    Example:
        >>> class_metrics(["sad", "sad", "fear"], ["sad", "fear", "fear"], labels=["fear", "sad", "happy"]).round(2)
               precision  recall    f1  support
        label
        fear         0.5     1.0  0.67        1
        sad          1.0     0.5  0.67        2
        happy        NaN     NaN   NaN        0

    """
    columns, layout = weighted_columns(y_true, y_pred, None, labels, sample_weight)
    sums = Sums(columns.sum(axis=0), layout)
    occurs = sums.true > 0
    return pd.DataFrame(
        {
            "precision": sums.precision,
            "recall": sums.recall,
            "f1": np.where(occurs, sums.f1, np.nan),
            "support": sums.true if sample_weight is not None else sums.true.astype(np.int64),
        },
        index=pd.Index(layout.labels, name="label"),
    )


def weighted_columns(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    y_proba: ArrayLike | None,
    labels: Sequence[Any] | None,
    sample_weight: ArrayLike | None,
) -> tuple[np.ndarray, Layout]:
    """Return each sample's contribution to the sums, times its weight."""
    columns, layout = columns_of(samples_of(y_true, y_pred, y_proba, labels))
    if sample_weight is None:
        return columns, layout
    weights = np.asarray(sample_weight, dtype=float)
    same_length(y_true=len(columns), sample_weight=len(weights))
    if not (weights >= 0).all():
        raise ValueError("sample_weight has values below 0 or NaN; give each sample a weight of 0 or more.")
    return columns * weights[:, None], layout


def point_values(sums: Sums) -> dict[str, np.ndarray]:
    """Return the metrics that are defined for a single set of predictions, (...,) each, by name."""
    return {
        metric.name: metric.of(sums)
        for metric in METRICS.values()
        if not (metric.per_class or metric.at_common_mix) and (sums.layout.has_proba or not metric.needs_proba)
    }


def direction_of(name: str) -> Direction:
    """Return whether a metric is better ``up`` or ``down``.

    Takes a plain name (``accuracy``), one over groups (``accuracy_std``; ``accuracy_min`` keeps the metric's own
    direction) and the server's form (``test/race/accuracy_std``, ``test/race/accuracy/black``). Raises ValueError for
    an unknown name.

    Example:
        >>> direction_of("accuracy"), direction_of("accuracy_std"), direction_of("test/race/loss/black")
        ('up', 'down', 'down')

    """
    return _definition_of(name)[0]


def unit_of(name: str) -> Unit:
    """Return the unit of a metric's values in this package, by any of the names that :func:`direction_of` takes.

    A difference or standard deviation of shares is a share: 0.05 is 5 percentage points. (On the tracking server a
    standard deviation is in percentage points: :func:`fer.evaluation.metric_names.server_scale`.) Raises ValueError for
    an unknown name, and for ``std`` or ``gap`` alone.

    Example:
        >>> str(unit_of("accuracy_std")), str(unit_of("accuracy_ratio")), str(unit_of("loss"))
        ('share', 'ratio', 'nats')
        >>> unit_of("accuracy_gap").in_percent
        100.0

    """
    unit = _definition_of(name)[1]
    if unit is None:
        raise ValueError(f"{name!r} alone has no unit; name the metric too, such as accuracy_{name}.")
    return unit


def _definition_of(name: str) -> tuple[Direction, Unit | None]:
    parts = [part for part in name.split("/") if part]
    # A group may be named as a metric is: of split, attribute, metric and group it is the third that counts.
    for part in [*parts[2:3], *reversed(parts)] if len(parts) > 3 else reversed(parts):
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
