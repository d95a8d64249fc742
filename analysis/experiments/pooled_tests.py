"""Test sets of one group each, taken together: what the age study asks, whose datasets are its age groups."""

from collections.abc import Sequence

import pandas as pd

from analysis.experiments.evidence import Evidence
from analysis.experiments.runs_by_experiment import keyed_runs, tag_of
from fer.data.attributes import Attribute
from fer.evaluation.metric_names import metric_names
from fer.evaluation.metrics import by_group, overall
from fer.tracking import names

# What stands before the test in the names of cells that version 0.1.0 logged, without the title of their training.
_ON = ", on "
_NEAR_DUPLICATES = "audit/near_duplicates"


def joined_tests(evidence: Evidence, attribute: Attribute, split: str = "test") -> Evidence | None:
    """Return evidence in which the test sets of each training are one; None where nothing is gained by it.

    It is gained where there are several test sets, none has two groups of ``attribute`` and they do not all have the
    same one, so that groups can be compared over tests alone. The metrics of a training are then those of all its
    tested faces, its test is named by all of them, and its ``run_id`` is that of its first cell. Of cells that repeat a
    test of a training (evaluated again in another way) the newest counts. What is left out for lack of a test, of
    predictions or of the attribute is named in ``lacking``; published rows stay as they are.
    """
    keyed = keyed_runs(evidence.runs)
    measured = keyed[keyed["origin"] == names.MEASURED]
    columns = list(attribute.columns)
    groups = {
        run: attribute.groups(table).dropna().unique()
        for run, table in evidence.predictions.items()
        if attribute.known_in(table) and table[columns].notna().all(axis=1).any()
    }
    cells = measured[measured["run_id"].isin(list(groups))]
    tests = list(dict.fromkeys(cells["params.test"])) if "params.test" in cells else []
    shown = {str(name) for found in groups.values() for name in found}
    if len(tests) < 2 or len(shown) < 2 or max(map(len, groups.values())) > 1:
        return None
    rows: list[dict[str, object]] = []
    predictions: dict[str, pd.DataFrame] = {}
    titles: dict[str, str] = {}
    lacking = [*evidence.lacking, *_left_out(measured, cells, tests)]
    for _, parts in cells.groupby(tag_of(cells, names.TRAINING_RUN), sort=False):
        newest = parts.sort_values("start_time").drop_duplicates("params.test", keep="last").set_index("params.test")
        title = _title(parts.iloc[0])
        missing = [test for test in tests if test not in newest.index]
        if missing:
            which = f"{title}, seed {parts.iloc[0].get('params.seed', '?')}"
            lacking.append(f"{which}: nothing is known of it on {', '.join(missing)}; run its other cells.")
            continue
        if len(newest) < len(parts):
            lacking.append(f"{title}: of cells that test it on the same faces again only the newest is shown.")
        newest = newest.loc[tests].reset_index()
        table = pd.concat([evidence.predictions[run] for run in newest["run_id"]], ignore_index=True)
        titles |= dict.fromkeys(parts["experiment"], title)
        predictions[newest["run_id"].iloc[0]] = table
        rows.append(_row(newest, title, table, attribute, split))
    published = evidence.runs[tag_of(evidence.runs, names.ORIGIN) == names.PUBLISHED]
    runs = pd.concat([pd.DataFrame(rows), published], ignore_index=True)
    steps = evidence.steps.copy()
    if f"tags.{names.EXPERIMENT}" in steps:
        steps[f"tags.{names.EXPERIMENT}"] = steps[f"tags.{names.EXPERIMENT}"].replace(titles)
    return Evidence(runs, predictions, steps, lacking) if rows else None


def _left_out(measured: pd.DataFrame, cells: pd.DataFrame, tests: Sequence[str]) -> list[str]:
    """Name the cells that are in no joined test: without the attribute, without predictions, of no known training."""
    told = []
    others = measured[~measured["run_id"].isin(cells["run_id"])]
    unread = others[others["params.test"].isin(tests)]
    if len(unread):
        told.append(f"Of {', '.join(unread['experiment'])} there are no predictions by the attribute to join.")
    elsewhere = dict.fromkeys(others.loc[~others["params.test"].isin(tests), "params.test"])
    if elsewhere:
        told.append(f"Tests on {', '.join(elsewhere)}: they do not know the attribute and stand in the matrix alone.")
    foreign = cells[tag_of(cells, names.TRAINING_RUN).isna()]
    if len(foreign):
        told.append(f"{', '.join(foreign['experiment'])}: no tag says which training it is of, so it is not joined.")
    return told


def _title(cell: pd.Series) -> str:
    """Return the name of a cell's training, which is the cell's own without its test."""
    titled = cell.get(f"tags.{names.TRAINING_TITLE}")
    if isinstance(titled, str):
        return titled
    named = cell.get(f"tags.{names.EXPERIMENT}")
    experiment = named if isinstance(named, str) else str(cell["experiment"])
    return experiment.rpartition(_ON)[0] or experiment


def _row(parts: pd.DataFrame, title: str, table: pd.DataFrame, attribute: Attribute, split: str) -> dict[str, object]:
    """Return the run of a training, all of its tests, ``parts``, together."""
    kept = {str(name): value for name, value in parts.iloc[0].items() if not str(name).startswith(f"metrics.{split}/")}
    for helper in ("experiment", "origin", "_place"):
        kept.pop(helper, None)
    results = metric_names(split, overall(table), [by_group(table, attribute)])
    twins = f"metrics.{split}/{_NEAR_DUPLICATES}"
    if twins in parts and parts[twins].notna().all():
        results[f"{split}/{_NEAR_DUPLICATES}"] = float(parts[twins].sum())
    joined = [name for name in ("params.test", "params.test_digest") if name in parts]
    return {
        **kept,
        **{f"metrics.{name}": value for name, value in results.items()},
        **{name: ", ".join(dict.fromkeys(parts[name].astype(str))) for name in joined},
        f"tags.{names.EXPERIMENT}": title,
    }
