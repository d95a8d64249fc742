"""Inconsistencies are reported: one picture with two labels, groups whose names differ only in case or form."""

import numpy as np
import pandas as pd
import pytest

from fer.data.consistency import conflicting_labels, label_conflict_warning, similar_groups
from fer.data.dataset import write_packed
from fer.data.mixing import integrate, parse_fraction


@pytest.fixture
def packed(tmp_path):
    """Return a maker of a dataset of faces by number (0: one gray level) with their labels and splits."""

    def make(name, *rows):
        stream = np.random.default_rng(3)
        pictures = [np.full((8, 8), 9, np.uint8), *stream.integers(0, 256, (20, 8, 8), dtype=np.uint8)]
        samples = pd.DataFrame(rows, columns=["picture", "label", "split"])
        faces = [pictures[number] for number in samples.pop("picture")]
        samples.insert(0, "sample_id", [f"face_{row}" for row in range(len(rows))])
        return write_packed(tmp_path / name, name, samples, faces, (8, 8), {})

    return make


def test_one_picture_under_two_labels_is_found_and_named(packed):
    dataset = packed("a", (1, "happy", "test"), (2, "sad", "test"), (1, "surprise", "test"), (3, "sad", "train"),
                     (3, "fear", "test"), (2, "sad", "train"), (0, "sad", "test"), (0, "happy", "test"))  # fmt: skip
    found = conflicting_labels(dataset)
    assert found.to_dict("list") == {
        "picture": [0, 0, 1, 1],
        "sample_id": ["a/face_0", "a/face_2", "a/face_3", "a/face_4"],
        "label": ["happy", "surprise", "sad", "fear"],
        "split": ["test", "test", "train", "test"],
    }
    sentence = label_conflict_warning(found)
    assert "2 pictures have two labels" in sentence and "test: 2, train: 1" in sentence
    assert "a/face_0 (happy, test) and a/face_2 (surprise, test)" in sentence


def test_without_any_nothing_is_said(packed):
    assert label_conflict_warning(conflicting_labels(packed("a", (1, "happy", "test"), (1, "happy", "test")))) is None


def test_pictures_of_two_sources_are_compared(packed):
    mixed = integrate(packed("a", (1, "happy", "train")), packed("b", (1, "sad", "train")), parse_fraction("1"), 0)
    assert conflicting_labels(mixed)["sample_id"].tolist() == ["a/face_0", "b/face_0"]


@pytest.mark.parametrize("other", ["White", " white", "white ", "WHITE", "ｗhite"])
def test_groups_that_differ_only_in_form_get_a_sentence(other):
    [sentence] = similar_groups(pd.DataFrame({"race": ["white", "white", other, "black", None]}), ["race"])
    assert "'white' (2)" in sentence and f"{other!r} (1)" in sentence


def test_accents_in_two_unicode_forms_are_alike_and_other_names_are_not():
    samples = pd.DataFrame({"site": ["Évora", "E\u0301vora", "Evora"], "race": ["a b", "a_b", "ab"]})
    assert len(similar_groups(samples, ["site", "race"])) == 1
    assert similar_groups(samples, ["race"]) == []
