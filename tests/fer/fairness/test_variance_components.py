"""Variance components: against REML, without bias on unbalanced and crossed data, and where little can be told."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from fer.fairness import variance_components


def drawn(stream, persons, clips, person=0.0, clip=0.0, both=0.0):
    """Draw outcomes of appearances with 1 to 7 frames each; the rest of the variance is the frames'."""
    size = stream.integers(1, 8, len(persons))
    person_of, clip_of = np.repeat(persons, size), np.repeat(clips, size)
    cells = np.unique(np.stack([person_of, clip_of]), axis=1, return_inverse=True)[1].ravel()
    values = np.sqrt(1 - person - clip - both) * stream.normal(size=len(person_of))
    for share, code in ((person, person_of), (clip, clip_of), (both, cells)):
        values += np.sqrt(share) * stream.normal(size=code.max() + 1)[code]
    return values, person_of, clip_of


def test_of_equal_numbers_they_are_those_of_reml():
    stream = np.random.default_rng(0)
    person, clip = np.repeat(np.arange(20), 12), np.repeat(np.arange(60), 4)
    values = stream.normal(size=20)[person] + 0.7 * stream.normal(size=60)[clip] + stream.normal(size=240)
    found = variance_components(values, sensitive_features=["a"] * 240, persons=person, clips=clip)
    frame = pd.DataFrame({"value": values, "person": person, "clip": clip})
    fitted = smf.mixedlm("value ~ 1", frame, groups="person", re_formula="1", vc_formula={"clip": "0 + C(clip)"}).fit()
    reml = np.array([fitted.cov_re.iloc[0, 0], fitted.vcomp[0], fitted.scale])
    assert found.loc[["person", "clip", "frame"], "correlation"].to_numpy() == pytest.approx(
        reml / reml.sum(), abs=1e-3
    )
    assert found["levels"].to_dict() == {"person": 20, "clip": 60, "person in clip": 0, "frame": 240}
    assert np.isnan(found.loc["person in clip", "estimate"])


def test_of_unequal_crossed_persons_and_clips_in_groups_they_are_without_bias():
    found = []
    for seed in range(40):
        stream = np.random.default_rng(seed)
        persons, clips = stream.integers(0, 40, 250), stream.integers(0, 30, 250)
        values, person, clip = drawn(stream, persons, clips, person=0.2, clip=0.3, both=0.1)
        # Groups of persons, with means of their own, that share the clips.
        values = values + np.array([0.0, 3.0, -2.0])[person % 3]
        one = variance_components(values, sensitive_features=(person % 3).astype(str), persons=person, clips=clip)
        found.append(one["estimate"])
    means, error = np.mean(found, axis=0), np.std(found, axis=0) / np.sqrt(len(found))
    assert np.abs(means - [0.2, 0.3, 0.1, 0.4]).max() < 0.02
    assert (np.abs(means - [0.2, 0.3, 0.1, 0.4]) < 4 * error + 0.01).all()


def test_negative_estimates_are_0_and_shown_beside():
    # Each clip has one right and one wrong frame: less alike than independent faces.
    found = variance_components([1, 0] * 20, sensitive_features=["a"] * 40, clips=np.repeat(np.arange(20), 2))
    assert found.loc["clip", "correlation"] == 0
    assert found.loc["clip", "estimate"] < 0
    assert found["correlation"].sum() == pytest.approx(1)


def test_a_group_of_one_clip_says_nothing_and_alone_leaves_nothing():
    right, clip = np.tile([1, 0, 1, 1], 10), np.repeat(np.arange(10), 4)
    group = np.where(clip == 0, "few", "many")
    found = variance_components(right, sensitive_features=group, clips=clip)
    assert found.loc["frame", "levels"] == 36
    alone = variance_components(right[:4], sensitive_features=group[:4], clips=clip[:4])
    assert alone[["correlation", "estimate"]].isna().all(axis=None)


def test_without_clips_all_is_the_persons_and_without_either_the_frames():
    stream = np.random.default_rng(0)
    values, person, _ = drawn(stream, np.arange(300), np.arange(300), person=0.5)
    found = variance_components(values, sensitive_features=["a"] * len(values), persons=person)
    assert found.loc["person", "correlation"] == pytest.approx(0.5, abs=0.1)
    assert found.loc["clip", "correlation"] == 0
    bare = variance_components(values, sensitive_features=["a"] * len(values))
    assert bare["correlation"].to_list() == [0, 0, 0, 1]
