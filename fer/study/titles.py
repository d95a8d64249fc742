"""Titles of a study's models and cells in tables: what varies in the study, else the mixture. Never parsed."""

from collections.abc import Sequence

from fer.data.mixing import percent
from fer.study.cells import Cell, Ensemble, Mixture, Test, Training
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


def run_name(study: StudyFile, cell: Cell) -> str:
    """Return the name of a cell's run: :func:`model_name`, after the test dataset if the study has several."""
    where = f"on {study.datasets[cell.test.dataset].title}: " if len(study.test.dataset) > 1 else ""
    return where + model_name(study, cell.training)


def model_name(study: StudyFile, training: Training | Ensemble) -> str:
    """Return the name of a model in the names of its runs: its title, what differs between a study's models first.

    MLflow's UI cuts long names, and would show "majority + 10% everyone" and "majority + 100% everyone" as the same.
    """
    if isinstance(training, Ensemble):
        mixtures = dict.fromkeys(_added_first(study, member.mixture) for member in training.members)
        return f"{training.title}: {' & '.join(mixtures)}, seed {training.seed}"
    given, several = training.parameters, study.training
    varying = [given.backbone] * ("," in several.backbone) + [given.head] * ("," in several.head)
    return ", ".join([*varying, _added_first(study, training.mixture), f"seed {training.seed}"])


def _added_first(study: StudyFile, mixture: Mixture) -> str:
    if mixture.addition is None or mixture.is_base_alone:
        return _mixture_title(study, mixture)
    base, added = study.datasets[mixture.base].title, study.datasets[mixture.addition].title
    balance = "" if mixture.balance is None else f", {mixture.balance.method} {mixture.balance.target}"
    return f"{percent(mixture.fraction)} {added} {'+' if mixture.arm == 'add' else '~'} {base}{balance}"


def _model_title(study: StudyFile, data: str, varying: Sequence[str]) -> str:
    mixtures = sum(len(entry.fractions) for entry in study.mixtures)
    shown = mixtures > 1 or "," not in study.training.backbone
    return ", ".join([*([data] if shown else []), *varying])


def _mixture_title(study: StudyFile, mixture: Mixture) -> str:
    base, balance = study.datasets[mixture.base].title, mixture.balance
    after = "" if balance is None else f", {balance.method} {balance.target}"
    if mixture.addition is None or mixture.is_base_alone:
        return f"{base} only{after}"
    sign = "+" if mixture.arm == "add" else "~"
    return f"{base} {sign} {percent(mixture.fraction)} {study.datasets[mixture.addition].title}{after}"
