"""A study's cells as data: how a model is trained, or which models form an ensemble, and what it is tested on.

A cell is one training, or one ensemble of trainings, tested on one dataset. :func:`fer.study.matrix.cells` lists the
cells of a study; :mod:`fer.study.server_form` converts them to text for the tracking server and for identities.
"""

from dataclasses import dataclass
from decimal import Decimal

from fer.data.attributes import Attribute
from fer.data.kept_aside import NOTHING
from fer.data.mixing import MIXTURE
from fer.study.schema import Balance
from fer.training.parameters import TrainingParameters

# Parameters of a training that may be several in one study: each value with each of the others'.
SEVERAL = ("backbone", "head", "targets", "method")


@dataclass(frozen=True)
class Mixture:
    """Training data: a dataset, optionally with a share of another one added or swapped in, optionally balanced.

    Attributes:
        base: name of a dataset of the study.
        addition: name of the dataset to draw from; None if there is none.
        fraction: share of the addition, 0..1, exactly as written; 0 is the base alone.
        arm: ``add``; ``swap``: as many faces of the base are removed as added; ``same``: the base grows by as many
            faces of its own, from those kept aside.
        balance: how the training split is balanced; None if it is not.
        kept_aside: how many training faces of the base no arm but ``same`` uses: a share below 1, or a number.
        validation_from: ``mixture``, or ``base``: the validation split is the base's own.

    """

    base: str
    addition: str | None
    fraction: Decimal
    arm: str
    balance: Balance | None
    kept_aside: Decimal = NOTHING
    validation_from: str = MIXTURE

    @property
    def is_base_alone(self) -> bool:
        """Whether the mixture contains no other dataset."""
        return self.fraction == 0


@dataclass(frozen=True)
class Training:
    """One model: its training data and parameters. ``seed`` is used for the mixture, the balancing and the training.

    ``pretraining`` is the training, of the same seed, from whose model this one starts; None if it starts from none.
    """

    mixture: Mixture
    parameters: TrainingParameters
    seed: int
    pretraining: "Training | None" = None

    @property
    def grown(self) -> str:
        """Name of what additions are added to: a dataset, and after a pretraining that of the pretraining's."""
        before = self.pretraining
        return self.mixture.base if before is None else f"{self.mixture.base} after {before.mixture.base}"


@dataclass(frozen=True)
class Ensemble:
    """One model made of two or more trainings, all of one seed.

    Attributes:
        title: title in tables.
        members: the trainings, in the order of their weights.
        weighting: ``average``, or ``validation``: weights fitted on a validation split.
        validation: name of the dataset with that validation split; None for the first member's training data.

    """

    title: str
    members: tuple[Training, ...]
    weighting: str
    validation: str | None

    @property
    def seed(self) -> int:
        """Seed of the members."""
        return self.members[0].seed


@dataclass(frozen=True)
class Test:
    """What a model is tested on, and how.

    Attributes:
        dataset: name of a dataset of the study.
        split: split of that dataset.
        attributes: sensitive attributes that samples are grouped by; may be empty.
        cluster: the independent unit, see :func:`fer.evaluation.independent_units.clusters_of`.
        robustness: kinds of corruption, see :func:`fer.evaluation.perturbations.perturbations_named`.

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
        training: the model: one training or an ensemble.
        test: what the model is tested on.
        training_title: title of the model in tables, without the test dataset.
        experiment: title of the cell in tables: the model, and the test dataset if the study has several.
        position: 0-based row in the study's tables, the same for every seed.

    """

    training: Training | Ensemble
    test: Test
    training_title: str
    experiment: str
    position: int

    @property
    def seed(self) -> int:
        """Seed of the training, or of all members of the ensemble."""
        return self.training.seed


def trainings_in(training: Training | Ensemble) -> tuple[Training, ...]:
    """Return the trainings of a model: the training itself, or the members of an ensemble."""
    return training.members if isinstance(training, Ensemble) else (training,)


def stages_in(training: Training | Ensemble) -> tuple[Training, ...]:
    """Return all trainings that a model needs: those in it, each after its pretraining."""
    return tuple(stage for one in trainings_in(training) for stage in (one.pretraining, one) if stage is not None)
