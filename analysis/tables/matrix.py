"""Trained on one dataset, tested on every one: the age study's matrix, over datasets and over groups."""

from collections.abc import Mapping

import pandas as pd

from analysis.experiments.runs_by_experiment import PERCENT, keyed_runs
from fer.data.attributes import AGE_GROUP, Attribute
from fer.errors import InputError
from fer.evaluation.metric_names import percent_scale
from fer.tracking import names

_NETWORK = ("backbone", "head")


def train_test_matrix(runs: pd.DataFrame, metric: str = "accuracy", split: str = "test") -> pd.DataFrame:
    """Return a metric: one row a training (``trained_on``, and network where several), a column a test set.

    A metric that is a share is in percent.

    Means over seeds; NaN where a training was not tested on a dataset. Raises InputError without a measured run.
    """
    measured = _measured(runs)
    column = f"metrics.{split}/{metric}"
    if column not in measured:
        raise InputError(f"no run has the metric {split}/{metric}; name one that the runs have.")
    keys = _keys(measured)
    table = (
        (measured[column] * percent_scale(metric)).groupby([*keys.values(), measured["params.test"]], sort=False).mean()
    )
    return _shaped(table, list(keys))


def group_matrix(
    runs: pd.DataFrame, predictions: Mapping[str, pd.DataFrame], attribute: Attribute = AGE_GROUP
) -> pd.DataFrame:
    """Return accuracy in percent: one row a training, a column a group of the tested faces of all test sets.

    Each face of a group counts once a seed, whichever dataset it is of. A training whose predictions do not know
    the attribute has no row; raises InputError if none does.
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
        parts.append(pd.DataFrame({name: value[place] for name, value in keys.items()} | {"group": group, "v": right}))
    if not parts:
        raise InputError(f"no run's predictions know {str(attribute)!r}; evaluate on a dataset that does.")
    whole = pd.concat(parts).dropna(subset="group")
    return _shaped(whole.groupby([*keys, "group"], sort=False)["v"].mean(), list(keys))


def is_matrix(runs: pd.DataFrame) -> bool:
    """Return whether the measured runs are tested on several datasets."""
    return _measured(runs)["params.test"].nunique() > 1


def _measured(runs: pd.DataFrame) -> pd.DataFrame:
    keyed = keyed_runs(runs)
    measured = keyed[keyed["origin"] == names.MEASURED]
    if measured.empty:
        raise InputError("no measured run is among these; a published table has no matrix.")
    return measured


def _keys(measured: pd.DataFrame) -> dict[str, pd.Series]:
    """The training's name, and of backbone and head those that differ."""
    share = "+" + measured["params.fraction"] + " " + measured["params.addition"]
    trained = measured["params.base"] + share.where(measured["params.fraction"].astype(float) > 0, "")
    differing = [name for name in _NETWORK if measured[f"params.{name}"].nunique() > 1]
    return {name: measured[f"params.{name}"] for name in differing} | {"trained_on": trained}


def _shaped(values: pd.Series, keys: list[str]) -> pd.DataFrame:
    values.index.names = [*keys, "tested_on"]
    order = list(dict.fromkeys(values.index.get_level_values("tested_on")))
    table = values.unstack("tested_on", sort=False)[order]
    table.columns.name = None
    return table.reset_index()
