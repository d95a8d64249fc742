"""The parameters of a training, declared once for entry points, study files, cells and plans."""

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from fer.sentinels import AUTO

# How the value of ``weights`` begins if it names a trained model, which fer.steps.starting opens.
_TRAINED = ("runs:/", "models:/")


def names_trained_model(weights: str) -> bool:
    """Return whether a value of the parameter ``weights`` names a model that was trained before.

    Example:
        >>> names_trained_model("models:/faces@champion"), names_trained_model("imagenet")
        (True, False)

    """
    return weights.startswith(_TRAINED)


def _parameter(description: str, default: str = AUTO) -> str:
    return field(default=default, metadata={"help": description, "later": False})


def _later(description: str, auto: str = AUTO) -> str:
    """Declare a parameter that version 0.1.0 did not have; ``auto`` is the value that ``auto`` stands for."""
    return field(default=AUTO, metadata={"help": description, "later": True, "auto": auto})


@dataclass(frozen=True, kw_only=True)
class TrainingParameters:
    """The parameters as given, as text; ``auto`` leaves a value to the backbone or the protocol."""

    backbone: str = _parameter("Backbone: resnet50v2, cnn or another of docs/models.md.", default="resnet50v2")
    head: str = _parameter("eila, m1, m2, pooled, ...; auto: the backbone's.")
    weights: str = _parameter("imagenet, none, a Keras file, runs:/<id> or models:/...; auto: the backbone's.")
    protocol: str = _parameter("eila, age, assistive, scratch, ... or a .yaml file; auto: the backbone's.")
    epochs: str = _parameter("One number for all phases, or one per phase: 15,35.")
    learning_rate: str = _parameter("Learning rate of the first phase.")
    dropout: str = _parameter("Dropout rate of the head, 0..1.")
    batch_size: str = _parameter("Faces per step.")
    monitor: str = _parameter("validation/loss or validation/accuracy.")
    augmentation: str = _parameter("none, affine, affine_noise, age or assistive; auto: the protocol's.")
    input_size: str = _parameter("Height and width of the backbone's input in pixels.")
    class_weights: str = _parameter("none or balanced; auto: the protocol's.")
    sampling: str = _parameter("shuffled or balanced; auto: the protocol's.")
    precision: str = _parameter("float32, mixed_float16 or mixed_bfloat16; auto: the protocol's.")
    trunk_cache: str = _parameter("auto, float16 or off: see docs/trunk_cache.md.")
    steps_per_epoch: str = _later("A number; base: as many as the base alone gives; auto: one pass over the faces.")
    targets: str = _later("What a face teaches: label, votes or majority, see docs/models.md; auto: label.")
    mixup: str = _later("Alpha of mixup, such as 0.2; 0: none; auto: the protocol's.")
    weight_averaging: str = _later(
        "Momentum of the weights' moving average, such as 0.99; 0: none; auto: the protocol's."
    )
    method: str = _later("Mitigation method: erm (none), group_dro, jtt, dfr, ...; see docs/mitigation.md.", auto="erm")
    groups: str = _later("What the method's groups are: race, race*gender, dataset, ...; auto: race.")
    method_settings: str = _later("Numbers of the method, such as {eta: 0.1}; auto: its defaults.")


def identifying(parameters: TrainingParameters) -> dict[str, Any]:
    """Return the parameters that identify a training, by name.

    Those that version 0.1.0 did not have are left out at their defaults, so that what it finished can be found again.
    """
    given = asdict(parameters)
    later = {one.name: one.metadata["auto"] for one in fields(TrainingParameters) if one.metadata["later"]}
    return {name: value for name, value in given.items() if name not in later or value not in (AUTO, later[name])}
