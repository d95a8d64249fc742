"""Fetch, compute and render in one go: what ``study`` and ``report`` print, and log on their run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from analysis.experiments.evidence import Evidence
from analysis.experiments.pooled_tests import pooled_tests
from analysis.experiments.runs_by_experiment import runs_on_split, tag_of, with_groups
from analysis.fetch.evidence import gather
from analysis.fetch.runs import load_predictions_of, load_runs
from analysis.render import render_table
from analysis.report import Report, ReportContext, build_report
from analysis.report.documents import conclusions_markdown
from analysis.report.results import beside
from analysis.tables.margins import MARGIN_POINTS, check_margin
from analysis.tables.results import group_table, results_table, trade_off_table
from analysis.tables.studies import STUDY_TABLES
from fer.data.attributes import EMOTION, Attribute
from fer.errors import InputError
from fer.fairness.bootstrap import REPLICATES
from fer.record import DESCRIPTION_LENGTH
from fer.sentinels import AUTO
from fer.study.cells import Cell
from fer.study.reading import StudyFile
from fer.text.escaping import markdown as escaped
from fer.tracking import names

# Fewer reach no tail of an interval, more move none of its bounds visibly and take their memory.
FEWEST_REPLICATES, MOST_REPLICATES = 100, 100_000


@dataclass(frozen=True)
class Options:
    """How a report is made: see the entry point ``report``; ``margin`` is in percentage points.

    Raises InputError for a number of replicates outside 100..100000, and a margin outside 0..100.
    """

    split: str = "test"
    form: str = "text"
    baseline: str | None = None
    unit: str = AUTO
    replicates: int = REPLICATES
    margin: float = MARGIN_POINTS

    def __post_init__(self) -> None:
        check_margin(self.margin)
        if not FEWEST_REPLICATES <= self.replicates <= MOST_REPLICATES:
            raise InputError(
                f"replicates {self.replicates} is outside {FEWEST_REPLICATES}..{MOST_REPLICATES}; give a number such "
                f"as {REPLICATES}, the default."
            )


@dataclass(frozen=True)
class Summary:
    """What ``study`` and ``report`` show of an experiment's cells.

    Attributes:
        text: the tables for the terminal.
        description: verdicts, tables and conclusions as Markdown, for the top of the run's page; no longer than the
            server keeps.
        tables: frames by their path among the run's artifacts.
        texts: texts by their path among the run's artifacts.
        reports: the report of each attribute.

    """

    text: str
    description: str
    tables: Mapping[str, pd.DataFrame]
    texts: Mapping[str, str]
    reports: Mapping[Attribute, Report]


def summarise_study(study: StudyFile, cells: Mapping[str, Cell], published: Sequence[str], experiment: str) -> Summary:
    """Return the summary of a study's finished cells, those taken over included.

    Args:
        study: as it was read.
        cells: the finished ones, by the id of their run.
        published: ids of the runs in the same experiment that hold the published results the study names.
        experiment: the name on the server of the experiment that holds all of these runs.

    """
    runs = load_runs(experiment)
    runs = runs[runs["run_id"].isin([*cells, *published])].copy()
    # A cell that was taken over may have another position and title in this study.
    titled = {
        names.EXPERIMENT: "experiment", names.TRAINING_TITLE: "training_title", names.POSITION: "position",
    }  # fmt: skip
    for tag, field in titled.items():
        known = zip(runs["run_id"], tag_of(runs, tag), strict=True)
        runs[names.tag(tag)] = [str(getattr(cells[run], field)) if run in cells else old for run, old in known]
    summary = summarise(runs, report_attributes(study), Options(study.test.split))
    predictions = load_predictions_of(cells) if study.tables else {}
    own = {f"tables/{table}.csv": STUDY_TABLES[table](runs, predictions, study.test.split) for table in study.tables}
    text = "\n\n".join([summary.text, *([study.note] if study.note else [])])
    return replace(summary, text=text, tables={**summary.tables, **own})


def report_attributes(study: StudyFile) -> list[Attribute]:
    """Return the attributes of a study's reports.

    Without groups the remaining question is whether all emotions are recognised equally well.
    """
    return list(study.test.attributes) or [EMOTION]


def summarise(runs: pd.DataFrame, attributes: Sequence[Attribute], options: Options) -> Summary:
    """Return results, groups and trade-off of each attribute, and the report of each."""
    if runs.empty:
        raise InputError("there is no finished cell to report on; give the finished cells of a study.")
    evidence = gather(runs_on_split(runs, options.split), attributes, options.split)
    tables = {"results": beside(results_table(evidence.runs, options.split))}
    shown = {attribute: pooled_tests(evidence, attribute, options.split) for attribute in attributes}
    for attribute in attributes:
        grouped = with_groups((shown[attribute] or evidence).runs, attribute, options.split)
        tables[f"groups {attribute}"] = beside(group_table(grouped, attribute, split=options.split))
        tables[f"trade-off {attribute}"] = trade_off_table(grouped, attribute, options.split)
    reports = {attribute: _report(evidence, shown[attribute], attribute, options) for attribute in attributes}
    markdown = "\n\n".join(
        f"## {escaped(_title(name))}\n\n{render_table(table, 'markdown')}" for name, table in tables.items()
    )
    text = "\n\n".join(f"{_title(name)}\n\n{render_table(table, options.form)}" for name, table in tables.items())
    return Summary(
        text,
        _description([conclusions_markdown(made.conclusions) for made in reports.values()], markdown),
        {"tables/results.csv": tables["results"]},
        {"tables/tables.txt": text, "tables/tables.md": markdown},
        reports,
    )


def _report(evidence: Evidence, joined: Evidence | None, attribute: Attribute, options: Options) -> Report:
    apart = None if joined is None else evidence
    chosen = (attribute, options.split, options.baseline, options.unit, options.replicates)
    context = ReportContext(joined or evidence, *chosen, apart=apart, margin=options.margin)
    experiments = ", ".join(evidence.runs["experiment_name"].unique())
    return build_report(context, f"{experiments}: accuracy and fairness by {attribute}")


def _description(conclusions: Sequence[str], tables: str) -> str:
    """Return the verdict of each conclusions, the tables, then the conclusions' sentences, cut at the end of a line."""
    parts = [text.partition("\n\n") for text in conclusions]
    text = "\n\n".join([*(verdict for verdict, _, _ in parts), tables, *(rest for _, _, rest in parts if rest)])
    if len(text) <= DESCRIPTION_LENGTH:
        return text
    more = "\n\nThe conclusions continue in report/report.html."
    kept = text[: DESCRIPTION_LENGTH - len(more) + 1]
    return kept[: kept.rfind("\n")].rstrip() + more


def _title(name: str) -> str:
    kind, _, attribute = name.partition(" ")
    return {
        "results": "Results (weighted F1, accuracy in %, cross-entropy loss)",
        "groups": f"Accuracy by {attribute} (%), std over groups in points",
        "trade-off": f"Trade-off: accuracy (%) against the standard deviation over {attribute} (points); * = Pareto",
    }[kind]
