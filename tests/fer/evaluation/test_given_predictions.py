"""Predictions that were made elsewhere: the same figures as an evaluation of the model, alone or with its dataset."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fer.data.attributes import RACE
from fer.evaluation.evaluation import evaluate, evaluate_given, evaluation_set
from fer.evaluation.given_predictions import NO_PREDICTION, NO_PROBABILITIES, as_dataset, joined_to
from fer.evaluation.predictions import of_one_vocabulary
from fer.evaluation.record import evaluation_record, scores_record
from fer.evaluation.terminal import evaluation_text
from fer.sources.predictions import read_predictions

NEEDED = ("loss", "brier", "calibration")


def classify(faces):
    """Return probabilities that follow from a face's pixels, as those of a model."""
    means = faces.reshape(len(faces), -1)[:, :7].astype(float)
    return np.exp((means - means.mean(axis=1, keepdims=True)) / 60)


@pytest.fixture
def dataset(pack, tiny_samples):
    samples = tiny_samples(112)
    samples["clip"] = [f"c{number // 2}" for number in range(len(samples))]
    samples["frame"] = pd.array([None if number % 5 == 0 else number for number in range(len(samples))], dtype="Int64")
    return pack("tiny", samples, shape=(8, 8))


@pytest.fixture
def own(dataset):
    """The evaluation of the model itself, by race."""
    return evaluate(classify, evaluation_set(dataset, "test", [RACE]))


@pytest.fixture
def given(own, tmp_path):
    """Return a function that reads the model's predictions from a file, after a change of the table."""

    def read(change=lambda table: table, name="mine.csv"):
        place = tmp_path / name
        change(own.predictions.sample(frac=1, random_state=0)).to_csv(place, index=False)
        return read_predictions(place)

    return read


def _evaluated(given, dataset=None):
    if dataset is None:
        faces = as_dataset(given, "mine", "test")
    else:
        faces, given = joined_to(given, dataset, "test")
    return evaluate_given(given, evaluation_set(faces, "test", [RACE]))


def _scores(done):
    return scores_record(done).latest()


@pytest.mark.parametrize("alone", [True, False])
def test_a_table_has_the_figures_of_the_model_that_made_it(own, given, dataset, alone):
    done = _evaluated(given(), None if alone else dataset)
    found, wanted = _scores(done), _scores(own)
    # A table alone knows neither annotators nor what its source is.
    shared = [name for name in found if "cramers_v" not in name]
    assert {name: found[name] for name in shared} == pytest.approx({name: wanted[name] for name in shared})
    assert {"test/loss", "test/race/accuracy_std", "test/race/accuracy_min"} <= set(shared)
    assert "What this test shares with the model's training data is not known" in " ".join(done.warnings)
    record = evaluation_record(done)
    assert ("gallery_wrong.png" in record.figures) is not alone
    if not alone:
        assert done.remarks == [] and set(wanted) == set(found) and done.test.faces.digest == own.test.faces.digest
        pd.testing.assert_frame_equal(done.predictions, own.predictions)


def test_without_probabilities_what_needs_them_is_left_out_and_said(own, given):
    done = _evaluated(given(lambda table: table[[name for name in table if not name.startswith("p_")]]))
    found, wanted = _scores(done), _scores(own)
    assert not [name for name in found if any(word in name for word in NEEDED)]
    shared = [name for name in found if "cramers_v" not in name]
    assert {name: found[name] for name in shared} == pytest.approx({name: wanted[name] for name in shared})
    assert done.warnings[0] == NO_PROBABILITIES
    assert "loss" not in evaluation_text(done) and "nats" not in evaluation_text(done)
    record = evaluation_record(done)
    assert not [name for name in record.tables["predictions.parquet"] if name.startswith("p_")]
    assert "NaN" not in record.description


def test_predictions_are_joined_by_the_names_of_the_raw_data_and_add_their_own_groups(own, given, dataset):
    def renamed(table):
        names = table["sample_id"].str.removeprefix("tiny/")
        return table[["predicted"]].assign(file=names, mood=np.where(np.arange(len(table)) % 2, "x", "y"))

    done = _evaluated(given(renamed), dataset)
    assert _scores(done)["test/accuracy"] == _scores(own)["test/accuracy"]
    assert set(done.predictions["mood"]) == {"x", "y"}
    assert done.predictions["sample_id"].tolist() == own.predictions["sample_id"].tolist()


def test_faces_without_an_answer_count_as_wrong_end_to_end(own, given, dataset):
    def emptied(table):
        table = table[["sample_id", "label", "predicted", "race"]].reset_index(drop=True)
        table.loc[:1, "predicted"] = None
        return table

    faces = len(own.predictions)
    for done in (_evaluated(given(emptied)), _evaluated(given(emptied), dataset)):
        assert len(done.predictions) == faces - 2
        assert (done.test.faces.lost["reason"] == NO_PREDICTION).sum() == 2
        right = (done.predictions["label"] == done.predictions["predicted"]).sum()
        assert _scores(done)["test/race/end_to_end_accuracy/all"] == pytest.approx(right / faces)


def test_what_the_table_and_the_dataset_say_differently_is_said(own, given, dataset):
    def changed(table):
        table = table[["sample_id", "label", "predicted", "race"]].reset_index(drop=True)
        table["label"] = table["predicted"]
        return table.iloc[2:]

    done = _evaluated(given(changed), dataset)
    said = " ".join(done.warnings)
    assert f"2 of the {len(own.predictions)} test faces of tiny are not among the predictions" in said
    assert "The column label of the predictions is not that of tiny for" in said and "column race" not in said
    assert (done.predictions["label"] != done.predictions["predicted"]).any()


def test_what_cannot_be_joined_is_refused(given, dataset, refused):
    with refused("ids of the predictions are not in dataset tiny", "'x"):
        _evaluated(given(lambda table: table.assign(sample_id="x" + table["sample_id"])), dataset)
    train = dataset.where(dataset.samples["split"] != "test")
    with refused("not in dataset tiny"):
        _evaluated(given(), train)
    predicted = given()
    with refused("of the train split of tiny", "give split="):
        joined_to(predicted, dataset, "train")
    with refused("does not say the faces' true emotions", "dataset="):
        as_dataset(replace(predicted, samples=predicted.samples.drop(columns="label")), "mine", "test")


def test_tables_of_other_vocabularies_are_brought_to_one(own):
    whole = own.predictions
    few = whole[whole["label"].isin(["sad", "happy"])].drop(
        columns=[name for name in whole if name.startswith("p_") and name not in ("p_sad", "p_happy")]
    )
    tables = of_one_vocabulary({"whole": whole, "few": few, "none": few.drop(columns=["p_sad", "p_happy"])})
    assert tables["whole"] is whole and "p_sad" not in tables["none"]
    assert (tables["few"]["p_fear"] == 0).all() and tables["few"]["p_sad"].equals(few["p_sad"])
    assert [name for name in tables["few"] if name.startswith("p_")] == [
        name for name in whole if name.startswith("p_")
    ]
