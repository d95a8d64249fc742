"""Accuracy on other kinds of faces than the sensitive groups: head pose, partly covered faces, a detector's."""

from collections.abc import Sequence

import pandas as pd

from analysis.repetitions import Repetitions
from analysis.tables.experiments import PERCENT
from fer.evaluation import attribute_values


def accuracy_by_slice(trials: Sequence[Repetitions], by: str = "pose", attribute: str | None = None) -> pd.DataFrame:
    """Return accuracy in percent: one row an experiment and group, a column a value of ``by`` and ``<value> faces``.

    ``trials`` are tested on the same faces; figures are means over seeds. With ``attribute`` each of its groups has
    a row below ``all``. NaN where a group has no such face. Raises InputError if the faces do not know ``by``.
    """
    where = "the predictions table"
    rows = []
    for trial in trials:
        values = attribute_values(trial.samples, by, where)
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
