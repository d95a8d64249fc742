"""EiLA's test split, where it is at hand: what a reader of its figures must see."""

import os
from pathlib import Path

import pandas as pd
import pytest

from fer.data.emotions import EMOTIONS
from fer.evaluation.independent_units import clusters_of, unit_counts
from fer.fairness.annotators import agreement_by_group
from fer.fairness.leakage import seen_in_training, shared_ids
from fer.sources import SOURCES, parse_options
from fer.sources.eila_annotations import read_annotations, read_demographics

DATA = Path(os.environ.get("FER_DATA") or Path(__file__).parents[4].parent / "shared" / "data") / "eila"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"{DATA} is not at hand: real faces are licensed and stay out of the repository"
)


@pytest.fixture(scope="module")
def splits():
    samples = SOURCES["eila"].read(DATA, parse_options("eila", {})).samples
    return {split: part.reset_index(drop=True) for split, part in samples.groupby("split")}


def test_what_its_groups_rest_on(splits):
    test = splits["test"]
    table = unit_counts(test, test["race"], clusters_of(test))
    assert table.to_dict("index") == {
        "all": {"faces": 400, "persons": 19, "clips": 8, "videos": 4, "clusters": 3, "emotions": 7},
        "black": {"faces": 84, "persons": 7, "clips": 1, "videos": 1, "clusters": 1, "emotions": 7},
        "mixed": {"faces": 27, "persons": 2, "clips": 4, "videos": 2, "clusters": 2, "emotions": 2},
        "white": {"faces": 289, "persons": 10, "clips": 8, "videos": 4, "clusters": 3, "emotions": 7},
    }
    assert set(test.loc[test["race"] == "mixed", "label"]) == {"fear", "happy"}


def test_nine_of_nineteen_persons_are_also_in_train_and_no_clip(splits):
    table = shared_ids(splits["train"], splits["test"])
    assert table.loc["person", ["test", "shared", "shared_samples"]].tolist() == [19, 9, 235]
    assert table.loc["clip", ["test", "shared"]].tolist() == [8, 0]
    assert seen_in_training(splits["train"], splits["test"], "person").value_counts().to_dict() == {
        "shared": 235, "unseen": 165,
    }  # fmt: skip


def test_how_far_its_annotators_agree():
    annotations = read_annotations(DATA / "annotations.csv")
    known, _ = read_demographics(DATA / "demographics.csv")
    test = annotations[annotations["votes"].str.len() == 3]
    votes = pd.DataFrame([[cast.count(emotion) for emotion in EMOTIONS] for cast in test["votes"]]).to_numpy()
    keys = zip(test["video"], test["clip_id"].astype(int), test["person_id"].astype(int), strict=True)
    race = pd.Series([known.get(key, {}).get("race") for key in keys])
    table = agreement_by_group(votes, sensitive_features=race)
    assert table["samples"].to_dict() == {"all": 902, "black": 219, "mixed": 70, "white": 613}
    agreement = {"all": 0.551, "black": 0.486, "mixed": 0.752, "white": 0.551}
    assert table["pair_agreement"].to_dict() == pytest.approx(agreement, abs=5e-4)
    # Held against two others, a vote is right as often as pairs agree, where ties are broken by lot.
    assert table["ceiling"].to_dict() == pytest.approx(agreement, abs=5e-4)
