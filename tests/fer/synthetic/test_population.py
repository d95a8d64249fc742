"""The synthetic faces: counts, determinism, clips, votes and the checks on dials."""

from dataclasses import replace

import numpy as np
import pytest

from fer.data.emotions import EMOTIONS
from fer.errors import InputError
from fer.synthetic import SyntheticOptions, draw_population
from fer.synthetic.population import quota
from fer.synthetic.votes import majority

SMALL = SyntheticOptions(train=150, validation=43, test=61)


@pytest.fixture(scope="module")
def small():
    return draw_population(SMALL)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(small):
    samples, faces = small
    again, same_faces = draw_population(SMALL)
    assert samples.equals(again)
    assert faces.tobytes() == same_faces.tobytes()
    assert draw_population(replace(SMALL, seed=1))[1].tobytes() != faces.tobytes()


def test_counts_columns_and_vocabulary(small):
    samples, faces = small
    assert samples["split"].value_counts().to_dict() == {"train": 150, "validation": 43, "test": 61}
    assert faces.shape == (254, 48, 48) and faces.dtype == np.uint8
    assert samples["sample_id"].is_unique and samples["sample_id"][12] == "synthetic-train-000012"
    assert set(samples["label"]) <= set(EMOTIONS)
    assert set(samples["race"]) == set(SMALL.groups)
    assert set(samples["gender"]) == {"female", "male"}
    assert (samples[[f"votes_{emotion}" for emotion in EMOTIONS]].sum(axis=1) == SMALL.annotators).all()


@pytest.mark.parametrize(("size", "channels", "shape"), [(48, 3, (6, 48, 48, 3)), (96, 1, (6, 96, 96))])
def test_size_and_channels(size, channels, shape):
    options = SyntheticOptions(train=6, validation=0, test=0, size=size, channels=channels)
    assert draw_population(options)[1].shape == shape


def test_a_person_is_in_one_split_and_one_group_and_a_clip_shows_one_emotion(small):
    samples, _ = small
    assert (samples.groupby("person")[["split", "race", "gender"]].nunique() == 1).all(axis=None)
    assert (samples.groupby("clip")[["person", "true_label"]].nunique() == 1).all(axis=None)
    assert samples.groupby("clip").size().max() == SMALL.frames_per_clip


def test_frames_of_a_clip_are_nearer_than_clips_of_a_person(small):
    samples, faces = small
    flat = faces.reshape(len(faces), -1).astype(float)
    step = np.sqrt(((flat[1:] - flat[:-1]) ** 2).mean(axis=1))
    same_clip = samples["clip"].to_numpy()[1:] == samples["clip"].to_numpy()[:-1]
    same_person = samples["person"].to_numpy()[1:] == samples["person"].to_numpy()[:-1]
    assert np.median(step[same_clip]) < 0.6 * np.median(step[~same_clip & same_person])


def test_one_dial_leaves_the_other_streams_alone(small):
    samples, _ = small
    unmoved = ["true_label", "person", "clip", "race", "gender"]
    turned, _ = draw_population(replace(SMALL, skin_tone=0.0, dialect=0.0, vote_error=0.5, difficulty=0.0))
    assert turned[unmoved].equals(samples[unmoved])
    _, faces = draw_population(SMALL)
    _, with_errors = draw_population(replace(SMALL, vote_error=0.5))
    assert faces.tobytes() == with_errors.tobytes()
    _, longer = draw_population(replace(SMALL, test=80, validation=0))
    assert longer[:150].tobytes() == faces[:150].tobytes()


def test_the_majority_group_looks_alike_whatever_the_dialect(small):
    samples, faces = small
    _, other = draw_population(replace(SMALL, dialect=0.0))
    majority_group = (samples["race"] == "group_a").to_numpy()
    assert (faces[majority_group] == other[majority_group]).all()
    assert (faces[~majority_group] != other[~majority_group]).any()


def test_imbalance_runs_from_equal_to_fer2013():
    options = SyntheticOptions(train=1400, validation=0, test=0, frames_per_clip=1, size=24, groups=("a",), shares=(1,))
    even = draw_population(options)[0]["true_label"].value_counts()
    skewed = draw_population(replace(options, imbalance=1.0))[0]["true_label"].value_counts()
    assert even.min() == even.max() == 200
    assert skewed["disgust"] == pytest.approx(1400 * 436 / 28709, abs=1)
    assert skewed["happy"] == pytest.approx(1400 * 7215 / 28709, abs=1)


def test_votes_err_at_the_chosen_rate():
    options = SyntheticOptions(train=800, validation=0, test=0, size=24, annotators=10, vote_error=0.3)
    samples, _ = draw_population(options)
    votes = samples[[f"votes_{emotion}" for emotion in EMOTIONS]].to_numpy()
    truth = samples["true_label"].map(EMOTIONS.index).to_numpy()
    wrong = 1.0 - votes[np.arange(len(votes)), truth].sum() / votes.sum()
    assert wrong == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / 8000))
    assert (samples["label"] == samples["true_label"]).mean() > 0.97


def test_a_tie_goes_to_the_first_vote():
    assert majority(np.array([[5, 2, 2, 5], [1, 0, 0, 3], [6, 3, 4, 0]])).tolist() == [5, 0, 6]


def test_quota_is_exact_and_leaves_nobody_out():
    assert quota((0.98, 0.01, 0.01), 5).tolist() == [3, 1, 1]
    assert quota((1, 1, 1), 2).sum() == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("groups", ()),
        ("groups", ("a", "a", "b")),
        ("shares", (1.0,)),
        ("shares", (1.0, -0.1, 1.0)),
        ("train", -1),
        ("test", 1.5),
        ("frames_per_clip", 0),
        ("clips_per_person", 0),
        ("skin_tone", 1.1),
        ("dialect", -0.1),
        ("imbalance", float("nan")),
        ("difficulty", "high"),
        ("annotators", 0),
        ("vote_error", 2),
        ("size", 8),
        ("channels", 2),
        ("seed", -1),
    ],
)
def test_a_dial_outside_its_range_is_named(field, value):
    with pytest.raises(InputError, match=field):
        SyntheticOptions(**{field: value})


def test_no_face_at_all_is_refused():
    with pytest.raises(InputError, match="at least one face"):
        SyntheticOptions(train=0, validation=0, test=0)
