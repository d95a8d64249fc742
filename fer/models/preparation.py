"""Preparation: the scaling of uint8 faces, inside the model, to the numbers that a backbone expects.

Every published network was trained on a certain scale; a study may use another one (the age study scales to 0..1 for
all networks). So each backbone has a default preparation, and a protocol may choose another.
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
    """``scale * faces + offset``, each one number or one per channel; with ``reverse``, RGB is first turned to BGR."""

    scale: Factor
    offset: Factor
    reverse: bool = False

    @property
    def by_channel(self) -> bool:
        """Whether three channels are needed; the preparation is then applied after gray was repeated."""
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
    # ImageNet's mean 0 and standard deviation 1 per channel: Keras' preprocess_input of DenseNet.
    "standardised": Preparation(
        tuple(1 / (255 * deviation) for deviation in _DEVIATION),
        tuple(-mean / deviation for mean, deviation in zip(_MEAN, _DEVIATION, strict=True)),
    ),
    # BGR minus ImageNet's mean: Keras' preprocess_input of VGG16.
    "centred_bgr": Preparation(1.0, tuple(-mean for mean in _BLUE_GREEN_RED_MEAN), reverse=True),
    # -127/128..1: EfficientNet-Lite's own, (x - 127) / 128.
    "centred_127": Preparation(1 / 128, -127 / 128),
    # 0..255, for a network that scales its input itself (EfficientNetV2).
    "unscaled": Preparation(1.0, 0.0),
}


def preparation_named(name: str) -> Preparation:
    """Return the preparation of this name; raises InputError with the valid names for an unknown one."""
    if name not in PREPARATIONS:
        raise InputError(f"unknown preparation {name!r}; use auto or one of {', '.join(PREPARATIONS)}.")
    return PREPARATIONS[name]
