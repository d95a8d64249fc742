"""Boxes and words drawn on the frames of a camera, fast enough for every frame.

The same look as in annotated copies of pictures (:mod:`fer.pictures.annotating`): a dark line within a light one, and
light letters on dark, so that one of both stands out on any background.
"""

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
from matplotlib.font_manager import FontProperties, findfont
from PIL import Image, ImageDraw, ImageFont

from fer.app.texts import Texts
from fer.app.words import labels_of
from fer.live.scenes import Scene

_DARK, _LIGHT = (17, 17, 17), (255, 255, 255)
# Shares of the frame's shorter side: letters, and the lines of a box.
_LETTER, _LINE = 0.05, 0.006


def draw_scene(frame: np.ndarray, scene: Scene | None, texts: Texts) -> np.ndarray:
    """Draw the boxes and emotions of a scene into a frame, uint8 (h, w, 3) RGB, and return the same frame."""
    faces = () if scene is None or scene.size != frame.shape[:2] else scene.faces
    labels = [" ".join(labels_of(face, texts)) for face in faces]
    return draw_boxes(frame, [face.box for face in faces], labels)


def rgb_copy(picture: np.ndarray) -> np.ndarray:
    """Return a copy of a picture, uint8 (h, w) gray or (h, w, 3) RGB, as RGB."""
    return picture.copy() if picture.ndim == 3 else cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB)


def draw_boxes(frame: np.ndarray, boxes: Sequence[np.ndarray], labels: Sequence[str]) -> np.ndarray:
    """Draw boxes (x, y, width, height) and their labels into a frame, uint8 (h, w, 3) RGB, and return the same frame.

    Example:
        >>> frame = draw_boxes(np.zeros((120, 160, 3), np.uint8), [np.array([40.0, 40, 50, 60])], ["alegría 84%"])
        >>> bool(frame.any())
        True

    """
    short = min(frame.shape[:2])
    line, letter = max(1, round(_LINE * short)), max(14, round(_LETTER * short))
    for box, label in zip(boxes, labels, strict=True):
        x, y, right, bottom = (round(float(value)) for value in (box[0], box[1], box[0] + box[2], box[1] + box[3]))
        cv2.rectangle(frame, (x, y), (right, bottom), _LIGHT, 3 * line)
        cv2.rectangle(frame, (x, y), (right, bottom), _DARK, line)
        _paste(frame, _label(label, letter), x, y, bottom)
    return frame


def _paste(frame: np.ndarray, label: np.ndarray, x: int, top: int, bottom: int) -> None:
    """Put a label above its box, or below it where there is no room, within the frame."""
    label = label[: frame.shape[0], : frame.shape[1]]
    high, wide = label.shape[:2]
    y = top - high if top >= high else min(bottom, frame.shape[0] - high)
    x = max(0, min(x, frame.shape[1] - wide))
    frame[y : y + high, x : x + wide] = label


@lru_cache(maxsize=1024)
def _label(text: str, size: int) -> np.ndarray:
    """Return a picture of a text, uint8 (h, w, 3); there are few texts, and drawing letters takes milliseconds."""
    font = ImageFont.truetype(findfont(FontProperties(family=["DejaVu Sans"], weight="bold")), size)
    left, upper, right, lower = font.getbbox(text)
    pad = size // 4
    image = Image.new("RGB", (round(right - left) + 2 * pad, round(lower - upper) + 2 * pad), _DARK)
    ImageDraw.Draw(image).text((pad - left, pad - upper), text, font=font, fill=_LIGHT)
    return np.asarray(image)
