"""Build a report: all sections that the evidence supports; the others are named as lacking."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from analysis.experiments.runs_by_experiment import keyed_runs
from analysis.report import arms, audits, background, contrasts, first_page, method, results
from analysis.report.conclusions import conclusions
from analysis.report.context import ReportContext
from analysis.report.document_model import Picture, Report, Section, Table
from fer.errors import InputError
from fer.evaluation.sentences import counted
from fer.tracking import names

# In the order of the page. Each depends on the context only, not on the sections made before.
SECTIONS: dict[str, Callable[[ReportContext], Section]] = {
    first_page.TITLE: first_page.primary,
    "What was compared": background.compared,
    "Results": results.overall,
    "Accuracy by group": results.by_group,
    "Accuracy against fairness": results.trade_off,
    "Against the baseline": contrasts.against_baseline,
    arms.TITLE: arms.other_or_more,
    "Dose-response": audits.dose,
    "By emotion": background.emotions,
    "Calibration": audits.calibration,
    "Trained on one, tested on all": background.matrix,
    "Audits and slices": audits.audits,
    "Datasets": background.datasets,
    "Models": background.models,
    "How this was made": background.made,
    "Limits and method": method.limits,
}
# Bytes: file systems take 255, with the ending.
_LONGEST_NAME = 200
_OF_PREDICTIONS = (
    first_page.TITLE,
    "Against the baseline",
    arms.TITLE,
    "Dose-response",
    "By emotion",
    "Calibration",
    "Audits and slices",
)


def build_report(context: ReportContext, title: str) -> Report:
    """Return the report. A section that cannot be made is left out, with its reason in ``lacking``.

    Raises InputError where there is nothing to report on at all: no runs, or no run that knows the attribute.
    """
    return put_together(context, title, {name: build_section(name, context) for name in SECTIONS})


def build_section(name: str, context: ReportContext) -> Section:
    """Return one of SECTIONS; one that cannot be made is empty and says why in ``lacking``."""
    if name in _OF_PREDICTIONS and not context.experiments:
        return Section(name)
    try:
        section = SECTIONS[name](context)
    except InputError as error:
        return Section(name, lacking=[f"{name}: {error}"])
    shown = [block for block in section.blocks if not (isinstance(block, Table) and block.frame.empty)]
    return replace(section, blocks=shown)


def put_together(context: ReportContext, title: str, made: dict[str, Section]) -> Report:
    """Return the report of these sections, in the page's order; everything that they lack is in one list."""
    sections = [made[name] for name in SECTIONS]
    lacking = [*context.evidence.lacking, *(sentence for section in sections for sentence in section.lacking)]
    shown = with_file_names([section for section in sections if section.blocks or section.text or section.points])
    about = _about(context)
    report = Report(title, about, conclusions(context, about), shown, list(dict.fromkeys(lacking)))
    for picture in report.pictures():
        # Laid out once: each figure is saved in two forms, and the layout is most of the work.
        picture.figure.draw_without_rendering()
        picture.figure.set_layout_engine("none")
    return report


def with_file_names(sections: Iterable[Section]) -> list[Section]:
    """Return the sections with names of tables and figures that can be files of one folder, each of its own.

    They contain names of datasets, groups and experiments, which users choose.
    """
    taken: set[tuple[type, str]] = set()

    def own(block: Table | Picture) -> Table | Picture:
        cleaned = "".join(sign if sign.isalnum() or sign in "_-" else "_" for sign in block.name)
        cleaned = cleaned.encode()[:_LONGEST_NAME].decode(errors="ignore")
        name, number = cleaned, 1
        while (type(block), name.casefold()) in taken:
            number += 1
            name = f"{cleaned}_{number}"
        taken.add((type(block), name.casefold()))
        return replace(block, name=name)

    return [replace(section, blocks=[own(block) for block in section.blocks]) for section in sections]


def _about(context: ReportContext) -> str:
    keyed = keyed_runs(context.runs)
    keyed = keyed[keyed["origin"] == names.MEASURED] if context.experiments else keyed
    seeds = keyed.groupby(["experiment", "origin"]).size().max()
    tests = ", ".join(context.by_test) or "the test faces"
    experiments = counted(keyed["experiment"].nunique(), "experiment")
    each = "one seed each" if seeds == 1 else f"up to {seeds} seeds each"
    return f"{experiments}, {each}, tested on {tests} ({context.split} split); groups by {context.attribute}."
