"""Protocols: how a model is trained, as data. Those of the studies are in :mod:`fer.training.protocol_table`."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from fer.errors import InputError
from fer.sentinels import AUTO, NONE

ALL_LAYERS = -1
SearchSpace = Mapping[str, tuple[float, float, Literal["log", "linear"]]]


def _usual_space() -> SearchSpace:
    return {"learning_rate": (1e-5, 1e-2, "log"), "dropout": (0.0, 0.6, "linear")}


@dataclass(frozen=True)
class Phase:
    """One phase of a training, with a fixed set of trainable layers.

    Attributes:
        name: name in the history.
        epochs: maximum number of epochs.
        learning_rate: learning rate at the start of the phase.
        unfrozen: number of the backbone's last layers that are trained, including layers that the head leaves off; 0:
            none, ALL_LAYERS: all. The head is always trained.
        unfrozen_by_backbone: other numbers for some backbones, by name.
        train_normalization: whether BatchNormalization is trained in the unfrozen layers; in the head it always is.
        early_stopping: patience in epochs, after which the best weights are restored; None: no early stopping.
        min_delta: smallest change that early stopping counts as an improvement.
        reduce_on_plateau: (factor, patience in epochs, lowest rate) of ReduceLROnPlateau; None: not used.
        schedule: ``constant``, or ``one_cycle``: linear warm-up, then cosine to zero.
        warmup: share of the phase's steps (0..1) used for the warm-up.

    """

    name: str
    epochs: int
    learning_rate: float
    unfrozen: int = ALL_LAYERS
    early_stopping: int | None = None
    reduce_on_plateau: tuple[float, int, float] | None = None
    schedule: Literal["constant", "one_cycle"] = "constant"
    warmup: float = 0.0
    min_delta: float = 0.0
    train_normalization: bool = True
    unfrozen_by_backbone: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Protocol:
    """A complete training protocol, with the values of the parameters that ``train`` leaves at ``auto``.

    Attributes:
        phases: phases in order; each starts from the weights of the previous one.
        optimizer: ``adam``, ``adamax``, ``adamw`` or ``sgd`` (Nesterov momentum of 0.9).
        batch_size: faces per step.
        dropout: dropout rate of the head, 0..1.
        search_space: parameters that ``tune`` varies: name -> (low, high, scale), scale ``log`` or ``linear``.
        weight_decay: decoupled weight decay of ``adamw`` and ``sgd``: each step takes this times the rate off a weight.
        label_smoothing: label smoothing of the cross-entropy, 0..1; also part of ``train/loss`` and
            ``validation/loss``, but not of an evaluation's ``loss``.
        mixup: alpha of the blending of training faces (:func:`fer.training.mixup.mixed`); 0: none.
        weight_averaging: momentum per step, 0..1, of the moving average of the trained weights with which epochs are
            validated and which the model has in the end; 0: none. Keras' ``use_ema``.
        augmentation: a name in :data:`fer.training.augmentation.AUGMENTATIONS`.
        monitor: metric for early stopping, reducing the rate on a plateau, and choosing the best epoch.
        restore_best: whether the weights of the best epoch by ``monitor`` are restored at the end.
        preparation: a name in :data:`fer.models.preparation.PREPARATIONS`; ``auto``: the backbone's own.
        loss: a name in :data:`fer.training.losses.LOSSES`.
        class_weights: a name in :data:`fer.training.weighting.WEIGHTINGS`: weights of faces in the training loss.
        sampling: a name in :data:`fer.training.sampling.SAMPLERS`: the faces of an epoch and their order.
        precision: a name in :data:`fer.models.precision.PRECISIONS`: data types of the computation.

    """

    phases: tuple[Phase, ...]
    optimizer: Literal["adam", "adamax", "adamw", "sgd"]
    batch_size: int
    dropout: float
    search_space: SearchSpace = field(default_factory=_usual_space)
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    mixup: float = 0.0
    weight_averaging: float = 0.0
    augmentation: str = NONE
    monitor: Literal["validation/loss", "validation/accuracy"] = "validation/loss"
    restore_best: bool = False
    preparation: str = AUTO
    loss: str = "crossentropy"
    class_weights: str = NONE
    sampling: str = "shuffled"
    precision: str = "float32"

    @property
    def epochs(self) -> int:
        """Maximum number of epochs of all phases together."""
        return sum(phase.epochs for phase in self.phases)

    def of_backbone(self, name: str) -> "Protocol":
        """Return the protocol with its numbers of unfrozen layers for this backbone."""
        phases = tuple(
            replace(phase, unfrozen=phase.unfrozen_by_backbone.get(name, phase.unfrozen)) for phase in self.phases
        )
        return replace(self, phases=phases)


def adjusted(
    protocol: Protocol,
    epochs: Sequence[int] | None = None,
    learning_rate: float | None = None,
    dropout: float | None = None,
    batch_size: int | None = None,
    monitor: str | None = None,
    augmentation: str | None = None,
    class_weights: str | None = None,
    sampling: str | None = None,
    precision: str | None = None,
    mixup: float | None = None,
    weight_averaging: float | None = None,
) -> Protocol:
    """Return the protocol with these values instead of its own; None leaves a value unchanged.

    ``epochs`` has one number for every phase, or one per phase. ``learning_rate`` is the first phase's; later
    phases keep their ratio to it (study A: a tenth). Raises InputError for values out of range.
    """
    phases = protocol.phases
    if epochs is not None:
        counts = list(epochs) * len(phases) if len(epochs) == 1 else list(epochs)
        if len(counts) != len(phases) or min(counts) < 1:
            names = ",".join(phase.name for phase in phases)
            raise InputError(
                f"epochs {','.join(map(str, epochs))} does not fit the phases {names}; give one whole number "
                "of 1 or more for each phase, or one for all."
            )
        phases = tuple(replace(phase, epochs=count) for phase, count in zip(phases, counts, strict=True))
    if learning_rate is not None:
        if not 0 < learning_rate < math.inf:
            raise InputError(f"learning_rate {learning_rate} is not above 0; give a rate such as 0.001.")
        ratio = learning_rate / phases[0].learning_rate
        phases = tuple(replace(phase, learning_rate=phase.learning_rate * ratio) for phase in phases)
    if batch_size is not None and batch_size < 1:
        raise InputError(f"batch_size {batch_size} is less than 1; give a number such as 32.")
    if dropout is not None and not 0 <= dropout < 1:
        raise InputError(f"dropout {dropout} is outside 0..1; give a rate such as 0.1.")
    if monitor not in (None, "validation/loss", "validation/accuracy"):
        raise InputError(f"unknown monitor {monitor!r}; use validation/loss or validation/accuracy.")
    changes: dict[str, Any] = {"dropout": dropout, "batch_size": batch_size, "monitor": monitor}
    changes |= {"augmentation": augmentation, "class_weights": class_weights, "sampling": sampling}
    if mixup is not None and not 0 <= mixup < math.inf:
        raise InputError(f"mixup {mixup} is not a finite number of 0 or more; give one such as 0.2, or 0 for none.")
    if weight_averaging is not None and not 0 <= weight_averaging < 1:
        raise InputError(f"weight_averaging {weight_averaging} is outside 0..1; give one such as 0.99, or 0 for none.")
    changes |= {"precision": precision, "mixup": mixup, "weight_averaging": weight_averaging}
    return replace(protocol, phases=phases, **{k: v for k, v in changes.items() if v is not None})
