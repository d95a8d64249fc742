"""Protocols: how a model is trained, as data. A study's protocol is one entry of :data:`PROTOCOLS`."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from fer.errors import InputError

ALL_LAYERS = -1


@dataclass(frozen=True)
class Phase:
    """One stretch of training with one set of trainable layers.

    Attributes:
        name: as it appears in the history.
        epochs: at most.
        learning_rate: at the start of the phase.
        unfrozen: how many of the trunk's last layers train; 0: none, ALL_LAYERS: all. The head always does.
        early_stopping: patience in epochs, restoring the best weights; None: no early stopping.
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


@dataclass(frozen=True)
class Protocol:
    """A whole recipe; the defaults of the parameters that ``train`` leaves at ``auto`` stand here.

    Attributes:
        phases: in order; each goes on from the weights of the one before.
        optimizer: ``adamax`` or ``adamw``.
        batch_size: faces a step.
        dropout: of the head.
        weight_decay: of AdamW.
        label_smoothing: of the cross-entropy, 0..1; it is in ``train/loss`` and ``validation/loss`` too, but not
            in an evaluation's ``loss``.
        augmentation: a name in :data:`fer.training.augmentation.AUGMENTATIONS`.
        monitor: what early stopping, plateau and the choice of the best epoch watch.
        restore_best: end with the weights of the best epoch by ``monitor``.
        search_space: what ``tune`` varies: name -> (low, high, scale), scale ``log`` or ``linear``.

    """

    phases: tuple[Phase, ...]
    optimizer: Literal["adamax", "adamw"]
    batch_size: int
    dropout: float
    search_space: Mapping[str, tuple[float, float, Literal["log", "linear"]]]
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    augmentation: str = "none"
    monitor: Literal["validation/loss", "validation/accuracy"] = "validation/loss"
    restore_best: bool = False

    @property
    def epochs(self) -> int:
        """Epochs of all phases together, at most."""
        return sum(phase.epochs for phase in self.phases)


PROTOCOLS: dict[str, Protocol] = {
    # Study A (Chen 2024). The released code watches the validation loss, the paper's text says accuracy.
    "eila": Protocol(
        phases=(
            Phase("frozen", 15, 1e-4, unfrozen=0),
            Phase("unfrozen", 35, 1e-5, unfrozen=10, early_stopping=15, reduce_on_plateau=(0.2, 3, 1e-7)),
        ),
        optimizer="adamax",
        batch_size=32,
        dropout=0.1,
        search_space={"learning_rate": (1e-5, 1e-3, "log"), "dropout": (0.0, 0.5, "linear")},
    ),
    # Custom CNN from scratch; measured on FER2013, see docs/cnn.md.
    "scratch": Protocol(
        phases=(Phase("scratch", 30, 2e-3, schedule="one_cycle", warmup=0.1),),
        optimizer="adamw",
        batch_size=64,
        dropout=0.3,
        weight_decay=0.05,
        label_smoothing=0.1,
        augmentation="affine_noise",
        monitor="validation/accuracy",
        restore_best=True,
        search_space={"learning_rate": (3e-4, 1e-2, "log"), "dropout": (0.0, 0.6, "linear")},
    ),
}


def protocol_named(name: str) -> Protocol:
    """Return the protocol of this name; InputError with the valid names for any other."""
    if name not in PROTOCOLS:
        raise InputError(f"unknown protocol {name!r}; use one of {', '.join(PROTOCOLS)}.")
    return PROTOCOLS[name]


def adjusted(
    protocol: Protocol,
    epochs: Sequence[int] | None = None,
    learning_rate: float | None = None,
    dropout: float | None = None,
    batch_size: int | None = None,
    monitor: str | None = None,
    augmentation: str | None = None,
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
    changes["augmentation"] = augmentation
    return replace(protocol, phases=phases, **{k: v for k, v in changes.items() if v is not None})
