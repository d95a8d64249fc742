"""Models: backbones and heads in explicit registries. Importing this loads Keras; `fer` alone does not."""

from fer.quiet_tensorflow import load_keras

load_keras()  # Before the modules below import Keras themselves.

from fer.models.backbones import BACKBONES, Backbone, left_off  # noqa: E402
from fer.models.building import build_model  # noqa: E402
from fer.models.heads import HEADS  # noqa: E402
from fer.models.preparation import PREPARATIONS  # noqa: E402
from fer.models.trunks import freeze, trunk_of  # noqa: E402

__all__ = ["BACKBONES", "HEADS", "PREPARATIONS", "Backbone", "build_model", "freeze", "left_off", "trunk_of"]
