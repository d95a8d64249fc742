"""From faces of any size, gray or RGB, to what a network takes: resized, converted, scaled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from fer.classifiers.contract import Faces
from fer.errors import InputError

COLORS = ("gray", "gray_as_rgb", "rgb", "bgr")
_GRAY = ("gray", "gray_as_rgb")
_WHITE = np.float32(255)
_CHANNELS = (1, 3)


@dataclass(frozen=True)
class Scaling:
    """``(pixels / 255 - mean) / deviation``; mean and deviation are one number or one per channel, of pixels in 0..1.

    ``name`` is how people write it.
    """

    name: str
    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    def apply(self, faces: np.ndarray) -> np.ndarray:
        """Return scaled float32 faces of the same shape ``(n, h, w, c)``."""
        if self == SCALINGS["none"]:
            return faces.astype(np.float32)
        mean, deviation = (np.asarray(values, dtype=np.float32) for values in (self.mean, self.deviation))
        return (faces.astype(np.float32) / _WHITE - mean) / deviation


SCALINGS: dict[str, Scaling] = {
    # 0..255, for a network that scales its input itself.
    "none": Scaling("none", (0.0,), (1 / 255,)),
    "unit": Scaling("unit", (0.0,), (1.0,)),
    "symmetric": Scaling("symmetric", (0.5,), (0.5,)),
    # The mean and standard deviation of ImageNet's pixels, in the order R, G, B.
    "imagenet": Scaling("imagenet", (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
}


def scaling_of(written: Any) -> Scaling:
    """Return the scaling that a description names, or gives as ``{mean: ..., std: ...}``.

    Raises ValueError, with the reason as a clause, for anything else, and for numbers that cannot be of pixels in 0..1.

    Example:
        >>> scaling_of({"mean": 0.5, "std": [0.25]}).name
        'mean 0.5, std 0.25'

    """
    if isinstance(written, Scaling):
        return written
    if isinstance(written, str) and written in SCALINGS:
        return SCALINGS[written]
    if not isinstance(written, Mapping) or set(written) != {"mean", "std"}:
        raise ValueError(f"it must be {', '.join(SCALINGS)} or {{mean: ..., std: ...}} of pixels in 0..1")
    mean, deviation = (_numbers(written[name], name) for name in ("mean", "std"))
    if len({len(mean), len(deviation)} - {1}) > 1:
        raise ValueError(
            "mean and std have different numbers of channels; give one number, or one per channel, to each"
        )
    if max(map(abs, mean)) > 1 or not 0 < min(deviation) <= max(deviation) <= 1:
        raise ValueError("mean and std are of pixels in 0..1, std more than 0; divide those of 0..255 by 255")
    texts = (" ".join(f"{value:g}" for value in values) for values in (mean, deviation))
    return Scaling("mean {}, std {}".format(*texts), mean, deviation)


def _numbers(written: Any, name: str) -> tuple[float, ...]:
    values = written if isinstance(written, Sequence) and not isinstance(written, str) else [written]
    if len(values) not in _CHANNELS or not all(type(value) in (int, float) and np.isfinite(value) for value in values):
        raise ValueError(f"{name} must be one number, or one per channel")
    return tuple(map(float, values))


@dataclass(frozen=True)
class Preparation:
    """How faces become a network's input.

    Attributes:
        size: height and width.
        color: one of :data:`COLORS`.
        scaling: how pixels are scaled.

    """

    size: tuple[int, int]
    color: str
    scaling: Scaling

    @property
    def channels(self) -> int:
        """1 for gray, else 3."""
        return 1 if self.color == "gray" else 3

    def fit(self, faces: Faces) -> np.ndarray:
        """Return uint8 faces ``(n, height, width, channels)``, resized and converted but not scaled.

        A face is stretched to the size: by area if it becomes smaller, else by linear interpolation. Gray is repeated
        for three channels; RGB becomes gray by the weights of ITU-R BT.601, as in preprocessing, also for
        ``gray_as_rgb``, a model of gray faces whose network has three channels. Raises InputError for
        faces of another kind than :data:`fer.classifiers.contract.Faces`.
        """
        batch = check_faces(faces)
        as_it_is = self.color in ("gray", "rgb")
        if as_it_is and isinstance(batch, np.ndarray) and batch.shape[1:] == (*self.size, self.channels):
            return batch
        fitted = np.empty((len(batch), *self.size, self.channels), dtype=np.uint8)
        for place, face in enumerate(batch):
            fitted[place] = self._fit(face)
        return fitted

    def apply(self, faces: Faces) -> np.ndarray:
        """Return float32 faces ``(n, height, width, channels)``: see :meth:`fit`, then scaled."""
        return self.scaling.apply(self.fit(faces))

    def _fit(self, face: np.ndarray) -> np.ndarray:
        if face.shape[2] == 3 and self.color in _GRAY:
            face = cv2.cvtColor(face, cv2.COLOR_RGB2GRAY)[..., np.newaxis]
        face = resized(face, self.size)
        if face.shape[2] == 1 and self.color != "gray":
            return np.repeat(face, 3, axis=2)
        return face[..., ::-1] if self.color == "bgr" else face


class Changes:
    """How the faces seen so far were changed to fit: by resizing, by conversion."""

    def __init__(self, preparation: Preparation) -> None:
        self._preparation = preparation
        self._sizes: set[tuple[int, int]] = set()
        self._converted: dict[str, None] = {}

    def note(self, faces: np.ndarray | list[np.ndarray]) -> None:
        """Take note of faces as :func:`check_faces` returns them."""
        shapes = {faces.shape[1:]} if isinstance(faces, np.ndarray) else {face.shape for face in faces}
        for height, width, channels in shapes if len(faces) else ():
            if (height, width) != self._preparation.size:
                self._sizes.add((height, width))
            if channels == 3 and self._preparation.color in _GRAY:
                self._converted["from RGB to gray"] = None
            elif channels == 1 and self._preparation.color not in _GRAY:
                self._converted["from gray to RGB"] = None

    def sentences(self) -> list[str]:
        """Return what was changed, as one sentence; an empty list if nothing was."""
        height, width = self._preparation.size
        parts = []
        if len(self._sizes) == 1:
            ((high, wide),) = self._sizes
            parts.append(f"resized from {high} x {wide} to {height} x {width} pixels")
        elif self._sizes:
            parts.append(f"resized from several sizes to {height} x {width} pixels")
        parts += [f"converted {way}" for way in self._converted]
        return [f"The faces were {' and '.join(parts)} for the model."] if parts else []


def resized(face: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return a face ``(h, w, c)`` stretched to a height and width: by area if it becomes smaller, else linearly."""
    height, width = size
    if face.shape[:2] == size:
        return face
    smaller = height <= face.shape[0] and width <= face.shape[1]
    drawn = cv2.resize(face, (width, height), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
    return drawn.reshape(height, width, face.shape[2])


def check_faces(faces: Faces) -> np.ndarray | list[np.ndarray]:
    """Return faces of one size as ``(n, h, w, c)`` and a sequence of faces as a list of ``(h, w, c)``.

    Raises InputError for anything but uint8, other shapes, and faces without pixels.
    """
    if isinstance(faces, np.ndarray):
        batch = faces[..., np.newaxis] if faces.ndim == 3 else faces
        if batch.ndim != 4 or (faces.ndim == 3 and faces.shape[-1] in _CHANNELS):
            raise InputError(
                f"faces of shape {faces.shape} are no batch (n, height, width[, channels]); put a single face in a "
                "list."
            )
        return _checked(batch, batch.shape[1:])
    return [_checked(face, face.shape) for face in (_single(face) for face in faces)]


def _single(face: np.ndarray) -> np.ndarray:
    if not isinstance(face, np.ndarray) or face.ndim not in (2, 3):
        shape = getattr(face, "shape", type(face).__name__)
        raise InputError(f"a face is {shape}; give an array (height, width) or (height, width, channels).")
    return face[..., np.newaxis] if face.ndim == 2 else face


def _checked(faces: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    if faces.dtype != np.uint8:
        raise InputError(f"faces are {faces.dtype}, not uint8; give pixels of 0 to 255 as they were read.")
    if shape[-1] not in _CHANNELS:
        raise InputError(f"faces have {shape[-1]} channels; give gray or RGB ones, without transparency.")
    if 0 in shape:
        raise InputError(f"faces of {shape[0]} x {shape[1]} pixels show nothing; leave them out.")
    return faces
