"""A vocabulary of eight: contempt is kept where it is asked for, and the seven stay as they were."""

import numpy as np
import pandas as pd
import pytest

from fer.data.balancing import make_balanced
from fer.data.dataset import load_dataset, write_mixture, write_packed
from fer.data.emotions import ALL_EMOTIONS, EMOTIONS
from fer.data.fractions import parse_fraction
from fer.data.labels import harmonise
from fer.data.mixing import integrate
from fer.data.samples import VOTES, count_table
from fer.data.votes import vote_counts

DECLARED = {"7": "contempt", "contempt": "drop"}
EIGHT = ("all", "contempt")


def words(*labels):
    return pd.DataFrame({"label": labels}, dtype="str")


@pytest.fixture
def eight(tmp_path, tiny_samples):
    """Return a maker of packed datasets of eight emotions: three faces of each split show contempt."""

    def make(name="eight", seed=1, provenance=None):
        samples = tiny_samples()
        for split in ("train", "validation", "test"):
            samples.loc[samples.index[samples["split"] == split][:3], "label"] = "contempt"
        faces = np.random.default_rng(seed).integers(0, 256, (len(samples), 8, 8), dtype=np.uint8)
        provenance = {"emotions": list(ALL_EMOTIONS)} if provenance is None else provenance
        return write_packed(tmp_path / name, name, samples, faces, (8, 8), provenance)

    return make


def test_contempt_comes_last_so_that_the_seven_keep_their_numbers():
    assert (*EMOTIONS, "contempt") == ALL_EMOTIONS


@pytest.mark.parametrize("word", ["contempt", "7", "Contemptuous"])
def test_contempt_is_kept_where_it_is_asked_for_although_the_source_drops_it(word):
    assert harmonise(words("happy", word), DECLARED, emotions=EIGHT).labels == ["happy", "contempt"]
    assert harmonise(words("happy", word), DECLARED, emotions=("happy", "contempt")).labels == ["happy", "contempt"]


def test_the_users_own_mapping_wins_over_the_emotions_asked_for():
    kept = harmonise(words("happy", "7"), DECLARED, {"contempt": "drop"}, EIGHT)
    assert kept.dropped["reason"].tolist() == ["label contempt dropped"]
    assert harmonise(words("7"), DECLARED, {"contempt": "disgust"}, EIGHT).labels == ["disgust"]


def test_contempt_that_nobody_mentions_is_refused_with_the_three_remedies(refused):
    for samples, labels in ((words("happy", "contempt"), {}), (words("happy", "x"), {"x": "contempt"})):
        with refused("of 1 face means contempt", "emotions=all,contempt", "labels={", ": drop}"):
            harmonise(samples, labels=labels)
        assert harmonise(samples, labels=labels, emotions=EIGHT).labels == ["happy", "contempt"]
    kept = harmonise(words("happy", "contempt"), emotions=EMOTIONS)
    assert kept.dropped["reason"].tolist() == ["emotion contempt not asked for"]


def test_a_dataset_of_eight_is_read_as_it_was_written(eight, pack, refused):
    dataset = eight()
    assert dataset.emotions == ALL_EMOTIONS and load_dataset(dataset.parts["eight"].address).digest == dataset.digest
    assert set(dataset.codes(dataset.emotions)) == set(range(8))
    assert dataset.describe()["vocabulary"] == list(ALL_EMOTIONS)
    with refused("'contempt'", "angry, disgust"):
        eight("seven", provenance={})
    assert pack().emotions == EMOTIONS


def test_the_digest_says_whether_contempt_is_in_the_vocabulary(tmp_path, tiny_samples):
    faces = np.zeros((56, 8, 8), dtype=np.uint8)
    made = [
        write_packed(tmp_path / str(place), "same", tiny_samples(), faces, (8, 8), provenance)
        for place, provenance in enumerate(({}, {"emotions": list(EMOTIONS)}, {"emotions": list(ALL_EMOTIONS)}))
    ]
    assert made[0].digest == made[1].digest != made[2].digest


def test_a_mixture_of_seven_and_eight_has_eight(eight, pack, tmp_path):
    for base, addition in ((pack("seven"), eight()), (eight("other"), pack("more"))):
        mixed = integrate(base, addition, parse_fraction("1"), seed=0)
        assert mixed.emotions == ALL_EMOTIONS
        write_mixture(tmp_path / f"of {base.name}", mixed)
        assert load_dataset(tmp_path / f"of {base.name}").emotions == ALL_EMOTIONS
    assert integrate(pack("alone"), eight("not drawn"), parse_fraction("0"), seed=0).emotions == EMOTIONS


def test_contempt_is_counted_and_balanced_like_the_others(eight, pack, tmp_path):
    dataset = eight()
    counts = count_table(dataset.samples)
    assert list(counts) == ["total", *ALL_EMOTIONS] and counts["contempt"].tolist() == [3, 3, 3]
    assert list(count_table(pack().samples)) == ["total", *EMOTIONS]
    assert count_table(pack("b").samples, emotions=ALL_EMOTIONS)["contempt"].tolist() == [0, 0, 0]
    balanced = make_balanced(dataset, tmp_path / "made", "augment")
    assert count_table(balanced.samples).loc["train", list(ALL_EMOTIONS)].nunique() == 1
    assert balanced.emotions == ALL_EMOTIONS


def test_votes_are_of_the_emotions_that_the_annotators_could_choose():
    samples = pd.DataFrame(0, range(2), list(VOTES)).assign(votes_contempt=[4, None])
    assert list(vote_counts(samples)) == list(VOTES) and vote_counts(samples)["votes_contempt"].tolist() == [4, 0]
    assert list(vote_counts(samples.drop(columns="votes_contempt"))) == list(VOTES[:7])
    assert vote_counts(samples.drop(columns="votes_sad")) is None
