"""The content of a test set: shares, association, annotators, lost rows."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fer.data.attributes import RACE
from fer.data.samples import VOTES
from fer.evaluation.audits import audit_content
from fer.evaluation.predictions import predict


@pytest.fixture
def audited(tiny_faces):
    test = tiny_faces.split("test")
    return test, predict(lambda faces: np.full((len(faces), 7), 1 / 7), test)


def test_shares_and_association_by_attribute(audited):
    test, predictions = audited
    found = audit_content(test, "test", predictions, RACE, ["black", "mixed", "white"])
    assert set(found.tables) == {"representation_race", "association_race"}
    assert found.tables["representation_race"]["count"].to_dict() == test.samples["race"].value_counts().to_dict()
    assert found.metrics["race/effective_groups"] == pytest.approx(2)
    # Each clip is of one race, and each race shows all emotions alike.
    assert found.metrics["race/cramers_v/clip"] == pytest.approx(1)
    assert found.metrics["race/cramers_v/label"] == pytest.approx(0)


def test_votes_give_the_human_ceiling(audited):
    test, predictions = audited
    votes = pd.DataFrame(0, index=test.samples.index, columns=list(VOTES))
    votes["votes_happy"] = 2
    votes.loc[0, ["votes_happy", "votes_sad"]] = 1
    voted = replace(test, samples=pd.concat([test.samples, votes], axis=1))
    found = audit_content(voted, "test", predictions, RACE, ["mixed", "white"])
    table = found.tables["annotators_race"]
    assert table.loc["all", "samples"] == len(test)
    assert found.metrics["race/human_ceiling/all"] == pytest.approx(1 - 1 / len(test))
    single = replace(test, samples=pd.concat([test.samples, votes.clip(upper=0).assign(votes_sad=1)], axis=1))
    assert "annotators_race" not in audit_content(single, "test", predictions, RACE, ["white"]).tables


def test_lost_rows_of_the_split_count_as_wrong(audited):
    test, predictions = audited
    lost = pd.DataFrame(
        {
            "split": ["test", "test", "test", "train"],
            "race": ["white", "white", "white", "white"],
            "reason": ["no face", "unreadable", "label contempt dropped", "no face"],
        }
    )
    missing = replace(test, lost=lost)
    found = audit_content(missing, "test", predictions, RACE, ["mixed", "white"])
    table = found.tables["end_to_end_race"]
    assert table.loc["all", ["found", "lost"]].tolist() == [14, 2]
    assert table.loc["white", "lost"] == 2
    assert table.loc["all", "end_to_end_accuracy"] == pytest.approx(2 / 16)
    assert found.metrics["race/end_to_end_accuracy/all"] == pytest.approx(2 / 16)
    assert "2 rows" in found.sentences[0] and "12.5%, not 14.3%" in found.sentences[0]


def test_lost_rows_of_unknown_group_count_in_all(audited):
    test, predictions = audited
    missing = replace(test, lost=pd.DataFrame({"split": ["test"], "race": [None], "reason": ["no face"]}))
    table = audit_content(missing, "test", predictions, RACE, ["mixed", "white"]).tables["end_to_end_race"]
    assert table["lost"].tolist() == [1, 0, 0]
