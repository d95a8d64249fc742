"""Log on the open run what ``analysis`` made: for ``study``, ``report``, ``compare`` and ``card``.

``analysis`` reads the server and never writes to it, ``fer`` knows no ``analysis``: so this stands above both.
"""

from collections.abc import Sequence
from pathlib import Path

from analysis.card.description import description_of
from analysis.card.evidence import gather
from analysis.card.making import card_of
from analysis.report import Report, html_document, latex_document, markdown_document
from analysis.run_comparison import Comparison
from analysis.study_report import Summary, summarise_study
from fer.data.attributes import Attribute
from fer.steps.published import log_published
from fer.steps.study import Outcome
from fer.study.reading import StudyFile
from fer.tracking.models import describe_version
from fer.tracking.reading import experiment_name
from fer.tracking.registry import registered_model
from fer.tracking.run_contents import describe_run, log_comparable_image, log_files

_FOLDER = "report"


def log_study_summary(study: StudyFile, config: Path, outcomes: Sequence[Outcome], experiment_id: str) -> str:
    """Log the summary of a study's finished cells; return it as text.

    The file of published results that the study names is logged beside and shown in the same tables.
    """
    cells = {outcome.run_id: outcome.cell for outcome in outcomes if outcome.failure is None}
    if not cells:
        return "no cell finished: there is no table to show."
    name = experiment_name(experiment_id)
    published = [] if study.published is None else log_published(config.parent / study.published, name)
    summary = summarise_study(study, cells, published, name)
    log_summary(summary)
    return summary.text


def log_summary(summary: Summary) -> None:
    """Log tables, the report of each attribute (HTML, Markdown, LaTeX, CSV, figures), and the run's description."""
    for number, (attribute, made) in enumerate(summary.reports.items()):
        slug = attribute.slug
        log_report(made, _FOLDER if number == 0 else f"{_FOLDER}_{slug}", f"tables/{slug}")
        for picture in made.pictures():
            if picture.name == "trade_off":
                log_comparable_image(f"tradeoff_{slug}", picture.figure)
    log_files(tables=summary.tables, texts=summary.texts)
    describe_run(summary.description)


def log_comparison(comparison: Comparison) -> None:
    """Log the report of two runs compared, and the run's description."""
    log_report(comparison.report, _FOLDER, "tables")
    describe_run(comparison.description)


def log_report(made: Report, folder: str, tables: str) -> None:
    """Log a report: ``report.html``, ``.md`` and ``.tex`` in ``folder``, its tables as CSV in ``tables``."""
    log_files(
        tables={f"{tables}/{table.name}.csv": table.frame for table in made.tables()},
        figures={f"{folder}/figures/{picture.name}.png": picture.figure for picture in made.pictures()},
        texts={
            f"{folder}/report.html": html_document(made),
            f"{folder}/report.md": markdown_document(made),
            f"{folder}/report.tex": latex_document(made),
        },
    )


def log_card(model: str, attributes: Sequence[Attribute], use: str | None) -> str:
    """Log ``model_card.md`` and ``.html``, describe the version in the registry; return the card as Markdown."""
    registered = registered_model(model)
    card = card_of(gather(registered, attributes), use)
    markdown = markdown_document(card)
    log_files(texts={"model_card.md": markdown, "model_card.html": html_document(card)})
    summary = description_of(card)
    describe_run(summary)
    describe_version(registered, summary)
    return markdown
