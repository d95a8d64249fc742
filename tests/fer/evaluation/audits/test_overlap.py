"""A test against its training data: shared ids, copies, and accuracy apart."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fer.data.attributes import RACE
from fer.data.dataset import write_packed
from fer.evaluation.audits import audit_overlap
from fer.evaluation.independent_units import clusters_of
from fer.evaluation.predictions import predict
from fer.fairness import near_duplicates
from fer.synthetic import SyntheticOptions, draw_population


def right_on_first_half(faces):
    return np.full((len(faces), 7), 1 / 7)


@pytest.fixture
def drawn(tmp_path):
    """Return a maker of packed drawn faces: 70 in train, 35 in validation, 42 in test; none shares a person."""

    def make(name, change=lambda samples, faces: None):
        samples, faces = draw_population(SyntheticOptions(train=70, validation=35, test=42, seed=3))
        change(samples, faces)
        return write_packed(tmp_path / name, name, samples, faces, faces.shape[1:], {})

    return make


def audit(training, test, attributes=(RACE,)):
    predictions = predict(right_on_first_half, test)
    return audit_overlap(training, test, predictions, list(attributes), clusters_of(predictions))


def test_a_split_without_shared_persons_shares_none_and_has_no_copy(drawn):
    dataset = drawn("clean")
    found = audit([dataset], dataset.split("test")).result
    table = found.tables["leakage"].set_index(["split", "column"])
    assert (table["shared"] == 0).all()
    assert table.loc[("train", "person"), "test"] == dataset.split("test").samples["person"].nunique()
    assert set(table.index.get_level_values(0)) == {"train", "validation"}
    assert "known_and_unseen" not in found.tables
    assert not any("also in the training data" in sentence for sentence in found.sentences)
    assert found.metrics["shared_ids/person"] == 0


def test_persons_in_both_are_counted_and_their_accuracy_is_reported_apart(drawn):
    def share(samples, faces):
        test = samples.index[samples["split"] == "test"]
        samples.loc[test[:10], "person"] = samples["person"].iloc[0]
        samples.loc[test[:10], "clip"] = None
        samples.loc[test[10], "person"] = None

    dataset = drawn("shared", share)
    test = dataset.split("test")
    found = audit([dataset], test).result
    row = found.tables["leakage"].set_index(["split", "column"]).loc[("train", "person")]
    assert (row["shared"], row["shared_samples"], row["unknown_samples"]) == (1, 10, 1)
    known = found.tables["known_and_unseen"]
    whole = known[known["attribute"] == "all"].set_index("part")
    right = test.samples["label"] == "angry"
    assert whole["count"].to_dict() == {"shared": 10, "unseen": 31}
    assert whole.loc["shared", "accuracy"] == pytest.approx(right.iloc[:10].mean())
    assert found.metrics["accuracy_by_person/unseen"] == pytest.approx(right.iloc[11:].mean())
    by_race = known[known["attribute"] == "race"]
    assert by_race["count"].sum() == 41
    assert set(by_race["group"]) <= set(test.samples["race"])
    sentence = next(sentence for sentence in found.sentences if "person" in sentence)
    assert sentence.startswith("1 of the ") and "(10 of 42 faces)" in sentence


def test_a_copied_face_is_found_with_its_twin(drawn):
    def copy(samples, faces):
        faces[samples.index[samples["split"] == "test"][0]] = np.clip(faces[5].astype(int) + 9, 0, 255)

    dataset = drawn("copied", copy)
    test = dataset.split("test")
    overlap = audit([dataset], test)
    twins = overlap.result.tables["near_duplicates"]
    first = twins[(twins["sample_id"] == test.samples["sample_id"].iloc[0]) & (twins["split"] == "train")].iloc[0]
    assert first["nearest"] == dataset.samples["sample_id"].iloc[5]
    assert first["distance"] <= 2
    assert overlap.result.metrics["near_duplicates"] == (twins["split"] == "train").sum() >= 1
    assert len(overlap.pairs) == len(overlap.captions) <= 16
    assert np.array_equal(overlap.pairs[0], test.faces([0])[0]) or overlap.captions[1] != "training, 0 bits"


def test_a_model_tested_on_its_own_training_faces_is_reported(drawn):
    dataset = drawn("own")
    found = audit([dataset], dataset.split("train")).result
    assert "70 of the 70 faces are in the model's own training data: not a test." in found.sentences
    assert found.metrics["shared_ids/sample_id"] == 70


def test_several_training_sets_are_one(drawn):
    first, second = drawn("first"), drawn("second")
    found = audit([first, second], second.split("test")).result
    row = found.tables["leakage"].set_index(["split", "column"]).loc[("train", "person")]
    assert row["train"] == 2 * first.split("train").samples["person"].nunique()
    # The persons of both sources have the same ids, and are not the same for that.
    assert row["shared"] == 0
    unlike = audit([first], second.split("train")).result
    row = unlike.tables["leakage"].set_index(["split", "column"]).loc[("train", "person")]
    assert (row["shared"], row["same_id_elsewhere"]) == (0, row["test"])
    assert any("other sources" in sentence for sentence in unlike.sentences)
    twins = unlike.tables["near_duplicates"]
    assert (twins["split"] == "train").sum() == 70 and isinstance(twins, pd.DataFrame)


def test_near_duplicates_of_drawn_faces_are_listed_without_a_warning(drawn):
    dataset = drawn("alike", lambda samples, faces: faces.__setitem__(-1, faces[0]))
    plain = audit([dataset], dataset.split("test")).result
    assert any("near-duplicate" in sentence for sentence in plain.sentences)
    marked = replace(dataset, parts={name: replace(part, drawn=True) for name, part in dataset.parts.items()})
    found = audit([marked], marked.split("test")).result
    assert found.metrics == plain.metrics and found.tables["near_duplicates"].equals(plain.tables["near_duplicates"])
    assert not any("near-duplicate" in sentence for sentence in found.sentences)


def test_of_many_faces_the_index_reports_the_pairs_that_comparing_all_reports(drawn, monkeypatch):
    def copy(samples, faces):
        test = samples.index[samples["split"] == "test"]
        faces[test[:5]] = faces[:5]

    first, second = drawn("first", copy), drawn("second")
    plain = audit([first, second], first.split("test"))
    monkeypatch.setattr(near_duplicates, "_PAIRS", 0)
    found = audit([first, second], first.split("test"))
    twins = found.result.tables["near_duplicates"]
    assert twins.equals(plain.result.tables["near_duplicates"]) and (twins["distance"] == 0).sum() >= 5
    assert np.array_equal(found.pairs, plain.pairs) and found.captions == plain.captions
