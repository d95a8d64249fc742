"""Shrink an image before a detector looks at it, and the way back."""

import cv2
import numpy as np


def shrunk(image: np.ndarray, longest_side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the image, no side above ``longest_side`` pixels, and the factors (x, y) that lead back to its pixels.

    Never enlarged; each side keeps a pixel at least.
    """
    height, width = image.shape[:2]
    factor = longest_side / max(height, width)
    if factor >= 1.0:
        return image, np.ones(2)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    smaller = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return smaller, np.array([width / size[0], height / size[1]])
