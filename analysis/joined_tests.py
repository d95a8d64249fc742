"""Test sets of one group each, taken together: what the age study asks, whose datasets are its age groups."""

import pandas as pd

from analysis.evidence import Evidence
from analysis.tables.experiments import keyed_runs, tag_of
from fer.evaluation import attribute_values, by_group, columns_of, metric_names, overall
from fer.tracking import names

# How a study names the cells of a training that it tests on several datasets: see fer.cells.
_ON = ", on "


def joined_tests(evidence: Evidence, attribute: str, split: str = "test") -> Evidence | None:
    """Return evidence in which the test sets of each training are one; None where nothing is gained by it.

    It is gained where there are several test sets and none has two groups of ``attribute``, so that no test alone
    compares groups. The metrics of a training are then those of all its tested faces, its test is named by all of them,
    and its ``run_id`` is that of its first cell. Trainings that were not tested on all of the datasets are named in
    ``lacking`` and left out; published rows stay as they are.
    """
    keyed = keyed_runs(evidence.runs)
    known = {run for run, table in evidence.predictions.items() if set(columns_of(attribute)) <= set(table)}
    cells = keyed[(keyed["origin"] == names.MEASURED) & keyed["run_id"].isin(list(known))]
    tests = list(dict.fromkeys(cells["params.test"])) if "params.test" in cells else []
    groups = [attribute_values(evidence.predictions[run], attribute).nunique() for run in cells["run_id"]]
    if len(tests) < 2 or max(groups) > 1:
        return None
    rows: list[dict[str, object]] = []
    predictions: dict[str, pd.DataFrame] = {}
    titles: dict[str, str] = {}
    lacking = list(evidence.lacking)
    for _, parts in cells.groupby(tag_of(cells, names.TRAINING_RUN), sort=False):
        first = parts.iloc[0]
        title = str(first["experiment"]).rpartition(_ON)[0] or str(first["experiment"])
        if set(parts["params.test"]) != set(tests):
            lacking.append(f"{title}: it was not tested on all of {', '.join(tests)}; run its other cells.")
            continue
        table = pd.concat([evidence.predictions[run] for run in parts["run_id"]], ignore_index=True)
        titles |= dict.fromkeys(parts["experiment"], title)
        predictions[first["run_id"]] = table
        rows.append(_row(first, parts, title, table, attribute, split))
    published = evidence.runs[tag_of(evidence.runs, names.ORIGIN) == names.PUBLISHED]
    runs = pd.concat([pd.DataFrame(rows), published], ignore_index=True)
    steps = evidence.steps.copy()
    if f"tags.{names.EXPERIMENT}" in steps:
        steps[f"tags.{names.EXPERIMENT}"] = steps[f"tags.{names.EXPERIMENT}"].replace(titles)
    return Evidence(runs, predictions, steps, lacking) if rows else None


def _row(
    first: pd.Series, parts: pd.DataFrame, title: str, table: pd.DataFrame, attribute: str, split: str
) -> dict[str, object]:
    """Return the run of a training, all of its tests together."""
    kept = {str(name): value for name, value in first.items() if not str(name).startswith(f"metrics.{split}/")}
    results = metric_names(split, overall(table), [by_group(table, attribute)])
    joined = [name for name in ("params.test", "params.test_digest") if name in parts]
    together = {name: ", ".join(dict.fromkeys(parts[name].astype(str))) for name in joined}
    for helper in ("experiment", "origin", "_place"):
        kept.pop(helper, None)
    return {
        **kept,
        **{f"metrics.{name}": value for name, value in results.items()},
        **together,
        f"tags.{names.EXPERIMENT}": title,
    }
