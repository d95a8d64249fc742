"""The parameters of a training, once: the entry points' options, a study file's entry, a cell and a plan hold them."""

from dataclasses import dataclass

AUTO = "auto"


@dataclass(frozen=True, kw_only=True)
class TrainingParameters:
    """As they are given, as text; ``auto`` leaves a value to the backbone or the protocol."""

    backbone: str = "resnet50v2"
    head: str = AUTO
    weights: str = AUTO
    protocol: str = AUTO
    epochs: str = AUTO
    learning_rate: str = AUTO
    dropout: str = AUTO
    batch_size: str = AUTO
    monitor: str = AUTO
    augmentation: str = AUTO
    input_size: str = AUTO
    class_weights: str = AUTO
    sampling: str = AUTO
    trunk_cache: str = AUTO
