"""List the cells of a study file: for each seed, every mixture, way of training and test dataset; then ensembles."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

from fer.data.fractions import parse_fraction
from fer.data.kept_aside import parse_kept_aside
from fer.sentinels import AUTO
from fer.study.cells import SEVERAL, Cell, Ensemble, Mixture, Test, Training
from fer.study.schema import EnsembleEntry, MixtureEntry, StudyFile
from fer.study.titles import cell_title, ensemble_title, training_title
from fer.training.mitigation.choice import read_settings, settings_of, settings_text
from fer.training.mitigation.registry import ERM, method_named
from fer.training.parameters import TrainingParameters


def cells(study: StudyFile) -> list[Cell]:
    """Return a study's cells: for each seed, mixtures in the file's order, by way of training and test dataset.

    The ensembles of a seed come after its trainings.
    """
    tests = _tests(study)
    made: list[Cell] = []
    for seed in study.seeds:
        trainings = _trainings(study, seed)
        models: list[tuple[Training | Ensemble, str]] = [(one, training_title(study, one)) for one in trainings]
        models += _ensembles(study, trainings)
        made += [
            Cell(model, test, title, cell_title(study, title, test), position)
            for position, ((model, title), test) in enumerate(product(models, tests))
        ]
    return made


def _tests(study: StudyFile) -> list[Test]:
    asked = study.test
    return [Test(dataset, asked.split, asked.attributes, asked.cluster, asked.robustness) for dataset in asked.dataset]


def _trainings(study: StudyFile, seed: int) -> list[Training]:
    """Return the trainings of one seed; each of :data:`fer.study.cells.SEVERAL` may be several, joined by commas."""
    given = study.training.model_dump()
    several = [given.pop(name).split(",") for name in SEVERAL]
    mixtures = [(mixture, entry.pretrained_on) for entry in study.mixtures for mixture in _mixtures(entry)]
    ways = [of_method(TrainingParameters(**given, **dict(zip(SEVERAL, way, strict=True)))) for way in product(*several)]
    return [_training(study, mixture, first, way, seed) for (mixture, first), way in product(mixtures, ways)]


def _training(study: StudyFile, mixture: Mixture, first: str | None, given: TrainingParameters, seed: int) -> Training:
    """Return a training; ``first`` is the dataset of its pretraining, if any.

    The pretraining is plain unless the study gives it a method of its own: its model is then shared by all methods.
    """
    if first is None:
        return Training(mixture, given, seed)
    plain = replace(given, method=AUTO, groups=AUTO, method_settings=AUTO)
    before = of_method(replace(plain, **study.pretraining.model_dump(exclude_unset=True)))
    return Training(mixture, given, seed, Training(_alone(study, first), before, seed))


def _alone(study: StudyFile, dataset: str) -> Mixture:
    """Return a dataset alone as the study's own mixtures have it, so that its model is trained once."""
    whole = Mixture(dataset, None, parse_fraction("0"), "add", None)
    made = (mixture for entry in study.mixtures if entry.base == dataset for mixture in _mixtures(entry))
    return next((one for one in made if replace(one, addition=None, arm="add") == whole), whole)


def of_method(parameters: TrainingParameters) -> TrainingParameters:
    """Return the parameters without the groups and settings that their method does not have, which identify nothing."""
    method = ERM if parameters.method == AUTO else parameters.method
    settings = settings_text(settings_of(method, read_settings(parameters.method_settings)))
    groups = parameters.groups if method_named(method).needs_groups else AUTO
    return replace(parameters, groups=groups, method_settings=settings)


def _mixtures(entry: MixtureEntry) -> list[Mixture]:
    """Return the mixtures of an entry: each fraction in each arm, but of fraction 0 one, which all arms share."""
    kept = parse_kept_aside(entry.kept_aside)
    return [
        Mixture(entry.base, entry.addition, fraction, arm, entry.balance, kept, entry.validation_from)
        for fraction in map(parse_fraction, entry.fractions)
        for arm in (entry.arm if fraction else entry.arm[:1])
    ]


def _ensembles(study: StudyFile, trainings: Sequence[Training]) -> Iterator[tuple[Ensemble, str]]:
    """Yield the ensembles of one seed, each with its title."""
    for entry in study.ensembles:
        for members in _members(entry, trainings):
            made = Ensemble(entry.title, members, entry.weighting, entry.validation)
            yield made, ensemble_title(study, made, entry.bases)


def _members(entry: EnsembleEntry, trainings: Sequence[Training]) -> list[tuple[Training, ...]]:
    """Return the members of each ensemble of an entry: one ensemble per mixture, or one across the bases."""
    chosen = [one for one in trainings if not entry.backbones or one.parameters.backbone in entry.backbones]
    if entry.bases:
        alone = [one for one in chosen if one.grown in entry.bases and one.mixture.is_base_alone]
        return [tuple(alone)] if alone else []
    by_mixture: dict[tuple[Mixture, str], list[Training]] = {}
    for one in chosen:
        by_mixture.setdefault((one.mixture, one.grown), []).append(one)
    return [tuple(members) for members in by_mixture.values()]
