"""The studies' protocols as data, and a user's own from a file."""

from fer.errors import InputError
from fer.training.protocols import Phase, Protocol

_PATIENCE = 10
_PLATEAU = (0.5, 4, 1e-6)
_FROZEN = Phase("frozen", 15, 1e-3, unfrozen=0, early_stopping=_PATIENCE, reduce_on_plateau=_PLATEAU)

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
    # Study C (Evangelista and da Silveira). Its released code also augments the validation faces; this does not.
    "age": Protocol(
        phases=(
            Phase(
                "tuned", 30, 1e-4, unfrozen=16, unfrozen_by_backbone={"vgg16": 3}, train_normalization=False,
                early_stopping=11, min_delta=5e-5, reduce_on_plateau=(0.5, 7, 1e-7),
            ),
        ),
        optimizer="adam",
        batch_size=20,
        dropout=0.5,
        search_space={"learning_rate": (1e-5, 1e-3, "log"), "dropout": (0.0, 0.7, "linear")},
        augmentation="age",
        monitor="validation/accuracy",
        preparation="zero_to_one",
        class_weights="balanced",
    ),
    # Study B does not publish its training settings: these three are ours.
    "assistive": Protocol(
        phases=(Phase("scratch", 50, 1e-3, early_stopping=_PATIENCE, reduce_on_plateau=_PLATEAU),),
        optimizer="adam",
        batch_size=64,
        dropout=0.5,
        augmentation="assistive",
        monitor="validation/accuracy",
    ),
    "assistive_frozen": Protocol(
        phases=(_FROZEN,), optimizer="adam", batch_size=64, dropout=0.3, monitor="validation/accuracy"
    ),
    "assistive_finetuned": Protocol(
        phases=(
            _FROZEN,
            Phase("tuned", 30, 1e-4, unfrozen=60, train_normalization=False, early_stopping=_PATIENCE,
                  reduce_on_plateau=_PLATEAU),
        ),
        optimizer="adam",
        batch_size=64,
        dropout=0.3,
        augmentation="assistive",
        monitor="validation/accuracy",
    ),
    # Custom CNN from scratch; measured on FER2013, see docs/cnn.md.
    "scratch": Protocol(
        phases=(Phase("scratch", 30, 2e-3, schedule="one_cycle", warmup=0.1),),
        optimizer="adamw",
        batch_size=64,
        dropout=0.3,
        weight_decay=0.05,
        label_smoothing=0.1,
        augmentation="affine",
        monitor="validation/accuracy",
        restore_best=True,
        search_space={"learning_rate": (3e-4, 1e-2, "log"), "dropout": (0.0, 0.6, "linear")},
    ),
    "scratch_long": Protocol(
        phases=(Phase("scratch", 50, 0.1, schedule="one_cycle", warmup=0.2),),
        optimizer="sgd",
        batch_size=128,
        dropout=0.4,
        weight_decay=5e-3,
        label_smoothing=0.1,
        mixup=0.2,
        augmentation="affine",
        monitor="validation/accuracy",
        restore_best=True,
        precision="mixed_bfloat16",
        search_space={"learning_rate": (0.02, 0.5, "log"), "dropout": (0.0, 0.6, "linear")},
    ),
}  # fmt: skip


def protocol_named(name: str) -> Protocol:
    """Return the protocol of this name, or of the YAML file at this path.

    Raises InputError with the valid names for an unknown name, and for an invalid file.
    """
    if name in PROTOCOLS:
        return PROTOCOLS[name]
    if name.endswith((".yaml", ".yml")):
        from fer.training.protocol_file import read_protocol  # Imports pydantic, which only files need.

        return read_protocol(name)
    raise InputError(f"unknown protocol {name!r}; use one of {', '.join(PROTOCOLS)}, or a .yaml file of your own.")
