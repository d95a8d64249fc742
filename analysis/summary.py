"""Fetch, compute and render in one go: what ``study`` and ``report`` print and log on the open run.

The top of the package and its one exception: it writes to the server, so it knows ``fer.steps`` too.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis.comparison import before_after
from analysis.figures import accuracy_by_fraction, trade_off_figure
from analysis.render import render_table
from analysis.runs import load_predictions, load_runs
from analysis.tables import beside_published, group_table, keyed_runs, results_table, tag_of, trade_off_table
from analysis.tables.studies import STUDY_TABLES
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

    With ``published`` that file's rows are logged in the experiment first (once) and stand in the same tables.
    """
    if published is not None:
        log_published(published, experiment)
    return summarise(load_runs(experiment, study=study), [attribute], split, form)


def summarise_study(study: StudyFile, config: Path, outcomes: Sequence[Outcome], experiment_id: str) -> str:
    """Return the tables of a study's finished cells, those taken over included, and log them with figures.

    The file of published results that the study names is logged beside and shown in the same tables.
    """
    cells = {outcome.run_id: outcome.cell for outcome in outcomes if outcome.failure is None}
    if not cells:
        return "no cell finished: there is no table to show."
    name = experiment_name(experiment_id)
    published = [] if study.published is None else log_published(config.parent / study.published, name)
    runs = load_runs(name)
    runs = runs[runs["run_id"].isin([*cells, *published])].copy()
    # A cell that was taken over may stand elsewhere in this study, under another title.
    for tag, field in ((names.EXPERIMENT, "experiment"), (names.POSITION, "position")):
        told = zip(runs["run_id"], tag_of(runs, tag), strict=True)
        runs[f"tags.{tag}"] = [str(getattr(cells[run], field)) if run in cells else old for run, old in told]
    text = summarise(runs, study.test.attributes, study.test.split)
    own = {f"tables/{table}.csv": STUDY_TABLES[table](runs, study.test.split) for table in study.tables}
    log_files(tables=own)
    again = f"The same tables again: mlflow run . -e report -P experiment={name!r}"
    return "\n\n".join([text, *([study.note] if study.note else []), again, "Look at it: make ui"])


def summarise(runs: pd.DataFrame, attributes: Sequence[str], split: str = "test", form: str = "text") -> str:
    """Return results, groups and trade-off of each attribute as one text in ``form``.

    Logged on the open run: the tables (CSV, text, Markdown), the figures, the before/after counts, and the
    Markdown as the run's description.
    """
    if runs.empty:
        raise InputError("no finished cells to report on; run a study first, or check experiment and study.")
    tables = {"results": _beside(runs, results_table(runs, split))}
    files: dict[str, pd.DataFrame] = {"tables/results.csv": tables["results"]}
    for attribute in attributes:
        slug = attribute.replace("*", "_x_")
        groups, trade_off = group_table(runs, attribute, split=split), trade_off_table(runs, attribute, split)
        tables |= {f"groups {attribute}": _beside(runs, groups), f"trade-off {attribute}": trade_off}
        files |= {f"tables/{slug}/accuracy_by_group.csv": groups, f"tables/{slug}/trade_off.csv": trade_off}
        files |= {f"tables/{slug}/before_after_{base}.csv": table for base, table in _changes(runs, attribute).items()}
        pictures = {f"tradeoff/{slug}.png": trade_off_figure(runs, attribute, split)}
        for origin in tag_of(runs, names.ORIGIN).fillna(names.MEASURED).unique():
            picture = accuracy_by_fraction(runs, attribute, split, origin)
            pictures[f"accuracy_by_fraction/{slug}_{origin}.png"] = picture
        log_files(figures=pictures)
        log_comparable_image(f"tradeoff_{slug}", pictures[f"tradeoff/{slug}.png"])
    markdown = "\n\n".join(f"## {_title(name)}\n\n{render_table(table, 'markdown')}" for name, table in tables.items())
    text = "\n\n".join(f"{_title(name)}\n\n{render_table(table, form)}" for name, table in tables.items())
    log_files(tables=files, texts={"tables/tables.txt": text, "tables/tables.md": markdown})
    describe_run(markdown)
    return text


def _beside(runs: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Put published figures beside measured ones where a table has both: the paper's form."""
    both = {names.MEASURED, names.PUBLISHED} <= set(tag_of(runs, names.ORIGIN))
    return beside_published(table) if both else table


def _changes(runs: pd.DataFrame, attribute: str) -> dict[str, pd.DataFrame]:
    """Return, by base, what its largest fraction changed against the base alone (first seed of each).

    Where a base was trained by several recipes, or tested on several datasets, each has a table of its own, named
    after what differs.
    """
    keyed = keyed_runs(runs)
    keyed = keyed[(keyed["origin"] == names.MEASURED) & tag_of(keyed, names.EVALUATION_RUN).notna()]
    if keyed.empty or "*" in attribute:
        return {}
    told = zip(keyed["experiment"], tag_of(keyed, names.EXPERIMENT).fillna(""), strict=True)
    recipe = [shown.removeprefix(plain) for shown, plain in told]
    fractions = keyed["params.fraction"].astype(float)
    changes = {}
    tests = keyed["params.test"]
    for (base, one, test), rows in keyed.sort_values("params.seed").groupby(
        [keyed["params.base"], pd.Series(recipe, keyed.index), tests]
    ):
        alone, most = fractions[rows.index].idxmin(), fractions[rows.index].idxmax()
        if fractions[alone] == 0 < fractions[most]:
            before, after = (load_predictions(rows.loc[row, "run_id"]) for row in (alone, most))
            title = f"{base}{one}" + (f" on {test}" if tests.nunique() > 1 else "")
            changes[re.sub(r"[^\w.=-]+", "_", title).strip("_")] = before_after(before, after, attribute)
    return changes


def _title(name: str) -> str:
    kind, _, attribute = name.partition(" ")
    return {
        "results": "Results (weighted F1, accuracy in %, cross-entropy loss)",
        "groups": f"Accuracy by {attribute} (%), std over groups in points",
        "trade-off": f"Trade-off: accuracy (%) against the standard deviation over {attribute} (points); * = Pareto",
    }[kind]
