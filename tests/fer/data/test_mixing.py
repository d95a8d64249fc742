"""Mixing by the paper's rule: Table 3's sizes, nested draws, arms, caps, and what is refused."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from fer.data.dataset import FaceDataset, PackedFaces
from fer.data.emotions import EMOTIONS
from fer.data.mixing import draw_count, integrate, limit, parse_fraction
from fer.data.samples import conform

TRAIN = {
    "fer2013": (3995, 436, 4097, 7215, 4965, 4830, 3171),
    "sfew": (178, 52, 78, 184, 144, 161, 94),
    "eila": (944, 96, 76, 1053, 2516, 122, 45),
}
# EiLA's validation counts by emotion are not published: these sum to 1,362 and fit the published sizes.
VALIDATION = {
    "fer2013": (1000, 100, 1000, 1800, 1278, 1200, 800),
    "sfew": (77, 23, 46, 72, 84, 73, 56),
    "eila": (247, 36, 24, 316, 640, 62, 37),
}
TABLE_3 = [
    ("sfew", "0", 891, 431),
    ("sfew", "0.1", 1373, 564),
    ("sfew", "0.3", 2342, 837),
    ("sfew", "0.5", 3316, 1111),
    ("sfew", "1", 5743, 1793),
    ("fer2013", "0", 28709, 7178),
    ("fer2013", "0.1", 29191, 7311),
    ("fer2013", "0.3", 30160, 7584),
    ("fer2013", "0.5", 31134, 7858),
    ("fer2013", "1", 33561, 8540),
]


def dataset(name, train, validation=(0,) * 7, test=(0,) * 7, digest=None, size=8):
    """Return a dataset with these counts per emotion; all its rows point at one small face."""
    counts = {"train": train, "validation": validation, "test": test}
    pairs = [(split, emotion, n) for split, of in counts.items() for emotion, n in zip(EMOTIONS, of, strict=True)]
    splits, labels = ([pair[at] for pair in pairs for _ in range(pair[2])] for at in (0, 1))
    names = [f"{name}/{row}" for row in range(len(labels))]
    samples = pd.DataFrame({"sample_id": names, "label": labels, "split": splits, "source": name, "row": 0})
    part = PackedFaces(f"/{name}", digest or name, np.zeros((1, size, size), np.uint8))
    return FaceDataset(name, conform(samples), {name: part}, pd.DataFrame(), {})


@pytest.fixture(scope="module")
def study():
    return {name: dataset(name, TRAIN[name], VALIDATION[name], (3,) * 7) for name in TRAIN}


def ids(mixed, source, split="train"):
    samples = mixed.samples
    return set(samples.loc[(samples["source"] == source) & (samples["split"] == split), "sample_id"])


@pytest.mark.parametrize(("base", "fraction", "train", "validation"), TABLE_3)
def test_table_3_sizes(study, base, fraction, train, validation):
    mixed = integrate(study[base], study["eila"], parse_fraction(fraction), seed=0)
    sizes = mixed.samples["split"].value_counts()
    assert (sizes["train"], sizes["validation"]) == (train, validation)
    assert sizes["test"] == 21
    assert not ids(mixed, "eila", "test")
    assert mixed.samples["sample_id"].is_unique


@pytest.mark.parametrize(("fraction", "added"), [("0.1", 133), ("0.3", 406), ("0.5", 680), ("1", 1362)])
def test_validation_is_floored_within_each_emotion(fraction, added):
    assert sum(draw_count(Decimal(fraction), n) for n in VALIDATION["eila"]) == added


@pytest.mark.parametrize("split", ["train", "validation"])
def test_each_emotion_gives_its_own_floor(study, split):
    mixed = integrate(study["sfew"], study["eila"], Decimal("0.3"), seed=4)
    came = mixed.samples[(mixed.samples["source"] == "eila") & (mixed.samples["split"] == split)]
    counts = {"train": TRAIN, "validation": VALIDATION}[split]["eila"]
    expected = {emotion: n * 3 // 10 for emotion, n in zip(EMOTIONS, counts, strict=True)}
    assert came["label"].value_counts().to_dict() == expected


@pytest.mark.parametrize(
    ("fraction", "available", "drawn"),
    [("0.7", 90, 63), (0.7, 90, 63), ("0.29", 100, 29), ("0.1", 9, 0), ("1", 5, 5), ("0", 5, 0), ("0.57", 100, 57)],
)
def test_floors_are_exact_where_binary_fractions_fall_short(fraction, available, drawn):
    assert draw_count(parse_fraction(fraction), available) == drawn


def test_a_larger_fraction_contains_the_smaller_for_one_seed(study):
    drawn = [ids(integrate(study["sfew"], study["eila"], Decimal(f), seed=7), "eila") for f in ("0.1", "0.3", "1")]
    assert drawn[0] < drawn[1] < drawn[2]


def test_a_seed_repeats_and_another_differs(study):
    first, again, other = (integrate(study["sfew"], study["eila"], Decimal("0.1"), seed) for seed in (0, 0, 1))
    assert first.samples.equals(again.samples)
    assert first.digest == again.digest
    overlap = len(ids(first, "eila") & ids(other, "eila")) / len(ids(first, "eila"))
    assert overlap < 0.25  # 0.1 expected under independence


def test_one_emotions_draw_does_not_depend_on_anothers():
    base = dataset("base", (10,) * 7)
    few, many = (dataset("more", (2,) * 6 + (surprises,)) for surprises in (2, 50))
    drawn = [integrate(base, more, Decimal("0.5"), seed=3) for more in (few, many)]
    happy = [mixed.samples.query("source == 'more' and label == 'happy'")["sample_id"].tolist() for mixed in drawn]
    assert happy[0] == happy[1]
    assert len(happy[0]) == 1


def test_emotions_of_one_size_are_drawn_apart():
    mixed = integrate(dataset("base", (1,) * 7), dataset("more", (40,) * 7), Decimal("0.5"), seed=0)
    rows = mixed.samples.query("source == 'more'")
    places = rows["sample_id"].str.removeprefix("more/").astype(int) % 40
    assert len({tuple(of) for _, of in places.groupby(rows["label"])}) == 7


def test_swap_keeps_the_size_and_each_emotion(study):
    base = study["fer2013"]
    mixed = integrate(base, study["eila"], Decimal("0.3"), seed=0, arm="swap")
    for column in ("split", "label"):
        assert mixed.samples[column].value_counts().to_dict() == base.samples[column].value_counts().to_dict()
    assert len(ids(mixed, "eila")) == 1451
    assert len(ids(mixed, "fer2013")) == 28709 - 1451
    assert ids(mixed, "fer2013", "test") == ids(base, "fer2013", "test")


def test_swap_refuses_an_emotion_with_too_few_to_give(study, refused):
    with refused("swap needs 251 train faces of neutral", "sfew, which has 144", "smaller fraction"):
        integrate(study["sfew"], study["eila"], Decimal("0.1"), seed=0, arm="swap")


def test_a_fraction_of_nothing_leaves_the_base(study):
    mixed = integrate(study["sfew"], study["eila"], Decimal(0), seed=0)
    assert mixed.name == "sfew"
    assert set(mixed.parts) == {"sfew"}
    assert mixed.samples.equals(study["sfew"].samples)


@pytest.mark.parametrize("text", ["-0.1", "1.01", 2, "inf", "nan", "NaN", "many", "", None])
def test_a_fraction_outside_0_to_1_is_refused(text, refused):
    with refused("fraction", str(text), "0.3"):
        parse_fraction(text)


def test_unknown_arms_are_refused(study, refused):
    with refused("'grow'", "add, swap"):
        integrate(study["sfew"], study["eila"], Decimal("0.1"), seed=0, arm="grow")


def test_what_cannot_be_mixed_is_refused(refused):
    base = dataset("base", (3,) * 7)
    with refused("(8, 8, 1)", "(9, 9, 1)", "preprocess both"):
        integrate(base, dataset("wide", (3,) * 7, size=9), Decimal("0.5"), seed=0)
    with refused("base", "share samples (base/0)"):
        integrate(base, base, Decimal("0.5"), seed=0)
    with refused("different faces", "the one name base"):
        integrate(base, dataset("base", (3,) * 7, digest="other"), Decimal("0.5"), seed=0)


def test_two_fractions_give_two_names(study):
    made = [integrate(study["sfew"], study["eila"], Decimal(f), seed=0).name for f in ("0.1", "0.12", "0.125")]
    assert made == ["sfew+10% eila", "sfew+12% eila", "sfew+12.5% eila"]


def test_provenance_names_both_digests(study):
    mixed = integrate(study["sfew"], study["eila"], Decimal("0.10"), seed=5)
    expected = {"fraction": "0.10", "seed": 5, "arm": "add", "base_digest": study["sfew"].digest}
    assert expected.items() <= mixed.provenance.items()
    assert mixed.provenance["addition_digest"] == study["eila"].digest


def test_limit_keeps_each_emotions_share_and_the_whole_test(study):
    kept = limit(study["fer2013"].samples, 4000, seed=0)
    sizes = kept["split"].value_counts()
    assert sizes["train"] == 4000
    assert sizes["validation"] == round(Fraction(4000, 28709) * 7178)
    assert sizes["test"] == 21
    train = kept.loc[kept["split"] == "train", "label"].value_counts()
    for emotion, n in zip(EMOTIONS, TRAIN["fer2013"], strict=True):
        assert abs(train[emotion] - Fraction(n * 4000, 28709)) < 1
    # Largest remainder: shares 556.6, 60.7, 570.8, 1005.3, 691.8, 673.0, 441.8.
    assert train.reindex(EMOTIONS).tolist() == [556, 61, 571, 1005, 692, 673, 442]
    assert kept.index.tolist() == list(range(len(kept)))
    assert [int(name.split("/")[1]) for name in kept["sample_id"]] == sorted(
        int(name.split("/")[1]) for name in kept["sample_id"]
    )


def test_limit_leaves_what_is_small_enough_and_needs_no_validation(study):
    samples = study["sfew"].samples
    assert limit(samples, 891, seed=0).equals(samples)
    only = samples[samples["split"] == "train"].reset_index(drop=True)
    assert limit(only, 7, seed=0)["split"].tolist() == ["train"] * 7


def test_limit_draws_by_seed(study):
    first, again, other = (limit(study["sfew"].samples, 100, seed)["sample_id"].tolist() for seed in (0, 0, 1))
    assert first == again
    assert first != other


@pytest.mark.parametrize("faces", [0, -5])
def test_a_limit_of_no_faces_is_refused(study, faces, refused):
    with refused(f"limit {faces}", "at least 1"):
        limit(study["sfew"].samples, faces, seed=0)


@pytest.mark.parametrize("text", ["1e-400000", "0." + "0" * 100 + "1", "1e-21"])
def test_a_fraction_of_more_places_than_any_dataset_has_faces_is_refused_at_once(text, refused):
    with refused("fraction", "20 decimal places"):
        parse_fraction(text)


@pytest.mark.parametrize("text", ["٠.٣", "0_1", "sNaN", "1e400000", "-1e-5", "0x1", ""])
def test_what_is_no_fraction_is_refused(text, refused):
    with refused("fraction"):
        parse_fraction(text)


def test_minus_nothing_is_nothing():
    assert str(parse_fraction("-0")) == "0"
