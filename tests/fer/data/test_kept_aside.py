"""The arm same: faces of the base's own that were kept aside, by emotion and by person, and what is refused."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from fer.data.dataset import FaceDataset, PackedFaces
from fer.data.kept_aside import divided, parse_kept_aside
from fer.data.mixing import ARMS, integrate
from fer.data.samples import conform

EMOTIONS = ("angry", "happy", "sad")
KEPT = Decimal("0.4")


def dataset(name, train, validation=6, persons=None, clips=None):
    """Return a dataset with ``train`` faces per emotion, their persons and clips by position if given."""
    labels = [*np.repeat(EMOTIONS, train), *np.resize(EMOTIONS, validation), *EMOTIONS]
    splits = ["train"] * sum(np.broadcast_to(train, 3)) + ["validation"] * validation + ["test"] * 3
    names = [f"{name}/{row}" for row in range(len(labels))]
    samples = pd.DataFrame({"sample_id": names, "label": labels, "split": splits, "source": name, "row": 0})
    for column, known in {"person": persons, "clip": clips}.items():
        if known is not None:
            samples[column] = [*known, *[None] * (len(labels) - len(known))]
    part = PackedFaces(f"/{name}", name, np.zeros((1, 8, 8), np.uint8))
    provenance = {"made_by": "preprocess", "emotions": list(EMOTIONS)}
    return FaceDataset(name, conform(samples), {name: part}, pd.DataFrame(), provenance)


def training(mixed):
    return mixed.samples[mixed.samples["split"] == "train"]


def by_emotion(mixed):
    return training(mixed)["label"].value_counts().reindex(EMOTIONS).tolist()


@pytest.fixture(scope="module")
def pair():
    return dataset("base", (50, 30, 20)), dataset("more", (10, 12, 8))


@pytest.fixture(scope="module")
def mixtures(pair):
    return {arm: integrate(*pair, Decimal("0.5"), seed=3, arm=arm, kept_aside=KEPT) for arm in ARMS}


def test_each_emotion_keeps_its_share_aside(pair):
    base, aside = divided(pair[0], KEPT, seed=0)
    assert by_emotion(base) == [30, 18, 12]
    assert aside["label"].value_counts().reindex(EMOTIONS).tolist() == [20, 12, 8]
    assert set(aside["split"]) == {"train"}
    assert not set(aside["sample_id"]) & set(base.samples["sample_id"])
    assert len(divided(pair[0], Decimal(10), seed=0).aside) == 10


def test_all_arms_have_one_base(pair, mixtures):
    alone = integrate(*pair, Decimal(0), seed=3, kept_aside=KEPT)
    own = set(training(alone)["sample_id"])
    assert own == set(training(divided(pair[0], KEPT, seed=3).base)["sample_id"])
    of_base = {arm: set(training(mixed).query("source == 'base'")["sample_id"]) for arm, mixed in mixtures.items()}
    assert of_base["add"] == own
    assert of_base["swap"] < own < of_base["same"]


def test_same_grows_by_as_many_of_each_emotion_as_add(mixtures):
    assert by_emotion(mixtures["same"]) == by_emotion(mixtures["add"]) == [30 + 5, 18 + 6, 12 + 4]
    assert by_emotion(mixtures["swap"]) == [30, 18, 12]
    assert set(mixtures["same"].samples["source"]) == {"base"} == set(mixtures["same"].parts)
    assert mixtures["same"].samples["sample_id"].is_unique


def test_same_validates_on_the_bases_own_faces_and_all_arms_can(pair, mixtures):
    def validation(mixed):
        return mixed.samples.loc[mixed.samples["split"] == "validation", "source"].tolist()

    assert validation(mixtures["same"]) == ["base"] * 6
    assert validation(mixtures["add"]) == ["base"] * 6 + ["more"] * 3
    for arm in ARMS:
        mixed = integrate(*pair, Decimal("0.5"), seed=3, arm=arm, kept_aside=KEPT, validation_from="base")
        assert validation(mixed) == ["base"] * 6
        assert training(mixed)["sample_id"].tolist() == training(mixtures[arm])["sample_id"].tolist()


def test_a_larger_fraction_contains_the_smaller_and_seeds_differ(pair):
    def own(fraction, seed=0):
        mixed = integrate(*pair, Decimal(fraction), seed, arm="same", kept_aside=KEPT)
        return set(training(mixed)["sample_id"])

    assert own("0.3") < own("0.5") < own("1")
    assert own("0.5") == own("0.5") != own("0.5", seed=1)


def test_names_and_provenance_say_what_was_kept_aside(mixtures):
    names = {arm: mixed.name for arm, mixed in mixtures.items()}
    assert names == {"add": "base-40%+50% more", "swap": "base-40%~50% more", "same": "base-40%=50% more"}
    about = mixtures["same"].provenance
    assert {"kept_aside": "0.4", "faces_kept_aside": 40, "base_training_faces": 60}.items() <= about.items()


def test_nothing_kept_aside_is_the_dataset_itself(pair):
    assert divided(pair[0], Decimal(0), seed=0).base is pair[0]


def test_no_person_and_no_clip_is_on_both_sides():
    stream = np.random.default_rng(0)
    persons = [f"p{number}" for number in stream.integers(0, 60, 200)]
    clips = [f"{person} {number}" for person, number in zip(persons, stream.integers(0, 3, 200), strict=True)]
    clips[:40] = [f"shared {number // 2}" for number in range(40)]  # Two persons in one clip.
    base = dataset("base", (80, 60, 60), persons=persons, clips=clips)
    for seed in range(5):
        kept, aside = divided(base, KEPT, seed)
        for column in ("person", "clip"):
            assert not set(training(kept)[column].dropna()) & set(aside[column].dropna())
        assert len(aside) == pytest.approx(80, abs=8)
        assert aside["label"].value_counts().reindex(EMOTIONS).tolist() == pytest.approx([32, 24, 24], abs=6)


def test_faces_of_unknown_persons_are_kept_aside_one_by_one():
    known = [*(["p"] * 10), *([None] * 90)]
    _, aside = divided(dataset("base", (40, 30, 30), persons=known), KEPT, seed=0)
    assert len(aside) == pytest.approx(40, abs=2)
    assert aside["person"].notna().sum() in (0, 10)


def test_too_few_kept_aside_are_refused_by_emotion(pair, refused):
    with refused("needs 6 training faces of happy", "of base-10% there are 3", "kept_aside", "smaller fraction"):
        integrate(*pair, Decimal("0.5"), seed=0, arm="same", kept_aside=Decimal("0.1"))


def test_same_without_faces_kept_aside_is_refused(pair, refused):
    with refused("arm same", "none are kept aside", "kept_aside, such as 0.3"):
        integrate(*pair, Decimal("0.5"), seed=0, arm="same")


def test_one_cluster_cannot_be_divided(refused):
    base = dataset("base", (10, 10, 10), persons=["p"] * 30)
    with refused("base", "linked by person into one cluster", "add and swap"):
        divided(base, KEPT, seed=0)


@pytest.mark.parametrize(
    ("kept_aside", "says"), [("0.001", "keeps 0 aside"), ("100", "leaves 0"), ("5000", "leaves 0")]
)
def test_all_or_nothing_kept_aside_is_refused(pair, kept_aside, says, refused):
    with refused(f"kept_aside {kept_aside}", says, "of the 100 training faces"):
        divided(pair[0], parse_kept_aside(kept_aside), seed=0)


@pytest.mark.parametrize("text", ["-1", "1.5", "1.0", "many", "", "0x3", "nan", "9" * 50, "٣"])
def test_what_is_neither_a_share_nor_a_number_is_refused(text, refused):
    with refused("kept_aside", "neither a share", "0.3 or 300"):
        parse_kept_aside(text)


@pytest.mark.parametrize(("text", "parsed"), [("0", "0"), (0.3, "0.3"), ("300", "300"), (300, "300"), ("1", "1")])
def test_shares_and_numbers(text, parsed):
    assert parse_kept_aside(text) == Decimal(parsed)


def test_an_unknown_choice_of_validation_faces_is_refused(pair, refused):
    with refused("validation_from 'addition'", "mixture, base"):
        integrate(*pair, Decimal("0.5"), seed=0, validation_from="addition")
