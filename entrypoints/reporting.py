"""Log the results of ``analysis`` on the open run, for ``study``, ``report``, ``compare``, ``plan`` and ``card``.

``analysis`` reads the server but never writes to it, and ``fer`` does not import ``analysis``, so this module is above
both.
"""

from collections.abc import Sequence
from pathlib import Path

from analysis.card.description import description_of
from analysis.card.evidence import gather
from analysis.card.making import card_of
from analysis.promotion import Promotion, decide_promotion
from analysis.report import Report, html_document, latex_document, markdown_document
from analysis.run_comparison import Comparison
from analysis.study_plan import StudyPlan
from analysis.study_report import Summary, report_attributes, summarise_study
from fer.data.attributes import Attribute
from fer.errors import InputError
from fer.progress import announce
from fer.record import Record
from fer.sentinels import AUTO
from fer.steps.published import log_published
from fer.steps.registering import promotion_step
from fer.steps.study import Outcome
from fer.storage.file_names import file_part
from fer.study.reading import StudyFile
from fer.text.escaping import markdown
from fer.tracking.models import describe_version
from fer.tracking.reading import experiment_name
from fer.tracking.registry import carded_model, holder_of, registered_model
from fer.tracking.run_contents import log_record

_FOLDER = "report"


def log_study_summary(study: StudyFile, config: Path, outcomes: Sequence[Outcome], experiment_id: str) -> str:
    """Log the summary of a study's finished cells; return it as text.

    Published results that the study names are also logged and shown in the same tables.
    """
    cells = {outcome.run_id: outcome.cell for outcome in outcomes if outcome.failure is None}
    if not cells:
        return "no cell finished: there is no table to show."
    name = experiment_name(experiment_id)
    published = [] if study.published is None else log_published(config.parent / study.published, name)
    announce("computing intervals and tests of all cells")
    summary = summarise_study(study, cells, published, name)
    announce("drawing the figures and writing the report")
    log_summary(summary)
    return summary.text


def log_summary(summary: Summary) -> None:
    """Log tables, the report of each attribute (HTML, Markdown, LaTeX, CSV, figures), and the run's description."""
    log_record(summary_record(summary))


def summary_record(summary: Summary) -> Record:
    """Return the record that ``study`` and ``report`` log for an experiment's cells."""
    found = Record(tables=summary.tables, texts=summary.texts, description=summary.description)
    for number, (attribute, made) in enumerate(summary.reports.items()):
        slug = file_part(attribute.slug)
        found |= report_record(made, _report_folder(number, attribute), f"tables/{slug}")
        drawn = [picture.figure for picture in made.pictures() if picture.name == "trade_off"]
        found |= Record(images={f"tradeoff_{slug}": figure for figure in drawn})
    return found


def report_files(study: StudyFile) -> list[str]:
    """Return the paths of a study's reports as HTML, one per attribute, among the artifacts of its run."""
    return [f"{_report_folder(*numbered)}/report.html" for numbered in enumerate(report_attributes(study))]


def _report_folder(number: int, attribute: Attribute) -> str:
    return _FOLDER if number == 0 else f"{_FOLDER}_{file_part(attribute.slug)}"


def log_comparison(comparison: Comparison) -> None:
    """Log the report of a comparison of two runs, and the run's description."""
    described = Record(description=comparison.description)
    log_record(report_record(comparison.report, _FOLDER, "tables") | described)


def report_record(made: Report, folder: str, tables: str) -> Record:
    """Return a report as a record: ``report.html``, ``.md`` and ``.tex`` in ``folder``, tables as CSV in ``tables``."""
    return Record(
        tables={f"{tables}/{table.name}.csv": table.frame for table in made.tables()},
        figures={f"{folder}/figures/{picture.name}.png": picture.figure for picture in made.pictures()},
        texts={
            f"{folder}/report.html": html_document(made),
            f"{folder}/report.md": markdown_document(made),
            f"{folder}/report.tex": latex_document(made),
        },
    )


def log_plan(plan: StudyPlan) -> None:
    """Log a plan: its tables, figure and assumptions, and the run's description."""
    log_record(plan_record(plan))


def plan_record(plan: StudyPlan) -> Record:
    """Return the record that ``plan`` logs."""
    tables = {"needs": plan.needs, "designs": plan.options, "worth": plan.worth}
    return Record(
        metrics={f"plan/{name}": value for name, value in plan.metrics().items()},
        parameters={f"assumed_{name}": value for name, value in plan.assumptions.items()},
        tables={f"plan/{name}.csv": table for name, table in tables.items() if len(table)},
        figures={"plan/detectable.png": plan.figure},
        images={"plan": plan.figure},
        description=plan.description(),
    )


def log_promotion(model: str, alias: str, attribute: str, margin: float, cluster: str) -> Promotion:
    """Decide whether a registered model takes an alias, log the decision with its numbers, and move the alias."""
    candidate = registered_model(model)
    champion = holder_of(candidate.name, alias)
    if champion is not None and champion.version == candidate.version:
        raise InputError(f"version {candidate.version} of {candidate.name} is @{alias} already; give another version.")
    by = None if attribute == AUTO else Attribute.parse(attribute)
    made = decide_promotion(candidate, champion, by, margin, cluster)
    promotion_step(candidate, alias, made.promoted, made.sentences[0], promotion_record(made), made.evaluations)
    return made


def promotion_record(made: Promotion) -> Record:
    """Return a decision as a record: its numbers as metrics and as a table, its sentences as the description."""
    metrics = {"promoted": float(made.promoted)}
    for place, test in enumerate(made.runs):
        for row in made.table[made.table["test"] == test].to_dict("records"):
            start = f"promotion/{row['metric']}" + (f"/{place + 1}" if place else "")
            metrics |= {f"{start}/{name}": row[name] for name in ("difference_points", "p_no_worse")}
    tables = {"promotion.csv": made.table} if len(made.table) else {}
    description = "\n\n".join(map(markdown, made.sentences))
    return Record(metrics=metrics, tables=tables, description=description)


def log_card(model: str, attributes: Sequence[Attribute] | None, use: str | None) -> str:
    """Log ``model_card.md`` and ``.html``, set the registered version's description; return the card as Markdown."""
    registered = carded_model(model)
    card = card_of(gather(registered, attributes), use)
    text, summary = markdown_document(card), description_of(card)
    texts = {"model_card.md": text, "model_card.html": html_document(card)}
    log_record(Record(texts=texts, description=summary))
    if registered.version:
        describe_version(registered, summary)
    return text
