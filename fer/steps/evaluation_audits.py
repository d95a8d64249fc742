"""The audits of an evaluation: its test against the model's training data, and who and what is in the test."""

import numpy as np

from fer import figures
from fer.errors import InputError
from fer.evaluation.audits import Findings, audit_content, audit_overlap
from fer.steps.evaluation_files import Evaluated
from fer.tracking.run_contents import log_files, log_metrics
from fer.tracking.training_data import training_datasets


def log_audits(done: Evaluated, model: str) -> Findings:
    """Log the audits as ``audit/*.csv`` and metrics; return them, the metrics under their names on the server.

    Training data that cannot be opened give a sentence that says so in place of their audit.
    """
    overlap, pairs = _overlap(done, model)
    content = Findings()
    for result in done.results:
        content |= audit_content(
            done.part, done.split, done.predictions, result.attribute, list(result.groups.index)
        )  # fmt: skip
    named = {f"{done.split}/audit/{name}": value for name, value in overlap.metrics.items()}
    named |= {f"{done.split}/{name}": value for name, value in content.metrics.items()}
    metrics = {name: float(value) for name, value in named.items() if np.isfinite(value)}
    found = overlap | content
    log_metrics(metrics)
    log_files(tables={f"audit/{name}.csv": table for name, table in found.tables.items()}, figures=pairs)
    return Findings(found.tables, metrics, found.sentences)


def _overlap(done: Evaluated, model: str) -> tuple[Findings, dict[str, figures.Figure]]:
    try:
        training = training_datasets(model)
    except InputError as error:
        sentence = f"What this test shares with the model's training data is not known: {error}"
        return Findings(sentences=[sentence]), {}
    attributes = [result.attribute for result in done.results]
    overlap = audit_overlap(training, done.part, done.predictions, attributes, done.clusters)
    if not len(overlap.pairs):
        return overlap.findings, {}
    title = "the closest near-duplicates in the training data"
    return overlap.findings, {
        "audit/near_duplicates.png": figures.face_sheet(overlap.pairs, overlap.captions, 8, title)
    }
