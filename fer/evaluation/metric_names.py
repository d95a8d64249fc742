"""Names and scales of an evaluation's metrics on the tracking server."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from fer.data.attributes import Attribute
from fer.evaluation.metrics import GroupResult
from fer.fairness import unit_of
from fer.text.name_parts import metric_part, name_of_part

# In a metric's name a group comes after split, attribute and metric.
_GROUP_PLACE = 3


def server_scale(name: str) -> float:
    """Return the factor by which a value of :mod:`fer.fairness` is multiplied on the server.

    It is 100 for a standard deviation of a share over groups, which the server keeps in percentage points, as the
    studies print it, and else 1. ``name`` is the metric's name, with or without its prefix: ``test/race/accuracy_std``.
    """
    *_, metric = name.split("/")[:_GROUP_PLACE]
    return unit_of(name).in_percent if metric.endswith("_std") else 1.0


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


def groups_in(metrics: Iterable[str], split: str, metric: str, attribute: Attribute) -> dict[str, str]:
    """Return the groups of an attribute for which ``metrics``, names on the server, have a metric: names by group.

    The groups are sorted, and named as :func:`fer.text.name_parts.name_of_part` reads them.

    Example:
        >>> logged = ["test/accuracy", "test/age_group/accuracy_std", "test/age_group/accuracy/60_plus"]
        >>> groups_in(logged, "test", "accuracy", Attribute.parse("age_group"))
        {'60+': 'test/age_group/accuracy/60_plus'}

    """
    prefix = metric_name(split, metric, attribute) + "/"
    parts = sorted(name.removeprefix(prefix) for name in metrics if name.startswith(prefix))
    found: dict[str, str] = {}
    for part in parts:
        group = name_of_part(part)
        found[part if group in found else group] = prefix + part
    return dict(sorted(found.items()))


def group_shown(group: str) -> str:
    """Return a group's name as :func:`groups_in` reads it: its own, and of a very long one the cut form."""
    return name_of_part(metric_part(group))


def attributes_in(metrics: Iterable[str], split: str) -> list[Attribute]:
    """Return the attributes by which ``metrics``, names on the server, have summaries over groups, alphabetically."""
    parts = [name.split("/") for name in metrics]
    slugs = {name[1] for name in parts if len(name) == _GROUP_PLACE and (name[0], name[2]) == (split, "accuracy_min")}
    return sorted(map(Attribute.of_slug, slugs), key=str)


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
    return {name: float(value) for name, value in named.items() if np.isfinite(value)}
