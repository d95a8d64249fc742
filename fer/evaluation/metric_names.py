"""Names and scales of an evaluation's metrics on the tracking server."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from fer.data.attributes import Attribute
from fer.errors import InputError
from fer.evaluation.metrics import GroupResult
from fer.fairness import unit_of

# Characters that group names may contain ("60+", "<18") and the server's metric names may not contain.
_SIGNS = {"<": "under_", ">": "over_", "+": "_plus"}


def metric_part(name: str) -> str:
    """Return a group's name as one part of a metric's name: no slash, and no character that the server refuses."""
    for sign, word in _SIGNS.items():
        name = name.replace(sign, word)
    cleaned = re.sub(r"[^\w.\- :]", "_", name).strip()
    return cleaned if cleaned.strip(".") else "empty"


def server_scale(name: str) -> float:
    """Return the factor by which a value of :mod:`fer.fairness` is multiplied on the server.

    It is 100 for a standard deviation of a share over groups, which the server keeps in percentage points, as the
    studies print it, and else 1. ``name`` is the metric's name, with or without its prefix: ``test/race/accuracy_std``.
    """
    return unit_of(name).in_percent if name.endswith("_std") else 1.0


def percent_scale(name: str) -> float:
    """Return the factor from a value on the server to percent (or points): 1 for a metric that is not a share."""
    return unit_of(name).in_percent / server_scale(name)


def metric_name(split: str, metric: str, attribute: Attribute | None = None, group: str | None = None) -> str:
    """Return the name of a metric of a split: of all samples, a summary over an attribute's groups, or of one group.

    Example:
        >>> race = Attribute.parse("race")
        >>> metric_name("test", "accuracy")
        'test/accuracy'
        >>> metric_name("test", "accuracy_std", race), metric_name("test", "accuracy", race, "60+")
        ('test/race/accuracy_std', 'test/race/accuracy/60_plus')

    """
    parts = [split, *([] if attribute is None else [attribute.slug]), metric]
    return "/".join(parts if group is None else [*parts, metric_part(group)])


def metric_names(split: str, whole: pd.Series, results: Sequence[GroupResult]) -> dict[str, float]:
    """Return all metrics by their names on the server.

    As ``test/accuracy``, ``test/race/accuracy_std`` and ``test/race/accuracy/black``.

    The UI shows one section of charts per prefix (the part before the last slash), so that a metric's groups are
    shown side by side. NaN (a group without samples) is left out: the server keeps numbers only. Values are as in
    :mod:`fer.fairness` but for :func:`server_scale`.
    """
    named = {metric_name(split, str(name)): value for name, value in whole.items()}
    for result in results:
        by = result.attribute
        named |= {
            metric_name(split, str(name), by): value * server_scale(str(name)) for name, value in result.summary.items()
        }
        for metric, column in result.groups.items():
            named |= {metric_name(split, str(metric), by, str(group)): value for group, value in column.items()}
    for result in results:
        if len({metric_part(group) for group in result.groups.index}) < len(result.groups):
            raise InputError(
                "two groups have names that differ only in characters that the tracking server does not allow in "
                "metric names; rename them in the dataset."
            )
    return {name: float(value) for name, value in named.items() if np.isfinite(value)}
