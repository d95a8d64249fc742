"""Experiments of a frame of runs: their names, their order, their mixtures."""

from collections import Counter

import pandas as pd

from fer.data.attributes import Attribute
from fer.errors import InputError
from fer.evaluation.metric_names import metric_name
from fer.tracking import names

KEYS = ["experiment", "origin"]
PERCENT = 100.0
_MIXTURE = ("base", "addition", "fraction", "arm")
_PARAMS = names.param("")


def keyed_runs(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs in the study's order, with the columns ``experiment`` and ``origin`` that tables show."""
    named = runs.assign(
        experiment=tag_of(runs, names.EXPERIMENT).fillna(runs["run_name"]),
        origin=tag_of(runs, names.ORIGIN).fillna(names.MEASURED),
        _place=pd.to_numeric(tag_of(runs, names.POSITION)).fillna(float("inf")),
    )
    return _with_distinct_names(named).sort_values(["origin", "_place", "start_time"], kind="stable")


def measured_runs(runs: pd.DataFrame) -> pd.DataFrame:
    """Return :func:`keyed_runs` without those that hold published figures."""
    keyed = keyed_runs(runs)
    return keyed[keyed["origin"] == names.MEASURED]


def without_keys(keyed: pd.DataFrame) -> pd.DataFrame:
    """Return a frame of :func:`keyed_runs` with the server's columns only."""
    return keyed.drop(columns=[*KEYS, "_place"])


def mixtures_of(runs: pd.DataFrame) -> pd.DataFrame:
    """Return ``base``, ``addition``, ``fraction`` (a share, float) and ``arm`` of each (experiment, origin).

    Evaluations that no study made have no mixture, and no row.
    """
    table = keyed_runs(runs).reindex(columns=[*KEYS, *map(names.param, _MIXTURE)]).drop_duplicates(KEYS)
    table.columns = [*KEYS, *_MIXTURE]
    table = table[table["base"].notna()]
    return table.assign(fraction=table["fraction"].astype(float)).reset_index(drop=True)


def identified_by_mixture(runs: pd.DataFrame) -> bool:
    """Return whether all measured experiments have a mixture: a base, addition, arm and fraction that no other has."""
    mixtures = mixtures_of(runs)
    measured = mixtures[mixtures["origin"] == names.MEASURED]
    if len(measured) < measured_runs(runs)["experiment"].nunique():
        return False
    return not measured.duplicated(list(_MIXTURE)).any()


def with_groups(runs: pd.DataFrame, attribute: Attribute, split: str = "test") -> pd.DataFrame:
    """Return the runs without published ones that report no group of ``attribute``, whose rows would be empty."""
    prefix = names.metric(metric_name(split, "accuracy", attribute)) + "/"
    reported = runs[[name for name in runs if name.startswith(prefix)]].notna().any(axis=1)
    return runs[reported | (tag_of(runs, names.ORIGIN) != names.PUBLISHED)]


def runs_on_split(runs: pd.DataFrame, split: str) -> pd.DataFrame:
    """Return the runs that were tested on ``split``; InputError, naming the splits there are, if none was.

    Predictions and datasets do not say which split they are of: a run of another one must not be shown under this name.
    A run that names no split was tested on ``test``.
    """
    tested = split_of(runs)
    if not runs.empty and not (tested == split).any():
        there = ", ".join(sorted(tested.unique()))
        raise InputError(f"no run was tested on the split {split!r}; give one that was tested: {there}.")
    return runs[tested == split]


def split_of(runs: pd.DataFrame) -> pd.Series:
    """Return the split that each run was tested on: a cell names it ``test_split``, an evaluation ``split``."""
    nowhere = pd.Series(None, index=runs.index, dtype="object")
    cells, evaluations = (runs.get(names.param(name), nowhere) for name in ("test_split", "split"))
    # `mlflow run` logs parameters quoted as its shell got them.
    return cells.combine_first(evaluations).fillna("test").astype(str).str.strip("'")


def attributes_of(runs: pd.DataFrame) -> list[Attribute]:
    """Return the attributes by which the measured runs were evaluated, those of most runs first; empty without any.

    Published rows count where no run is measured.
    """
    measured = measured_runs(runs)
    asked = keyed_runs(runs) if measured.empty else measured
    prefix = names.param("")
    given = [name for name in asked if name.startswith(prefix) and name.endswith("attributes")]
    rows = asked[given].rename(columns=lambda name: name.removeprefix(prefix)).to_dict("records")
    counted = Counter(attribute for row in rows for attribute in names.attributes_in(row))
    return [Attribute.parse(attribute) for attribute, _ in counted.most_common()]


def tag_of(runs: pd.DataFrame, name: str) -> pd.Series:
    """Return a tag per run, null where it has none."""
    column = names.tag(name)
    return runs[column] if column in runs else pd.Series(None, index=runs.index, dtype="object")


def metric_of(runs: pd.DataFrame, name: str) -> pd.Series:
    """Return a metric per run, NaN where it has none."""
    column = names.metric(name)
    return runs[column] if column in runs else pd.Series(float("nan"), index=runs.index)


def _with_distinct_names(named: pd.DataFrame) -> pd.DataFrame:
    """Add the differing parameters to the names of experiments that share a name: only seeds are averaged."""
    recipe = tag_of(named, names.RECIPE).fillna("")
    for _, rows in named.groupby(KEYS):
        settings = recipe[rows.index]
        if settings.nunique() == 1:
            continue
        differing = [
            name
            for name in rows
            if name.startswith(_PARAMS) and name != names.param("seed") and rows[name].nunique(dropna=False) > 1
        ]
        # Other data is named by its digest only where no chosen parameter differs.
        chosen = [name for name in differing if not name.endswith("_digest")]
        differing = chosen or differing
        for one, part in rows.groupby(settings):
            # Parameters that differ between seeds of one setting, such as an ensemble's members, are not part of the
            # name.
            own = [name for name in differing if part[name].nunique(dropna=False) == 1]
            what = ", ".join(f"{name.removeprefix(_PARAMS)}={part[name].iloc[0]}" for name in own)
            named.loc[part.index, "experiment"] = part["experiment"] + f" ({what or 'code ' + str(one)[:6]})"
    return named
