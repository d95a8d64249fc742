"""Tables of data and of slices: classes, datasets, matrices, overlap, annotators, lost rows, robustness."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.experiments.seeds import predictions_by_experiment
from analysis.tables.audits import annotator_table, end_to_end_table, label_error_table, overlap_table
from analysis.tables.classes import class_distribution, confusion_shares, group_composition, recall_by_group
from analysis.tables.datasets import dataset_overview, mixture_sizes
from analysis.tables.matrix import group_matrix, is_matrix, train_test_matrix
from analysis.tables.slices import accuracy_by_slice, robustness_table
from fer.data.attributes import POSE, RACE
from fer.data.emotions import EMOTIONS
from fer.data.samples import VOTES


@pytest.fixture
def tested_run(study):
    return predictions_by_experiment(*study)["one only"]


def test_the_papers_class_distribution():
    fer2013 = dict(zip(EMOTIONS, (3995, 436, 4097, 7215, 4965, 4830, 3171), strict=True))
    sfew = dict(zip(EMOTIONS, (178, 52, 78, 184, 144, 161, 94), strict=True))
    counts = {
        name: pd.DataFrame([{"split": "train", "total": sum(row.values()), **row}])
        for name, row in (("fer2013", fer2013), ("sfew", sfew))
    }
    counts["tests"] = counts["sfew"].assign(split="test")
    table = class_distribution(counts).set_index("dataset")
    assert table.loc["fer2013"].tolist() == [28709, 3995, 436, 4097, 7215, 4965, 4830, 3171]
    assert table["total"].to_dict() == {"fer2013": 28709, "sfew": 891}


def test_the_tested_faces_by_group_and_emotion(faces):
    table = group_composition(faces.assign(race=faces["race"].mask(faces["race"] == "mixed"))).set_index("group")
    assert list(table.index) == ["black", "unknown", "white", "all"]
    assert table.loc["all", "portion_percent"] == 100 and table.loc["white", "faces"] == 180
    assert (table[list(EMOTIONS)].sum(axis=1) == table["faces"]).all()


def test_recall_is_nan_where_a_group_has_no_face(tested_run):
    table = recall_by_group(tested_run).set_index("emotion")
    absent = table["faces/black"] == 0
    assert (
        absent.any()
        and table.loc[absent, "recall_percent/black"].isna().all()
        and table.loc[~absent, "recall_percent/black"].notna().all()
    )
    weighted = (table["recall_percent/white"] * table["faces/white"]).sum() / 180
    assert weighted == pytest.approx(50)


def test_confusion_shares_are_of_the_true_emotion(tested_run):
    shares = confusion_shares(tested_run)
    assert shares.sum(axis=1).dropna().tolist() == pytest.approx([1] * shares.sum(axis=1, min_count=1).notna().sum())


def test_datasets_and_mixtures_from_the_runs_that_made_them():
    made = pd.DataFrame({
        "params.size": ["48", "224"], "params.channels": ["1", "3"], "tags.fer.dataset": ["a", "b"],
        "metrics.data/faces/train": [10.0, 5.0], "metrics.data/faces/test": [4.0, np.nan],
        "metrics.data/clusters/person": [3.0, np.nan],
    })  # fmt: skip
    table = dataset_overview(made).set_index("dataset")
    assert table["format"].tolist() == ["48x48 gray", "224x224 RGB"]
    assert table["faces"].tolist() == [14, 5] and pd.isna(table.loc["b", "persons"]) and table["lost"].isna().all()
    sizes = pd.DataFrame({"tags.fer.experiment": ["x"] * 2, "metrics.data/faces/train": [7.0] * 2})
    assert mixture_sizes(sizes)[["experiment", "training"]].values.tolist() == [["x", 7]]


def test_the_matrix_has_one_row_per_training_and_one_column_per_test(make_runs):
    runs = make_runs(["a1", "a2", "b1", "b2"], accuracy=[0.1, 0.2, 0.3, 0.4], bases=["a", "a", "b", "b"])
    runs["params.test"] = ["a", "b", "a", "b"]
    for name in ("backbone", "head"):
        runs[f"params.{name}"] = "one"
    assert is_matrix(runs)
    table = train_test_matrix(runs).set_index("trained_on")
    assert table.loc["a"].tolist() == pytest.approx([10, 20]) and table.loc["b", "accuracy_percent/a"] == pytest.approx(
        30
    )
    runs["params.backbone"] = ["one", "one", "two", "two"]
    assert list(train_test_matrix(runs))[:2] == ["backbone", "trained_on"]
    ages = pd.DataFrame({"label": ["sad"] * 4, "predicted": ["sad", "sad", "sad", "happy"],
                         "age_group": ["child", "child", "adult", "adult"]})  # fmt: skip
    groups = group_matrix(runs, dict.fromkeys(runs["run_id"], ages)).set_index("trained_on")
    assert groups.loc["a", ["accuracy_percent/child", "accuracy_percent/adult"]].tolist() == [100, 50]


def test_persons_of_the_training_are_counted_and_reported_apart(tested_run):
    known = tested_run.samples[tested_run.samples["race"] == "mixed"]
    row = overlap_table([tested_run], {"one only": known}).set_index("id").loc["person"]
    assert row[["in_test", "also_in_training", "faces"]].tolist() == [34, 8, 60]
    assert row["accuracy_shared_percent"] == pytest.approx(75)
    assert overlap_table([tested_run], {}).empty
    other_source = overlap_table([tested_run], {"one only": known.assign(source="elsewhere")})
    assert (other_source["also_in_training"] == 0).all()


def test_annotators_agree_in_percent(faces, refused):
    votes = pd.DataFrame(0, faces.index, list(VOTES))
    votes["votes_happy"] = 3
    table = annotator_table(pd.concat([faces, votes], axis=1)).set_index("group")
    assert table.loc["all", ["faces", "pairs_agree_percent", "ceiling_percent"]].tolist() == [264, 100, 100]
    with refused("votes"):
        annotator_table(faces)


def test_lost_rows_count_as_wrong(tested_run):
    lost = pd.DataFrame({"race": ["black"] * 8 + [None] * 2})
    table = end_to_end_table([tested_run], lost).set_index("group")
    assert table.loc["black", ["found", "lost", "accuracy_percent", "end_to_end_percent"]].tolist() == [
        24,
        8,
        75,
        56.25,
    ]
    assert table.loc["all", "lost"] == 10 and table.loc["white", "lost"] == 0
    whole = end_to_end_table([tested_run], lost.drop(columns="race")).set_index("group")
    assert whole.loc["black", "lost"] == 0 and whole.loc["all", "lost"] == 10


def test_slices_and_their_groups(tested_run):
    turned = tested_run.samples.assign(pose=["front", "side"] * 132)
    posed = type(tested_run)(tested_run.experiment, tested_run.test, tested_run.runs[:1], (turned,))
    table = accuracy_by_slice([posed], POSE, RACE).set_index("group")
    assert list(table.index) == ["all", "black", "mixed", "white"]
    assert table.loc["white", ["accuracy_percent/front", "faces/front", "accuracy_percent/side"]].tolist() == [
        0,
        90,
        100,
    ]


def test_robustness_has_a_column_a_severity():
    measured = pd.DataFrame({
        "attribute": ["all", "all", "race", "gender"], "perturbation": "blur", "severity": [0, 1, 1, 1],
        "group": ["all", "all", "white", "male"], "accuracy": [0.5, 0.4, 0.3, 0.2], "low": [0.1, 0.2, None, 0.1],
        "high": [0.6, 0.7, None, 0.3],
    })  # fmt: skip
    table = robustness_table({"x": measured}, RACE).set_index("group")
    assert list(table.index) == ["all", "white"]
    assert table.loc["all", ["corrupted_accuracy_percent/0", "corrupted_accuracy_percent/1"]].tolist() == [50, 40]
    assert table.loc[
        "all", ["corrupted_accuracy_percent_low/1", "corrupted_accuracy_percent_high/1"]
    ].tolist() == pytest.approx([20, 70])
    assert table.loc["white", ["corrupted_accuracy_percent_low/1", "corrupted_accuracy_percent/0"]].isna().all()
    older = robustness_table({"x": measured.drop(columns=["low", "high"])}, RACE).set_index("group")
    assert older.loc["all", "corrupted_accuracy_percent/1"] == 40
    assert np.isnan(older.loc["all", "corrupted_accuracy_percent_low/1"])


def test_likely_label_errors_by_experiment_and_group(tested_run):
    table = label_error_table([tested_run])
    kept = "accuracy_not_flagged_percent"
    assert list(table) == [
        "experiment", "group", "faces", "flagged", "flagged_percent", "accuracy_percent", kept, f"{kept}_low",
        f"{kept}_high",
    ]  # fmt: skip
    assert table["group"].tolist()[0] == "all" and table["faces"].tolist()[0] == len(tested_run.samples)
    weak = replace(tested_run, tables=tuple(one.assign(predicted="sad") for one in tested_run.tables))
    assert label_error_table([weak]).empty
