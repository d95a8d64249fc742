"""Annotated copies of pictures: boxes with emotion and probability, readable on every skin tone and in every light.

A box is a dark line within a light one, and a label light on dark: one of both stands out on any background, which no
single colour does. The emotion is written, not only coloured.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
from matplotlib.font_manager import FontProperties, findfont
from PIL import Image, ImageDraw, ImageFont

_DARK, _LIGHT = (17, 17, 17), (255, 255, 255)
# Share of the picture's shorter side: letters, and the lines of a box.
_LETTER, _LINE = 0.035, 0.006


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(findfont(FontProperties(family=["DejaVu Sans"], weight="bold")), size)


def annotated(picture: np.ndarray, boxes: Sequence[np.ndarray], labels: Sequence[str]) -> np.ndarray:
    """Return a copy of a picture (uint8, gray or RGB) as RGB, with each box (x, y, width, height) and its label."""
    image = Image.fromarray(picture).convert("RGB")
    drawing = ImageDraw.Draw(image)
    short = min(image.size)
    line, font = max(2, round(_LINE * short)), _font(max(12, round(_LETTER * short)))
    for box, label in zip(boxes, labels, strict=True):
        x, y, wide, high = (float(value) for value in box)
        right, bottom = max(x + 1, x + wide), max(y + 1, y + high)
        drawing.rectangle((x, y, right, bottom), outline=_LIGHT, width=2 * line)
        inner = (x + line / 2, y + line / 2, max(x + line / 2, right - line / 2), max(y + line / 2, bottom - line / 2))
        drawing.rectangle(inner, outline=_DARK, width=line)
        _write(drawing, image.size, (x, y, bottom), label, font)
    return np.asarray(image)


def _write(
    drawing: ImageDraw.ImageDraw,
    size: tuple[int, int],
    place: tuple[float, float, float],
    label: str,
    font: ImageFont.FreeTypeFont,
) -> None:
    """Write a label above its box, or below it where there is no room, within the picture."""
    x, top, bottom = place
    left, upper, right, lower = drawing.textbbox((0, 0), label, font=font)
    pad = max(2, round((lower - upper) / 4))
    wide, high = right - left + 2 * pad, lower - upper + 2 * pad
    y = top - high if top >= high else min(bottom, size[1] - high)
    x = max(0.0, min(x, size[0] - wide))
    drawing.rectangle((x, y, x + wide, y + high), fill=_DARK, outline=_LIGHT)
    drawing.text((x + pad - left, y + pad - upper), label, font=font, fill=_LIGHT)
