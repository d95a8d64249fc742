"""Protocols: how a model is trained, as data. The studies' own are in :mod:`fer.training.protocol_table`."""

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
    """One stretch of training with one set of trainable layers.

    Attributes:
        name: as it appears in the history.
        epochs: at most.
        learning_rate: at the start of the phase.
        unfrozen: how many of the backbone's last layers train, those that the head leaves off counted too; 0: none,
            ALL_LAYERS: all. The head always does.
        unfrozen_by_backbone: other numbers for the backbones that it names.
        train_normalization: whether the BatchNormalization among the unfrozen layers trains; the head's always does.
        early_stopping: patience in epochs, restoring the best weights; None: no early stopping.
        min_delta: what early stopping takes for an improvement.
        reduce_on_plateau: (factor, patience in epochs, lowest rate) of ReduceLROnPlateau; None: none.
        schedule: ``constant``, or ``one_cycle``: linear warm-up, then cosine to zero.
        warmup: share of the phase's steps (0..1) that the warm-up takes.

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
    """A whole recipe; the defaults of the parameters that ``train`` leaves at ``auto`` stand here.

    Attributes:
        phases: in order; each goes on from the weights of the one before.
        optimizer: ``adam``, ``adamax`` or ``adamw``.
        batch_size: faces a step.
        dropout: of the head.
        search_space: what ``tune`` varies: name -> (low, high, scale), scale ``log`` or ``linear``.
        weight_decay: of AdamW.
        label_smoothing: of the cross-entropy, 0..1; it is in ``train/loss`` and ``validation/loss`` too, but not
            in an evaluation's ``loss``.
        augmentation: a name in :data:`fer.training.augmentation.AUGMENTATIONS`.
        monitor: what early stopping, plateau and the choice of the best epoch watch.
        restore_best: end with the weights of the best epoch by ``monitor``.
        preparation: a name in :data:`fer.models.preparation.PREPARATIONS`; ``auto``: the backbone's own.
        loss: a name in :data:`fer.training.losses.LOSSES`.
        class_weights: a name in :data:`fer.training.weighting.WEIGHTINGS`: what a face counts in the training loss.
        sampling: a name in :data:`fer.training.sampling.SAMPLERS`: which faces make an epoch, and in which order.
        precision: a name in :data:`fer.models.precision.PRECISIONS`: what the model computes in.

    """

    phases: tuple[Phase, ...]
    optimizer: Literal["adam", "adamax", "adamw"]
    batch_size: int
    dropout: float
    search_space: SearchSpace = field(default_factory=_usual_space)
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
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
        """Epochs of all phases together, at most."""
        return sum(phase.epochs for phase in self.phases)

    def of_backbone(self, name: str) -> "Protocol":
        """Return the protocol with the numbers of unfrozen layers that it has for this backbone."""
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
) -> Protocol:
    """Return the protocol with these values instead of its own; None leaves a value as it is.

    ``epochs`` is one number for every phase, or one a phase. ``learning_rate`` is the first phase's; later
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
            raise InputError(f"learning_rate {learning_rate} is no number above 0; give a rate such as 0.001.")
        ratio = learning_rate / phases[0].learning_rate
        phases = tuple(replace(phase, learning_rate=phase.learning_rate * ratio) for phase in phases)
    if batch_size is not None and batch_size < 1:
        raise InputError(f"batch_size {batch_size} is not 1 or more; give a number such as 32.")
    if dropout is not None and not 0 <= dropout < 1:
        raise InputError(f"dropout {dropout} is outside 0..1; give a rate such as 0.1.")
    if monitor not in (None, "validation/loss", "validation/accuracy"):
        raise InputError(f"unknown monitor {monitor!r}; use validation/loss or validation/accuracy.")
    changes: dict[str, Any] = {"dropout": dropout, "batch_size": batch_size, "monitor": monitor}
    changes |= {"augmentation": augmentation, "class_weights": class_weights, "sampling": sampling}
    changes |= {"precision": precision}
    return replace(protocol, phases=phases, **{k: v for k, v in changes.items() if v is not None})
