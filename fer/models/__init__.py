"""Models: registries of backbones and heads. Importing this package loads Keras; importing `fer` does not."""

from fer.quiet_tensorflow import load_keras

load_keras()  # Before the modules below import Keras themselves.

from fer.models.backbone_layers import backbone_of, freeze  # noqa: E402
from fer.models.backbones import BACKBONES, Backbone, left_off  # noqa: E402
from fer.models.building import build_model  # noqa: E402
from fer.models.heads import HEADS  # noqa: E402
from fer.models.preparation import PREPARATIONS  # noqa: E402

__all__ = ["BACKBONES", "HEADS", "PREPARATIONS", "Backbone", "build_model", "freeze", "left_off", "backbone_of"]
