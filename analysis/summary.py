"""Fetch, compute and render in one go: what ``study`` and ``report`` print and log on the open run."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis.figures import accuracy_by_fraction, trade_off_figure
from analysis.render import render_table
from analysis.runs import load_runs
from analysis.tables import beside_published, group_table, results_table, tag_of, trade_off_table
from fer.errors import InputError
from fer.steps.published import log_published
from fer.steps.study import Outcome
from fer.studies import StudyFile
from fer.tracking import names
from fer.tracking.runs import describe_run, experiment_name, log_comparable_image, log_files


def report(
    experiment: str, study: str | None, attribute: str, split: str, form: str = "text", published: Path | None = None
) -> str:
    """Return the tables of an experiment's cells as text, and log tables and figures on the open run.

    With ``published`` that file's rows are logged first (once) and stand in the same tables.
    """
    if published is not None:
        log_published(published)
    return summarise(load_runs(experiment, study=study), attribute, split, form)


def summarise_study(study: StudyFile, config: Path, outcomes: Sequence[Outcome], experiment_id: str) -> str:
    """Return the tables of a study's finished cells, those taken over included, and log them with figures.

    The file of published results that the study names is logged beside and shown in the same tables.
    """
    wanted = {outcome.run_id for outcome in outcomes if outcome.failure is None}
    if not wanted:
        return "no cell finished: there is no table to show."
    if study.published is not None:
        wanted |= set(log_published(config.parent / study.published))
    runs = load_runs(experiment_name(experiment_id))
    runs = runs[runs["run_id"].isin(wanted)]
    parts = [summarise(runs, attribute, study.test.split) for attribute in study.test.attributes]
    return "\n\n".join([*parts, *([study.note] if study.note else []), "Look at it: make ui"])


def summarise(runs: pd.DataFrame, attribute: str, split: str = "test", form: str = "text") -> str:
    """Return results, groups and trade-off as one text; log the tables (CSV, and ``form``) and the figures."""
    if runs.empty:
        raise InputError("no finished cells to report on; run a study first, or check experiment and study.")
    slug = attribute.replace("*", "_x_")
    tables = {
        "results": results_table(runs, split),
        f"accuracy by {attribute}": group_table(runs, attribute, split=split),
        "trade-off": trade_off_table(runs, attribute, split),
    }
    if set(tag_of(runs, names.ORIGIN)) >= {names.MEASURED, names.PUBLISHED}:
        # The paper's form, each published figure beside the measured one.
        tables |= {name: beside_published(tables[name]) for name in list(tables)[:2]}
    texts = [f"{_titles(name, attribute)}\n\n{render_table(table, form)}" for name, table in tables.items()]
    whole = "\n\n".join(texts)
    pictures = {f"tradeoff/{slug}.png": trade_off_figure(runs, attribute, split)}
    for origin in tag_of(runs, names.ORIGIN).fillna(names.MEASURED).unique():
        pictures[f"accuracy_by_fraction/{slug}_{origin}.png"] = accuracy_by_fraction(runs, attribute, split, origin)
    markdown = _markdown(tables, attribute)
    describe_run(markdown)
    log_files(
        tables={f"tables/{name.replace(' ', '_')}.csv": table for name, table in tables.items()},
        figures=pictures,
        texts={"tables/tables.txt": whole, "tables/tables.md": markdown},
    )
    log_comparable_image(f"tradeoff_{slug}", pictures[f"tradeoff/{slug}.png"])
    return whole


def _titles(name: str, attribute: str) -> str:
    return {
        "results": "Results (weighted F1, accuracy in %, cross-entropy loss)",
        "trade-off": f"Trade-off: accuracy (%) against the standard deviation over {attribute} (points); * = Pareto",
    }.get(name, f"Accuracy by {attribute} (%), std over groups in points")


def _markdown(tables: dict[str, pd.DataFrame], attribute: str) -> str:
    return "\n\n".join(
        f"## {_titles(name, attribute)}\n\n{render_table(table, 'markdown')}" for name, table in tables.items()
    )
