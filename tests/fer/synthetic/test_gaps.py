"""The options work as documented: a classifier on edge histograms shows the expected gaps."""

import cv2
import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from fer.synthetic import SyntheticOptions, draw_population

GROUPS = ("first", "second", "third")


def accuracies(seen_all=False, **dials):
    """Return test accuracy by group, (3,); 350 test faces per group."""
    options = SyntheticOptions(
        groups=GROUPS, shares=(1, 1, 1), train=1500, validation=0, test=1050, frames_per_clip=1, **dials
    )
    samples, faces = draw_population(options)
    edges = cv2.HOGDescriptor((48, 48), (12, 12), (6, 6), (6, 6), 9)
    features = np.stack([edges.compute(cv2.GaussianBlur(face, (0, 0), 0.8)).ravel() for face in faces])
    train = (samples["split"] == "train").to_numpy()
    fit = train & (seen_all | (samples["race"] == "first").to_numpy())
    model = make_pipeline(PCA(80, random_state=0), StandardScaler(), SVC(C=4, gamma=0.003))
    model.fit(features[fit], samples["label"][fit])
    right = model.predict(features[~train]) == samples["label"][~train].to_numpy()
    group = samples["race"][~train].to_numpy()
    return np.array([right[group == name].mean() for name in GROUPS])


def test_without_skin_tone_and_dialect_unseen_groups_fare_as_well():
    score = accuracies(skin_tone=0.0, dialect=0.0)
    standard_error = np.sqrt(2 * 0.25 / 350)
    assert 0.55 < score[0] < 0.97
    assert np.abs(score[1:] - score[0]).max() < 3.5 * standard_error


@pytest.mark.parametrize("dials", [{"skin_tone": 0.0, "dialect": 1.0}, {"skin_tone": 1.0, "dialect": 0.0}])
def test_each_dial_alone_makes_the_unseen_groups_worse(dials):
    score = accuracies(**dials)
    assert score[0] - score[2] > 0.12
    assert score[0] - score[1:].mean() > 0.10


def test_a_model_that_has_seen_the_groups_recovers():
    unseen = accuracies(skin_tone=0.0, dialect=1.0)
    seen = accuracies(skin_tone=0.0, dialect=1.0, seen_all=True)
    # Seeing all groups also means more faces, which helps every group: so the gaps must shrink.
    assert ((unseen[0] - unseen[1:]) - (seen[0] - seen[1:])).min() > 0.05
