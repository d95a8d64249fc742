"""Tables 5 and 6 of the cross-cultural study and the trade-off: pure functions of a frame of runs.

``runs`` is what :func:`analysis.load_runs` returns: one row per cell. Rows of a table are experiments, in the study's
order, measured before published, with ``experiment``, ``origin`` (``measured`` or ``published``) and ``seeds``, the
number of runs behind the row. Where an experiment was run with several seeds, its figures are means over seeds and
``_sd`` beside each is their sample standard deviation (NaN for one seed).
"""

from collections.abc import Sequence

import pandas as pd

from analysis.experiments.runs_by_experiment import KEYS, PERCENT, keyed_runs
from analysis.tables.columns import HIGH, LOW, PUBLISHED, SD, companion, keyed
from analysis.tables.seed_averages import averaged_over_seeds
from analysis.tables.units import quantity_of, server_scale_of
from fer.data.attributes import RACE, Attribute
from fer.errors import InputError
from fer.evaluation.metric_names import attributes_in, groups_in, metric_name
from fer.fairness import pareto_front
from fer.tracking import names

_ORIGINS = (names.MEASURED, names.PUBLISHED)


def results_table(runs: pd.DataFrame, split: str = "test") -> pd.DataFrame:
    """Return Table 5: the overall performance of each experiment.

    Columns: ``experiment, origin, seeds``, then ``f1_weighted`` (0 to 1), ``accuracy_percent`` and ``loss`` (mean
    cross-entropy), each with ``_sd``. A metric that no run has on this split is NaN. Raises InputError without a run.

    Example:
        >>> from analysis.experiments.examples import example_runs
        >>> table = results_table(example_runs())
        >>> shown = ["experiment", "seeds", "accuracy_percent", "accuracy_percent_sd"]
        >>> print(table[shown].round(1).to_string(index=False))
           experiment  seeds  accuracy_percent  accuracy_percent_sd
             one only      2              64.6                  2.9
        one + 50% two      2              80.0                  7.1

    """
    columns = {
        "f1_weighted": (metric_name(split, "f1_weighted"), 1.0),
        "accuracy_percent": (metric_name(split, "accuracy"), PERCENT),
        "loss": (metric_name(split, "loss"), 1.0),
    }
    return averaged_over_seeds(runs, columns)


