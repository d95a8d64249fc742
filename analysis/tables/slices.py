"""Accuracy on other kinds of faces than the sensitive groups: head pose, a detector's, and faces made worse."""

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.experiments.runs_by_experiment import PERCENT
from analysis.experiments.seeds import Repetitions
from fer.data.attributes import ALL, POSE, Attribute


def accuracy_by_slice(
    trials: Sequence[Repetitions], by: Attribute = POSE, attribute: Attribute | None = None
) -> pd.DataFrame:
    """Return accuracy in percent: one row an experiment and group, a column a value of ``by`` and ``<value> faces``.

    ``trials`` are tested on the same faces; figures are means over seeds. With ``attribute`` each of its groups has
    a row below ``all``. NaN where a group has no such face. Raises InputError if the faces do not know ``by``.
    """
    where = "the predictions table"
    rows = []
    for trial in trials:
        values = by.groups(trial.samples, where)
        group = None if attribute is None else trial.group(attribute)
        right = pd.Series((trial.y_pred == trial.y_true).mean(axis=0) * PERCENT)
        members = {"all": pd.Series(True, index=values.index)}
        if group is not None:
            members |= {name: group == name for name in sorted(group.dropna().unique())}
        for name, here in members.items():
            row: dict[str, object] = {"experiment": trial.experiment, "group": name}
            for value in sorted(values.dropna().unique()):
                chosen = (here & (values == value)).fillna(False).to_numpy(dtype=bool)
                row |= {value: right[chosen].mean(), f"{value} faces": int(chosen.sum())}
            rows.append(row)
    return pd.DataFrame(rows)


def robustness_table(measured: Mapping[str, pd.DataFrame], attribute: Attribute | None = None) -> pd.DataFrame:
    """Return accuracy (%) on faces made worse: one row an experiment, perturbation and group, a column a severity.

    ``measured`` maps experiments to what their evaluations logged (``robustness.csv``: ``attribute, perturbation,
    severity, group, accuracy, low, high``). Severity 0 is the faces as they are. Groups of ``attribute`` stand below
    ``all``. Beside each severity stand ``_low`` and ``_high`` of its 95 % interval, NaN where it cannot be estimated or
    the evaluation, an older one, logged none.
    """
    whole = pd.concat(dict(measured), names=["experiment"]).reset_index("experiment")
    whole = whole[whole["attribute"].isin([ALL, *([] if attribute is None else [str(attribute)])])]
    keys = ["experiment", "perturbation", "group"]
    suffixes = {"accuracy": "", "low": "_low", "high": "_high"}
    table = whole.set_index([*keys, "severity"]).reindex(columns=list(suffixes)).unstack("severity") * PERCENT
    order = [(end, severity) for severity in sorted(whole["severity"].unique()) for end in suffixes]
    table = table.reindex(pd.MultiIndex.from_frame(whole[keys].drop_duplicates()))[order]
    table.columns = [f"severity {severity}{suffixes[end]}" for end, severity in order]
    return table.dropna(how="all").reset_index()
