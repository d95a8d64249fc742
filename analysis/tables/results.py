"""Tables 5 and 6 of the cross-cultural study and the trade-off: pure functions of a frame of runs.

``runs`` is what :func:`analysis.load_runs` returns: one row a cell. Rows of a table are experiments, in the
study's order, measured before published; where an experiment was run with several seeds, its figures are
means over seeds and ``<column>_sd`` is their sample standard deviation (NaN for one seed).
"""

from collections.abc import Sequence

import pandas as pd

from analysis.experiments.runs_by_experiment import KEYS, PERCENT, keyed_runs, summed_up
from fer.data.attributes import RACE, Attribute
from fer.errors import InputError
from fer.evaluation.metric_names import percent_scale
from fer.fairness import pareto_front
from fer.tracking import names

PUBLISHED_SUFFIX = " published"
# Columns that belong to the one before: spread over seeds, ends of the interval.
_BESIDE = ("_sd", "_low", "_high")


def results_table(runs: pd.DataFrame, split: str = "test") -> pd.DataFrame:
    """Return Table 5's columns: ``f1`` (weighted, 0..1), ``accuracy`` (percent), ``loss``, each with ``_sd``.

    Besides ``experiment``, ``origin`` and ``seeds`` (number of runs behind the row).
    """
    columns = {"f1": ("f1_weighted", 1.0), "accuracy": ("accuracy", PERCENT), "loss": ("loss", 1.0)}
    wanted = {name: (f"{split}/{metric}", scale) for name, (metric, scale) in columns.items()}
    return summed_up(runs, wanted)


def group_table(
    runs: pd.DataFrame, attribute: Attribute | str = RACE, metric: str = "accuracy", split: str = "test",
    groups: Sequence[str] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Return Table 6's columns: the metric of each group and ``std`` over groups, in percent (points), with ``_sd``.

    ``std`` is the sample standard deviation over the groups of one run, averaged over seeds: not the
    deviation of the averages. ``groups`` gives the columns' order; default: as the names sort.
    Raises InputError if no run has groups of ``attribute``.
    """
    attribute = Attribute.parse(attribute)
    prefix = f"metrics.{split}/{attribute.slug}/"
    found = [name.removeprefix(f"{prefix}{metric}/") for name in runs if name.startswith(f"{prefix}{metric}/")]
    if not found:
        raise InputError(_no_attribute(runs, attribute, split))
    shown = f"{split}/{attribute.slug}/{metric}"
    wanted = {group: (f"{shown}/{group}", percent_scale(metric)) for group in groups or sorted(found)}
    return summed_up(runs, {**wanted, "std": (f"{shown}_std", percent_scale(f"{metric}_std"))})


def trade_off_table(runs: pd.DataFrame, attribute: Attribute | str = RACE, split: str = "test") -> pd.DataFrame:
    """Return accuracy against fairness: ``accuracy``, ``std``, ``worst`` (group), ``gap``, in percent (points).

    ``pareto`` is true for the rows that no other row of the same origin and test faces beats in (accuracy up,
    std down), judged on the means over seeds; ties are kept, rows with NaN take no part. Rows that were not
    tested on the same faces, published and measured ones among them, are judged apart.
    """
    attribute = Attribute.parse(attribute)
    prefix = f"{split}/{attribute.slug}/accuracy"
    if not any(name.startswith(f"metrics.{prefix}/") for name in runs):
        raise InputError(_no_attribute(runs, attribute, split))
    columns = {
        "accuracy": f"{split}/accuracy",
        "std": f"{prefix}_std",
        "worst": f"{prefix}_min",
        "gap": f"{prefix}_gap",
    }
    table = summed_up(runs, {name: (metric, percent_scale(metric)) for name, metric in columns.items()})
    faces = tested_on(runs, table)
    fronts = [
        pareto_front(rows[["accuracy", "std"]], directions={"accuracy": "up", "std": "down"})
        for _, rows in table.groupby(["origin", faces], sort=False)
    ]
    table["pareto"] = pd.concat(fronts).reindex(table.index)
    return table


def tested_on(runs: pd.DataFrame, table: pd.DataFrame, parameter: str = "test_digest") -> pd.Index:
    """Return (rows,) what each row of a table of experiments was tested on, "" if unknown.

    ``parameter``: ``test_digest`` tells the faces, ``test`` the dataset's name.
    """
    keyed = keyed_runs(runs)
    given = keyed.get(f"params.{parameter}", pd.Series("", index=keyed.index)).fillna("")
    return pd.MultiIndex.from_frame(table[KEYS]).map(given.groupby([keyed[name] for name in KEYS]).first())


def beside_published(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row an experiment: each measured column, with spread and interval, beside it ``<column> published``.

    ``table`` is a results or group table with rows of both origins. An experiment that only one side has
    shows NaN on the other.
    """
    beside = [name for name in table if name.endswith(_BESIDE)]
    values = [name for name in table if name not in (*KEYS, "seeds", *beside)]
    rows = {origin: part.set_index("experiment") for origin, part in table.groupby("origin", sort=False)}
    measured, published = rows[names.MEASURED], rows[names.PUBLISHED]
    order = list(dict.fromkeys([*measured.index, *published.index]))
    columns = {"seeds": measured["seeds"].reindex(order).astype("Int64")}
    for name in values:
        columns[name] = measured[name].reindex(order)
        for end in _BESIDE:
            if f"{name}{end}" in table:
                columns[f"{name}{end}"] = measured[f"{name}{end}"].reindex(order)
        columns[f"{name}{PUBLISHED_SUFFIX}"] = published[name].reindex(order)
    return pd.DataFrame(columns).rename_axis("experiment").reset_index()


def _no_attribute(runs: pd.DataFrame, attribute: Attribute, split: str) -> str:
    prefix = f"metrics.{split}/"
    inside = [name.removeprefix(prefix) for name in runs if name.startswith(prefix)]
    known = {name.split("/")[0] for name in inside if "/" in name}
    has = ", ".join(sorted(known)) or "none"
    return (
        f"no run has metrics by {str(attribute)!r} on the {split} split (the runs have: {has}); evaluate by it first."
    )
