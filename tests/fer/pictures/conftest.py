"""A reader of pictures whose answers are known, and a maker of pictures."""

import numpy as np
import pytest
from known_answers import Blocks, ByBrightness

from fer.pictures.faces import FaceReader


@pytest.fixture
def classifier():
    return ByBrightness()


@pytest.fixture
def reader(classifier):
    return FaceReader(Blocks(), classifier)


@pytest.fixture
def picture():
    """Return a maker of black pictures, uint8 RGB, with blocks (x, y, side, brightness)."""

    def make(*blocks, width=200, height=100):
        made = np.zeros((height, width, 3), dtype=np.uint8)
        for x, y, side, brightness in blocks:
            made[y : y + side, x : x + side] = brightness
        return made

    return make
