"""A study's cells as data: what a model is trained on and how, or which models make an ensemble, and what tests it.

A cell is one training, or one ensemble of trainings, tested on one dataset. :func:`fer.study.matrix.cells` makes the
cells of a study; :mod:`fer.study.server_form` says how the tracking server and identities name them.
"""

from dataclasses import dataclass
from decimal import Decimal

from fer.data.attributes import Attribute
from fer.study.schema import Balance
from fer.training.parameters import TrainingParameters


@dataclass(frozen=True)
class Mixture:
    """Training data: a dataset, with a share of another added or swapped in, then balanced.

    Attributes:
        base: name of a dataset of the study.
        addition: name of the dataset that the share is of; None: there is none.
        fraction: the share of the addition, 0..1, exactly as written; 0 is the base alone.
        arm: ``add``, or ``swap``: as many faces of the base leave.
        balance: how the training split is balanced; None: it stays as it is.

    """

    base: str
    addition: str | None
    fraction: Decimal
    arm: str
    balance: Balance | None

    @property
    def is_base_alone(self) -> bool:
        """Whether nothing of another dataset is in it."""
        return self.fraction == 0


@dataclass(frozen=True)
class Training:
    """One model: what it is trained on, and how. ``seed`` is that of the mixture, the balancing and the training."""

    mixture: Mixture
    parameters: TrainingParameters
    seed: int


@dataclass(frozen=True)
class Ensemble:
    """One model made of two or more trainings, all of one seed.

    Attributes:
        title: how tables call it.
        members: the trainings, in the order of their weights.
        weighting: ``average``, or ``validation``: weights are found on a validation split.
        validation: name of the dataset whose validation split that is; None: the first member's training data.

    """

    title: str
    members: tuple[Training, ...]
    weighting: str
    validation: str | None

    @property
    def seed(self) -> int:
        """The members' seed."""
        return self.members[0].seed


@dataclass(frozen=True)
class Test:
    """What a model is tested on, and by what.

    Attributes:
        dataset: name of a dataset of the study.
        split: of that dataset.
        attributes: what its samples are grouped by; may be none.
        cluster: the independent unit, as :func:`fer.evaluation.independent_units.clusters_of` takes it.
        robustness: kinds of corrupted faces, as :func:`fer.evaluation.perturbations.perturbations_named` takes them.

    """

    dataset: str
    split: str
    attributes: tuple[Attribute, ...]
    cluster: str
    robustness: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """One experiment of a study.

    Attributes:
        training: the model: one training, or an ensemble of several.
        test: what it is tested on.
        training_title: how tables call the model, whatever it is tested on.
        experiment: how tables call the cell: the model, and the test dataset where the study has several.
        position: its place in the study's tables, from 0, the same for every seed.

    """

    training: Training | Ensemble
    test: Test
    training_title: str
    experiment: str
    position: int

    @property
    def seed(self) -> int:
        """The seed of its training, or of all of its ensemble's members."""
        return self.training.seed


def trainings_in(training: Training | Ensemble) -> tuple[Training, ...]:
    """Return the trainings that a model is made of: a training itself, or an ensemble's members."""
    return training.members if isinstance(training, Ensemble) else (training,)
