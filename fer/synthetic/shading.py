"""Soft light: a blurred background, the roundness of the head, and shadows and highlights around features."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from fer.synthetic.identity import Identities
    from fer.synthetic.views import Views

# Soft spots in face coordinates: x, y, width, height, change of brightness (a share).
_SPOTS = (
    (-0.32, -0.10, 0.24, 0.13, -0.10),  # eye sockets
    (0.32, -0.10, 0.24, 0.13, -0.10),
    (0.0, 0.10, 0.06, 0.24, 0.11),  # ridge of the nose
    (0.0, 0.31, 0.08, 0.06, 0.12),  # tip of the nose
    (0.0, 0.43, 0.15, 0.05, -0.12),  # below the nose
    (0.0, 0.79, 0.16, 0.05, -0.09),  # below the lower lip
    (0.0, 0.92, 0.16, 0.08, 0.06),  # chin
    (-0.40, 0.22, 0.17, 0.13, 0.05),  # cheekbones
    (0.40, 0.22, 0.17, 0.13, 0.05),
    (0.0, -0.52, 0.40, 0.16, 0.05),  # forehead
    (0.0, 1.18, 0.60, 0.15, -0.30),  # shadow of the chin on the neck
)


def background(scene: np.ndarray) -> np.ndarray:
    """Return tiny backgrounds, (n, 4, 4, 4) uint8 RGBA with alpha 0, which become soft clouds when enlarged.

    scene: (n, 9) uniform 0..1: hue and lightness of the two colours, and where they lie.
    """
    first = 70.0 + 120.0 * scene[:, 0:1] + 42.0 * (scene[:, 1:4] - 0.5)
    second = first + 45.0 * (scene[:, 4:7] - 0.35)
    angle = 2.0 * np.pi * scene[:, 7]
    grid = np.linspace(-1.0, 1.0, 4)
    along = np.cos(angle)[:, None, None] * grid[None, None] + np.sin(angle)[:, None, None] * grid[None, :, None]
    mix = 1.0 / (1.0 + np.exp(-3.0 * (along + scene[:, 8, None, None] - 0.5)))[..., None]
    colour = first[:, None, None] * (1.0 - mix) + second[:, None, None] * mix
    transparent = np.zeros((*colour.shape[:3], 1))
    return np.concatenate([np.clip(colour, 0, 255), transparent], axis=3).astype(np.uint8)


def add_light(faces: np.ndarray, people: "Identities", views: "Views", head: float) -> np.ndarray:
    """Return ``faces`` (n, size, size, 4) lit by each view's light, uint8 RGB; ``head`` as in drawing.

    The alpha channel of ``faces``, 0..255, is the share of a pixel that shows the person: only that is lit.
    """
    size = faces.shape[1]
    pose, light = views.pose.astype(np.float32), views.light.astype(np.float32)
    x, y = _face_coordinates(pose, size, head)
    right, up, strength, brightness = (light[:, column, None, None] for column in range(4))
    radius = (x / 0.92) ** 2 + (y / 1.16) ** 2
    facing = np.sqrt(np.clip(1.0 - radius, 0.0, 1.0))
    within = np.clip((1.7 - radius) * 1.3, 0.0, 1.0)
    lambert = 0.66 * (facing - 0.78) + right * x * 0.55 - up * y * 0.40
    gain = 1.0 + within * strength * lambert
    turned_x = x - 0.75 * facing * np.sin(pose[:, 0, None, None])
    turned_y = y - 0.75 * facing * np.sin(pose[:, 1, None, None])
    gain += _spots(turned_x, turned_y)
    gain = 1.0 + (gain - 1.0) * (faces[..., 3] * np.float32(1 / 255))
    who = views.person
    lit = faces[..., :3] * (gain * brightness)[..., None]
    # A blush on cheeks and nose, and the shadow of a beard, tint the skin.
    cheek = views.actions[:, 5, None, None].astype(np.float32)
    blush = 0.11 * (1.0 + 0.6 * cheek) * _blush(turned_x, turned_y)
    beard = np.zeros_like(x)
    bearded = np.flatnonzero(people.beard[who] > 0.0)
    beard[bearded] = _beard(turned_x[bearded], turned_y[bearded]) * (faces[bearded, ..., 3] > 127)
    beard *= 0.42 * people.beard[who, None, None].astype(np.float32)
    tint = 1.0 - blush[..., None] * np.array([0.0, 0.9, 0.75], np.float32) - beard[..., None]
    lit *= tint
    volume = people.hair_style[who, 0, None, None].astype(np.float32)
    lit += (30.0 * strength * _sheen(x - 0.22 * right, y, volume))[..., None]
    # Bright skin keeps its colour: a soft shoulder instead of a hard clip at white.
    excess = np.clip(lit - 205.0, 0.0, None)
    lit -= excess * excess / (110.0 + excess)
    return np.clip(lit, 0.0, 255.0).astype(np.uint8)


def _face_coordinates(pose: np.ndarray, size: int, head: float) -> tuple[np.ndarray, np.ndarray]:
    """Return x and y in face coordinates, each (n, size, size) float32, of every pixel."""
    centre = ((np.arange(size, dtype=np.float32) + 0.5) / size).astype(np.float32)
    roll, scale, right, down = (pose[:, column, None, None] for column in (2, 3, 4, 5))
    u = (centre[None, None, :] - 0.5 - right) / (np.float32(head) * scale)
    v = (centre[None, :, None] - 0.515 - down) / (np.float32(head) * scale)
    return u * np.cos(roll) + v * np.sin(roll), -u * np.sin(roll) + v * np.cos(roll)


def _spots(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    total = np.zeros_like(x)
    for left, top, width, height, change in _SPOTS:
        total += np.float32(change) * _glow(x, y, left, top, width, height)
    return total


def _blush(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    cheeks = _glow(np.abs(x), y, 0.43, 0.28, 0.17, 0.14)
    return cheeks + 0.6 * _glow(x, y, 0.0, 0.30, 0.09, 0.07)


def _sheen(x: np.ndarray, y: np.ndarray, volume: np.ndarray) -> np.ndarray:
    """Return a soft crescent of light over the top of the hair."""
    radius = np.sqrt((x / 0.82) ** 2 + y * y) - (0.90 + 0.5 * volume)
    return np.exp(-((radius / 0.075) ** 2) - (x / 0.38) ** 2) * (y < 0.0)


def _beard(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    # Products instead of powers: a power of an array takes longer than all the rest of the shading.
    around = np.clip((y - 0.42 + 0.25 * np.abs(x)) * 4.0, 0.0, 1.0)
    below = np.clip(y, 0.0, 1.2)
    across, along = x / (0.80 - 0.18 * below * below), y / 1.10
    inside = np.clip((1.05 - across * across - along * along * along) * 5.0, 0.0, 1.0)
    wide, high = (x / 0.30) ** 2, ((y - 0.60) / 0.12) ** 2
    return around * inside * (1.0 - np.exp(-wide * wide - high * high))


def _glow(x: np.ndarray, y: np.ndarray, left: float, top: float, width: float, height: float) -> np.ndarray:
    across, along = (x - np.float32(left)) / np.float32(width), (y - np.float32(top)) / np.float32(height)
    return np.exp(-(across * across) - along * along)
