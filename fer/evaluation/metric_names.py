"""Metrics of an evaluation under the names that they have on the server."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from fer.data.attributes import Attribute
from fer.errors import InputError
from fer.evaluation.metrics import GroupResult
from fer.fairness import unit_of

# Signs that group names carry ("60+", "<18") and the server's metric names may not.
_SIGNS = {"<": "under_", ">": "over_", "+": "_plus"}


def metric_part(name: str) -> str:
    """Return a group's name as one part of a metric's name: no slash, and no sign that the server refuses."""
    for sign, word in _SIGNS.items():
        name = name.replace(sign, word)
    cleaned = re.sub(r"[^\w.\- :]", "_", name).strip()
    return cleaned if cleaned.strip(".") else "empty"


def server_scale(name: str) -> float:
    """Return what a value of :mod:`fer.fairness` is multiplied by under its name on the server.

    1, but 100 for a standard deviation over groups of a share: the server has it in percentage points, as the studies
    print it. ``name`` is a metric's, with or without what stands before it there: ``test/race/accuracy_std``.
    """
    return unit_of(name).in_percent if name.endswith("_std") else 1.0


def percent_scale(name: str) -> float:
    """Return what a value on the server is multiplied by to be in percent (points): 1 for one that is no share."""
    return unit_of(name).in_percent / server_scale(name)


def metric_name(split: str, metric: str, attribute: Attribute | None = None, group: str | None = None) -> str:
    """Return the name of a metric of a split: of all samples, summed up over an attribute's groups, or of one group.

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
    """Return all metrics under the server's names.

    As ``test/accuracy``, ``test/race/accuracy_std`` and ``test/race/accuracy/black``.

    What stands before the last slash becomes one section of charts, so a metric's groups stand side by
    side. NaN (a group without samples) is left out: the server keeps numbers only. Values are as in
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
                "two groups have names that differ only in signs that the tracking server's metric names may not hold; "
                "rename them in the dataset."
            )
    return {name: float(value) for name, value in named.items() if np.isfinite(value)}
