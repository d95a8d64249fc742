"""A study's cells, purely: which mixture, trained how, tested on what, with which seed; then its ensembles."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product

from fer.data.mixing import parse_fraction, percent
from fer.study.schema import EnsembleEntry, StudyFile
from fer.training.parameters import TrainingParameters

NONE = "none"
ENSEMBLE = "ensemble"
SEPARATOR = "; "
_TESTED = ("test", "test_split", "attributes", "cluster", "robustness")


@dataclass(frozen=True, kw_only=True)
class Cell(TrainingParameters):
    """One experiment of a study: one training tested on one dataset, or an ensemble of several.

    ``position`` is its place in the study's tables. ``balance`` is a :class:`BalanceEntry` as JSON, or ``none``.
    An ensemble's ``backbone`` is ``ensemble``; ``members`` names the trainings that it is made of, joined by ``; ``,
    ``weighting`` and ``validation`` how they are weighted. For a single training all three are ``none``.
    """

    experiment: str
    position: int
    base: str
    addition: str
    fraction: str
    arm: str
    test: str
    test_split: str
    attributes: str
    cluster: str
    robustness: str
    seed: int
    balance: str = NONE
    members: str = NONE
    weighting: str = NONE
    validation: str = NONE

    def parameters(self) -> dict[str, str]:
        """Return what identifies the cell, as strings: all but its name and place."""
        return {name: str(value) for name, value in asdict(self).items() if name not in ("experiment", "position")}

    def training(self) -> dict[str, str]:
        """Return what identifies the training: all parameters but what it is tested on."""
        return {name: value for name, value in self.parameters().items() if name not in _TESTED}


def cells(study: StudyFile) -> list[Cell]:
    """Return the study's cells: for each seed, every mixture in the file's order, by backbone, head and test dataset.

    Each seed's ensembles come after the trainings that they are made of.
    """
    made: list[Cell] = []
    for seed in study.seeds:
        single = _trainings(study, seed)
        made += [*single, *_ensembles(study, single)]
    return made


def members_of(cell: Cell, of_study: Sequence[Cell]) -> list[Cell]:
    """Return the cells, one a training, whose models an ensemble is made of, in the order of their names."""
    wanted = cell.members.split(SEPARATOR)
    named = {_training_name(other): other for other in of_study if other.seed == cell.seed and other.members == NONE}
    return [named[name] for name in wanted]


def _trainings(study: StudyFile, seed: int) -> list[Cell]:
    given = study.training.model_dump()
    backbones, heads = (given.pop(name).split(",") for name in ("backbone", "head"))
    mixtures = [(entry, fraction) for entry in study.mixtures for fraction in entry.fractions]
    made = []
    for (entry, fraction), backbone, head, test in product(mixtures, backbones, heads, study.test.dataset):
        cell = Cell(
            experiment="",
            position=len(made),
            base=entry.base,
            addition=entry.addition or NONE,
            # One way to write a number, so that 0.10 is the cell that 0.1 was.
            fraction=f"{parse_fraction(fraction).normalize():f}",
            arm=entry.arm,
            test=test,
            test_split=study.test.split,
            attributes=",".join(map(str, study.test.attributes)),
            cluster=study.test.cluster,
            robustness=",".join(study.test.robustness) or NONE,
            backbone=backbone,
            head=head,
            **given,
            seed=seed,
            balance=NONE if entry.balance is None else entry.balance.described(),
        )
        made.append(replace(cell, experiment=_title(study, cell)))
    return made


def _ensembles(study: StudyFile, single: Sequence[Cell]) -> list[Cell]:
    first_test = [cell for cell in single if cell.test == study.test.dataset[0]]
    groups = [(entry, members) for entry in study.ensembles for members in _members(entry, first_test)]
    made = []
    for (entry, members), test in product(groups, study.test.dataset):
        cell = replace(
            members[0],
            position=len(single) + len(made),
            test=test,
            backbone=ENSEMBLE,
            head=entry.title,
            members=SEPARATOR.join(map(_training_name, members)),
            weighting=entry.weighting,
            validation=entry.validation or NONE,
        )
        made.append(replace(cell, experiment=_title(study, cell, entry.bases)))
    return made


def _members(entry: EnsembleEntry, single: Sequence[Cell]) -> list[list[Cell]]:
    """Return the members of each ensemble that an entry asks for: one a mixture, or one across the bases."""
    chosen = [cell for cell in single if not entry.backbones or cell.backbone in entry.backbones]
    if entry.bases:
        alone = [cell for cell in chosen if cell.base in entry.bases and cell.fraction == "0"]
        return [alone] if alone else []
    by_mixture: dict[tuple[str, ...], list[Cell]] = {}
    for cell in chosen:
        by_mixture.setdefault((cell.base, cell.addition, cell.fraction, cell.arm, cell.balance), []).append(cell)
    return list(by_mixture.values())


def _training_name(cell: Cell) -> str:
    """Return a short name of a training within its study and seed."""
    mixture = cell.base if cell.fraction == "0" else f"{cell.base}{cell.arm[0]}{cell.fraction} {cell.addition}"
    return f"{mixture} {cell.backbone} {cell.head}" + ("" if cell.balance == NONE else " balanced")


def _title(study: StudyFile, cell: Cell, bases: Sequence[str] = ()) -> str:
    """Return the name that tables show: what the study has several of, or else the mixture."""
    backbones, heads = ("," in value for value in (study.training.backbone, study.training.head))
    mixtures = sum(len(entry.fractions) for entry in study.mixtures)
    told = [" & ".join(study.datasets[base].title for base in bases) or _mixture(study, cell)]
    told = told if mixtures > 1 or not backbones else []
    if cell.backbone == ENSEMBLE:
        told += [cell.head]
    else:
        told += [cell.backbone] * backbones + [cell.head] * heads
    told += [f"on {study.datasets[cell.test].title}"] * (len(study.test.dataset) > 1)
    return ", ".join(told)


def _mixture(study: StudyFile, cell: Cell) -> str:
    base, share = study.datasets[cell.base].title, parse_fraction(cell.fraction)
    balance = {} if cell.balance == NONE else json.loads(cell.balance)
    after = f", {balance['method']} {balance['target']}" if balance else ""
    if cell.addition == NONE or not share:
        return f"{base} only{after}"
    sign = "+" if cell.arm == "add" else "~"
    return f"{base} {sign} {percent(share)} {study.datasets[cell.addition].title}{after}"
