"""Downscale an image for a detector, and map coordinates back."""

import cv2
import numpy as np


def shrunk(image: np.ndarray, longest_side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the image with no side above ``longest_side`` pixels, and the factors (x, y) that map back to its pixels.

    Images are never enlarged; each side keeps at least one pixel.
    """
    height, width = image.shape[:2]
    factor = longest_side / max(height, width)
    if factor >= 1.0:
        return image, np.ones(2)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    smaller = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return smaller, np.array([width / size[0], height / size[1]])
