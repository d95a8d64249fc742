"""Experiments of a frame of runs: their names, order and mixtures, and their figures summed up over seeds."""

import pandas as pd

from fer.data.attributes import Attribute
from fer.errors import InputError
from fer.tracking import names

KEYS = ["experiment", "origin"]
PERCENT = 100.0


def mixtures_of(runs: pd.DataFrame) -> pd.DataFrame:
    """Return ``base``, ``addition``, ``fraction`` (float) and ``arm`` of each (experiment, origin)."""
    columns = [f"params.{name}" for name in ("base", "addition", "fraction", "arm")]
    table = keyed_runs(runs)[[*KEYS, *columns]].drop_duplicates(KEYS)
    table.columns = [name.removeprefix("params.") for name in table]
    return table.assign(fraction=table["fraction"].astype(float)).reset_index(drop=True)


def told_by_share(runs: pd.DataFrame) -> bool:
    """Return whether base, addition, arm and share tell measured experiments apart; else their names do."""
    mixtures = mixtures_of(runs)
    measured = mixtures[mixtures["origin"] == names.MEASURED]
    return not measured.duplicated(["base", "addition", "fraction", "arm"]).any()


def summed_up(runs: pd.DataFrame, wanted: dict[str, tuple[str, float]]) -> pd.DataFrame:
    """Return one row an experiment: ``seeds``, and of each wanted column its mean and ``_sd`` over seeds.

    ``wanted`` maps a column to a metric and the factor that brings it into the table's unit; a metric that no run
    has is NaN. Raises InputError without a run.
    """
    if runs.empty:
        raise InputError("no finished runs to make a table of; run a study first, or check experiment and study.")
    keyed = keyed_runs(runs)
    values = pd.DataFrame(
        {name: keyed[f"metrics.{metric}"] * scale if f"metrics.{metric}" in keyed else float("nan")
         for name, (metric, scale) in wanted.items()}, index=keyed.index, dtype=float,
    )  # fmt: skip
    grouped = pd.concat([keyed[KEYS], values], axis=1).groupby(KEYS, sort=False)
    table = grouped.size().rename("seeds").to_frame()
    for name in wanted:
        table[name] = grouped[name].mean()
        table[f"{name}_sd"] = grouped[name].std(ddof=1)
    return table.reset_index()


def keyed_runs(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs in the study's order, with the columns ``experiment`` and ``origin`` that tables show."""
    named = runs.assign(
        experiment=tag_of(runs, names.EXPERIMENT).fillna(runs["run_name"]),
        origin=tag_of(runs, names.ORIGIN).fillna(names.MEASURED),
        _place=pd.to_numeric(tag_of(runs, names.POSITION)).fillna(float("inf")),
    )
    return _told_apart(named).sort_values(["origin", "_place", "start_time"], kind="stable")


def _told_apart(named: pd.DataFrame) -> pd.DataFrame:
    """Add to the name of experiments that share it what differs between their recipes: only seeds are averaged."""
    recipe = tag_of(named, names.RECIPE).fillna("")
    for _, rows in named.groupby(KEYS):
        recipes = recipe[rows.index]
        if recipes.nunique() == 1:
            continue
        differing = [
            name
            for name in rows
            if name.startswith("params.") and name != "params.seed" and rows[name].nunique(dropna=False) > 1
        ]
        # Other data is named by its digest only where nothing that a person chose differs.
        chosen = [name for name in differing if not name.endswith("_digest")]
        differing = chosen or differing
        for one, part in rows.groupby(recipes):
            # What differs between a recipe's own seeds, such as an ensemble's members, does not name it.
            own = [name for name in differing if part[name].nunique(dropna=False) == 1]
            what = ", ".join(f"{name.removeprefix('params.')}={part[name].iloc[0]}" for name in own)
            named.loc[part.index, "experiment"] = part["experiment"] + f" ({what or 'code ' + str(one)[:6]})"
    return named


def with_groups(runs: pd.DataFrame, attribute: Attribute, split: str = "test") -> pd.DataFrame:
    """Return the runs without the published ones that tell no group of ``attribute``: they would be rows of dashes."""
    prefix = f"metrics.{split}/{attribute.slug}/"
    told = runs[[name for name in runs if name.startswith(prefix)]].notna().any(axis=1)
    return runs[told | (tag_of(runs, names.ORIGIN) != names.PUBLISHED)]


def tag_of(runs: pd.DataFrame, name: str) -> pd.Series:
    """Return a tag of each run, null where it has none."""
    column = f"tags.{name}"
    return runs[column] if column in runs else pd.Series(None, index=runs.index, dtype="object")
