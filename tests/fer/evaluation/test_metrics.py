"""Predictions and their metrics: a small golden table, groups without samples, products, the server's names."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fer.data.attributes import RACE, Attribute
from fer.data.emotions import EMOTIONS
from fer.evaluation.metric_names import metric_names, percent_scale, server_scale
from fer.evaluation.metrics import by_group, classes_by_group, confusion_table, overall, report_table
from fer.evaluation.predictions import arrays_of, predict, vocabulary_of

VALID_NAME = re.compile(r"^[/\w.\- :]*$")
TRUE = ["happy", "happy", "sad", "sad", "happy", "sad"]
SAID = ["happy", "sad", "sad", "sad", "happy", "happy"]
SURE = [0.9, 0.6, 0.8, 0.7, 0.5, 0.6]
RACES = ["white", "white", "white", "black", "black", None]


@pytest.fixture
def predictions():
    """Return six predictions, 4 right: of white 2 of 3, of black 2 of 2, of an unknown race 0 of 1."""
    table = pd.DataFrame({"sample_id": list("abcdef"), "label": TRUE, "predicted": SAID})
    for emotion in EMOTIONS:
        said = table["predicted"] == emotion
        other = table["predicted"].map({"happy": "sad", "sad": "happy"}) == emotion
        table[f"p_{emotion}"] = np.where(said, SURE, np.where(other, 1 - np.array(SURE), 0.0))
    genders = ["female", "male", None, "male", "female", "male"]
    return table.assign(race=RACES, gender=genders, clip=["1", "1", "2", "3", "3", "4"]).astype({"race": "str"})


def test_overall_golden(predictions):
    values = overall(predictions)
    assert values["accuracy"] == pytest.approx(4 / 6)
    # Each class: 2 right, 1 missed, 1 false alarm.
    assert values["f1_weighted"] == pytest.approx(2 / 3)
    assert values["f1_macro"] == pytest.approx(2 / 3)
    assert values["loss"] == pytest.approx(-np.mean(np.log([0.9, 0.4, 0.8, 0.7, 0.5, 0.4])))
    assert values["brier"] == pytest.approx(2 * np.mean([0.1**2, 0.6**2, 0.2**2, 0.3**2, 0.5**2, 0.6**2]))


def test_groups_golden(predictions):
    result = by_group(predictions, RACE, cluster=predictions["clip"])
    assert list(result.groups.index) == ["black", "white"]
    assert result.groups["count"].to_dict() == {"black": 2, "white": 3}
    assert result.groups["clusters"].to_dict() == {"black": 1, "white": 2}
    assert result.groups["accuracy"].to_dict() == pytest.approx({"black": 1.0, "white": 2 / 3})
    assert result.summary["accuracy_gap"] == pytest.approx(1 / 3)
    assert result.summary["accuracy_min"] == pytest.approx(2 / 3)
    assert result.summary["accuracy_ratio"] == pytest.approx(2 / 3)
    assert result.summary["accuracy_std"] == pytest.approx(np.std([1.0, 2 / 3], ddof=1))
    # Predicted happy: white 1 of 3, black 1 of 2. Recall of happy: white 1 of 2, black 1 of 1.
    assert result.summary["demographic_parity_difference"] == pytest.approx(1 / 6)
    assert result.summary["recall_difference"] == pytest.approx(1 / 2)
    assert result.summary["equalized_odds_difference"] == pytest.approx(1 / 2)


def test_a_group_without_samples_is_nan_with_a_count_of_0(predictions):
    result = by_group(predictions, RACE, groups=["white", "mixed", "black"], cluster=predictions["clip"])
    assert list(result.groups.index) == ["white", "mixed", "black"]
    assert result.groups.loc["mixed", "count"] == 0
    assert result.groups.loc["mixed", "clusters"] == 0
    assert result.groups.loc["mixed"].drop(["count", "clusters"]).isna().all()
    assert result.summary.equals(by_group(predictions, RACE).summary)


def test_without_clusters_their_number_is_unknown(predictions):
    assert by_group(predictions, RACE).groups["clusters"].isna().all()
    assert by_group(predictions, RACE, cluster=predictions["gender"]).groups.loc["white", "clusters"] == 2


def test_the_groups_of_a_product_are_those_that_occur(predictions):
    result = by_group(predictions, Attribute.parse("race * gender"))
    assert result.groups["count"].to_dict() == dict.fromkeys(
        ["black_female", "black_male", "white_female", "white_male"], 1
    )


def test_report_and_confusion(predictions):
    report = report_table(predictions)
    assert list(report.index) == list(EMOTIONS)
    assert report.loc["happy", ["precision", "recall", "f1", "support"]].tolist() == pytest.approx([2 / 3] * 3 + [3])
    assert report.loc["fear", "support"] == 0
    assert report.loc["fear", ["precision", "recall", "f1"]].isna().all()
    table = confusion_table(predictions)
    assert table.loc["happy", ["happy", "sad"]].tolist() == [2, 1]
    assert table.loc["sad", ["happy", "sad"]].tolist() == [1, 2]
    assert table.to_numpy().sum() == 6


def test_an_emotion_never_predicted_has_no_precision_but_a_recall_of_0(predictions):
    predictions.loc[0, "label"] = "fear"
    row = report_table(predictions).loc["fear"]
    assert np.isnan(row["precision"])
    assert (row["recall"], row["f1"], row["support"]) == (0, 0, 1)


def test_an_emotion_without_samples_has_no_recall_even_if_predicted(predictions):
    predictions.loc[0, "predicted"] = "fear"
    row = report_table(predictions).loc["fear"]
    assert (row["precision"], row["support"]) == (0, 0)
    assert row[["recall", "f1"]].isna().all()


def test_metric_names_are_the_servers(predictions):
    results = [by_group(predictions, attribute, groups) for attribute, groups in
               ((RACE, ["white", "black", "mixed"]), (Attribute.parse("race*gender"), None))]  # fmt: skip
    named = metric_names("test", overall(predictions), results)
    assert named["test/accuracy"] == pytest.approx(4 / 6)
    assert named["test/race/accuracy/white"] == pytest.approx(2 / 3)
    assert named["test/race/count/mixed"] == 0
    assert "test/race/accuracy/mixed" not in named
    # On the server in percentage points, as the studies print it; gap and min as shares.
    assert named["test/race/accuracy_std"] == pytest.approx(100 * np.std([1.0, 2 / 3], ddof=1))
    assert named["test/race/accuracy_gap"] == pytest.approx(1 / 3)
    assert "test/race_x_gender/accuracy_std" in named
    assert all(VALID_NAME.match(name) for name in named)
    assert all(type(value) is float and np.isfinite(value) for value in named.values())


def test_a_value_on_the_server_in_percent():
    assert server_scale("test/race/accuracy_std") == server_scale("f1_weighted_std") == 100
    assert server_scale("accuracy_gap") == server_scale("test/accuracy") == server_scale("loss_std") == 1
    assert percent_scale("test/race/accuracy_std") == 1
    assert percent_scale("test/race/accuracy_min") == percent_scale("test/race/accuracy/black") == 100
    assert percent_scale("test/loss") == percent_scale("accuracy_ratio") == 1
    # A group may be named as a metric is, or end as one.
    assert percent_scale("test/race/accuracy/loss") == percent_scale("test/race/accuracy/black_std") == 100


def test_any_group_name_gives_a_valid_metric_name(predictions):
    names = metric_names("test", pd.Series(dtype=float), [by_group(predictions.replace("white", "60+ (años)"), RACE)])
    assert "test/race/accuracy/60_plus :28:años:29:" in names
    assert all(VALID_NAME.match(name) for name in names)


def test_two_groups_never_share_a_metric_name(predictions):
    renamed = predictions.replace({"white": "<60", "black": ">60"})
    names = metric_names("test", pd.Series(dtype=float), [by_group(renamed, RACE)])
    assert len([name for name in names if name.startswith("test/race/accuracy/")]) == 2


def test_a_dataset_with_a_column_of_the_predictions_is_refused(tiny_faces, refused):
    with_column = replace(tiny_faces, samples=tiny_faces.samples.assign(p_sad=0.5))
    with refused("dataset tiny", "'p_sad'", "preprocess it again"):
        predict(lambda faces: np.ones((len(faces), 7)), with_column)


def test_predict_gives_one_row_per_face_with_its_groups(tiny_faces):
    def model(faces):
        """Give each face a first emotion by its first pixel."""
        assert faces.dtype == np.uint8
        return np.eye(7)[faces[:, 0, 0, 0] % 7] * 3 + 0.1

    table = predict(model, tiny_faces, batch=9)
    assert table["sample_id"].tolist() == tiny_faces.samples["sample_id"].tolist()
    expected = [EMOTIONS[code] for code in tiny_faces.faces()[:, 0, 0, 0] % 7]
    assert table["predicted"].tolist() == expected
    assert vocabulary_of(table) == EMOTIONS
    y_true, y_pred, y_proba = arrays_of(table)
    assert np.array_equal(y_true, tiny_faces.codes())
    assert [EMOTIONS[code] for code in y_pred] == expected
    assert y_proba.sum(axis=1) == pytest.approx(np.ones(56))
    assert {"race", "person", "clip", "split", "source"} <= set(table)


def test_predict_breaks_ties_by_the_first_and_keeps_a_users_group(pack, tiny_samples):
    dataset = pack(samples=tiny_samples(7).assign(glasses=["yes", "no"] * 3 + [None]))
    table = predict(lambda faces: np.ones((len(faces), 7)), dataset)
    assert set(table["predicted"]) == {"angry"}
    assert table["glasses"].isna().sum() == 1


def test_models_that_do_not_fit_are_refused(tiny_faces, refused):
    with refused("8", "7 emotions", "vocabulary"):
        predict(lambda faces: np.ones((len(faces), 8)), tiny_faces)
    with refused("not finite"):
        predict(lambda faces: np.full((len(faces), 7), np.nan), tiny_faces)


def test_probabilities_that_sum_to_nothing_are_refused(tiny_faces, refused):
    with refused("probabilities"):
        predict(lambda faces: np.zeros((len(faces), 7)), tiny_faces)


def test_the_worst_group_is_named_and_each_group_has_its_classes(predictions):
    result = by_group(predictions, RACE)
    assert result.worst == result.groups["accuracy"].idxmin()
    classes = classes_by_group(predictions, RACE)
    assert list(classes) == ["group", "emotion", "precision", "recall", "f1", "support"]
    assert classes.groupby("group")["support"].sum().to_dict() == predictions["race"].value_counts().to_dict()
