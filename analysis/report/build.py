"""Put a report together: every section that the evidence allows; what it does not is named."""

from collections.abc import Callable

from analysis.experiments.runs_by_experiment import keyed_runs
from analysis.report import audits, background, contrasts, results
from analysis.report.conclusions import conclusions
from analysis.report.context import Findings
from analysis.report.document_model import Report, Section, Table
from fer.errors import InputError
from fer.tracking import names

SECTIONS: dict[str, Callable[[Findings], Section]] = {
    "What was compared": background.compared,
    "Results": results.overall,
    "Accuracy by group": results.by_group,
    "Accuracy against fairness": results.trade_off,
    "Against the baseline": contrasts.against_baseline,
    "Dose-response": audits.dose,
    "By emotion": background.emotions,
    "Calibration": audits.calibration,
    "Trained on one, tested on all": background.matrix,
    "Audits and slices": audits.audits,
    "Datasets": background.datasets,
    "Models": background.models,
    "Limits and method": background.limits,
}
_OF_PREDICTIONS = ("Against the baseline", "Dose-response", "By emotion", "Calibration", "Audits and slices")


def build_report(findings: Findings, title: str) -> Report:
    """Return the report. A section that cannot be made is left out, with its reason in ``lacking``.

    Raises InputError where there is nothing to report on at all: no runs, or no run that knows the attribute.
    """
    sections: list[Section] = []
    lacking = list(findings.evidence.lacking)
    for name, make in SECTIONS.items():
        if name in _OF_PREDICTIONS and not findings.trials:
            continue
        try:
            section = make(findings)
        except InputError as error:
            lacking.append(f"{name}: {error}")
            continue
        section.blocks = [block for block in section.blocks if not (isinstance(block, Table) and block.frame.empty)]
        if section.blocks or section.text:
            sections.append(section)
    report = Report(
        title, _about(findings), conclusions(findings), sections, list(dict.fromkeys([*lacking, *findings.lacking]))
    )
    for picture in report.pictures():
        # Laid out once: each figure is saved in two forms, and the layout is most of the work.
        picture.figure.draw_without_rendering()
        picture.figure.set_layout_engine("none")
    return report


def _about(findings: Findings) -> str:
    keyed = keyed_runs(findings.runs)
    keyed = keyed[keyed["origin"] == names.MEASURED] if findings.trials else keyed
    seeds = keyed.groupby(["experiment", "origin"]).size().max()
    tests = ", ".join(findings.tests) or "the test faces"
    units = findings.unit_names
    return (
        f"{keyed['experiment'].nunique()} experiments, up to {seeds} seed{'s' if seeds > 1 else ''} each, tested on "
        f"{tests} ({findings.split} split); groups by {findings.attribute}"
        + (f"; intervals over {units}." if units else ".")
    )
