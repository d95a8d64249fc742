"""The variance of a planned group's accuracy, and correlations of answers at other accuracies."""

import numpy as np
import pytest
from scipy import stats

from fer.fairness import Correlations, GroupDesign, effective_clusters
from fer.fairness.group_design import at_accuracy, latent_correlation, pair_correlation


def test_the_variance_is_that_of_the_covariance_matrix_of_all_faces():
    # Six clips of two persons and four frames; each of the four persons is in three clips.
    person, clip = np.array([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]), np.repeat(np.arange(6), 2)
    person, clip = np.repeat(person, 4), np.repeat(clip, 4)
    same_person, same_clip = person[:, None] == person, clip[:, None] == clip
    matrix = 0.2 * same_person + 0.3 * same_clip + 0.1 * (same_person & same_clip) + 0.4 * np.eye(48)
    design = GroupDesign(clips=6, frames=4, persons_per_clip=2, clips_per_person=3)
    assert (design.persons, design.faces, design.clusters) == (4, 48, 4)
    assert design.relative_variance(Correlations(0.2, 0.3, 0.1)) == pytest.approx(matrix.mean())


def test_with_one_person_per_clip_it_is_kish_s_design_effect():
    design = GroupDesign(clips=10, frames=7)
    effect = design.faces * design.relative_variance(Correlations(clip=0.3))
    assert effect == pytest.approx(1 + 6 * 0.3)
    assert design.relative_variance(Correlations(clip=1.0)) == pytest.approx(1 / effective_clusters(np.full(10, 0.1)))


@pytest.mark.parametrize("accuracy", [0.2, 0.5, 0.9, 0.99])
def test_the_correlation_of_answers_is_that_of_two_normal_variables(accuracy):
    threshold = stats.norm.ppf(accuracy)
    both = stats.multivariate_normal([0, 0], [[1, 0.4], [0.4, 1]]).cdf([threshold, threshold])
    expected = (both - accuracy**2) / (accuracy * (1 - accuracy))
    assert pair_correlation(0.4, accuracy) == pytest.approx(expected, abs=1e-4)
    assert latent_correlation(expected, accuracy) == pytest.approx(0.4, abs=1e-3)
    moved = at_accuracy(Correlations(clip=pair_correlation(0.4, 0.5)), 0.5, accuracy)
    assert moved.clip == pytest.approx(expected, abs=1e-3)


def test_impossible_correlations_are_refused():
    for wrong in ({"clip": -0.1}, {"clip": 0.6, "person": 0.6}):
        with pytest.raises(ValueError, match="0 or more, with a sum of at most 1"):
            Correlations(**wrong)
    assert latent_correlation(0.0, 0.7) == 0
    assert latent_correlation(1.0, 0.7) == pytest.approx(0.995)
