"""Models: backbones and heads in explicit registries. Importing this loads Keras; `fer` alone does not."""

from fer.quiet_tensorflow import load_keras

load_keras()  # Before the modules below import Keras themselves.

from fer.models.backbones import BACKBONES, Backbone, build_model, trunk_of  # noqa: E402
from fer.models.heads import HEADS  # noqa: E402

__all__ = ["BACKBONES", "HEADS", "Backbone", "build_model", "trunk_of"]
