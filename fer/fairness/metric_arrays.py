"""All metrics, and all summaries over groups, as arrays with one position per name."""

from collections.abc import Mapping

import numpy as np

from fer.fairness.definitions import DIFFERENCES, METRICS, Metric
from fer.fairness.samples import Samples
from fer.fairness.sums import Layout, Sums, sample_columns


def columns_of(samples: Samples) -> tuple[np.ndarray, Layout]:
    """Return each sample's contribution to the sums of all metrics of these predictions, and the column names."""
    further = {metric.name: metric.each for metric in _metrics(samples.proba is not None) if metric.each is not None}
    return sample_columns(samples, further)


def metric_names(layout: Layout) -> tuple[str, ...]:
    """Return the names of the metrics of :func:`metrics_of`, in order."""
    return tuple(name for metric in _metrics(layout.has_proba) for name in metric.names(layout.labels))


def definition_by_name(layout: Layout) -> dict[str, Metric]:
    """Return the definition behind each of :func:`metric_names`."""
    return {name: metric for metric in _metrics(layout.has_proba) for name in metric.names(layout.labels)}


def metrics_of(sums: Sums) -> np.ndarray:
    """Return all metrics, float (..., metrics), in the order of :func:`metric_names`; NaN without samples."""
    return np.concatenate([_last_axis(metric.of(sums), metric) for metric in _metrics(sums.layout.has_proba)], axis=-1)


def bases_of(sums: Sums) -> np.ndarray:
    """Return the number of samples behind each metric, float (..., metrics)."""
    metrics = _metrics(sums.layout.has_proba)
    return np.concatenate([_last_axis(metric.base(sums), metric) for metric in metrics], axis=-1)


def summary_names(layout: Layout) -> tuple[str, ...]:
    """Return the names of the summaries of :func:`summaries_of`, in order."""
    figures = [f"{metric.name}_{figure.name}" for metric in _metrics(layout.has_proba) for figure in metric.figures()]
    return (*figures, *DIFFERENCES)


def summaries_of(groups: Sums, values: Mapping[str, np.ndarray] | None = None) -> np.ndarray:
    """Return the summaries over groups, float (..., summaries), in the order of :func:`summary_names`.

    Args:
        groups: sums (..., groups, columns), only of groups with samples in the data.
        values: metrics that are already computed, (..., groups) each.

    A replicate from which one of these groups is missing is NaN in all summaries, as the others are a different set of
    groups. A missing class is ignored.

    """
    known = values or {}
    parts = []
    for metric in _metrics(groups.layout.has_proba):
        if metric.over_groups:
            each = known[metric.name] if metric.name in known else metric.of(groups)
            parts += [figure.of(each) for figure in metric.figures()]
    parts += [difference.value(groups) for difference in DIFFERENCES.values()]
    complete = np.all(groups.count > 0, axis=-1)
    return np.where(complete[..., None], np.stack(parts, axis=-1), np.nan)


def _metrics(has_proba: bool) -> list[Metric]:
    return [metric for metric in METRICS.values() if has_proba or not metric.needs_proba]


def _last_axis(values: np.ndarray, metric: Metric) -> np.ndarray:
    return values if metric.per_class else values[..., None]
