"""The unit that a metric has in tables, and what its values elsewhere are multiplied by to get there."""

from analysis.experiments.runs_by_experiment import PERCENT

# Neither shares nor differences of shares: they stay as they are.
_UNITS = {"loss": "nats", "brier": "squared distance", "ratio": "ratio"}
_DIFFERENCES = ("std", "gap", "difference", "error")


def unit_of(metric: str) -> str:
    """Return ``percent``, ``points`` (percentage points), ``ratio``, ``nats`` or ``squared distance``.

    ``metric`` is named as in :mod:`fer.fairness`: ``accuracy``, ``accuracy_std``, ``recall/happy``, ``accuracy/white``.
    """
    last = _without_group(metric).rpartition("_")[2]
    known = _UNITS.get(last)
    if known is not None:
        return known
    return "points" if last in _DIFFERENCES else "percent"


def scale_of(metric: str) -> float:
    """Return what a value of :mod:`fer.fairness` is multiplied by in tables."""
    if _without_group(metric).endswith("_std"):  # In percentage points already.
        return 1.0
    return PERCENT if unit_of(metric) in ("percent", "points") else 1.0


def server_scale_of(metric: str) -> float:
    """Return what a value on the tracking server is multiplied by in tables."""
    return scale_of(metric)


def quantity_of(metric: str) -> str:
    """Return the column of a metric: its name with the ending of its unit.

    Example:
        >>> quantity_of("accuracy"), quantity_of("accuracy_gap"), quantity_of("loss")
        ('accuracy_percent', 'accuracy_gap_points', 'loss')

    """
    unit = unit_of(metric)
    return f"{metric}_{unit}" if unit in ("percent", "points") else metric


def _without_group(metric: str) -> str:
    return metric.partition("/")[0]
