"""The unit that a metric of :mod:`fer.fairness` has in tables, and what its values are multiplied by to get there."""

from fer.evaluation.metric_names import percent_scale
from fer.fairness import Unit
from fer.fairness import unit_of as own_unit_of

PERCENT_UNIT, POINTS = "percent", "points"
# Of a share these are differences: in percentage points.
_DIFFERENCES = ("std", "gap", "difference", "error")


def unit_of(metric: str) -> str:
    """Return ``percent``, ``points`` (percentage points), or for what is no share its own unit, such as ``ratio``.

    ``metric`` is named as in :mod:`fer.fairness`: ``accuracy``, ``accuracy_std``, ``recall/happy``, ``accuracy/white``.
    Raises ValueError for an unknown metric.

    Example:
        >>> unit_of("accuracy"), unit_of("accuracy_gap"), unit_of("accuracy_ratio"), unit_of("loss")
        ('percent', 'points', 'ratio', 'nats')

    """
    name = _without_group(metric)
    unit = own_unit_of(name)
    if unit is not Unit.SHARE:
        return str(unit)
    return POINTS if name.rpartition("_")[2] in _DIFFERENCES else PERCENT_UNIT


def scale_of(metric: str) -> float:
    """Return what a value of :mod:`fer.fairness` is multiplied by in tables: 100 for a share, else 1."""
    return own_unit_of(_without_group(metric)).in_percent


def server_scale_of(metric: str) -> float:
    """Return what a value on the tracking server is multiplied by in tables; ``metric`` as for :func:`unit_of`."""
    return percent_scale(_without_group(metric))


def quantity_of(metric: str) -> str:
    """Return the column of a metric: its name with the ending of its unit.

    Example:
        >>> quantity_of("accuracy"), quantity_of("accuracy_gap"), quantity_of("loss")
        ('accuracy_percent', 'accuracy_gap_points', 'loss')

    """
    unit = unit_of(metric)
    return f"{metric}_{unit}" if unit in (PERCENT_UNIT, POINTS) else metric


def _without_group(metric: str) -> str:
    """Return the metric itself: a group may have any name, a metric's too."""
    return metric.partition("/")[0]
