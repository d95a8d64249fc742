"""Copies are readable on light and on dark pictures, and everything is drawn within them."""

import numpy as np
import pytest

from fer.pictures.annotating import annotated


@pytest.mark.parametrize("light", [0, 128, 255])
def test_a_box_has_light_and_dark_lines_on_any_background(light):
    picture = np.full((200, 300, 3), light, dtype=np.uint8)
    made = annotated(picture, [np.array([100.0, 80, 60, 60])], ["happy 93%"])
    assert (picture == light).all()
    edge = made[80:86, 120]
    assert edge.max() == 255
    assert edge.min() < 30
    assert (made[95:130, 110:150] == light).all()


@pytest.mark.parametrize("box", [(-20, -20, 60, 60), (270, 180, 60, 60), (0, 0, 300, 200), (10, 10, 0.5, 0.5)])
def test_labels_stay_within_the_picture(box):
    made = annotated(np.zeros((200, 300), dtype=np.uint8), [np.array(box, dtype=float)], ["surprise 51%"])
    assert made.shape == (200, 300, 3)
    letters = np.argwhere(made.min(axis=2) == 255)
    assert len(letters) > 100
