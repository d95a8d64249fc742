"""Trained on one dataset, tested on every one: the age study's matrix, over datasets and over groups."""

from collections.abc import Mapping

import pandas as pd

from analysis.experiments.runs_by_experiment import PERCENT, measured_runs
from analysis.tables.columns import keyed
from analysis.tables.units import quantity_of, server_scale_of
from fer.data.attributes import AGE_GROUP, Attribute
from fer.errors import InputError
from fer.evaluation.metric_names import metric_name
from fer.tracking import names

_NETWORK = ("backbone", "head", "targets")
_TEST = names.param("test")


def train_test_matrix(runs: pd.DataFrame, metric: str = "accuracy", split: str = "test") -> pd.DataFrame:
    """Return a metric of each training on each test set: one row per training.

    Columns: ``backbone`` and ``head`` where there are several, ``trained_on``, and ``accuracy_percent/<test set>`` (of
    another ``metric``: named by it, in its unit). Means over seeds; NaN where a training was not tested on a dataset.
    Raises InputError without a measured run, and for a metric that none has.
    """
    measured = _measured(runs)
    column = names.metric(metric_name(split, metric))
    if column not in measured:
        raise InputError(f"no run has the metric {split}/{metric}; name one that the runs have.")
    keys = _keys(measured)
    values = measured[column] * server_scale_of(metric)
    return _wide(values.groupby([*keys.values(), measured[_TEST]], sort=False).mean(), list(keys), quantity_of(metric))


def group_matrix(
    runs: pd.DataFrame, predictions: Mapping[str, pd.DataFrame], attribute: Attribute = AGE_GROUP
) -> pd.DataFrame:
    """Return the accuracy of each training on each group of the tested faces of all test sets: one row per training.

    Columns as :func:`train_test_matrix`, with ``accuracy_percent/<group>``. Each face of a group counts once per seed,
    whichever dataset it is of. A training whose predictions do not have the attribute has no row; raises InputError if
    none does.
    """
    measured = _measured(runs)
    keys = _keys(measured)
    parts = []
    for place, run in measured["run_id"].items():
        if run not in predictions or not attribute.known_in(predictions[run]):
            continue
        table = predictions[run]
        group = attribute.groups(table, "the predictions table")
        right = (table["label"] == table["predicted"]) * PERCENT
        training = {name: value[place] for name, value in keys.items()}
        parts.append(pd.DataFrame({**training, "group": group, "accuracy": right}))
    if not parts:
        raise InputError(f"no run's predictions have {str(attribute)!r}; evaluate on a dataset that does.")
    whole = pd.concat(parts).dropna(subset="group")
    means = whole.groupby([*keys, "group"], sort=False)["accuracy"].mean()
    return _wide(means, list(keys), "accuracy_percent")


def is_matrix(runs: pd.DataFrame) -> bool:
    """Return whether the measured cells are tested on several datasets."""
    measured = measured_runs(runs)
    return bool(_of_mixtures(measured)[_TEST].nunique() > 1)


def _measured(runs: pd.DataFrame) -> pd.DataFrame:
    measured = measured_runs(runs)
    if measured.empty:
        raise InputError("none of these runs is measured; a published table has no matrix.")
    return _of_mixtures(measured)


def _of_mixtures(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs whose training is known by its mixture, which that of a single evaluation is not."""
    base = names.param("base")
    return runs[runs[base].notna()] if base in runs else runs


def _keys(measured: pd.DataFrame) -> dict[str, pd.Series]:
    """The training's name, and of backbone, head and targets those that differ."""
    base, addition, fraction = (measured[names.param(name)] for name in ("base", "addition", "fraction"))
    trained = base + ("+" + fraction + " " + addition).where(fraction.astype(float) > 0, "")
    network = {name: measured[names.param(name)] for name in _NETWORK if names.param(name) in measured}
    return {name: values for name, values in network.items() if values.nunique() > 1} | {"trained_on": trained}


def _wide(values: pd.Series, keys: list[str], quantity: str) -> pd.DataFrame:
    values.index.names = [*keys, "tested_on"]
    order = list(dict.fromkeys(values.index.get_level_values("tested_on")))
    table = values.unstack("tested_on", sort=False)[order]
    table.columns = pd.Index([keyed(quantity, name) for name in order])
    return table.reset_index()
