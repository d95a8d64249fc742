"""Every row is a face or lost with a reason; of the lost, the damaged are named."""

import numpy as np
import pandas as pd
import pytest

from fer.data.dataset import LOST_COLUMNS
from fer.preprocessing.extraction.results import RECORD_COLUMNS
from fer.preprocessing.row_outcomes import account, overlap, refuse_damage, shared_faces
from fer.sources.listing import rejections


def records_of(*rows):
    """Return records from (outcome, reason, box, confidence, detector, yaw)."""
    filled = [
        (place, outcome, reason, *box, confidence, detector, yaw, 0)
        for place, (outcome, reason, box, confidence, detector, yaw) in enumerate(rows)
    ]
    return pd.DataFrame(filled, columns=list(RECORD_COLUMNS))


NOWHERE = (np.nan,) * 4
FOUND = ("face", None, (1, 2, 3, 4), 0.9, "yunet", 25.0)
MISSED = ("no face", None, NOWHERE, np.nan, None, np.nan)
DAMAGED = ("frame missing", "a.mp4 has no frame 7", NOWHERE, np.nan, None, np.nan)


@pytest.fixture
def samples():
    return pd.DataFrame(
        {
            "sample_id": ["one", "two", "three", "four"],
            "label": ["sad", "happy", "sad", "fear"],
            "split": ["train", "train", "test", "test"],
            "race": ["black", "white", "black", None],
        }
    )


def test_faces_keep_what_was_found_and_the_others_are_lost(samples):
    dropped = pd.DataFrame({"sample_id": ["five"], "label": ["contempt"], "reason": ["label contempt dropped"]})
    refused = rejections([("six.png", "its name is odd")], kind="unexpected name")
    result = account(samples, records_of(FOUND, MISSED, DAMAGED, FOUND), refused, dropped, "set")
    assert result.positions.tolist() == [0, 3]
    assert result.samples["sample_id"].tolist() == ["one", "four"]
    assert result.samples["face_width"].tolist() == [3, 3]
    assert result.samples["pose"].tolist() == ["turned", "turned"]
    assert dict(zip(result.lost["sample_id"], result.lost["reason"], strict=True)) == {
        "set/six.png": "unexpected name",
        "set/three": "frame missing",
        "set/five": "label contempt dropped",
        "set/two": "no face",
    }
    assert result.lost.set_index("sample_id").loc["set/three", ["label", "split", "race"]].tolist() == [
        "sad", "test", "black",
    ]  # fmt: skip
    assert list(result.lost)[: len(LOST_COLUMNS)] == list(LOST_COLUMNS)
    assert result.rejected.to_dict("records") == [
        {"file": "six.png", "kind": "unexpected name", "reason": "its name is odd"},
        {"file": "three", "kind": "frame missing", "reason": "a.mp4 has no frame 7"},
    ]


def test_where_all_is_well_nothing_is_lost(samples):
    result = account(samples, records_of(*[FOUND] * 4), rejections([]), samples.iloc[:0].assign(reason=None), "set")
    assert len(result.samples) == 4 and result.lost.empty and result.rejected.empty
    assert set(LOST_COLUMNS) <= set(result.lost)


def test_what_a_detector_does_not_know_adds_no_column(samples):
    haar = ("face", None, (1, 2, 3, 4), np.nan, "haar", np.nan)
    known = account(samples, records_of(*[haar] * 4), rejections([]), pd.DataFrame(), "set").samples
    assert "detector" in known and not {"confidence", "yaw", "pose"} & set(known)
    read = ("face", None, NOWHERE, np.nan, None, np.nan)
    assert list(account(samples, records_of(*[read] * 4), rejections([]), pd.DataFrame(), "set").samples) == list(
        samples
    )


def test_the_stated_share_of_damage_is_the_most(refused):
    damage = rejections([("a.png", "cut short."), ("b.png", "empty")])
    refuse_damage(damage, 20, 0.1, "set")
    with refused("set: 2 of 21 rows", "9.5%", "max_rejected=9.0%", "a.png (cut short)"):
        refuse_damage(damage, 21, 0.09, "set")
    with refused("2 of 2 rows"):
        refuse_damage(damage, 2, 1.0, "set")


def test_overlap_is_intersection_over_union():
    others = np.array([[0, 0, 10, 10], [5, 0, 10, 10], [20, 20, 1, 1], [0, 0, 5, 10]], dtype=float)
    assert overlap(others[0], others) == pytest.approx([1, 1 / 3, 0, 0.5])


def test_one_face_in_two_rows_of_a_frame_is_reported():
    faces = pd.DataFrame(
        {
            "sample_id": list("abcde"), "label": "sad", "split": "test", "video": ["v", "v", "v", "v", "w"],
            "frame": [1, 1, 1, 2, 1], "face_x": [10, 10.1, 40, 10, 10], "face_y": 10.0, "face_width": 20.0,
            "face_height": 20.0,
        }
    )  # fmt: skip
    assert shared_faces(faces)["sample_id"].tolist() == ["a", "b"]
    assert shared_faces(faces.drop(columns="face_x")).empty


def test_a_users_own_groups_are_kept_as_text_and_ids_are_not(samples):
    wide = samples.assign(village=[1, 2, 1, 2], kind=["a", "b", "a", "b"], pupil=list("wxyz"))
    dropped = wide.iloc[:1].assign(sample_id="five", reason="label contempt dropped")
    lost = account(wide, records_of(FOUND, MISSED, DAMAGED, FOUND), rejections([]), dropped, "set").lost
    assert lost.set_index("sample_id")["village"].to_dict() == {"set/two": "2", "set/three": "1", "set/five": "1"}
    assert "kind" not in lost


def test_a_users_own_groups_change_nothing_where_no_row_is_lost(samples):
    """The digest of a dataset covers its lost rows: one without any keeps that of earlier versions."""
    found, nothing = records_of(*[FOUND] * 4), rejections([])
    plain = account(samples, found, nothing, pd.DataFrame(), "set").lost
    wide = account(samples.assign(village=[1, 2, 1, 2]), found, nothing, pd.DataFrame(), "set").lost
    assert list(wide) == list(plain) and wide.empty
