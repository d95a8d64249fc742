"""Fetch, compute and render in one go: what ``study`` and ``report`` print and log on the open run.

The top of the package and its one exception: it writes to the server, so it knows ``fer.steps`` too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.experiments.evidence import Evidence
from analysis.experiments.pooled_tests import joined_tests
from analysis.experiments.runs_by_experiment import tag_of, with_groups
from analysis.fetch.evidence import gather
from analysis.fetch.runs import load_runs
from analysis.render import render_table
from analysis.report import Report, ReportContext, build_report, html_document, latex_document, markdown_document
from analysis.report.documents import conclusions_markdown
from analysis.report.results import beside, groups_of, with_group_names
from analysis.tables.results import group_table, results_table, trade_off_table
from analysis.tables.studies import STUDY_TABLES
from fer.data.attributes import EMOTION, Attribute
from fer.errors import InputError
from fer.escaping import markdown as escaped
from fer.evaluation.independent_units import AUTO
from fer.fairness.bootstrap import REPLICATES
from fer.steps.published import log_published
from fer.steps.study import Outcome
from fer.study.reading import StudyFile
from fer.tracking import names
from fer.tracking.run_contents import describe_run, log_comparable_image, log_files
from fer.tracking.runs import experiment_name

_FOLDER = "report"


@dataclass(frozen=True)
class Options:
    """How a report is made: see the entry point ``report``."""

    split: str = "test"
    form: str = "text"
    baseline: str | None = None
    unit: str = AUTO
    replicates: int = REPLICATES


def report(
    experiment: str, study: str | None, attribute: Attribute, options: Options, published: Path | None = None
) -> str:
    """Return the tables of an experiment's cells as text; log tables, figures and the report on the open run.

    With ``published`` that file's rows are logged in the experiment first (once) and stand in the same tables.
    """
    if published is not None:
        log_published(published, experiment)
    return summarise(load_runs(experiment, study=study), [attribute], options)


def summarise_study(study: StudyFile, config: Path, outcomes: Sequence[Outcome], experiment_id: str) -> str:
    """Return the tables of a study's finished cells, those taken over included, and log them with the report.

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
    # Without groups the question that is left is whether every emotion is recognised alike.
    attributes = list(study.test.attributes) or [EMOTION]
    text = summarise(runs, attributes, Options(study.test.split))
    own = {f"tables/{table}.csv": STUDY_TABLES[table](runs, study.test.split) for table in study.tables}
    log_files(tables=own)
    again = f"The same tables again: mlflow run . -e report -P experiment={name!r} -P attribute={str(attributes[0])!r}"
    return "\n\n".join([text, *([study.note] if study.note else []), again, "Look at it: make ui"])


def summarise(runs: pd.DataFrame, attributes: Sequence[Attribute], options: Options) -> str:
    """Return results, groups and trade-off of each attribute as one text.

    Logged on the open run: these tables, the report of each attribute (HTML, Markdown, LaTeX, its tables as CSV and
    its figures), and the Markdown tables as the run's description.
    """
    if runs.empty:
        raise InputError("no finished cells to report on; run a study first, or check experiment and study.")
    evidence = gather(runs, attributes, options.split)
    tables = {"results": beside(results_table(evidence.runs, options.split))}
    shown = {attribute: joined_tests(evidence, attribute, options.split) for attribute in attributes}
    for attribute in attributes:
        told = with_groups((shown[attribute] or evidence).runs, attribute, options.split)
        groups = groups_of(evidence.predictions, attribute)
        tables[f"groups {attribute}"] = with_group_names(
            beside(group_table(told, attribute, split=options.split)), groups
        )
        tables[f"trade-off {attribute}"] = trade_off_table(told, attribute, options.split)
    reports = {attribute: _report(evidence, shown[attribute], attribute, options) for attribute in attributes}
    for number, (attribute, made) in enumerate(reports.items()):
        log_report(made, _FOLDER if number == 0 else f"{_FOLDER}_{attribute.slug}", f"tables/{attribute.slug}")
        for picture in made.pictures():
            if picture.name == "trade_off":
                log_comparable_image(f"tradeoff_{attribute.slug}", picture.figure)
    markdown = "\n\n".join(
        f"## {escaped(_title(name))}\n\n{render_table(table, 'markdown')}" for name, table in tables.items()
    )
    text = "\n\n".join(f"{_title(name)}\n\n{render_table(table, options.form)}" for name, table in tables.items())
    log_files(
        tables={"tables/results.csv": tables["results"]},
        texts={"tables/tables.txt": text, "tables/tables.md": markdown},
    )
    describe_run("\n\n".join([*(conclusions_markdown(made.conclusions) for made in reports.values()), markdown]))
    return text


def log_report(made: Report, folder: str, tables: str) -> None:
    """Log a report on the open run: ``report.html``, ``.md`` and ``.tex`` in ``folder``, its tables as CSV."""
    log_files(
        tables={f"{tables}/{table.name}.csv": table.frame for table in made.tables()},
        figures={f"{folder}/figures/{picture.name}.png": picture.figure for picture in made.pictures()},
        texts={
            f"{folder}/report.html": html_document(made),
            f"{folder}/report.md": markdown_document(made),
            f"{folder}/report.tex": latex_document(made),
        },
    )


def _report(evidence: Evidence, joined: Evidence | None, attribute: Attribute, options: Options) -> Report:
    apart = None if joined is None else evidence
    chosen = (attribute, options.split, options.baseline, options.unit, options.replicates)
    context = ReportContext(joined or evidence, *chosen, apart=apart)
    experiments = ", ".join(evidence.runs["experiment_name"].unique())
    return build_report(context, f"{experiments}: accuracy and fairness by {attribute}")


def _title(name: str) -> str:
    kind, _, attribute = name.partition(" ")
    return {
        "results": "Results (weighted F1, accuracy in %, cross-entropy loss)",
        "groups": f"Accuracy by {attribute} (%), std over groups in points",
        "trade-off": f"Trade-off: accuracy (%) against the standard deviation over {attribute} (points); * = Pareto",
    }[kind]
