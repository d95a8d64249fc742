"""The real datasets, where they are at hand: published counts, and every EiLA face against its annotation."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fer.data.emotions import EMOTIONS
from fer.data.labels import harmonise
from fer.data.samples import count_table
from fer.data.splitting import assign_splits, auto_rule, shared_groups
from fer.sources import SOURCES, parse_options
from fer.sources.eila_annotations import read_annotations

DATA = Path(os.environ.get("FER_DATA") or Path(__file__).parents[3].parent / "shared" / "data")
FER2013_TRAIN = (3995, 436, 4097, 7215, 4965, 4830, 3171)
SFEW_TRAIN = (178, 52, 78, 184, 144, 161, 94)


def listed(folder, source=None, **options):
    name = source or folder
    if not (DATA / folder).is_dir():
        pytest.skip(f"{DATA / folder} is not at hand: real faces are licensed and stay out of the repository")
    listing = SOURCES[name].read(DATA / folder, parse_options(name, options))
    assert listing.samples["sample_id"].is_unique
    return listing


def test_fer2013_has_the_papers_counts():
    listing = listed("fer2013")
    counts = count_table(listing.samples)
    assert counts["total"].to_dict() == {"train": 28709, "validation": 7178}
    assert counts.loc["train", list(EMOTIONS)].tolist() == list(FER2013_TRAIN)
    assert listing.rejected.empty
    assert listing.read(0).shape == (48, 48)


def test_fer2013_splits_in_the_fields_way():
    assert listed("fer2013", splits="field").samples["split"].value_counts().to_dict() == {
        "train": 28709,
        "validation": 3589,
        "test": 3589,
    }


def test_sfew_has_the_papers_counts():
    listing = listed("sfew")
    counts = count_table(listing.samples)
    assert counts["total"].to_dict() == {"train": 891, "validation": 431}
    assert counts.loc["train", list(EMOTIONS)].tolist() == list(SFEW_TRAIN)
    assert listing.samples[["video", "clip", "frame"]].notna().all().all()
    assert listing.read(0).shape == (181, 143, 3)


def test_every_released_eila_face_agrees_with_its_annotation():
    listing = listed("eila")
    assert len(listing.samples) == 3438
    assert listing.rejected.empty
    assert listing.samples["split"].value_counts().to_dict() == {"train": 2380, "validation": 658, "test": 400}
    assert listing.samples[["race", "person", "clip"]].notna().all().all()


def test_eilas_test_races():
    samples = listed("eila").samples
    test = samples[samples["split"] == "test"]
    assert test["race"].value_counts().to_dict() == {"white": 289, "black": 84, "mixed": 27}
    assert set(test.loc[test["race"] == "mixed", "label"]) == {"fear", "happy"}
    assert test.loc[test["race"] == "black", "clip"].nunique() == 1


def test_eilas_annotated_rows_by_votes():
    if not (DATA / "eila").is_dir():
        pytest.skip(f"{DATA / 'eila'} is not at hand")
    votes = read_annotations(DATA / "eila" / "annotations.csv")["votes"].str.len()
    assert votes.value_counts().to_dict() == {1: 5723, 2: 1462, 3: 902}


def test_ckplus_loses_its_contempt_and_no_person_is_in_two_splits():
    listing, source = listed("ckplus48", "ckplus"), SOURCES["ckplus"]
    assert len(listing.samples) == 981
    assert listing.rejected.empty
    assert listing.samples["person"].nunique() == 118
    kept = harmonise(listing.samples, source.words)
    assert kept.dropped["reason"].value_counts().to_dict() == {"label contempt dropped": 54}
    faces = listing.take(kept.positions).samples.assign(label=kept.labels)
    assert faces["label"].value_counts().to_dict() == {
        "surprise": 249, "happy": 207, "disgust": 177, "angry": 135, "sad": 84, "fear": 75,
    }  # fmt: skip
    eight = harmonise(listing.samples, source.words, emotions=("all", "contempt"))
    assert eight.dropped.empty and eight.labels.count("contempt") == 54
    assert auto_rule(faces, source.splits) == "person"
    splits = assign_splits(faces, "person")
    assert shared_groups(faces.assign(split=splits), "person") == 0
    by_label = pd.crosstab(faces["label"], splits, normalize="index")[["train", "validation", "test"]]
    assert np.abs(by_label.to_numpy() - (0.6, 0.2, 0.2)).max() < 0.05
    assert listing.read(0).shape == (48, 48)
