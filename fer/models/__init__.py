"""Models: backbones and heads in explicit registries. Importing this loads Keras; `fer` alone does not."""

from fer.models.backbones import BACKBONES, Backbone, build_model, trunk_of
from fer.models.heads import HEADS

__all__ = ["BACKBONES", "HEADS", "Backbone", "build_model", "trunk_of"]
