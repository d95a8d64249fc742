"""Corrupt faces by kind and severity, to measure the robustness of a model.

After Hendrycks and Dietterich, Benchmarking Neural Network Robustness to Common Corruptions and Perturbations (2019):
each kind has five severities. Here they are relative to the face and not to the pixel, so that faces of 48 and of 224
pixels are corrupted alike: lengths are shares of the face, and the grain of noise and the blocks of JPEG are those of a
face 48 pixels wide.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from fer.errors import InputError
from fer.sentinels import NONE

SEVERITIES = (1, 2, 3, 4, 5)
ALL = "all"
_GRID = 48
_WHITE = 255.0
_GRAY = 128

Perturb = Callable[[np.ndarray, float, Sequence[np.random.Generator]], np.ndarray]


@dataclass(frozen=True)
class Perturbation:
    """A kind of corruption: a function of float32 faces ``(n, h, w, c)`` in 0..255, and its parameter per severity."""

    apply: Perturb
    strengths: tuple[float, float, float, float, float]
    unit: str


def _blur(faces: np.ndarray, strength: float, streams: Sequence[np.random.Generator]) -> np.ndarray:
    sigma = strength * min(faces.shape[1:3])
    blurred = [cv2.GaussianBlur(face, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE) for face in faces]
    return np.stack(blurred).reshape(faces.shape)


def _noise(faces: np.ndarray, strength: float, streams: Sequence[np.random.Generator]) -> np.ndarray:
    height, width, channels = faces.shape[1:]
    grid = _grid_of(height, width)
    grains = np.stack([stream.standard_normal((*grid, channels), dtype=np.float32) for stream in streams])
    return faces + strength * _WHITE * _resized(grains, height, width, cv2.INTER_NEAREST)


def _light(faces: np.ndarray, strength: float, streams: Sequence[np.random.Generator], sign: int) -> np.ndarray:
    return faces + sign * strength * _WHITE


def _jpeg(faces: np.ndarray, strength: float, streams: Sequence[np.random.Generator]) -> np.ndarray:
    height, width = faces.shape[1:3]
    small = np.round(_resized(faces, *_grid_of(height, width), cv2.INTER_AREA)).astype(np.uint8)
    coded = np.stack([_through_jpeg(face, int(strength)) for face in small])
    # Only the coding error is applied to a larger face; otherwise the face would lose resolution too.
    return faces + _resized(coded.astype(np.float32) - small, height, width, cv2.INTER_CUBIC)


def _resolution(faces: np.ndarray, strength: float, streams: Sequence[np.random.Generator]) -> np.ndarray:
    height, width = faces.shape[1:3]
    share = min(1.0, strength / min(height, width))
    small = _resized(faces, max(1, round(height * share)), max(1, round(width * share)), cv2.INTER_AREA)
    return _resized(small, height, width, cv2.INTER_LINEAR)


def _occlusion(faces: np.ndarray, strength: float, streams: Sequence[np.random.Generator]) -> np.ndarray:
    height, width = faces.shape[1:3]
    high, wide = round(height * strength**0.5), round(width * strength**0.5)
    covered = faces.copy()
    for face, stream in zip(covered, streams, strict=True):
        # The same place at every severity: a patch that grows.
        top, left = (stream.random(2) * (height - high + 1, width - wide + 1)).astype(int)
        face[top : top + high, left : left + wide] = _GRAY
    return covered


PERTURBATIONS: dict[str, Perturbation] = {
    "blur": Perturbation(_blur, (0.01, 0.02, 0.03, 0.045, 0.06), "standard deviation, as a share of the face"),
    "noise": Perturbation(_noise, (0.04, 0.08, 0.12, 0.18, 0.26), "standard deviation, as a share of white"),
    "brightness": Perturbation(partial(_light, sign=1), (0.1, 0.2, 0.3, 0.4, 0.5), "light added, as a share of white"),
    "darkness": Perturbation(partial(_light, sign=-1), (0.1, 0.2, 0.3, 0.4, 0.5), "light taken, as a share of white"),
    "jpeg": Perturbation(_jpeg, (25, 18, 15, 10, 7), "JPEG quality of a face 48 pixels wide"),
    "resolution": Perturbation(_resolution, (32, 24, 16, 12, 8), "pixels across the face"),
    "occlusion": Perturbation(_occlusion, (0.05, 0.1, 0.2, 0.3, 0.4), "share of the face under one gray rectangle"),
}


def perturb(faces: np.ndarray, kind: str, severity: int, seed: int = 0, first: int = 0) -> np.ndarray:
    """Return corrupted faces: uint8 ``(n, h, w, c)`` in and out.

    Args:
        faces: n faces, which are not changed.
        kind: a name in :data:`PERTURBATIONS`.
        severity: 1 to 5; 0 returns the faces unchanged.
        seed: of the random draws (noise, position of an occlusion).
        first: number of the first face: face i has a random stream of its own, (seed, first + i), so that the result
            does not depend on the batches.

    Raises InputError for an unknown kind or severity.

    """
    if kind not in PERTURBATIONS:
        raise InputError(f"unknown perturbation {kind!r}; use one of {', '.join(PERTURBATIONS)}.")
    if severity not in (0, *SEVERITIES):
        raise InputError(f"severity {severity!r} is outside 0..5; 0 is the face as it is.")
    if severity == 0 or not len(faces):
        return faces.copy()
    chosen = PERTURBATIONS[kind]
    streams = [np.random.default_rng([seed, first + place]) for place in range(len(faces))]
    changed = chosen.apply(faces.astype(np.float32), chosen.strengths[severity - 1], streams)
    return np.clip(np.round(changed), 0, _WHITE).astype(np.uint8)


def perturbations_named(names: Sequence[str]) -> list[str]:
    """Return the kinds that a list names, without repetition: names, ``all`` or ``none``; InputError if unknown."""
    if list(names) in ([], [NONE]):
        return []
    if list(names) == [ALL]:
        return list(PERTURBATIONS)
    for name in names:
        if name not in PERTURBATIONS:
            raise InputError(f"unknown perturbation {name!r}; use {ALL}, {NONE} or some of {', '.join(PERTURBATIONS)}.")
    return list(dict.fromkeys(names))


def _grid_of(height: int, width: int) -> tuple[int, int]:
    """Return height and width of a face scaled until its smaller side has 48 pixels."""
    scale = _GRID / min(height, width)
    return round(height * scale), round(width * scale)


def _resized(faces: np.ndarray, height: int, width: int, interpolation: int) -> np.ndarray:
    """Return float32 faces scaled; to a smaller size by area, whatever the interpolation."""
    if faces.shape[1:3] == (height, width):
        return faces
    way = cv2.INTER_AREA if height < faces.shape[1] else interpolation
    # OpenCV drops an axis of one channel.
    return np.stack([cv2.resize(face, (width, height), interpolation=way).reshape(height, width, -1) for face in faces])


def _through_jpeg(face: np.ndarray, quality: int) -> np.ndarray:
    kind = cv2.IMREAD_COLOR if face.shape[2] == 3 else cv2.IMREAD_GRAYSCALE
    # OpenCV takes the last axis for blue, green, red.
    _, code = cv2.imencode(".jpg", face[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(code, kind)
    if decoded is None:
        raise RuntimeError("OpenCV cannot read a JPEG that it has just written.")
    return decoded.reshape(face.shape)[..., ::-1]
