"""Balancing: only the training split, counts as asked, real faces never copied, made faces marked and repeatable."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer.data.balance_targets import ClassTarget, parse_target
from fer.data.balancing import METHODS, make_balanced
from fer.data.dataset import FaceDataset, PackedFaces, load_dataset, write_mixture
from fer.data.emotions import EMOTIONS
from fer.data.mixing import integrate, parse_fraction
from fer.data.samples import conform

FER2013 = (3995, 436, 4097, 7215, 4965, 4830, 3171)
FEW = (6, 3, 5, 9, 4, 4, 2)
MAKERS = [name for name, method in METHODS.items() if method.make]


@pytest.fixture
def build():
    """Return a maker of datasets of random 8x8 faces: train faces by emotion; two of each in other splits."""

    def make(train, name="faces", shape=(8, 8)):
        counts = {"train": train, "validation": (2,) * 7, "test": (2,) * 7}
        rows = [(split, emotion) for split, of in counts.items() for emotion, n in zip(EMOTIONS, of, strict=True)
                for _ in range(n)]  # fmt: skip
        stream = np.random.default_rng(7)
        rows = [rows[at] for at in stream.permutation(len(rows))]
        samples = pd.DataFrame(rows, columns=["split", "label"])
        samples = samples.assign(
            sample_id=[f"{name}/{row}" for row in range(len(rows))], source=name, row=np.arange(len(rows)),
            race=[("black", "white")[row % 2] for row in range(len(rows))],
            person=[f"person_{row // 3}" for row in range(len(rows))],
            clip=[f"clip_{row // 2}" for row in range(len(rows))],
            votes_sad=np.arange(len(rows)) % 11, confidence=0.9,
            camera=np.arange(len(rows)) % 5, indoors=np.arange(len(rows)) % 2 == 0,
        )  # fmt: skip
        pixels = stream.integers(0, 256, (len(rows), *shape), dtype=np.uint8)
        return FaceDataset(name, conform(samples), {name: PackedFaces(f"/{name}", name, pixels)}, pd.DataFrame(), {})

    return make


def counts(dataset):
    return dataset.samples.query("split == 'train'")["label"].value_counts().reindex(EMOTIONS, fill_value=0).tolist()


def made(dataset):
    return dataset.samples[dataset.samples["origin"].notna()]


def test_fer2013_grows_to_57677_faces_of_8239_or_8240_a_class(build, tmp_path):
    base = build(FER2013)
    balanced = make_balanced(base, tmp_path / "made", "augment", "total=57677")
    assert len(balanced.split("train")) == 57_677
    # What is left over goes to the four largest classes.
    assert counts(balanced) == [8239, 8239, 8240, 8240, 8240, 8240, 8239]
    assert len(made(balanced)) == 57_677 - sum(FER2013)
    uses = made(balanced).groupby("label")["made_from"].value_counts()
    assert all(of.max() - of.min() <= 1 for _, of in uses.groupby("label"))
    assert uses["disgust"].max() == 18 and len(uses["disgust"]) == 436


@pytest.mark.parametrize("method", MAKERS)
@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("equal", [9] * 7),
        ("5", [5] * 7),
        ("total=40", [6, 5, 6, 6, 6, 6, 5]),
        ("{disgust: 8, anger: 2}", [2, 8, 5, 9, 4, 4, 2]),
    ],
)
def test_targets_are_reached(build, tmp_path, method, target, expected):
    balanced = make_balanced(build(FEW), tmp_path / "made", method, target)
    assert counts(balanced) == expected
    assert balanced.provenance["after"] == dict(zip(EMOTIONS, expected, strict=True))
    assert balanced.provenance["before"] == dict(zip(EMOTIONS, FEW, strict=True))
    assert balanced.provenance["made"] == made(balanced)["label"].value_counts().to_dict()
    assert balanced.samples["sample_id"].is_unique


@pytest.mark.parametrize("method", METHODS)
def test_validation_and_test_rows_stay_exactly_as_they_were(build, tmp_path, method):
    base = build(FEW)
    balanced = make_balanced(base, tmp_path / "made", method, "2" if method == "undersample" else "7")
    for split in ("validation", "test"):
        before, after = base.split(split), balanced.split(split)
        assert after.samples[list(before.samples)].astype(str).equals(before.samples.astype(str))
        assert np.array_equal(after.faces(), before.faces())
        assert after.samples.get("origin", pd.Series(dtype=str)).isna().all()
    assert set(balanced.samples["split"]) == {"train", "validation", "test"}


@pytest.mark.parametrize("method", METHODS)
def test_real_faces_are_pointed_to_and_never_copied(build, tmp_path, method):
    base = build(FEW)
    balanced = make_balanced(base, tmp_path / "made", method, "2" if method == "undersample" else "7")
    real = balanced.samples[balanced.samples["source"] == "faces"]
    assert set(real["sample_id"]) <= set(base.samples["sample_id"])
    assert balanced.parts["faces"] is base.parts["faces"]
    if METHODS[method].make:
        written = load_dataset(tmp_path / "made")
        assert len(written) == len(made(balanced)) == len(balanced) - len(real)
        known = {face.tobytes() for face in base.faces()}
        assert not known & {face.tobytes() for face in written.faces()}
    else:
        assert set(balanced.parts) == {"faces"}
        assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("method", MAKERS)
def test_a_balanced_dataset_is_written_read_and_mixed_like_any_other(build, pack, tmp_path, method):
    base = pack("faces", build(FEW).samples.drop(columns=["source", "row"]))
    balanced = make_balanced(base, tmp_path / "made", method, "7")
    write_mixture(tmp_path / "balanced", balanced)
    opened = load_dataset(tmp_path / "balanced")
    assert opened.digest == balanced.digest
    assert np.array_equal(opened.faces(), balanced.faces())
    mixed = integrate(opened, pack("more", seed=1), parse_fraction("0.5"), seed=0)
    assert mixed.samples["origin"].notna().sum() == len(made(opened))


def test_a_copy_keeps_what_is_known_of_its_parent(build, tmp_path):
    base = build(FEW)
    copies = made(make_balanced(base, tmp_path / "made", "augment", "equal"))
    parents = base.samples.set_index("sample_id").loc[copies["made_from"]]
    for column in ("label", "split", "race", "person", "clip", "votes_sad", "camera"):
        assert copies[column].tolist() == parents[column].tolist()
    assert set(copies["origin"]) == {"augmented"}
    assert set(copies["split"]) == {"train"}
    assert copies["confidence"].isna().all()  # the detector saw the parent


def test_a_mixture_belongs_to_no_group_and_names_both_parents(build, tmp_path):
    base = build(FEW)
    balanced = make_balanced(base, tmp_path / "made", "smote", "equal")
    mixtures = made(balanced)
    assert set(mixtures["origin"]) == {"smote"}
    for column in ("made_from", "race", "person", "clip", "votes_sad"):
        assert column not in mixtures or mixtures[column].isna().all()
    at = pd.Series(range(len(base)), index=base.samples["sample_id"])
    one, other = (base.faces(at[mixtures[name]].to_numpy()) for name in ("mixed_from", "mixed_with"))
    for name in ("mixed_from", "mixed_with"):
        assert base.samples["label"].iloc[at[mixtures[name]]].tolist() == mixtures["label"].tolist()
    faces = balanced.faces(mixtures.index.to_numpy())
    assert (faces >= np.minimum(one, other)).all() and (faces <= np.maximum(one, other)).all()


@pytest.mark.parametrize("method", METHODS)
def test_a_seed_repeats_every_byte_and_another_differs(build, tmp_path, method):
    target = "2" if method == "undersample" else "7"
    first, again, other = (
        make_balanced(build(FEW), tmp_path / name, method, target, seed)
        for name, seed in (("first", 0), ("again", 0), ("other", 1))
    )
    assert first.digest == again.digest
    assert first.digest != other.digest
    assert not np.array_equal(first.faces(), other.faces())


@pytest.mark.parametrize("method", MAKERS)
def test_one_emotion_never_shifts_another(build, tmp_path, method):
    few, many = (
        make_balanced(build(FEW), tmp_path / str(wanted), method, f"{{sad: {wanted}, fear: 9, happy: 4}}")
        for wanted in (5, 30)
    )
    for emotion in ("fear", "happy"):
        here, there = (dataset.where(dataset.samples["label"] == emotion) for dataset in (few, many))
        assert here.samples["sample_id"].tolist() == there.samples["sample_id"].tolist()
        assert np.array_equal(here.faces(), there.faces())


def test_more_copies_begin_with_the_fewer(build, tmp_path):
    few, many = (make_balanced(build(FEW), tmp_path / str(each), "augment", str(each)) for each in (9, 300))
    one, more = (dataset.where(dataset.samples["sample_id"].str.contains("augmented/sad")) for dataset in (few, many))
    assert (len(one), len(more)) == (5, 296)
    assert np.array_equal(one.faces(), more.faces(slice(0, 5)))


def test_classes_that_shrink_are_drawn_by_seed(build, tmp_path):
    drawn = [make_balanced(build((40,) * 7), tmp_path / "made", "undersample", "10", seed) for seed in (0, 1)]
    kept = [set(dataset.split("train").samples["sample_id"]) for dataset in drawn]
    assert len(kept[0]) == 70
    assert len(kept[0] & kept[1]) < 40  # 17.5 expected under independence


def test_undersampling_to_equal_takes_the_smallest_class(build, tmp_path):
    assert counts(make_balanced(build(FEW), tmp_path / "made", "undersample", "equal")) == [2] * 7


def test_colour_faces_keep_their_shape(build, tmp_path):
    balanced = make_balanced(build(FEW, shape=(9, 6, 3)), tmp_path / "made", "augment", "equal")
    assert load_dataset(tmp_path / "made").face_shape == balanced.face_shape == (9, 6, 3)


def test_an_emotion_that_training_lacks_stays_away(build, tmp_path):
    balanced = make_balanced(build((3, 0, 2, 5, 0, 0, 0)), tmp_path / "made", "augment", "total=16")
    assert counts(balanced) == [5, 0, 5, 6, 0, 0, 0]


def test_two_targets_and_two_methods_give_different_names(build, tmp_path):
    asked = [("augment", "equal"), ("augment", "total=70"), ("smote", "{sad: 6}"), ("undersample", "2")]
    names = [make_balanced(build(FEW), tmp_path / f"{at}", *of).name for at, of in enumerate(asked)]
    assert names == ["faces augment equal", "faces augment total=70", "faces smote sad=6", "faces undersample 2"]


@given(
    present=st.lists(st.integers(1, 9999), min_size=1, max_size=7),
    spare=st.integers(0, 100_000),
)
def test_a_total_is_shared_to_the_last_face(present, spare):
    by_emotion = dict(zip(EMOTIONS, present, strict=False))
    total = len(present) + spare
    shared = ClassTarget(total=total).counts(by_emotion)
    assert shared.keys() == by_emotion.keys()
    assert sum(shared.values()) == total
    assert max(shared.values()) - min(shared.values()) <= 1
    more = [by_emotion[emotion] for emotion in shared if shared[emotion] > min(shared.values())]
    fewer = [by_emotion[emotion] for emotion in shared if shared[emotion] == min(shared.values())]
    assert not more or min(more) >= max(fewer)


@pytest.mark.parametrize("text", ["equal", "8240", " 12 ", "total=57677", "{disgust: 4000}", "{Happiness: 5, sad: 6}"])
def test_a_target_is_read_and_written_again(text):
    target = parse_target(text)
    again = f"{{{str(target).replace('=', ': ')}}}" if target.classes else str(target)
    assert parse_target(again) == target


@pytest.mark.parametrize(
    "text", ["", "most", "0", "-3", "8.5", "1e3", "total=", "total=x", "total=0", "{}", "{sad: }", "{sad: 0}", "{sad}",
             "{sad: [1", "57,677", "none"],
)  # fmt: skip
def test_targets_that_are_none_are_refused(text, refused):
    with refused("target", "equal", "total=57677"):
        parse_target(text)


def test_bad_requests_are_refused_and_nothing_is_written(build, tmp_path, refused):
    base = build(FEW)
    folder = tmp_path / "made"
    with refused("'grow'", "augment, undersample, smote"):
        make_balanced(base, folder, "grow")
    with refused("method augment", "'k_neighbors'", "flip, shift, rotation, brightness"):
        make_balanced(base, folder, "augment", options={"k_neighbors": 3})
    with refused("method smote", "'k_neighbors'", "1 or more, not 0"):
        make_balanced(base, folder, "smote", options={"k_neighbors": 0})
    with refused("undersample cannot give 3 training faces of surprise", "has 2", "augment"):
        make_balanced(base, folder, "undersample", "3")
    with refused("total=6", "7 emotions"):
        make_balanced(base, folder, "augment", "total=6")
    with refused("'scorn'", "angry, disgust"):
        make_balanced(base, folder, "augment", "{scorn: 4}")
    with refused("contempt", "no face", "angry, disgust"):
        make_balanced(base, folder, "augment", "{contempt: 4}")
    with refused("twice", "{sad: 1, sadness: 2}"):
        make_balanced(base, folder, "augment", "{sad: 1, sadness: 2}")
    with refused("target names disgust", "it has: angry, fear"):
        make_balanced(build((3, 0, 2, 5, 1, 1, 1)), folder, "augment", "{disgust: 4}")
    with refused("smote mixes two faces", "faces has 1 training face of disgust", "augment"):
        make_balanced(build((3, 1, 2, 5, 2, 2, 2)), folder, "smote", "equal")
    with refused("no train split"):
        make_balanced(build((0,) * 7), folder)
    assert not folder.exists()


def test_made_faces_are_not_balanced_again(build, tmp_path, refused):
    balanced = make_balanced(build(FEW), tmp_path / "made", "augment", "equal")
    with refused("faces augment equal", "made faces already", "real faces"):
        make_balanced(balanced, tmp_path / "again", "undersample", "3")


def test_no_two_made_faces_are_alike(build, tmp_path):
    balanced = make_balanced(build((2,) * 7), tmp_path / "made", "augment", "40")
    faces = balanced.faces(made(balanced).index.to_numpy())
    assert len({face.tobytes() for face in faces}) == len(faces) == 7 * 38


def test_emotions_of_one_size_are_drawn_apart(build, tmp_path):
    base = build((20,) * 7)
    copies = made(make_balanced(base, tmp_path / "made", "augment", "40"))
    rank = base.samples.groupby(["split", "label"]).cumcount().set_axis(base.samples["sample_id"])
    assert len({tuple(rank[part["made_from"]]) for _, part in copies.groupby("label")}) == 7


def test_the_vocabulary_stays(build, tmp_path):
    whole = build((4, 0, 0, 6, 0, 3, 0))
    few = whole.where(whole.samples["label"].isin(["angry", "happy", "sad"]))
    kept = replace(few, provenance={"emotions": ["angry", "happy", "sad"]})
    assert make_balanced(kept, tmp_path / "made").emotions == ("angry", "happy", "sad")
