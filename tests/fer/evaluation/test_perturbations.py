"""Perturbations: seeded, same shape as the face, stronger with each severity, and alike on small and large faces."""

import cv2
import numpy as np
import pytest

from fer.evaluation.perturbations import PERTURBATIONS, SEVERITIES, perturb, perturbations_named
from fer.synthetic import SyntheticOptions, draw_population


@pytest.fixture(scope="module")
def faces():
    """Return 24 drawn faces, uint8 (24, 48, 48, 1)."""
    options = SyntheticOptions(train=24, validation=0, test=0, difficulty=0.5)
    return draw_population(options)[1][..., None]


def change(faces, kind, severity):
    return np.abs(perturb(faces, kind, severity).astype(float) - faces).mean()


@pytest.mark.parametrize("kind", PERTURBATIONS)
@pytest.mark.parametrize("shape", [(3, 48, 48, 1), (2, 40, 60, 3), (1, 16, 16, 1), (0, 48, 48, 1)])
def test_every_kind_keeps_shape_and_type_and_the_faces_given(kind, shape):
    given = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    kept = given.copy()
    changed = perturb(given, kind, 3)
    assert (changed.shape, changed.dtype) == (shape, np.uint8)
    assert np.array_equal(given, kept)
    assert not len(given) or not np.array_equal(changed, given) or (kind, shape[1]) == ("resolution", 16)


@pytest.mark.parametrize("kind", PERTURBATIONS)
def test_severity_0_is_the_face_and_each_further_one_changes_it_more(kind, faces):
    assert np.array_equal(perturb(faces, kind, 0), faces)
    changes = [change(faces, kind, severity) for severity in SEVERITIES]
    assert changes[0] > 0
    assert changes == sorted(changes)


@pytest.mark.parametrize("kind", PERTURBATIONS)
def test_a_corruption_depends_on_the_seed_and_not_on_the_batch(kind, faces):
    whole = perturb(faces, kind, 4, seed=7)
    parts = [perturb(faces[start : start + 5], kind, 4, seed=7, first=start) for start in range(0, len(faces), 5)]
    assert np.array_equal(whole, np.concatenate(parts))
    if kind in ("noise", "occlusion"):
        assert not np.array_equal(whole, perturb(faces, kind, 4, seed=8))


@pytest.mark.parametrize("kind", PERTURBATIONS)
def test_a_large_face_suffers_as_a_small_one(kind, faces):
    large = faces.repeat(4, axis=1).repeat(4, axis=2)
    for severity in (2, 5):
        difference = perturb(large, kind, severity).astype(np.float32) - large
        shown = np.stack([cv2.resize(face, (48, 48), interpolation=cv2.INTER_AREA) for face in difference])
        ratio = np.abs(shown).mean() / change(faces, kind, severity)
        assert 0.75 < ratio < 1.33, (severity, ratio)


def test_an_occlusion_covers_the_share_that_it_states(faces):
    covered = perturb(np.full((40, 100, 100, 1), 255, np.uint8), "occlusion", 4) == 128
    assert covered.mean(axis=(1, 2, 3)) == pytest.approx(0.3, abs=0.01)
    corners = [np.argwhere(face[..., 0])[0].tolist() for face in covered]
    assert len({tuple(corner) for corner in corners}) > 30


def test_jpeg_at_48_pixels_is_jpeg(faces):
    _, code = cv2.imencode(".jpg", faces[0], [cv2.IMWRITE_JPEG_QUALITY, 25])
    assert np.array_equal(perturb(faces[:1], "jpeg", 1)[0, ..., 0], cv2.imdecode(code, cv2.IMREAD_GRAYSCALE))


def test_lists_of_kinds(refused):
    assert perturbations_named(["all"]) == list(PERTURBATIONS)
    assert perturbations_named(["none"]) == perturbations_named([]) == []
    assert perturbations_named(["noise", "blur", "noise"]) == ["noise", "blur"]
    with refused("'fog'", "blur, noise", "all"):
        perturbations_named(["blur", "fog"])


def test_what_is_unknown_is_refused(faces, refused):
    with refused("'fog'", "blur"):
        perturb(faces, "fog", 1)
    with refused("severity 6", "0..5"):
        perturb(faces, "blur", 6)
