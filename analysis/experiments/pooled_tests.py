"""Pool test sets of one group each, as in the age study, whose datasets are its age groups."""

from collections.abc import Sequence

import pandas as pd

from analysis.experiments.evidence import Evidence
from analysis.experiments.runs_by_experiment import measured_runs, tag_of, without_keys
from fer.data.attributes import Attribute
from fer.evaluation.metric_names import metric_name, metric_names
from fer.evaluation.metrics import by_group, overall
from fer.tracking import names

# The prefix of the test in cell names of version 0.1.0, which logged no title of the training.
_ON = ", on "
_TEST, _TEST_DIGEST, _SEED = (names.param(name) for name in ("test", "test_digest", "seed"))
_TITLE = names.tag(names.EXPERIMENT)


def pooled_tests(evidence: Evidence, attribute: Attribute, split: str = "test") -> Evidence | None:
    """Return evidence in which the test sets of each training are pooled; None where pooling is not useful.

    Pooling is useful where there are several test sets, none has two groups of ``attribute`` and they do not all have
    the same one, so that groups can be compared over tests alone. The metrics of a training are then those of all its
    tested faces, its test is named by all of them, and its ``run_id`` is that of its first cell. Of cells that repeat a
    test of a training (evaluated again in another way) the newest counts. Trainings and cells left out for lack of a
    test, of predictions or of the attribute are named in ``lacking``; published rows stay as they are.
    """
    measured = measured_runs(evidence.runs)
    columns = list(attribute.columns)
    groups = {
        run: attribute.groups(table).dropna().unique()
        for run, table in evidence.predictions.items()
        if attribute.known_in(table) and table[columns].notna().all(axis=1).any()
    }
    cells = measured[measured["run_id"].isin(list(groups))]
    tests = list(dict.fromkeys(cells[_TEST])) if _TEST in cells else []
    found = {str(name) for shown in groups.values() for name in shown}
    if len(tests) < 2 or len(found) < 2 or max(map(len, groups.values())) > 1:
        return None
    rows: list[dict[str, object]] = []
    predictions: dict[str, pd.DataFrame] = {}
    titles: dict[str, str] = {}
    lacking = [*evidence.lacking, *_left_out(measured, cells, tests)]
    for _, parts in cells.groupby(tag_of(cells, names.TRAINING_RUN), sort=False):
        newest = parts.sort_values("start_time").drop_duplicates(_TEST, keep="last").set_index(_TEST)
        title = _title(parts.iloc[0])
        missing = [test for test in tests if test not in newest.index]
        if missing:
            which = f"{title}, seed {parts.iloc[0].get(_SEED, '?')}"
            lacking.append(f"{which}: it was not tested on {', '.join(missing)}; run its other cells.")
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
    if _TITLE in steps:
        steps[_TITLE] = steps[_TITLE].replace(titles)
    return Evidence(runs, predictions, steps, lacking, evidence.pages) if rows else None


def _left_out(measured: pd.DataFrame, cells: pd.DataFrame, tests: Sequence[str]) -> list[str]:
    """Name the cells that are in no pooled test: without the attribute, without predictions, of no known training."""
    sentences = []
    others = measured[~measured["run_id"].isin(cells["run_id"])]
    unread = others[others[_TEST].isin(tests)]
    if len(unread):
        sentences.append(f"Of {', '.join(unread['experiment'])} there are no predictions by the attribute to join.")
    elsewhere = dict.fromkeys(others.loc[~others[_TEST].isin(tests), _TEST])
    if elsewhere:
        sentences.append(f"Tests on {', '.join(elsewhere)}: they do not have the attribute and are only in the matrix.")
    foreign = cells[tag_of(cells, names.TRAINING_RUN).isna()]
    if len(foreign):
        sentences.append(
            f"{', '.join(foreign['experiment'])}: no tag says which training it is of, so it is not joined."
        )
    return sentences


def _title(cell: pd.Series) -> str:
    """Return the name of a cell's training: the cell's name without its test."""
    titled = cell.get(names.tag(names.TRAINING_TITLE))
    if isinstance(titled, str):
        return titled
    named = cell.get(_TITLE)
    experiment = named if isinstance(named, str) else str(cell["experiment"])
    return experiment.rpartition(_ON)[0] or experiment


def _row(parts: pd.DataFrame, title: str, table: pd.DataFrame, attribute: Attribute, split: str) -> dict[str, object]:
    """Return one run of a training, pooled over its tests, ``parts``."""
    of_split = names.metric(metric_name(split, ""))
    first = without_keys(parts).iloc[0]
    kept = {str(name): value for name, value in first.items() if not str(name).startswith(of_split)}
    results = metric_names(split, overall(table), [by_group(table, attribute)])
    near = metric_name(split, names.NEAR_DUPLICATES)
    counted = parts.get(names.metric(near))
    if counted is not None and counted.notna().all():
        results[near] = float(counted.sum())
    pooled = [name for name in (_TEST, _TEST_DIGEST) if name in parts]
    return {
        **kept,
        **{names.metric(name): value for name, value in results.items()},
        **{name: ", ".join(dict.fromkeys(parts[name].astype(str))) for name in pooled},
        _TITLE: title,
    }
