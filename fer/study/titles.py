"""Titles of a study's models and cells in tables: what varies in the study, else the mixture. Never parsed."""

from collections.abc import Sequence

from fer.data.kept_aside import amount, parse_kept_aside
from fer.data.mixing import ARM_SIGNS, added_first, percent
from fer.study.cells import SEVERAL, Cell, Ensemble, Mixture, Test, Training
from fer.study.schema import StudyFile


def training_title(study: StudyFile, training: Training) -> str:
    """Return the title of a training in tables, without the test dataset."""
    data = _mixture_title(study, training.mixture) + _before(study, training)
    return _model_title(study, data, _varying(study, training))


def ensemble_title(study: StudyFile, ensemble: Ensemble, bases: Sequence[str] = ()) -> str:
    """Return the title of an ensemble in tables; ``bases`` are its datasets if it spans several."""
    data = " & ".join(study.datasets[base].title for base in bases)
    first = ensemble.members[0]
    return _model_title(study, data or _mixture_title(study, first.mixture) + _before(study, first), [ensemble.title])


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
        mixtures = dict.fromkeys(
            _added_first(study, member.mixture) + _before(study, member) for member in training.members
        )
        return f"{training.title}: {' & '.join(mixtures)}, seed {training.seed}"
    mixture = _added_first(study, training.mixture) + _before(study, training)
    return ", ".join([*_varying(study, training), mixture, f"seed {training.seed}"])


def _varying(study: StudyFile, training: Training) -> list[str]:
    """Return the values of the training's parameters of which the study has several."""
    return [getattr(training.parameters, name) for name in SEVERAL if "," in getattr(study.training, name)]


def _added_first(study: StudyFile, mixture: Mixture) -> str:
    if mixture.addition is None or mixture.is_base_alone:
        return _mixture_title(study, mixture)
    base, share = study.datasets[mixture.base].title, _share(study, mixture)
    return added_first(share, mixture.arm, base) + _after(study, mixture)


def _model_title(study: StudyFile, data: str, varying: Sequence[str]) -> str:
    mixtures = sum(len(entry.fractions) * len(entry.arm) for entry in study.mixtures)
    shown = mixtures > 1 or "," not in study.training.backbone
    return ", ".join([*([data] if shown else []), *varying])


def _mixture_title(study: StudyFile, mixture: Mixture) -> str:
    base, after = study.datasets[mixture.base].title, _after(study, mixture)
    if mixture.addition is None or mixture.is_base_alone:
        return f"{base} only{after}"
    if mixture.arm == "same":
        return f"{base} + own faces, as many as {_share(study, mixture)}{after}"
    return f"{base} {ARM_SIGNS[mixture.arm]} {_share(study, mixture)}{after}"


def _before(study: StudyFile, training: Training) -> str:
    """Return what follows the title of a mixture whose model starts from another one."""
    if training.pretraining is None:
        return ""
    return f", pretrained on {study.datasets[training.pretraining.mixture.base].title}"


def _share(study: StudyFile, mixture: Mixture) -> str:
    return f"{percent(mixture.fraction)} {study.datasets[mixture.addition or mixture.base].title}"


def _after(study: StudyFile, mixture: Mixture) -> str:
    """Return what follows a mixture's title: what its base's entries differ in, and how it is balanced."""
    entries = [entry for entry in study.mixtures if entry.base == mixture.base]
    parts = []
    if len({parse_kept_aside(entry.kept_aside) for entry in entries}) > 1:
        parts.append(f"{amount(mixture.kept_aside)} kept aside")
    if len({entry.validation_from for entry in entries}) > 1:
        parts.append(f"validated on the {mixture.validation_from}")
    if mixture.balance is not None:
        parts.append(f"{mixture.balance.method} {mixture.balance.target}")
    return "".join(f", {part}" for part in parts)
