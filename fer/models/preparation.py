"""Preparation: how uint8 faces become the numbers that a trunk expects, inside the model.

Every published network was trained on one scale; a study may feed it another (the age study scales to 0..1 for all of
its networks). So each backbone has its own preparation, and a protocol may name another.
"""

from dataclasses import dataclass

import keras
from keras import layers

from fer.errors import InputError

_MEAN = (0.485, 0.456, 0.406)
_DEVIATION = (0.229, 0.224, 0.225)
_BLUE_GREEN_RED_MEAN = (103.939, 116.779, 123.68)

Factor = float | tuple[float, ...]


@dataclass(frozen=True)
class Preparation:
    """``scale * faces + offset``, each one number or one a channel; ``reverse`` turns RGB to BGR before."""

    scale: Factor
    offset: Factor
    reverse: bool = False

    @property
    def by_channel(self) -> bool:
        """Whether it needs three channels: it then comes after gray was repeated."""
        return isinstance(self.scale, tuple) or isinstance(self.offset, tuple) or self.reverse

    def apply(self, faces: keras.KerasTensor) -> keras.KerasTensor:
        """Return float32 faces of the same shape ``(n, h, w, c)``."""
        if self.reverse:
            faces = keras.ops.flip(faces, axis=-1)
        return layers.Rescaling(_plain(self.scale), offset=_plain(self.offset), name="scale")(faces)


def _plain(factor: Factor) -> float | list[float]:
    return list(factor) if isinstance(factor, tuple) else factor


PREPARATIONS: dict[str, Preparation] = {
    # -1..1: Keras' preprocess_input of ResNetV2 and MobileNetV2, and study A's.
    "minus_one_to_one": Preparation(1 / 127.5, -1.0),
    # 0..1: the age study's, for all of its networks.
    "zero_to_one": Preparation(1 / 255, 0.0),
    # Mean 0 and deviation 1 of ImageNet by channel: Keras' preprocess_input of DenseNet.
    "standardised": Preparation(
        tuple(1 / (255 * deviation) for deviation in _DEVIATION),
        tuple(-mean / deviation for mean, deviation in zip(_MEAN, _DEVIATION, strict=True)),
    ),
    # BGR less ImageNet's mean: Keras' preprocess_input of VGG16.
    "centred_bgr": Preparation(1.0, tuple(-mean for mean in _BLUE_GREEN_RED_MEAN), reverse=True),
    # 0..255, for a network that scales inside (EfficientNetV2).
    "unscaled": Preparation(1.0, 0.0),
}


def preparation_named(name: str) -> Preparation:
    """Return the preparation of this name; InputError with the valid names for any other."""
    if name not in PREPARATIONS:
        raise InputError(f"unknown preparation {name!r}; use auto or one of {', '.join(PREPARATIONS)}.")
    return PREPARATIONS[name]
