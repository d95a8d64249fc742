"""What training faces teach: labels, votes or majorities; which are left out, and why."""

import numpy as np
import pandas as pd
import pytest

from fer.data.dataset import write_packed
from fer.data.emotions import ALL_EMOTIONS, EMOTIONS
from fer.data.samples import OTHER_VOTES, VOTES
from fer.training.batches import Batches
from fer.training.targets import NO_EMOTION, OUTSIDE, UNDECIDED, check_targets, taught_by

# By face: votes, and what they teach as a distribution and as a majority (None: it is left out).
CASES = {
    "sure": ({"happy": 9, "sad": 1}, {"happy": 1.0}, "happy"),
    "split": ({"happy": 6, "sad": 4}, {"happy": 0.6, "sad": 0.4}, "happy"),
    "even": ({"happy": 5, "sad": 5}, {"happy": 0.5, "sad": 0.5}, None),
    "hidden": ({"happy": 3, "unknown": 7}, None, None),
    "scattered": ({"happy": 2, "sad": 2, "fear": 2, "angry": 2, "neutral": 2}, None, None),
    "contempt": ({"contempt": 6, "neutral": 4}, {"contempt": 0.6, "neutral": 0.4}, "contempt"),
    "partly": ({"neutral": 6, "contempt": 4}, {"neutral": 0.6, "contempt": 0.4}, "neutral"),
    "three": ({"sad": 2, "fear": 1}, {"sad": 2 / 3, "fear": 1 / 3}, "sad"),
    "none": ({}, {"angry": 1.0}, "angry"),
}


@pytest.fixture
def voted(tmp_path):
    """Eight-emotion faces with the votes above, all with the label angry."""
    rows = pd.DataFrame(0, range(len(CASES)), [*VOTES, *OTHER_VOTES])
    for row, (votes, _, _) in enumerate(CASES.values()):
        for word, count in votes.items():
            rows.loc[row, f"votes_{word}"] = count
    samples = pd.DataFrame({"sample_id": list(CASES), "label": "angry", "split": "train"})
    faces = np.zeros((len(CASES), 8, 8), dtype=np.uint8)
    provenance = {"emotions": list(ALL_EMOTIONS)}
    return write_packed(tmp_path / "voted", "voted", samples.join(rows), faces, (8, 8), provenance)


def shown(taught, emotions):
    """Return what each face teaches, by its name."""
    ids = taught.faces.samples["sample_id"].str.removeprefix("voted/")
    return {
        name: {emotion: pytest.approx(share) for emotion, share in zip(emotions, row, strict=True) if share}
        for name, row in zip(ids, taught.shares.tolist(), strict=True)
    }


def test_votes_teach_their_distribution_and_undecided_faces_are_counted(voted):
    taught = taught_by(voted, ALL_EMOTIONS, "votes")
    assert shown(taught, ALL_EMOTIONS) == {name: what for name, (_, what, _) in CASES.items() if what}
    assert taught.left_out == {NO_EMOTION: 1, UNDECIDED: 1} and taught.by_votes == 6
    assert taught.sentence("votes") == (
        f"votes of 6 faces, label of 1, 2 left out ({NO_EMOTION}: 1, {UNDECIDED}: 1)"
    )  # fmt: skip


def test_a_majority_is_more_than_half_and_becomes_the_label(voted):
    taught = taught_by(voted, ALL_EMOTIONS, "majority")
    expected = {name: first for name, (_, _, first) in CASES.items() if first}
    assert shown(taught, ALL_EMOTIONS) == {name: {first: 1.0} for name, first in expected.items()}
    assert taught.faces.samples["label"].tolist() == list(expected.values())
    assert taught.left_out == {UNDECIDED: 2, NO_EMOTION: 1}


def test_votes_outside_the_vocabulary_do_not_count_and_those_ahead_leave_the_face_out(voted):
    seven = voted.where(voted.samples["sample_id"] != "")
    taught = taught_by(seven, EMOTIONS, "votes")
    faces = shown(taught, EMOTIONS)
    assert faces["partly"] == {"neutral": 1.0} and "contempt" not in faces and taught.left_out[OUTSIDE] == 1
    assert taught_by(seven, EMOTIONS, "majority").left_out[OUTSIDE] == 1


def test_labels_are_taught_as_before(voted):
    taught = taught_by(voted, ALL_EMOTIONS)
    assert taught.faces is voted and taught.shares is None


def test_faces_without_votes_are_refused_where_votes_are_to_be_taught(tiny_faces, voted, refused):
    with refused("no training face of tiny", "targets=votes", "ferplus or eila", "targets=label"):
        taught_by(tiny_faces.split("train"), EMOTIONS, "votes")
    with refused("no training face of voted", "targets=majority"):
        taught_by(voted.where(voted.samples["sample_id"] == "voted/none"), ALL_EMOTIONS, "majority")
    with refused("decide for an emotion", "targets=label"):
        taught_by(voted.where(voted.samples["sample_id"] == "voted/hidden"), ALL_EMOTIONS, "votes")
    with refused("'soft'", "label, votes, majority"):
        check_targets("soft")


def test_batches_hold_what_the_faces_teach(voted):
    taught = taught_by(voted, ALL_EMOTIONS, "votes")
    batches = Batches(taught.faces, 4, ALL_EMOTIONS, 3, targets=taught.shares)
    rows = np.concatenate([batches[number][1] for number in range(len(batches))])
    assert sorted(map(tuple, rows.tolist())) == sorted(map(tuple, taught.shares.tolist()))
