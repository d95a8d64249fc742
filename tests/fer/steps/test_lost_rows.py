"""Shares lost by group: the rows without a detected face of those searched; other losses are counted separately."""

import numpy as np
import pandas as pd
import pytest

from fer.data.attributes import Attribute
from fer.data.dataset import LOST_COLUMNS, FaceDataset, PackedFaces
from fer.steps.dataset_summary import describe_dataset
from fer.steps.lost_rows import loss_warnings, lost_by_group, lost_record
from fer.storage.file_names import file_part


def rows(race, split, count, reason=None):
    return [{"race": race, "split": split, "label": "sad", "reason": reason}] * count


def dataset_of(kept, lost):
    """Return a dataset of these rows; see ``rows``."""
    faces, missed = (pd.DataFrame([row for several in part for row in several]) for part in (kept, lost))
    for table in (faces, missed):
        table.insert(0, "sample_id", [f"{len(table)}_{number}" for number in range(len(table))])
    samples = faces.drop(columns="reason").assign(source="set", row=np.arange(len(faces)))
    part = PackedFaces("here", "digest", np.zeros((len(faces), 8, 8), np.uint8))
    return FaceDataset("set", samples, {"set": part}, missed.reindex(columns=list(LOST_COLUMNS)).astype("str"))


@pytest.fixture
def dataset():
    return dataset_of(
        [rows("black", "train", 30), rows("black", "test", 10), rows("white", "train", 40), rows(None, "test", 5)],
        [
            rows("black", "train", 10, "no face"),
            rows("black", "train", 100, "left out by limit"),
            rows("black", None, 7, "label contempt dropped"),
            rows("white", "test", 3, "frame missing"),
            rows("brown", "test", 4, "video missing"),
            rows(None, "test", 5, "no face"),
        ],
    )


def test_the_share_is_of_what_the_detector_was_given(dataset):
    table = lost_by_group(dataset, "race")
    assert list(table) == ["split", "group", "faces", "no_face", "share_lost", "other"]
    whole = table[table["split"] == "all"].set_index("group").drop(columns="split")
    assert whole[["faces", "no_face", "other"]].to_dict("index") == {
        "black": {"faces": 40, "no_face": 10, "other": 107},
        "white": {"faces": 40, "no_face": 0, "other": 3},
        "brown": {"faces": 0, "no_face": 0, "other": 4},
        "unknown": {"faces": 5, "no_face": 5, "other": 0},
    }
    shares = whole["share_lost"]
    assert (shares["black"], shares["white"], shares["unknown"]) == (0.2, 0, 0.5)
    assert np.isnan(shares["brown"])


def test_each_split_has_its_own_share(dataset):
    table = lost_by_group(dataset, "race").set_index(["split", "group"])
    assert table.loc[("train", "black"), ["faces", "no_face", "share_lost", "other"]].tolist() == [30, 10, 0.25, 100]
    assert table.loc[("test", "black"), "share_lost"] == 0
    assert np.isnan(table.loc[("test", "white"), "share_lost"])
    assert ("validation", "black") not in table.index
    for name, part in (("faces", dataset.samples), ("no_face", dataset.lost[dataset.lost["reason"] == "no face"])):
        assert table.loc["all", name].sum() == len(part)


def test_a_group_that_was_not_searched_has_no_share_in_the_metrics(dataset):
    found = lost_record(dataset)
    prefix = "data/lost_share/race/"
    shares = {name.removeprefix(prefix): value for name, value in found.metrics.items() if name.startswith(prefix)}
    assert shares == {"black": 0.2, "white": 0, "unknown": 0.5}
    assert found.metrics["data/lost_rows"] == 129
    assert found.tables["lost/race.csv"].equals(lost_by_group(dataset, "race"))
    reasons = found.tables["lost/reason.csv"].set_index("reason")
    assert reasons.loc["label contempt dropped", "none"] == 7
    assert list(found.warnings) == loss_warnings(dataset)


def test_the_runs_page_shows_shares_in_percent_and_no_nan_percent(dataset):
    page = describe_dataset(dataset, [])
    assert "20.0%" in page and "50.0%" in page
    assert "nan%" not in page
    assert "left out by limit: 100" in page


def test_a_limit_and_damage_make_no_group_look_harder_to_find():
    kept = [rows("black", "train", 30), rows("white", "train", 30)]
    for reason in ("left out by limit", "frame missing", "label contempt dropped"):
        assert loss_warnings(dataset_of(kept, [rows("black", "train", 300, reason)])) == []
    [sentence] = loss_warnings(dataset_of(kept, [rows("black", "train", 10, "no face")]))
    assert "25.0% of the rows of race black" in sentence and "in 0.0% for white" in sentence


def test_few_rows_and_unknown_groups_warn_of_nothing():
    few = [rows("black", "train", 9), rows("white", "train", 30)]
    assert loss_warnings(dataset_of(few, [rows("black", "train", 10, "no face")])) == []
    assert loss_warnings(dataset_of(few, [rows("black", "train", 11, "no face")])) != []
    unknown = [rows(None, "train", 30), rows("white", "train", 30)]
    lost = [rows(None, "train", 30, "no face"), rows("white", "train", 1, "frame missing")]
    assert loss_warnings(dataset_of(unknown, lost)) == []


def test_a_users_own_groups_are_counted_and_warned_about_like_race():
    several = [{"split": "test", "label": "sad", "skin tone": "I"}] * 30
    dark = [{**row, "skin tone": "VI"} for row in several]
    samples = pd.DataFrame(several + dark).assign(
        sample_id=[str(place) for place in range(60)], source="set", row=np.arange(60)
    )
    missed = pd.DataFrame(dark).assign(sample_id=[f"lost {place}" for place in range(30)], reason="no face")
    part = PackedFaces("here", "digest", np.zeros((60, 8, 8), np.uint8))
    lost = missed.reindex(columns=[*LOST_COLUMNS, "skin tone"]).astype("str")
    found = lost_record(FaceDataset("set", samples, {"set": part}, lost))
    slug = Attribute(("skin tone",)).slug
    shares = {name: value for name, value in found.metrics.items() if name.startswith(f"data/lost_share/{slug}/")}
    assert list(shares.values()) == [0, 0.5]
    assert [name for name in found.tables if name.startswith("lost/")] == [
        "lost/reason.csv",
        f"lost/{file_part(slug)}.csv",
    ]
    assert found.warnings[0].startswith("the detector found no face in 50.0% of the rows of skin tone VI, but in 0.0%")
