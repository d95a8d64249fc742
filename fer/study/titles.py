"""Titles of a study's models and cells in tables: what varies in the study, else the mixture. Never parsed."""

from collections.abc import Sequence

from fer.data.kept_aside import amount, parse_kept_aside
from fer.data.mixing import ARM_SIGNS, percent
from fer.study.cells import Ensemble, Mixture, Test, Training
from fer.study.schema import StudyFile


def training_title(study: StudyFile, training: Training) -> str:
    """Return the title of a training in tables, without the test dataset."""
    given, several = training.parameters, study.training
    varying = [given.backbone] * ("," in several.backbone) + [given.head] * ("," in several.head)
    return _model_title(study, _mixture_title(study, training.mixture), varying)


def ensemble_title(study: StudyFile, ensemble: Ensemble, bases: Sequence[str] = ()) -> str:
    """Return the title of an ensemble in tables; ``bases`` are its datasets if it spans several."""
    data = " & ".join(study.datasets[base].title for base in bases)
    return _model_title(study, data or _mixture_title(study, ensemble.members[0].mixture), [ensemble.title])


def cell_title(study: StudyFile, model: str, test: Test) -> str:
    """Return the title of a cell in tables: its model, and the test dataset if the study has several."""
    several = len(study.test.dataset) > 1
    return f"{model}, on {study.datasets[test.dataset].title}" if several else model


def _model_title(study: StudyFile, data: str, varying: Sequence[str]) -> str:
    mixtures = sum(len(entry.fractions) * len(entry.arm) for entry in study.mixtures)
    shown = mixtures > 1 or "," not in study.training.backbone
    return ", ".join([*([data] if shown else []), *varying])


def _mixture_title(study: StudyFile, mixture: Mixture) -> str:
    base, balance = study.datasets[mixture.base].title, mixture.balance
    after = "" if balance is None else f", {balance.method} {balance.target}"
    entries = [entry for entry in study.mixtures if entry.base == mixture.base]
    if len({entry.validation_from for entry in entries}) > 1:
        after = f", validated on the {mixture.validation_from}{after}"
    if len({parse_kept_aside(entry.kept_aside) for entry in entries}) > 1:
        after = f", {amount(mixture.kept_aside)} kept aside{after}"
    if mixture.addition is None or mixture.is_base_alone:
        return f"{base} only{after}"
    share = f"{percent(mixture.fraction)} {study.datasets[mixture.addition].title}"
    if mixture.arm == "same":
        return f"{base} + own faces, as many as {share}{after}"
    return f"{base} {ARM_SIGNS[mixture.arm]} {share}{after}"
