"""Accuracy by attributes other than the sensitive groups, such as head pose or detector, and on corrupted faces."""

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.experiments.runs_by_experiment import PERCENT
from analysis.experiments.seeds import ExperimentPredictions
from analysis.tables.columns import HIGH, LOW, companion, keyed
from fer.data.attributes import ALL, POSE, Attribute


def accuracy_by_slice(
    experiments: Sequence[ExperimentPredictions], by: Attribute = POSE, attribute: Attribute | None = None
) -> pd.DataFrame:
    """Return accuracy by the values of another attribute: one row per experiment and group.

    ``experiments`` are tested on the same faces; figures are means over seeds. Columns: ``experiment, group``, and of
    each value of ``by`` ``accuracy_percent/<value>`` (NaN where a group has no such faces) and ``faces/<value>``. With
    ``attribute`` each of its groups has a row below ``all``. Raises InputError if the faces do not have ``by``.
    """
    where = "the predictions table"
    rows = []
    for tested in experiments:
        values = by.groups(tested.samples, where)
        group = None if attribute is None else tested.group(attribute)
        right = pd.Series((tested.y_pred == tested.y_true).mean(axis=0) * PERCENT)
        members = {ALL: pd.Series(True, index=values.index)}
        if group is not None:
            members |= {name: group == name for name in sorted(group.dropna().unique())}
        for name, here in members.items():
            row: dict[str, object] = {"experiment": tested.experiment, "group": name}
            for value in sorted(values.dropna().unique()):
                chosen = (here & (values == value)).fillna(False).to_numpy(dtype=bool)
                row[keyed("accuracy_percent", value)] = right[chosen].mean()
                row[keyed("faces", value)] = int(chosen.sum())
            rows.append(row)
    return pd.DataFrame(rows)


def robustness_table(measured: Mapping[str, pd.DataFrame], attribute: Attribute | None = None) -> pd.DataFrame:
    """Return accuracy on corrupted faces: one row per experiment, perturbation and group.

    ``measured`` maps experiments to what their evaluations logged: ``attribute, perturbation, severity, group,
    accuracy, low, high``. Columns: ``experiment, perturbation, group``, and of each severity
    ``corrupted_accuracy_percent/<severity>`` with ``_low`` and ``_high`` of its 95 % interval, NaN where it cannot be
    estimated or the evaluation, an older one, logged none. Severity 0 is the unchanged faces. Groups of ``attribute``
    are below ``all``.
    """
    whole = pd.concat(dict(measured), names=["experiment"]).reset_index("experiment")
    whole = whole[whole["attribute"].isin([ALL, *([] if attribute is None else [str(attribute)])])]
    keys = ["experiment", "perturbation", "group"]
    logged = {"accuracy": None, "low": LOW, "high": HIGH}
    table = whole.set_index([*keys, "severity"]).reindex(columns=list(logged)).unstack("severity") * PERCENT
    order = [(name, severity) for severity in sorted(whole["severity"].unique()) for name in logged]
    table = table.reindex(pd.MultiIndex.from_frame(whole[keys].drop_duplicates()))[order]
    columns = []
    for name, severity in order:
        accuracy, end = keyed("corrupted_accuracy_percent", severity), logged[name]
        columns.append(accuracy if end is None else companion(accuracy, end))
    table.columns = pd.Index(columns)
    return table.dropna(how="all").reset_index()
