"""Shared by the tests of detectors: the shipped weights, the folder of real frames, and the overlap of two boxes."""

import os
from pathlib import Path

import numpy as np

from fer.detectors.yunet import Options

DATA = Path(os.environ.get("FER_DATA") or Path(__file__).parents[2].parent / "shared" / "data")
YUNET = Options.shipped


def overlap(a, b):
    """Return the intersection over union of two boxes (x, y, width, height)."""
    left, top = np.maximum(a[:2], b[:2])
    right, bottom = np.minimum(np.add(a[:2], a[2:]), np.add(b[:2], b[2:]))
    shared = max(0.0, right - left) * max(0.0, bottom - top)
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)
