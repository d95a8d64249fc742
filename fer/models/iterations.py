"""Study B's eight iterations over two families, as data: six sequential CNNs and EfficientNetV2B0 twice.

The study reports eight iterations over these families and that an ensemble of custom CNNs was best, but not their
layers. These are our designs, each with one more idea than the one before; docs/models.md has the table.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import keras
from keras import layers, regularizers

from fer.models.applications import IMAGENET, application
from fer.models.backbone_layers import LAYER_NAME
from fer.sentinels import NONE

Family = Literal["custom CNN", "EfficientNetV2B0"]


@dataclass(frozen=True)
class SequentialCnn:
    """A plain stack: each block is 3x3 convolutions with ReLU, then 2x2 pooling.

    Attributes:
        filters: number of filters per block.
        convolutions: number of convolutions per block.
        normalized: whether BatchNormalization is between each convolution and its ReLU.
        dropout: dropout rate after each block, 0..1.
        decay: L2 penalty of every kernel.

    """

    filters: tuple[int, ...]
    convolutions: int = 1
    normalized: bool = False
    dropout: float = 0.0
    decay: float = 0.0

    def build(self, shape: tuple[int, int, int], weights: str) -> keras.Model:
        """Return the backbone: scaled faces ``(n, *shape)`` to a map ``(n, h/2^blocks, w/2^blocks, filters[-1])``."""
        faces = keras.Input(shape)
        x = faces
        for filters in self.filters:
            for _ in range(self.convolutions):
                x = self._convolution(x, filters)
            x = layers.MaxPooling2D(2)(x)
            if self.dropout:
                x = layers.Dropout(self.dropout)(x)
        backbone = keras.Model(faces, x, name=LAYER_NAME)
        if weights != NONE:
            backbone.load_weights(weights)
        return backbone

    def _convolution(self, x: keras.KerasTensor, filters: int) -> keras.KerasTensor:
        x = layers.Conv2D(
            filters, 3, padding="same", use_bias=not self.normalized, kernel_initializer="he_normal",
            kernel_regularizer=regularizers.L2(self.decay) if self.decay else None,
        )(x)  # fmt: skip
        if self.normalized:
            x = layers.BatchNormalization(momentum=0.9)(x)
        return layers.ReLU()(x)


@dataclass(frozen=True)
class Iteration:
    """One named configuration: a backbone with its head and protocol.

    ``input_size`` is the height and width of the input in pixels (None: those of the faces), ``smallest`` the minimum.
    """

    idea: str
    family: Family
    build: Callable[[tuple[int, int, int], str], keras.Model]
    head: str
    protocol: str = "assistive"
    input_size: int | None = None
    smallest: int = 16
    weights: str = NONE


def _custom(idea: str, stack: SequentialCnn, head: str) -> Iteration:
    return Iteration(idea, "custom CNN", stack.build, head, smallest=2 ** len(stack.filters))


def _transferred(idea: str, protocol: str) -> Iteration:
    build = application("EfficientNetV2B0")
    return Iteration(idea, "EfficientNetV2B0", build, "pooled", protocol, 96, 32, IMAGENET)


_WIDE = (64, 128, 256, 512)

ITERATIONS: dict[str, Iteration] = {
    "assistive1": _custom("plain: three convolutions", SequentialCnn((32, 64, 128)), "flat"),
    "assistive2": _custom("deeper: four blocks of two", SequentialCnn((32, 64, 128, 128), 2), "flat"),
    "assistive3": _custom("batch normalization", SequentialCnn((32, 64, 128, 128), 2, normalized=True), "flat"),
    "assistive4": _custom("dropout", SequentialCnn((32, 64, 128, 128), 2, True, dropout=0.25), "assistive"),
    "assistive5": _custom("wider", SequentialCnn(_WIDE, 2, True, dropout=0.25), "assistive"),
    "assistive6": _custom("L2 penalty", SequentialCnn(_WIDE, 2, True, dropout=0.25, decay=1e-4), "assistive"),
    "assistive7": _transferred("ImageNet features, frozen", "assistive_frozen"),
    "assistive8": _transferred("ImageNet features, the last ones fine-tuned", "assistive_finetuned"),
}