def group_table(
    runs: pd.DataFrame, attribute: Attribute | str = RACE, metric: str = "accuracy", split: str = "test",
    groups: Sequence[str] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Return Table 6: a metric of each group, and its standard deviation over groups.

    Columns: ``experiment, origin, seeds``, one per group, ``accuracy_percent/<group>``, and ``std_points``, each with
    ``_sd``. (Of another ``metric`` they are named by it, and one that is no share is as it is: ``loss/<group>``,
    ``std``.) ``std_points`` is the sample standard deviation over the groups of one run, averaged over seeds: not the
    deviation of the averages.

    ``attribute`` is a column of the predictions or a product such as ``race*gender``. ``groups`` gives the groups and
    their order, default those that the runs have, sorted; one that a run does not have is NaN. Runs of version 0.1.0
    did not keep signs such as ``/`` in the names of groups, and those are shown as logged. Raises InputError if no run
    has groups of ``attribute``.

    Example:
        >>> from analysis.experiments.examples import example_runs
        >>> table = group_table(example_runs(), "race")
        >>> shown = ["experiment", "accuracy_percent/black", "accuracy_percent/white", "std_points"]
        >>> print(table[shown].round(1).to_string(index=False))
           experiment  accuracy_percent/black  accuracy_percent/white  std_points
             one only                    43.8                    75.0        22.1
        one + 50% two                    75.0                    82.5         8.0

    """
    attribute = Attribute.parse(attribute)
    found = groups_in(_logged(runs), split, metric, attribute)
    if not found:
        raise InputError(_no_attribute(runs, attribute, split))
    scale, quantity = server_scale_of(metric), quantity_of(metric)
    columns = {
        keyed(quantity, group): (found.get(group, metric_name(split, metric, attribute, group)), scale)
        for group in groups or found
    }
    std = "std_points" if quantity != metric else "std"
    return averaged_over_seeds(
        runs, columns | {std: (metric_name(split, f"{metric}_std", attribute), server_scale_of(f"{metric}_std"))}
    )


def trade_off_table(runs: pd.DataFrame, attribute: Attribute | str = RACE, split: str = "test") -> pd.DataFrame:
    """Return accuracy against fairness, one row per experiment.

    Columns: ``experiment, origin, seeds``; ``accuracy_percent``, ``std_points`` (over groups), ``worst_percent`` (the
    lowest accuracy of a group) and ``gap_points`` (highest less lowest), each with ``_sd``; ``pareto``: true for the
    rows that no other row of the same origin and test faces beats in both accuracy and std, judged on the means over
    seeds. Ties are kept, rows with NaN take no part. Rows that were not tested on the same faces, also published
    and measured ones, are judged separately. Raises InputError if no run has groups of ``attribute``.

    Example:
        >>> from analysis.experiments.examples import example_runs
        >>> table = trade_off_table(example_runs(), "race")
        >>> shown = ["experiment", "accuracy_percent", "std_points", "worst_percent", "pareto"]
        >>> print(table[shown].round(1).to_string(index=False))
           experiment  accuracy_percent  std_points  worst_percent  pareto
             one only              64.6        22.1           43.8   False
        one + 50% two              80.0         8.0           73.1    True

    """
    attribute = Attribute.parse(attribute)
    if not groups_in(_logged(runs), split, "accuracy", attribute):
        raise InputError(_no_attribute(runs, attribute, split))
    columns = {"accuracy_percent": (metric_name(split, "accuracy"), PERCENT)}
    over_groups = {"std_points": "accuracy_std", "worst_percent": "accuracy_min", "gap_points": "accuracy_gap"}
    for name, metric in over_groups.items():
        columns[name] = (metric_name(split, metric, attribute), server_scale_of(metric))
    table = averaged_over_seeds(runs, columns)
    faces = tested_on(runs, table)
    fronts = [
        pareto_front(
            rows[["accuracy_percent", "std_points"]], directions={"accuracy_percent": "up", "std_points": "down"}
        )
        for _, rows in table.groupby(["origin", faces], sort=False)
    ]
    table["pareto"] = pd.concat(fronts).reindex(table.index)
    return table


def tested_on(runs: pd.DataFrame, table: pd.DataFrame, parameter: str = "test_digest") -> pd.Index:
    """Return (rows,) what each row of a table of experiments was tested on, "" if unknown.

    ``parameter``: ``test_digest`` identifies the faces, ``test`` is the dataset's name, which a run without the former
    has for it.
    """
    by_run = keyed_runs(runs)
    nowhere = pd.Series(None, index=by_run.index, dtype="object")
    given = by_run.get(names.param(parameter), nowhere)
    given = given.combine_first(by_run.get(names.param("test"), nowhere)).fillna("")
    return pd.MultiIndex.from_frame(table[KEYS]).map(given.groupby([by_run[name] for name in KEYS]).first())


def beside_published(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row per experiment: each measured column, with its companions, beside its ``_published``.

    ``table`` is a results or group table, with intervals or without; rows of both origins make the comparison. An
    experiment that only one side has shows NaN on the other; ``seeds`` are those of the measured row.

    Example:
        >>> table = pd.DataFrame({"experiment": ["a", "a"], "origin": ["measured", "published"], "seeds": [2, 1],
        ...                       "std_points": [4.0, 5.1]})
        >>> print(beside_published(table).to_string(index=False))
        experiment  seeds  std_points  std_points_published
                 a      2         4.0                   5.1

    """
    beside = {companion(str(name), kind) for name in table for kind in (SD, LOW, HIGH)}
    values = [str(name) for name in table if name not in (*KEYS, "seeds", *beside)]
    rows = {origin: part.set_index("experiment") for origin, part in table.groupby("origin", sort=False)}
    measured, published = (rows.get(one, table.set_index("experiment").iloc[:0]) for one in _ORIGINS)
    order = list(dict.fromkeys([*measured.index, *published.index]))
    columns = {"seeds": measured["seeds"].reindex(order).astype("Int64")}
    for name in values:
        columns[name] = measured[name].reindex(order)
        for end in (companion(name, kind) for kind in (SD, LOW, HIGH)):
            if end in table:
                columns[end] = measured[end].reindex(order)
        columns[companion(name, PUBLISHED)] = published[name].reindex(order)
    return pd.DataFrame(columns).rename_axis("experiment").reset_index()


def _logged(runs: pd.DataFrame) -> list[str]:
    """Return the names of the metrics that a run has."""
    prefix = names.metric("")
    return [str(name).removeprefix(prefix) for name in runs if name.startswith(prefix) and runs[name].notna().any()]


def _no_attribute(runs: pd.DataFrame, attribute: Attribute, split: str) -> str:
    has = ", ".join(map(str, attributes_in(_logged(runs), split))) or "none"
    return (
        f"no run has metrics by {str(attribute)!r} on the {split} split (the runs have: {has}); evaluate by it first."
    )
