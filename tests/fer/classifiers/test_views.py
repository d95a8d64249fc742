"""Test-time augmentation: probabilities are means over the face's views."""

import numpy as np
import pytest

from fer.classifiers.views import VIEWS, averaged
from fer.errors import InputError


class Leftness:
    """Answers with the share of light on the left half of each face."""

    description = None

    def probabilities(self, faces):
        left = np.array([face[:, : face.shape[1] // 2].sum() / max(face.sum(), 1) for face in faces])
        return np.stack([left, 1 - left], axis=1).astype(np.float32)

    def remarks(self):
        return ["as asked"]


def _lit(height=48, width=48):
    face = np.zeros((height, width, 1), dtype=np.uint8)
    face[10:20, 5:15] = 200
    return face


def test_a_face_and_its_mirror_image_count_equally():
    faces = np.stack([_lit(), _lit()[:, ::-1]])
    assert Leftness().probabilities(faces)[:, 0].tolist() == [1.0, 0.0]
    np.testing.assert_allclose(averaged(Leftness(), "flip").probabilities(faces), 0.5)


def test_ten_views_are_the_face_moved_to_the_corners_and_mirrored():
    views = [view(_lit()) for view in VIEWS["ten_crop"]]
    assert len({view.tobytes() for view in views}) == 10
    assert {view.shape for view in views} == {(48, 48, 1)}
    places = sorted(tuple(np.argwhere(view[..., 0])[0]) for view in views[::2])
    assert places == [(8, 3), (8, 7), (10, 5), (12, 3), (12, 7)]


def test_faces_of_several_sizes():
    found = averaged(Leftness(), "ten_crop").probabilities([_lit(), _lit(30, 60)[..., 0]])
    assert found.shape == (2, 2)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-6)


def test_none_is_the_classifier_itself_and_others_say_so():
    own = Leftness()
    assert averaged(own, "none") is own
    assert averaged(own, "flip").remarks() == [
        "as asked", "The probabilities are means over 2 views of each face (test-time augmentation flip).",
    ]  # fmt: skip


def test_an_unknown_name_is_answered_with_the_valid_ones():
    with pytest.raises(InputError, match="use one of none, flip, ten_crop"):
        averaged(Leftness(), "mirror")
